"""Which figures of the catalogue an attribute is asked of, and under which conventions.

A convention is a factor on a figure: sparse rates are twice the dense ones, a link both ways is
twice one way, a package of two dies is twice a die. The factors are definitions, not data.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from chipassay.claims.text.attributes import BANDWIDTH, DENSE, LINK, RATE
from chipassay.facts.fact import Entry, Fact
from chipassay.units import factor

_VECTOR = {"dense_fp64": "vector_fp64", "dense_fp32": "vector_fp32", "dense_fp16": "vector_fp16"}
_SPARSE = ("fp16", "bf16", "tf32", "fp8", "int8", "fp4", "fp6", "int4")
_ACCUMULATED = {
    "dense_fp16": "dense_fp16_fp32_accumulate",
    "dense_fp8": "dense_fp8_fp32_accumulate",
}
_PARTS = ("compute_dies", "memory_stacks", "scaleup_links", "memory_bus")
"""What is counted in one way only."""
_BY_STACK = ("memory_capacity", "memory_bandwidth", "memory_bus")
POWER = {"W": ("node_power", "rack_power", "pod_power")}
SYSTEM_FIELDS = {
    "tdp": ("pod_power", "rack_power", "node_power"),
    "dense_bf16": ("pod_dense_bf16",),
    "dense_fp16": ("pod_dense_bf16",),
    "dense_fp8": ("pod_dense_fp8",),
    "dense_fp4": ("pod_dense_fp4",),
    RATE: ("pod_dense_bf16", "pod_dense_fp8", "pod_dense_fp4"),
    "memory_bandwidth": ("pod_memory_bandwidth",),
    BANDWIDTH: ("pod_memory_bandwidth",),
    "memory_capacity": ("pod_memory_capacity",),
    "scaleup_domain": ("scaleup_domain",),
    "racks": ("racks",),
}


class Reading(NamedTuple):
    """A figure, read under a convention: `fact.value * times`; plain where `convention` is ""."""

    fact: Fact
    times: float = 1.0
    convention: str = ""


def field_names(field: str) -> tuple[str, ...]:
    """The catalogue's fields behind an attribute."""
    if field == RATE:
        return tuple(f"dense_{name}" for name in DENSE)
    if field == LINK:
        return ("scaleup_bandwidth_both_ways", "scaleup_bandwidth")
    if field == BANDWIDTH:
        return ("memory_bandwidth", "scaleup_bandwidth_both_ways", "scaleup_bandwidth")
    return (field,)


def shown_field(field: str) -> str:
    """The one name an attribute goes by in answers."""
    named = {RATE: "dense_fp16", LINK: "scaleup_bandwidth_both_ways", BANDWIDTH: "memory_bandwidth"}
    return named.get(field, field)


def plain_readings(entry: Entry, field: str, said: frozenset[str]) -> Iterator[Reading]:
    """What the words mean where they name their conventions: the figures that must agree."""
    if field == LINK and "per link" in said:
        yield from _per_link(entry, said)
        return
    if field == "l2_capacity" and _is_of_another_level(entry, said):
        return
    if field == LINK and "one way" in said:
        yield from _of(entry, "scaleup_bandwidth")
        return
    if field in (LINK, BANDWIDTH):
        if field == BANDWIDTH:
            yield from _of(entry, "memory_bandwidth")
        yield from _of(entry, "scaleup_bandwidth_both_ways")
        return
    if field == "l2_capacity":
        yield from _of(entry, "sram_capacity")
    for name in field_names(field):
        if "sparse" in said and "dense" not in said:
            yield from _of(entry, name, 2.0 if _may_be_sparse(entry, name) else 1.0)
            continue
        yield from _of(entry, name)
        yield from _of(entry, _ACCUMULATED.get(name, ""))
        if "matrix" not in said and field != RATE and (name != "dense_fp16" or "vector" in said):
            yield from _of(entry, _VECTOR.get(name, ""))
    if "per stack" in said and field in _BY_STACK:
        yield from _of(entry, field, 1.0 / max(entry.number("memory_stacks"), 1.0), "")
    if "per die" in said and entry.number("compute_dies") > 1:
        for name in field_names(field):
            yield from _of(entry, name, 1.0 / entry.number("compute_dies"))


def _per_link(entry: Entry, said: frozenset[str]) -> Iterator[Reading]:
    """The rate of one link: all links' over their number."""
    links = entry.number("scaleup_links")
    if links > 0:
        if "one way" not in said:
            yield from _of(entry, "scaleup_bandwidth_both_ways", 1 / links)
        if "both ways" not in said:
            yield from _of(entry, "scaleup_bandwidth", 1 / links)


def _is_of_another_level(entry: Entry, said: frozenset[str]) -> bool:
    """Whether a cache is of a level that is not held: AMD's last level is held, not its second."""
    if entry.vendor == "AMD":
        return "level 2" in said and "level 3" not in said
    return "level 3" in said and "level 2" not in said


def other_readings(entry: Entry, field: str, said: frozenset[str]) -> Iterator[Reading]:
    """The same figures under conventions that the words leave out."""
    if field in _PARTS:
        return
    if field == LINK and "per link" in said:
        yield from _of(entry, "scaleup_bandwidth_both_ways", 1.0, "for all links together")
        return
    for name in field_names(field):
        if _may_be_sparse(entry, name):
            times, told = (1.0, "dense, not sparse") if "sparse" in said else (2.0, "with sparsity")
            yield from _of(entry, name, times, told)
    if field in (LINK, BANDWIDTH):
        told = "both ways together" if "one way" in said else "one way"
        name = "scaleup_bandwidth_both_ways" if "one way" in said else "scaleup_bandwidth"
        yield from _of(entry, name, 1.0, told)
    if field == "dense_fp16":
        yield from _of(entry, "dense_fp16_cube_only", 1.0, "for the matrix units alone")
    if field in ("dense_fp16", "dense_bf16"):
        yield from _of(entry, "vector_fp16", 1.0, "on the vector units")
    dies = entry.number("compute_dies")
    for name in field_names(field):
        if dies > 1 and name != "tdp":
            yield from _of(entry, name, 1.0 / dies, "per die")
        if entry.facts.get("form_factor") is not None and "NVL" in entry.name.split():
            yield from _of(entry, name, 2.0, "for a pair of cards")
    if field == "memory_capacity":
        yield from _of(entry, field, factor("GB") / factor("GiB"), "counted in binary gigabytes")
        yield from _of(entry, field, factor("GiB") / factor("GB"), "counted in binary gigabytes")


def superchip_readings(entry: Entry, field: str) -> Iterator[Reading]:
    """Figures of several of a chip at once: of a node's eight, of a superchip's two."""
    for count, told in ((8.0, "for eight together"), (2.0, "for two together")):
        for name in field_names(field):
            yield from _of(entry, name, count, told)


def system_readings(entry: Entry, field: str) -> Iterator[Reading]:
    """The figures of a system for an attribute said of it."""
    for name in SYSTEM_FIELDS.get(field, ()):
        yield from _of(entry, name)


def _of(entry: Entry, name: str, times: float = 1.0, convention: str = "") -> Iterator[Reading]:
    fact = entry.facts.get(name)
    if fact is not None and not isinstance(fact.value, str):
        yield Reading(fact, times, convention)


def _may_be_sparse(entry: Entry, name: str) -> bool:
    """Whether a rate has a sparse twin: the matrix formats of a chip whose maker sells sparsity."""
    return name.removeprefix("dense_") in _SPARSE and entry.vendor in ("NVIDIA", "AMD", "Intel")
