"""What export rules measure, and a logic that keeps "unknown" apart from "no".

A truth is a number: 0 false, 1 true, 1/2 unknown (Kleene's strong three-valued logic). Then "and"
is the smaller, "or" the larger, and all of it takes a column as well as one chip.
"""

from __future__ import annotations

import numpy as np

from chipassay.trace import formula
from chipassay.units import (
    Area,
    Bit,
    ByteRate,
    Count,
    Density,
    FlopRate,
    Num,
    Performance,
    RateDensity,
    Ratio,
    Truth,
    parse,
)

# Limits decide at equality: 4800 is caught, and no figure is rounded first. Division may miss an
# exact decimal by a few units in the last place, so "equal" means equal to twelve digits.
_ROUNDING = 2.0**-40
# Sixteen PCI Express lanes, both ways: 32 GB/s in generation 3, twice that in each later one.
_PCIE_GENERATION_ZERO = parse("4 GB/s", "B/s")


@formula(cite="ccl723")
def total_processing_performance(rate: FlopRate, bit_length: Bit) -> Performance:
    """TPP of one operation: 2 x MacTOPS x bit length, where a dense data-sheet rate is 2 x MacTOPS.

    3A090, Technical Note 1: the bit length is the largest of the inputs of the multiplication.
    """
    return rate * bit_length


@formula(cite="ccl723")
def greatest(first: Performance, second: Performance) -> Performance:
    """The higher of two; an unknown one is passed over, since it can only add."""
    return np.fmax(first, second)


@formula(cite="ccl723")
def performance_density(performance: Performance, die_area: Area) -> Density:
    """TPP over applicable die area: all logic dies on a non-planar node, memory stacks left out."""
    return performance / die_area


@formula(cite="ccl723")
def memory_bandwidth_density(rate: ByteRate, area: Area) -> RateDensity:
    """Memory bandwidth over the area of the package or stack: the measure of 3A090.c."""
    return rate / area


@formula(cite="pcie_spec")
def pcie_both_ways(generation: Count) -> ByteRate:
    """Transfer rate of a host port of sixteen lanes, both ways, before encoding losses."""
    return _PCIE_GENERATION_ZERO * 2.0**generation


@formula(cite="note813")
def input_output_bandwidth(links_both_ways: ByteRate, host_both_ways: ByteRate) -> ByteRate:
    """3A090 of 2022: transfer rate over all inputs and outputs but volatile memory, both ways."""
    return links_both_ways + host_both_ways


@formula(cite="arithmetic")
def summed(first: ByteRate, second: ByteRate) -> ByteRate:
    """Two transfer rates together."""
    return first + second


@formula(cite="arithmetic")
def at_least(value: Num, limit: Num) -> Truth:
    """Whether a value reaches a limit: `>=`, three-valued."""
    return np.where(np.isnan(value), 0.5, np.where(value >= limit * (1 - _ROUNDING), 1.0, 0.0))


@formula(cite="arithmetic")
def below(value: Num, limit: Num) -> Truth:
    """Whether a value stays under a limit: `<`, three-valued."""
    return 1.0 - at_least(value, limit)


@formula(cite="arithmetic")
def above(value: Num, limit: Num) -> Truth:
    """Whether a value exceeds a limit: `>`, three-valued; equal to twelve digits is not more."""
    return np.where(np.isnan(value), 0.5, np.where(value > limit * (1 + _ROUNDING), 1.0, 0.0))


@formula(cite="kleene_1952")
def agreed(first: Truth, second: Truth) -> Truth:
    """What two bounds of one figure say together: unknown where they differ."""
    return (first + second) / 2


@formula(cite="kleene_1952")
def both(first: Truth, second: Truth) -> Truth:
    """Kleene's "and": false if either is false, whatever the other."""
    return np.minimum(first, second)


@formula(cite="kleene_1952")
def either(first: Truth, second: Truth) -> Truth:
    """Kleene's "or": true if either is true, whatever the other."""
    return np.maximum(first, second)


@formula(cite="kleene_1952")
def negated(truth: Truth) -> Truth:
    """Kleene's "not": unknown stays unknown."""
    return 1.0 - truth


@formula(cite="arithmetic")
def margin(value: Num, limit: Num) -> Ratio:
    """How far above a limit a value lies, as a fraction of the limit; negative below it."""
    return value / limit - 1.0
