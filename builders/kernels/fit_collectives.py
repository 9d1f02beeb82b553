"""Fit collectives inside a node: python -m builders.kernels.fit_collectives TABLES OUT (folders)."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from builders.kernels import common
from builders.kernels.tied_study import study

from chipassay.catalogue import chips as chip_numbers
from chipassay.catalogue.fabrics import fabric
from chipassay.measured.collectives import engine_groups, library_groups
from chipassay.measured.group import Group
from chipassay.model.kernels.collectives import (
    CollectiveConstants,
    DirectConstants,
    collective_time,
    coordinates,
    direct_all_reduce_time,
    wire_time,
)
from chipassay.model.kernels.fabric import collective
from chipassay.model.kernels.silicon import silicon
from chipassay.records.fabric import Fabric

SIZES = list(range(8, 31))
LIBRARY = common.Family(
    name="collectives",
    time=collective_time,
    start=CollectiveConstants(
        launch=1e4,
        hop=1600.0,
        issue=1.0,
        seam=0.5,
        excess=0.22,
        own=0.3,
        bridge=0.4,
        ramp=2e4,
        switch_launch=6e4,
        feed=480.0,
    ),  # fmt: skip
    coordinates=coordinates,
    knots=(SIZES, [1, 2, 3], [0, 1, 2, 3]),
    smooth=0.3,
    shared_table=True,
)
GRAPH = common.Family(
    name="direct_all_reduce",
    time=direct_all_reduce_time,
    start=DirectConstants(
        launch=9e3,
        second=8e3,
        second_seam=0.5,
        signal=3.0,
        excess=0.3,
        feed=200.0,
        bridge=0.4,
        host=1e-9,
        slow_host=1.0,
        copies=1e-6,
        ring_launch=2e4,
        hop=1600.0,
        ring_excess=0.25,
        own=0.3,
        ramp=2e4,
        switch_launch=6e4,
        switch_feed=480.0,
        seam=0.5,
    ),  # fmt: skip
    coordinates=lambda shape: coordinates(shape)[:2],
    knots=(SIZES, [1, 2, 3]),
    smooth=0.3,
    shared_table=True,
)
EAGER = dataclasses.replace(GRAPH, start=GRAPH.start._replace(host=25e-6, copies=2.2))
TIE = 0.03
ENGINE_TIE = 0.1
OTHER_HOST = {("l40s", "sglang+_graph", "0.5.12"), ("l40s", "sglang+_eager", "0.5.12")}
"""Hosts with another bridge than `data/fabrics.json` says of the chip's."""


def fabric_of(name: str) -> Fabric:
    """The fabric of a table's chip."""
    return fabric(common.CATALOGUE.chip(name).entry, name)


def impossible(group: Group) -> Any:
    """Rows that move bytes faster than 105 % of the links at their full rate."""
    s = group.shape
    in_switch = (1 + 1 / s.ranks) * s.message / s.rate
    least = np.where(s.in_network > 0, in_switch, wire_time(s, 0.0, 0.0, np.inf))
    return group.time * 1.05 < least


def glitches(group: Group) -> Any:
    """Rows over 1.6 times both their neighbours in size, alike otherwise: stalls."""
    s = group.shape
    kind = np.stack([s.ranks, s.passes, s.sums, s.pairwise], axis=1)
    bad = np.zeros(len(group.time), bool)
    keys = [f"{c}{k.tolist()}" for c, k in zip(group.chips, kind, strict=True)]
    for key in sorted(set(keys)):
        rows = np.flatnonzero(np.array(keys) == key)
        sizes = np.unique(s.message[rows])
        middle = np.array([np.median(group.time[rows][s.message[rows] == size]) for size in sizes])
        around = np.concatenate([middle[:1], middle, middle[-1:]])
        limit = 1.6 * np.maximum(around[:-2], around[2:])
        if len(sizes) > 1:
            limit[0], limit[-1] = 1.6 * middle[1], np.inf
        bad[rows] = group.time[rows] > limit[np.searchsorted(sizes, s.message[rows])]
    return bad


def repeated(group: Group) -> Any:
    """Rows that say the same of the same: one measurement under several versions' names."""
    s = group.shape
    chip = np.unique(group.chips, return_inverse=True)[1]
    key = np.stack([chip, s.message, s.ranks, s.passes, s.sums, s.pairwise, group.time], axis=1)
    bad = np.ones(len(group.time), bool)
    bad[np.unique(key, axis=0, return_index=True)[1]] = False
    return bad


def gated(group: Group, gate: common.Gate) -> Group:
    """What is left after rows that cannot be, that say the same twice, or that stalled."""
    once: Group = gate.keep(group, {"impossible": impossible(group), "repeated": repeated(group)})
    moving: Group = gate.keep(once, {"glitch": glitches(once)})
    return moving


def library_rows(folder: Path, gate: common.Gate) -> list[Group]:
    """Gated groups of the communication libraries."""
    tables = [pl.read_parquet(folder / f"{name}.parquet") for name in ("nccl", "oneccl")]
    return [gated(group, gate) for table in tables for group in library_groups(table, fabric_of)]


def engine_rows(folder: Path, gate: common.Gate) -> list[Group]:
    """Gated groups of the serving engines' own all-reduce."""
    table = pl.read_parquet(folder / "allreduce.parquet")
    versions = np.asarray(table["backend_version"].cast(str))
    groups = []
    for group in engine_groups(table, fabric_of):
        asked = zip(group.chips.tolist(), versions[group.row].tolist(), strict=True)
        other = np.array([(chip, group.stack, version) in OTHER_HOST for chip, version in asked])
        groups.append(gated(gate.keep(group, {"another host": other}), gate))
    return groups


def at_knots(where: tuple[Any, ...], name: str, constants: Any) -> Any:
    """Seconds that a family's formula gives at knots of a table, on a chip's fabric."""
    size, ranks = np.exp2(where[0]), np.exp2(where[1])
    entry = common.CATALOGUE.chip(name).entry
    about = silicon(chip_numbers.numbers(entry), "bf16")
    if isinstance(constants, DirectConstants):
        shape = collective(fabric_of(name), "all_reduce", size, ranks)
        return direct_all_reduce_time(about, shape, constants)
    kinds = ("all_reduce", "all_to_all", "reduce_scatter", "all_gather")  # as `coordinates` counts
    shapes = [collective(fabric_of(name), kind, size, ranks) for kind in kinds]
    times = [collective_time(about, shape, constants) for shape in shapes]
    return np.choose(where[2].astype(int), [np.broadcast_to(t, size.shape) for t in times])


def ring_only(values: Any) -> Any:
    """Gathers, whose operation is not pairwise: a larger group with as many bytes a rank."""
    kinds = np.broadcast_to(np.arange(values.shape[-1]), values.shape)
    return kinds >= 2


def main(folder: Path, out: Path) -> None:
    """Fit, show and write both families."""
    gate, direct = common.Gate(), common.Gate()
    libraries = library_rows(folder, gate)
    engines = engine_rows(folder, direct)
    steps = [((1, 0, 0), None), ((1, 1, 0), ring_only)]
    fits = study(LIBRARY, libraries, TIE, at_knots, steps)
    common.show(fits)
    common.write(out / "collectives.json", LIBRARY, fits, gate)
    graph = [each for each in engines if not each.stack.endswith("eager")]
    eager = [each for each in engines if each.stack.endswith("eager")]
    fits = study(GRAPH, graph, ENGINE_TIE, at_knots, [((1, 0), None)])
    fits += study(EAGER, eager, ENGINE_TIE, at_knots, [((1, 0), None)])
    common.show(fits)
    common.write(out / "direct_all_reduce.json", GRAPH, fits, direct)
    print(gate.dropped, direct.dropped)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
