"""Fits linear exponential smoothing: a grid of smoothing weights is swept at once, and all count that forecast the history well."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_LATER_STEPS: Final = 0.5
"""Share of the later steps in the judgement of a candidate; the rest is that of one-step errors."""

_SHARPNESS: Final = 0.5
"""How sharply better candidates count for more: 1 is the likelihood of independent errors, and those of many steps overlap."""

_FEWEST_ERRORS: Final = 8
_SLIGHT: Final = 1e-3
_TINY: Final = 1e-300


class Family(NamedTuple):
    """Candidates of one form, all with d states: y[t] = output · x[t-1] + e[t], x[t] = transition x[t-1] + gain e[t].

    Shapes: ``transition`` (candidates, d, d), ``gain`` and ``output`` (candidates, d). The form is the single source of error model of
    Hyndman, Koehler, Ord and Snyder, "Forecasting with Exponential Smoothing" (2008), chapter 3.
    """

    transition: Floats
    gain: Floats
    output: Floats


class Smoothed(NamedTuple):
    """The weighted mean of all candidates on one series: the coming steps, and the state after the last value."""

    course: Floats
    last: Floats


def smooth(
    values: Floats, family: Family, *, start: Floats, trust: Floats, horizon: int, judged_steps: int = 18
) -> Smoothed:
    """Return the mean of the candidates, weighted by their errors of one step and of up to ``judged_steps`` steps.

    One-step errors alone prefer weights that follow noise, and a single best candidate is a matter of chance. The first state of each
    is estimated with a ridge towards ``start``; ``trust`` is its weight, in squared units of the values.
    """
    responses = _responses(values, family)
    design, target = -responses[:, :, 1:].transpose(1, 0, 2), responses[:, :, 0].T
    turned = design.transpose(0, 2, 1)
    normal = np.matmul(turned, design) + np.diag(trust)
    right = np.matmul(turned, target[:, :, None]) + (trust * start)[None, :, None]
    first = np.linalg.solve(normal, right)[:, :, 0]
    errors = target - np.matmul(design, first[:, :, None])[:, :, 0]
    states = _states(family, first, errors)
    weights = _weights(values, errors, np.matmul(states, _steps_ahead(family, judged_steps)))
    counted = weights > _SLIGHT * weights.max()
    weights, states = weights[counted] / weights[counted].sum(), states[counted]
    ahead = _steps_ahead(Family(*(part[counted] for part in family)), horizon)
    courses = np.matmul(states[:, -1:], ahead)[:, 0]
    return Smoothed(course=weights @ courses, last=np.asarray(weights @ states[:, -1], dtype=np.float64))


def _weights(values: Floats, errors: Floats, paths: Floats) -> Floats:
    """Return the weight of each candidate from its one-step ``errors`` and its ``paths`` (candidates, time + 1, steps)."""
    count = len(values)
    burn = min(12, count // 3)
    later = [
        np.log(np.maximum(((values[burn + step :] - paths[:, burn : count - step, step]) ** 2).mean(axis=1), _TINY))
        for step in range(paths.shape[2])
        if count - burn - step >= _FEWEST_ERRORS
    ]
    judged = np.log(np.maximum((errors * errors).mean(axis=1), _TINY))
    if later:
        judged = (1.0 - _LATER_STEPS) * judged + _LATER_STEPS * np.mean(later, axis=0)
    return np.asarray(np.exp(-0.5 * count * _SHARPNESS * (judged - judged.min())), dtype=np.float64)


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


def _states(family: Family, first: Floats, errors: Floats) -> Floats:
    """Return the states of all candidates before the first value and after each, (candidates, time + 1, d)."""
    states = np.empty((len(first), errors.shape[1] + 1, first.shape[1]))
    states[:, 0] = state = first
    for at in range(errors.shape[1]):
        state = np.matmul(family.transition, state[:, :, None])[:, :, 0] + family.gain * errors[:, at, None]
        states[:, at + 1] = state
    return states


def _steps_ahead(family: Family, horizon: int) -> Floats:
    """Return what turns a state of each candidate into its forecasts for 1 to ``horizon`` steps ahead, (candidates, d, horizon)."""
    rows = np.empty((*family.gain.shape, horizon))
    row = family.output
    for step in range(horizon):
        rows[:, :, step] = row
        row = np.matmul(row[:, None, :], family.transition)[:, 0]
    return rows
