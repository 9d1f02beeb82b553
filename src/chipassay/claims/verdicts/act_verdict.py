"""What is held of a day or a figure that a sentence gives an act of law."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.claim import Amount, Claim, Verdict, cannot_tell
from chipassay.claims.text.acts import KINDS, Act, acts_of, by_another
from chipassay.claims.verdicts.tolerance import agrees, differs
from chipassay.units import parse

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
    again = len(own) > 1 and all(act.listing for act in own)
    if fits and (again or not named) and len(day) == len("2022"):
        return cannot_tell("a year alone does not tell which rule is meant", field="rule_date")
    other = [act for act in fits if by_another(act, claim.facts["said"], verb)]
    if fits and len(other) == len(fits):
        told = "the day is right, and it was the other administration's"
        sure = fits[0] in own and all(act.seen for act in fits)
        return _of(fits[0], "contradicted" if sure else "cannot tell", told)
    if fits and verb == "named":
        return _of(fits[0], "cannot tell", "the rules are only named; what is said of them is open")
    if fits:
        note = "" if fits[0] in own else "told by its day alone"
        return _of(fits[0], "supported", note)
    slip = _slip(claim, own, _acts(catalogue))
    if slip is not None:
        return slip
    if not own:
        return cannot_tell("no rule held has this day", field="rule_date")
    reference = "; ".join(act.told() for act in list(own)[:3])
    sources = tuple(key for act in list(own)[:3] for key in act.sources)
    base: dict[str, Any] = {"reference": reference, "field": "rule_date", "sources": sources}
    if any(act.on(day, kind) for act in own for kind in ("compliance", "effective", "released")):
        return Verdict("cannot tell", note="it is another day of the rule", **base)
    certain = named and len(own) == 1 and own[0].seen
    return Verdict("cannot tell", note="the days held of it are others", differs=certain, **base)


_FIRST = "2022-08"
"""The month of the first letters on AI chips."""


def _slip(claim: Claim, own: Sequence[Act], acts: Sequence[Act]) -> Verdict | None:
    """The call of wrong on a day that no act the sentence may mean has, nor any near it: the
    acts it names, else those on its chip and the broad ones, else the day of another year."""
    if claim.relation in ("comments", "compliance"):
        return _missed(claim, own)
    named = bool(own) and bool(claim.facts.get("by name"))
    meant = list(own) if named else [*own, *(act for act in acts if act.broad)]
    far = any(act.seen for act in meant) and all(_is_far(act, claim) for act in meant)
    if named and far and claim.relation != "changed":
        return _of(own[0], "contradicted", "none of the rule's days is near it")
    day = claim.words
    if not claim.facts.get("of chips"):
        return None
    same = [act for act in meant if any(each[4:] == day[4:] for each in act.ever())]
    if len(day) == len("2022-10-07") and len(same) == 1 and not _is_close(meant, day):
        return _of(same[0], "contradicted", "the day is that of another year")
    if not far:
        return None
    if own and all(day < min(act.ever()) for act in own):
        return _of(own[0], "contradicted", "no rule reached the chip before")
    if len(day) >= len(_FIRST) and day < _FIRST:
        first = min(meant, key=lambda act: min(act.ever()))
        return _of(first, "contradicted", "the first controls on AI chips are of August 2022")
    return None


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


_BESIDE: Mapping[str, tuple[str, ...]] = {
    "effective": ("effective", "published", "released"),
    "registered": ("published", "released"),
    "ended": ("ended",),
}
"""The days that a verb may be mistaken about by a few weeks, where not any of them may be."""


def _missed(claim: Claim, own: Sequence[Act]) -> Verdict | None:
    """The call of wrong on the last day to comply or comment of the one act that is named."""
    if len(own) != 1 or not claim.facts.get("by name") or not own[0].seen:
        return None
    days = own[0].days[claim.relation]
    near = any(day[: len(claim.words)] == claim.words for day in own[0].ever())
    if not days or near or len(claim.words) < len("2022-10"):
        return None
    return _of(own[0], "contradicted", "none of the rule's days is that")


def _is_close(acts: Iterable[Act], day: str) -> bool:
    """Whether a day lies within a few days of one of any of these acts."""
    printed = datetime.date.fromisoformat(day)
    days = (datetime.date.fromisoformat(each) for act in acts for each in act.ever())
    return any(abs((each - printed).days) <= _FEW for each in days)


_FEW = 2


def _is_far(act: Act, claim: Claim) -> bool:
    """Whether a printed day is none of an act's days, nor near those that the verb may mean; in
    any year where none is printed."""
    printed = claim.facts["month"]
    near = sorted({day for kind in _BESIDE.get(claim.relation, KINDS) for day in act.days[kind]})
    if not near or any(day[4:].startswith(printed) for day in act.ever() if printed[0] == "-"):
        return False
    if printed.startswith("-"):
        return not any((int(printed[1:3]) - int(day[5:7])) % 12 in (0, 1, 11) for day in near)
    if any(day.startswith(printed) for day in act.ever()):
        return False
    if len(printed) == len("2022"):
        return True
    whole = len(printed) == len("2022-10-07")
    first = datetime.date.fromisoformat(printed if whole else f"{printed}-01")
    last = first if whole else first + datetime.timedelta(days=30)
    days = [datetime.date.fromisoformat(day) for day in near]
    wide = datetime.timedelta(days=_FAR)
    return all(day < first - wide or day > last + wide for day in days)


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
    if claim.field == "listed" and not own:
        return cannot_tell("no addition of so many is held", field=claim.field)
    _, told, sources = held[0]
    most = max(each[0] for each in held)
    far = claim.field != "listed" or amount.value > _MORE * most
    if len(own) == 1 and far and all(differs(amount, each[0]) for each in held):
        return Verdict("contradicted", told, field=claim.field, sources=sources)
    return cannot_tell(
        "the rules held have other figures", reference=told, field=claim.field, sources=sources,
        differs=bool(own),
    )  # fmt: skip


_MORE = 1.3
"""Parties are counted with and without those of other countries, but never so many more."""
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
    named = {id_ for act in claim.facts["acts"] for id_ in act.rules}
    for id_, rule in catalogue.rules().items():
        if named and id_ not in named:
            continue
        if rule["layer"] not in _BINDING or rule["confidence"] != "seen":
            continue
        for name, limit in rule.get("limits", {}).items():
            if name.startswith(names) and limit["unit"] == amount.unit and names:
                told = f"{rule['paragraph']}: {rule['title']} ({rule['cite']})"
                found.append((parse(limit["value"], limit["unit"]), told, tuple(rule["sources"])))
    return found
