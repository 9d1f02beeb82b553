"""What the law of a day says of shipping one chip, and what that makes of a statement on it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.claim import Claim, Verdict, cannot_tell
from chipassay.claims.text.acts import Act, by_another
from chipassay.errors import ChipassayError
from chipassay.records.answer import Answer

FREE = ("no_licence",)
UNSETTLED = ("indeterminate", "unknown")
Ask = Callable[..., Answer]


def days_of(words: str, on: str) -> list[datetime.date]:
    """The printed day; both ends of a printed month or year; else the article's day."""
    written = words or on
    if len(written) == len("2022"):
        year = int(written)
        return [datetime.date(year, 1, 1), datetime.date(year, 12, 31)]
    if len(written) == len("2022-10"):
        first = datetime.date.fromisoformat(f"{written}-01")
        following = (first + datetime.timedelta(days=31)).replace(day=1)
        return [first, following - datetime.timedelta(days=1)]
    return [datetime.date.fromisoformat(written)] if len(written) == len("2022-10-07") else []


class Shipment(NamedTuple):
    """A chip and a country, with the one who is asked what the law says of them."""

    chip: str
    to: str
    ask: Ask

    def on(self, day: datetime.date) -> Mapping[str, Any] | None:
        """The ruling of a day; None where the law cannot be asked."""
        return ruling_of(self.ask, self.chip, self.to, day)


def ruling_of(ask: Ask, chip: str, to: str, day: datetime.date) -> Mapping[str, Any] | None:
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


A_DAY = datetime.timedelta(days=1)
_SOON = datetime.timedelta(days=60)
"""Within this a rule that was released takes effect."""


def chip_verdict(claim: Claim, days: list[datetime.date], shipment: Shipment) -> Verdict:
    """What the law of the printed days says of the chip."""
    rulings = [(day, shipment.on(day)) for day in days]
    found = [(day, ruling) for day, ruling in rulings if ruling is not None]
    if not found:
        told = "the law cannot be asked of this chip and day"
        return cannot_tell(told, chip=shipment.chip, field="licence")
    free = [each for each in found if _outcome(each[1]) in FREE]
    open_ = [each for each in found if _is_open(_outcome(each[1]), claim.relation)]
    needed = [each for each in found if each not in free and each not in open_]
    if claim.relation == "licence not needed":
        return _free(claim, shipment, free, needed, open_)
    if claim.relation in ("licence needed", "barred"):
        return _barred(claim, shipment, (days[0], days[-1]), (needed, free, open_))
    day, ruling = found[-1]
    if claim.relation == "freed":
        return _freed(claim, shipment, day, ruling)
    told = "policy, not a ruling; the ruling itself is given"
    return Verdict("cannot tell", note=told, **_base(shipment, day, ruling))


def _outcome(ruling: Mapping[str, Any]) -> str:
    return str(ruling["enforced"]["outcome"])


def _is_open(outcome: str, relation: str = "") -> bool:
    """Whether the law leaves it open: unknown, written and not enforced, or by a notice."""
    noticed = relation == "licence needed" and outcome.startswith("exception")
    return outcome in UNSETTLED or outcome.startswith(_UNENFORCED) or noticed


_UNENFORCED = "no_licence:"


def _base(shipment: Shipment, day: datetime.date, ruling: Mapping[str, Any]) -> dict[str, Any]:
    enforced = ruling["enforced"]
    chip, to = shipment.chip, shipment.to
    return {
        "chip": chip, "field": "licence",
        "asked": {"task": "ship", "chip": chip, "to": to, "on": day.isoformat()},
        "reference": f"{chip} to {to} on {day}: {enforced['outcome']}; {enforced['because']}",
    }  # fmt: skip


Ruled = list[tuple[datetime.date, Mapping[str, Any]]]


def _free(claim: Claim, shipment: Shipment, free: Ruled, needed: Ruled, open_: Ruled) -> Verdict:
    """No licence is needed: on some day printed; wrong where one was on each of them."""
    if free:
        return Verdict("supported", **_base(shipment, *free[0]))
    if open_:
        return Verdict("cannot tell", note="the law leaves it open", **_base(shipment, *open_[0]))
    return _wrong(claim, "a licence was needed then", _base(shipment, *needed[-1]))


def _wrong(claim: Claim, note: str, base: dict[str, Any]) -> Verdict:
    """A call of wrong needs a printed day: the article's own is taken from its text, or today's."""
    if not claim.words:
        told = f"{note}; the sentence prints no day"
        return Verdict("cannot tell", note=told, differs=True, **base)
    return Verdict("contradicted", note=note, **base)


def _barred(
    claim: Claim,
    shipment: Shipment,
    period: tuple[datetime.date, datetime.date],
    ruled: tuple[Ruled, Ruled, Ruled],
) -> Verdict:
    """A licence is needed, or came to be needed in the days printed."""
    needed, free, open_ = ruled
    said = str(claim.facts.get("said", ""))
    if open_ and not needed:
        return Verdict("cannot tell", note="the law leaves it open", **_base(shipment, *open_[0]))
    if not needed:
        return _announced(claim, shipment, period, free)
    base = _base(shipment, *needed[-1])
    own = _of_period(claim, period)
    if own and all(by_another(act, said) for act in own):
        told = "a licence was needed then, by the other administration's rule"
        return Verdict("contradicted", note=told, **base)
    if not claim.words:
        return _undated(claim, period, base)
    before = shipment.on(period[0] - A_DAY)
    if before is None or _outcome(before) in FREE:
        day = len(claim.words) == len("2022-10-07")
        told = "on that very day" if day else "in that time"
        return Verdict("supported", note=f"the ruling changes {told}", **base)
    if claim.relation == "licence needed" and not own and _ONSET.search(said):
        return _no_onset(claim, said, base)
    if claim.relation == "licence needed":
        told = "a licence was needed then, and on the day before it too"
        return Verdict("supported", note=told, **base)
    if _FIRST_TIME.search(said):
        told = "a licence was needed before that already"
        return Verdict("contradicted", note=told, **base)
    if set(needed[-1][1]["enforced"]["rules"]) - set(before["enforced"]["rules"]):
        told = "a licence was needed before too; a further rule reaches it then"
        return Verdict("supported", note=told, **base)
    later = shipment.on(period[1] + _SOON)
    further = later is not None and set(later["enforced"]["rules"]) - set(
        before["enforced"]["rules"]
    )
    if further and _came_out(claim, period):
        told = "a licence was needed before too; a further rule came out then"
        return Verdict("supported", note=told, **base)
    told = "it needed a licence before that, and no further rule came then"
    return Verdict("cannot tell", note=told, differs=True, **base)


_TOLD = re.compile(r"\b(?:told|informed|notified)\b|通知|告知", re.I)
_NEAR = datetime.timedelta(days=28)


def _no_onset(claim: Claim, said: str, base: dict[str, Any]) -> Verdict:
    """What is told as new of a day was so before; wrong where the day of it lies close by."""
    told = "a licence was needed before that already, and no rule on it is of that time"
    other = _was_told(claim, said)
    if other:
        return Verdict("contradicted", note=told, **{**base, "reference": other})
    return Verdict("cannot tell", note=told, differs=True, **base)


def _was_told(claim: Claim, said: str) -> str:
    """The act of which a maker was told within weeks of a whole day that is printed, and on none
    of its own days; "" for none."""
    if len(claim.words) < len("2022-10-07") or _TOLD.search(said) is None:
        return ""
    printed = datetime.date.fromisoformat(claim.words)
    for act in claim.facts.get("acts", ()):
        days = [datetime.date.fromisoformat(day) for day in act.ever()]
        near = not act.eases and any(abs(day - printed) < _NEAR for day in days)
        if near and not any(abs(day - printed) <= A_DAY for day in days):
            return str(act.told())
    return ""


_ONSET = re.compile(
    r"\b(?:new|from|since|starting|beginning|as of|told|informed|notified|learned|disclosed)\b"
    r"|通知|告知|新增|起", re.I,
)  # fmt: skip
"""Words by which a requirement is new on the day that is printed."""
_FIRST_TIME = re.compile(r"\bfirst\b|initially|originally|首次|最初", re.I)


def _of_period(claim: Claim, period: tuple[datetime.date, datetime.date]) -> list[Act]:
    """The acts on the chip that lie in the days printed; none where no day is."""
    first, last = (each.isoformat() for each in period)
    acts: Sequence[Act] = claim.facts.get("acts", ())
    return [act for act in acts if claim.words and any(first <= day <= last for day in act.ever())]


def _undated(
    claim: Claim, period: tuple[datetime.date, datetime.date], base: dict[str, Any]
) -> Verdict:
    """What is needed is told in the present; a ban that came is of some day, and none is known."""
    today = datetime.datetime.now(datetime.UTC).date()
    if claim.relation == "barred" and period[1] >= today:
        told = "a licence is needed today; of which day the text is, it does not say"
        return Verdict("cannot tell", note=told, **base)
    return Verdict("supported", **base)


def _came_out(claim: Claim, period: tuple[datetime.date, datetime.date]) -> bool:
    """Whether any act was released in the days printed."""
    first, last = (each.isoformat() for each in period)
    days = {day for act in claim.facts.get("all", ()) for day in act.days["released"]}
    return any(first <= day <= last for day in days)


def _announced(
    claim: Claim,
    shipment: Shipment,
    period: tuple[datetime.date, datetime.date],
    free: Ruled,
) -> Verdict:
    """None is needed in the days printed: wrong, unless the rule was released then."""
    base = _base(shipment, *free[-1])
    later = shipment.on(period[1] + _SOON) if claim.words else None
    if later is not None and not (_outcome(later) in FREE or _is_open(_outcome(later))):
        told = "the rule came out then, and binds it since a later day"
        if _came_out(claim, period):
            return Verdict("supported", note=told, **_base(shipment, period[1] + _SOON, later))
        if claim.relation == "barred":
            return Verdict("cannot tell", note="a licence was needed soon after", **base)
    return _wrong(claim, "no licence was needed then", base)


def _freed(
    claim: Claim, shipment: Shipment, day: datetime.date, ruling: Mapping[str, Any]
) -> Verdict:
    """Sales are let go again: by the ruling, or as somebody announced it on that day."""
    base = _base(shipment, day, ruling)
    own: Sequence[Act] = claim.facts.get("acts", ())
    acts = [act for act in own if act.eases]
    if _outcome(ruling) in FREE:
        barred = [min(act.ever()) for act in own if not act.eases]
        again = barred and claim.words and _AGAIN.search(str(claim.facts.get("said", "")))
        if again and day.isoformat() < min(barred):
            return _wrong(claim, f"nothing barred it before {min(barred)}", base)
        return Verdict("supported", **base)
    for act in acts:
        if claim.words and act.on(claim.words, "released"):
            told = "as an announcement or a practice: the rule itself stood"
            base["reference"] = act.told()
            if by_another(act, str(claim.facts.get("said", ""))):
                return Verdict("contradicted", note="the other administration's", **base)
            return Verdict("supported", note=told, **base)
    practical, enforced = ruling["practical"], ruling["enforced"]
    if practical["because"] == enforced["because"]:
        told = "the rule stood on that day; no practice is held"
        eased = [datetime.date.fromisoformat(min(act.ever())) for act in acts]
        if eased and len(claim.words) >= len("2022-10") and day < min(eased) - _NEAR:
            return Verdict("contradicted", note=f"nothing was let go before {min(eased)}", **base)
        return Verdict("cannot tell", note=told, **base)
    base["reference"] = f"{base['reference']}; in practice: {practical['because']}"
    if claim.voice.forecast and claim.facts.get("announces"):
        return Verdict("supported", note="as an announcement: the rule itself stood", **base)
    told = "announced or reported, and the rule still stood"
    return Verdict("cannot tell", note=told, **base)


_AGAIN = re.compile(
    r"\bresum\w+|\blift(?:s|ed|ing)?\b|\brevers\w+|\breinstat\w*|\bagain\b|恢复|解禁", re.I
)
"""Words for what is let go again, and so was barred before."""


def built_to_rules(catalogue: Catalogue, shipment: Shipment) -> Verdict:
    """A part built to the rules: none of them reached it on the day it was announced."""
    entry = catalogue.chip_entry(shipment.chip)
    day = entry.text("announced") or entry.text("released")
    days = days_of(day[: len("2022-10-07")], "") if day else []
    ruling = shipment.on(days[-1]) if days else None
    if ruling is None:
        told = "the day it was announced, or the law of it, is not known"
        return cannot_tell(told, chip=shipment.chip, field="licence")
    base = _base(shipment, days[-1], ruling)
    if _outcome(ruling) in FREE:
        return Verdict("supported", note="no rule reached it when it was announced", **base)
    return Verdict("cannot tell", note="which rule it was built to is not said", **base)
