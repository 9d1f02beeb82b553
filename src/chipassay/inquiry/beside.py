"""Chips beside one another for a picture: what each has, for a chip, a watt and a dollar."""

from __future__ import annotations

import math
from typing import Any

from chipassay.catalogue.chips import matrix_field
from chipassay.facts.fact import Entry, Price
from chipassay.formulas.roofline import ratio
from chipassay.inquiry import catalogue_for
from chipassay.records.question import Question
from chipassay.units import parse

MEASURES = ("matrix_rate", "memory_bandwidth", "memory_capacity", "scaleup_bandwidth")
KINDS = ("release", "reported", "list", "street")
"""Prices of one new chip; a contract's, a used chip's or an analyst's is something else."""


def beside(question: Question) -> list[dict[str, Any]]:
    """A row for each chip and measure: the figure, and its ratio to the first chip's.

    `per_watt` and `per_dollar` are ratios to the first chip too, of the figure for a watt of the
    power limit and for a dollar of the newest quoted price; null where one of the two is unknown.
    """
    catalogue = catalogue_for(question)
    entries = [catalogue.chip(name).entry for name in question.chips]
    return [_row(entry, entries[0], measure) for measure in MEASURES for entry in entries]


def _row(entry: Entry, first: Entry, measure: str) -> dict[str, Any]:
    own, theirs = _figure(entry, measure), _figure(first, measure)
    return {
        "measure": measure, "id": entry.id, "name": entry.name, "value": _known(own),
        "per_chip": _share(own, theirs),
        "per_watt": _share(_each(own, entry.number("tdp")), _each(theirs, first.number("tdp"))),
        "per_dollar": _share(_each(own, dollars(entry)), _each(theirs, dollars(first))),
        "price": _known(dollars(entry)),
    }  # fmt: skip


def _figure(entry: Entry, measure: str) -> float:
    return entry.number(matrix_field(entry) if measure == "matrix_rate" else measure)


def dollars(entry: Entry) -> float:
    """The newest price of one chip quoted in dollars; NaN where none is."""
    quoted = [price for price in entry.prices if _quoted(price)]
    newest = max(quoted, key=lambda price: price.date, default=None)
    return parse(newest.written, "USD") if newest else math.nan


def _quoted(price: Price) -> bool:
    return price.written.endswith(" USD") and price.kind in (
        "release",
        "reported",
        "list",
        "street",
    )


def _each(value: float, cost: float) -> float:
    return float(ratio(value, cost)) if cost > 0 else math.nan


def _share(own: float, theirs: float) -> float | None:
    return _known(float(ratio(own, theirs))) if theirs > 0 else None


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
