"""Features and sums: the smaller kinds of claim."""

from __future__ import annotations

import math
import re
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.models import find_model
from chipassay.claims.claim import Amount, Claim, Verdict, cannot_tell
from chipassay.claims.verdicts.derived import asked
from chipassay.claims.verdicts.tolerance import agrees, differs
from chipassay.facts.fact import Entry, Fact
from chipassay.units import text


def feature_verdict(claim: Claim, catalogue: Catalogue) -> Verdict:
    """A feature is there where the catalogue knows a figure of it."""
    if claim.subject is None or claim.subject.kind != "chip":
        return cannot_tell("the sentence names no chip, and none is named just before it")
    entry = catalogue.chip_entry(claim.subject.ids[0])
    fact = entry.facts.get(_HELD.get(claim.field, claim.field))
    if fact is None and _lack(entry, claim.field, catalogue):
        return Verdict(
            "supported" if claim.relation == "absent" else "contradicted",
            f"{entry.name}: no chip of its design ({entry.design}) has it", chip=entry.id,
            field=claim.field, asked=asked(entry, "dense_fp16"),
        )  # fmt: skip
    if fact is None:
        return cannot_tell("no source says whether it is there", chip=entry.id, field=claim.field)
    there = _links(claim.words, str(fact.value)) if fact.field.name == _LINK else bool(fact.value)
    support = _support(entry.facts, claim.field)
    reference = f"{entry.name}: {fact.field.title} {fact.shown}" + support
    base: dict[str, Any] = {
        "reference": reference, "chip": entry.id, "field": claim.field,
        "asked": asked(entry, fact.field.name), "sources": tuple(s.key for s in fact.sources),
    }  # fmt: skip
    if not fact.verified:
        return Verdict("cannot tell", note=f"our own figure is only {fact.standing}", **base)
    agrees_with = there == (claim.relation == "present")
    return Verdict("supported" if agrees_with else "contradicted", **base)


_LINK = "scaleup_name"
_HELD = {"scaleup_bandwidth": _LINK, "mig": "mig_instances"}
"""The field that tells of a feature."""


def _links(words: str, known: str) -> bool:
    """Whether the link that is named, or any where none is, is the one that a chip has."""
    if words.casefold().startswith("nvswitch"):
        return "NVLink" in known and "bridge" not in known
    name = re.match(r"NVLink|HCCS", words, re.I)
    return name.group().casefold() in known.casefold() if name else known != "none"


_FORMATS = ("dense_fp4", "dense_fp6", "dense_fp8", "dense_tf32", "dense_bf16")
_KIN, _RATES = 3, 4
"""So many chips of a design, each with so many rates, and none in a format: it lacks it."""


def _lack(entry: Entry, field: str, catalogue: Catalogue) -> bool:
    """Whether a chip surely lacks a format: its whole design is held, and no chip of it has it."""
    if field not in _FORMATS or entry.vendor != "NVIDIA":
        return False
    core = catalogue.core_design(entry)[0]
    kin = [chip for chip in catalogue.chips() if core and catalogue.core_design(chip)[0] == core]
    told = [sum(name.startswith("dense_") for name in chip.facts) for chip in kin]
    return len(kin) >= _KIN and min(told) >= _RATES and all(field not in c.facts for c in kin)


def _support(facts: Any, field: str) -> str:
    rate: Fact | None = facts.get("dense_fp8")
    return f"; FP8 matrix {rate.shown}, dense" if field == "fp8_engine" and rate is not None else ""


def sum_verdict(claim: Claim, catalogue: Catalogue) -> Verdict:
    """A sum is done again; a model's size is looked up."""
    amount = claim.amount
    if claim.field == "weekday":
        told = f"{claim.facts['day']} was a {claim.facts['known']}"
        return Verdict("inconsistent", told, "day and date do not agree", field=claim.field)
    if amount is None:
        return cannot_tell("nothing to reckon with", field=claim.field)
    if claim.field == "parameters":
        return _size(claim, amount, catalogue)
    if claim.field == "electricity":
        return _yearly(claim, amount, catalogue)
    known = float(claim.facts["known"])
    if math.isnan(known):
        return cannot_tell(f"nothing to reckon with: {claim.words}", field=claim.field)
    money = amount.unit in ("USD", "CNY")
    shown = f"{known:,.4g}" if amount.noun in ("chips", "times") else f"{100 * known:.3g} %"
    if money or amount.unit in ("s", "FLOP/s"):
        shown = text(known, amount.unit)
    reference = f"{claim.words} = {shown}"
    half = 1.5 * max((amount.high - amount.low) / 2, 0.0)
    low, high = claim.facts.get("ends", (known, known))
    if low - half <= amount.value <= high + half or agrees(amount, known):
        if "ends" not in claim.facts:
            return Verdict("supported", reference, field=claim.field)
        return cannot_tell("its own numbers agree; where they are from is not known",
                           reference=reference, field=claim.field)  # fmt: skip
    return Verdict("inconsistent", reference, "the sentence's own numbers give another result",
                   field=claim.field)  # fmt: skip


def _yearly(claim: Claim, amount: Amount, catalogue: Catalogue) -> Verdict:
    """A year's electricity: of the power that the sentence, or the chip's data sheet, gives."""
    known, seconds = float(claim.facts["known"]), float(claim.facts["seconds"])
    subject = claim.subject
    facts = (
        [catalogue.chip_entry(id_).facts.get("tdp") for id_ in subject.ids]
        if subject is not None and subject.kind == "chip"
        else []
    )
    powers = [float(fact.value) for fact in facts if fact is not None and fact.verified]
    reckoned = [known] if not math.isnan(known) else [power * seconds for power in powers]
    if not reckoned:
        return cannot_tell("no verified power is held to reckon with", field=claim.field)
    reference = f"{claim.words} = {text(reckoned[0], 'J')}"
    if any(agrees(amount, each) for each in reckoned):
        return Verdict("supported", reference, field=claim.field)
    told = "measured draw and cooling are not in it"
    return cannot_tell(told, reference=reference, field=claim.field)


def _size(claim: Claim, amount: Amount, catalogue: Catalogue) -> Verdict:
    if claim.subject is None:
        return cannot_tell("no model is named", field="parameters")
    models = [find_model(catalogue, id_) for id_ in claim.subject.ids]
    sizes = [float(model.numbers().parameters) for model in models]
    near = min(range(len(sizes)), key=lambda i: abs(math.log(sizes[i] / max(amount.value, 1.0))))
    found, size = models[near], sizes[near]
    reference = f"{found.name}: {text(size, '1')} parameters"
    base: dict[str, Any] = {"reference": reference, "field": "parameters",
                            "sources": tuple(source.key for source in found.sources)}  # fmt: skip
    if agrees(amount, size, 0.06):
        return Verdict("supported", **base)
    sure = all(
        model.confidence == "seen" or not 0.5 < each / max(amount.value, 1.0) < 2.0
        for model, each in zip(models, sizes, strict=True)
    )
    if differs(amount, size, 0.15) and sure and claim.facts.get("beside"):
        told = "no model of that name has this size" if len(models) > 1 else ""
        return Verdict("contradicted", note=told, **base)
    return Verdict("cannot tell", note="close to it, or not verified", **base)
