"""``hotcrm-ai serve``: turns this process into the HTTP server."""

from __future__ import annotations

import importlib.util
import os
import sys
from typing import Final

import click

from hotcrm_ai.domain.errors import MissingExtra
from hotcrm_ai.entrypoints.cli.session import Session, workspace_command

_PROGRAM: Final = "hotcrm_ai.entrypoints.launch"


@click.command("serve")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The address to listen on; another than this machine's own needs keys, and TLS or a trusted proxy.",
)
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=8000, show_default=True, help="The port; 0 takes a free one."
)
@click.option(
    "--workers", type=click.IntRange(1, 256), help="How many processes answer [default: HOTCRM_AI_WORKERS or 1]."
)
@click.option("--tls-cert", metavar="FILE", help="The server's certificate with its chain, as PEM.")
@click.option("--tls-key", metavar="FILE", help="The certificate's private key, as PEM.")
@click.option(
    "--trusted-proxy",
    "trusted_proxies",
    metavar="ADDRESS",
    multiple=True,
    help="The address or network of a proxy in front that others come through; may be given several times.",
)
@workspace_command
def serve(
    session: Session,
    host: str,
    port: int,
    workers: int | None,
    tls_cert: str | None,
    tls_key: str | None,
    trusted_proxies: tuple[str, ...],
) -> None:
    """Start the HTTP server: the dashboard at /, the API below /v1, its documentation at /docs.

    It listens on this machine only, unless told otherwise, and runs until it is told to stop (Ctrl+C).
    """
    for package in ("starlette", "uvicorn", "jinja2", "plotly"):
        if importlib.util.find_spec(package) is None:
            raise MissingExtra(feature="The HTTP server", extra="server")
    settings = session.settings()
    given = {
        "WORKERS": str(workers or ""),
        "TLS_CERT": tls_cert,
        "TLS_KEY": tls_key,
        "TRUSTED_PROXIES": ",".join(trusted_proxies),
    }
    environment = {**os.environ, "HOTCRM_AI_HOME": str(settings.home)}
    environment.update({f"HOTCRM_AI_{name}": text for name, text in given.items() if text})
    flags = [flag for flag in ("--json", "--debug") if flag in sys.argv]
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, "-P", "-m", _PROGRAM, host, str(port), *flags], environment)  # noqa: S606


COMMAND = serve
