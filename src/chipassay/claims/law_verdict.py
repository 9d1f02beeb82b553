"""What a sentence says of licences before the law of its day, asked as anybody could ask it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.claim import Amount, Claim, Verdict, cannot_tell
from chipassay.claims.tolerance import agrees, differs
from chipassay.errors import ChipassayError
from chipassay.records.answer import Answer
from chipassay.units import parse, text

_REACH = ("CN", "HK", "MO")
FREE = ("no_licence",)
UNSETTLED = ("indeterminate", "unknown")
Ask = Callable[..., Answer]


def law_verdict(claim: Claim, on: str, catalogue: Catalogue, ask: Ask) -> Verdict:
    """The verdict on a statement of law; `ask` puts questions, `on` is the article's day."""
    if claim.relation == "opinion":
        return cannot_tell("an opinion about software; nothing here measures it", field="software")
    if claim.subject is None or claim.subject.kind != "chip":
        return _without_chip(claim, catalogue)
    days = _days(claim.words, on)
    if not days:
        return cannot_tell("no day is known on which to read the law", field="licence")
    chip, to = claim.subject.ids[0], str(claim.facts.get("to") or "CN")
    verdicts = [_on_day(claim, chip, to, day, ask) for day in days]
    return next((each for each in verdicts if each.outcome == "supported"), verdicts[0])


def performance_verdict(claim: Claim, on: str, catalogue: Catalogue, ask: Ask) -> Verdict:
    """A total processing performance, or its density: a chip's, as a ruling computes it, or a
    limit of the law."""
    amount, days = claim.amount, _days("", on)
    dense = claim.field == "performance_density"
    title = "performance density" if dense else "total processing performance"
    if amount is None or not days:
        return cannot_tell("no day is known on which to read the law", field="performance")
    if claim.subject is None or claim.subject.kind != "chip":
        return _limit(amount, days[0], catalogue)
    chip = claim.subject.ids[0]
    ruling = _ruling(ask, chip, "CN", days[0])
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


def _limit(amount: Amount, day: datetime.date, catalogue: Catalogue) -> Verdict:
    """Whether a rule in force on the day has this limit."""
    dense = amount.unit != "bit.FLOP/s"
    field = "performance_density" if dense else "performance"
    for id_, rule in catalogue.rules().items():
        for limit in rule.get("limits", {}).values():
            if limit["unit"] == amount.unit and agrees(amount, parse(limit["value"], amount.unit)):
                told = f"{rule['paragraph']}: {rule['title']} ({rule['cite']})"
                if _in_force(rule, day):
                    return Verdict("supported", told, f"a limit of {id_}", field=field,
                                   sources=tuple(rule["sources"]))  # fmt: skip
    return cannot_tell("no rule in force on that day has this limit", field=field)


def _in_force(rule: Mapping[str, Any], day: datetime.date) -> bool:
    return any(
        str(each["from_"]) <= day.isoformat() < str(each.get("until") or "9")
        for each in rule.get("status", ())
    )


def _without_chip(claim: Claim, catalogue: Catalogue) -> Verdict:
    """A statement that names no chip: is a rule of that day and place held?"""
    said = str(claim.facts.get("said", ""))
    for rule in catalogue.rules().values():
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


def _on_day(claim: Claim, chip: str, to: str, day: datetime.date, ask: Ask) -> Verdict:
    ruling = _ruling(ask, chip, to, day)
    if ruling is None:
        told = "the law cannot be asked of this chip and day"
        return cannot_tell(told, chip=chip, field="licence")
    return _judged(claim, chip, to, day, ruling, ask)


def _days(words: str, on: str) -> list[datetime.date]:
    """The printed day; both ends of a printed month; else the article's day."""
    written = words if len(words) >= 7 else on
    if len(written) == 7:
        first = datetime.date.fromisoformat(f"{written}-01")
        following = (first + datetime.timedelta(days=31)).replace(day=1)
        return [first, following - datetime.timedelta(days=1)]
    return [datetime.date.fromisoformat(written)] if len(written) == 10 else []


def _ruling(ask: Ask, chip: str, to: str, day: datetime.date) -> Mapping[str, Any] | None:
    """The ruling: from `ship` where there is that command, else from the assay."""
    for task in ("ship", "assay"):
        try:
            answer = ask(task=task, chip=chip, to=to, on=day)
        except ChipassayError:
            continue
        found = answer.answer if task == "ship" else answer.answer.get("ship")
        if found is not None and "enforced" in found:
            return found
    return None


def _judged(
    claim: Claim, chip: str, to: str, day: datetime.date, ruling: Mapping[str, Any], ask: Ask
) -> Verdict:
    enforced, practical = ruling["enforced"], ruling["practical"]
    outcome = str(enforced["outcome"])
    base: dict[str, Any] = {
        "chip": chip, "field": "licence",
        "asked": {"task": "ship", "chip": chip, "to": to, "on": day.isoformat()},
        "reference": f"{chip} to {to} on {day}: {outcome}; {enforced['because']}",
    }  # fmt: skip
    if outcome in UNSETTLED:
        return Verdict("cannot tell", note="the law leaves it open", **base)
    if claim.relation == "licence needed":
        return _needed(claim, chip, to, day, outcome, base, ask)
    if claim.relation == "licence not needed":
        free = outcome in FREE
        return Verdict("supported" if free else "contradicted", **base)
    if claim.relation == "freed":
        if outcome in FREE:
            return Verdict("supported", **base)
        if practical["because"] != enforced["because"]:
            base["reference"] = f"{base['reference']}; in practice: {practical['because']}"
            if claim.voice.forecast and claim.facts.get("announces"):
                return Verdict(
                    "supported", note="as an announcement: the rule itself stood", **base
                )
            return Verdict(
                "cannot tell", note="announced or reported, and the rule still stood", **base
            )
        return Verdict(
            "cannot tell", note="the rule stood on that day; no practice is held", **base
        )
    told = "policy, not a ruling; the ruling itself is given"
    return Verdict("cannot tell", note=told, **base)


def _needed(
    claim: Claim,
    chip: str,
    to: str,
    day: datetime.date,
    outcome: str,
    base: dict[str, Any],
    ask: Ask,
) -> Verdict:
    """A licence is needed: on that day, and (where a day is printed) not on the day before."""
    if outcome in FREE:
        return Verdict("contradicted", note="no licence was needed on that day", **base)
    if len(claim.words) == 10:
        before = _ruling(ask, chip, to, day - datetime.timedelta(days=1))
        if before is not None and str(before["enforced"]["outcome"]) in FREE:
            return Verdict("supported", note="the ruling changes on that very day", **base)
        told = "a licence was needed on that day, and on the day before it too"
        return Verdict("supported", note=told, **base)
    return Verdict("supported", **base)
