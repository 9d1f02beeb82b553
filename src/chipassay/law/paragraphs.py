"""One short test for each paragraph, named in its YAML file; the paragraph's text stands there.

A test takes an item and the paragraph's limits and gives a truth: 0, 1, or 1/2 for unknown. It
takes a column as well as one part, and no date: `rulebook.at` has chosen the law before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chipassay.formulas.control import above, agreed, at_least, below, both, either, negated, summed
from chipassay.records.item import Item
from chipassay.units import Num, Truth

Limits = Mapping[str, float]
Test = Callable[[Item, Limits], Truth]


def _reaches(least: Num, most: Num, limit: float) -> Truth:
    """Whether a figure known between two bounds reaches a limit."""
    first = at_least(least, limit)
    return first if most is least else agreed(first, at_least(most, limit))


def _performs(item: Item, limit: float) -> Truth:
    return _reaches(item.performance, item.performance_most, limit)


def _dense(item: Item, limit: float) -> Truth:
    return _reaches(item.density, item.density_most, limit)


def performance_and_interconnect(item: Item, limits: Limits) -> Truth:
    """3A090.a of October 2022: performance and transfer rate, both at or above."""
    fast = at_least(item.input_output, limits["input_output"])
    return both(_performs(item, limits["performance"]), fast)


def consumer_part(item: Item, limits: Limits) -> Truth:
    """Note 2: neither designed nor marketed for data centres, and below 4800."""
    weak = negated(_performs(item, limits["performance_below"]))
    return both(negated(item.for_datacenter), weak)


def performance_alone(item: Item, limits: Limits) -> Truth:
    """3A090.a.1."""
    return _performs(item, limits["performance"])


def performance_and_density(item: Item, limits: Limits) -> Truth:
    """3A090.a.2."""
    return both(_performs(item, limits["performance"]), _dense(item, limits["density"]))


def performance_and_density_below(item: Item, limits: Limits) -> Truth:
    """3A090.b.2: as .a.2 with an upper bound on density."""
    sparse = negated(_dense(item, limits["density_below"]))
    return both(performance_and_density(item, limits), sparse)


def performance_and_density_band(item: Item, limits: Limits) -> Truth:
    """3A090.b.1: performance and density both within a band."""
    weak = negated(_performs(item, limits["performance_below"]))
    return both(performance_and_density_below(item, limits), weak)


def stacked_memory(item: Item, limits: Limits) -> Truth:
    """3A090.c: more than the limit, not at it."""
    return above(item.stack_density, limits["stack_density"])


def datacenter_performance(item: Item, limits: Limits) -> Truth:
    """The letter of October 2023: performance, and for data centres."""
    return both(_performs(item, limits["performance"]), item.for_datacenter)


def reaches_either_bandwidth(item: Item, limits: Limits) -> Truth:
    """The letter of April 2025, read as the named part's own figures."""
    wide = at_least(item.memory_bandwidth, limits["memory_bandwidth"])
    return either(wide, at_least(item.input_output, limits["input_output"]))


def wide_memory(item: Item, limits: Limits) -> Truth:
    """The line that press reports draw for parts with GDDR memory, up to where the letter reads."""
    wide = at_least(item.memory_bandwidth, limits["memory_bandwidth"])
    return both(wide, below(item.memory_bandwidth, limits["memory_bandwidth_below"]))


def window(item: Item, limits: Limits) -> Truth:
    """742.6(b)(10)(iii)(A)(1) of January 2026: under both ceilings, and on sale in the US."""
    weak = negated(_performs(item, limits["performance_below"]))
    narrow = below(item.memory_bandwidth, limits["memory_bandwidth_below"])
    return both(both(weak, narrow), item.launched)


def exception_for_memory(item: Item, limits: Limits) -> Truth:
    """740.25: below the limit, and every other condition asserted."""
    return both(below(item.stack_density, limits["stack_density_below"]), item.conditions)


def tariff_band(item: Item, limits: Limits) -> Truth:
    """The proclamation of January 2026: performance and memory bandwidth within a band."""
    fast = _performs(item, limits["performance"])
    weak = negated(_performs(item, limits["performance_below"]))
    narrow = below(item.memory_bandwidth, limits["memory_bandwidth_below"])
    wide = at_least(item.memory_bandwidth, limits["memory_bandwidth"])
    return both(both(fast, weak), both(wide, narrow))


def bill_bandwidths(item: Item, limits: Limits) -> Truth:
    """A bill: either bandwidth or their sum, for parts of data centres."""
    together = summed(item.memory_bandwidth, item.input_output)
    wide = either(reaches_either_bandwidth(item, limits), at_least(together, limits["together"]))
    return both(wide, item.for_datacenter)


def transistor_count(item: Item, limits: Limits) -> Truth:
    """3A090 Note 1.b: fewer transistors than the limit."""
    return below(item.transistors, limits["transistors_below"])


TESTS: dict[str, Test] = {
    test.__name__: test
    for test in (
        performance_and_interconnect, consumer_part, performance_alone, performance_and_density,
        performance_and_density_below, performance_and_density_band, stacked_memory,
        datacenter_performance, reaches_either_bandwidth, wide_memory, window,
        exception_for_memory, tariff_band, bill_bandwidths, transistor_count,
    )
}  # fmt: skip
