"""Fit attention over a latent cache, prefill and decode.

python builders/kernels/fit_latent.py [../shared/measured/kernels] [prefill | decode]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import common
import numpy as np
import polars as pl
from numpy.typing import NDArray

from chipassay.formulas.residency import miss_share
from chipassay.measured.group import Group
from chipassay.measured.latent import decode_groups, prefill_groups
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

DATA = Path("src/chipassay/data/kernels")
TIE = 0.1
"""How strongly constants are held to where they start: enough to still what rows do not tell."""
POOL_SMOOTH = 1.0
"""A pool's table says what its chips have in common."""
ANY = "any"
"""The pool for a stack of which no chip, or only the asked one, was measured."""

PREFILL = common.Family(
    name="latent_prefill",
    time=latent_prefill_time,
    start=LatentPrefillConstants(
        host=1e-6, floor=24000.0, multiply=0.7, exponent=1.5, tail=0.8, start=4e-6, passes=1.4,
        token=4.0, resident=0.6, heat=0.1, warming=0.01,
    ),
    coordinates=prefill_coordinates,
    knots=(range(8), range(0, 9, 2), (0, 4, 5, 6, 7, 8, 9, 10, 10.6, 11, 12, 13, 14, 15)),
    smooth=0.3,
    sample=1500,
)  # fmt: skip
DECODE = common.Family(
    name="latent_decode",
    time=latent_decode_time,
    start=LatentDecodeConstants(
        host=1e-6, floor=22000.0, join=5e-6, multiply=0.6, tile=40.0, share=0.9, alone=1.0,
        chain=0.5, start=14000.0, passes=1.7, resident=0.55,
    ),
    coordinates=decode_coordinates,
    knots=((0, 1, 3, 4, 5, 6, 7), range(11), (1, 6, *range(7, 18))),
    smooth=0.3,
    sample=1500,
)  # fmt: skip


def start_of(family: common.Family, stack: str) -> Any:
    """Where a stack's constants start: hosts in the way, kernels that split nothing."""
    start = family.start
    if stack.startswith("vllm"):
        start = start._replace(host=2e-4)
        if family is PREFILL:
            start = start._replace(passes=4.5)
    if family is PREFILL and stack.endswith("+kv8") and "-1.0" not in stack:
        start = start._replace(multiply=0.85, exponent=3.0)
    if stack.startswith("sglang-triton"):
        start = start._replace(host=8e-6)
    if family is DECODE and "-1.0" in stack:
        start = start._replace(floor=11000.0, join=1e-6, multiply=0.28, tile=64.0, chain=180.0)
    if family is DECODE and stack.startswith("vllm-triton"):
        start = start._replace(alone=4.0, chain=38.0)
    if family is DECODE and "-triton" in stack:
        start = start._replace(multiply=0.11, tile=16.0, start=40000.0, passes=6.0)
    return start


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
    peak = about.matrix * (2.0 if group.stack.endswith("+kv8") else 1.0)
    flop = pair_work(pairs, s.key_width, s.value_width)
    return gate.keep(group, {
        "faster than 105 % of the published rate": flop / group.time > 1.05 * peak,
        "faster than 105 % of the published bandwidth": read / group.time > 1.05 * about.memory,
        "half over every line through its neighbours": stray(group, family),
    })  # fmt: skip


def fitted(family: common.Family, group: Group) -> Iterator[dict[str, Any]]:
    """A group's fits: the pool of its chips, pools without each of them, and each chip's own.

    A chip's own fit sees that chip only, so of two chips it is the pool without the other, too.
    """
    names = sorted(np.unique(group.chips).tolist())
    mixed = group.stack.startswith(ANY)
    sample, start = common.spread_sample(group, family.sample), start_of(family, group.stack)
    without = [[n for n in names if n != out] for out in names] if len(names) > 2 else []
    each = [[name] for name in names]
    for chosen in (
        [names, *without] if mixed else [*([names] if names[1:] else []), *without, *each]
    ):
        seen = np.isin(sample.chips, chosen)
        constants = common.fit_constants(family, common.columns(sample, seen), start, tie=TIE)
        table = None
        if not mixed:
            form = replace(family, smooth=POOL_SMOOTH if chosen[1:] else family.smooth)
            table = common.fit_table(
                form, common.columns(group, np.isin(group.chips, chosen)), constants
            )
        yield common._entry(family, group, chosen, constants, table, names)


def any_stack(groups: Sequence[Group]) -> list[Group]:
    """All rows that no host slowed, as one stack for each precision."""
    free = [g for g in groups if not g.stack.startswith("vllm")]
    plain = [g for g in free if not g.stack.endswith("+kv8")]
    narrow = [g for g in free if g.stack.endswith("+kv8")]
    joined = common.grouped(g._replace(stack=ANY) for g in plain)
    return joined + common.grouped(g._replace(stack=f"{ANY}+kv8") for g in narrow)


def main() -> None:
    """Fit what was asked, show the errors, write the files."""
    words = sys.argv[1:]
    folder = Path(words.pop(0)) if words and "/" in words[0] else common.MEASURED
    kinds = {"prefill": (PREFILL, prefill_groups), "decode": (DECODE, decode_groups)}
    for kind in words or kinds:
        family, reader = kinds[kind]
        gate = common.Gate()
        frame = pl.read_parquet(folder / f"mla_{kind}.parquet")
        groups = [gated(group, family, gate) for group in reader(frame)]
        fits = [fit for group in groups for fit in fitted(family, group)]
        fits += [fit for group in any_stack(groups) for fit in fitted(family, group)]
        common.show(fits)
        print(gate.seen, *gate.dropped.items(), sep="\n")
        common.write(DATA / f"{family.name}.json", family, fits, gate)


if __name__ == "__main__":
    main()
