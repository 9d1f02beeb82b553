"""Fit operators that touch each element once: python -m builders.kernels.fit_pointwise TABLES"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
from builders.kernels import common, hierarchy
from builders.kernels.hierarchy import Rules, Spread

from chipassay.formulas.residency import miss_share
from chipassay.measured.group import Group
from chipassay.measured.pointwise import groups
from chipassay.model.kernels.pointwise import PointwiseConstants, coordinates, pointwise_time

DATA = Path(__file__).resolve().parents[2] / "src/chipassay/data/kernels"
ROUNDING = 0.5e-6
"""Seconds by which a time of the table may be off."""
FAMILY = common.Family(
    name="pointwise",
    time=pointwise_time,
    start=PointwiseConstants(launch=2.5e-6, share=0.9, issue=0.7, resident=0.8),
    coordinates=coordinates,
    knots=(range(12, 32),),
    smooth=2.0,
)
S = Spread
SPREADS = {
    "launch": S(0.5, 0.2, 0.5, 0.1), "share": S(0.05, 0.07, 0.035, 0.02),
    "issue": S(0.5, 0.1, 0.8, 0.1), "resident": S(0.3, 0.3, 0.1, 0.05),
}  # fmt: skip
"""Operators share the stream; what they issue, and how they start, is each one's own."""
RULES = Rules(by={"share": "memory", "resident": "memory"}, carried=0.0)
"""No table travels: what it holds is where a chip's own cache ends."""


def read(folder: Path, gate: common.Gate) -> Iterator[Group]:
    """Groups without rows that no memory could serve, were the cache twice as large."""
    for group in groups(pl.read_parquet(folder / "vidur_mlp.parquet")):
        about, size = common.silicon_of(group), group.shape.size
        rate = size * miss_share(size, 2 * about.cache) / (group.time + ROUNDING)
        fast = rate > 1.05 * about.memory
        yield gate.keep(group, {"above 105 % of the published bandwidth": fast})


def main(folder: Path) -> None:
    """Fit, print the errors, write the files."""
    gate = common.Gate()
    formats, without, errors = hierarchy.study(FAMILY, list(read(folder, gate)), SPREADS, RULES)
    hierarchy.show(errors)
    hierarchy.write(
        DATA, FAMILY, RULES, gate, formats, without, errors,
        script="builders/kernels/fit_pointwise.py",
        rows_from="github:microsoft/vidur@7d475133 data/profiling/compute, MIT",
    )  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]))
