"""What stands on a day, and what was known of it; the law is chosen before any test is made."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chipassay.units import parse

READ_UP_TO = datetime.date(2026, 9, 29)
"""The last day of the material this rulebook was drawn from."""
NOT_IN_FORCE = "not in force"
IN_FORCE = ("in force",)
WRITTEN = ("in force", "pending", "not enforced")
"""States in which the text requires; a stay takes it out of the text."""
TOLD = (*WRITTEN, "announced", "reported")


_SHELF = 256
_BOOKS: dict[tuple[int, datetime.date, datetime.date | None], tuple[Any, Rulebook]] = {}
"""Books made before, with the rules they were made from."""


@dataclass(frozen=True, slots=True)
class When:
    """Whom a rule reaches: groups, sets of groups or countries; an empty line sets no condition."""

    to: tuple[str, ...] = ()
    not_to: tuple[str, ...] = ()
    headquarters: tuple[str, ...] = ()
    not_headquarters: tuple[str, ...] = ()
    origin: tuple[str, ...] = ()
    not_origin: tuple[str, ...] = ()
    movement: tuple[str, ...] = ()
    party: tuple[str, ...] = ()
    not_party: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One paragraph, letter or practice as it stands on a day."""

    id: str
    layer: str
    order: int
    paragraph: str
    title: str
    cite: str
    text: str
    quoted: bool
    test: str
    outcome: str
    classes: frozenset[str]
    when: tuple[When, ...]
    perhaps: tuple[When, ...]
    exceptions: tuple[str, ...]
    chips: frozenset[str]
    names: tuple[str, ...]
    makers: tuple[str, ...]
    limits: Mapping[str, float]
    units: Mapping[str, str]
    dates: Mapping[str, str]
    state: str
    since: str
    basis: str
    conditions: tuple[str, ...]
    notices: tuple[str, ...]
    confidence: str
    sources: tuple[str, ...]

    @property
    def in_force(self) -> bool:
        """Whether any status holds on the day, whatever it says."""
        return self.state != NOT_IN_FORCE


@dataclass(frozen=True)
class Rulebook:
    """Every rule with its standing on one day."""

    on: datetime.date
    rules: tuple[Rule, ...]

    def layer(self, layer: str, states: tuple[str, ...] = TOLD) -> tuple[Rule, ...]:
        """The rules of one layer that stand in one of the states, in the order of the book."""
        return tuple(rule for rule in self.written(layer) if rule.state in states)

    def written(self, layer: str) -> tuple[Rule, ...]:
        """The rules of one layer, whether or not they stand on this day."""
        return self._layers.get(layer, ())

    @functools.cached_property
    def _layers(self) -> dict[str, tuple[Rule, ...]]:
        names = {rule.layer for rule in self.rules}
        return {name: tuple(r for r in self.rules if r.layer == name) for name in names}


def at(
    day: datetime.date,
    written: Mapping[str, Mapping[str, Any]],
    known_on: datetime.date | None = None,
) -> Rulebook:
    """The rulebook of a day, from rules as written.

    `known_on` is the other clock: a standing that nobody could know of by that day is left out, as
    a letter is before the filing that tells of it.
    """
    key = (id(written), day, known_on)
    if key not in _BOOKS or _BOOKS[key][0] is not written:
        rules = (_rule(id_, rule, day, known_on) for id_, rule in written.items())
        book = Rulebook(day, tuple(sorted(rules, key=lambda rule: (rule.order, rule.id))))
        if len(_BOOKS) >= _SHELF:
            _BOOKS.clear()
        _BOOKS[key] = written, book
    return _BOOKS[key][1]


def _rule(
    id_: str, written: Mapping[str, Any], day: datetime.date, known_on: datetime.date | None
) -> Rule:
    standing = _standing(written["status"], day, known_on)
    limits = written.get("limits", {})
    return Rule(
        id=id_,
        layer=written["layer"],
        order=written.get("order", 50),
        paragraph=written["paragraph"],
        title=written["title"],
        cite=written["cite"],
        text=written["text"],
        quoted=written.get("quoted", False),
        test=written.get("test", ""),
        outcome=written.get("outcome", ""),
        classes=frozenset(written.get("classes", ())),
        when=_conditions(written.get("when", ())),
        perhaps=_conditions(written.get("perhaps", ())),
        exceptions=tuple(written.get("exceptions", ())),
        chips=frozenset(written.get("chips", ())),
        names=tuple(written.get("names", ())),
        makers=tuple(written.get("makers", ())),
        limits={name: _number(limit["value"], limit["unit"]) for name, limit in limits.items()},
        units={name: limit["unit"] for name, limit in limits.items()},
        dates=written.get("dates") or {},
        state=standing["state"] if standing else NOT_IN_FORCE,
        since=standing["from_"] if standing else written["status"][0]["from_"],
        basis=standing["basis"] if standing else "",
        conditions=tuple(written.get("conditions", ())),
        notices=tuple(written.get("notices", ())),
        confidence=written["confidence"],
        sources=tuple(written["sources"]),
    )


@functools.lru_cache(maxsize=256)
def _number(value: str, unit: str) -> float:
    return parse(value, unit)


def _conditions(written: Any) -> tuple[When, ...]:
    return tuple(
        _when(tuple((key, tuple(value)) for key, value in each.items())) for each in written
    )


@functools.lru_cache(maxsize=512)
def _when(written: tuple[tuple[str, tuple[str, ...]], ...]) -> When:
    return When(**dict(written))


def _standing(
    statuses: list[dict[str, Any]], day: datetime.date, known_on: datetime.date | None
) -> dict[str, Any] | None:
    """The status that holds on a day: from its first day, until the day it no longer does."""
    text = day.isoformat()
    known = known_on.isoformat() if known_on else "9999"
    holding = [
        status
        for status in statuses
        if status["from_"] <= text
        and (not status.get("until") or text < status["until"])
        and (status.get("known") or status["from_"]) <= known
    ]
    return holding[-1] if holding else None
