"""Checks where a command is asked to write a file, so that a wrong place is told before the work, by the path given."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from hotcrm_ai.domain.errors import InvalidRequest

_LONGEST_NAME: Final = 250
"""Bytes of a file's name; file systems allow 255, of which the unfinished file's ending takes five."""


def check_writable(place: Path, *, option: str) -> None:
    """Refuse a place where no file can be written, before any work is done for it; raises ``InvalidRequest``."""
    if len(os.fsencode(place.name)) > _LONGEST_NAME:
        raise InvalidRequest(f"{option} {str(place)!r} has too long a name; choose a shorter one.")
    folder = place.absolute().parent
    if not folder.is_dir():
        raise InvalidRequest(f"The folder of {option} {str(place)!r} does not exist; make it, or choose another one.")
    if place.is_dir():
        raise InvalidRequest(f"{option} {str(place)!r} is a folder; name a file in it.")
    if place.exists() and not place.is_file():
        raise InvalidRequest(f"{option} {str(place)!r} is no regular file; name another one.")
    if not os.access(folder, os.W_OK | os.X_OK) or (place.exists() and not os.access(place, os.W_OK)):
        raise InvalidRequest(f"{option} {str(place)!r} cannot be written to; choose another place.")
