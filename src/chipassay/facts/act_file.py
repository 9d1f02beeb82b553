"""What the file of acts may say: rulemakings, letters, announcements, listings, by their names."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from chipassay.errors import DataError
from chipassay.facts.entry_file import Id, Line, SourceFile, Strict, check_sources
from chipassay.facts.validate import validated
from chipassay.facts.yaml_file import Document
from chipassay.units import parse

FigureKind = Literal[
    "listed", "quota", "partners", "share", "performance", "fee", "duty", "volume"
]  # fmt: skip


class ActDaysFile(Strict):
    """Days that the paragraphs of an act lack; `ended`: when it was rescinded, stayed or lifted."""

    announced: list[Line] = Field(default=[])
    released: list[Line] = Field(default=[])
    published: list[Line] = Field(default=[])
    effective: list[Line] = Field(default=[])
    compliance: list[Line] = Field(default=[])
    ended: list[Line] = Field(default=[])
    comments: list[Line] = Field(default=[])


class ActFigureFile(Strict):
    """One number of an act that no paragraph has as a limit."""

    kind: FigureKind
    value: Line
    unit: Line = "1"


class ActFile(Strict):
    """One act: the paragraphs it made, the names it goes by, the chips it is about.

    `topics`: groups of words; a sentence that has one word of each group speaks of the act.
    """

    id: Id
    title: Line
    by: Literal["Biden", "Trump"] | None = None
    rules: list[Id] = Field(default=[])
    ended_by: Literal["Biden", "Trump"] | None = None
    names: list[Line] = Field(default=[])
    topics: list[list[Line]] = Field(default=[])
    chips: list[Id] = Field(default=[])
    days: ActDaysFile = ActDaysFile()
    figures: list[ActFigureFile] = Field(default=[])
    broad: bool = False
    listing: bool = False
    eases: bool = False
    sources: list[Id]


class ActsFile(Strict):
    """All of them."""

    acts: list[ActFile]


def read_acts(
    document: Document, sources: dict[str, SourceFile], law: dict[str, Any]
) -> list[ActFile]:
    """The acts; their sources, the paragraphs they name and the units of their figures checked."""
    acts = validated(ActsFile, document).acts
    for index, act in enumerate(acts):
        check_sources(act.sources, sources, document, ("acts", index, "sources"))
        for rule in act.rules:
            if rule not in law:
                where = document.where(("acts", index, "rules"))
                raise DataError(f"no paragraph {rule}", where=where, hint="see law/")
        for number, figure in enumerate(act.figures):
            where = document.where(("acts", index, "figures", number))
            parse(figure.value, figure.unit, where=where)
    return acts
