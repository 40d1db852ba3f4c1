"""The command line ``hotcrm-ai``: tables for people, JSON for machines."""

from hotcrm_ai.entrypoints.cli.program import main

__all__ = ["main"]
