"""What physics left over on a measured chip: a smooth factor over a kernel's shape.

The factor depends on the shape alone, so that a better chip is never slower because of it.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from chipassay.units import Num

BINS = 64
"""Bins to an octave: a first guess of where a coordinate lies, right but for one knot."""


class Correction(NamedTuple):
    """Logarithms of a factor at knots; between them linear in the logarithm of the shape."""

    knots: tuple[Any, ...]
    """One ascending array of coordinates for each axis (log2 of a shape's number)."""
    values: Any
    """Natural logarithms, one axis for each array of knots."""
    bins: tuple[Any, ...] = ()
    """For each axis the last knot at or below each bin's start; () looks it up by bisection."""
    ladders: tuple[list[float], ...] = ()
    """The knots as plain numbers."""
    plain: Sequence[float] = ()
    """The values as plain numbers, the last axis running fastest."""


def correction(knots: Sequence[Any], values: Any) -> Correction:
    """A correction made ready for columns of many rows."""
    axes = tuple(np.asarray(axis, float) for axis in knots)
    bins = tuple(
        np.searchsorted(axis, np.arange(axis[0], axis[-1] + 1 / BINS, 1 / BINS), side="right") - 1
        for axis in axes
    )
    table = np.asarray(values, float)
    return Correction(axes, table, bins, tuple(a.tolist() for a in axes), table.ravel().tolist())


def factor(correction: Correction, coordinates: tuple[Num, ...]) -> Num:
    """The factor at coordinates (one per axis, numbers or columns); flat beyond the last knot."""
    flat, weights = 0, []
    stride = correction.values.size
    for axis, (knots, at) in enumerate(zip(correction.knots, coordinates, strict=True)):
        stride //= len(knots)
        if len(knots) == 1:
            continue
        inside = np.minimum(np.maximum(at, knots[0]), knots[-1])
        low = _below(knots, correction.bins[axis] if correction.bins else None, inside)
        share = (inside - knots.take(low)) * (1 / np.diff(knots)).take(low)
        flat = flat + low * stride
        weights.append((share, stride))
    found: Num = np.exp(_blend(correction.values.ravel(), flat, weights))
    return found


def factor_of_one(correction: Correction, coordinates: tuple[float, ...]) -> float:
    """As `factor`, for plain numbers, many times faster on them than columns of one row."""
    places, weights = [0], [1.0]
    for knots, where in zip(correction.ladders, coordinates, strict=True):
        count, at = len(knots), float(where)
        low = max(min(bisect.bisect_right(knots, at) - 1, count - 2), 0)
        share = (at - knots[low]) / (knots[low + 1] - knots[low]) if count > 1 else 0.0
        share = min(max(share, 0.0), 1.0)  # flat beyond the ends
        places = [place * count + low for place in places]
        if share:
            far = [weight * share for weight in weights]
            weights = [weight - part for weight, part in zip(weights, far, strict=True)] + far
            places += [place + 1 for place in places]
    plain = correction.plain
    return math.exp(sum(w * plain[p] for w, p in zip(weights, places, strict=True)))


def _below(knots: Any, bins: Any, at: Any) -> Any:
    """The knot at or below each coordinate, at most the last but one."""
    last = len(knots) - 2
    if bins is None:
        return np.minimum(np.searchsorted(knots, at, side="right") - 1, last)
    place = np.nan_to_num((at - knots[0]) * BINS)
    guess = bins.take(np.asarray(place).astype(np.intp), mode="clip")
    guess = np.minimum(guess, last)
    return np.minimum(guess + (at >= knots.take(guess + 1)), last)


def _blend(values: Any, flat: Any, weights: list[tuple[Any, int]]) -> Any:
    """Multilinear blend: halve the axes until a single knot is left."""
    if not weights:
        return values.take(flat)
    (share, stride), rest = weights[0], weights[1:]
    low = _blend(values, flat, rest)
    return low + share * (_blend(values, flat + stride, rest) - low)
