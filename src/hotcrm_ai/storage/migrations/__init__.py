"""The steps that bring a workspace database from one version of its tables to the next."""

from __future__ import annotations

from typing import Final

HEAD: Final = "0012"
"""The newest step; kept here so that an up-to-date database is known without loading Alembic."""
