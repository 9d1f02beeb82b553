"""A chip's figures turned into what export rules measure."""

from __future__ import annotations

from typing import Any

from chipassay.formulas.control import (
    greatest,
    input_output_bandwidth,
    pcie_both_ways,
    performance_density,
    total_processing_performance,
)
from chipassay.records.chip import Chip
from chipassay.records.item import Item
from chipassay.trace import formula, leaf
from chipassay.units import Area, Performance, Truth

INFINITE = float("inf")


@formula(cite="ccl723")
def chip_performance(chip: Chip) -> Performance:
    """Total processing performance: the highest over precisions, matrix units, dense.

    TF32 is left out: its bit length, 19 or 32, is disputed, and it governs no part we know.

    Technical Note 1 speaks of all processing units; whether vector pipes are summed on top is
    open. Practice takes the matrix peak, and so does this. A precision nobody published is
    passed over, so an incomplete catalogue can only understate.
    """
    sixteen = greatest(
        total_processing_performance(chip.dense_fp16, 16),
        total_processing_performance(chip.dense_bf16, 16),
    )
    eight = greatest(
        total_processing_performance(chip.dense_fp8, 8),
        total_processing_performance(chip.dense_int8, 8),
    )
    four = greatest(
        total_processing_performance(chip.dense_fp4, 4),
        total_processing_performance(chip.dense_int4, 4),
    )
    wide = greatest(
        total_processing_performance(chip.dense_fp64, 64),
        total_processing_performance(chip.dense_fp32, 32),
    )
    six = total_processing_performance(chip.dense_fp6, 6)
    return greatest(greatest(greatest(sixteen, eight), greatest(four, six)), wide)


def measured(
    performance: Performance,
    area: Area,
    *,
    least: bool = False,
    **others: Any,
) -> Item:
    """An item from its performance and die area. `least`: the performance is a lower bound."""
    density = performance_density(performance, area)
    most = (INFINITE, INFINITE / area) if least else (performance, density)
    return Item(performance, most[0], density, most[1], **others)


def item(chip: Chip, *, for_datacenter: bool | None, subject: str) -> Item:
    """The chip as export rules measure it. `subject` names the leaf of the marketing flag.

    While no rate at 16 bits is published, performance is only a lower bound: a part can be as fast
    at 16 bits as at 8, and then counts twice as much.
    """
    truth: Truth = 0.5 if for_datacenter is None else float(for_datacenter)
    performance = chip_performance(chip)
    known = performance == performance
    sixteen = chip.dense_fp16 == chip.dense_fp16 or chip.dense_bf16 == chip.dense_bf16
    return measured(
        performance,
        chip.die_area,
        least=bool(known and not sixteen),
        input_output=input_output_bandwidth(
            chip.scaleup_bandwidth_both_ways, pcie_both_ways(chip.pcie_generation)
        ),
        memory_bandwidth=chip.memory_bandwidth,
        for_datacenter=leaf(f"{subject}.marketed_for_datacenter", float(truth)),
    )
