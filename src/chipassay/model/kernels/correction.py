"""What physics left over on a measured chip: a smooth factor over a kernel's shape.

The factor depends on the shape alone, so that a better chip is never slower because of it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from chipassay.units import Num

Columns = Any


class Correction(NamedTuple):
    """Logarithms of a factor at knots; between them linear in the logarithm of the shape."""

    knots: tuple[Any, ...]
    """One ascending array of coordinates for each axis (log2 of a shape's number)."""
    values: Any
    """Natural logarithms, one axis for each array of knots."""


def factor(correction: Correction, coordinates: tuple[Num, ...]) -> Num:
    """The factor at coordinates (one per axis, numbers or columns); flat beyond the last knot."""
    flat, weights = 0, []
    shape = correction.values.shape
    for axis, (knots, at) in enumerate(zip(correction.knots, coordinates, strict=True)):
        inside = np.clip(at, knots[0], knots[-1])
        low = np.clip(np.searchsorted(knots, inside, side="right") - 1, 0, max(len(knots) - 2, 0))
        span = knots[np.minimum(low + 1, len(knots) - 1)] - knots[low]
        share = np.where(span > 0, (inside - knots[low]) / np.where(span > 0, span, 1.0), 0.0)
        stride = int(np.prod(shape[axis + 1 :], dtype=int))
        flat = flat + low * stride
        weights.append((share, stride if len(knots) > 1 else 0))
    return np.exp(_blend(correction.values.ravel(), flat, weights))


def _blend(values: Any, flat: Any, weights: list[tuple[Any, int]]) -> Any:
    """Multilinear blend: halve the axes until a single knot is left."""
    if not weights:
        return values[flat]
    (share, stride), rest = weights[0], weights[1:]
    low = _blend(values, flat, rest)
    return low + share * (_blend(values, flat + stride, rest) - low)
