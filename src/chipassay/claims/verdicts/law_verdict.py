"""What a sentence says of licences before the law of its day, asked as anybody could ask it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.claim import Amount, Claim, Verdict, cannot_tell
from chipassay.claims.verdicts.licence_verdict import (
    A_DAY,
    Ask,
    Shipment,
    built_to_rules,
    chip_verdict,
    days_of,
    ruling_of,
)
from chipassay.claims.verdicts.tolerance import agrees, differs
from chipassay.units import parse, text

_REACH = ("CN", "HK", "MO")
_FIRST = datetime.date(2022, 1, 1)
"""Older law than this is not held."""


def law_verdict(claim: Claim, on: str, catalogue: Catalogue, ask: Ask) -> Verdict:
    """The verdict on a statement of law; `ask` puts questions, `on` is the article's day."""
    if claim.relation == "opinion":
        return cannot_tell("an opinion about software; nothing here measures it", field="software")
    if claim.subject is None or claim.subject.kind != "chip":
        return _without_chip(claim, datetime.date.fromisoformat(on), catalogue)
    days = days_of(claim.words, on)
    if days and claim.words and claim.facts.get("before"):
        days = [days[0] - A_DAY]
    early = _too_early(claim, days, catalogue) if days and claim.words else None
    if early is not None:
        return early
    if not days or days[0] < _FIRST:
        return cannot_tell("no day is known on which to read the law", field="licence")
    to = str(claim.facts.get("to") or "CN")
    seat = _seat(claim.subject.ids[0], catalogue)
    if seat not in ("", "US"):
        return cannot_tell(f"its maker sits in {seat}, not in the US", field="licence")
    shipments = [Shipment(chip, to, ask) for chip in claim.subject.ids[:_VARIANTS]]
    if claim.relation == "complies":
        return built_to_rules(catalogue, shipments[0])
    found = chip_verdict(claim, days, shipments[0])
    if found.outcome != "contradicted":
        return found
    rest = [chip_verdict(claim, days, each) for each in shipments[1:]]
    if any(each.outcome != "contradicted" for each in rest):
        return replace(found, outcome="cannot tell", note="its variants fare differently")
    return found


_UNBORN = datetime.timedelta(days=120)
"""A rule does not name a chip so long before its maker does."""


def _too_early(claim: Claim, days: list[datetime.date], catalogue: Catalogue) -> Verdict | None:
    """The call of wrong on a chip that was barred or licensed before it was announced, or before
    any rule reached chips of its kind; None for later days."""
    chips = claim.subject.ids if claim.subject is not None else ()
    if claim.relation not in ("barred", "licence needed") or claim.facts.get("to") not in (
        "CN",
        "",
    ):
        return None
    born = [catalogue.chip_entry(chip).text("announced") for chip in chips]
    known = [days_of(day[: len("2022-10-07")], "")[0] for day in born if day]
    base: dict[str, Any] = {"chip": chips[0], "field": "licence"}
    if known and len(known) == len(born) and days[-1] < min(known) - _UNBORN:
        told = f"{chips[0]}: announced {min(known)}"
        return Verdict("contradicted", told, "the chip was announced later", **base)
    first = min((min(act.ever()) for act in claim.facts.get("acts", ())), default="")
    if first and days[-1].isoformat() < min(first, _CONTROLS):
        return Verdict("contradicted", note=f"no rule reached it before {first}", **base)
    return None


_CONTROLS = "2022-08"
"""The month of the first letters on AI chips."""


def _seat(chip: str, catalogue: Catalogue) -> str:
    """The country of a chip's maker; "" where none is held."""
    makers = catalogue.countries()["makers"]["headquarters"]
    return str(makers.get(catalogue.chip_entry(chip).vendor) or "")


_VARIANTS = 4
"""Variants of one name that are asked of before it is called wrong."""


def performance_verdict(claim: Claim, on: str, catalogue: Catalogue, ask: Ask) -> Verdict:
    """A total processing performance, or its density: a chip's, as a ruling computes it, or a
    limit of the law."""
    amount, days = claim.amount, days_of("", on)
    dense = claim.field == "performance_density"
    title = "performance density" if dense else "total processing performance"
    if amount is None or not days:
        return cannot_tell("no day is known on which to read the law", field="performance")
    if claim.subject is None or claim.subject.kind != "chip":
        return _limit(amount, days[0], catalogue, str(claim.facts.get("said", "")))
    chip = claim.subject.ids[0]
    ruling = ruling_of(ask, chip, "CN", days[0])
    known = ruling.get("density" if dense else "performance") if ruling is not None else None
    if known is None:
        return cannot_tell("the chip's rates are not known", chip=chip, field=claim.field)
    base: dict[str, Any] = {
        "reference": f"{chip}: {title} {text(float(known), amount.unit)}",
        "chip": chip, "field": claim.field,
        "asked": {"task": "ship", "chip": chip, "to": "CN", "on": days[0].isoformat()},
    }  # fmt: skip
    if agrees(amount, float(known)):
        return Verdict("supported", **base)
    if "limit" in claim.conventions or not differs(amount, float(known)):
        return Verdict("cannot tell", note="it may be the limit that is meant", **base)
    if agrees(amount, 2 * float(known)):
        told = "the figure counts sparse rates; the rule counts dense ones"
        return Verdict("right under another convention", note=told, **base)
    entry = catalogue.chip_entry(chip)
    rates = [fact for name, fact in entry.facts.items() if name.startswith("dense_")]
    if not all(fact.verified for fact in rates):
        return Verdict("cannot tell", note="not all of its rates are verified", **base)
    return Verdict("contradicted", **base)


_PARAGRAPH = re.compile(r"\b[34]A090\.[abc](?:\.\d)?")


def _limit(amount: Amount, day: datetime.date, catalogue: Catalogue, said: str) -> Verdict:
    """Whether a rule in force on the day has this limit; where a paragraph is named, that one."""
    named = tuple(_PARAGRAPH.findall(said))
    dense = amount.unit != "bit.FLOP/s"
    field = "performance_density" if dense else "performance"
    rules = catalogue.rules()
    own = {i: rule for i, rule in rules.items() if named and rule["paragraph"].startswith(named)}
    for id_, rule in (own or rules).items():
        for limit in rule.get("limits", {}).values():
            if limit["unit"] == amount.unit and agrees(amount, parse(limit["value"], amount.unit)):
                told = f"{rule['paragraph']}: {rule['title']} ({rule['cite']})"
                if _in_force(rule, day):
                    return Verdict("supported", told, f"a limit of {id_}", field=field,
                                   sources=tuple(rule["sources"]))  # fmt: skip
    if own and all(rule["confidence"] == "seen" for rule in own.values()):
        told = "; ".join(f"{rule['paragraph']}: {rule['title']}" for rule in own.values())
        note = "the paragraph has other limits"
        return Verdict("contradicted", told, note, field=field)
    told = "no rule in force on that day has this limit"
    return cannot_tell(told, field=field, differs=True)


def _in_force(rule: Mapping[str, Any], day: datetime.date) -> bool:
    return any(
        str(each["from_"]) <= day.isoformat() < str(each.get("until") or "9")
        for each in rule.get("status", ())
    )


def _without_chip(claim: Claim, day: datetime.date, catalogue: Catalogue) -> Verdict:
    """A statement that names no chip: is a rule of that day and place held?"""
    said = str(claim.facts.get("said", ""))
    for rule in catalogue.rules().values():
        if not claim.words and not _in_force(rule, day):
            continue
        about = " ".join(str(rule[key]) for key in ("paragraph", "title", "text", "cite"))
        if not _same_matter(said, about) or not _begins(rule, claim.words):
            continue
        reference = f"{rule['paragraph']}: {rule['title']} ({rule['cite']})"
        note = "; ".join(filter(None, [str(each.get("basis", "")) for each in rule["status"]]))
        if claim.words:
            return Verdict("supported", reference, note, field="licence",
                           sources=tuple(rule["sources"]))  # fmt: skip
        return Verdict("cannot tell", reference, f"the rule has conditions: {note}",
                       field="licence", sources=tuple(rule["sources"]))  # fmt: skip
    to = str(claim.facts.get("to") or "")
    if to and to not in _REACH:
        return cannot_tell(f"no rule of {to} on this is held", field="licence")
    told = "a statement of policy that names no chip; no rule held settles it"
    return cannot_tell(told, field="licence")


def _begins(rule: Mapping[str, Any], day: str) -> bool:
    """Whether a rule began on the day or in the month; for no day, whether it ever did."""
    begun = [str(each["from_"]) for each in rule.get("status", ())]
    return any(each.startswith(day) for each in begun) if day else bool(begun)


_NAME = re.compile(
    r"\b[A-Z][a-z]{3,}|\b\d+ days\b|\b(?:permit|notify|notif\w+|tranship\w*|transship\w*)"
)


def _same_matter(said: str, about: str) -> bool:
    """Whether a sentence and a rule share three names, or words as telling as names."""
    words = {_stem(word) for word in _NAME.findall(said)}
    held = {_stem(word) for word in _NAME.findall(about)}
    return len(words & held) >= 3 or ("ascend" in words & held)


def _stem(word: str) -> str:
    return word.lower().replace("transship", "tranship")[:6]
