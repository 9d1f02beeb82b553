"""What a file of law may say: one paragraph, its text, its dates, its limits, whom it reaches."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chipassay.errors import ChipassayError, DataError
from chipassay.facts.entry_file import Confidence, Id, Line, SourceFile, Strict, check_sources
from chipassay.facts.validate import validated
from chipassay.facts.yaml_file import Document
from chipassay.units import parse

State = Literal["in force", "pending", "not enforced", "stayed", "announced", "reported"]
Cell = Literal["old", "a_datacenter", "a_other", "b", "c", "none"]
Movement = Literal["export", "reexport", "transfer"]
Layer = Literal[
    "embargo", "party", "letter", "classification", "requirement", "exception", "review",
    "practice", "foreign", "fiscal", "guidance", "pending",
]  # fmt: skip


class StatusFile(Strict):
    """From one day on, the rule stands like this. `until` is the first day it no longer does.

    `known` is the day the public could know of it, where that is another than `from_`.
    """

    from_: Line
    until: Line | None = None
    state: State = "in force"
    known: Line | None = None
    basis: Line


class DatesFile(Strict):
    """The four days of an instrument that may differ."""

    released: Line | None = None
    published: Line | None = None
    effective: Line | None = None
    compliance: Line | None = None


class LimitFile(Strict):
    """One number of the paragraph, with its unit; `sources` where they are not the rule's."""

    value: Line
    unit: Line
    sources: list[Id] = Field(default=[])


class WhenFile(Strict):
    """Whom a rule reaches: every line given must hold. Groups, sets of groups or countries."""

    to: list[Line] = Field(default=[])
    not_to: list[Line] = Field(default=[])
    headquarters: list[Line] = Field(default=[])
    not_headquarters: list[Line] = Field(default=[])
    origin: list[Line] = Field(default=[])
    not_origin: list[Line] = Field(default=[])
    movement: list[Movement] = Field(default=[])
    party: list[Line] = Field(default=[])
    not_party: list[Line] = Field(default=[])


class RuleFile(Strict):
    """One paragraph, letter or practice."""

    id: Id
    layer: Layer
    paragraph: Line
    title: Line
    cite: Line
    text: Line
    quoted: bool = False
    order: int = 50
    test: Id | None = None
    outcome: Line | None = None
    classes: list[Cell] = Field(default=[])
    when: list[WhenFile] = Field(default=[])
    perhaps: list[WhenFile] = Field(default=[])
    exceptions: list[Id] = Field(default=[])
    chips: list[Id] = Field(default=[])
    names: list[Line] = Field(default=[])
    makers: list[Line] = Field(default=[])
    limits: dict[str, LimitFile] = Field(default={})
    dates: DatesFile | None = None
    status: list[StatusFile]
    conditions: list[Line] = Field(default=[])
    notices: list[Line] = Field(default=[])
    sources: list[Id]
    confidence: Confidence
    note: Line | None = None


def read_rule(document: Document, sources: dict[str, SourceFile]) -> RuleFile:
    """One rule, its sources and the units of its limits checked."""
    rule = validated(RuleFile, document)
    check_sources(rule.sources, sources, document, ("sources",))
    for name, limit in rule.limits.items():
        where = document.where(("limits", name))
        if limit.sources:
            check_sources(limit.sources, sources, document, ("limits", name, "sources"))
        try:
            parse(limit.value, limit.unit, where=where)
        except ChipassayError as error:
            raise DataError(error.what, where=where, hint=error.hint) from None
    return rule
