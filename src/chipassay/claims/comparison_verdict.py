"""A comparison before the catalogue: both operands, then the share or the direction."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations
from typing import NamedTuple

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.attributes import LINK, RATE
from chipassay.claims.claim import WRONG, Amount, Claim, Mention, Verdict, cannot_tell
from chipassay.claims.fields import SYSTEM_FIELDS
from chipassay.claims.figure_verdict import is_rumoured
from chipassay.claims.tolerance import agrees, differs
from chipassay.facts.fact import Entry, Fact

_METRICS = ("dense_fp16", "dense_int8", "memory_bandwidth", "memory_capacity")
_SHARE_CLOSE = 0.04
_SAME = 0.05
_NAMED = 6
"""Chips of one sentence that are tried as operands."""
_EQUAL = 0.002
_FAR = 0.5
_BEYOND = 0.25
"""A share of "performance" this far outside every figure's share is wrong by any of them."""


class Pair(NamedTuple):
    """The same figure of both operands."""

    first: Entry
    second: Entry
    own: Fact
    theirs: Fact

    @property
    def ratio(self) -> float:
        """First over second."""
        return float(self.own.value) / float(self.theirs.value)

    @property
    def verified(self) -> bool:
        """Whether both figures were read in a source."""
        rumoured = is_rumoured(self.first) or is_rumoured(self.second)
        return self.own.verified and self.theirs.verified and not rumoured

    def told(self) -> str:
        """Both figures and their ratio in a line."""
        title = self.own.field.title
        return (
            f"{title}: {self.first.name} {self.own.shown}, {self.second.name} {self.theirs.shown}"
            f" ({self.ratio:.3g}×)"
        )


def comparison_verdict(claim: Claim, catalogue: Catalogue) -> Verdict:
    """The verdict on a comparison of two chips; a line of chips is not held to any figure."""
    found = _compared(claim, catalogue)
    lines = any(each is not None and each.kind == "line" for each in (claim.subject, claim.other))
    if lines and found.outcome in WRONG:
        told = "a line of chips is named, not one of them"
        return replace(found, outcome="cannot tell", note=told)
    if found.outcome in WRONG and _fits_others(claim, catalogue):
        told = "two other chips that the sentence names fit it"
        return replace(found, outcome="cannot tell", note=told)
    return found


def _fits_others(claim: Claim, catalogue: Catalogue) -> bool:
    """Whether a comparison holds of other operands that the sentence names."""
    plain = [each for each in claim.facts.get("named", ()) if each.kind != "line"]
    named = list({each.ids: each for each in plain}.values())[:_NAMED]
    facts = {**claim.facts, "stated": None, "theirs": None}
    return len(named) > 2 and any(
        _compared(replace(claim, subject=a, other=b, facts=facts), catalogue).outcome == "supported"
        for a, b in permutations(named, 2)
        if a.ids != b.ids
    )


def _compared(claim: Claim, catalogue: Catalogue) -> Verdict:
    if claim.other is None:
        return cannot_tell("no second chip is named", field=claim.field)
    torn = _torn(claim)
    if torn:
        return Verdict("inconsistent", note=torn, field=claim.field)
    if "measured" in claim.conventions:
        return _about_performance(claim, catalogue, measured=True)
    if claim.subject is None:
        return _against_stated(claim, catalogue)
    if claim.field == "performance":
        return _about_performance(claim, catalogue, measured=False)
    pairs = list(_pairs(claim.subject, claim.other, claim.field, catalogue))
    if not pairs:
        return cannot_tell("no source gives this figure of both chips", field=claim.field)
    if claim.amount is None:
        return _direction(claim, pairs)
    found = _share(claim, pairs)
    stated = claim.facts.get("stated")
    if found.outcome in WRONG and stated is not None and not _is_of_pairs(stated, pairs):
        told = "the sentence compares a figure of its own, which is not the chip's"
        return replace(found, outcome="cannot tell", note=told)
    return found


def _is_of_pairs(stated: Amount, pairs: list[Pair]) -> bool:
    """Whether the figure that a sentence compares is the first chip's, or of another kind."""
    same = [pair.own for pair in pairs if pair.own.field.si == stated.unit]
    return not same or any(agrees(stated, float(fact.value)) for fact in same)


def _torn(claim: Claim) -> str:
    """Printed figures that go against the printed relation; "" where they do not."""
    own, theirs = claim.facts.get("stated"), claim.facts.get("theirs")
    if own is None or theirs is None or own.unit != theirs.unit or claim.amount is not None:
        return ""
    wrong = (
        (claim.relation.endswith("below") and own.value >= theirs.value)
        or (claim.relation.endswith("above") and own.value <= theirs.value)
        or (claim.relation == "same" and abs(own.value / theirs.value - 1) > _SAME)
    )  # fmt: skip
    return f"{own.written} is not {claim.relation} {theirs.written}" if wrong else ""


def _entries(mention: Mention, catalogue: Catalogue) -> list[Entry]:
    if mention.kind == "system":
        return [catalogue.system(mention.ids[0]).entry]
    return [catalogue.chip_entry(id_) for id_ in mention.ids]


def _pairs(subject: Mention, other: Mention, field: str, catalogue: Catalogue) -> Iterator[Pair]:
    """The figure of both, for every variant that a name may mean; the usual ones first."""
    names = {RATE: ("dense_fp16", "dense_bf16"), LINK: ("scaleup_bandwidth_both_ways",)}
    for first in _entries(subject, catalogue):
        for second in _entries(other, catalogue):
            if bool(first.chip) != bool(second.chip):
                continue
            for name in SYSTEM_FIELDS.get(field, ()) if first.chip else names.get(field, (field,)):
                own, theirs = first.facts.get(name), second.facts.get(name)
                if own is None or theirs is None or isinstance(own.value, str):
                    continue
                if float(theirs.value) > 0:
                    yield Pair(first, second, own, theirs)


def _said_ratio(claim: Claim, amount: Amount) -> list[Amount]:
    """The ratio of first to second that the words mean; two readings for "N times more"."""
    if claim.relation == "less":
        if amount.noun == "times":
            return [_scaled(amount, 1 / amount.value, 1 / amount.high, 1 / max(amount.low, 0.1))]
        return [_scaled(amount, 1 - amount.value, 1 - amount.high, 1 - amount.low)]
    if claim.relation == "more" and amount.noun != "times":
        return [_scaled(amount, 1 + amount.value, 1 + amount.low, 1 + amount.high)]
    if claim.relation == "more":
        more = _scaled(amount, 1 + amount.value, 1 + amount.low, 1 + amount.high)
        return [amount, more]
    return [amount]


def _scaled(amount: Amount, value: float, low: float, high: float) -> Amount:
    return Amount(
        value, low, high, "1", "", amount.start, amount.end, amount.written, amount.manner
    )


def _made(outcome: str, pair: Pair, note: str = "") -> Verdict:
    asked = {"task": "compare", "chips": [pair.first.id, pair.second.id]}
    sources = tuple(source.key for fact in (pair.own, pair.theirs) for source in fact.sources)
    return Verdict(
        outcome, pair.told(), note, pair.first.id, pair.own.field.name, asked, sources,  # type: ignore[arg-type]
        others=(pair.second.id,),
    )  # fmt: skip


def _share(claim: Claim, pairs: list[Pair]) -> Verdict:
    amount = claim.amount
    if amount is None:
        return _direction(claim, pairs)
    readings = _said_ratio(claim, amount)
    for number, pair in enumerate(pairs):
        if any(agrees(each, pair.ratio, _SHARE_CLOSE) for each in readings):
            if number and pair.own.field.name == pairs[0].own.field.name:
                return _made("cannot tell", pair, "it holds for these variants, not the usual ones")
            if pair.verified:
                return _made("supported", pair)
            return _made("cannot tell", pair, "it agrees, but with figures that are not verified")
    pair = pairs[0]
    for times, told in ((0.5, "dense against sparse"), (2.0, "sparse against dense")):
        dense = pair.own.field.name.startswith("dense_")
        if dense and any(agrees(each, pair.ratio * times, _SHARE_CLOSE) for each in readings):
            return _made("right under another convention", pair, f"it sets {told}")
    if not all(each.verified for each in pairs[:1]):
        return _made("cannot tell", pair, "the figures are not verified; they contradict nobody")
    theirs = claim.facts.get("theirs")
    if theirs is not None and theirs.unit == pair.own.field.si:
        printed = float(pair.own.value) / theirs.value
        if any(agrees(each, printed, _SHARE_CLOSE) for each in readings):
            return _made("cannot tell", pair, f"it holds of the {theirs.written} printed beside it")
    if not all(differs(reading, each.ratio, 0.06) for each in pairs for reading in readings):
        return _made("cannot tell", pair, "the ratios lie too close together to tell")
    if claim.field == RATE:
        note = "at FP16, dense; another precision may be meant"
        wide = all(not 0.5 < each.value / pair.ratio < 2.0 for each in readings)
        return _made("contradicted" if wide else "cannot tell", pair, note)
    return _made("contradicted", pair)


def _direction(claim: Claim, pairs: list[Pair]) -> Verdict:
    held = [_holds(claim.relation, pair.ratio) for pair in pairs]
    pair = pairs[0]
    if not pair.verified:
        return _made("cannot tell", pair, "the figures are not verified; they contradict nobody")
    if held[0]:
        return _made("supported", pair)
    if sum(held) * 3 > len(held) and claim.field != RATE:
        return _made("cannot tell", pair, "it holds for another variant of the chips")
    if abs(pair.ratio - 1) <= _EQUAL and claim.relation != "same":
        return _made("contradicted", pair, "the figures are the same")
    near = abs(pair.ratio - 1) <= 0.02 and claim.relation != "same"
    if near:
        return _made("cannot tell", pair, "the figures are the same within rounding")
    word = {"below": "higher", "above": "lower", "same": "not the same"}
    told = word.get(claim.relation.removeprefix("far "), "otherwise")
    if claim.relation.startswith("far ") and _holds(claim.relation[4:], pair.ratio):
        return _made("cannot tell", pair, "the direction is right; how far is a matter of words")
    return _made("contradicted", pair, f"it is {told}")


def _holds(relation: str, ratio: float) -> bool:
    return {
        "below": ratio < 1, "above": ratio > 1, "same": abs(ratio - 1) <= _SAME,
        "far below": ratio < _FAR, "far above": ratio > 1 / _FAR,
    }[relation]  # fmt: skip


def _against_stated(claim: Claim, catalogue: Catalogue) -> Verdict:
    """No first chip is named, but its figure is: set the figure against the second chip."""
    own = claim.facts.get("stated")
    if own is None or claim.other is None:
        return cannot_tell("the sentence names no first chip", field=claim.field)
    entry = _entries(claim.other, catalogue)[0]
    name = {LINK: "scaleup_bandwidth_both_ways", RATE: "dense_fp16"}.get(claim.field, claim.field)
    fact = entry.facts.get(name)
    if fact is None or isinstance(fact.value, str) or fact.field.si != own.unit:
        return cannot_tell("the figures are not of one kind", field=name)
    if not fact.verified or claim.amount is not None:
        return cannot_tell("the second chip's figure is not verified", field=name)
    ratio = own.value / float(fact.value)
    reference = f"{entry.name}: {fact.field.title} {fact.shown}, against {own.written}"
    outcome = "supported" if _holds(claim.relation, ratio) else "contradicted"
    return Verdict(
        outcome, reference, f"a ratio of {ratio:.3g}", entry.id, name,  # type: ignore[arg-type]
        {"task": "show", "chip": entry.id, "field": name},
        tuple(source.key for source in fact.sources),
    )  # fmt: skip


def _about_performance(claim: Claim, catalogue: Catalogue, *, measured: bool) -> Verdict:
    """A word for everything: wrong only where no figure of the data sheets comes near it."""
    if claim.subject is None or claim.other is None:
        return cannot_tell("the sentence names no first chip", field="performance")
    pairs = [
        pair for name in _METRICS
        for pair in list(_pairs(claim.subject, claim.other, name, catalogue))[:1]
    ]  # fmt: skip
    if not pairs:
        return cannot_tell("no source gives figures of both chips", field="performance")
    told = "; ".join(f"{pair.own.field.title} {pair.ratio:.3g}×" for pair in pairs)
    base = _made("cannot tell", pairs[0])
    plain = {"chip": base.chip, "field": "performance", "asked": base.asked,
             "sources": base.sources, "others": base.others}  # fmt: skip
    reason = "a measured result with no method given" if measured else "no measure is named"
    unsure = Verdict("cannot tell", told, reason, **plain)  # type: ignore[arg-type]
    if measured or not all(pair.verified for pair in pairs) or len(pairs) < 3:
        return unsure
    ratios = [pair.ratio for pair in pairs]
    if claim.amount is None:
        return unsure
    readings = [each.value for each in _said_ratio(claim, claim.amount)]
    low, high = min(ratios) * (1 - _BEYOND), max(ratios) * (1 + _BEYOND)
    if all(math.isfinite(value) and not low <= value <= high for value in readings):
        return Verdict("contradicted", told, "no figure of the data sheets comes near it", **plain)  # type: ignore[arg-type]
    return unsure
