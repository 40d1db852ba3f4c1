"""Resolves references to credentials at each call, so that a rotated key is used from the next call on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from hotcrm_ai.domain.errors import ProviderMisconfigured
from hotcrm_ai.domain.model import ProviderConfig
from hotcrm_ai.domain.references import reference_problem
from hotcrm_ai.domain.secret import Secret
from hotcrm_ai.domain.spelling import to_snake

_MOST_BYTES: Final = 16 * 1024
_MISSING: Final = "missing"


class Credentials:
    """The credentials of one provider configuration, by name in either spelling.

    A value is ``{"env": NAME}``, ``{"file": PATH}``, a function without arguments, or in process the text itself. ``variables`` are the
    environment variables that are read where the configuration names nothing: leave them out for an endpoint that is not the vendor's
    own, so that a key never goes to another host than the one it is for.

    Raises:
        ProviderMisconfigured: a reference is to a variable that is not this provider's.
    """

    def __init__(
        self, config: ProviderConfig, *, environ: Mapping[str, str], variables: Mapping[str, str] | None = None
    ) -> None:
        self._provider = config.provider
        self._given = {to_snake(name): value for name, value in config.credentials.items() if value is not None}
        self._variables = dict(variables or {})
        self._environ = environ
        for name, reference in self._given.items():
            problem = reference_problem(config.provider, reference)
            if problem:
                raise ProviderMisconfigured(
                    f"The credential {name!r} of provider {config.provider!r} cannot be used: {problem}.",
                    provider=config.provider,
                )

    def get(self, name: str) -> Secret:
        """Return a credential as it is now.

        Raises:
            ProviderMisconfigured: it is missing; the message says what and where to set it.
        """
        found = self.find(name)
        if found is None:
            raise self.missing([name])
        return found

    def find(self, name: str) -> Secret | None:
        """Return a credential as it is now, or None where it is not given or its variable is not set.

        Raises:
            ProviderMisconfigured: its file cannot be read, or it is no text.
        """
        if name in self._given:
            return self._resolve(name, self._given[name])
        variable = self._variables.get(name)
        value = self._environ.get(variable) if variable is not None else None
        return Secret(value) if value else None

    def require(self, *names: str) -> None:
        """Check that credentials are there; raises ``ProviderMisconfigured`` naming all that are missing."""
        absent = [name for name in names if self.find(name) is None]
        if absent:
            raise self.missing(absent)

    def missing(self, names: Iterable[str]) -> ProviderMisconfigured:
        """Return the error that says which credentials are missing and where to set each."""
        listed = list(names)
        return ProviderMisconfigured(
            f"Provider {self._provider!r} has no {' and no '.join(listed)}: {'; '.join(map(self._advice, listed))}.",
            kind="misconfigured",
            provider=self._provider,
            missing=listed,
        )

    def fingerprint(self) -> str:
        """Return a digest that changes when any credential changes; the values cannot be had from it by reading."""
        hasher = hashlib.sha256()
        for name in sorted({*self._given, *self._variables}):
            try:
                secret = self.find(name)
            except ProviderMisconfigured:
                secret = None
            value = secret.reveal() if secret is not None else _MISSING
            hasher.update(f"{len(name)}:{name}={len(value)}:{value};".encode())
        return hasher.hexdigest()[:16]

    def _resolve(self, name: str, value: Any) -> Secret | None:
        if isinstance(value, Secret):
            return value
        if isinstance(value, str):
            return Secret(value) if value else None
        if isinstance(value, Mapping) and isinstance(value.get("env"), str):
            text = self._environ.get(value["env"])
            return Secret(text) if text else None
        if isinstance(value, Mapping) and isinstance(value.get("file"), str):
            return self._from_file(name, Path(value["file"]))
        if callable(value):
            return self._from_function(name, value)
        raise ProviderMisconfigured(
            f"The credential {name!r} of provider {self._provider!r} is no reference; give {{'env': 'NAME'}} or {{'file': 'PATH'}}.",
            provider=self._provider,
        )

    def _from_file(self, name: str, path: Path) -> Secret | None:
        try:
            with path.open("rb") as file:
                content = file.read(_MOST_BYTES + 1)
            text = content.decode().strip()
        except (OSError, UnicodeDecodeError) as problem:
            reason = problem.strerror if isinstance(problem, OSError) else "it is no text"
            raise ProviderMisconfigured(
                f"The credential {name!r} of provider {self._provider!r} cannot be read from its file: {reason}; correct the reference "
                "or the file.",
                provider=self._provider,
            ) from None
        if len(content) > _MOST_BYTES:
            raise ProviderMisconfigured(
                f"The file of credential {name!r} of provider {self._provider!r} is larger than {_MOST_BYTES} bytes; it holds no key.",
                provider=self._provider,
            )
        return Secret(text) if text else None

    def _from_function(self, name: str, function: Callable[[], Any]) -> Secret | None:
        value = function()
        if isinstance(value, Secret) or value is None:
            return value
        if not isinstance(value, str):
            raise ProviderMisconfigured(
                f"The function for credential {name!r} of provider {self._provider!r} gave {type(value).__name__!r}, not text.",
                provider=self._provider,
            )
        return Secret(value) if value else None

    def _advice(self, name: str) -> str:
        given = self._given.get(name)
        if isinstance(given, Mapping) and "env" in given:
            return f"set the environment variable {given['env']}"
        if isinstance(given, Mapping) and "file" in given:
            return f"the file that provider_config.credentials names for {name!r} is empty"
        variable = self._variables.get(name)
        where = f"set the environment variable {variable}, or " if variable is not None else ""
        return where + f'give a reference in provider_config.credentials: {{"{name}": {{"env": "NAME"}}}}'
