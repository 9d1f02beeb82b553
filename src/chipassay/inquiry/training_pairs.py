"""Measured steps of like work on two chips: what their gap is made of."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, NamedTuple

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.model_numbers import numbers
from chipassay.formulas.utilisation import utilisation
from chipassay.inquiry.training_bench import machine
from chipassay.inquiry.training_cases import read
from chipassay.inquiry.training_rows import Case
from chipassay.model.run import gap_of_utilisations
from chipassay.model.utilisation import counted

WIDE = ("bf16", "fp16")
CONVENTION = "causal-half"
APART = 2.0
"""Sequences of like work differ by no more than this factor."""


class Measured(NamedTuple):
    """One row: tokens a second and chip, and the share of the matrix rate that is."""

    case: Case
    rate: float
    share: float


def measured_pairs(path: Path, catalogue: Catalogue, own: str, other: str) -> list[dict[str, Any]]:
    """For models as deep and as wide on both chips, in 16 bits, the best row of each.

    Their sequences are the nearest there are. Ratios are of FLOP a second (`causal-half`): total =
    silicon (full matrix rates) x stack (utilisations).
    """
    peaks = {name: _peak(catalogue, name) for name in (own, other)}
    found: dict[str, dict[tuple[int, int], list[Measured]]] = {own: {}, other: {}}
    for each in read(path, catalogue).cases:
        chip = catalogue.chip(each.chip).entry.id
        if chip in found and each.precision in WIDE and math.isfinite(each.step):
            key = each.architecture.layers, each.architecture.hidden
            found[chip].setdefault(key, []).append(_measured(each, peaks[chip]))
    pairs = []
    for key in sorted(found[own].keys() & found[other].keys()):
        near = min(_nearness(a, b) for a in found[own][key] for b in found[other][key])
        if near > math.log(APART):
            continue
        pairs.append(_pair(key, near, found[own][key], found[other][key], peaks[own], peaks[other]))
    return pairs


def _peak(catalogue: Catalogue, chip: str) -> float:
    return float(machine(catalogue.chip(chip).entry, catalogue, "bf16").silicon.matrix)


def _measured(case: Case, peak: float) -> Measured:
    rate = float(case.plan.batch) * case.sequence / (case.step * case.chips)
    flop = counted(numbers(case.architecture), case.sequence, CONVENTION)
    return Measured(case, rate, float(utilisation(flop, rate, peak)))


def _nearness(one: Measured, other: Measured) -> float:
    return abs(math.log(one.case.sequence / other.case.sequence))


def _pair(
    key: tuple[int, int],
    near: float,
    own: list[Measured],
    other: list[Measured],
    peak: float,
    other_peak: float,
) -> dict[str, Any]:
    """The best rows among those whose sequences are that near, and their gap."""
    like = [(a, b) for a in own for b in other if _nearness(a, b) <= near]
    mine = max((a for a, _ in like), key=_share)
    yours = max((b for _, b in like), key=_share)
    one = gap_of_utilisations(mine.share, peak, yours.share, other_peak)
    return {
        "layers": key[0], "hidden": key[1],
        "throughput_ratio": float(one.total), "silicon_ratio": float(one.silicon),
        "stack_ratio": float(one.stack), "stack_share": float(one.stack_share),
        "rows": [_row(each) for each in (mine, yours)],
    }  # fmt: skip


def _share(one: Measured) -> float:
    return one.share


def _row(one: Measured) -> dict[str, Any]:
    case = one.case
    return {
        "model": case.row.word("model"), "chip": case.chip, "chips": case.chips,
        "sequence": case.sequence, "stack": case.stack, "tokens_per_s_per_chip": one.rate,
        "mfu": one.share, "source": case.row.word("source"),
    }  # fmt: skip
