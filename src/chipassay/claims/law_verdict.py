"""What a sentence says of licences before the law of its day, asked as anybody could ask it."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from chipassay.claims.claim import Claim, Verdict, cannot_tell
from chipassay.errors import ChipassayError
from chipassay.records.answer import Answer

_REACH = ("CN", "HK", "MO")
FREE = ("no_licence",)
UNSETTLED = ("indeterminate", "unknown")
Ask = Callable[..., Answer]


def law_verdict(claim: Claim, on: str, ask: Ask) -> Verdict:
    """The verdict on a statement of law; `ask` puts questions, `on` is the article's day."""
    if claim.relation == "opinion":
        return cannot_tell("an opinion about software; nothing here measures it", field="software")
    to = str(claim.facts.get("to") or "")
    if to and to not in _REACH and claim.subject is None:
        return cannot_tell(f"the law of {to} is not among the rules held", field="licence")
    if claim.subject is None or claim.subject.kind != "chip":
        told = "a statement of policy that names no chip; no rule held settles it"
        return cannot_tell(told, field="licence")
    day = _day(claim.words, on)
    if day is None:
        return cannot_tell("no day is known on which to read the law", field="licence")
    chip, to = claim.subject.ids[0], to or "CN"
    ruling = _ruling(ask, chip, to, day)
    if ruling is None:
        return cannot_tell(
            "the law cannot be asked of this chip and day", chip=chip, field="licence"
        )
    return _judged(claim, chip, to, day, ruling, ask)


def _day(words: str, on: str) -> datetime.date | None:
    for written in (words, on):
        if len(written) >= 7:
            full = written if len(written) == 10 else f"{written}-01"
            return datetime.date.fromisoformat(full)
    return None


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
        "asked": {"task": "assay", "chip": chip, "to": to, "on": day.isoformat()},
        "reference": f"{chip} to {to} on {day}: {outcome}; {enforced['because']}",
    }  # fmt: skip
    if outcome in UNSETTLED:
        return Verdict("cannot tell", note="the law leaves it open", **base)
    if claim.relation == "licence needed":
        return _needed(claim, chip, to, day, outcome, base, ask)
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
