"""Says which variables and files a credential may refer to, so that a key only goes to the provider that it is for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

PROVIDER_OF_VARIABLE: Final[Mapping[str, str]] = {
    "AWS_ACCESS_KEY_ID": "aws-sagemaker",
    "AWS_SECRET_ACCESS_KEY": "aws-sagemaker",
    "AWS_SESSION_TOKEN": "aws-sagemaker",
    "AZURE_ML_API_KEY": "azure-ml",
    "OPENAI_API_KEY": "openai",
    "ANTHROPIC_API_KEY": "anthropic",
}
"""The variables that hold the key of one kind of provider, and may be read for no other one."""

_OWN_VARIABLES: Final = frozenset({"DATABASE_URL", "REDIS_URL"})
_OWN_PREFIX: Final = "HOTCRM_AI_"


def reference_problem(provider: str, reference: Any) -> str | None:
    """Say why a reference may not be used for a provider, or nothing."""
    if not isinstance(reference, Mapping) or "env" not in reference:
        return None
    name = str(reference["env"])
    if name in _OWN_VARIABLES or name.startswith(_OWN_PREFIX):
        return f"{name} is a setting of this product and no provider's credential"
    owner = PROVIDER_OF_VARIABLE.get(name)
    if owner is not None and owner != provider:
        return f"{name} is the key of provider {owner!r} and is sent to no other one; use a variable of its own"
    return None
