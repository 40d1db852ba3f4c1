"""The HTTP face of a workspace: ``create_app`` makes its ASGI application, ``serve`` runs it on this machine."""

from hotcrm_ai.entrypoints.http.application import Application, create_app
from hotcrm_ai.entrypoints.http.serving import serve

__all__ = ["Application", "create_app", "serve"]
