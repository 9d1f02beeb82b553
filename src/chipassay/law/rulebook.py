"""What stands on a day. The law is chosen first; no date walks into a test."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chipassay.trace import leaf
from chipassay.units import parse

READ_UP_TO = datetime.date(2026, 9, 29)
"""The last day of the material this rulebook was drawn from."""
FIRST_MATCH = (
    "us-3a090-2022", "us-3a090-note-2", "us-3a090-a-1", "us-3a090-a-2", "us-3a090-b-1",
    "us-3a090-b-2",
)  # fmt: skip
"""Classification is a first-match table: Note 2 goes before .a, .a before .b."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One paragraph, letter or practice as it stands on a day."""

    id: str
    layer: str
    paragraph: str
    title: str
    cite: str
    text: str
    test: str
    outcome: str
    destinations: frozenset[str]
    chips: frozenset[str]
    limits: Mapping[str, float]
    in_force: bool
    state: str
    since: str
    confidence: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Every rule with its standing on one day."""

    on: datetime.date
    rules: tuple[Rule, ...]

    def layer(self, layer: str, *, in_force: bool = True) -> tuple[Rule, ...]:
        """The rules of one layer, in the order of the book."""
        return tuple(
            rule for rule in self.rules if rule.layer == layer and (rule.in_force or not in_force)
        )


def at(day: datetime.date, written: Mapping[str, Mapping[str, Any]]) -> Rulebook:
    """The rulebook of a day, from rules as written."""
    order = {id_: index for index, id_ in enumerate(FIRST_MATCH)}
    ids = sorted(written, key=lambda id_: (order.get(id_, len(order)), id_))
    return Rulebook(day, tuple(_rule(id_, written[id_], day) for id_ in ids))


def _rule(id_: str, written: Mapping[str, Any], day: datetime.date) -> Rule:
    standing = _standing(written["status"], day)
    limits = {
        name: leaf(f"{id_}.{name}", parse(limit["value"], limit["unit"]))
        for name, limit in written.get("limits", {}).items()
    }
    return Rule(
        id=id_,
        layer=written["layer"],
        paragraph=written["paragraph"],
        title=written["title"],
        cite=written["cite"],
        text=written["text"],
        test=written.get("test", ""),
        outcome=written.get("outcome", ""),
        destinations=frozenset(written.get("destinations", ())),
        chips=frozenset(written.get("chips", ())),
        limits=limits,
        in_force=standing is not None,
        state=standing["state"] if standing else "not in force",
        since=standing["from_"] if standing else written["status"][0]["from_"],
        confidence=written["confidence"],
        sources=tuple(written["sources"]),
    )


def _standing(statuses: list[dict[str, Any]], day: datetime.date) -> dict[str, Any] | None:
    """The status that holds on a day: from its first day, until the day it no longer does."""
    text = day.isoformat()
    holding = [
        status
        for status in statuses
        if status["from_"] <= text and (not status.get("until") or text < status["until"])
    ]
    return holding[-1] if holding else None
