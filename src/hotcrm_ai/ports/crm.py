"""The CRM whose records are read and written back to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

Filter = tuple[str, str, Any] | list[Any]
"""A condition ``[field, operator, value]``; operators: =, !=, <, <=, >, >=, in, not in, like, is null, is not null."""


class RecordIds(tuple[str, ...]):
    """Ids of records, which are text here, for a filter on a field that refers to them, whatever the type of its column."""


class CRMStore(Protocol):
    """Records of a CRM by object type (``Lead``, ``Account`` …) and id."""

    async def get(self, object_type: str, id: str) -> dict[str, Any]:  # noqa: A002 - the contract's name
        """Return one record; raises ``RecordNotFound``."""
        ...

    async def find(
        self, object_type: str, filters: Sequence[Filter] = (), fields: Sequence[str] | None = None, page: int | None = None,
    ) -> list[dict[str, Any]]:  # fmt: skip
        """Return the records that meet all conditions, in order of id; ``page`` (from 1) of 1,000 records, all without it."""
        ...

    async def highest(
        self, object_type: str, field: str, filters: Sequence[Filter] = (), *, limit: int = 10
    ) -> list[dict[str, Any]]:
        """Return the records with the highest values of a field, the highest first; those without a value are left out."""
        ...

    async def update(self, object_type: str, id: str, changes: Mapping[str, Any]) -> None:  # noqa: A002 - the contract's name
        """Write the given fields of one record; raises ``RecordNotFound``."""
        ...

    async def update_many(
        self, object_type: str, changes: Mapping[str, Mapping[str, Any]], *, latest_by: str | None = None
    ) -> int:
        """Write fields of several records (by id) in one transaction: all or none; return how many.

        With ``latest_by``, a field with a moment, records that hold a later one than what would be written are left as they are.
        """
        ...
