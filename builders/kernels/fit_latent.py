"""Fit attention over a latent cache: python -m builders.kernels.fit_latent TABLES [decode]"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from builders.kernels import common, hierarchy
from builders.kernels.hierarchy import Rules, Spread
from numpy.typing import NDArray

from chipassay.formulas.residency import miss_share
from chipassay.measured.group import Group
from chipassay.measured.latent import NARROW, TRITON, decode_groups, prefill_groups
from chipassay.model.kernels.latent import (
    LatentDecodeConstants,
    LatentPrefillConstants,
    cache_read,
    decode_coordinates,
    latent_decode_time,
    latent_prefill_time,
    pair_work,
    prefill_coordinates,
)

DATA = Path(__file__).resolve().parents[2] / "src/chipassay/data/kernels"
S = Spread
PREFILL = common.Family(
    name="latent_prefill",
    time=latent_prefill_time,
    start=LatentPrefillConstants(
        host=5e-5, floor=22000.0, multiply=0.75, exponent=2.0, tail=0.8, start=4e-6, passes=1.6,
        token=1500.0, resident=0.6, heat=0.1, warming=0.01,
    ),
    coordinates=prefill_coordinates,
    knots=(range(8), range(0, 9, 2), (0, 4, 5, 6, 7, 8, 9, 10, 10.6, 11, 12, 13, 14, 15)),
    smooth=0.3,
)  # fmt: skip
PREFILL_SPREADS = {
    "host": S(1.5, 0.2, 2.0, 0.2), "floor": S(0.3, 0.3, 0.5, 0.1),
    "multiply": S(0.2, 0.25, 0.4, 0.1), "exponent": S(0.2, 0.05, 0.2, 0.05),
    "tail": S(0.5, 0.4, 0.5, 0.1), "start": S(0.4, 0.2, 0.7, 0.1),
    "passes": S(0.3, 0.2, 0.8, 0.2), "token": S(0.7, 0.2, 0.8, 0.3),
    "resident": S(0.4, 0.6, 0.2, 0.2), "heat": S(0.5, 0.5, 0.2, 0.1),
    "warming": S(0.5, 0.1, 0.1, 0.1),
}  # fmt: skip
DECODE = common.Family(
    name="latent_decode",
    time=latent_decode_time,
    start=LatentDecodeConstants(
        host=5e-5, floor=18000.0, join=4e-6, multiply=0.4, tile=50.0, share=0.9, alone=1.5,
        chain=6.0, start=13000.0, passes=1.7, resident=0.6,
    ),
    coordinates=decode_coordinates,
    knots=((0, 1, 3, 4, 5, 6, 7), range(11), (1, 6, *range(7, 18))),
    smooth=0.3,
)  # fmt: skip
DECODE_SPREADS = {
    "host": S(1.5, 0.2, 2.0, 0.2), "floor": S(0.3, 0.4, 0.3, 0.1), "join": S(0.5, 0.3, 0.4, 0.2),
    "multiply": S(0.3, 0.45, 0.6, 0.1), "tile": S(0.2, 0.2, 0.7, 0.2),
    "share": S(0.05, 0.07, 0.1, 0.05), "alone": S(0.2, 0.2, 0.7, 0.1),
    "chain": S(1.0, 3.0, 3.0, 0.1), "start": S(0.4, 0.3, 1.0, 0.2),
    "passes": S(0.4, 0.3, 1.0, 0.2), "resident": S(0.2, 0.2, 0.1, 0.1),
}  # fmt: skip
RULES = Rules(by={"resident": "memory", "passes": "memory", "share": "memory"}, carried=0.75)


def stray(group: Group, family: common.Family) -> NDArray[np.bool_]:
    """Rows half over the line through their neighbours on every axis: something else ran too.

    Axes are heads, batch and length; at least two of them must have a neighbour on both sides.
    """
    key = np.stack([*family.coordinates(group.shape), _numbered(group.chips)], 1)
    grid, index = np.unique(np.round(key, 3), axis=0, return_inverse=True)
    log, low = np.log(group.time), np.full(len(grid), np.inf)
    np.minimum.at(low, index.ravel(), log)
    lines = np.stack([_line(grid, low, axis) for axis in range(3)], 1)[index.ravel()]
    off = log[:, None] - lines
    known = ~np.isnan(off)
    least = np.where(known, off, np.inf).min(1)
    return np.asarray((known.sum(1) >= 2) & (least > np.log(1.5)))


def _numbered(names: Any) -> NDArray[np.float64]:
    return np.unique(names, return_inverse=True)[1].astype(float)


def _line(grid: Any, value: Any, axis: int) -> NDArray[np.float64]:
    """What a straight line between the neighbours along one axis says; NaN at the ends."""
    others = [column for column in range(grid.shape[1]) if column != axis]
    order = np.lexsort((grid[:, axis], *(grid[:, column] for column in others)))
    rest, at, y = grid[order][:, others], grid[order, axis], value[order]
    same = (rest[1:] == rest[:-1]).all(1)
    i = np.flatnonzero(same[1:] & same[:-1]) + 1
    share = (at[i] - at[i - 1]) / (at[i + 1] - at[i - 1])
    line = np.full(len(grid), np.nan)
    line[order[i]] = y[i - 1] + share * (y[i + 1] - y[i - 1])
    return line


def gated(group: Group, family: common.Family, gate: common.Gate) -> Group:
    """A group without impossible rows and without stray ones."""
    about, s = common.silicon_of(group), group.shape
    if family is PREFILL:
        pairs = s.batch * s.heads * s.new * (s.past + s.new / 2)
        read = np.zeros(len(group.time))
    else:
        pairs = s.batch * s.heads * s.keys
        read = np.asarray(cache_read(s)) * miss_share(cache_read(s), 2 * about.cache)
    peak = about.matrix * (2.0 if group.stack.endswith(NARROW) else 1.0)
    flop = pair_work(pairs, s.key_width, s.value_width)
    kept: Group = gate.keep(group, {
        "faster than 105 % of the published rate": flop / group.time > 1.05 * peak,
        "faster than 105 % of the published bandwidth": read / group.time > 1.05 * about.memory,
        "half over every line through its neighbours": stray(group, family),
    })  # fmt: skip
    return kept


def named_plainly(record: dict[str, Any]) -> None:
    """Cells under the names that a question uses.

    A chip that takes a stack's Triton kernels answers to the stack's plain name, too; and one that
    was never measured with an 8-bit cache answers with its 16-bit kernels. The cell is the same;
    the part of the stack, which is another, is made up for in the cell's.
    """
    for name, cell in list(record["cells"].items()):
        chip, stack = name.split("|")
        for other in (stack.replace(TRITON, ""), stack.replace(TRITON, "") + NARROW):
            if f"{chip}|{other}" in record["cells"] or NARROW in stack:
                continue
            part = record["stacks"].setdefault(other, record["stacks"][stack])
            part = np.array(cell["part"]) + record["stacks"][stack] - np.array(part)
            record["cells"][f"{chip}|{other}"] = {**cell, "part": part.round(4).tolist()}


def main(folder: Path, *kinds: str) -> None:
    """Fit what was asked, print the errors, write the files."""
    every = {
        "prefill": (PREFILL, prefill_groups, PREFILL_SPREADS),
        "decode": (DECODE, decode_groups, DECODE_SPREADS),
    }
    for kind in kinds or every:
        family, reader, spreads = every[kind]
        gate = common.Gate()
        frame = pl.read_parquet(folder / f"mla_{kind}.parquet")
        groups = [gated(group, family, gate) for group in reader(frame)]
        formats, without, errors = hierarchy.study(family, groups, spreads, RULES)
        for record in (formats, *without.values()):
            for each in record.values():
                named_plainly(each)
        hierarchy.show(errors)
        print(gate.seen, *gate.dropped.items(), sep="\n")
        hierarchy.write(
            DATA, family, RULES, gate, formats, without, errors,
            script="builders/kernels/fit_latent.py",
            rows_from="github:ai-dynamo/aiconfigurator@095f58a systems/data, Apache-2.0",
        )  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
