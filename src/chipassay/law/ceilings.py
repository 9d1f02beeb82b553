"""The inverse questions: how much a part may have and stay outside, and what would flip it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chipassay.law.classes import UNKNOWN, named, possible, table
from chipassay.law.item import measured
from chipassay.law.rulebook import Rule, Rulebook
from chipassay.records.item import Item

_STEP = 2.0**-36
"""How far beyond a limit a figure is tried: less than data sheets carry, more than rounding."""


def flips(item: Item, book: Rulebook, kind: str, class_: str) -> list[dict[str, Any]]:
    """The smallest error of each figure, as a fraction of it, that would change the class."""
    if class_ == UNKNOWN or kind != "ic" or not math.isfinite(item.performance_most):
        return []
    rows = table(book, kind)
    found = []
    for figure, change in _CHANGES.items():
        nearest = _nearest(item, rows, change, figure)
        if nearest is not None:
            factor, other = nearest
            found.append({"figure": figure, "by": factor - 1, "classification": other})
    return sorted(found, key=lambda each: abs(each["by"]))


def _nearest(
    item: Item, rows: tuple[Rule, ...], change: Callable[[Item, Any], Item], figure: str
) -> tuple[float, str] | None:
    now = named(int(possible(item, rows)))
    tried = sorted(set(_factors(item, rows, figure)), key=lambda factor: abs(factor - 1))
    if not tried:
        return None
    columns = np.broadcast_to(possible(change(item, np.asarray(tried)), rows), len(tried))
    for factor, bits in zip(tried, columns.tolist(), strict=True):
        other = named(bits)
        if other not in (now, UNKNOWN):
            return factor, other
    return None


def _factors(item: Item, rows: tuple[Rule, ...], figure: str) -> Iterator[float]:
    """Factors on a figure that put it just on either side of every limit it can meet."""
    for row in rows:
        for name, limit in row.limits.items():
            value = float(getattr(item, name.removesuffix("_below")))
            if not value > 0 or figure not in _TOUCHES[name.removesuffix("_below")]:
                continue
            factor = value / limit if figure == "die_area" else limit / value
            yield from (factor * (1 - _STEP), factor * (1 + _STEP))


def _performing(item: Item, factor: Any) -> Item:
    return item._replace(
        performance=item.performance * factor,
        performance_most=item.performance_most * factor,
        density=item.density * factor,
        density_most=item.density_most * factor,
    )


def _on_area(item: Item, factor: Any) -> Item:
    return item._replace(density=item.density / factor, density_most=item.density_most / factor)


def _linked(item: Item, factor: Any) -> Item:
    return item._replace(input_output=item.input_output * factor)


_CHANGES: dict[str, Callable[[Item, Any], Item]] = {
    "performance": _performing,
    "die_area": _on_area,
    "input_output": _linked,
}
_TOUCHES = {
    "performance": ("performance",),
    "density": ("performance", "die_area"),
    "input_output": ("input_output",),
    "stack_density": (),
}


def most_performance(
    rows: tuple[Rule, ...], area: float, *, for_datacenter: float, input_output: float = math.nan
) -> float:
    """The performance below which a part stays outside every row, whatever less it has.

    In bit.FLOP/s, an exclusive bound: a part at it is caught. Infinite where nothing catches it.
    """
    limits = {limit for row in rows for name, limit in row.limits.items() if "performance" in name}
    areas = {
        limit * area for row in rows for name, limit in row.limits.items() if "density" in name
    }
    for bound in sorted(limits | {each for each in areas if each == each}):
        part = measured(bound, area, for_datacenter=for_datacenter, input_output=input_output)
        if named(int(possible(part, rows))) != "none":
            return float(bound)
    return math.inf


def least_area(
    rows: tuple[Rule, ...], performance: float, *, for_datacenter: float,
    input_output: float = math.nan,
) -> float:  # fmt: skip
    """The die area above which a part of a performance stays outside every row.

    In m2, an exclusive bound; 0 where any die does, infinite where none does.
    """
    bounds = sorted(
        {
            performance / limit
            for row in rows
            for name, limit in row.limits.items()
            if "density" in name
        }
    )
    for bound in (0.0, *bounds):
        part = measured(
            performance, bound * (1 + _STEP) if bound else _STEP * _STEP,
            for_datacenter=for_datacenter, input_output=input_output,
        )  # fmt: skip
        if named(int(possible(part, rows))) == "none":
            return bound
    return math.inf
