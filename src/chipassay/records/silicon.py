"""What a kernel feels of a chip: a handful of rates, at the precision it works in."""

from __future__ import annotations

from typing import NamedTuple

from chipassay.units import Byte, ByteRate, Count, Flop, FlopRate, Hertz, Watt


class Silicon(NamedTuple):
    """One chip as one kernel sees it, in SI units; any field may be a column."""

    matrix: FlopRate
    """Dense rate of the matrix units at the kernel's precision."""
    vector: FlopRate
    """FP32 rate of the vector units."""
    special: FlopRate
    """Special functions (exp, sin …) a second."""
    memory: ByteRate
    """Published bandwidth of the memory."""
    cache: Byte
    """Last-level cache."""
    cores: Count
    """Cores that tiles are dealt to (SM, CU, Xe core, AI core)."""
    clock: Hertz
    """Boost clock."""
    power: Watt
    """Power limit of the package."""
    fed: Flop = 0.0
    """FLOP of a core in a clock at which the constants were measured, on cores of this design; 0
    where they are those of another."""
