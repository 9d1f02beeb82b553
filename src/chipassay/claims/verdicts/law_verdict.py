"""What a sentence says of licences before the law of its day, asked as anybody could ask it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.claim import Amount, Claim, Verdict, cannot_tell
from chipassay.claims.text.acts import Act, by_another
from chipassay.claims.verdicts.tolerance import agrees, differs
from chipassay.errors import ChipassayError
from chipassay.records.answer import Answer
from chipassay.units import parse, text

_REACH = ("CN", "HK", "MO")
_FIRST = datetime.date(2022, 1, 1)
"""Older law than this is not held."""
FREE = ("no_licence",)
UNSETTLED = ("indeterminate", "unknown")
Ask = Callable[..., Answer]


def law_verdict(claim: Claim, on: str, catalogue: Catalogue, ask: Ask) -> Verdict:
    """The verdict on a statement of law; `ask` puts questions, `on` is the article's day."""
    if claim.relation == "opinion":
        return cannot_tell("an opinion about software; nothing here measures it", field="software")
    if claim.subject is None or claim.subject.kind != "chip":
        return _without_chip(claim, datetime.date.fromisoformat(on), catalogue)
    days = _days(claim.words, on)
    if days and claim.words and claim.facts.get("before"):
        days = [days[0] - _A_DAY]
    if not days or days[0] < _FIRST:
        return cannot_tell("no day is known on which to read the law", field="licence")
    to = str(claim.facts.get("to") or "CN")
    seat = _seat(claim.subject.ids[0], catalogue)
    if seat not in ("", "US"):
        return cannot_tell(f"its maker sits in {seat}, not in the US", field="licence")
    shipments = [_Shipment(chip, to, ask) for chip in claim.subject.ids[:_VARIANTS]]
    if claim.relation == "complies":
        return _built_to_rules(catalogue, shipments[0])
    found = _chip_verdict(claim, days, shipments[0])
    if found.outcome != "contradicted":
        return found
    rest = [_chip_verdict(claim, days, each) for each in shipments[1:]]
    if any(each.outcome != "contradicted" for each in rest):
        return replace(found, outcome="cannot tell", note="its variants fare differently")
    return found


def _seat(chip: str, catalogue: Catalogue) -> str:
    """The country of a chip's maker; "" where none is held."""
    makers = catalogue.countries()["makers"]["headquarters"]
    return str(makers.get(catalogue.chip_entry(chip).vendor) or "")


_VARIANTS = 4
"""Variants of one name that are asked of before it is called wrong."""


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


def _days(words: str, on: str) -> list[datetime.date]:
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


class _Shipment(NamedTuple):
    """A chip and a country, with the one who is asked what the law says of them."""

    chip: str
    to: str
    ask: Ask

    def on(self, day: datetime.date) -> Mapping[str, Any] | None:
        """The ruling of a day; None where the law cannot be asked."""
        return _ruling(self.ask, self.chip, self.to, day)


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


_A_DAY = datetime.timedelta(days=1)
_SOON = datetime.timedelta(days=60)
"""Within this a rule that was released takes effect."""


def _chip_verdict(claim: Claim, days: list[datetime.date], shipment: _Shipment) -> Verdict:
    """What the law of the printed days says of the chip."""
    rulings = [(day, shipment.on(day)) for day in days]
    found = [(day, ruling) for day, ruling in rulings if ruling is not None]
    if not found:
        told = "the law cannot be asked of this chip and day"
        return cannot_tell(told, chip=shipment.chip, field="licence")
    free = [each for each in found if _outcome(each[1]) in FREE]
    open_ = [each for each in found if _is_open(_outcome(each[1]))]
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


def _is_open(outcome: str) -> bool:
    """Whether the law leaves it open: unknown, or written and not enforced."""
    return outcome in UNSETTLED or outcome.startswith(_UNENFORCED)


_UNENFORCED = "no_licence:"


def _base(shipment: _Shipment, day: datetime.date, ruling: Mapping[str, Any]) -> dict[str, Any]:
    enforced = ruling["enforced"]
    chip, to = shipment.chip, shipment.to
    return {
        "chip": chip, "field": "licence",
        "asked": {"task": "ship", "chip": chip, "to": to, "on": day.isoformat()},
        "reference": f"{chip} to {to} on {day}: {enforced['outcome']}; {enforced['because']}",
    }  # fmt: skip


Ruled = list[tuple[datetime.date, Mapping[str, Any]]]


def _free(claim: Claim, shipment: _Shipment, free: Ruled, needed: Ruled, open_: Ruled) -> Verdict:
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
    shipment: _Shipment,
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
    if any(by_another(act, said) for act in _of_period(claim, period)):
        told = "a licence was needed then, by the other administration's rule"
        return Verdict("cannot tell", note=told, differs=True, **base)
    if not claim.words:
        return _undated(claim, period, base)
    before = shipment.on(period[0] - _A_DAY)
    if before is None or _outcome(before) in FREE:
        day = len(claim.words) == len("2022-10-07")
        told = "on that very day" if day else "in that time"
        return Verdict("supported", note=f"the ruling changes {told}", **base)
    if claim.relation == "licence needed":
        told = "a licence was needed then, and on the day before it too"
        return Verdict("supported", note=told, **base)
    if _FIRST_TIME.search(said):
        told = "a licence was needed before that already"
        return Verdict("cannot tell", note=told, differs=True, **base)
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
    shipment: _Shipment,
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
    claim: Claim, shipment: _Shipment, day: datetime.date, ruling: Mapping[str, Any]
) -> Verdict:
    """Sales are let go again: by the ruling, or as somebody announced it on that day."""
    base = _base(shipment, day, ruling)
    if _outcome(ruling) in FREE:
        return Verdict("supported", **base)
    acts = [act for act in claim.facts.get("acts", ()) if act.eases]
    for act in acts:
        if claim.words and act.on(claim.words, "released"):
            told = "as an announcement or a practice: the rule itself stood"
            return Verdict("supported", note=told, **{**base, "reference": act.told()})
    practical, enforced = ruling["practical"], ruling["enforced"]
    if practical["because"] == enforced["because"]:
        told = "the rule stood on that day; no practice is held"
        return Verdict("cannot tell", note=told, **base)
    base["reference"] = f"{base['reference']}; in practice: {practical['because']}"
    if claim.voice.forecast and claim.facts.get("announces"):
        return Verdict("supported", note="as an announcement: the rule itself stood", **base)
    told = "announced or reported, and the rule still stood"
    return Verdict("cannot tell", note=told, **base)


def _built_to_rules(catalogue: Catalogue, shipment: _Shipment) -> Verdict:
    """A part built to the rules: none of them reached it on the day it was announced."""
    entry = catalogue.chip_entry(shipment.chip)
    day = entry.text("announced") or entry.text("released")
    days = _days(day[: len("2022-10-07")], "") if day else []
    ruling = shipment.on(days[-1]) if days else None
    if ruling is None:
        told = "the day it was announced, or the law of it, is not known"
        return cannot_tell(told, chip=shipment.chip, field="licence")
    base = _base(shipment, days[-1], ruling)
    if _outcome(ruling) in FREE:
        return Verdict("supported", note="no rule reached it when it was announced", **base)
    return Verdict("cannot tell", note="which rule it was built to is not said", **base)
