"""A ratio, a difference or a direction before the same figure of two chips."""

from __future__ import annotations

from dataclasses import replace

from chipassay.claims.claim import Amount, Claim, Manner, Verdict, cannot_tell
from chipassay.claims.text.attributes import RATE
from chipassay.claims.verdicts.comparison_pairs import Pair, of_one_form, rate_ratios
from chipassay.claims.verdicts.tolerance import COUNTED, HEDGED, agrees, differs

_SHARE_CLOSE = 0.04
_SAME = 0.05
_NEAR = 0.15
_EQUAL = 0.002
_ROUNDED = 0.02
"""How far apart data sheets print the same figure."""
_COUNTED_ON = ("die_area", "cores", "transistors")
"""What data sheets give to the last digit: one apart is another figure, not another rounding."""
_TINY = 0.002
_FAR = 0.5
TORN = 0.06
"""How far a printed ratio may be from that of the figures printed beside it."""
LINE_OFF = 1.5
"""A ratio further off than this for each chip of a line is wrong for the line."""
_DERIVED_CLOSE = 0.07
"""Sums over the chips of a system are told more roughly than figures of a chip."""
_WORDED = 0.12
"""A part in words ("half", "a third") is told of a ratio this far from it."""


_WIDE = 1.25
"""A range wider than this is vague enough by itself."""
_TURNED: dict[Manner, Manner] = {"over": "under", "under": "over", "nearly": "about"}
"""What "more than 50 %" makes of the rest, where it tells what is taken away."""


def said_ratio(claim: Claim, amount: Amount) -> list[Amount]:
    """The ratio of first to second that the words mean; two readings for "N times more"."""
    if amount.manner == "about" and amount.high > _WIDE * amount.low:
        amount = replace(amount, manner="")
    turned = replace(amount, manner=_TURNED.get(amount.manner, amount.manner))
    less = _scaled(turned, 1 - amount.value, 1 - amount.high, 1 - amount.low)
    more = _scaled(amount, 1 + amount.value, 1 + amount.low, 1 + amount.high)
    part = _scaled(
        turned,
        1 / max(amount.value, _TINY),
        1 / max(amount.high, _TINY),
        1 / max(amount.low, _TINY),
    )
    times = amount.noun == "times" and amount.value > 1
    if claim.relation == "apart":
        return [amount, part] if amount.noun == "times" else [more, less, amount]
    if claim.relation == "less":
        return [part if times else less]
    if claim.relation == "more":
        return [amount, more] if times else [more]
    return [amount]


def _scaled(amount: Amount, value: float, low: float, high: float) -> Amount:
    return replace(amount, value=value, low=low, high=high, noun="")


def made(outcome: str, pair: Pair, note: str = "") -> Verdict:
    """A verdict that tells both figures and how a person could set them side by side."""
    asked = {"task": "compare", "chips": [pair.first.id, pair.second.id]}
    sources = tuple(source.key for fact in (pair.own, pair.theirs) for source in fact.sources)
    return Verdict(
        outcome, pair.told(), note, pair.first.id, pair.own.field.name, asked, sources,  # type: ignore[arg-type]
        others=(pair.second.id,),
    )  # fmt: skip


def share(claim: Claim, pairs: list[Pair]) -> Verdict:
    """A share or a multiple: it holds for the usual variants, for others, or for none."""
    amount = claim.amount
    if amount is None:
        return direction(claim, pairs)
    readings = said_ratio(claim, amount)
    for number, pair in enumerate(pairs):
        close = _DERIVED_CLOSE if pair.reckoned else _SHARE_CLOSE
        if any(_agrees(each, pair.ratio, close) for each in readings):
            return _held(claim, pair, usual=not number, same=pair.is_like(pairs[0]))
    return _by_rivals(readings, pairs) or _unlike(claim, amount, readings, pairs)


def _agrees(reading: Amount, ratio: float, close: float) -> bool:
    """Whether a ratio is the one said; "more than twice" holds up to three times."""
    if reading.manner == "over" and reading.noun == "times" and reading.value >= 1:
        return reading.value * (1 - close) <= ratio <= max(reading.value + 1, reading.value * 1.35)
    return agrees(reading, ratio, HEDGED if _is_worded(reading) else close)


def _is_worded(reading: Amount) -> bool:
    """Whether a part is told in words, "half", and not in digits."""
    return not any(char.isdigit() for char in reading.written)


def _held(claim: Claim, pair: Pair, *, usual: bool, same: bool) -> Verdict:
    if not usual and same:
        return made("cannot tell", pair, "it holds for these variants, not the usual ones")
    if not usual and claim.field == RATE:
        return made("cannot tell", pair, "it holds at one format and not at another")
    if not pair.verified:
        return made("cannot tell", pair, "it agrees, but with figures that are not verified")
    return made("supported", pair)


def _by_rivals(readings: list[Amount], pairs: list[Pair]) -> Verdict | None:
    """The verdict where what another source gives makes the ratio right; None where none does."""
    for pair in pairs:
        for ratio, sure in pair.rival_ratios():
            if any(agrees(each, ratio, _SHARE_CLOSE) for each in readings):
                told = "sources disagree; by another's figures it holds"
                return made("supported" if sure else "cannot tell", pair, told)
    return None


def _unlike(claim: Claim, amount: Amount, readings: list[Amount], pairs: list[Pair]) -> Verdict:
    """No ratio agrees: another convention, figures that are not sure enough, or a wrong one."""
    pair = pairs[0]
    for times, told in ((0.5, "dense against sparse"), (2.0, "sparse against dense")):
        dense = pair.own.field.name.startswith("dense_") and not pair.reckoned
        if dense and any(agrees(each, pair.ratio * times, _SHARE_CLOSE) for each in readings):
            return made("right under another convention", pair, f"it sets {told}")
    if not pair.verified:
        return made("cannot tell", pair, "the figures are not verified; they contradict nobody")
    theirs = claim.facts.get("theirs")
    if theirs is not None and theirs.unit == pair.own.field.si:
        printed = float(pair.own.value) / theirs.value
        if any(agrees(each, printed, _SHARE_CLOSE) for each in readings):
            return made("cannot tell", pair, f"it holds of the {theirs.written} printed beside it")
    if any(_is_near(each, other, pairs) for each in readings for other in pairs):
        return made("cannot tell", pair, "the ratios lie too close together to tell")
    if _otherwise(amount, pairs):
        return made("cannot tell", pair, "it holds if the share is meant the other way")
    near = any(1 / LINE_OFF < each.value / pair.ratio < LINE_OFF for each in readings)
    if pair.first.chip and (near or claim.field == RATE):
        return made("cannot tell", pair, "figures of systems are told too differently to tell")
    if claim.field == RATE:
        note = "at FP16, dense; another precision may be meant"
        wide = _is_beyond(readings, list(rate_ratios(pair.first, pair.second)))
        return made("contradicted" if wide else "cannot tell", pair, note)
    return made("contradicted", pair)


def _is_near(reading: Amount, pair: Pair, pairs: list[Pair]) -> bool:
    """Whether a ratio lies so close to a pair's that rounding may explain it: closer for variants
    that nobody means by the name alone, and wider for a part in words."""
    if pair is not pairs[0]:
        return not differs(reading, pair.ratio, _SHARE_CLOSE)
    beyond = reading.manner == "over" and pair.ratio > reading.value
    beyond = beyond or (reading.manner == "under" and pair.ratio < reading.value)
    return beyond or not differs(reading, pair.ratio, _WORDED if _is_worded(reading) else TORN)


def _otherwise(amount: Amount, pairs: list[Pair]) -> bool:
    """Whether a percentage would be right as so much more, less or of: it may have been misread."""
    if amount.noun:
        return False
    shifted = [
        _scaled(amount, k + n * amount.value, *sorted((k + n * amount.low, k + n * amount.high)))
        for k, n in ((0.0, 1.0), (1.0, 1.0), (1.0, -1.0))
    ]
    return any(agrees(each, pair.ratio, _SHARE_CLOSE) for each in shifted for pair in pairs[:1])


def _is_beyond(readings: list[Amount], ratios: list[float]) -> bool:
    """Whether a multiple lies outside twice and half of every one of these ratios."""
    low, high = min(ratios) / 2, max(ratios) * 2
    return all(not low <= each.value <= high for each in readings)


def difference(claim: Claim, amount: Amount, pairs: list[Pair]) -> Verdict:
    """How much more or less one chip has than another, in the unit of the attribute."""
    pairs = [pair for pair in pairs if pair.own.field.si == amount.unit]
    if not pairs:
        return cannot_tell("the difference is not in the unit of the figure", field=claim.field)
    sign = -1.0 if claim.relation.startswith("less") else 1.0
    gaps = [sign * (float(pair.own.value) - float(pair.theirs.value)) for pair in pairs]
    held = [agrees(amount, gap, _SHARE_CLOSE) for gap in gaps]
    if not pairs[0].verified:
        return made("cannot tell", pairs[0], "the figures are not verified; they contradict nobody")
    if held[0]:
        return made("supported", pairs[0])
    if any(held) or not all(differs(amount, gap, TORN) for gap in gaps):
        return made("cannot tell", pairs[0], "it holds for another variant of the chips")
    if any(agrees(amount, sign * gap, _SHARE_CLOSE) for p in pairs for gap in p.rival_gaps()):
        return made("cannot tell", pairs[0], "sources disagree")
    return made(
        "contradicted", pairs[0], f"they differ by {gaps[0] / float(pairs[0].own.value):.0%}"
    )


def direction(claim: Claim, pairs: list[Pair]) -> Verdict:
    """Higher, lower or the same, as a word alone tells it: of modules and modules, of cards and
    cards, where both chips come as either."""
    pairs = of_one_form(pairs)
    held = [holds(claim.relation, pair.ratio) for pair in pairs]
    pair = pairs[0]
    if not pair.verified:
        return made("cannot tell", pair, "the figures are not verified; they contradict nobody")
    if held[0]:
        return made("supported", pair)
    if claim.field == RATE:
        each = rate_ratios(pair.first, pair.second)
        if any(holds(claim.relation, ratio) for ratio in each):
            return made("cannot tell", pair, "it holds at one format and not at another")
    if sum(held) * 3 > len(held) and claim.field != RATE:
        return made("cannot tell", pair, "it holds for another variant of the chips")
    others = [ratio for ratio, _ in pair.rival_ratios() if abs(ratio - 1) > _ROUNDED]
    if any(holds(claim.relation, ratio) for ratio in others):
        return made("cannot tell", pair, "sources disagree; by another's figures it holds")
    return _not_so(claim, pair)


def _not_so(claim: Claim, pair: Pair) -> Verdict:
    """The figures go the other way; too close together, that is a matter of words."""
    exact = claim.relation in ("same", "not above", "not below")
    if abs(pair.ratio - 1) <= _EQUAL and not exact:
        return made("contradicted", pair, "the figures are the same")
    close = COUNTED if pair.own.field.name in _COUNTED_ON else _ROUNDED
    if abs(pair.ratio - 1) <= close and not exact:
        return made("cannot tell", pair, "the figures are the same within rounding")
    if claim.relation == "same" and abs(pair.ratio - 1) <= _NEAR:
        return made("cannot tell", pair, "how near is a matter of words")
    if claim.relation.startswith("far ") and holds(claim.relation[4:], pair.ratio):
        return made("cannot tell", pair, "the direction is right; how far is a matter of words")
    told = "higher" if pair.ratio > 1 else "lower"
    return made("contradicted", pair, f"it is {told}")


def holds(relation: str, ratio: float) -> bool:
    """Whether a ratio of first to second is what a word for a direction says."""
    return {
        "below": ratio < 1, "above": ratio > 1, "same": abs(ratio - 1) <= _SAME,
        "far below": ratio < _FAR, "far above": ratio > 1 / _FAR,
        "not above": ratio < 1 + _EQUAL, "not below": ratio > 1 - _EQUAL,
    }[relation]  # fmt: skip
