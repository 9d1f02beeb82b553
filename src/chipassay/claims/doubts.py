"""Reasons not to call a figure wrong: rounding, another chip named, too far to be meant."""

from __future__ import annotations

from collections.abc import Iterable

from chipassay.claims.attributes import BANDWIDTH, RATE
from chipassay.claims.claim import Amount, Claim
from chipassay.claims.fields import Reading
from chipassay.claims.tolerance import differs, is_coarse
from chipassay.facts.fact import Entry
from chipassay.units import parse

_SLIP = parse("1 TB", "B") / parse("1 GB", "B")
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
    if any(is_coarse(amount, value) for value in values):
        return "the number is rounded too coarsely to tell"
    if not all(differs(amount, value) for value in values):
        return "the figures lie too close together to tell"
    told = [
        float(rival.value) * reading.times
        for _, reading in plain for rival in reading.fact.rivals
        if not isinstance(rival.value, str)
    ]  # fmt: skip
    if told and min(*values, *told) < amount.value < max(*values, *told):
        return "it lies between what sources give"
    several = len({entry.id for entry, _ in plain}) > 1 and claim.field != RATE
    if several and min(values) < amount.value < max(values):
        return "it lies between the variants of the chip"
    return ""


def is_slip(amount: Amount, plain: Iterable[tuple[Entry, Reading]]) -> bool:
    """Whether a figure is a thousand times the chip's: a prefix too high."""
    values = [float(reading.fact.value) * reading.times for _, reading in plain]
    return amount.unit in _PREFIXED and any(
        abs(amount.value / (_SLIP * value) - 1) < _SLIP_CLOSE for value in values if value
    )
