"""A chip entry as numbers that a formula can take, each tagged with its name while watched."""

from __future__ import annotations

from chipassay.facts.fact import Entry
from chipassay.records.chip import Chip
from chipassay.trace import leaf


def numbers(entry: Entry) -> Chip:
    """The chip's figures in SI units; NaN where the catalogue does not know one."""
    return Chip(*(leaf(f"{entry.id}.{name}", entry.number(name)) for name in Chip._fields))


def unknown_fields(entry: Entry, names: tuple[str, ...]) -> tuple[str, ...]:
    """Which of the named figures nobody gave, as `chip.field`: what would settle an unknown."""
    return tuple(f"{entry.id}.{name}" for name in names if name not in entry.facts)
