"""Reads the secrets of sinks from where the settings refer to, at each message, so that a new one counts at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hotcrm_ai.domain.errors import AlertNotDelivered
from hotcrm_ai.domain.secret import Secret


class ReferenceReader:
    """Resolves ``{"env": NAME}`` and ``{"file": PATH}``."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def __call__(self, reference: Mapping[str, str]) -> Secret:
        """Return the secret as it is now; raises ``AlertNotDelivered`` where it is missing."""
        if "env" in reference:
            value = self._environ.get(reference["env"], "")
            if not value:
                raise AlertNotDelivered(f"The environment variable {reference['env']!r} is not set; set it.")
            return Secret(value)
        try:
            return Secret(Path(reference["file"]).read_text(encoding="utf-8").strip())
        except (OSError, UnicodeDecodeError):
            raise AlertNotDelivered(
                f"The secret file {reference['file']!r} cannot be read as text; check its path and rights."
            ) from None
