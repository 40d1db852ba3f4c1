"""Numbers the revisions of a model, and brings them into the form in which they are kept."""

from __future__ import annotations

from typing import Final

import msgspec

from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.domain.model import ModelConfig, Revision

_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(ModelConfig)


def numbered(revision: Revision, number: int) -> Revision:
    """Return the revision under its number, which its configuration carries too."""
    config = revision.config
    if config is not None:
        config = read_config(encode_config(msgspec.structs.replace(config, revision=number)), what=revision.model_id)
    return msgspec.structs.replace(revision, number=number, config=config)


def encode_config(config: ModelConfig) -> str:
    """Return the JSON text of a configuration."""
    return _encoder.encode(config).decode()


def read_config(text: str, *, what: str) -> ModelConfig:
    """Return the configuration of a JSON text; every call gives one that shares nothing with another.

    Raises:
        StorageError: this version cannot read it, for example because a newer one wrote it.
    """
    try:
        return _decoder.decode(text)
    except msgspec.DecodeError as problem:
        raise StorageError(
            f"The stored configuration of model {what!r} cannot be read ({problem}); "
            "install the version of hotcrm-ai that wrote it, or a newer one."
        ) from problem
