"""A chip entry as numbers that a formula can take, each tagged with its name while watched."""

from __future__ import annotations

from chipassay.facts.fact import Entry
from chipassay.records.chip import Chip
from chipassay.trace import leaf
from chipassay.units import parse

BINARY = parse("1 GiB", "B") / parse("1 GB", "B")
"""Makers name the memory of an accelerator in gigabytes and mean binary ones: a driver reports
80 GiB for 80 GB, and 179 for 180."""


def numbers(entry: Entry) -> Chip:
    """The chip's figures in SI units; NaN where the catalogue does not know one."""
    return Chip(*(leaf(f"{entry.id}.{name}", entry.number(name)) for name in Chip._fields))


def memory_bytes(entry: Entry) -> float:
    """Bytes that a chip's memory holds, its gigabytes read as binary ones; NaN where unknown."""
    return entry.number("memory_capacity") * BINARY


SIXTEEN_BIT = ("dense_fp16_cube_only", "dense_bf16", "dense_fp16")
"""Where the 16-bit rate of matrix products stands, the most faithful first.

The cube-only rate leaves out vector units that a headline counts but a matrix product cannot use;
bf16 accumulates in fp32, which fp16 on consumer parts does not.
"""


def matrix_field(entry: Entry) -> str:
    """The field that holds the chip's 16-bit matrix rate; the last of them where none is known."""
    return next((name for name in SIXTEEN_BIT if name in entry.facts), SIXTEEN_BIT[-1])
