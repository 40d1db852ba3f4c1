"""The limits of input that every door of the product keeps."""

from __future__ import annotations

from typing import Final

MAX_BODY_BYTES: Final = 1024 * 1024
MAX_BATCH_BODY_BYTES: Final = 10 * 1024 * 1024
MAX_BATCH_ITEMS: Final = 10_000
MAX_FEATURES: Final = 1_000
MAX_NAME_CHARACTERS: Final = 128
MAX_TEXT_BYTES: Final = 64 * 1024
MAX_LIST_ITEMS: Final = 10_000
MAX_JSON_DEPTH: Final = 32
MAX_JSON_VALUES: Final = 50_000
MAX_BATCH_JSON_VALUES: Final = 1_000_000
MAX_JSON_CONTAINERS: Final = 100_000
MAX_CELL_CHARACTERS: Final = 4 * MAX_TEXT_BYTES
