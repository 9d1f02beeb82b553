"""Fit dispatch and combine: python -m builders.kernels.fit_dispatch TABLES OUT (folders)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from builders.kernels import common
from builders.kernels.tied_study import study

from chipassay.catalogue import chips as chip_numbers
from chipassay.catalogue.fabrics import fabric
from chipassay.measured.dispatch import low_latency_groups, throughput_groups
from chipassay.measured.group import Group
from chipassay.model.kernels.dispatch import (
    DispatchConstants,
    DispatchShape,
    coordinates,
    dispatch_time,
)
from chipassay.model.kernels.silicon import silicon
from chipassay.records.fabric import Fabric
from chipassay.units import parse

PORT = parse("400 Gb/s", "B/s")
"""The network port of each chip in the measured clusters of more than one node."""
TIE = 0.05
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
    shared_table=True,
)


def facts(name: str) -> tuple[Fabric, float, float]:
    """A chip's fabric, cores and network port."""
    entry = common.CATALOGUE.chip(name).entry
    return fabric(entry, name), float(chip_numbers.numbers(entry).cores), PORT


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
    links = facts(name)[0]
    about = silicon(chip_numbers.numbers(common.CATALOGUE.chip(name).entry), "bf16")
    zero = 0.0 * where[0]
    workers = 20.0
    shape = DispatchShape(
        tokens=np.exp2(where[0]) * workers, row=np.exp2(where[2]), copies=np.exp2(where[1]),
        abroad=zero, ranks=zero + 8, nodes=zero + 1, workers=zero + workers, experts=zero,
        rate=zero + links.line, network=zero + PORT, seam=zero + links.seam,
    )  # fmt: skip
    return dispatch_time(about, shape, constants)


def main(folder: Path, out: Path) -> None:
    """Fit, show and write."""
    gate = common.Gate()
    groups = [
        *low_latency_groups(pl.read_parquet(folder / "deepep_ll.parquet"), facts),
        *throughput_groups(pl.read_parquet(folder / "deepep_normal.parquet"), facts),
    ]
    kept = [
        gate.keep(each, {"impossible": impossible(each), "congested": congested(each)})
        for each in groups
    ]
    steps = [((1, 0, 0), None), ((0, 1, 0), None), ((0, 0, 1), None)]
    fits = study(FAMILY, kept, TIE, at_knots, steps)
    common.show(fits)
    common.write(out / "dispatch.json", FAMILY, fits, gate)
    print(gate.dropped)
    for each in fits:
        print(each["precision"], each["stack"], each["chips"], each["constants"])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
