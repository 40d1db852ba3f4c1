"""Rounds fitted parameters, so that the last bits of a sum, which differ between machines, are in no file."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

DIGITS: Final = 10


def significant(values: Floats) -> Floats:
    """Return the values rounded to ten significant digits; zero stays zero."""
    return np.array([float(f"{value:.{DIGITS}g}") + 0.0 for value in np.ravel(values)]).reshape(np.shape(values))
