"""A chip as its numbers."""

from __future__ import annotations

from typing import NamedTuple

from chipassay.units import Area, Bit, Byte, ByteRate, Count, FlopRate, Hertz, Watt

UNKNOWN = float("nan")


class Chip(NamedTuple):
    """One package, in SI units. NaN is a figure nobody gave; any field may be a column.

    The fields are the numeric fields of `data/fields/chip.yaml`, whose `basis` says what each
    counts: `dense_*` without sparsity, `scaleup_bandwidth` one way, `die_area` per package.
    """

    compute_dies: Count = UNKNOWN
    die_area: Area = UNKNOWN
    die_area_per_compute_die: Area = UNKNOWN
    transistors: Count = UNKNOWN
    dense_fp64: FlopRate = UNKNOWN
    dense_tf32: FlopRate = UNKNOWN
    dense_fp32: FlopRate = UNKNOWN
    dense_fp16: FlopRate = UNKNOWN
    dense_bf16: FlopRate = UNKNOWN
    dense_fp8: FlopRate = UNKNOWN
    dense_fp6: FlopRate = UNKNOWN
    dense_fp4: FlopRate = UNKNOWN
    dense_int8: FlopRate = UNKNOWN
    dense_int4: FlopRate = UNKNOWN
    dense_fp16_fp32_accumulate: FlopRate = UNKNOWN
    dense_fp8_fp32_accumulate: FlopRate = UNKNOWN
    dense_fp16_cube_only: FlopRate = UNKNOWN
    vector_fp64: FlopRate = UNKNOWN
    vector_fp32: FlopRate = UNKNOWN
    vector_fp16: FlopRate = UNKNOWN
    special_per_clock_per_core: Count = UNKNOWN
    special_rate: FlopRate = UNKNOWN
    memory_capacity: Byte = UNKNOWN
    memory_bandwidth: ByteRate = UNKNOWN
    memory_bus: Bit = UNKNOWN
    memory_stacks: Count = UNKNOWN
    l2_capacity: Byte = UNKNOWN
    sram_capacity: Byte = UNKNOWN
    cores: Count = UNKNOWN
    boost_clock: Hertz = UNKNOWN
    scaleup_bandwidth: ByteRate = UNKNOWN
    scaleup_bandwidth_both_ways: ByteRate = UNKNOWN
    scaleup_links: Count = UNKNOWN
    scaleup_domain: Count = UNKNOWN
    scaleout_bandwidth: ByteRate = UNKNOWN
    pcie_generation: Count = UNKNOWN
    tdp: Watt = UNKNOWN
    mig_instances: Count = UNKNOWN
