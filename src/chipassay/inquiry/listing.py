"""What the catalogue holds: all chips, one chip, several side by side."""

from __future__ import annotations

import math
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.errors import QuestionError, UnknownNameError
from chipassay.facts.fact import Entry, Fact, Price, Rival, Source
from chipassay.facts.fields import Field
from chipassay.inquiry.footnotes import source_json
from chipassay.records.answer import Answer, Part
from chipassay.records.question import Question

_LISTED = ("dense_fp16", "memory_capacity", "memory_bandwidth", "scaleup_bandwidth", "tdp")


def chips(question: Question, catalogue: Catalogue) -> Answer:
    """Every chip in a line."""
    listed = catalogue.chips()
    if question.vendor is not None:
        vendors = {vendor.casefold(): vendor for vendor in catalogue.vendors()}
        vendor = vendors.get(question.vendor.casefold())
        if vendor is None:
            hint = "see `chipassay chips`"
            raise UnknownNameError("maker", question.vendor, vendors, meaning=vendors, hint=hint)
        listed = [chip for chip in listed if chip.vendor == vendor]
    rows = [
        {"id": chip.id, "name": chip.name, "vendor": chip.vendor, "status": chip.status}
        | {name: _number(chip, name) for name in _LISTED}
        for chip in listed
    ]
    return Answer(question, Part({"chips": rows}), context={"fields": catalogue.fields("chip")})


def show(question: Question, catalogue: Catalogue) -> Answer:
    """Every figure of a chip, or one of them."""
    found = catalogue.chip(question.chip or "")
    entry = found.entry
    facts = dict(entry.facts)
    if question.field is not None:
        field = catalogue.field("chip", question.field)
        facts = {question.field: facts[question.field]} if question.field in facts else {}
        if not facts:
            hint = "unknown is an answer; to try a value: --but CHIP.FIELD=VALUE"
            raise QuestionError(f"nobody gives {field.name} of {entry.name}", hint=hint)
    used = _sources(facts.values(), () if question.field else entry.prices)
    answer: dict[str, Any] = {
        "chip": {
            "id": entry.id, "name": entry.name, "vendor": entry.vendor, "design": entry.design,
            "status": entry.status, "aliases": list(entry.aliases),
        },
        "figures": {name: figure_json(fact) for name, fact in facts.items()},
    }  # fmt: skip
    if question.field is None:
        answer["unknown"] = [name for name in catalogue.fields("chip") if name not in facts]
        answer["prices"] = [_price(price) for price in entry.prices]
        answer["market"] = catalogue.market(entry.id)
        answer["systems"] = [
            {"id": system.id, "name": system.name} for system in catalogue.systems_of(entry.id)
        ]
        answer["notes"] = list(entry.notes)
    return Answer(
        question, Part(answer), sources=used, warnings=found.remarks, context={"entry": entry}
    )


def compare(question: Question, catalogue: Catalogue) -> Answer:
    """Chips side by side, with ratios to the first."""
    found = [catalogue.chip(name) for name in question.chips]
    entries = [each.entry for each in found]
    if len({entry.id for entry in entries}) < len(entries):
        hint = "name each chip once; to compare with a what-if, use --but in two runs"
        raise QuestionError("a chip is named twice", where="compare", hint=hint)
    rows = [
        _compared(field, entries) for field in catalogue.fields("chip").values() if field.compare
    ]
    compared = [row for row in rows if any(value is not None for value in row["values"])]
    facts = [
        entry.facts[row["field"]]
        for row in compared
        for entry in entries
        if row["field"] in entry.facts
    ]
    answer = {
        "chips": [{"id": entry.id, "name": entry.name} for entry in entries],
        "rows": compared,
    }
    remarks = tuple(remark for each in found for remark in each.remarks)
    context = {"entries": entries, "fields": catalogue.fields("chip")}
    return Answer(
        question, Part(answer), sources=_sources(facts, ()), warnings=remarks, context=context
    )


def figure_json(fact: Fact) -> dict[str, Any]:
    """One figure in the JSON form."""
    plain: dict[str, Any] = {
        "value": fact.value,
        "unit": fact.field.si,
        "written": fact.written,
        "basis": fact.field.basis,
        "confidence": fact.confidence,
        "standing": fact.standing,
        "kind": fact.kind,
        "sources": [source.key for source in fact.sources],
        "date": max((source.date for source in fact.sources), default=""),
        "rivals": [_rival(rival) for rival in fact.rivals],
    }
    for key in ("inherited_from", "note"):
        if getattr(fact, key):
            plain[key] = getattr(fact, key)
    return plain


def _rival(rival: Rival) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "value": rival.value,
        "written": rival.written,
        "confidence": rival.confidence,
    }
    plain["sources"] = [source.key for source in rival.sources]
    return plain | ({"note": rival.note} if rival.note else {})


def _price(price: Price) -> dict[str, Any]:
    return {
        "value": price.written, "kind": price.kind, "date": price.date, "note": price.note,
        "confidence": price.confidence, "sources": [source.key for source in price.sources],
    }  # fmt: skip


def _compared(field: Field, entries: list[Entry]) -> dict[str, Any]:
    facts = [entry.facts.get(field.name) for entry in entries]
    values = [fact.value if fact else None for fact in facts]
    return {
        "field": field.name,
        "title": field.title,
        "unit": field.si,
        "basis": field.basis,
        "values": values,
        "standing": [fact.standing if fact else "unknown" for fact in facts],
        "ratios": [_ratio(value, values[0]) for value in values],
    }


def _ratio(value: object, first: object) -> float | None:
    if isinstance(value, float) and isinstance(first, float) and first > 0:
        return value / first
    return None


def _number(chip: Entry, name: str) -> float | None:
    value = chip.number(name)
    return None if math.isnan(value) else value


def _sources(facts: Any, prices: tuple[Price, ...]) -> tuple[dict[str, Any], ...]:
    used: dict[str, Source] = {}
    for fact in facts:
        for each in (fact, *fact.rivals):
            used |= {source.key: source for source in each.sources}
    for price in prices:
        used |= {source.key: source for source in price.sources}
    return tuple(source_json(source) for _, source in sorted(used.items()))
