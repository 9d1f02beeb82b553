"""Reasons not to call a figure wrong: rounding, another chip named, too far to be meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from chipassay.claims.claim import Amount, Claim
from chipassay.claims.text.attributes import BANDWIDTH, RATE
from chipassay.claims.verdicts.fields import Reading
from chipassay.claims.verdicts.tolerance import COUNTED, COUNTED_NOUNS, FAR, differs, is_coarse
from chipassay.facts.fact import Entry
from chipassay.units import parse

_SLIP = parse("1 TB", "B") / parse("1 GB", "B")
_TENS = parse("10 GB", "B")
"""How much the digits of a round number such as 20 GB leave open."""
_SLIP_CLOSE = 0.02
_PREFIXED = ("FLOP/s", "B/s", "B", "1")


def doubt(amount: Amount, plain: list[tuple[Entry, Reading]], claim: Claim) -> str:
    """A reason not to call the figure wrong; "" where there is none."""
    values = [float(reading.fact.value) * reading.times for _, reading in plain]
    if claim.field == BANDWIDTH:
        plain = plain[:1]
    usual = plain[0][1].fact
    if not usual.verified:
        return f"our own figure is only {usual.standing}; it contradicts nobody"
    if claim.field == "memory_capacity" and not amount.manner and "." not in amount.written:
        amount = _whole(amount)
    if any(is_coarse(amount, value) for value in values):
        return "the number is rounded too coarsely to tell"
    counted = amount.noun in COUNTED_NOUNS or claim.field == "die_area"
    least = COUNTED if counted else FAR
    exact = not amount.manner and len(_DIGITS.findall(amount.written)) >= _EXACT
    least = min(least, _CLOSER) if exact and claim.field.startswith(_PRINTED) else least
    if not all(differs(amount, value, least) for value in values):
        return "the figures lie too close together to tell"
    if claim.field == RATE:
        return ""
    for name in {reading.fact.field.name for _, reading in plain}:
        same = [(e, r) for e, r in plain if r.fact.field.name == name]
        known = [float(r.fact.value) * r.times for _, r in same]
        told = [
            float(rival.value) * r.times
            for _, r in same for rival in r.fact.rivals if not isinstance(rival.value, str)
        ]  # fmt: skip
        if min(known) < amount.value < max(known):
            return "it lies between the variants of the chip"
        if min(known + told) < amount.value < max(known + told):
            return "it lies between what sources give"
    return ""


_DIGITS = re.compile(r"\d")
_EXACT, _CLOSER = 3, 0.03
_PRINTED = ("dense_", "vector_", "tdp", "memory_bandwidth")
"""Figures of data sheets that are copied digit by digit, where three of them are printed."""


def _whole(amount: Amount) -> Amount:
    """A capacity to the gigabyte: nobody calls 24 GB 20."""
    half = parse("0.5 GB", "B")
    whole = amount.high - amount.low <= _TENS
    return replace(amount, low=amount.value - half, high=amount.value + half) if whole else amount


def is_slip(amount: Amount, plain: Iterable[tuple[Entry, Reading]]) -> bool:
    """Whether a figure is a thousand times the chip's: a prefix too high."""
    values = [float(reading.fact.value) * reading.times for _, reading in plain]
    return amount.unit in _PREFIXED and any(
        abs(amount.value / (_SLIP * value) - 1) < _SLIP_CLOSE for value in values if value
    )
