"""Correction tables that keep the monotony of a formula: more bytes never take less time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import numpy as np
from builders.kernels import common

from chipassay.measured.group import Group
from chipassay.model.kernels.correction import Correction

GRAINS = 200.0
"""The file keeps a table in steps of 1/200; monotony is kept in whole ones."""
MOST = 126.0
"""Steps that a byte of the file holds, either way."""
CARE = 0.98
"""Share of the formula's rise that a table may take back."""
PLACES = (0.0, 0.01, 0.2, 0.4, 0.6, 0.8, 0.99, 1.0)
"""Places on the way between two knots between which the formula's slope is looked at."""
At = Callable[[tuple[Any, ...], str, Any], Any]
"""The formula's time at coordinates, on a chip (the catalogue's id), with constants."""
Steps = Sequence[tuple[tuple[int, ...], Callable[[Any], Any] | None]]
"""Directions over knots in which time must not fall, each with a mask of where it holds."""


@contextmanager
def keeping(at: At, steps: Steps) -> Iterator[None]:
    """Within it, `common.fit_table` bends a table no further than monotony allows on its chip."""
    plain = common.fit_table

    def straight(family: Any, group: Group, constants: Any) -> Correction:
        table = plain(family, group, constants)
        names = [str(name) for name in np.unique(group.chips)]
        return _straightened(table, names, constants, at, steps)

    common.fit_table = straight
    try:
        yield
    finally:
        common.fit_table = plain


def _straightened(
    table: Correction, names: list[str], constants: Any, at: At, steps: Steps
) -> Correction:
    values = np.array(table.values, float)
    rises = []
    for direction, holds in steps:
        rise = np.min([_rise(table, direction, at, name, constants) for name in names], axis=0)
        values = _projected(values, direction, rise, holds)
        rises.append((direction, np.floor(rise * GRAINS * CARE), holds))
    values = np.clip(np.round(values * GRAINS), -MOST, MOST)
    for direction, rise, holds in rises * 3:  # what one direction undid of another
        values = _raised(values, direction, rise, holds)
    return Correction(table.knots, np.minimum(values, MOST) / GRAINS)


def _ends(values: Any, direction: tuple[int, ...]) -> tuple[Any, Any]:
    """Views of a table's values before and after a step."""
    low = tuple(slice(None, -1) if step else slice(None) for step in direction)
    high = tuple(slice(1, None) if step else slice(None) for step in direction)
    return values[low], values[high]


def _rise(table: Correction, direction: tuple[int, ...], at: At, name: str, constants: Any) -> Any:
    """The least that the formula's logarithm rises along a step, by its slope anywhere on it."""
    grid = np.meshgrid(*table.knots, indexing="ij")
    ends = [_ends(axis, direction) for axis in grid]
    times = []
    for place in PLACES:
        where = tuple(low + (high - low) * place for low, high in ends)
        times.append(np.log(at(where, name, constants)))
    if sum(map(bool, direction)) > 1:
        return times[-1] - times[0]
    slopes = [
        (after - before) / (b - a)
        for (before, after), (a, b) in zip(pairwise(times), pairwise(PLACES), strict=True)
    ]
    return np.min(slopes, axis=0)


def _projected(values: Any, direction: tuple[int, ...], rise: Any, holds: Any) -> Any:
    """The nearest values that fall no faster than the formula rises, along an axis."""
    if sum(map(bool, direction)) > 1:
        return values
    axis = direction.index(1)
    moved, climbs = np.moveaxis(values.copy(), axis, -1), np.moveaxis(rise, axis, -1)
    keep = np.ones(moved.shape[:-1], bool) if holds is None else holds(moved)
    for index in np.ndindex(moved.shape[:-1]):
        if keep[index]:
            ground = np.concatenate([[0.0], np.cumsum(climbs[index])])
            moved[index] = _ascending(moved[index] + ground) - ground
    return np.moveaxis(moved, -1, axis)


def _ascending(values: Any) -> Any:
    """The nearest ascending sequence (pool adjacent violators)."""
    blocks: list[tuple[float, int]] = []
    for value in values:
        mean, count = float(value), 1
        while blocks and blocks[-1][0] > mean:
            before, size = blocks.pop()
            mean, count = (before * size + mean * count) / (size + count), size + count
        blocks.append((mean, count))
    return np.concatenate([np.full(count, mean) for mean, count in blocks])


def _raised(values: Any, direction: tuple[int, ...], rise: Any, holds: Any) -> Any:
    """Values raised where a step falls faster than the formula rises; repeated along the axis."""
    values = values.copy()
    for _ in range(max(values.shape)):
        low, high = _ends(values, direction)
        floor = low - rise
        high[...] = np.maximum(
            high, floor if holds is None else np.where(holds(floor), floor, high)
        )
    return values
