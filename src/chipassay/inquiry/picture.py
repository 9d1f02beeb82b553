"""What a roofline plot of an answer's chips needs: rates and bandwidths."""

from __future__ import annotations

from typing import Any

from chipassay.catalogue.chips import matrix_field
from chipassay.errors import QuestionError
from chipassay.facts.fact import Entry
from chipassay.inquiry import catalogue_for
from chipassay.records.answer import Answer


def rooflines(answer: Answer) -> list[dict[str, Any]]:
    """Name, 16-bit matrix rate and memory bandwidth of each chip of a comparison or an assay."""
    question = answer.question
    catalogue = catalogue_for(question)
    names = question.chips or tuple(name for name in (question.chip, question.against) if name)
    return [_roofline(catalogue.chip(name).entry) for name in names]


def _roofline(entry: Entry) -> dict[str, Any]:
    field = matrix_field(entry)
    missing = [name for name in (field, "memory_bandwidth") if name not in entry.facts]
    if missing:
        hint = f"set it: --but {entry.id}.{missing[0]}=VALUE"
        raise QuestionError(f"nobody gives {missing[0]} of {entry.name}", where="--plot", hint=hint)
    return {
        "name": entry.name,
        "rate": entry.number(field),
        "precision": entry.facts[field].field.title,
        "bandwidth": entry.number("memory_bandwidth"),
    }
