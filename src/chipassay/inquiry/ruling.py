"""`ship`: the ruling on one chip for one shipment, its ceilings, and what changed before it."""

from __future__ import annotations

from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.chips import numbers
from chipassay.inquiry.footnotes import Footnotes
from chipassay.inquiry.shipping import Case, case_of, shipped
from chipassay.inquiry.timeline import timeline
from chipassay.law.ceilings import least_area, most_performance
from chipassay.law.classes import table
from chipassay.law.rulebook import READ_UP_TO, Rulebook
from chipassay.records.answer import Answer, Part, Reason
from chipassay.records.question import Question
from chipassay.trace import watching

RESTS_ON = (
    "die_area",
    "memory_bandwidth",
    "scaleup_bandwidth_both_ways",
    "marketed_for_datacenter",
)


def ruling(question: Question, catalogue: Catalogue) -> Answer:
    """Answer the question `ship`, with its derivation."""
    found = catalogue.chip(question.chip or "")
    entry = found.entry
    notes = Footnotes(catalogue)
    reasons: list[Reason] = []
    with watching():
        chip = numbers(entry)
        case = case_of(entry, chip, question, catalogue)
        fields = shipped(case, chip, catalogue, notes, reasons)
    fields = {"chip": {"id": entry.id, "name": entry.name}, **fields}
    if question.ceilings:
        fields["ceilings"] = ceilings(case)
    if question.since is not None:
        fields["timeline"] = timeline(case, question.since, catalogue)
    return Answer(
        question=question,
        answer=Part(fields),
        because=tuple(reasons),
        sources=notes.sources(),
        warnings=_warnings(found.remarks, fields, case),
        refusal=fields["enforced"]["outcome"].startswith("licence"),
    )


def _warnings(remarks: tuple[str, ...], fields: dict[str, Any], case: Case) -> tuple[str, ...]:
    told = list(remarks)
    if case.parcel.on > READ_UP_TO:
        told.append(f"{case.parcel.on} lies after {READ_UP_TO}, up to where the law was read")
    for name in RESTS_ON:
        fact = case.entry.facts.get(name)
        if fact is not None and not fact.verified and fact.confidence != "asked":
            told.append(f"unverified: {fact.name} = {fact.shown} ({fact.standing})")
    if fields["performance_is_lower_bound"]:
        told.append("performance is a lower bound: no dense rate at 16 bits is published")
    for rule in case.book.rules:
        used = rule.id in fields["enforced"]["rules"]
        if used and rule.confidence != "seen":
            told.append(f"unverified: {rule.paragraph} ({rule.confidence})")
    return tuple(dict.fromkeys(told))


def ceilings(case: Case) -> list[dict[str, Any]]:
    """How much of each figure leaves the part outside 3A090 on that day, its others as they are."""
    rows = table(case.book, case.part.kind)
    of = case.item
    market = float(of.for_datacenter)
    area = float(of.performance) / float(of.density) if of.density == of.density else float("nan")
    most = most_performance(rows, area, for_datacenter=market, input_output=float(of.input_output))
    least = least_area(
        rows, float(of.performance), for_datacenter=market, input_output=float(of.input_output)
    )
    found = [
        _ceiling(
            "performance", "below", most, "bit.FLOP/s", float(of.performance), "outside 3A090"
        ),
        _ceiling("die area", "above", least, "m2", area, "outside 3A090"),
    ]
    return found + list(_bandwidths(case.book, case))


def _bandwidths(book: Rulebook, case: Case) -> list[dict[str, Any]]:
    """The limits on bandwidth that the day's letters, windows and old rules draw."""
    found = []
    for layer in ("classification", "letter", "review"):
        for rule in book.layer(layer, ("in force",)):
            if rule.layer == "letter" and case.part.maker not in rule.makers:
                continue
            if rule.layer != "classification" and not case.parcel.meets(rule, case.countries):
                continue
            for name, limit in rule.limits.items():
                measure = name.removesuffix("_below")
                if measure in ("memory_bandwidth", "input_output"):
                    value = float(getattr(case.item, measure))
                    inside = "inside" if rule.layer == "review" else "outside"
                    words = measure.replace("_", " ")
                    found.append(
                        _ceiling(words, "below", limit, "B/s", value, f"{inside} {rule.paragraph}")
                    )
    return found


def _ceiling(
    figure: str, side: str, bound: float, unit: str, now: float, what: str
) -> dict[str, Any]:
    holds = now < bound if side == "below" else now > bound
    return {
        "figure": figure, "side": side, "bound": bound, "unit": unit, "now": now,
        "stays": what, "holds": bool(holds) if now == now else None,
    }  # fmt: skip
