"""A comparison before the catalogue: both operands, then the share or the direction."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import permutations

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.claim import WRONG, Amount, Claim, Verdict, cannot_tell
from chipassay.claims.text.attributes import LINK, RATE
from chipassay.claims.verdicts.comparison_pairs import Pair, entries_of, pairs_of
from chipassay.claims.verdicts.comparison_shares import (
    LINE_OFF,
    TORN,
    difference,
    direction,
    holds,
    made,
    said_ratio,
    share,
)
from chipassay.claims.verdicts.tolerance import agrees, differs

_METRICS = ("dense_fp16", "dense_int8", "memory_bandwidth", "memory_capacity", LINK)
_SAME = 0.05
_UNITS = {
    "memory_bandwidth": "B/s", LINK: "B/s", "memory_capacity": "B", "tdp": "W", "die_area": "m2",
}  # fmt: skip
_NAMED = 6
"""Chips of one sentence that are tried as operands."""
_SPARSE = (0.5, 2.0)
"""What a dense rate set beside a sparse one makes of a ratio, and the other way round."""
_AS_SPARSE = 0.03
_BEYOND = 0.25
"""A share of "performance" this far outside every figure's share is wrong by any of them."""


def comparison_verdict(claim: Claim, catalogue: Catalogue) -> Verdict:
    """The verdict on a comparison of two chips; a line of chips is not held to any figure, save
    where the comparison is far off for each of its chips."""
    found = _compared(claim, catalogue)
    lines = any(each is not None and each.kind == "line" for each in (claim.subject, claim.other))
    if lines and found.outcome in WRONG and not _is_far_for_all(claim, catalogue):
        told = "a line of chips is named, not one of them"
        return replace(found, outcome="cannot tell", note=told)
    judged = found.outcome in WRONG and found.outcome != "inconsistent"
    if judged and _fits_others(claim, catalogue):
        told = "two other chips that the sentence names fit it"
        return replace(found, outcome="cannot tell", note=told)
    return found


def _is_far_for_all(claim: Claim, catalogue: Catalogue) -> bool:
    """Whether a ratio is far off for every chip that a name may mean."""
    if claim.subject is None or claim.other is None or claim.amount is None:
        return False
    pairs = list(pairs_of(claim.subject, claim.other, claim.field, catalogue))
    readings = [each.value for each in said_ratio(claim, claim.amount)]
    return bool(pairs) and all(
        not 1 / LINE_OFF < value / pair.ratio < LINE_OFF for pair in pairs for value in readings
    )


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
    torn = "" if "measured" in claim.conventions else _torn(claim)
    if torn:
        return Verdict("inconsistent", note=torn, field=claim.field)
    if claim.other is None:
        return cannot_tell("no second chip is named", field=claim.field)
    if "measured" in claim.conventions:
        return _about_performance(claim, catalogue, measured=True)
    if claim.subject is None:
        return _against_stated(claim, catalogue)
    if claim.facts.get("open"):
        return _either_way(claim, catalogue)
    return _of_both(claim, catalogue)


def _of_both(claim: Claim, catalogue: Catalogue) -> Verdict:
    """Both operands are known: the share, the difference or the direction of their figures."""
    if claim.field == "performance" or claim.subject is None or claim.other is None:
        return _about_performance(claim, catalogue, measured=False)
    pairs = list(pairs_of(claim.subject, claim.other, claim.field, catalogue))
    if not pairs:
        return cannot_tell("no source gives this figure of both chips", field=claim.field)
    if claim.amount is None:
        return direction(claim, pairs)
    if claim.relation.endswith(" by"):
        return difference(claim, claim.amount, pairs)
    found = share(claim, pairs)
    stated = claim.facts.get("stated")
    if found.outcome in WRONG and stated is not None and not _is_of_pairs(stated, pairs):
        told = "the sentence compares a figure of its own, which is not the chip's"
        return replace(found, outcome="cannot tell", note=told)
    return found


def _either_way(claim: Claim, catalogue: Catalogue) -> Verdict:
    """Both chips were named before the sentence: whichever comes first, it may hold."""
    found = _of_both(claim, catalogue)
    if found.outcome == "supported":
        return found
    turned = _of_both(replace(claim, subject=claim.other, other=claim.subject), catalogue)
    if turned.outcome == "supported":
        return turned
    return replace(found, outcome="cannot tell", note="the sentence names neither chip")


def _is_of_pairs(stated: Amount, pairs: list[Pair]) -> bool:
    """Whether the figure that a sentence compares is the first chip's, or of another kind."""
    same = [pair.own for pair in pairs if pair.own.field.si == stated.unit]
    return not same or any(agrees(stated, float(fact.value)) for fact in same)


def is_torn(claim: Claim) -> bool:
    """Whether a comparison goes against the figures printed beside it, whoever they are of."""
    return claim.kind == "comparison" and "measured" not in claim.conventions and bool(_torn(claim))


def _torn(claim: Claim) -> str:
    """Printed figures that go against the printed relation or ratio; "" where they do not."""
    own, theirs = claim.facts.get("stated"), claim.facts.get("theirs")
    if own is None or theirs is None or own.unit != theirs.unit or not theirs.value:
        return ""
    if claim.field.startswith("dense_") or claim.field == RATE:
        unit = "FLOP/s"
    else:
        unit = _UNITS.get(claim.field, own.unit)
    if unit != own.unit:
        return ""
    ratio = own.value / theirs.value
    if claim.amount is not None:
        return _torn_ratio(claim, claim.amount, own, theirs)
    relation = claim.relation.removeprefix("far ")
    wrong = (
        (relation == "below" and ratio >= 1 and own.low >= theirs.low)
        or (relation == "above" and ratio <= 1 and own.high <= theirs.high)
        or (relation == "same" and abs(ratio - 1) > _SAME)
        or (relation == "not above" and ratio > 1 + _SAME)
        or (relation == "not below" and ratio < 1 - _SAME)
    )  # fmt: skip
    return f"{own.written} is not {claim.relation} {theirs.written}" if wrong else ""


def _torn_ratio(claim: Claim, amount: Amount, own: Amount, theirs: Amount) -> str:
    """Why a ratio is not that of the two figures printed beside it; "" where it may be."""
    if claim.relation.endswith(" by"):
        return ""
    ratios = [own.value / theirs.value]
    if claim.relation in ("apart", "share") or claim.facts.get("printed"):
        ratios.append(1 / ratios[0])
    readings = said_ratio(claim, amount)
    if any(not differs(each, ratio, TORN) for each in readings for ratio in ratios):
        return ""
    return f"{own.written} to {theirs.written} is {ratios[0]:.3g}×, not {amount.written}"


def _against_stated(claim: Claim, catalogue: Catalogue) -> Verdict:
    """No first chip is named, but its figure is: set the figure against the second chip."""
    own = claim.facts.get("stated")
    if own is None or claim.other is None:
        return cannot_tell("the sentence names no first chip", field=claim.field)
    entry = next(iter(entries_of(claim.other, catalogue)), None)
    if entry is None:
        return cannot_tell("no source gives the second chip's figures", field=claim.field)
    name = {LINK: "scaleup_bandwidth_both_ways", RATE: "dense_fp16"}.get(claim.field, claim.field)
    facts = [each.facts.get(name) for each in entries_of(claim.other, catalogue)]
    values = [float(f.value) for f in facts if f is not None and f.field.si == own.unit]
    fact = facts[0]
    if fact is None or not values or fact.field.si != own.unit:
        return cannot_tell("the figures are not of one kind", field=name)
    if not fact.verified or claim.relation.endswith(" by"):
        return cannot_tell("the second chip's figure is not verified", field=name)
    theirs = claim.facts.get("theirs")
    if theirs is not None and theirs.unit == own.unit and theirs.value:
        values.append(theirs.value)
    held = [_holds_of(claim, own.value / value) for value in values]
    reference = f"{entry.name}: {fact.field.title} {fact.shown}, against {own.written}"
    note = f"a ratio of {own.value / values[0]:.3g}"
    if any(held):
        note += "; the sentence does not name the first chip"
    return Verdict(
        "cannot tell" if any(held) else "contradicted", reference, note, entry.id, name,
        {"task": "show", "chip": entry.id, "field": name},
        tuple(source.key for source in fact.sources),
    )  # fmt: skip


def _holds_of(claim: Claim, ratio: float) -> bool:
    """Whether a ratio may be what a comparison says of it."""
    if claim.amount is None:
        return holds(claim.relation, ratio)
    return any(not differs(each, ratio, TORN) for each in said_ratio(claim, claim.amount))


def _about_performance(claim: Claim, catalogue: Catalogue, *, measured: bool) -> Verdict:
    """A word for everything: wrong only where no figure of the data sheets comes near it."""
    if claim.subject is None or claim.other is None:
        return cannot_tell("the sentence names no first chip", field="performance")
    pairs = [
        pair for name in _METRICS
        for pair in list(pairs_of(claim.subject, claim.other, name, catalogue))[:1]
    ]  # fmt: skip
    if not pairs:
        return cannot_tell("no source gives figures of both chips", field="performance")
    told = "; ".join(f"{pair.own.field.title} {pair.ratio:.3g}×" for pair in pairs)
    base = made("cannot tell", pairs[0])
    plain = {"chip": base.chip, "field": "performance", "asked": base.asked,
             "sources": base.sources, "others": base.others}  # fmt: skip
    reason = "a measured result with no method given" if measured else "no measure is named"
    unsure = Verdict("cannot tell", told, reason, **plain)  # type: ignore[arg-type]
    if measured or not all(pair.verified for pair in pairs) or len(pairs) < 3:
        return unsure
    ratios = [pair.ratio for pair in pairs]
    if claim.amount is None or claim.facts.get("unnamed"):
        return unsure
    readings = [each.value for each in said_ratio(claim, claim.amount)]
    rates = [pair.ratio for pair in pairs if pair.own.field.si == "FLOP/s"]
    sparse = [ratio * times for ratio in rates for times in _SPARSE]
    if any(abs(value / ratio - 1) < _AS_SPARSE for value in readings for ratio in sparse):
        return replace(unsure, note="it may set dense against sparse")
    low, high = min(ratios) * (1 - _BEYOND), max(ratios) * (1 + _BEYOND)
    if all(math.isfinite(value) and not low <= value <= high for value in readings):
        return Verdict("contradicted", told, "no figure of the data sheets comes near it", **plain)  # type: ignore[arg-type]
    return unsure
