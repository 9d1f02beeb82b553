"""The whole answer about one chip: may it ship, what can it do, what binds."""

from __future__ import annotations

from typing import Any

from chipassay.catalogue.catalogue import Catalogue, Found
from chipassay.catalogue.models import FoundModel, find_model
from chipassay.facts.fact import Entry
from chipassay.formulas.roofline import ratio
from chipassay.inquiry.cuts import against_real, cut_fields
from chipassay.inquiry.footnotes import Footnotes
from chipassay.inquiry.shipping import ship
from chipassay.inquiry.side import SERVE_FIELDS, Side, side_of
from chipassay.inquiry.work import serve, train
from chipassay.records.answer import Answer, Part, Reason
from chipassay.records.question import Question
from chipassay.trace import watching

PRECISIONS = ("fp64", "tf32", "fp32", "fp16", "bf16", "fp8", "int8", "fp6", "fp4", "int4")
RATIOS = {
    "memory_bandwidth_ratio": "memory_bandwidth",
    "memory_capacity_ratio": "memory_capacity",
    "scaleup_bandwidth_ratio": "scaleup_bandwidth",
}
FREE = "no_licence"


def assay(question: Question, catalogue: Catalogue) -> Answer:
    """Answer the question `assay`, with its derivation."""
    found = [catalogue.chip(name) for name in (question.chip, question.against) if name]
    models = {
        use: find_model(catalogue, name)
        for use, name in (("train", question.train), ("serve", question.serve))
        if name
    }
    notes = Footnotes(catalogue, models.values())
    with watching():
        sides = [side_of(each.entry) for each in found]
        fields, reasons = _fields(question, catalogue, sides, models, notes)
    if question.cuts and len(sides) > 1:
        fields |= cut_fields(sides[0], sides[1], models)
    if question.but and models:
        fields["what_if"] = _what_if(question, sides, models)
    outcome = fields["ship"]["enforced"]["outcome"] if "ship" in fields else FREE
    return Answer(
        question=question,
        answer=Part(fields),
        because=tuple(reasons),
        sources=notes.sources(),
        warnings=_warnings(found, models, sides),
        refusal=outcome.startswith("licence"),
    )


def _fields(
    question: Question,
    catalogue: Catalogue,
    sides: list[Side],
    models: dict[str, FoundModel],
    notes: Footnotes,
) -> tuple[dict[str, Any], list[Reason]]:
    fields: dict[str, Any] = {"chip": _identity(sides[0].entry)}
    reasons: list[Reason] = []
    if len(sides) > 1:
        fields["against"] = _identity(sides[1].entry)
        fields |= _ratios(sides[0], sides[1], notes, reasons)
    if question.to:
        side = sides[0]
        fields["ship"] = ship(side.entry, side.chip, question, catalogue, notes, reasons)
    for use, work, share in (
        ("train", train, "training-efficiency"),
        ("serve", serve, "serving-efficiency"),
    ):
        if use in models:
            reached = catalogue.assumption(share)
            fields[use] = work(sides, models[use], reached, notes, reasons)
    return fields | {"cuts": []}, reasons


def _what_if(
    question: Question, sides: list[Side], models: dict[str, FoundModel]
) -> list[dict[str, Any]]:
    """The chip as it was changed in the question, beside the chip as it is."""
    from chipassay.inquiry import catalogue_for

    plain = catalogue_for(question.model_copy(update={"but": {}}))
    real = side_of(plain.chip(question.chip or "").entry)
    return against_real(sides[0], real, sides[1] if len(sides) > 1 else None, models)


def _identity(entry: Entry) -> dict[str, Any]:
    return {"id": entry.id, "name": entry.name}


def _ratios(side: Side, other: Side, notes: Footnotes, reasons: list[Reason]) -> dict[str, Any]:
    """Ratios of data-sheet figures, dense over dense and one way over one way."""
    peaks = {}
    for precision in PRECISIONS:
        field = f"dense_{precision}"
        if field in side.entry.facts and field in other.entry.facts:
            value = ratio(getattr(side.chip, field), getattr(other.chip, field))
            reasons += notes.reasons(f"peak_ratio.{precision}", value)
            peaks[precision] = float(value)
    result: dict[str, Any] = {"peak_ratio": peaks}
    for name, field in RATIOS.items():
        value = ratio(getattr(side.chip, field), getattr(other.chip, field))
        reasons += notes.reasons(name, value)
        result[name] = float(value)
    return result


def _warnings(
    found: list[Found], models: dict[str, FoundModel], sides: list[Side]
) -> tuple[str, ...]:
    remarks = [remark for each in found for remark in each.remarks]
    remarks += [remark for model in models.values() for remark in model.remarks]
    for side in sides:
        remarks += _unverified(side.entry, (side.rate_field, "die_area", *SERVE_FIELDS))
    return tuple(dict.fromkeys(remarks))


def _unverified(entry: Entry, fields: tuple[str, ...]) -> list[str]:
    """A remark for each figure an answer rests on that nobody has read in a source."""
    facts = [entry.facts[name] for name in fields if name in entry.facts]
    return [
        f"unverified: {fact.name} = {fact.shown} ({fact.standing})"
        for fact in facts
        if not fact.verified and fact.confidence != "asked"
    ]
