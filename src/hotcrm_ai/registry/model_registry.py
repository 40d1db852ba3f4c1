"""The registry: which models exist, in which version and state; every change of it is a numbered revision."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, get_args

import msgspec

from hotcrm_ai.domain.addresses import AllowedHosts
from hotcrm_ai.domain.errors import ConfigError, ModelNotFound
from hotcrm_ai.domain.model import MODEL_ID, ModelConfig, ModelStatus, ModelType, Revision, RevisionAction
from hotcrm_ai.domain.spelling import to_snake
from hotcrm_ai.ports.clock import Clock
from hotcrm_ai.ports.model_store import ModelStore
from hotcrm_ai.registry.champions import champion_among, fitting_promotion, promoted
from hotcrm_ai.registry.config_rules import check_config
from hotcrm_ai.registry.earlier import check_revision, earlier_revision
from hotcrm_ai.registry.endpoint_rules import check_endpoints, with_bound_credentials
from hotcrm_ai.registry.reading import read_changes, read_config
from hotcrm_ai.registry.relation_rules import Present, check_not_in_use, check_relations, check_transition, users_of
from hotcrm_ai.registry.snapshot import Snapshot, own_copy

_UNNUMBERED: Final = 0
_TEST_STOPPED: Final = "its A/B test was stopped"


class _AlreadyThere(Exception):
    """Refuses a first registration where another process was faster; never leaves the registry."""


class ModelRegistry:
    """All models of a workspace.

    Reading is answered from memory, which is at most ``refresh_seconds`` behind what other processes did. Changes go through the
    store one after the other; each is checked against the models present at that moment, and kept in the history with its ``note``.
    With ``allowed_hosts``, a model whose endpoint is not listed there is refused. A change with ``if_revision`` is made only while the
    model is at that revision (0: while there is no such model), and otherwise refused with ``StaleRevision``.
    """

    def __init__(
        self,
        store: ModelStore,
        *,
        clock: Clock,
        refresh_seconds: float = 1.0,
        allowed_hosts: AllowedHosts | None = None,
    ) -> None:
        self._store = store
        self._allowed_hosts = allowed_hosts
        self._clock = clock
        self._snapshot = Snapshot(store, clock=clock, refresh_seconds=refresh_seconds)

    @property
    def generation(self) -> int:
        """A number that grows with every change that this process has seen, for readers that keep what they derived."""
        return self._snapshot.counter

    async def register(
        self,
        config: ModelConfig | Mapping[str, Any],
        *,
        promote: bool = False,
        note: str | None = None,
        if_revision: int | None = None,
    ) -> ModelConfig:
        """Register a model, or replace the one of that id, and return it as it is kept.

        A replacement is another model, so its status needs to follow no transition. Mappings may use either spelling. With ``promote`` an
        active model becomes the champion of its AI feature; without it, one that replaces the champion under its id stays that.

        Raises:
            ConfigError: the configuration is wrong, holds a literal credential, or refers to models that do not fit.
            ModelInUse: it would deprecate a model that a running test or a fallback needs.
        """
        read = read_config(config)
        self._check(read)

        def change(present: Present) -> Revision:
            before = present.get(read.id)
            check_revision(read.id, before, if_revision)
            stays = before is not None and before.feature == read.feature
            config = msgspec.structs.replace(read, promoted_at=before.promoted_at if before and stays else None)
            config = self._promoted(config, present) if promote else config
            return self._revision("registered", self._fitted(config, present), note)

        return await self._apply(change)

    async def register_first(self, configs: Sequence[ModelConfig], *, note: str | None = None) -> None:
        """Register models in a registry that has no history yet; where another process was faster, leave everything as it is."""

        def first_of(read: ModelConfig) -> Callable[[Present], Revision]:
            def change(present: Present) -> Revision:
                if read.id in present:
                    raise _AlreadyThere
                return self._revision("registered", self._fitted(read, present), note)

            return change

        for config in configs:
            read = read_config(config)
            check_config(read)
            with contextlib.suppress(_AlreadyThere):
                await self._apply(first_of(read))

    async def get_model(self, id: str) -> ModelConfig | None:  # noqa: A002 - the contract's name
        """Return the present revision of a model, or nothing."""
        config = (await self._snapshot.models()).get(id)
        return None if config is None else own_copy(config)

    async def champion(self, feature: str) -> str:
        """Return the id of the model that answers for an AI feature where none is named.

        That is the active model of the feature that was promoted last: by ``promote``, by becoming ``active``, or as the winner of an A/B
        test. Where none was, it is the pre-registered ``<feature>-v1``.
        """
        return champion_among((await self._snapshot.models()).values(), feature)

    async def load(self) -> None:
        """Read all models, unless they are known as of now; the first one who asks for a model does so otherwise.

        Raises:
            StorageError: the database failed.
        """
        await self._snapshot.models()

    async def list_models(self, type: ModelType | None = None, status: ModelStatus | None = None) -> list[ModelConfig]:  # noqa: A002
        """Return all present models of a type and a status (all without them), in order of id.

        Raises:
            ConfigError: there is no such type or status.
        """
        _check_known("type", type, get_args(ModelType))
        _check_known("status", status, get_args(ModelStatus))
        models = await self._snapshot.models()
        return [
            own_copy(models[id_])
            for id_ in sorted(models)
            if type in (None, models[id_].type) and status in (None, models[id_].status)
        ]

    async def update_status(
        self,
        id: str,  # noqa: A002 - the contract's name
        status: ModelStatus,
        *,
        note: str | None = None,
        if_revision: int | None = None,
    ) -> ModelConfig:
        """Give a model another status; deprecating a challenger stops its A/B test, and becoming active is a promotion.

        Raises:
            ModelNotFound: there is no such model.
            IllegalTransition: there is no such status, or it may not follow the present one.
            ModelInUse: it would deprecate a model that a running test or a fallback needs.
        """

        def change(present: Present) -> Revision:
            config = _existing(id, present)
            check_revision(id, config, if_revision)
            changed = msgspec.structs.replace(config, status=check_transition(id, config.status, status))
            changed = self._activated(config, changed, present)
            return self._revision("status", self._fitted(changed, present), _with_stopped_test(note, changed))

        return await self._apply(change)

    async def promote(
        self,
        id: str,  # noqa: A002 - the contract's name
        *,
        ends_test: bool = False,
        note: str | None = None,
        if_revision: int | None = None,
    ) -> ModelConfig:
        """Let a model answer, and where none is named for its AI feature, too: it becomes the feature's champion.

        The challenger of a running A/B test becomes active only, unless ``ends_test`` says that the test is over with this.

        Raises:
            ModelNotFound: there is no such model.
            IllegalTransition: its status does not allow it.
        """

        def change(present: Present) -> Revision:
            config = _existing(id, present)
            check_revision(id, config, if_revision)
            changed = msgspec.structs.replace(config, status=check_transition(id, config.status, "active"))
            changed = self._promoted(_without_running_test(changed) if ends_test else changed, present)
            return self._revision("promoted", self._fitted(changed, present), note)

        return await self._apply(change)

    async def update(
        self,
        id: str,  # noqa: A002 - the contract's name
        /,
        *,
        note: str | None = None,
        if_revision: int | None = None,
        **changes: Any,
    ) -> ModelConfig:
        """Change some fields of a model, in either spelling; metrics given here count as declared, and becoming active is a promotion.

        Raises:
            ModelNotFound: there is no such model.
            ConfigError: a field is unknown or its new value wrong.
            IllegalTransition: the new status may not follow the present one.
            ModelInUse: it would deprecate a model that a running test or a fallback needs.
        """

        def change(present: Present) -> Revision:
            config = _existing(id, present)
            check_revision(id, config, if_revision)
            if "status" in changes:
                check_transition(id, config.status, changes["status"])
            changed = read_changes(config, changes)
            if "provider_config" not in map(to_snake, changes):
                changed = with_bound_credentials(config, changed)
            self._check(changed)
            changed = self._activated(config, changed, present)
            return self._revision("updated", self._fitted(changed, present), _with_stopped_test(note, changed))

        return await self._apply(change)

    async def roll_back(
        self,
        id: str,  # noqa: A002 - the contract's name
        *,
        to: int | None = None,
        note: str | None = None,
        if_revision: int | None = None,
    ) -> ModelConfig:
        """Make an earlier revision the present one again, as a new revision; its A/B test stays as it is now.

        Without ``to`` it is the newest one that was active and answered differently: with another version, bundle or provider. Where a
        promoted model has none, its promotion alone is taken back, and the champion before it is the champion again.

        Raises:
            ModelNotFound: there is no such model.
            ModelConflict: there is no such earlier revision.
            IllegalTransition: the earlier status may not follow the present one.
            ConfigError: the earlier revision does not fit any more.
        """
        revisions = await self.history(id)

        def change(present: Present) -> Revision:
            config = _existing(id, present)
            check_revision(id, config, if_revision)
            earlier = earlier_revision(config, revisions, to)
            check_transition(id, config.status, earlier.status)
            restored = msgspec.structs.replace(earlier, ab_test=config.ab_test, revision=config.revision)
            self._check(restored)
            return self._revision("rolled_back", self._fitted(restored, present), note)

        return await self._apply(change)

    async def unregister(
        self,
        id: str,  # noqa: A002 - the contract's name
        *,
        note: str | None = None,
        if_revision: int | None = None,
    ) -> None:
        """Remove a model; its history stays.

        Raises:
            ModelNotFound: there is no such model.
            ModelInUse: a running test or a fallback needs it.
        """

        def change(present: Present) -> Revision:
            check_revision(id, _existing(id, present), if_revision)
            check_not_in_use(id, present, action="removed")
            return self._removal(id, note)

        await self._adopt(change)

    async def clear(self, *, note: str | None = None) -> None:
        """Remove all models, each with a revision of its own, those that need others first."""

        def change(present: Present) -> Revision:
            if not present:
                raise ModelNotFound("No model is left.")
            return self._removal(
                next((id_ for id_ in present if not users_of(id_, present)), next(iter(present))), note
            )

        try:
            while True:
                await self._adopt(change)
        except ModelNotFound:
            return

    async def history(self, id: str) -> list[Revision]:  # noqa: A002 - the contract's name
        """Return all revisions of a model, oldest first, also of one that was removed.

        Raises:
            ModelNotFound: there never was such a model.
        """
        revisions = await self._store.history(id) if MODEL_ID.fullmatch(id) else []
        if not revisions:
            raise _not_found(id)
        return revisions

    def _check(self, config: ModelConfig) -> None:
        check_config(config)
        if self._allowed_hosts is not None:
            check_endpoints(config, self._allowed_hosts)

    async def _apply(self, change: Callable[[Present], Revision]) -> ModelConfig:
        config = (await self._adopt(change)).config
        if config is None:
            raise AssertionError("a change that keeps the model has a configuration")
        return own_copy(config)

    async def _adopt(self, change: Callable[[Present], Revision]) -> Revision:
        counter, revision = await self._store.apply(change)
        await self._snapshot.adopt(counter, revision)
        return revision

    def _fitted(self, config: ModelConfig, present: Present) -> ModelConfig:
        """Return the configuration as it fits among the present models."""
        if config.status == "deprecated":
            check_not_in_use(config.id, present, action="deprecated")
            return fitting_promotion(_without_running_test(config))
        check_relations(config, present)
        return fitting_promotion(config)

    def _activated(self, before: ModelConfig, changed: ModelConfig, present: Present) -> ModelConfig:
        """Return a changed model, promoted where it did not answer before and does now."""
        begins = changed.status == "active" and before.status != "active"
        return self._promoted(changed, present) if begins else changed

    def _promoted(self, config: ModelConfig, present: Present) -> ModelConfig:
        return promoted(config, present.values(), now=self._clock.now())

    def _revision(self, action: RevisionAction, config: ModelConfig, note: str | None) -> Revision:
        return Revision(
            model_id=config.id,
            number=_UNNUMBERED,
            action=action,
            config=config,
            created_at=self._clock.now(),
            note=note,
        )

    def _removal(self, model_id: str, note: str | None) -> Revision:
        return Revision(
            model_id=model_id,
            number=_UNNUMBERED,
            action="removed",
            config=None,
            created_at=self._clock.now(),
            note=note,
        )


def _existing(model_id: str, present: Present) -> ModelConfig:
    config = present.get(model_id)
    if config is None:
        raise _not_found(model_id)
    return config


def _not_found(model_id: str) -> ModelNotFound:
    return ModelNotFound(
        f"There is no model {str(model_id)[:80]!r}; `ai.registry.list_models()` shows those there are."
    )


def _without_running_test(config: ModelConfig) -> ModelConfig:
    if config.ab_test is None or not config.ab_test.enabled:
        return config
    return msgspec.structs.replace(config, ab_test=msgspec.structs.replace(config.ab_test, enabled=False))


def _with_stopped_test(note: str | None, changed: ModelConfig) -> str | None:
    stops = changed.status == "deprecated" and _without_running_test(changed) is not changed
    return "; ".join(part for part in (note, _TEST_STOPPED) if part) if stops else note


def _check_known(name: str, value: str | None, known: tuple[str, ...]) -> None:
    if value is not None and value not in known:
        raise ConfigError(f"There is no model {name} {value!r}; use one of {', '.join(known)}.")
