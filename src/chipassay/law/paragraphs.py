"""One short test for each paragraph, named in its YAML file; the paragraph's text stands there.

A test takes an item and the paragraph's limits and gives a truth: 0, 1, or 1/2 for unknown. It
takes a column as well as one part, and no date: `rulebook.at` has chosen the law before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chipassay.formulas.control import at_least, below, both, negated
from chipassay.records.item import Item
from chipassay.units import Truth

Limits = Mapping[str, float]
Test = Callable[[Item, Limits], Truth]


def performance_and_interconnect(item: Item, limits: Limits) -> Truth:
    """3A090.a of October 2022: performance and transfer rate, both at or above."""
    return both(
        at_least(item.performance, limits["performance"]),
        at_least(item.input_output, limits["input_output"]),
    )


def consumer_part(item: Item, limits: Limits) -> Truth:
    """Note 2: neither designed nor marketed for data centres, and below 4800."""
    return both(negated(item.for_datacenter), below(item.performance, limits["performance_below"]))


def performance_alone(item: Item, limits: Limits) -> Truth:
    """3A090.a.1."""
    return at_least(item.performance, limits["performance"])


def performance_and_density(item: Item, limits: Limits) -> Truth:
    """3A090.a.2."""
    return both(
        at_least(item.performance, limits["performance"]),
        at_least(item.density, limits["density"]),
    )


def performance_and_density_below(item: Item, limits: Limits) -> Truth:
    """3A090.b.2: as .a.2 with an upper bound on density."""
    return both(performance_and_density(item, limits), below(item.density, limits["density_below"]))


def performance_and_density_band(item: Item, limits: Limits) -> Truth:
    """3A090.b.1: performance and density both within a band."""
    return both(
        performance_and_density_below(item, limits),
        below(item.performance, limits["performance_below"]),
    )


def window(item: Item, limits: Limits) -> Truth:
    """742.6(b)(10)(iii)(A)(1) of January 2026: under both ceilings."""
    return both(
        below(item.performance, limits["performance_below"]),
        below(item.memory_bandwidth, limits["memory_bandwidth_below"]),
    )


def always(item: Item, limits: Limits) -> Truth:  # noqa: ARG001
    """A paragraph without a number."""
    return 1.0


TESTS: dict[str, Test] = {
    test.__name__: test
    for test in (
        performance_and_interconnect, consumer_part, performance_alone, performance_and_density,
        performance_and_density_below, performance_and_density_band, window, always,
    )
}  # fmt: skip
