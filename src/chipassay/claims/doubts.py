"""Reasons not to call a figure wrong: rounding, another chip named, too far to be meant."""

from __future__ import annotations

from collections.abc import Iterable

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.attributes import BANDWIDTH, RATE
from chipassay.claims.claim import Amount, Claim
from chipassay.claims.fields import Reading
from chipassay.claims.tolerance import agrees, differs, is_coarse
from chipassay.facts.fact import Entry
from chipassay.units import parse

_SLIP = parse("1 TB", "B") / parse("1 GB", "B")
_SLIP_CLOSE = 0.02
_PREFIXED = ("FLOP/s", "B/s", "B", "1")
_TOO_FAR = 16.0
"""Beyond this a number is more likely of something else than a wrong figure of the chip."""


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


def of_another_named(claim: Claim, amount: Amount, catalogue: Catalogue) -> str:
    """Why a figure may be of another chip that the sentence names; "" where it is of none."""
    for id_ in claim.facts.get("named", ()):
        facts = catalogue.chip_entry(id_).facts.values()
        same = [f for f in facts if f.field.si == amount.unit and not isinstance(f.value, str)]
        if any(agrees(amount, float(fact.value) * k) for fact in same for k in (1.0, 2.0)):
            return "it is the figure of another chip that the sentence names too"
    return ""


def is_slip(amount: Amount, plain: Iterable[tuple[Entry, Reading]]) -> bool:
    """Whether a figure is a thousand times the chip's: a prefix too high."""
    values = [float(reading.fact.value) * reading.times for _, reading in plain]
    return amount.unit in _PREFIXED and any(
        abs(amount.value / (_SLIP * value) - 1) < _SLIP_CLOSE for value in values if value
    )


def far_off(amount: Amount, plain: list[tuple[Entry, Reading]]) -> str:
    """Why a figure is too far from the chip's to be meant as one; "" for a slip of a prefix."""
    values = [float(reading.fact.value) * reading.times for _, reading in plain]
    near = any(1 / _TOO_FAR < amount.value / value < _TOO_FAR for value in values if value)
    if near or amount.unit not in _PREFIXED or is_slip(amount, plain):
        return ""
    return "it is too far off to be meant of this chip"
