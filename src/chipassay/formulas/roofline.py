"""The roofline: a kernel is bound by arithmetic or by memory, whichever takes longer."""

from __future__ import annotations

import numpy as np

from chipassay.trace import formula
from chipassay.units import (
    Byte,
    ByteRate,
    Flop,
    FlopPerByte,
    FlopRate,
    Num,
    Ratio,
    Second,
)


@formula(cite="williams_2009")
def work_time(work: Flop, rate: FlopRate) -> Second:
    """Time of arithmetic alone, at the full rate."""
    return work / rate


@formula(cite="williams_2009")
def transfer_time(size: Byte, bandwidth: ByteRate) -> Second:
    """Time of memory traffic alone, at the full bandwidth."""
    return size / bandwidth


@formula(cite="williams_2009")
def roofline_time(arithmetic: Second, memory: Second) -> Second:
    """Arithmetic and memory traffic perfectly overlapped: the longer of the two."""
    return np.maximum(arithmetic, memory)


@formula(cite="williams_2009")
def ridge_point(rate: FlopRate, bandwidth: ByteRate) -> FlopPerByte:
    """The intensity at which a chip turns from memory-bound to compute-bound."""
    return rate / bandwidth


@formula(cite="williams_2009")
def attainable_rate(intensity: FlopPerByte, rate: FlopRate, bandwidth: ByteRate) -> FlopRate:
    """The most a chip can do at an arithmetic intensity."""
    return np.minimum(rate, intensity * bandwidth)


@formula(cite="arithmetic")
def ratio(value: Num, reference: Num) -> Ratio:
    """How many times the reference a value is."""
    return value / reference
