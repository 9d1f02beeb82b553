"""What verdicts on figures are made of: agreement with a reading, and the card that shows it."""

from __future__ import annotations

from chipassay.claims.claim import Amount, Verdict
from chipassay.claims.verdicts.derived import asked
from chipassay.claims.verdicts.fields import Reading
from chipassay.claims.verdicts.tolerance import agrees
from chipassay.facts.fact import Entry


def agrees_with(amount: Amount, reading: Reading, close: float = 0.02) -> bool:
    """Whether a quantity is a figure as read under a convention."""
    return agrees(amount, float(reading.fact.value) * reading.times, close)


def made(outcome: str, entry: Entry, reading: Reading, note: str, **more: object) -> Verdict:
    """A verdict that shows the figure it was held against."""
    fact = reading.fact
    basis = reading.convention or fact.field.basis
    reference = f"{entry.name}: {fact.field.title} {fact.shown}" + (f" ({basis})" if basis else "")
    return Verdict(
        outcome, reference, note, entry.id, fact.field.name, asked(entry, fact.field.name),  # type: ignore[arg-type]
        tuple(source.key for source in fact.sources), **more,  # type: ignore[arg-type]
    )  # fmt: skip


def told_of(reading: Reading) -> str:
    """Which figure of which chip."""
    return f"{reading.fact.field.title} of the {reading.fact.subject}"
