"""Fit layers of experts: python -m builders.kernels.fit_experts ../shared/measured/kernels

Formats are fitted together: a chip's part of a constant is the same in all of them.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from builders.kernels import common, hierarchy
from builders.kernels.hierarchy import Rules, Spread
from numpy.typing import NDArray

from chipassay.measured.experts import groups
from chipassay.measured.group import Group
from chipassay.model.kernels.experts import (
    ExpertsConstants,
    coordinates,
    expert_weights,
    experts_time,
)

DATA = Path(__file__).resolve().parents[2] / "src/chipassay/data/kernels"
START = ExpertsConstants(
    launch=20e-6, depth=2.0, share=0.85, issue=12000.0, reuse=3000.0, tile=30.0,
    stream=0.87, draw=60.0, exposed=0.5, pair_passes=1.5, row_passes=1.5, token_passes=1.0,
)  # fmt: skip
S = Spread
SPREADS = {
    "launch": S(0.5, 0.3, 0.4, 0.2), "depth": S(0.7, 0.5, 0.5, 0.3),
    "share": S(0.15, 0.1, 0.1, 0.05),
    "issue": S(0.5, 0.4, 0.3, 0.2), "reuse": S(0.5, 0.4, 0.4, 0.2), "tile": S(0.7, 0.4, 0.5, 0.3),
    "stream": S(0.06, 0.06, 0.05, 0.03), "draw": S(0.5, 0.4, 0.4, 0.2),
    "exposed": S(0.3, 0.2, 0.2, 0.1), "pair_passes": S(0.8, 0.3, 1.0, 0.3),
    "row_passes": S(0.8, 0.3, 0.8, 0.3), "token_passes": S(0.8, 0.3, 0.8, 0.3),
}  # fmt: skip
RULES = Rules(by={"stream": "memory"}, carried=0.5, kin={"gen": ("trtllm", "trtllm-1.0")})
UNTUNED = {("bf16", "sglang-cutlass", "h100_sxm"), ("fp8", "vllm-cutlass", "h100_sxm")}
"""Cells that ran without tuning throughout, five times off: they teach no other chip."""
FAMILY = common.Family(
    name="experts",
    time=experts_time,
    start=START,
    coordinates=coordinates,
    knots=(
        (0, 4, 6, 7, 8, 10, 12, 14),
        (0, 1, 2, 3, 4, 5, 6, 7, 8),
        (6, 8, 9, 10, 11, 12, 13),
        (11, 12, 13),
    ),
    smooth=0.05,
)
TWICE, MUCH, SERIES = 1.7, 1.02, 0.3
SURE = 0.9
"""Touched experts are an expectation where routing is drawn: so many of them at least."""


def dominated(group: Group, series: Any) -> NDArray[np.bool_]:
    """Rows far slower than a row of no less work: an untuned kernel ran.

    No less work: the same chip, stack and model (`series` without ranks), at least as many rows,
    touched experts, columns and pairs. Where a third of a sweep over tokens is so, all of it is.
    """
    s, bad = group.shape, np.zeros(len(group.time), bool)
    work = np.stack([s.rows, s.touched, s.intermediate, s.pairs]).astype(np.float32)
    for rows in _split(series[:, 0]):
        for part in np.array_split(rows, max(len(rows) // 500, 1)):
            more = (work[:, None, rows] * MUCH >= work[:, part, None]).all(0)
            best = np.where(more, group.time[rows], np.inf).min(1)
            bad[part] = group.time[part] > TWICE * best
    for rows in _split(series[:, 1]):
        bad[rows] |= bad[rows].mean() > SERIES
    return bad


def _split(keys: Any) -> list[Any]:
    order = np.argsort(keys, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(keys[order])) + 1)


def _series(frame: Any) -> Any:
    """Numbers of each row's model on a chip and stack, and of its sweep over tokens."""
    model = ["system", "kernel_source", "moe_dtype", "hidden_size", "inter_size", "num_experts"]
    sweep = [*model, "topk", "moe_tp_size", "moe_ep_size", "distribution"]
    return np.stack(
        [frame.select(pl.struct(c).rank("dense")).to_series() for c in (model, sweep)], 1
    )


def gated(group: Group, series: Any, gate: common.Gate) -> Group:
    """A group without impossible rows and without those of untuned kernels."""
    about, s = common.silicon_of(group), group.shape
    weights = expert_weights(s)
    size = weights * s.weight_bytes
    read = np.where(size * s.cycled > 3 * about.cache, size * s.touched * SURE, 0.0)
    kept: Group = gate.keep(group, {
        "faster than 105 % of the published bandwidth": read / group.time > 1.05 * about.memory,
        "faster than 105 % of the published rate":
            2 * weights * s.rows * 0.8 / group.time > 1.05 * about.matrix,
        "far slower than more work": dominated(group, series[group.row]),
    })  # fmt: skip
    return kept


def read(path: Path, gate: common.Gate) -> list[Group]:
    """Gated groups."""
    frame = pl.read_parquet(path).with_row_index("row")
    series = _series(frame)
    return [gated(g, series, gate) for g in groups(frame)]


def main(folder: Path) -> None:
    """Fit, show the errors, write the files."""
    gate = common.Gate()
    found = read(folder / "moe.parquet", gate)
    formats, without, errors = hierarchy.study(FAMILY, found, SPREADS, RULES, joint=True)
    hierarchy.show(errors)
    print(gate.seen, *gate.dropped.items(), sep="\n")
    hierarchy.write(
        DATA, FAMILY, RULES, gate, formats, without, errors,
        script="builders/kernels/fit_experts.py",
        rows_from="github:ai-dynamo/aiconfigurator@095f58a systems/data, Apache-2.0",
    )  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]))
