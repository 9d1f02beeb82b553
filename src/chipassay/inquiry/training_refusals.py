"""What a chip lacks for training: a number format, a network, a figure nobody published."""

from __future__ import annotations

import math
from collections.abc import Iterator

from chipassay.catalogue.catalogue import Catalogue
from chipassay.errors import QuestionError
from chipassay.facts.fact import Entry
from chipassay.inquiry.training_bench import FEW_CORES, FORMATS, Machine
from chipassay.model.kernels.silicon import MATRIX_RATES
from chipassay.records.question import TRAINED

SCALED = ("mxfp8", "nvfp4", "mxfp4")
"""Formats whose scales for blocks want units of their own: those that also multiply in 4 bits."""
FOUR_BITS = "dense_fp4"


def formats_of(chip: Entry) -> list[str]:
    """Formats that a chip's matrix units train in, as far as its rates are published."""
    return [
        name
        for name in TRAINED
        if any(field in chip.facts for field in MATRIX_RATES[FORMATS.get(name, name)])
        and (name not in SCALED or FOUR_BITS in chip.facts)
    ]


def refuse_kernels(chip: Entry, precision: str) -> None:
    """Refuse a format that the chip has no rate in, and a chip whose products nobody can time."""
    known = formats_of(chip)
    if precision not in known and known:
        problem = f"{chip.name} has no published matrix rate in {precision}"
        hint = f"it trains in {', '.join(known)}"
        raise QuestionError(problem, where="--precision", hint=hint)
    caches = (chip.number(name) for name in ("l2_capacity", "sram_capacity"))
    if chip.number("cores") >= FEW_CORES and not any(size > 0.0 for size in caches):
        problem = f"nobody published the last cache of {chip.id}, which its products wait for"
        hint = f"set it with --but {chip.id}.l2_capacity=…"
        raise QuestionError(problem, where=chip.id, hint=hint)


def refuse_unknown(chip: Entry, node: Machine, chips: int, catalogue: Catalogue) -> None:
    """Refuse what cannot be timed for want of a figure, or of a network; says how to set it."""
    for problem, field in _lacking(chip, node, chips, catalogue):
        hint = f"set it with --but {chip.id}.{field}=…"
        if field == "scaleout_bandwidth":
            hint = f"ask for {node.net.node:g} chips or fewer, or {hint}"
        raise QuestionError(problem, where=chip.id, hint=hint)


def _lacking(
    chip: Entry, node: Machine, chips: int, catalogue: Catalogue
) -> Iterator[tuple[str, str]]:
    if math.isnan(chip.number("memory_capacity")):
        yield f"nobody published the memory of {chip.id}", "memory_capacity"
    inside = float(node.net.node)
    if chips > 1 and not float(node.net.link) > 0.0:
        yield f"nobody published what joins {chip.id} in a node", "scaleup_bandwidth"
    if chips > inside and not float(node.net.port) > 0.0:
        systems = catalogue.systems_of(chip.id)
        where = systems[0].name if systems else chip.name
        problem = f"{where} has no known network beyond its {inside:g} chips"
        yield problem, "scaleout_bandwidth"


def assumed_network(chip: Entry, node: Machine, chips: int, catalogue: Catalogue) -> str:
    """A remark where nobody knows the system's network, so that a usual one is assumed."""
    known = bool(catalogue.systems_of(chip.id)) or "scaleout_bandwidth" in chip.facts
    if known or chips <= float(node.net.node):
        return ""
    return (
        f"assumed: nodes of {node.net.node:g} with a 400 Gb/s port a chip, as no system of "
        f"{chip.id} is known (--but {chip.id}.scaleout_bandwidth=…)"
    )
