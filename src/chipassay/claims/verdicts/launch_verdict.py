"""Whether a chip was announced or launched when a sentence says so."""

from __future__ import annotations

import datetime
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.claim import Claim, Verdict, cannot_tell
from chipassay.claims.text.dates import period
from chipassay.claims.verdicts.derived import asked
from chipassay.facts.fact import Entry, Fact

_BEFORE = datetime.timedelta(days=31)
"""A chip is told of so long before the day on which it was announced."""
_ANNOUNCED = datetime.timedelta(days=183)
"""A chip is announced again, at other shows and in other forms, for so long."""
_OUT = datetime.timedelta(days=366)
"""Deliveries go on to begin, by form and country, for so long after the first; so long
before it a chip is announced, where no day of that is held."""
_UNKNOWN = datetime.timedelta(days=730)
"""What lies between announcement and delivery at most, where no delivery is held."""
Period = tuple[datetime.date, datetime.date]
Days = dict[str, tuple[Fact, Period]]


def launch_verdict(claim: Claim, catalogue: Catalogue) -> Verdict:
    """The time of a launch: right where a day held lies in it; wrong only before a chip was
    announced or long after it was out. Each variant that a name may mean is tried."""
    printed = period(claim.words)
    if claim.subject is None or printed is None:
        return cannot_tell("the sentence names no chip", field=claim.field)
    reported = catalogue.chip_entry(claim.subject.ids[0]).status.startswith("reported")
    if reported or claim.voice.forecast:
        return cannot_tell("a plan, or a chip that is only reported", field=claim.field)
    told = [
        (entry, days) for entry in map(catalogue.chip_entry, claim.subject.ids)
        if (days := _days(entry))
    ]  # fmt: skip
    if not told:
        return cannot_tell("no source gives a day", field=claim.field)
    for entry, days in told[:1] if claim.relation == "debut" else told:
        fact = _fitting(claim, days, printed)
        if fact is not None:
            return _dated("supported", entry, fact)
    entry, days = told[0]
    fact = days[claim.field][0] if claim.field in days else next(iter(days.values()))[0]
    facts = [each for _, all_ in told for each, _ in all_.values()]
    rivals = [found for each in facts for rival in each.rivals
              if (found := period(str(rival.value)))]  # fmt: skip
    if any(_meet(printed, each) for each in rivals):
        return _dated("cannot tell", entry, fact, "sources disagree")
    first, last = _window(claim, [days for _, days in told], rivals)
    if any(each.verified for each in facts) and (printed[1] < first or printed[0] > last):
        note = "before it was announced" if printed[1] < first else "it was out long before"
        return _dated("contradicted", entry, fact, note)
    return _dated("cannot tell", entry, fact, "announced, shown and shipped are different days")


def _days(entry: Entry) -> Days:
    """The days held of a chip, with what they are."""
    found = {name: entry.facts[name] for name in ("announced", "released") if name in entry.facts}
    return {name: (fact, days) for name, fact in found.items()
            if (days := period(str(fact.value)))}  # fmt: skip


def _fitting(claim: Claim, days: Days, printed: Period) -> Fact | None:
    """A verified day that lies in the printed time: of the kind that is told, either where a
    launch or a delivery is, both for a first showing to the market."""
    meet = {name: fact for name, (fact, known) in days.items() if _meet(printed, known)}
    if claim.relation == "debut" and len(meet) < len(days):
        return None
    if claim.field == "announced" and "announced" in days:
        meet = {name: fact for name, fact in meet.items() if name == "announced"}
    return next((fact for fact in meet.values() if fact.verified), None)


def _window(claim: Claim, told: list[Days], rivals: list[Period]) -> Period:
    """From when to when a chip, in any of its variants, may be told to be new."""
    every = [known for days in told for _, known in days.values()] + rivals
    first, last = min(each[0] for each in every), max(each[1] for each in every)
    shown = [days["announced"][1] for days in told if "announced" in days]
    if not shown:
        first -= _OUT
    if claim.field == "announced" and shown:
        last = max(each[1] for each in shown) + _ANNOUNCED
    else:
        last += _OUT if any("released" in days for days in told) else _UNKNOWN
    return first - _BEFORE, last


def _meet(one: Period, other: Period) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _dated(outcome: Any, entry: Entry, fact: Fact, note: str = "") -> Verdict:
    return Verdict(
        outcome, f"{entry.name}: {fact.field.title} {fact.shown}", note, entry.id, fact.field.name,
        asked(entry, fact.field.name), tuple(source.key for source in fact.sources),
    )  # fmt: skip
