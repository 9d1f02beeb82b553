"""A part as export rules measure it."""

from __future__ import annotations

from typing import NamedTuple

from chipassay.units import ByteRate, Density, Performance, RateDensity, Truth

UNKNOWN = float("nan")


class Item(NamedTuple):
    """What the tests of the law look at; NaN and 1/2 stand for unknown, any field may be a column.

    `_most` fields are upper bounds: above the figure where it is only known to be at least so
    much, as a performance is while no rate at 16 bits was published.
    """

    performance: Performance
    """Total processing performance: the highest over precisions."""
    performance_most: Performance
    density: Density
    """Performance over logic die area."""
    density_most: Density
    input_output: ByteRate = UNKNOWN
    """Both ways, all links and the host port, memory left out (the rule of 2022)."""
    memory_bandwidth: ByteRate = UNKNOWN
    """All DRAM (the window of 2026)."""
    for_datacenter: Truth = 0.5
    """Designed or marketed for data centres."""
    stack_density: RateDensity = UNKNOWN
    """Memory bandwidth over package area, for memory alone (3A090.c)."""
    launched: Truth = 1.0
    """On sale in the United States on 2026-01-15; a condition, so taken to hold where unknown."""
    conditions: Truth = 0.0
    """Whether the shipper asserts every condition of licence exception HBM."""
    transistors: float = UNKNOWN
    """Aggregated approximated transistor count, for fabs and packagers (3A090 Note 1)."""
