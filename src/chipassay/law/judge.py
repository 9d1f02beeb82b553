"""From an item and a rulebook to a finding in three lines: the text, what is enforced, practice.

Three-valued throughout. Classification is a first-match table: an unknown earlier row stops it,
unless every row that could follow agrees. A letter by name decides whatever the class.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from chipassay.formulas.control import margin
from chipassay.law.paragraphs import TESTS
from chipassay.law.rulebook import READ_UP_TO, Rule, Rulebook
from chipassay.records.item import Item

COVERED = ("CN", "HK", "MO")
NO_LICENCE = "no_licence"
UNKNOWN = "indeterminate"
PRE_2023 = "pre-2023 3A090"
MILDNESS = {"always": 0, "window": 1, "notified": 2}
"""An exception goes before a review, a milder review before the general one."""
NOT_CHECKED = (
    "end use and end user, Entity List and other party lists",
    "headquarters of the buyer",
    "foreign direct product rules and jurisdiction over foreign-made parts",
    "re-export, transfer and foreign law",
    "destinations other than China, Hong Kong and Macau",
)


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


@dataclass(frozen=True, slots=True)
class Line:
    """One of the three lines of a finding."""

    outcome: str
    because: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What the law of a day says of a part for one destination."""

    classification: str
    paragraphs: tuple[Paragraph, ...]
    codified: Line
    enforced: Line
    practical: Line
    needs: tuple[str, ...] = ()
    reach: str = f"law read up to {READ_UP_TO}; not legal advice"
    not_checked: tuple[str, ...] = NOT_CHECKED
    rules: tuple[str, ...] = field(default=(), repr=False)


def judge(item: Item, chip: str, destination: str, book: Rulebook) -> Finding:
    """The finding for one part, by the rules of the book, for one destination."""
    tested = [(rule, _truth(rule, item)) for rule in book.layer("classification")]
    classes = _possible_classes(tested)
    written = book.layer("classification", in_force=False)
    paragraphs = tuple(_paragraph(rule, item) for rule in written)
    letters = [rule for rule in book.layer("letter") if chip in rule.chips]
    practice = [rule for rule in book.layer("practice") if chip in rule.chips]
    if destination not in COVERED:
        outside = _outside(destination)
        lines = (outside, outside, outside)
    else:
        codified = _codified(item, classes, destination, book)
        enforced = _by_letter(letters, destination) or codified
        practical = _by_letter(practice, destination) or enforced
        lines = (codified, enforced, practical)
    used = [rule.id for rule, truth in tested if truth > 0] + [r.id for r in letters + practice]
    unsettled = tested if len(classes) > 1 else []
    if lines[0].outcome == UNKNOWN:
        unsettled = unsettled + [
            (rule, _fits(rule, each, item))
            for rule in book.layer("review")
            for each in sorted(classes)
            if destination in rule.destinations
        ]
    return Finding(
        classification=classes.pop() if len(classes) == 1 else UNKNOWN,
        paragraphs=paragraphs,
        codified=lines[0],
        enforced=lines[1],
        practical=lines[2],
        needs=tuple(dict.fromkeys(_needs(item, unsettled))),
        rules=tuple(used),
    )


def _truth(rule: Rule, item: Item) -> float:
    return float(TESTS[rule.test](item, rule.limits))


def _possible_classes(tested: list[tuple[Rule, float]]) -> set[str]:
    """Walk the first-match table: collect what unknown rows allow, stop at the first sure one."""
    possible = set()
    for rule, truth in tested:
        if truth > 0:
            possible.add(_class_of(rule))
        if truth == 1:
            return possible
    return possible | {"none"}


def _class_of(rule: Rule) -> str:
    if "Note 2" in rule.paragraph:
        return "none"
    return rule.paragraph if rule.paragraph == PRE_2023 else rule.paragraph.rsplit(".", 1)[0]


def _paragraph(rule: Rule, item: Item) -> Paragraph:
    truth = _truth(rule, item)
    outcome = {0.0: "clear", 1.0: "caught"}.get(truth, "unknown")
    outcome = outcome if rule.in_force else "not in force"
    margins = [_margin(item, name, limit) for name, limit in rule.limits.items()]
    known = not any(math.isnan(each) for each in margins)
    nearest = min(margins) if margins and known else None
    return Paragraph(rule.paragraph, outcome, nearest, rule.title, rule.cite)


def _margin(item: Item, name: str, limit: float) -> float:
    """How far inside a limit the item lies, as its fraction; negative outside."""
    above = float(margin(getattr(item, name.removesuffix("_below")), limit))
    return -above if name.endswith("_below") else above


def _codified(item: Item, classes: set[str], destination: str, book: Rulebook) -> Line:
    lines = {line for each in sorted(classes) for line in _of_class(each, item, destination, book)}
    if len({line.outcome for line in lines}) == 1:
        return min(lines, key=lambda line: line.because)
    options = " or ".join(sorted(line.outcome for line in lines))
    return Line(UNKNOWN, f"depends on figures nobody published: {options}")


def _of_class(class_: str, item: Item, destination: str, book: Rulebook) -> list[Line]:
    """What the text may require for one class: the mildest fitting review, and milder unknowns."""
    if class_ == "none":
        return [Line(NO_LICENCE, "no paragraph of 3A090 catches it on that day")]
    possible = []
    for rule in sorted(book.layer("review"), key=lambda rule: -MILDNESS[rule.test]):
        fits = _fits(rule, class_, item) if destination in rule.destinations else 0.0
        if fits > 0:
            possible.append(Line(rule.outcome, f"{class_}: {rule.title} ({rule.cite})"))
        if fits == 1:
            return possible
    return possible or [Line(NO_LICENCE, f"{class_}: no rule of that day names {destination}")]


def _fits(rule: Rule, class_: str, item: Item) -> float:
    """Whether a part of a class fits a review rule: 0, 1, or 1/2 for unknown."""
    if rule.test == "notified":
        # 740.8(a): .b parts for data centres, .a parts that are not for data centres.
        wanted = {"3A090.a": 0.0, "3A090.b": 1.0}.get(class_)
        return 0.0 if wanted is None else 1.0 - abs(float(item.for_datacenter) - wanted)
    if rule.test == "window":
        return _truth(rule, item) if class_ == "3A090.a" else 0.0
    return 1.0


def _by_letter(rules: list[Rule], destination: str) -> Line | None:
    for rule in rules:
        if destination in rule.destinations:
            return Line(rule.outcome, f"{rule.paragraph}: {rule.title} ({rule.cite})")
    return None


def _outside(destination: str) -> Line:
    covered = ", ".join(COVERED)
    return Line(UNKNOWN, f"the rulebook here reads {covered} only; {destination} is not in it yet")


def _needs(item: Item, tested: list[tuple[Rule, float]]) -> Iterator[str]:
    """The item's unknown measures that an unsettled row asks for."""
    for rule, truth in tested:
        if truth == 0.5:
            for name in rule.limits:
                measure = name.removesuffix("_below")
                value = float(getattr(item, measure))
                if value != value:
                    yield measure
            if rule.test in ("consumer_part", "notified") and float(item.for_datacenter) == 0.5:
                yield "for_datacenter"
