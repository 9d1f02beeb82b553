"""`common.study` for few chips: constants tied to their start, tables that keep bytes' monotony.

With three or four chips, one of them may be the only one that tells a constant (dies with a seam, a
host's bridge). Left out, that constant stays at its start, which is set by reason, not by the fit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from builders.kernels import common

from chipassay.measured.group import Group
from chipassay.model.kernels.correction import Correction

OWN_TIE = 0.05
GRAINS = 1000.0
"""The file keeps a table in thousandths; monotony is kept in whole ones."""
CARE = 0.98
"""Share of the formula's rise that a table may take back."""
PLACES = (0.0, 0.01, 0.2, 0.4, 0.6, 0.8, 0.99, 1.0)
"""Places on the way between two knots between which the formula's slope is looked at."""
Steps = Sequence[tuple[tuple[int, ...], Callable[[Any], Any] | None]]
"""Directions over knots in which time must not fall, each with a mask of where it holds."""


def study(
    family: common.Family, groups: Sequence[Group], tie: float, at: Any, steps: Steps
) -> list[dict[str, Any]]:
    """Every fit of a family; `at(coordinates, chip, constants)` is the formula's time at knots."""
    fits = []
    for group in groups:
        names = sorted(np.unique(group.chips).tolist())
        sample = common.spread_sample(group, family.sample)
        without = [[each for each in names if each != out] for out in names] if names[1:] else []
        pool: Any = None
        for chosen in [names, *without]:
            part = common.columns(sample, np.isin(sample.chips, chosen))
            constants = common.fit_constants(family, part, family.start, tie=tie)
            pool = pool or constants
            if len(chosen) > 1:
                table = smooth_table(family, group, chosen, constants, at, steps)
                fits.append(common._entry(family, group, chosen, constants, table, names))
        for name in names:
            part = common.columns(sample, sample.chips == name)
            constants = common.fit_constants(family, part, pool, tie=OWN_TIE)
            table = smooth_table(family, group, [name], constants, at, steps)
            fits.append(common._entry(family, group, [name], constants, table, names))
    return fits


def smooth_table(
    family: common.Family, group: Group, chosen: list[str], constants: Any, at: Any, steps: Steps
) -> Correction:
    """The correction of some chips' rows, bent no further than monotony allows on those chips."""
    rows = common.columns(group, np.isin(group.chips, chosen))
    table = common.fit_table(family, rows, constants)
    values = np.array(table.values, float)
    for direction, holds in steps:
        rise = np.min([_rise(table, direction, at, name, constants) for name in chosen], axis=0)
        values = _projected(values, direction, rise, holds)
    values = np.round(values * GRAINS)
    for _ in range(len(steps) * 3):  # what one direction undid of another, by raising alone
        for direction, holds in steps:
            rise = np.min([_rise(table, direction, at, name, constants) for name in chosen], axis=0)
            values = _raised(values, direction, np.floor(rise * GRAINS * CARE), holds)
    return Correction(table.knots, values / GRAINS)


def _ends(values: Any, direction: tuple[int, ...]) -> tuple[Any, Any]:
    """Views of a table's values before and after a step."""
    low = tuple(slice(None, -1) if step else slice(None) for step in direction)
    high = tuple(slice(1, None) if step else slice(None) for step in direction)
    return values[low], values[high]


def _rise(table: Correction, direction: tuple[int, ...], at: Any, name: str, constants: Any) -> Any:
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
