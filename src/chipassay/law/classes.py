"""What a part may be: the first-match table of 3A090, for one part or a column of them.

A cell is a class as reviews see it: `.a` parts for data centres and others are reviewed apart.
Possible cells are bits of one number, so that a column holds one integer a row. An unknown earlier
row of the table stops a later one from being sure: its cell stays possible beside the later ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from chipassay.law.paragraphs import TESTS
from chipassay.law.rulebook import WRITTEN, Rule, Rulebook
from chipassay.records.item import Item

CELLS = ("none", "old", "a_datacenter", "a_other", "b", "c")
BIT = {cell: 1 << index for index, cell in enumerate(CELLS)}
PRE_2023 = "pre-2023 3A090"
UNKNOWN = "indeterminate"
NAMES = {
    "none": "none", "old": PRE_2023, "a_datacenter": "3A090.a", "a_other": "3A090.a",
    "b": "3A090.b", "c": "3A090.c",
}  # fmt: skip
SYSTEMS = {PRE_2023: "pre-2023 4A090", "3A090.a": "4A090.a", "3A090.b": "4A090.b"}
MEMORY = "us-3a090-c"


def table(book: Rulebook, kind: str) -> tuple[Rule, ...]:
    """The rows of the first-match table for a kind of part, in order."""
    rows = book.layer("classification", WRITTEN)
    return tuple(row for row in rows if (row.test == "stacked_memory") == (kind == "memory"))


def possible(item: Item, rows: tuple[Rule, ...]) -> Any:
    """The cells that may be the part's, as bits: an integer, or a column of them."""
    market = np.asarray(item.for_datacenter)
    allowed = np.where(market > 0, BIT["a_datacenter"] | BIT["b"], 0)
    allowed = allowed | np.where(market < 1, BIT["a_other"], 0)
    allowed = allowed | (BIT["none"] | BIT["old"] | BIT["c"])
    found: Any = 0
    open_: Any = np.True_
    for row in rows:
        truth = np.asarray(TESTS[row.test](item, row.limits))
        bits = sum(BIT[cell] for cell in row.classes)
        found = found | np.where((truth > 0) & open_, bits & allowed, 0)
        open_ = open_ & (truth < 1)
    return found | np.where(open_, BIT["none"], 0)


def cells(bits: int) -> Iterator[str]:
    """The cells behind the bits of one part."""
    return (cell for cell in CELLS if bits & BIT[cell])


def named(bits: int, kind: str = "ic") -> str:
    """The one class behind the bits, or `indeterminate`."""
    names = {NAMES[cell] for cell in cells(bits)}
    if len(names) != 1:
        return UNKNOWN
    name = names.pop()
    return SYSTEMS.get(name, name) if kind == "system" else name
