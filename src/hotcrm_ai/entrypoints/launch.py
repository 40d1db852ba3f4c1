"""Starts the HTTP server with the dashboard, as a program of its own: the faces never import one another.

``hotcrm-ai serve`` turns its process into ``python -m hotcrm_ai.entrypoints.launch HOST PORT``, so that signals reach the server
itself; the workspace folder comes with the environment variable ``HOTCRM_AI_HOME``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from hotcrm_ai.entrypoints.cli.failures import code_of
from hotcrm_ai.entrypoints.dashboard import create_dashboard
from hotcrm_ai.entrypoints.http import serve


def main(arguments: Sequence[str]) -> int:
    """Serve until told to stop, and return the exit code; ``--debug`` among the arguments shows tracebacks."""
    host, port, *flags = arguments

    def guarded(work: Callable[[], int]) -> int:
        try:
            return work()
        except Exception as problem:
            if "--debug" in flags:
                raise
            return code_of(problem, as_json="--json" in flags)

    return guarded(lambda: serve(host=host, port=int(port), dashboard=create_dashboard(), guard=guarded))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
