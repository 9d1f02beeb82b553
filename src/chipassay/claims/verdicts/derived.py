"""Figures that follow from others: rate over power, lanes from cores, PCIe from its generation."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.claim import Amount, Claim, Verdict, cannot_tell
from chipassay.claims.verdicts.tolerance import agrees
from chipassay.facts.fact import Entry
from chipassay.units import convert, parse, text


def asked(entry: Entry, field: str) -> dict[str, str]:
    """The question a person could ask to see the figure."""
    return {"task": "show", "chip": entry.id, "field": field}


def efficiency(claim: Claim, entries: list[Entry]) -> Verdict:
    """Rate over power, at FP16."""
    found = []
    for entry in entries:
        rate, power = entry.facts.get("dense_fp16"), entry.facts.get("tdp")
        if rate is not None and power is not None and claim.amount is not None:
            found.append((entry, rate, convert(float(rate.value) / float(power.value), "TFLOPS")))
    if not found or claim.amount is None:
        return cannot_tell("power or rate is unknown", field="efficiency")
    entry, rate, _ = found[0]
    known = ", ".join(f"{value:.2g}" for _, _, value in found)
    reference = f"{entry.name}: dense FP16 rate over power limit, {known} TFLOPS/W"
    base = {"chip": entry.id, "field": "efficiency", "asked": asked(entry, "dense_fp16"),
            "sources": tuple(source.key for source in rate.sources)}  # fmt: skip
    values = [value for _, _, value in found]
    if any(agrees(claim.amount, value, 0.1) for value in values):
        return Verdict("supported", reference, "at dense FP16", **base)  # type: ignore[arg-type]
    if min(values) / 3 > claim.amount.value or claim.amount.value > 3 * max(values):
        told = "more than three times off, so that no precision explains it"
        return Verdict("contradicted", reference, told, **base)  # type: ignore[arg-type]
    return Verdict("cannot tell", reference, "another precision may be meant", **base)  # type: ignore[arg-type]


def per_core(claim: Claim, amount: Amount, entries: list[Entry], catalogue: Catalogue) -> Verdict:
    """Lanes and matrix units: cores times what one core of the design has; only one maker's lanes
    go by that name."""
    own = _counts(claim.field, entries, catalogue)
    written = amount.written.casefold()
    if not own or (re.search("[a-z]", written) and not re.search(_NAMED[claim.field], written)):
        return cannot_tell("how many of them it has is not held", field=claim.field)
    entry, count, keys = own[0]
    cores = entry.facts["cores"]
    each_has = count / float(cores.value)
    reference = f"{entry.name}: {cores.shown} {entry.core_name}s of {each_has:g}, so {count:,.0f}"
    base: dict[str, Any] = {
        "reference": reference, "chip": entry.id, "field": claim.field,
        "asked": asked(entry, "cores"), "sources": (*(s.key for s in cores.sources), *keys),
    }  # fmt: skip
    if not all(each.facts["cores"].verified for each, _, _ in own):
        return Verdict("cannot tell", note="the number of its cores is not verified", **base)
    for each, value, _ in own:
        if agrees(amount, value, _EXACT):
            return Verdict("supported", note="" if each is entry else f"of the {each.name}", **base)
    if amount.value == each_has:
        return Verdict("supported", note=f"of one {entry.core_name}", **base)
    if "per core" in claim.conventions:
        return Verdict("contradicted", note=f"of one {entry.core_name}", **base)
    if claim.conventions & _LOOSE:
        return Verdict("cannot tell", note="it may be of a part of it, or of several", **base)
    if any(agrees(amount, value) for _, value, _ in own):
        return Verdict("cannot tell", note="it lies close to that", **base)
    if any(agrees(amount, float(rival.value) * value / each.number("cores"), _EXACT)
           for each, value, _ in own for rival in each.facts["cores"].rivals):  # fmt: skip
        return Verdict("cannot tell", note="sources disagree", **base)
    others = [chip for chip, value, _ in _counts(claim.field, catalogue.chips(), catalogue)
              if agrees(amount, value, _EXACT) and chip.vendor == entry.vendor]  # fmt: skip
    others.sort(key=lambda each: (each.text("announced"), each.id))
    if others:
        told = "the figure belongs to the " + ", ".join(each.name for each in others[:3])
        ids = tuple(each.id for each in others[:6])
        return Verdict("right for another chip", note=told, others=ids, **base)
    return Verdict("contradicted", note="no variant explains the figure", **base)


_PER_CORE = 16
"""A core has more lanes than this."""


def of_lanes(claim: Claim, entries: list[Entry]) -> Claim:
    """A number of "cores" that is far above a chip's is one of its lanes."""
    cores, amount = entries[0].number("cores"), claim.amount
    if claim.field != "cores" or amount is None or not amount.value > _PER_CORE * cores:
        return claim
    return replace(claim, field="lanes")


_NAMED = {"lanes": r"cuda|fp32|^[\d,.]+k? cores$", "matrix_units": "tensor"}
_LOOSE = frozenset(("part", "together", "either", "limit", "measured"))
_EXACT = 0.004
"""Lanes are counted, not rounded."""


def _counts(
    field: str, entries: Iterable[Entry], catalogue: Catalogue
) -> list[tuple[Entry, float, tuple[str, ...]]]:
    """Chips with how many lanes or matrix units they have, and who says so."""
    found = []
    for entry in entries:
        each, keys = catalogue.per_core(entry, field)
        count = each * entry.number("cores")
        if math.isfinite(count):
            found.append((entry, count, keys))
    return found


_FIFTH = parse("64 GB/s", "B/s"), parse("63 GB/s", "B/s")
"""Sixteen lanes of generation 5, one way: as the press prints it, and after the coding."""


def pcie(amount: Amount, entries: list[Entry]) -> Verdict:
    """The rate of sixteen lanes of a chip's PCIe, which doubles with each generation."""
    found = [e for e in entries if "pcie_generation" in e.facts]
    if not found:
        return cannot_tell("no source gives its PCIe", field="pcie_bandwidth")
    for entry in found:
        fact = entry.facts["pcie_generation"]
        times = 2.0 ** (float(fact.value) - 5)
        base: dict[str, Any] = {
            "reference": f"{entry.name}: PCIe generation {fact.shown}, "
            f"{text(_FIFTH[0] * times, 'B/s')} one way at 16 lanes",
            "chip": entry.id, "field": "pcie_bandwidth", "asked": asked(entry, "pcie_generation"),
            "sources": tuple(source.key for source in fact.sources),
        }  # fmt: skip
        if any(agrees(amount, each * times * ways, 0.01) for each in _FIFTH for ways in (1.0, 2.0)):
            return Verdict("supported" if fact.verified else "cannot tell", **base)
    return Verdict("cannot tell", note="how many lanes are meant is not said", **base)


def link_alone(claim: Claim, catalogue: Catalogue) -> Verdict:
    """A generation of a link named without a chip: its full rate is that of the chip that has
    most of it. Nothing is called wrong, since a chip may have fewer links."""
    name, amount = str(claim.facts.get("link", "")), claim.amount
    unnamed = cannot_tell("the sentence names no chip, and none is named just before it")
    if not name or amount is None:
        return unnamed
    both = "scaleup_bandwidth_both_ways"
    chips = [c for c in catalogue.chips() if c.text("scaleup_name") == name and both in c.facts]
    chips = [chip for chip in chips if chip.facts[both].verified]
    if not chips:
        return unnamed
    chip = min(chips, key=lambda each: (-each.number(both), each.text("announced"), each.id))
    fact = chip.facts[both]
    base: dict[str, Any] = {
        "reference": f"{name} of the {chip.name}: {fact.shown} both ways",
        "chip": chip.id, "field": both, "asked": asked(chip, both),
        "sources": tuple(source.key for source in fact.sources),
    }  # fmt: skip
    said, whole = claim.conventions, float(fact.value)
    if agrees(amount, whole / (2.0 if "one way" in said else 1.0)):
        return Verdict("supported", **base)
    if agrees(amount, whole if "one way" in said else whole / 2):
        told = "both ways together" if "one way" in said else "one way"
        return Verdict("right under another convention", note=f"the figure is right {told}", **base)
    return Verdict("cannot tell", note="it may be of one link, or of fewer links", **base)
