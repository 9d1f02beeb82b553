"""The whole answer about one chip: may it ship, what can it do, what binds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chipassay.catalogue import chips
from chipassay.catalogue.catalogue import Catalogue, Found
from chipassay.catalogue.models import FoundModel, find_model
from chipassay.facts.fact import Entry
from chipassay.formulas.roofline import ratio
from chipassay.inquiry.footnotes import Footnotes
from chipassay.inquiry.shipping import ship
from chipassay.records.answer import Answer, Part, Reason
from chipassay.records.chip import Chip
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
    fields, reasons = _data_sheets(question, catalogue, found, notes)
    if models:
        fields |= _work(question, catalogue, found, models, notes, reasons)
    fields.setdefault("cuts", [])
    outcome = fields["ship"]["enforced"]["outcome"] if "ship" in fields else FREE
    return Answer(
        question=question,
        answer=Part(fields),
        because=tuple(reasons),
        sources=notes.sources(),
        warnings=_warnings(found, models),
        refusal=outcome.startswith("licence"),
    )


def _data_sheets(
    question: Question, catalogue: Catalogue, found: list[Found], notes: Footnotes
) -> tuple[dict[str, Any], list[Reason]]:
    """Who is compared, ratios of published figures, and the ruling."""
    reasons: list[Reason] = []
    entries = [each.entry for each in found]
    fields: dict[str, Any] = {"chip": _identity(entries[0])}
    with watching():
        numbers = [chips.numbers(entry) for entry in entries]
        if len(found) > 1:
            fields["against"] = _identity(entries[1])
            fields |= _ratios(entries, numbers, notes, reasons)
        if question.to:
            fields["ship"] = ship(entries[0], numbers[0], question, catalogue, notes, reasons)
    return fields, reasons


def _work(
    question: Question,
    catalogue: Catalogue,
    found: list[Found],
    models: dict[str, FoundModel],
    notes: Footnotes,
    reasons: list[Reason],
) -> dict[str, Any]:
    """Training and serving of each chip, of its cuts, and of the chip without what-ifs."""
    from chipassay.inquiry import catalogue_for
    from chipassay.inquiry.abilities import fleets, side
    from chipassay.inquiry.ability_fields import serve_fields, train_fields
    from chipassay.inquiry.cuts import Asked, cut_fields, planned
    from chipassay.inquiry.variants import with_ports

    found = [replace(each, entry=with_ports(each.entry, catalogue)) for each in found]
    real = None
    if found[0].entry.modified:
        plain = catalogue_for(question.model_copy(update={"but": {}}))
        real = with_ports(plain.chip(question.chip or "").entry, plain)
    chip, other = found[0].entry, found[1].entry if len(found) > 1 else None
    tables = planned(question, catalogue, chip, other, real)
    many = fleets(question, catalogue, found, models)
    copies = [[row.copy for row in rows] for rows in (tables.own, tables.theirs)]
    sides = [
        side(question, catalogue, each, mine, models, many)
        for each, mine in zip(found, copies, strict=False)
    ]
    fields: dict[str, Any] = {}
    for use, told in (("train", train_fields), ("serve", serve_fields)):
        if use in models:
            fields[use] = told(sides, models[use], catalogue, notes, reasons)
    return fields | cut_fields(Asked(question, catalogue, models, many), sides, tables)


def _identity(entry: Entry) -> dict[str, Any]:
    return {"id": entry.id, "name": entry.name}


def _ratios(
    entries: list[Entry], numbers: list[Chip], notes: Footnotes, reasons: list[Reason]
) -> dict[str, Any]:
    """Ratios of data-sheet figures, dense over dense and one way over one way."""
    (one, other), peaks = entries, {}
    for precision in PRECISIONS:
        field = f"dense_{precision}"
        if field in one.facts and field in other.facts and other.number(field) > 0:
            value = ratio(*(getattr(each, field) for each in numbers))
            reasons += notes.reasons(f"peak_ratio.{precision}", value)
            peaks[precision] = float(value)
    result: dict[str, Any] = {"peak_ratio": peaks}
    for name, field in RATIOS.items():
        value = ratio(*(getattr(each, field) for each in numbers))
        reasons += notes.reasons(name, value)
        result[name] = float(value)
    return result


def _warnings(found: list[Found], models: dict[str, FoundModel]) -> tuple[str, ...]:
    remarks = [remark for each in found for remark in each.remarks]
    remarks += [remark for model in models.values() for remark in model.remarks]
    felt: tuple[str, ...] = ("die_area", "memory_bandwidth", "memory_capacity", "scaleup_bandwidth")
    if models:
        felt += ("cores", "boost_clock", "vector_fp32", "l2_capacity", "tdp")
    for each in found:
        remarks += _unverified(each.entry, (chips.matrix_field(each.entry), *felt))
    return tuple(dict.fromkeys(remarks))


def _unverified(entry: Entry, fields: tuple[str, ...]) -> list[str]:
    """A remark for each figure an answer rests on that nobody has read in a source."""
    facts = [entry.facts[name] for name in fields if name in entry.facts]
    return [
        f"unverified: {fact.name} = {fact.shown} ({fact.standing})"
        for fact in facts
        if not fact.verified and fact.confidence != "asked"
    ]
