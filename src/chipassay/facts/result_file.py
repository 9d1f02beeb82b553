"""What the file of results may say: what firms reported of themselves, by part and period."""

from __future__ import annotations

from typing import Literal

from chipassay.facts.entry_file import Confidence, Id, Line, SourceFile, Strict, check_sources
from chipassay.facts.validate import validated
from chipassay.facts.yaml_file import Document

Part = Literal["total", "data center", "china", "non-gaap"]
Reported = Literal[
    "revenue", "profit", "research", "gross margin", "growth on the year", "growth on the quarter",
    "share of revenue",
]  # fmt: skip


class ResultFile(Strict):
    """One reported figure: whose, of which part of the firm, of which period."""

    firm: Line
    part: Part
    figure: Reported
    period: Line
    value: float | int
    unit: Literal["USD", "CNY", "%"]
    sources: list[Id]
    confidence: Confidence


class _Results(Strict):
    results: list[ResultFile]


def read_results(document: Document, sources: dict[str, SourceFile]) -> list[ResultFile]:
    """Every reported figure, its sources checked."""
    results = validated(_Results, document).results
    for index, row in enumerate(results):
        check_sources(row.sources, sources, document, ("results", index, "sources"))
    return results
