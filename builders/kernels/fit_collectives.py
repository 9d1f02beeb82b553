"""Fit collectives inside a node: python -m builders.kernels.fit_collectives TABLES [OUT]."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from builders.kernels import common, hierarchy, monotone
from builders.kernels.hierarchy import Rules, Spread

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

DATA = Path(__file__).resolve().parents[2] / "src/chipassay/data/kernels"
SIZES = list(range(8, 31))
LIBRARY = common.Family(
    name="collectives",
    time=collective_time,
    start=CollectiveConstants(
        launch=1e4, hop=1600.0, issue=1.0, seam=0.5, excess=0.22, own=0.3, bridge=0.4, ramp=2e4,
        switch_launch=1.5e5, feed=400.0,
    ),
    coordinates=coordinates,
    knots=(SIZES, [1, 2, 3], [0, 1, 2, 3]),
    smooth=0.3,
)  # fmt: skip
S = Spread
SPREADS = {
    "launch": S(0.3, 0.1, 0.8, 0.1), "hop": S(0.3, 0.15, 0.5, 0.1),
    "issue": S(0.3, 0.2, 0.3, 0.1), "seam": S(0.3, 0.02, 0.02, 0.02),
    "excess": S(0.4, 0.2, 0.5, 0.2), "own": S(0.5, 0.3, 0.5, 0.2),
    "bridge": S(0.3, 0.1, 0.1, 0.1), "ramp": S(0.5, 0.3, 3.0, 0.2),
    "switch_launch": S(0.7, 0.2, 0.3, 0.1), "feed": S(0.4, 0.05, 0.1, 0.05),
}  # fmt: skip
ENGINE = common.Family(
    name="direct_all_reduce",
    time=direct_all_reduce_time,
    start=DirectConstants(
        launch=8e3, second=8e3, second_seam=0.5, signal=3.5, excess=0.4, feed=300.0, bridge=0.38,
        host=2.5e-5, slow_host=1.0, copies=2.2, ring_launch=2e4, hop=1600.0, ring_excess=0.22,
        own=0.3, ramp=2e4, switch_launch=1.5e5, switch_feed=400.0, seam=0.5,
    ),
    coordinates=coordinates,
    knots=(SIZES, [1, 2, 3], [0]),
    smooth=0.3,
)  # fmt: skip
ENGINE_SPREADS = {
    "launch": S(0.3, 0.1, 0.7, 0.1), "second": S(0.5, 0.3, 2.0, 0.2),
    "second_seam": S(0.5, 0.02, 1.0, 0.02), "signal": S(0.3, 0.1, 0.7, 0.1),
    "excess": S(0.4, 0.2, 0.5, 0.2), "feed": S(0.5, 0.3, 1.0, 0.2),
    "bridge": S(0.2, 0.1, 0.1, 0.1), "host": S(0.5, 0.2, 8.0, 0.1),
    "slow_host": S(0.3, 0.1, 0.1, 0.1), "copies": S(0.3, 0.1, 8.0, 0.1),
    "ring_launch": S(0.5, 0.3, 1.0, 0.2), "hop": S(0.3, 0.15, 0.3, 0.1),
    "ring_excess": S(0.3, 0.2, 0.1, 0.1), "own": S(0.4, 0.2, 0.2, 0.1),
    "ramp": S(0.4, 0.3, 0.3, 0.2), "switch_launch": S(0.7, 0.2, 1.0, 0.1),
    "switch_feed": S(0.3, 0.1, 0.1, 0.1), "seam": S(0.3, 0.02, 0.3, 0.02),
}  # fmt: skip
RULES = Rules(by=dict.fromkeys(CollectiveConstants._fields, "memory"), carried=0.3)
"""Chips with stacked memory have links of their own, others the host's ports: relatives in both."""
ENGINE_RULES = Rules(by={}, carried=0.75)
"""Where an engine turns from one kernel to the next stands in its source, in bytes: it travels."""
FORMATS = {"fp16": "bf16", "bf16": "bf16", "int8": "int8"}
"""Sixteen-bit numbers alike; integers are told apart since no switch adds them up."""


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
    kind = np.stack([s.ranks, s.passes, s.sums, s.pairwise, s.bridge], axis=1)
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
    gate.seen -= len(once.time)  # counted above
    return moving


def library_rows(folder: Path, gate: common.Gate) -> list[Group]:
    """Gated groups of the communication libraries."""
    tables = [pl.read_parquet(folder / f"{name}.parquet") for name in ("nccl", "oneccl")]
    return [gated(group, gate) for table in tables for group in library_groups(table, fabric_of)]


def engine_rows(folder: Path, gate: common.Gate) -> list[Group]:
    """Gated groups of the serving engines' own all-reduce."""
    table = pl.read_parquet(folder / "allreduce.parquet")
    return [gated(group, gate) for group in engine_groups(table, fabric_of)]


def at_knots(where: tuple[Any, ...], name: str, constants: Any) -> Any:
    """Seconds that a family's formula gives at knots of a table, on a chip's fabric."""
    size, ranks = np.exp2(where[0]), np.exp2(where[1])
    about = silicon(chip_numbers.numbers(common.CATALOGUE.chip(name).entry), "bf16")
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


def main(tables: Path, out: Path) -> None:
    """Fit, show and write both families."""
    for family, spreads, rules, groups, steps in (
        (LIBRARY, SPREADS, RULES, library_rows, [((1, 0, 0), None), ((1, 1, 0), ring_only)]),
        (ENGINE, ENGINE_SPREADS, ENGINE_RULES, engine_rows, [((1, 0), None)]),
    ):
        gate = common.Gate()
        rows = [each._replace(precision=FORMATS[each.precision]) for each in groups(tables, gate)]
        with monotone.keeping(at_knots, steps):
            formats, without, errors = hierarchy.study(family, rows, spreads, rules)
        hierarchy.show(errors)
        hierarchy.write(
            out, family, rules, gate, formats, without, errors,
            script="builders/kernels/fit_collectives.py",
            rows_from="github:ai-dynamo/aiconfigurator@095f58a systems/data, Apache-2.0",
        )  # fmt: skip
        print(gate.dropped)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if sys.argv[2:] else DATA)
