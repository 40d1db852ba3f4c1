"""Clients of the HTTP server: the methods of the AI object and its records, over the network, with and without ``await``."""

from hotcrm_ai.client.asynchronous import AsyncClient
from hotcrm_ai.client.blocking import Client

__all__ = ["AsyncClient", "Client"]
