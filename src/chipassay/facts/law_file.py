"""What a file of law may say: one paragraph, its quoted text, its dates and its limits."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chipassay.errors import ChipassayError, DataError
from chipassay.facts.entry_file import Confidence, Id, Line, SourceFile, Strict, check_sources
from chipassay.facts.validate import validated
from chipassay.facts.yaml_file import Document
from chipassay.units import parse

State = Literal["in force", "not enforced", "stayed", "announced", "reported"]


class StatusFile(Strict):
    """From one day on, the rule stands like this. `until` is the first day it no longer does."""

    from_: Line
    until: Line | None = None
    state: State = "in force"
    basis: Line


class LimitFile(Strict):
    """One number of the paragraph, with its unit."""

    value: Line
    unit: Line


class RuleFile(Strict):
    """One paragraph, letter or practice."""

    id: Id
    layer: Literal["classification", "licence", "review", "letter", "practice"]
    paragraph: Line
    title: Line
    cite: Line
    text: Line
    test: Id | None = None
    outcome: Line | None = None
    destinations: list[Line] = Field(default=[])
    chips: list[Id] = Field(default=[])
    limits: dict[str, LimitFile] = Field(default={})
    status: list[StatusFile]
    sources: list[Id]
    confidence: Confidence
    note: Line | None = None


def read_rule(document: Document, sources: dict[str, SourceFile]) -> RuleFile:
    """One rule, its sources and the units of its limits checked."""
    rule = validated(RuleFile, document)
    check_sources(rule.sources, sources, document, ("sources",))
    for name, limit in rule.limits.items():
        where = document.where(("limits", name))
        try:
            parse(limit.value, limit.unit, where=where)
        except ChipassayError as error:
            raise DataError(error.what, where=where, hint=error.hint) from None
    return rule
