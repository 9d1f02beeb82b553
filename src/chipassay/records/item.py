"""A part as export rules measure it."""

from __future__ import annotations

from typing import NamedTuple

from chipassay.units import ByteRate, Density, Performance, Truth


class Item(NamedTuple):
    """What the tests of 3A090 look at; NaN and 1/2 stand for unknown, any field may be a column."""

    performance: Performance
    """Total processing performance: the highest over precisions."""
    density: Density
    """Performance over logic die area."""
    input_output: ByteRate
    """Both ways, all links and the host port, memory left out (the rule of 2022)."""
    memory_bandwidth: ByteRate
    """All DRAM (the window of 2026)."""
    for_datacenter: Truth
    """Designed or marketed for data centres."""
