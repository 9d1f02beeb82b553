"""A chip as a kernel sees it: which of its rates the precision calls on, and rules for gaps."""

from __future__ import annotations

import numpy as np

from chipassay.records.chip import Chip
from chipassay.records.silicon import Silicon
from chipassay.trace import formula
from chipassay.units import Count, Flop, FlopRate, Hertz, Num

MATRIX_RATES: dict[str, tuple[str, ...]] = {
    "fp32": ("dense_fp32", "vector_fp32"),
    "tf32": ("dense_tf32",),
    "bf16": ("dense_bf16", "dense_fp16"),
    "fp16": ("dense_fp16", "dense_bf16"),
    "fp8": ("dense_fp8",),
    "fp6": ("dense_fp6",),
    "fp4": ("dense_fp4",),
    "int8": ("dense_int8",),
    "int4": ("dense_int4",),
    "fp8_block": ("dense_fp8",),
    "nvfp4": ("dense_fp4",),
    "mxfp4": ("dense_fp4",),
    "mxfp8": ("dense_fp8",),
    "w4a16": ("dense_bf16", "dense_fp16"),
    "w8a16": ("dense_bf16", "dense_fp16"),
    "w4a16_mxfp4": ("dense_bf16", "dense_fp16"),
    "w4a8_mxfp4": ("dense_fp8",),
}
"""Figures that give a format's matrix rate, the first known one counts. w4a16: weights in four bits
are widened to sixteen before the product."""

SPECIAL_PER_CORE_AND_CLOCK = 16.0
"""Special functions of a core in a clock where an entry does not say: NVIDIA's SM since 2017."""

CLOCK = 1.5e9
"""Hz, where nobody published a clock: the middle of what data-centre chips run at."""

NO_CACHE = 1.0
"""Bytes, where nobody published a cache: nothing is found in it, and it divides."""


def silicon(chip: Chip, precision: str) -> Silicon:
    """The rates that a kernel at `precision` meets; NaN where the chip has none."""
    matrix = _first(chip, MATRIX_RATES[precision])
    clock = _known(chip.boost_clock, CLOCK)
    vector = _known(chip.vector_fp32, matrix / 16.0)
    special = _known(chip.special_rate, special_rate(chip.cores, clock, SPECIAL_PER_CORE_AND_CLOCK))
    cache = _known(chip.l2_capacity, _known(chip.sram_capacity, NO_CACHE))
    return Silicon(
        matrix, vector, special, chip.memory_bandwidth, cache, chip.cores, clock, chip.tdp
    )


@formula(cite="arithmetic")
def special_rate(cores: Count, clock: Hertz, per_clock: Flop) -> FlopRate:
    """Special functions a second of all cores."""
    return cores * clock * per_clock


def _first(chip: Chip, fields: tuple[str, ...]) -> Num:
    found: Num = float("nan")
    for name in reversed(fields):
        found = _known(getattr(chip, name), found)
    return found


def _known(value: Num, otherwise: Num) -> Num:
    """`value` where it is known; a number stays a plain number."""
    if np.ndim(value) == 0 and np.ndim(otherwise) == 0:
        return otherwise if np.isnan(value) else value
    return np.where(np.isnan(value), otherwise, value)
