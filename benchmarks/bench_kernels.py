"""Kernel times: millions a CPU-second in columns, microseconds for one, loading constants.

    python -m benchmarks.bench_kernels [rows]

Columns run in blocks that stay in the processor's cache, beside a plain roofline in numpy (the
peer: two divisions and a maximum, what spreadsheet models do) over the same rows in the same run.
Every run's answer is checked against the row-by-row one.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from chipassay.catalogue.catalogue import Catalogue
from chipassay.facts import kernel_file
from chipassay.inquiry.kernels import Kernel, kernel
from chipassay.model.kernels.gemm import GemmShape

BLOCK = 8192
TARGET_COLUMNS, TARGET_ONE, TARGET_LOAD = 5e6, 30e-6, 30e-3


def shapes(rows: int) -> GemmShape:
    """Random products between 1 and 32,768 rows, 32 and 65,536 columns and depth."""
    random = np.random.default_rng(0)
    m, n, k = (
        np.ceil(2 ** random.uniform(low, high, rows)) for low, high in ((0, 15), (5, 16), (5, 16))
    )
    return GemmShape(m, n, k, 2.0, 2.0, 2.0, 0.0, 1e6, 0.0)


def block(shape: GemmShape, at: slice) -> GemmShape:
    """A slice of a shape's columns."""
    return GemmShape(*(c[at] if np.ndim(c) else c for c in shape))


def in_blocks(time_of: Callable[[GemmShape], Any], shape: GemmShape, rows: int) -> Any:
    """Seconds of every row, block by block."""
    out = np.empty(rows)
    for start in range(0, rows, BLOCK):
        at = slice(start, start + BLOCK)
        out[at] = time_of(block(shape, at))
    return out


def roofline(model: Kernel, shape: GemmShape) -> Any:
    """The peer: arithmetic at the peak, traffic at the peak, the longer counts."""
    s, m = model.silicon, shape
    size = 2.0 * (m.m * m.k + m.k * m.n + m.m * m.n)
    return np.maximum(2.0 * m.m * m.n * m.k / s.matrix, size / s.memory)


def best(run: Callable[[], Any], times: int = 5) -> tuple[float, Any]:
    """The least CPU-seconds of several runs, and the answer."""
    least, answer = float("inf"), None
    for _ in range(times):
        start = time.process_time()
        answer = run()
        least = min(least, time.process_time() - start)
    return least, answer


def main(rows: int) -> None:
    """Measure, check, print."""
    kernel_file.load.cache_clear()
    load, _ = best(lambda: (kernel_file.load.cache_clear(), kernel_file.load("gemm")))
    chip = Catalogue.shipped().chip("h100-sxm5").entry
    model = kernel("gemm", chip, Catalogue.shipped(), "bf16", "vllm")
    shape = shapes(rows)
    full, seconds = best(lambda: in_blocks(model.time, shape, rows))
    bare, physics = best(
        lambda: in_blocks(
            lambda s: model.family.time(model.silicon, s, model.constants), shape, rows
        )
    )
    peer, _ = best(lambda: in_blocks(lambda s: roofline(model, s), shape, rows))
    one = model.family.time.scalar
    single = GemmShape(*(float(c[7]) if np.ndim(c) else c for c in shape))
    took, alone = best(lambda: [one(model.silicon, single, model.constants) for _ in range(1000)])
    if abs(alone[0] / physics[7] - 1) > 1e-12:
        raise SystemExit("a row is not its scalar")
    if not np.all(np.isfinite(seconds) & (seconds > 0)):
        raise SystemExit("a time is not positive")
    print(f"{rows} products on one chip, blocks of {BLOCK}")
    print(f"formula and correction   {rows / full / 1e6:8.1f} M rows/CPU-s")
    print(
        f"formula alone            {rows / bare / 1e6:8.1f} M rows/CPU-s (target {TARGET_COLUMNS / 1e6:.0f})"
    )
    print(f"peer: plain roofline     {rows / peer / 1e6:8.1f} M rows/CPU-s")
    print(f"one product              {took * 1e3:8.1f} us (target {TARGET_ONE * 1e6:.0f})")
    print(f"loading the constants    {load * 1e3:8.1f} ms (target {TARGET_LOAD * 1e3:.0f})")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 1_000_000)
