"""Ratios of two chips as quantities: errors that both predictions share cancel.

What is left was measured on pairs of chips that did the same work (`data/ratios.json`, made by
`builders/fit_ratios.py`); a ratio of a chip to itself with one figure changed has the band of two
chips of one core design, cut at one where more of a figure can do no harm.
"""

from __future__ import annotations

import functools
import json
import math
from importlib import resources
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.facts.fact import Entry
from chipassay.records.answer import Basis, Quantity

ORDER: tuple[Basis, ...] = ("measured", "interpolated", "transferred", "assumed")
FAR: Basis = "assumed"


@functools.cache
def fits() -> dict[str, Any]:
    """`data/ratios.json`: logarithmic half-widths by kind of work and level."""
    file = resources.files("chipassay") / "data" / "ratios.json"
    return dict(json.loads(file.read_text(encoding="utf-8")))


def same_core(one: Entry, other: Entry, catalogue: Catalogue) -> bool:
    """Whether two chips have cores of one design."""
    mine, theirs = catalogue.core_design(one)[0], catalogue.core_design(other)[0]
    return mine == theirs if mine or theirs else one.design == other.design != ""


def worse(*bases: Basis) -> Basis:
    """The basis that is farthest from a measurement."""
    return max(bases, key=ORDER.index)


def ratio_of(
    kind: str, one: float, other: float, chips: tuple[Entry, Entry], catalogue: Catalogue,
    basis: Basis,
) -> Quantity:  # fmt: skip
    """One chip's rate over another's; unknown where the other has none."""
    if not other > 0 or math.isnan(one):
        return unknown(basis)
    if chips[0] == chips[1]:
        return Quantity(one / other, one / other, one / other, "1", basis)
    level = "design" if same_core(*chips, catalogue) else "far" if basis == FAR else "apart"
    return _banded(one / other, fits()["bands"][kind][level]["log"], basis)


def cut_ratio(kind: str, value: float, gained: float, basis: Basis) -> Quantity:
    """A chip with figures changed over the chip itself.

    `gained`: -1 where the change takes, 1 where it gives, 0 where it may do either.
    """
    if math.isnan(value):
        return unknown(basis)
    whole = _banded(value, fits()["bands"][kind]["design"]["log"], worse(basis, "transferred"))
    low = max(whole.low, min(1.0, value)) if gained > 0 else whole.low
    high = min(whole.high, max(1.0, value)) if gained < 0 else whole.high
    return Quantity(value, low, high, "1", whole.basis)


def unknown(basis: Basis, unit: str = "1") -> Quantity:
    """A quantity that nobody can tell."""
    return Quantity(math.nan, math.nan, math.nan, unit, basis)


def _banded(value: float, log: float, basis: Basis) -> Quantity:
    return Quantity(value, value * math.exp(-log), value * math.exp(log), "1", basis)
