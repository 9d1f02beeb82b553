"""Kernel times: millions a CPU-second in columns, microseconds for one, loading constants.

    python -m benchmarks.bench_kernels [rows]

Columns run in blocks that stay in the processor's cache, beside the plain roofline (the peer:
arithmetic at the peak against traffic at the full bandwidth) over the same rows in the same run.
Every kind's answers are checked against those of single rows.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from benchmarks.kernel_shapes import shapes
from benchmarks.timing import least_seconds

from chipassay.catalogue.catalogue import Catalogue
from chipassay.facts import kernel_file
from chipassay.inquiry.kernels import Kernel, kernel
from chipassay.model.kernels.families import NAMES

BLOCK = 8192
ASKED = {
    "pointwise": ("fp16", "norm"),
    "experts": ("bf16", "vllm-triton"),
    "collectives": ("bf16", "nccl"),
    "direct_all_reduce": ("bf16", "trtllm"),
    "dispatch": ("bf16", "throughput"),
}
"""Format and stack of each kind that is measured under other ones than bf16 and vLLM."""
TARGET_COLUMNS, TARGET_ONE, TARGET_LOAD = 5e6, 30e-6, 30e-3
TARGETED = "gemm"
"""The kind that the target for columns is about: there are more products than anything else."""


def block(shape: Any, at: slice) -> Any:
    """A slice of a shape's columns."""
    return type(shape)(*(c[at] if np.ndim(c) else c for c in shape))


def in_blocks(time_of: Callable[[Any], Any], shape: Any, rows: int) -> Any:
    """Seconds of every row, block by block."""
    out = np.empty(rows)
    for start in range(0, rows, BLOCK):
        at = slice(start, start + BLOCK)
        out[at] = time_of(block(shape, at))
    return out


def one_row(shape: Any, row: int) -> Any:
    """A row as plain numbers."""
    return type(shape)(*(float(c[row]) if np.ndim(c) else c for c in shape))


def loaded(name: str) -> float:
    """CPU-seconds to load a kind's constants."""

    def load() -> None:
        kernel_file.load.cache_clear()
        kernel_file.load(name)

    return least_seconds(load)[0]


def checked(model: Kernel, shape: Any, seconds: Any, physics: Any) -> None:
    """Leave with 1 where a column and its rows differ."""
    if not np.all(np.isfinite(seconds) & (seconds > 0)):
        raise SystemExit(f"{model.family.name}: a time is not positive")
    for row in range(7):
        one = one_row(shape, row)
        alone = model.family.time.scalar(model.silicon, one, model.constants)
        if abs(alone / physics[row] - 1) > 1e-12 or abs(model.one(one) / seconds[row] - 1) > 1e-12:
            raise SystemExit(f"{model.family.name}: a row is not its numbers")


def measured(name: str, rows: int) -> tuple[float, ...]:
    """M rows a CPU-second: formula alone, with correction and floor, roofline; us of one; ms.

    Microseconds are those of the formula's twin for plain numbers, and of the whole kernel.
    """
    chip, (form, stack) = Catalogue.shipped(), ASKED.get(name, ("bf16", "vllm"))
    model = kernel(name, chip.chip("h100-sxm5").entry, chip, form, stack)
    shape, bare, about = shapes(name, rows), model.family.time, model.silicon
    alone, physics = least_seconds(
        lambda: in_blocks(lambda s: bare(about, s, model.constants), shape, rows)
    )
    full, seconds = least_seconds(lambda: in_blocks(model.time, shape, rows))
    peer, _ = least_seconds(lambda: in_blocks(model.roofline, shape, rows))
    checked(model, shape, seconds, physics)
    single = one_row(shape, 0)
    took, _ = least_seconds(
        lambda: [bare.scalar(about, single, model.constants) for _ in range(1000)]
    )
    whole, _ = least_seconds(lambda: [model.one(single) for _ in range(100)])
    columns = (rows / seconds / 1e6 for seconds in (alone, full, peer))
    return (*columns, took * 1e3, whole * 1e4, loaded(name) * 1e3)


def main(rows: int) -> int:
    """Measure, check, print; 1 where a target is missed."""
    print(f"{rows:,} shapes on one chip, blocks of {BLOCK:,}")
    print("M rows a CPU-second; microseconds of one; milliseconds to load the constants")
    titles = ("formula", "corrected", "roofline", "one", "corrected", "loading")
    print(f"{'':20}" + "".join(f"{title:>10}" for title in titles))
    missed = False
    for name in NAMES:
        figures = measured(name, rows)
        print(f"{name:20}" + "".join(f"{figure:10.1f}" for figure in figures), flush=True)
        columns, _, _, _, one, load = figures
        missed |= one > TARGET_ONE * 1e6 or load > TARGET_LOAD * 1e3
        missed |= name == TARGETED and columns < TARGET_COLUMNS / 1e6
    print(
        f"targets: {TARGET_COLUMNS / 1e6:.0f} M rows for {TARGETED}, "
        f"{TARGET_ONE * 1e6:.0f} us, {TARGET_LOAD * 1e3:.0f} ms: {'missed' if missed else 'met'}"
    )
    return int(missed)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 1_000_000))
