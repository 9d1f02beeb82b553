"""Copies of a chip with one of its figures changed: what cuts and what-ifs are made of.

A copy keeps its chip's core design, and with it the constants of the kernels that were fitted on
that design: the same silicon with one figure changed. The figures are those that the models of
training and serving price.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from chipassay.catalogue.catalogue import ASKER, Catalogue
from chipassay.catalogue.fabrics import port_and_node
from chipassay.facts.fact import Entry, Fact

SIXTEEN_BIT = ("dense_bf16", "dense_fp16")
"""Where kernels look for the 16-bit matrix rate, the first known one counts."""
MATRIX, PORTS = "matrix_rate", "scaleout_bandwidth"
EIGHT_BIT = "dense_fp8"


class Figure(NamedTuple):
    """A figure that may be cut, and the fields of an entry that hold it."""

    name: str
    fields: tuple[str, ...]
    monotone: bool = True
    """Whether more of it never does harm, all else equal."""


FIGURES = (
    Figure(MATRIX, SIXTEEN_BIT),
    Figure("vector_fp32", ("vector_fp32",)),
    Figure("special_rate", ("special_rate",)),
    Figure("cores", ("cores",), monotone=False),
    Figure("boost_clock", ("boost_clock",), monotone=False),
    Figure("l2_capacity", ("l2_capacity",)),
    Figure("memory_bandwidth", ("memory_bandwidth",)),
    Figure("memory_capacity", ("memory_capacity",)),
    Figure("scaleup_bandwidth", ("scaleup_bandwidth",)),
    Figure("scaleup_domain", ("scaleup_domain",), monotone=False),
    Figure(PORTS, (PORTS,)),
    Figure("tdp", ("tdp",)),
)
"""All else equal, more cores share the same matrix rate in smaller parts, a higher clock draws more
of the same power, and a wider mesh has thinner links to each of its chips: those can do harm."""


def with_ports(entry: Entry, catalogue: Catalogue) -> Entry:
    """The chip with its part of its node's network ports as a figure of its own."""
    systems = catalogue.systems_of(entry.id)
    if PORTS in entry.facts or not systems:
        return entry
    port, _ = port_and_node(systems, math.nan, entry)
    ports = systems[0].facts.get("nic_bandwidth")
    if ports is None or math.isnan(port):
        return entry
    fact = Fact(
        entry.id, catalogue.field("chip", PORTS), port, f"{port:g} B/s", ports.sources,
        ports.confidence, note=f"its part of the ports of {systems[0].id}",
    )  # fmt: skip
    return replace(entry, facts={**entry.facts, PORTS: fact})


def figure_of(entry: Entry, figure: Figure) -> float:
    """The figure in SI units; NaN where the catalogue does not know it."""
    return next((entry.number(f) for f in figure.fields if f in entry.facts), math.nan)


def named(entry: Entry, figure: Figure) -> str:
    """The field a figure is told under: the 16-bit rate by the format that the chip states."""
    known = (field for field in figure.fields if field in entry.facts)
    return next(known, figure.fields[0]) if figure.name == MATRIX else figure.name


def having(entry: Entry, changes: Mapping[Figure, float]) -> Entry:
    """A copy with these figures, in every field that holds them."""
    facts = dict(entry.facts)
    for figure, value in changes.items():
        for name in figure.fields:
            if name in facts:
                facts[name] = replace(facts[name], value=value, confidence="asked")
    return replace(entry, facts=facts, modified=True)


def in_fields(entry: Entry, values: Mapping[str, float], catalogue: Catalogue) -> Entry:
    """A copy with these values in its fields, whether it had figures there or not."""
    facts = dict(entry.facts)
    for name, value in values.items():
        field = catalogue.field("chip", name)
        facts[name] = Fact(entry.id, field, value, f"{value:g} {field.si}", (ASKER,), "asked")
    return replace(entry, facts=facts, modified=True)


def differing(one: Entry, other: Entry) -> Iterator[Figure]:
    """Figures that both chips state, and state differently."""
    for figure in FIGURES:
        mine, theirs = figure_of(one, figure), figure_of(other, figure)
        if mine != theirs and mine > 0 and theirs > 0:
            yield figure


def unstated(one: Entry, other: Entry) -> Iterator[tuple[Figure, Entry]]:
    """Figures that one of the two chips states and the other does not, with the silent chip."""
    for figure in FIGURES:
        mine, theirs = figure_of(one, figure), figure_of(other, figure)
        if math.isnan(mine) != math.isnan(theirs):
            yield figure, one if math.isnan(mine) else other
