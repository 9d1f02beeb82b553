"""How far from each limit a part lies, and which unknown figures a limit asks for."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from chipassay.formulas.control import margin
from chipassay.law.paragraphs import TESTS
from chipassay.law.rulebook import Rule, Rulebook
from chipassay.records.item import Item

UNITS = {
    "performance": "bit.FLOP/s", "density": "bit.FLOP/s/m2", "input_output": "B/s",
    "memory_bandwidth": "B/s", "stack_density": "B/s/m2", "transistors": "1",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Check:
    """One figure against one limit."""

    measure: str
    value: float
    limit: float
    below: bool
    margin: float


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph's answer.

    `margin` is that of the limit that decides: the fraction of it by which the item is inside all
    limits, or, where negative, outside the one it misses by most.
    """

    id: str
    outcome: str
    margin: float | None
    title: str
    cite: str
    text: str
    checks: tuple[Check, ...]
    rule: Rule


def paragraphs(item: Item, book: Rulebook, kind: str) -> tuple[Paragraph, ...]:
    """Every classifying paragraph ever written for a kind of part, in force or not."""
    memory = kind == "memory"
    rules = [r for r in book.written("classification") if (r.test == "stacked_memory") == memory]
    return tuple(_paragraph(rule, item) for rule in rules)


def _paragraph(rule: Rule, item: Item) -> Paragraph:
    truth = float(TESTS[rule.test](item, rule.limits))
    outcome = {0.0: "clear", 1.0: "caught"}.get(truth, "unknown")
    if not rule.in_force:
        outcome = "not in force"
    checks = tuple(check(item, name, limit) for name, limit in rule.limits.items())
    known = not any(math.isnan(each.margin) for each in checks)
    nearest = min(each.margin for each in checks) if checks and known else None
    return Paragraph(
        rule.paragraph, outcome, nearest, rule.title, rule.cite, rule.text, checks, rule
    )


def check(item: Item, name: str, limit: float) -> Check:
    """How far inside a limit the item lies, as its fraction; negative outside."""
    measure = name.removesuffix("_below")
    below = name.endswith("_below")
    value = float(getattr(item, measure))
    above = float(margin(value, limit))
    return Check(measure, value, float(limit), below, -above if below else above)


def unsettled(item: Item, rules: Iterable[Rule]) -> list[str]:
    """The item's unknown measures that rules of unknown truth ask for."""
    asked = []
    for rule in rules:
        if rule.test and float(TESTS[rule.test](item, rule.limits)) == 0.5:
            for name in rule.limits:
                measure = name.removesuffix("_below")
                value = float(getattr(item, measure, 0.0))
                least = float(getattr(item, f"{measure}_most", value)) != value
                if value != value or least:
                    asked.append(measure)
            if rule.test in ("consumer_part", "datacenter_performance"):
                asked += ["for_datacenter"] if float(item.for_datacenter) == 0.5 else []
    return asked
