"""Starts the server for assistants as a program of its own: the faces never import one another.

``hotcrm-ai mcp`` turns its process into ``python -m hotcrm_ai.entrypoints.launch_mcp SCOPE``; the workspace folder comes with the
environment variable ``HOTCRM_AI_HOME``. Standard output belongs to the protocol; whatever people should read goes to standard error.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

from hotcrm_ai.entrypoints.cli.failures import INTERRUPTED, code_of
from hotcrm_ai.entrypoints.mcp import serve_assistant
from hotcrm_ai.exporters.structured_log import configure_log
from hotcrm_ai.settings import Settings


def main(arguments: Sequence[str]) -> int:
    """Serve until the assistant goes, and return the exit code; ``--debug`` among the arguments shows tracebacks."""
    scope, *flags = arguments
    try:
        settings = Settings.load()
        configure_log(settings.log_format, settings.log_level)
        asyncio.run(serve_assistant(settings, scope="write" if scope == "write" else "read"))
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as problem:
        if "--debug" in flags:
            raise
        return code_of(problem, as_json=False)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
