"""What is held of a day or a figure that a sentence gives an act of law."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.acts import Act, acts_of
from chipassay.claims.claim import Amount, Claim, Verdict, cannot_tell
from chipassay.claims.tolerance import agrees
from chipassay.units import parse

_STRICT = ("effective", "registered", "ended")
"""Verbs that leave no doubt which day of an act is meant."""
_FAR = 28
"""How many days off a printed day must lie before it is called wrong: announced, released,
published and in force lie days apart, and pages mix them up."""
_acts = functools.lru_cache(maxsize=4)(acts_of)


def rule_date_verdict(claim: Claim, catalogue: Catalogue) -> Verdict:
    """The day of an act: supported where a fitting day of it is the one printed."""
    own: Sequence[Act] = claim.facts["acts"]
    day, verb = claim.words, claim.relation
    if not day:
        return cannot_tell("no year is printed", field="rule_date")
    named = bool(own) and bool(claim.facts.get("by name"))
    held = [*own, *(() if named else _unnamed(claim, _acts(catalogue)))]
    fits = _fitting(held, day, verb)
    if fits:
        note = "" if fits[0] in own else "told by its day alone"
        return _of(fits[0], "supported", note)
    if not own:
        return cannot_tell("no rule held has this day", field="rule_date")
    reference = "; ".join(act.told() for act in list(own)[:3])
    sources = tuple(key for act in list(own)[:3] for key in act.sources)
    base: dict[str, Any] = {"reference": reference, "field": "rule_date", "sources": sources}
    if any(act.on(day, kind) for act in own for kind in ("compliance", "effective", "released")):
        return Verdict("cannot tell", note="it is another day of the rule", **base)
    certain = claim.facts.get("by name") and len(own) == 1 and own[0].seen
    if certain and verb in _STRICT and _is_far(own[0], claim):
        return Verdict("contradicted", note="none of the rule's days is near it", **base)
    note = "the days held of it are others"
    return Verdict("cannot tell", note=note, differs=bool(certain), **base)


def _fitting(held: Iterable[Act], day: str, verb: str) -> list[Act]:
    """The acts that have this day, as the verb means it; what was planned may be either day."""
    kinds = ("effective", "compliance") if verb == "planned" else (verb,)
    return [act for act in held if any(act.on(day, kind) for kind in kinds)]


def _unnamed(claim: Claim, acts: Sequence[Act]) -> list[Act]:
    """The acts a sentence may mean that names none: any of that very day, the broad ones of a
    month; a year alone tells nothing."""
    whole, month = len("2022-10-07"), len("2022-10")
    if len(claim.words) == whole:
        return [act for act in acts if not act.listing]
    return [act for act in acts if act.broad] if len(claim.words) == month else []


def _is_far(act: Act, claim: Claim) -> bool:
    """Whether no day of an act lies near what is printed, in any year where none is printed."""
    printed, days = claim.facts["month"], sorted(act.ever())
    if printed.startswith("-"):
        months = {int(day[5:7]) for day in days}
        return not any((int(printed[1:3]) - month) % 12 in (0, 1, 11) for month in months)
    if len(printed) == len("2022"):
        return not any(day.startswith(printed) for day in days)
    first = datetime.date.fromisoformat(printed if len(printed) > len("2022-10") else f"{printed}-01")
    last = first if len(printed) > len("2022-10") else first + datetime.timedelta(days=30)
    return all(
        datetime.date.fromisoformat(day) < first - datetime.timedelta(days=_FAR)
        or datetime.date.fromisoformat(day) > last + datetime.timedelta(days=_FAR)
        for day in days
    )


def _of(act: Act, outcome: Any, note: str = "") -> Verdict:
    return Verdict(outcome, act.told(), note, field="rule_date", sources=act.sources)


def law_figure_verdict(claim: Claim, catalogue: Catalogue) -> Verdict:
    """A figure of law: supported where a rule of that kind has it."""
    amount = claim.amount
    if amount is None:
        return cannot_tell("no figure is given", field=claim.field)
    own: Sequence[Act] = claim.facts["acts"]
    acts = own or _acts(catalogue)
    held = [*_of_acts(claim.field, acts, amount), *_of_rules(claim, catalogue, amount)]
    same = [each for each in held if agrees(amount, each[0])]
    if claim.voice.forecast and not claim.voice.speaker and claim.field in ("quota",):
        return cannot_tell("a plan", field=claim.field)
    if same and (own or claim.facts["sure"]):
        return Verdict("supported", same[0][1], field=claim.field, sources=same[0][2])
    if same:
        told = "a rule has this figure, and the sentence does not name it"
        return cannot_tell(told, reference=same[0][1], field=claim.field, sources=same[0][2])
    if not held:
        return cannot_tell("no rule held has a figure of this kind", field=claim.field)
    value, told, sources = held[0]
    return cannot_tell(
        "the rules held have other figures", reference=told, field=claim.field, sources=sources,
        differs=bool(own) and claim.field != "listed",
    )  # fmt: skip


Held = tuple[float, str, tuple[str, ...]]


def _of_acts(field: str, acts: Iterable[Act], amount: Amount) -> list[Held]:
    return [
        (parse(figure["value"], figure["unit"]), f"{act.title}: {figure['value']}", act.sources)
        for act in acts for figure in act.figures
        if figure["kind"] == field and figure["unit"] == amount.unit
    ]  # fmt: skip


_LIMITS: Mapping[str, tuple[str, ...]] = {
    "ownership": ("share",),
    "io_limit": ("input_output",),
    "memory_limit": ("memory_bandwidth",),
    "bandwidth_limit": ("input_output", "memory_bandwidth"),
    "density_limit": ("stack_density", "stack_density_below"),
    "transistor_limit": ("transistors_below",),
}
_BINDING = ("classification", "review", "exception", "guidance", "party", "fiscal")


def _of_rules(claim: Claim, catalogue: Catalogue, amount: Amount) -> list[Held]:
    """The limits of rules, letters left out: theirs are read off the chips they name."""
    names = _LIMITS.get(claim.field, ())
    found = []
    for rule in catalogue.rules().values():
        if rule["layer"] not in _BINDING or rule["confidence"] != "seen":
            continue
        for name, limit in rule.get("limits", {}).items():
            if name.startswith(names) and limit["unit"] == amount.unit and names:
                told = f"{rule['paragraph']}: {rule['title']} ({rule['cite']})"
                found.append((parse(limit["value"], limit["unit"]), told, tuple(rule["sources"])))
    return found
