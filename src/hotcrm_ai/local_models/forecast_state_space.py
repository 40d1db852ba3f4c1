"""Fits linear exponential smoothing: a grid of smoothing weights is swept at once, the first state of each follows by least squares."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Family(NamedTuple):
    """Candidates of one form, all with d states: y[t] = output · x[t-1] + e[t], x[t] = transition x[t-1] + gain e[t].

    Shapes: ``transition`` (candidates, d, d), ``gain`` and ``output`` (candidates, d). The form is the single source of error model of
    Hyndman, Koehler, Ord and Snyder, "Forecasting with Exponential Smoothing" (2008), chapter 3.
    """

    transition: Floats
    gain: Floats
    output: Floats


class Smoothed(NamedTuple):
    """The best candidate on one series: ``paths[t, j]`` is the forecast for step t + j + 1 that is made after t values are known.

    ``last`` is the state after the last value.
    """

    paths: Floats
    last: Floats


def smooth(values: Floats, family: Family, *, start: Floats, trust: Floats, horizon: int) -> Smoothed:
    """Return the candidate with the least squared one-step errors.

    The first state is estimated with a ridge towards ``start``; ``trust`` is its weight, in squared units of the values.
    """
    responses = _responses(values, family)
    design, target = -responses[:, :, 1:].transpose(1, 0, 2), responses[:, :, 0].T
    turned = design.transpose(0, 2, 1)
    normal = np.matmul(turned, design) + np.diag(trust)
    right = np.matmul(turned, target[:, :, None]) + (trust * start)[None, :, None]
    first = np.linalg.solve(normal, right)
    errors = target - np.matmul(design, first)[:, :, 0]
    best = int(np.argmin((errors * errors).sum(axis=1)))
    states = _states(values, family, best, first[best, :, 0])
    return Smoothed(paths=states @ _steps_ahead(family, best, horizon).T, last=states[-1])


def _responses(values: Floats, family: Family) -> Floats:
    """Return one-step errors (time, candidates, 1 + d): of the values from a zero state, then of each unit state on zero values."""
    transition, gain, output = family
    count, size = gain.shape
    closed = transition - gain[:, :, None] * output[:, None, :]
    states = np.zeros((count, size, size + 1))
    states[:, :, 1:] = np.eye(size)
    errors = np.empty((len(values), count, size + 1))
    for at, value in enumerate(values.tolist()):
        error = -np.matmul(output[:, None, :], states)[:, 0]
        error[:, 0] += value
        errors[at] = error
        states = np.matmul(closed, states)
        states[:, :, 0] += gain * value
    return errors


def _states(values: Floats, family: Family, best: int, first: Floats) -> Floats:
    transition, gain, output = (part[best] for part in family)
    states = np.empty((len(values) + 1, len(first)))
    states[0] = state = first
    for at, value in enumerate(values.tolist(), start=1):
        state = transition @ state + gain * (value - float(output @ state))
        states[at] = state
    return states


def _steps_ahead(family: Family, best: int, horizon: int) -> Floats:
    """Return the rows that turn a state into its forecasts for 1 to ``horizon`` steps ahead."""
    rows = np.empty((horizon, family.gain.shape[1]))
    row = family.output[best]
    for step in range(horizon):
        rows[step] = row
        row = row @ family.transition[best]
    return rows
