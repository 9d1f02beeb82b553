"""Fit layers of experts: builders/kernels/fit_experts.py [../shared/measured/kernels/moe.parquet]

Constants come down a chain, each step drawn to the one before as strongly as `SPREAD` says: reason
-> the fastest stack of every chip, all formats -> all stacks that call the same kernels, all
formats -> the same, one format ("any-triton" …) -> one stack. The chain runs on all chips, on all
but each, and on each alone; a chip's own fit has a table of corrections besides.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import common
import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import least_squares

from chipassay.measured.experts import groups
from chipassay.measured.group import Group
from chipassay.model.kernels.experts import (
    ExpertsConstants,
    coordinates,
    expert_weights,
    experts_time,
)

DATA = Path("src/chipassay/data/kernels/experts.json")
START = ExpertsConstants(
    launch=20e-6, depth=2.0, share=0.85, issue=12000.0, reuse=3000.0, tile=30.0,
    stream=0.87, draw=60.0, exposed=0.5, pair_passes=1.5, row_passes=1.5, token_passes=1.0,
)  # fmt: skip
SPREAD = ExpertsConstants(
    launch=0.3, depth=0.7, share=0.15, issue=0.5, reuse=0.5, tile=0.7,
    stream=0.06, draw=0.5, exposed=0.3, pair_passes=0.8, row_passes=0.8, token_passes=0.8,
)  # fmt: skip
"""How far, in logarithms, a constant may reasonably lie from where a step of the chain starts."""
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
    sample=1500,
)
ANY = "any"
SLOW = {("bf16", "sglang-cutlass"), ("fp8", "vllm-cutlass")}
"""Stacks that were measured without tuning, five times off on one chip at least."""
ALONE = {*SLOW, ("w4a16_mxfp4", "trtllm")}
"""Stacks that teach no other: the slow ones, and one that calls another's kernels on one chip."""
SCALE, DRAWN = 0.08, 0.02
"""Misses above the scale count linearly; one spread off costs as this share of rows off by it."""
TWICE, MUCH, SERIES = 1.7, 1.02, 0.3
SURE = 0.9
"""Touched experts are an expectation where routing is drawn: so many of them at least."""


def fit(group: Group, start: Any, about: Any = None) -> Any:
    """Constants of a sample: soft-L1 on log time, drawn to `start`."""
    about = about or common.silicon_of(group)
    weight = np.sqrt(common.size_weights(group))
    first, measured = np.log(np.array(start, float)), np.log(group.time)
    pulled = SCALE * np.sqrt(DRAWN * len(measured)) / np.array(SPREAD)

    def residual(x: Any) -> Any:
        with np.errstate(all="ignore"):
            found = FAMILY.time(about, group.shape, ExpertsConstants(*np.exp(x)))
            miss = np.nan_to_num((np.log(found) - measured) * weight, nan=5.0, posinf=5.0)
        soft = np.sign(miss) * SCALE * np.sqrt(2 * (np.sqrt(1 + (miss / SCALE) ** 2) - 1))
        return np.concatenate([soft, (x - first) * pulled])

    bounds = (first - 6.0, first + 6.0)
    found = least_squares(residual, first, max_nfev=40, bounds=bounds)
    return ExpertsConstants(*(float(v) for v in np.exp(found.x)))


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
    slow = (group.precision, group.stack) in SLOW
    return gate.keep(group, {
        "faster than 105 % of the published bandwidth": read / group.time > 1.05 * about.memory,
        "faster than 105 % of the published rate":
            2 * weights * s.rows * 0.8 / group.time > 1.05 * about.matrix,
        "far slower than more work": dominated(group, series[group.row]) & (not slow),
    })  # fmt: skip


def fastest(members: Sequence[Group]) -> Group:
    """Of every chip and shape, the stack that took least."""
    group = common.grouped(iter([g._replace(stack=ANY) for g in members]))[0]
    s = group.shape
    chip = np.unique(group.chips, return_inverse=True)[1]
    key = np.stack([chip, s.tokens, s.rows, s.held, s.hidden, s.intermediate])
    _, index = np.unique(np.round(key, 2), axis=1, return_inverse=True)
    least = np.full(index.max() + 1, np.inf)
    np.minimum.at(least, index.ravel(), group.time)
    return common.columns(group, group.time <= least[index.ravel()] * (1 + 1e-9))


def kernels_of(stack: str) -> str:
    """The pool of a stack's kernels: "any-triton" …; a vendor's own are generated ones."""
    words = stack.split("-")
    return f"{ANY}-{words[1] if len(words) > 1 and words[0] != 'trtllm' else 'gen'}"


class Chain:
    """Constants of every pool for one choice of chips."""

    def __init__(self, samples: Mapping[tuple[str, str], Group], chosen: Sequence[str]) -> None:
        self.samples, self.chosen = samples, chosen
        self.found: dict[tuple[str, str], Any] = {}

    def _seen(self, key: tuple[str, str]) -> Group | None:
        group = self.samples.get(key)
        part = group and common.columns(group, np.isin(group.chips, self.chosen))
        return part if part and len(part.time) else None

    def _over_formats(self, pool: str, start: Any) -> Any:
        """A pool's constants over all formats, each with its own matrix rate."""
        parts = [self._seen(key) for key in self.samples if key[1] == pool]
        each = [common.spread_sample(part, 500) for part in parts if part]
        if not each:
            return start
        about = [common.silicon_of(part) for part in each]
        joined = each[0]._replace(
            chips=np.concatenate([g.chips for g in each]),
            time=np.concatenate([g.time for g in each]),
            shape=_columns([g.shape for g in each]),
        )
        return fit(joined, start, _columns(about))

    def constants(self, precision: str, stack: str) -> Any:
        """The constants of a stack, or of the nearest pool with rows; precision "" is all."""
        key = (precision, stack)
        if key not in self.found:
            if precision == "":
                start = START if stack == ANY else self.constants("", ANY)
                self.found[key] = self._over_formats(stack, start)
                return self.found[key]
            pool = stack.startswith(ANY)
            start = self.constants("" if pool else precision, stack if pool else kernels_of(stack))
            part = self._seen(key)
            self.found[key] = fit(part, start) if part else start
        return self.found[key]


def _columns(parts: Sequence[Any]) -> Any:
    """Records of columns, one after the other."""
    return type(parts[0])(*map(np.concatenate, zip(*parts, strict=True)))


def fits_of(whole: Mapping[tuple[str, str], Group]) -> Iterator[dict[str, Any]]:
    """Every entry of the file."""
    samples = {k: common.spread_sample(g, FAMILY.sample) for k, g in whole.items()}
    chips = sorted({str(c) for g in whole.values() for c in np.unique(g.chips)})
    pools = [chips, *([c for c in chips if c != out] for out in chips)]
    chains = {tuple(c): Chain(samples, c) for c in [*pools, *([c] for c in chips)]}
    for (precision, stack), group in whole.items():
        names = sorted(np.unique(group.chips).tolist())
        for chosen in pools:
            if len(chosen) == len(chips) or set(names) - set(chosen):
                constants = chains[tuple(chosen)].constants(precision, stack)
                yield common._entry(FAMILY, group, chosen, constants, None, names)
        for name in names if not stack.startswith(ANY) else ():
            constants = chains[(name,)].constants(precision, stack)
            table = common.fit_table(FAMILY, common.columns(group, group.chips == name), constants)
            yield common._entry(FAMILY, group, [name], constants, table, names)


def read(path: Path, gate: common.Gate) -> dict[tuple[str, str], Group]:
    """Gated groups by format and stack, pools included."""
    frame = pl.read_parquet(path)
    series = _series(frame)
    whole = {(g.precision, g.stack): gated(g, series, gate) for g in groups(frame)}
    stacks = list(whole)
    for precision in sorted({p for p, _ in stacks}):
        tuned = {
            s: whole[precision, s] for p, s in stacks if p == precision and (p, s) not in ALONE
        }
        whole[precision, ANY] = fastest(list(tuned.values()))
        for pool in sorted({kernels_of(s) for s in tuned}):
            members = [g._replace(stack=pool) for s, g in tuned.items() if kernels_of(s) == pool]
            whole[precision, pool] = common.grouped(iter(members))[0]
    return whole


def main() -> None:
    """Fit, show the errors, write the file."""
    path = Path(sys.argv[1]) if sys.argv[1:] else common.MEASURED / "moe.parquet"
    gate = common.Gate()
    fits = list(fits_of(read(path, gate)))
    common.show(fits)
    print(gate.seen, *gate.dropped.items(), sep="\n")
    common.write(DATA, FAMILY, fits, gate)


if __name__ == "__main__":
    main()
