"""Prints what to know of an answer: one line for all features that are missing, and one for each other remark."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from hotcrm_ai.domain.signature import MISSING
from hotcrm_ai.entrypoints.cli.screen import shown


def print_notes(console: Console, warnings: Sequence[str]) -> None:
    """Print the warnings of an answer."""
    missing = [warning.removesuffix(MISSING) for warning in warnings if warning.endswith(MISSING)]
    others = [warning for warning in warnings if not warning.endswith(MISSING)]
    if len(missing) > 1:
        names = f"{', '.join(missing[:-1])} and {missing[-1]}"
        others.append(f"{names} are missing; the model treated them as unknown")
    else:
        others += [name + MISSING for name in missing]
    for warning in others:
        console.print(shown(f"  note: {warning}", "yellow"))
