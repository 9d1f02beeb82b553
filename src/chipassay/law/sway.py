"""The smallest error of each figure that would change the class or the enforced outcome."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chipassay.law.ceilings import STEP, linked, on_area, performing
from chipassay.law.classes import UNKNOWN, table
from chipassay.law.columns import judged
from chipassay.law.countries import Countries
from chipassay.law.judge import Part, names
from chipassay.law.parcel import Parcel
from chipassay.law.rulebook import IN_FORCE, Rule, Rulebook
from chipassay.records.item import Item

Change = Callable[[Item, Any], Item]


def _remembered(item: Item, factor: Any) -> Item:
    return item._replace(memory_bandwidth=item.memory_bandwidth * factor)


FIGURES: dict[str, tuple[Change, tuple[str, ...]]] = {
    "performance": (performing, ("performance", "density")),
    "die_area": (on_area, ("density",)),
    "memory_bandwidth": (_remembered, ("memory_bandwidth",)),
    "input_output": (linked, ("input_output",)),
}
"""How each figure moves an item, and the measures it moves."""


def sways(
    item: Item, part: Part, parcel: Parcel, book: Rulebook, countries: Countries,
    answer: tuple[str, str],
) -> list[dict[str, Any]]:  # fmt: skip
    """For each figure the nearest factor on it, less one, that changes the answer, nearest first.

    Where a letter names the part only the class can change, and that is told.
    """
    if part.kind != "ic" or UNKNOWN in answer or not math.isfinite(item.performance_most):
        return []
    named = any(names(rule, part) for rule in book.layer("letter", IN_FORCE))
    rules = [*table(book, part.kind), *_asking(part, parcel, book, countries)]
    found: list[dict[str, Any]] = []
    for figure, (change, measures) in FIGURES.items():
        factors = sorted(set(_factors(item, rules, measures, figure)), key=_distance)
        if factors:
            moved = change(item, np.asarray(factors))
            found += _first(figure, factors, moved, part, parcel, book, countries, answer, named)
    return sorted(found, key=lambda each: abs(each["by"]))


def _asking(part: Part, parcel: Parcel, book: Rulebook, countries: Countries) -> Iterator[Rule]:
    """Reviews and letters in force that ask a figure of a part like this, going where it goes."""
    for rule in (*book.layer("review", IN_FORCE), *book.layer("letter", IN_FORCE)):
        concerns = rule.layer == "review" or part.maker in rule.makers
        if rule.test and concerns and parcel.meets(rule, countries):
            yield rule


def _factors(
    item: Item, rules: list[Rule], measures: tuple[str, ...], figure: str
) -> Iterator[float]:
    """Factors that put a figure just on either side of every limit it meets."""
    for rule in rules:
        for name, limit in rule.limits.items():
            measure = name.removesuffix("_below")
            value = float(getattr(item, measure))
            if measure in measures and value > 0:
                factor = value / limit if figure == "die_area" else limit / value
                yield from (factor * (1 - STEP), factor * (1 + STEP))


def _distance(factor: float) -> float:
    return abs(factor - 1)


def _first(
    figure: str, factors: list[float], moved: Item, part: Part, parcel: Parcel, book: Rulebook,
    countries: Countries, answer: tuple[str, str], named: bool,
) -> Iterator[dict[str, Any]]:  # fmt: skip
    classes, outcomes = judged(moved, parcel, book, countries, part).named()
    for factor, class_, outcome in zip(factors, classes, outcomes, strict=True):
        enforced = answer[1] if named else str(outcome)
        if (str(class_), enforced) != answer and UNKNOWN not in (class_, enforced):
            yield {
                "figure": figure, "by": factor - 1, "classification": str(class_),
                "enforced": enforced,
            }  # fmt: skip
            return
