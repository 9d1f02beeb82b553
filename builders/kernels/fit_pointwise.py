"""Fit operators that touch each element once.

python -m builders.kernels.fit_pointwise [../shared/measured/kernels]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from builders.kernels import common
from chipassay.formulas.residency import miss_share
from chipassay.measured.group import Group
from chipassay.measured.pointwise import groups
from chipassay.model.kernels.pointwise import (
    PointwiseConstants,
    PointwiseShape,
    coordinates,
    pointwise_time,
)
from chipassay.records.silicon import Silicon

DATA = Path("src/chipassay/data/kernels")
STREAMING = "add"
"""The operator that only streams: it tells what a chip's bandwidth and cache give to all."""
TIE = 0.03
FAMILY = common.Family(
    name="pointwise",
    time=pointwise_time,
    start=PointwiseConstants(launch=3e-6, share=0.9, issue=0.5, resident=0.7),
    coordinates=coordinates,
    knots=(range(12, 32),),
    smooth=2.0,
    sample=3000,
)


class Moving(NamedTuple):
    """What is fitted where share and residence are held."""

    launch: float
    issue: float


def held(stream: PointwiseConstants) -> common.Family:
    """The family with the bandwidth's share and the residence of another operator."""

    def time(about: Silicon, shape: PointwiseShape, of: Moving) -> Any:
        return pointwise_time(about, shape, whole(stream, of))

    return replace(FAMILY, time=time)


def whole(stream: PointwiseConstants, of: Moving) -> PointwiseConstants:
    """All four constants."""
    return stream._replace(launch=of.launch, issue=of.issue)


def fitted(group: Group, stream: Mapping[str, Any], chosen: Sequence[str]) -> PointwiseConstants:
    """Constants of an operator from some chips' rows."""
    sample = common.spread_sample(group, FAMILY.sample)
    part = common.columns(sample, np.isin(sample.chips, chosen))
    if group.stack == STREAMING:
        found = common.fit_constants(FAMILY, part, FAMILY.start, tie=TIE)
        return PointwiseConstants(*found)
    given = stream[" ".join(chosen)]
    return whole(given, common.fit_constants(held(given), part, Moving(3e-6, 0.7), tie=TIE))


def studied(all_groups: Sequence[Group]) -> Iterator[dict[str, Any]]:
    """Fits of every operator: the pool, the pool without each chip, each chip's own."""
    stream: dict[str, Any] = {}
    for group in sorted(all_groups, key=lambda group: group.stack != STREAMING):
        names = sorted(np.unique(group.chips).tolist())
        without = [[n for n in names if n != out] for out in names]
        for chosen in [names, *without, *([name] for name in names)]:
            constants = fitted(group, stream, chosen)
            if group.stack == STREAMING:
                stream[" ".join(chosen)] = constants
            part = common.columns(group, np.isin(group.chips, chosen))
            table = common.fit_table(FAMILY, part, constants)
            yield common._entry(FAMILY, group, chosen, constants, table, names)


def read(path: Path, gate: common.Gate) -> Iterator[Group]:
    """Groups without rows that no memory could serve, were the cache twice as large."""
    for group in groups(pl.read_parquet(path)):
        about, size = common.silicon_of(group), group.shape.size
        missed = size * miss_share(size, 2 * about.cache)
        rounding = 0.5e-6
        yield gate.keep(group, {
            "faster than 105 % of the published bandwidth":
                missed / (group.time + rounding) > 1.05 * about.memory,
        })  # fmt: skip


def main() -> None:
    """Fit, show the errors, write the file."""
    folder = Path(sys.argv[1]) if sys.argv[1:] else common.MEASURED
    gate = common.Gate()
    fits = list(studied(list(read(folder / "vidur_mlp.parquet", gate))))
    common.show(fits)
    print(gate.seen, *gate.dropped.items(), sep="\n")
    common.write(DATA / "pointwise.json", FAMILY, fits, gate)


if __name__ == "__main__":
    main()
