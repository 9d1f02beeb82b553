"""Fit the matrix product: python -m builders.kernels.fit_gemm ../shared/measured/kernels"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import polars as pl
from builders.kernels import common, hierarchy
from builders.kernels.hierarchy import Rules, Spread

from chipassay.catalogue.chips import numbers
from chipassay.measured.gemm import groups
from chipassay.measured.group import Group, waits_for_host
from chipassay.model.kernels.gemm import GemmConstants, coordinates, gemm_time

DATA = Path(__file__).resolve().parents[2] / "src/chipassay/data/kernels"
START = GemmConstants(
    tile_32=0.4,
    tile_64=0.6,
    tile_64_128=0.75,
    tile_128=0.85,
    tile_256=0.92,
    cache_rate=80.0,
    fill=2500.0,
    split=4500.0,
    tail=0.3,
    memory=0.92,
    ramp=1.5e-6,
    latency=1500.0,
    launch=1500.0,
    exposed=0.25,
    energy=1.5e-13,
    prepare=2e-6,
    row=1.0,
    operations=100.0,
    host=1e-4,
)
"""Where physics puts each constant: 64 bytes a clock is what a core's port to the cache carries,
more with multicast; a clock of memory latency is some 0.6 ns; 0.15 pJ at 1 GHz, 0.6 at 2."""
S = Spread
SPREADS = {
    "tile_32": S(0.3, 0.1, 0.3, 0.1),
    "tile_64": S(0.3, 0.1, 0.3, 0.1),
    "tile_64_128": S(0.2, 0.1, 0.2, 0.1),
    "tile_128": S(0.1, 0.05, 0.1, 0.05),
    "tile_256": S(0.07, 0.05, 0.1, 0.05),
    "cache_rate": S(0.3, 0.4, 0.2, 0.1),
    "fill": S(0.7, 0.5, 0.5, 0.2),
    "split": S(0.4, 0.3, 0.5, 0.2),
    "tail": S(1.0, 0.7, 0.7, 0.3),
    "memory": S(0.05, 0.06, 0.03, 0.02),
    "ramp": S(0.5, 0.3, 0.3, 0.2),
    "latency": S(0.5, 0.3, 0.3, 0.2),
    "launch": S(0.7, 0.4, 0.4, 0.2),
    "exposed": S(0.5, 0.4, 0.3, 0.2),
    "energy": S(0.7, 0.4, 0.1, 0.1),
    "prepare": S(1.0, 0.2, 1.5, 0.2),
    "row": S(1.0, 0.3, 1.0, 0.3),
    "operations": S(1.0, 0.3, 1.0, 0.3),
    "host": S(1.0, 1.0, 1.0, 1.0),
}
L = np.log2
ROWS = (
    0,
    2,
    3,
    4,
    L(17),
    5,
    L(33),
    6,
    L(65),
    7,
    L(129),
    8,
    L(257),
    9,
    L(513),
    10,
    L(1025),
    11,
    L(2049),
    12,
    L(4097),
    13,
    15,
)
"""Knots in m at powers of two and just above: one row more than a tile costs a whole tile."""
COLUMNS = (5, 7, 9, 10, 11, 12, 13, 14, 16)
FAMILY = common.Family(
    name="gemm",
    time=gemm_time,
    start=START,
    coordinates=coordinates,
    knots=(ROWS, COLUMNS, COLUMNS),
    smooth=0.3,
)
RULES = Rules(by={"energy": "memory", "memory": "memory"}, carried=0.75)


def cache_of(name: str) -> float:
    """Bytes of a chip's last-level cache."""
    return float(numbers(common.CATALOGUE.chip(name).entry).l2_capacity)


def read(folder: Path, gate: common.Gate) -> list[Group]:
    """The table's groups, impossible rows dropped and counted."""
    frame = pl.read_parquet(folder / "gemm.parquet").with_row_index("row")
    kept = []
    for group in groups(frame, cache_of):
        rate = common.silicon_of(group).matrix
        s = group.shape
        fast = 2 * s.m * s.n * s.k / group.time > 1.05 * rate
        kept.append(
            gate.keep(
                group,
                {
                    "above 105 % of the published rate": fast,
                    "the host's time, not the chip's": waits_for_host(group),
                },
            )
        )
    return kept


def main(folder: Path) -> None:
    """Fit, print the errors, write the files."""
    gate = common.Gate()
    formats, without, errors = hierarchy.study(FAMILY, read(folder, gate), SPREADS, RULES)
    hierarchy.show(errors)
    hierarchy.write(
        DATA,
        FAMILY,
        RULES,
        gate,
        formats,
        without,
        errors,
        script="builders/kernels/fit_gemm.py",
        rows_from="github:ai-dynamo/aiconfigurator@095f58a systems/data, Apache-2.0",
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
