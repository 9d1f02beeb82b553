"""An assumed constant: its value and band, the reason, and what it was fitted to or read in."""

from __future__ import annotations

from chipassay.errors import DataError
from chipassay.facts.entry_file import Id, Line, SourceFile, Strict, check_sources
from chipassay.facts.validate import validated
from chipassay.facts.yaml_file import Document


class AssumptionFile(Strict):
    """A number that is neither looked up nor derived; `low` to `high` is an 80 % band.

    A fitted one names its script and counts its rows; one that its sources print has neither.
    """

    id: Id
    title: Line
    value: float
    low: float
    high: float
    unit: Line
    because: Line
    script: Line | None = None
    rows: int | None = None
    sources: list[Id]


def read_assumption(document: Document, sources: dict[str, SourceFile]) -> AssumptionFile:
    """One assumption, its sources and the order of its band checked."""
    assumption = validated(AssumptionFile, document)
    check_sources(assumption.sources, sources, document, ("sources",))
    if (assumption.script is None) != (assumption.rows is None):
        problem = "a script without rows, or rows without a script"
        raise DataError(problem, where=document.where(("id",)), hint="give both, or neither")
    if not assumption.low <= assumption.value <= assumption.high:
        problem = "the value lies outside its own band"
        raise DataError(problem, where=document.where(("value",)), hint="order low, value, high")
    return assumption
