"""May it be shipped: the catalogue's figures before the rulebook of a day."""

from __future__ import annotations

import datetime
import math
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.facts.fact import Entry
from chipassay.inquiry.footnotes import Footnotes
from chipassay.law import rulebook
from chipassay.law.item import item
from chipassay.law.judge import Finding, judge
from chipassay.records.answer import Reason
from chipassay.records.chip import Chip
from chipassay.records.question import Question
from chipassay.units import Num

GOVERNING = ("fp64", "fp32", "fp16", "bf16", "fp8", "int8", "fp6", "fp4", "int4")
"""Precisions whose dense rates compete for the highest TPP; one nobody gives is passed over."""
_MEASURES = {
    "performance": "a dense rate of the chip",
    "density": "die_area",
    "input_output": "scaleup_bandwidth_both_ways and pcie_generation",
    "memory_bandwidth": "memory_bandwidth",
    "for_datacenter": "marketed_for_datacenter",
}


def ship(
    entry: Entry,
    chip: Chip,
    question: Question,
    catalogue: Catalogue,
    notes: Footnotes,
    reasons: list[Reason],
) -> dict[str, Any]:
    """The ruling on one chip for one destination and day, as the JSON form has it."""
    on = question.on or datetime.datetime.now(datetime.UTC).date()
    flag = entry.facts.get("marketed_for_datacenter")
    marketed = bool(flag.value) if flag else None
    part = item(chip, for_datacenter=marketed, subject=entry.id)
    for name, value in part._asdict().items():
        if name != "for_datacenter":
            reasons += notes.reasons(f"ship.{name}", value)
    book = rulebook.at(on, catalogue.rules())
    finding = judge(part, entry.id, question.to or "", book)
    for rule in book.rules:
        if rule.id in finding.rules:
            notes.use(*map(catalogue.source, rule.sources))
    return _as_json(finding, entry) | {
        "to": question.to,
        "on": on.isoformat(),
        "performance": _number(part.performance),
        "precisions": [name for name in GOVERNING if f"dense_{name}" in entry.facts],
        "density": _number(part.density),
        "input_output": _number(part.input_output),
        "marketed_for_datacenter": marketed,
    }


def _as_json(finding: Finding, entry: Entry) -> dict[str, Any]:
    lines = {
        name: {"outcome": line.outcome, "because": line.because}
        for name, line in (
            ("codified", finding.codified),
            ("enforced", finding.enforced),
            ("practical", finding.practical),
        )
    }
    return {
        "classification": finding.classification,
        "paragraphs": [
            {
                "id": paragraph.id,
                "outcome": paragraph.outcome,
                "margin": paragraph.margin,
                "title": paragraph.title,
                "cite": paragraph.cite,
            }
            for paragraph in finding.paragraphs
        ],
        **lines,
        "needs": [f"{entry.id}: {_MEASURES[need]}" for need in finding.needs],
        "reach": finding.reach,
        "not_checked": list(finding.not_checked),
    }


def _number(value: Num) -> float | None:
    return None if math.isnan(value) else float(value)
