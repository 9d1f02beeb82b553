"""The inverse questions: how much a part may have and stay outside."""

from __future__ import annotations

import math
from typing import Any

from chipassay.law.classes import named, possible
from chipassay.law.item import measured
from chipassay.law.rulebook import Rule
from chipassay.records.item import Item

STEP = 2.0**-36
"""How far beyond a limit a figure is tried: less than data sheets carry, more than rounding."""


def performing(item: Item, factor: Any) -> Item:
    """The item with its performance multiplied, its die as it is."""
    return item._replace(
        performance=item.performance * factor,
        performance_most=item.performance_most * factor,
        density=item.density * factor,
        density_most=item.density_most * factor,
    )


def on_area(item: Item, factor: Any) -> Item:
    """The item on a die area multiplied."""
    return item._replace(density=item.density / factor, density_most=item.density_most / factor)


def linked(item: Item, factor: Any) -> Item:
    """The item with its transfer rate multiplied."""
    return item._replace(input_output=item.input_output * factor)


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
            performance, bound * (1 + STEP) if bound else STEP * STEP,
            for_datacenter=for_datacenter, input_output=input_output,
        )  # fmt: skip
        if named(int(possible(part, rows))) == "none":
            return bound
    return math.inf
