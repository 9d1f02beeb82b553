"""May it be shipped: the catalogue's figures before the rulebook of a day."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass, replace
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.errors import QuestionError
from chipassay.facts.fact import Entry
from chipassay.inquiry.footnotes import Footnotes
from chipassay.inquiry.law_reasons import gate_reasons, paragraph_reasons
from chipassay.law import rulebook
from chipassay.law.countries import Countries
from chipassay.law.item import item
from chipassay.law.judge import Finding, Part, answer, judge
from chipassay.law.parcel import HOME, Parcel, Party, party
from chipassay.law.rulebook import READ_UP_TO, Rulebook
from chipassay.law.sway import sways
from chipassay.records.answer import Reason
from chipassay.records.chip import Chip
from chipassay.records.item import Item
from chipassay.records.question import Question
from chipassay.trace import leaf, resting
from chipassay.units import Num

GOVERNING = ("fp64", "fp32", "fp16", "bf16", "fp8", "int8", "fp6", "fp4", "int4")
"""Precisions whose dense rates compete for the highest TPP; one nobody gives is passed over."""
WINDOW_DAY = "2026-01-15"
MEASURES = {
    "performance": "a dense rate of the chip (at 16 bits where only narrower ones are known)",
    "density": "die_area",
    "input_output": "scaleup_bandwidth_both_ways and pcie_generation",
    "memory_bandwidth": "memory_bandwidth",
    "for_datacenter": "marketed_for_datacenter",
    "stack_density": "memory bandwidth and area of the package",
    "transistors": "the aggregated approximated transistor count",
}
ASKED = {
    "headquarters": "where the buyer and its ultimate parent are headquartered (--hq)",
    "jurisdiction": "whether the part is subject to US rules: a direct product of US technology "
    "(15 CFR 734.9) or with US content above de minimis (734.4)",
}
NOT_CHECKED = (
    "the names of the parties against the Entity List and other lists (--party says what is known)",
    "end uses of part 744 (supercomputers, weapons, chip tools)",
    "deemed exports, US-person activities, de minimis content",
    "other reasons for control (encryption: 5A992, 5A002) and other countries' export laws",
)


@dataclass(frozen=True, slots=True)
class Case:
    """A chip as the law sees it, with everything needed to judge it again."""

    entry: Entry
    item: Item
    part: Part
    parcel: Parcel
    book: Rulebook
    countries: Countries

    def finding(self) -> Finding:
        """The finding for the case as it stands."""
        return judge(self.item, self.part, self.parcel, self.book, self.countries)

    def answer(self) -> tuple[str, str]:
        """Class and enforced outcome alone."""
        return answer(self.item, self.part, self.parcel, self.book, self.countries)

    def on(self, day: datetime.date, catalogue: Catalogue) -> Case:
        """The same shipment on another day."""
        book = rulebook.at(day, catalogue.rules())
        return replace(self, parcel=replace(self.parcel, on=day), book=book)


def case_of(entry: Entry, chip: Chip, question: Question, catalogue: Catalogue) -> Case:
    """The chip and the shipment that a question is about."""
    countries = Countries(catalogue.countries())
    on = question.on or datetime.datetime.now(datetime.UTC).date()
    book = rulebook.at(on, catalogue.rules(), question.known)
    maker = entry.vendor
    part = Part(entry.id, entry.name, maker, "ic")
    measured = _item(entry, chip, marketed(entry, question))
    return Case(entry, measured, part, _parcel(question, on, maker, countries), book, countries)


def _parcel(question: Question, on: datetime.date, maker: str, countries: Countries) -> Parcel:
    to = countries.code(question.to or "", where="--to")
    designer = countries.headquarters(maker)
    home = to if question.movement == "transfer" else HOME
    origin = countries.code(question.from_ or home, where="--from")
    movement = question.movement or ("export" if origin == HOME or designer != HOME else "reexport")
    if movement == "transfer" and origin != to:
        hint = "leave --from out, or ask about a reexport"
        raise QuestionError("a transfer stays within one country", where="--movement", hint=hint)
    return Parcel(
        on=on,
        to=to,
        origin=origin,
        headquarters=countries.code(question.hq, where="--hq") if question.hq else "",
        movement=movement,
        party=party(question.party) if question.party else Party(),
        designer=designer,
    )


def marketed(entry: Entry, question: Question) -> bool | None:
    """Whether the part is marketed for data centres: as asked, else as the catalogue says."""
    if question.datacenter is not None:
        return question.datacenter == "yes"
    flag = entry.facts.get("marketed_for_datacenter")
    return bool(flag.value) if flag else None


def _item(entry: Entry, chip: Chip, for_datacenter: bool | None) -> Item:
    """The measured part; what a part without links has of them is its host port."""
    area = float(chip.die_area)
    if area == 0:
        hint = f"give its logic die area: --but '{entry.id}.die_area=814 mm2'"
        raise QuestionError("a die area of zero", where=f"{entry.id}.die_area", hint=hint)
    if entry.text("scaleup_name").casefold().startswith("none"):
        chip = chip._replace(
            scaleup_bandwidth_both_ways=leaf(f"{entry.id}.scaleup_bandwidth_both_ways", 0.0)
        )
    measured = item(chip, for_datacenter=for_datacenter, subject=entry.id)
    released = entry.facts.get("released")
    late = released is not None and str(released.value) > WINDOW_DAY and not _vague(released.value)
    return measured._replace(launched=0.0 if late else 1.0)


def _vague(day: object) -> bool:
    """Whether a date is too coarse to lie surely after the window's day."""
    return WINDOW_DAY.startswith(str(day)) or str(day) in ("2026-Q1", "2026-H1")


def ship(
    entry: Entry,
    chip: Chip,
    question: Question,
    catalogue: Catalogue,
    notes: Footnotes,
    reasons: list[Reason],
) -> dict[str, Any]:
    """The ruling on one chip for one shipment and day, as the JSON form has it."""
    return shipped(case_of(entry, chip, question, catalogue), chip, catalogue, notes, reasons)


def shipped(
    case: Case, chip: Chip, catalogue: Catalogue, notes: Footnotes, reasons: list[Reason]
) -> dict[str, Any]:
    """The ruling on a case, its derivation added to `reasons`."""
    for name, value in case.item._asdict().items():
        if name in ("performance", "density", "input_output", "memory_bandwidth"):
            reasons += notes.reasons(f"ship.{name}", value)
    with resting():
        case = replace(case, item=Item(*map(float, case.item)))
        finding = case.finding()
        reasons += paragraph_reasons(finding, notes, catalogue)
        reasons += gate_reasons(finding, notes, catalogue)
        for rule in (*finding.used, *finding.also):
            notes.use(*map(catalogue.source, rule.sources))
        return as_json(finding, case) | {
            "precisions": [name for name in GOVERNING if f"dense_{name}" in case.entry.facts],
            "depends_on": rivals(case, chip, finding),
        }


def as_json(finding: Finding, case: Case) -> dict[str, Any]:
    """A finding and its shipment as the JSON form has them."""
    part, parcel = case.item, case.parcel
    deciding = (*finding.codified.rules, *finding.enforced.rules)
    answered = (finding.classification, finding.enforced.outcome)
    return {
        "classification": finding.classification,
        "paragraphs": [_paragraph(each) for each in finding.paragraphs],
        **{name: _line(getattr(finding, name)) for name in ("codified", "enforced", "practical")},
        "conditional": [
            {"if": f"headquartered {c.if_}", "codified": c.codified, "enforced": c.enforced}
            for c in finding.conditional
        ],
        "conditions": list(dict.fromkeys(c for r in finding.enforced.rules for c in r.conditions)),
        "notices": list(dict.fromkeys(n for rule in deciding for n in rule.notices)),
        "also": [_beside(rule) for rule in finding.also],
        "flips": sways(part, case.part, parcel, case.book, case.countries, answered),
        "needs": [_need(each, case.entry.id) for each in finding.needs],
        "gates": [{"gate": name, "says": says} for name, says in finding.gates],
        "reach": f"law read up to {READ_UP_TO}; not legal advice",
        "beyond_reach": parcel.on > READ_UP_TO,
        "not_checked": list(NOT_CHECKED),
        "to": parcel.to,
        "from": parcel.origin,
        "hq": parcel.headquarters or None,
        "movement": parcel.movement,
        "party": parcel.party.kind,
        "on": parcel.on.isoformat(),
        "performance": _number(part.performance),
        "performance_is_lower_bound": bool(part.performance_most > part.performance),
        "density": _number(part.density),
        "input_output": _number(part.input_output),
        "memory_bandwidth": _number(part.memory_bandwidth),
        "marketed_for_datacenter": {0.0: False, 1.0: True}.get(float(part.for_datacenter)),
    }


def _line(line: Any) -> dict[str, Any]:
    return {
        "outcome": line.outcome,
        "because": line.because,
        "rules": [rule.id for rule in line.rules],
    }


def _paragraph(paragraph: Any) -> dict[str, Any]:
    return {
        "id": paragraph.id,
        "outcome": paragraph.outcome,
        "margin": paragraph.margin,
        "title": paragraph.title,
        "cite": paragraph.cite,
        "text": paragraph.text,
        "checks": [
            {
                "measure": each.measure,
                "value": _number(each.value),
                "test": "<" if each.below else ">=" if each.measure != "stack_density" else ">",
                "limit": each.limit,
                "margin": _number(each.margin),
            }
            for each in paragraph.checks
        ],
    }


def _beside(rule: rulebook.Rule) -> dict[str, Any]:
    return {
        "id": rule.id, "layer": rule.layer, "state": rule.state, "title": rule.title,
        "text": rule.text, "cite": rule.cite, "conditions": list(rule.conditions),
    }  # fmt: skip


def _need(need: str, entry: str) -> str:
    if need in MEASURES:
        return f"{entry}: {MEASURES[need]}"
    return ASKED.get(need, need)


def rivals(case: Case, chip: Chip, finding: Finding) -> list[dict[str, Any]]:
    """Where another published value of one figure would change the class or the outcome."""
    found = []
    names = (*(f"dense_{name}" for name in GOVERNING), "die_area", "memory_bandwidth",
             "scaleup_bandwidth_both_ways", "pcie_generation")  # fmt: skip
    plain = Chip(*(float(value) for value in chip))
    for name in names:
        fact = case.entry.facts.get(name)
        for rival in fact.rivals if fact else ():
            if "spars" in rival.note.casefold():
                continue  # 3A090 counts dense rates
            other = plain._replace(**{name: float(rival.value)})
            for_datacenter = {0.0: False, 1.0: True}.get(float(case.item.for_datacenter))
            class_, outcome = replace(case, item=_item(case.entry, other, for_datacenter)).answer()
            if (class_, outcome) != (finding.classification, finding.enforced.outcome):
                found.append({
                    "field": name, "value": rival.written,
                    "sources": [source.key for source in rival.sources],
                    "classification": class_,
                    "enforced": outcome,
                })  # fmt: skip
    return found


def _number(value: Num) -> float | None:
    return None if math.isnan(value) or math.isinf(value) else float(value)
