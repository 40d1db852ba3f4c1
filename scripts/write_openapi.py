"""Writes the server's OpenAPI document to a file, for generators of clients; no server has to run."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from hotcrm_ai.entrypoints.http.openapi import build_document
from hotcrm_ai.entrypoints.http.operations import OPERATIONS

if __name__ == "__main__":
    document = json.dumps(build_document(OPERATIONS), indent=1, sort_keys=True, ensure_ascii=False)
    Path(sys.argv[1]).write_text(document + "\n", encoding="utf-8")
