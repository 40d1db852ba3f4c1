"""The file format of a local model for texts: plain JSON, verified by the model before use."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from hotcrm_ai.domain.errors import ArtifactIntegrity

FORMAT: Final = "hotcrm-ai/text/1"


class TextBlock(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """One kind of terms: each with its rarity (inverse document frequency) and, row by row, a weight for each mood."""

    name: str
    terms: list[str]
    rarity: list[float]
    weights: list[float]


class TextFile(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What a model file holds: log-odds are ``slope * (bias + weighted terms) + shift``.

    ``lexicon`` has the sign of each word or phrase; ``typical`` the mean contribution of the words that matter most.
    """

    format: Literal["hotcrm-ai/text/1"] = FORMAT
    classes: list[str]
    lexicon: dict[str, str]
    blocks: list[TextBlock]
    bias: list[float]
    slope: float = 1.0
    shift: list[float]
    typical: dict[str, float] = msgspec.field(default_factory=dict)


_decoder = msgspec.json.Decoder(TextFile)


def write_text_file(file: TextFile) -> bytes:
    """Return the file as bytes, the same for the same content."""
    return msgspec.json.encode(file, order="deterministic")


def read_text_file(content: bytes) -> TextFile:
    """Return the parts of a file; whether they fit together is for the model to verify.

    Raises:
        ArtifactIntegrity: it is unreadable or of another format.
    """
    try:
        return _decoder.decode(content)
    except (msgspec.DecodeError, ValueError, OverflowError) as problem:
        raise ArtifactIntegrity(f"A model file cannot be read ({problem}); publish the model again.") from problem
