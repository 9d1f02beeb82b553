"""Fit dispatch and combine: python -m builders.kernels.fit_dispatch TABLES [OUT]."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from builders.kernels import common, hierarchy, monotone
from builders.kernels.hierarchy import Rules, Spread

from chipassay.catalogue import chips as chip_numbers
from chipassay.catalogue.fabrics import fabric, port_and_node
from chipassay.measured.dispatch import Place, low_latency_groups, throughput_groups
from chipassay.measured.group import Group
from chipassay.model.kernels.dispatch import (
    DispatchConstants,
    DispatchShape,
    coordinates,
    dispatch_time,
)
from chipassay.model.kernels.silicon import silicon
from chipassay.units import parse

PORT = parse("400 Gb/s", "B/s")
"""The network port of each chip where no system says."""
DATA = Path(__file__).resolve().parents[2] / "src/chipassay/data/kernels"
FAMILY = common.Family(
    name="dispatch",
    time=dispatch_time,
    start=DispatchConstants(
        launch=2e4,
        flag=25.0,
        seam=0.5,
        token=800.0,
        copy=200.0,
        width=12.0,
        forward=1.0,
        share=0.8,
        network_share=0.93,
        network_hop=5e-6,
    ),
    coordinates=coordinates,
    knots=(
        [-7, -5, -3, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
        [0, 1, 1.8, 2.2, 2.5, 3, 3.5],
        [10.5, 11.5, 12.5, 13, 14],
    ),
    smooth=0.5,
)
S = Spread
SPREADS = {
    "launch": S(0.5, 0.1, 0.8, 0.1), "flag": S(0.5, 0.1, 0.3, 0.1), "seam": S(0.4, 0.02, 0.5, 0.02),
    "token": S(0.7, 0.2, 1.0, 0.2), "copy": S(0.7, 0.2, 1.5, 0.2), "width": S(0.4, 0.2, 0.5, 0.1),
    "forward": S(0.7, 0.1, 1.0, 0.1), "share": S(0.2, 0.15, 0.2, 0.1),
    "network_share": S(0.1, 0.05, 0.1, 0.05), "network_hop": S(0.5, 0.1, 0.5, 0.1),
}  # fmt: skip
RULES = Rules(by={}, carried=0.75)


def place(name: str) -> Place:
    """Where a table's chip works, by the first system sold with it."""
    entry = common.CATALOGUE.chip(name).entry
    links = fabric(entry, name)
    port, node = port_and_node(common.CATALOGUE.systems_of(entry.id), PORT)
    cores = float(chip_numbers.numbers(entry).cores)
    return Place(links, cores, port, node, max(float(links.domain), node))


def impossible(group: Group) -> Any:
    """Rows whose bytes would exceed 105 % of a chip's links."""
    s = group.shape
    inside = s.tokens * s.row * (s.copies - s.abroad) * (1 - 1 / s.ranks) / s.rate
    return 1.05 * group.time < inside * (s.nodes == 1)


def congested(group: Group) -> Any:
    """Throughput kernels over eight nodes: half the rate of four nodes, whatever the cores."""
    return (group.shape.nodes == 8) & (group.stack == "throughput")


def at_knots(where: tuple[Any, ...], name: str, constants: DispatchConstants) -> Any:
    """Seconds that the formula gives at knots of a table, inside one node."""
    links = place(name).fabric
    about = silicon(chip_numbers.numbers(common.CATALOGUE.chip(name).entry), "bf16")
    zero = 0.0 * where[0]
    workers = 20.0
    shape = DispatchShape(
        tokens=np.exp2(where[0]) * workers, row=np.exp2(where[2]), copies=np.exp2(where[1]),
        abroad=zero, ranks=zero + 8, nodes=zero + 1, workers=zero + workers, experts=zero,
        rate=zero + links.line, network=zero + PORT, seam=zero + links.seam,
    )  # fmt: skip
    return dispatch_time(about, shape, constants)


def main(tables: Path, out: Path) -> None:
    """Fit, show and write."""
    gate = common.Gate()
    groups = [
        *low_latency_groups(pl.read_parquet(tables / "deepep_ll.parquet"), place),
        *throughput_groups(pl.read_parquet(tables / "deepep_normal.parquet"), place),
    ]
    kept = [
        gate.keep(each, {"impossible": impossible(each), "congested": congested(each)})
        for each in groups
    ]
    steps: monotone.Steps = [((1, 0, 0), None), ((0, 1, 0), None), ((0, 0, 1), None)]
    with monotone.keeping(at_knots, steps):
        formats, without, errors = hierarchy.study(FAMILY, kept, SPREADS, RULES)
    hierarchy.show(errors)
    hierarchy.write(
        out, FAMILY, RULES, gate, formats, without, errors,
        script="builders/kernels/fit_dispatch.py",
        rows_from="github:ai-dynamo/aiconfigurator@095f58a systems/data, Apache-2.0",
    )  # fmt: skip
    print(gate.dropped)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if sys.argv[2:] else DATA)
