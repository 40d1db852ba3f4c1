"""Makes the features of a model from records of the CRM and the rows that belong to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from hotcrm_ai.actions.record_features import record_features, signatures_of
from hotcrm_ai.assembly import AI
from hotcrm_ai.domain.errors import InvalidFeatures, InvalidRequest
from hotcrm_ai.domain.signature import Signature
from hotcrm_ai.domain.write_back import CRMRow, RelatedRows
from hotcrm_ai.ports.ai_feature import AIFeature
from hotcrm_ai.ports.crm import RecordIds


class CRMFeatures:
    """Reads what one model, and under an A/B test its champion, takes from the records of one AI feature."""

    def __init__(self, ai: AI, feature: AIFeature, model_id: str, signatures: Sequence[Signature]) -> None:
        self._ai = ai
        self._feature = feature
        self._model_id = model_id
        self._signatures = signatures

    @classmethod
    async def of(cls, ai: AI, feature: AIFeature, model_id: str) -> CRMFeatures:
        """Return the reader for a model; raises ``ModelNotFound``."""
        return cls(ai, feature, model_id, await signatures_of(ai, model_id))

    async def features(self, records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any] | InvalidFeatures]:
        """Return the features of each record, in order, or why it cannot be answered for: a row that belongs to it cannot be read, or
        it has nothing of what the answer would be about.

        Raises:
            ConfigError: the table of the rows that belong to records, or a field of it, is not there.
        """
        own = [record_features(one, self._signatures, crm_fields=self._feature.crm_fields) for one in records]
        rows = self._feature.write_back.rows
        if rows is None or not records:
            return [self._lacking(features) or features for features in own]
        of_record = await self._rows(rows, [str(record["id"]) for record in records])
        read: list[dict[str, Any] | InvalidFeatures] = []
        for record, features in zip(records, own, strict=True):
            try:
                features |= rows.features(of_record[str(record["id"])])
            except InvalidFeatures as problem:
                read.append(problem)
            else:
                read.append(self._lacking(features) or features)
        return read

    def check(self, record: Mapping[str, Any]) -> None:
        """Refuse a model that would answer the same for every record, because records have no field that it knows.

        Raises:
            InvalidRequest: that is so; it names the fields that the model knows.
        """
        wanted = {spec.name for signature in self._signatures for spec in signature.features}
        mapped = self._feature.crm_fields
        if self._feature.write_back.rows is not None or not wanted:
            return
        if not any(name in record or mapped.get(name) in record for name in wanted):
            raise InvalidRequest(
                f"The records of {self._feature.crm_object} have no field that model {self._model_id!r} knows "
                f"({', '.join(map(repr, sorted(wanted)[:8]))}); map them in the setting crm_objects, or give a model that was "
                "trained on records of this CRM. Nothing was written."
            )

    def _lacking(self, features: Mapping[str, Any]) -> InvalidFeatures | None:
        taken = {spec.name for signature in self._signatures for spec in signature.features}
        needed = [name for name in self._feature.write_back.needs if name in taken or not taken]
        empty = [name for name in needed if features.get(name) is None or not str(features[name]).strip()]
        if not empty:
            return None
        return InvalidFeatures(
            dict.fromkeys(empty, "the record has none, so there is nothing to answer about; nothing was written")
        )

    async def _rows(self, rows: RelatedRows, ids: Sequence[str]) -> Mapping[str, list[CRMRow]]:
        fields = [rows.record_field, rows.order_field, *rows.fields]
        found = await self._ai.crm.find(rows.crm_object, [[rows.record_field, "in", RecordIds(ids)]], fields)
        of_record: dict[str, list[CRMRow]] = defaultdict(list)
        for row in sorted(found, key=lambda row: str(row[rows.order_field])):
            of_record[str(row[rows.record_field])].append(row)
        return of_record
