"""Figures that follow from two others: rate over power, and lanes from rate and clock."""

from __future__ import annotations

from chipassay.claims.claim import Amount, Claim, Verdict, cannot_tell
from chipassay.claims.tolerance import agrees, differs
from chipassay.facts.fact import Entry
from chipassay.units import convert


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


def lanes(claim: Claim, amount: Amount, entries: list[Entry]) -> Verdict:
    """Lanes are the vector rate over two operations a clock; only one maker counts them so."""
    known = [
        (entry, entry.facts["vector_fp32"],
         entry.number("vector_fp32") / entry.number("boost_clock") / 2)
        for entry in entries if "vector_fp32" in entry.facts and "boost_clock" in entry.facts
    ]  # fmt: skip
    if not known or "CUDA" not in amount.written:
        return cannot_tell("how many lanes it has is not held", field="lanes")
    entry, rate, count = known[0]
    reference = (
        f"{entry.name}: {rate.field.title} {rate.shown} at its boost clock, so {count:,.0f} lanes"
    )
    base = {"chip": entry.id, "field": "lanes", "asked": asked(entry, "vector_fp32"),
            "sources": tuple(source.key for source in rate.sources)}  # fmt: skip
    if not all(each.verified for _, each, _ in known):
        return Verdict("cannot tell", reference, "the rate is not verified", **base)  # type: ignore[arg-type]
    if any(agrees(amount, each, 0.02) for _, _, each in known):
        return Verdict("supported", reference, **base)  # type: ignore[arg-type]
    if all(differs(amount, each, 0.08) for _, _, each in known):
        return Verdict("contradicted", reference, **base)  # type: ignore[arg-type]
    return Verdict("cannot tell", reference, "it lies close to that", **base)  # type: ignore[arg-type]
