"""How well claims are read, as a table for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from chipassay.records.answer import Answer

_SHARES = {
    "contradicted_precision": "contradicted or another chip's: truly wrong",
    "false_recall": "false sentences called wrong",
    "supported_precision": "supported: truly right",
    "extraction_precision": "extraction precision",
    "extraction_recall": "extraction recall",
    "abstained": "cannot tell, or not marked",
    "false_alarms": "sentences without a claim that were marked",
}


def score_parts(answer: Answer, table: Callable[..., Table]) -> Iterator[Any]:
    """The shares of each part with their Wilson intervals, then labels against outcomes."""
    said = answer.answer
    yield Text(f"{said['predicted']} of {said['rows']} sentences given a verdict", style="bold")
    groups = {"all": said["metrics"]["all"], **said["metrics"]["by"]["part"]}
    made = table("", *(f"{name} ({group['n']})" for name, group in groups.items()))
    for name, title in _SHARES.items():
        made.add_row(title, *(_share(group, name) for group in groups.values()))
    scores = (group["extraction_f1"] for group in groups.values())
    made.add_row("extraction F1", *("-" if score is None else f"{score:.2f}" for score in scores))
    yield made
    outcomes = said["outcomes"]
    head = next(iter(outcomes.values()))
    counts = table("label", *head, numbers=tuple(range(1, len(head) + 1)))
    for label, row in outcomes.items():
        counts.add_row(label, *(str(row[name]) for name in head))
    yield counts


def _share(group: Mapping[str, Any], name: str) -> str:
    k, n = group["counts"][name]
    if not n:
        return "-"
    low, high = group["intervals"][name]
    return f"{k / n:.2f} ({k}/{n}; {low:.2f} to {high:.2f})"
