"""Sums of a sentence's own quantities: growth from one to the other, a part of a whole, hours at a
rate, a year's electricity at so many watts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from chipassay.claims.claim import Amount, Claim
from chipassay.claims.text.sentences import Sentence
from chipassay.claims.trade.amounts import trade_amounts
from chipassay.claims.trade.multiplied import products, reckoning
from chipassay.units import factor

_UP = re.compile(
    r"\b(?:up|rise|rose|rising|increas\w+|grew|growth|gain\w*|jump\w*|surg\w+|climb\w*|higher"
    r"|more)\b"
    r"|增长|增長|上升|提高", re.I,
)  # fmt: skip
_DOWN = re.compile(
    r"\b(?:down|fell|fall\w*|declin\w+|drop\w*|decreas\w+|slump\w*|shrank|shrunk|slid|lower|less"
    r"|cut)\b"
    r"|下降|下滑|减少|減少", re.I,
)  # fmt: skip
_OTHER_BASE = re.compile(r"year|annual|analyst|estimate|expect|同比", re.I)
"""Words by which a percentage is of another base than the figure beside it."""
_OF_WHOLE = re.compile(r"[)）]?,?\s?of\s(?:the |its |a |all |total |overall |combined "
    r"|an? total of )*$",
                       re.I)  # fmt: skip
_PART_IS = re.compile(
    r"\s?(?:[\w'’-]+\s?){0,6}?[,(（]?\s?(?:or|about|roughly|some|making up|accounting for"
    r"|representing|i\.e\.,?|which is|equal to)?\s?", re.I,
)  # fmt: skip
_PER_HOUR = re.compile(
    r"(?:/| per | an? |each )\s?(?:\w+[\s\u2010\u2011-]){0,2}(?:hours?|hr?)\b", re.I
)
_COST = re.compile(r"\bcost\w*|\btotal\w*|\bspen[dt]\w*|\bbill\b|\bexpen\w+|成本|费用", re.I)
_A_YEAR = re.compile(r"\b(?:per|a|each|every) year\b|\bannual\w*|\byearly\b|每年|全年", re.I)
_USED = re.compile(r"utili[sz]ation|\bload\b|利用率", re.I)
_NEAR, _THREE = 60, 3


def reckoned(sentence: Sentence) -> Iterator[Claim]:
    """Every sum that the sentence's quantities make up by themselves."""
    amounts = sentence.amounts
    if len(amounts) >= _THREE:
        yield from _growths(sentence, amounts)
        yield from _between(sentence, amounts)
        yield from _parts(sentence, amounts)
        if "hour" in sentence.said:
            yield from _bills(sentence, trade_amounts(sentence))
    yield from _years(sentence, amounts)
    yield from products(sentence)


def _is_percent(amount: Amount) -> bool:
    return amount.unit == "1" and amount.noun == "" and amount.manner in ("", "about")


def _growths(sentence: Sentence, amounts: Sequence[Amount]) -> Iterator[Claim]:
    """ "A 25 % rise to $57 billion from $45 billion": what was, its share, what became of it."""
    for at, old in enumerate(amounts):
        if old.role != "from" or old.unit not in ("USD", "CNY") or old.value <= 0:
            continue
        shares = [each for each in amounts[max(at - 2, 0) : at + 3] if _is_percent(each)]
        close = [each for each in shares if _gap(each, old) <= _NEAR]
        rest = [each for each in amounts if each is not old and each.unit == old.unit]
        if not close or not rest:
            continue
        share = min(close, key=lambda each: (each.start > old.start, _gap(each, old)))
        new = min(rest, key=lambda each: _gap(each, old))
        if _gap(new, old) <= 2 * _NEAR:
            yield from _growth(sentence, share, new, old)


_FROM_TO = re.compile(
    r"\bfrom\b(?P<old>[^;%]{0,40}?)\(?(?P<a>\d+(?:\.\d+)?) ?(?:%"
    r"|percent)\)?[^;%]{0,30}?\bto\b[^;%]{0,40}?"
    r"(?P<b>\d+(?:\.\d+)?) ?(?:%|percent)", re.I,
)  # fmt: skip


def _between(sentence: Sentence, amounts: Sequence[Amount]) -> Iterator[Claim]:
    """ "Drops 10 % from 38 % to 36 %": the change of a share, in points or in parts of it."""
    match = _FROM_TO.search(sentence.text, sentence.start, sentence.end)
    shares = [each for each in amounts if _is_percent(each)]
    if match is None or len(shares) != _THREE:
        return
    old, new = float(match["a"]) / 100, float(match["b"]) / 100
    changes = [e for e in shares if not match.start("a") <= e.start < match.end()]
    if len(changes) != 1 or not old or changes[0].start > match.start():
        return
    beside = sentence.text[max(sentence.start, changes[0].start - 24) : match.start()]
    up, down = _UP.search(beside), _DOWN.search(beside)
    if bool(up) == bool(down) or _OTHER_BASE.search(beside):
        return
    sign = 1.0 if up else -1.0
    known, points = sign * (new / old - 1.0), sign * (new - old)
    told = f"from {match['a']} % to {match['b']} %"
    span = (changes[0].start, match.end())
    close = abs(points - changes[0].value) < abs(known - changes[0].value)
    best = points if close else known
    value = changes[0].value
    stated = replace(changes[0], low=value - _POINT, high=value + _POINT)
    chips = sentence.chips()
    ends = (best - _POINT, best + _POINT)
    yield reckoning(sentence, "growth", stated, span, best, told, ends, chips[0] if chips else None)


_POINT = 0.01
"""What the two shares' rounding leaves open."""


def _gap(one: Amount, other: Amount) -> int:
    return max(other.start - one.end, one.start - other.end, 0)


def _growth(sentence: Sentence, share: Amount, new: Amount, old: Amount) -> Iterator[Claim]:
    start = min(share.start, new.start, old.start)
    end = max(share.end, new.end, old.end)
    tail = old.start if share.end <= old.start else share.end + 32
    beside = sentence.text[max(sentence.start, share.start - 24) : min(tail, sentence.end)]
    up, down = _UP.search(beside), _DOWN.search(beside)
    if bool(up) == bool(down) or _OTHER_BASE.search(beside):
        return
    sign = 1.0 if up else -1.0
    known = sign * (new.value / old.value - 1.0)
    ends = [sign * (a / b - 1.0) for a in (new.low, new.high) for b in (old.low, old.high) if b]
    told = f"from {old.written} to {new.written}"
    yield reckoning(sentence, "growth", share, (start, end), known, told, (min(ends), max(ends)))


def _parts(sentence: Sentence, amounts: Sequence[Amount]) -> Iterator[Claim]:
    """ "$41.1 billion, 88 % of the total $46.7 billion"."""
    for part, share, whole in zip(amounts, amounts[1:], amounts[2:], strict=False):
        alike = (part.unit, part.noun) == (whole.unit, whole.noun) and part.unit in ("USD", "CNY")
        if not alike or not _is_percent(share) or not 0 < part.value < whole.value:
            continue
        between = sentence.text[part.end : share.start]
        if len(between) > _NEAR or not _PART_IS.fullmatch(between):
            continue
        if _OF_WHOLE.search(sentence.text, share.end, whole.start) is None:
            continue
        ends = (part.low / whole.high, part.high / whole.low if whole.low else math.inf)
        yield reckoning(sentence, "share", share, (part.start, whole.end), part.value / whole.value,
                     f"{part.written} / {whole.written}", ends)  # fmt: skip


def _bills(sentence: Sentence, amounts: Sequence[Amount]) -> Iterator[Claim]:
    """Hours of chips at a rate an hour make a cost."""
    hours = [each for each in amounts if each.noun == "chip-hours"]
    money = [each for each in amounts if each.unit in ("USD", "CNY")]
    rates = [e for e in money if _PER_HOUR.match(sentence.text, e.end, sentence.end)]
    rates = rates or [e for e in money if re.search(r"per GPU$", e.written)]
    costs = [each for each in money if each not in rates]
    if len(hours) != 1 or len(rates) != 1 or len(costs) != 1 or costs[0].unit != rates[0].unit:
        return
    if _COST.search(sentence.said) is None or costs[0].manner not in ("", "about"):
        return
    known = hours[0].value * rates[0].value
    span = (min(e.start for e in (hours[0], rates[0], costs[0])), max(
        e.end for e in (hours[0], rates[0], costs[0])))  # fmt: skip
    told = f"{hours[0].written} at {rates[0].written}"
    ends = (hours[0].low * rates[0].low, hours[0].high * rates[0].high)
    yield reckoning(sentence, "training cost", costs[0], span, known, told, ends)


def _years(sentence: Sentence, amounts: Sequence[Amount]) -> Iterator[Claim]:
    """Electricity of a year: so many watts, all the time or a part of it."""
    energy = [each for each in amounts if each.unit == "J"]
    if len(energy) != 1 or _A_YEAR.search(sentence.said) is None:
        return
    shares = [
        each for each in amounts
        if _is_percent(each) and _USED.search(sentence.text, each.end, each.end + 30)
    ]  # fmt: skip
    watts = [each for each in amounts if each.unit == "W"]
    chips = [*sentence.chips()] or ([sentence.antecedent] if sentence.antecedent else [])
    if len(shares) > 1 or len(watts) > 1 or len(chips) != 1 or any(
        each.noun == "chips" and each.value > 1 for each in amounts
    ):  # fmt: skip
        return
    part = shares[0].value if shares else 1.0
    power = watts[0].value if watts else math.nan
    known = power * part * factor("year")
    told = f"{watts[0].written if watts else 'its power'} at {100 * part:g} % for a year"
    span = (min(e.start for e in (*energy, *shares)), max(e.end for e in (*energy, *shares)))
    yield reckoning(sentence, "electricity", energy[0], span, known, told, (known, known),
                 chips[0], part * factor("year"))  # fmt: skip
