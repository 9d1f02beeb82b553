"""What the rules require of one class of part: the text, and what of it is enforced.

Requirements are collected; of the exceptions they admit, and then of the reviews, the first that
fits decides. A fit may be unknown: then its outcome is possible beside the later ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chipassay.law.countries import Countries
from chipassay.law.parcel import Parcel
from chipassay.law.rulebook import IN_FORCE, WRITTEN, Rule, Rulebook

NO_LICENCE = "no_licence"
PENDING = "no_licence:compliance_date_pending"
NOT_ENFORCED = "no_licence:codified_but_not_enforced"
LETTER = "licence:letter"
SEVERITY = (
    NO_LICENCE, PENDING, NOT_ENFORCED, "exception:AIA", "exception:ACA", "exception:NAC_no_notice",
    "exception:NAC_notify_25d", "exception:HBM_if_conditions", "licence:presumption_of_approval",
    "licence:case_by_case_if_certified", "licence:case_by_case", LETTER, "licence:entity_list",
    "licence:presumption_of_denial", "licence:part_746_policy",
)  # fmt: skip
"""Every outcome, the most lenient first. A letter outranks what is milder than it."""
Fits = Mapping[str, float]
"""Truth of each exception or review that has a test of its own, by the rule's id."""


@dataclass(frozen=True, slots=True)
class Line:
    """One of the three lines of a finding, and the rules that made it."""

    outcome: str
    because: str
    rules: tuple[Rule, ...] = ()


Pair = tuple[Line, Line]


def lines_of(
    cell: str, parcel: Parcel, book: Rulebook, countries: Countries, fits: Fits
) -> Iterator[Pair]:
    """What may hold for a cell, as pairs: by the text, and as enforced."""
    written = [
        rule
        for rule in book.layer("requirement", WRITTEN)
        if cell in rule.classes and parcel.meets(rule, countries)
    ]
    enforced = [rule for rule in written if rule.state in IN_FORCE]
    name = _called(cell)
    if not written:
        line = Line(NO_LICENCE, f"{name}: no requirement of that day reaches this shipment")
        yield line, line
        return
    codified = _ways(cell, written, WRITTEN, parcel, book, countries, fits)
    if not enforced:
        asleep = written[0]
        outcome = PENDING if asleep.state == "pending" else NOT_ENFORCED
        sentence = f"{name}: {asleep.paragraph} is {asleep.state} ({asleep.basis})"
        for line in codified:
            yield line, Line(outcome, sentence, (asleep,))
        return
    standing = {line.outcome: line for line in codified}
    for line in _ways(cell, enforced, IN_FORCE, parcel, book, countries, fits):
        yield standing.get(line.outcome, codified[0]), line


def _ways(
    cell: str, required: list[Rule], states: tuple[str, ...], parcel: Parcel, book: Rulebook,
    countries: Countries, fits: Fits,
) -> list[Line]:  # fmt: skip
    """The exceptions and reviews that may decide, up to the first that surely does."""
    admitted = {each for rule in required for each in rule.exceptions}
    exceptions = [rule for rule in book.layer("exception", states) if rule.id in admitted]
    found = []
    for rule in (*exceptions, *book.layer("review", states)):
        if cell in rule.classes and parcel.meets(rule, countries):
            fit = fits.get(rule.id, 1.0)
            if fit > 0:
                because = f"{_called(cell)}: {rule.title} ({rule.cite})"
                found.append(Line(rule.outcome, because, (required[0], rule)))
            if fit == 1:
                return found
    return found


def _called(cell: str) -> str:
    return {
        "none": "outside 3A090", "old": "3A090 of 2022", "a_datacenter": "3A090.a for data centres",
        "a_other": "3A090.a not for data centres", "b": "3A090.b", "c": "3A090.c",
    }[cell]  # fmt: skip


def outranked(line: Line, letter: Rule) -> bool:
    """Whether a letter decides where a line stands: it is stricter than the line."""
    return SEVERITY.index(line.outcome) < SEVERITY.index(letter.outcome)


def by_rule(rule: Rule) -> Line:
    """The line that one rule alone makes."""
    return Line(rule.outcome, f"{rule.paragraph}: {rule.title} ({rule.cite})", (rule,))
