"""Sweeps: rows a CPU-second in numpy blocks, in the compiled loop and in plain numpy.

    python -m benchmarks.bench_sweep [rows]

Every figure is the best of seven runs by `time.process_time`; every run's answer is checked.
"""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from benchmarks.cost_model import Job, Machine, cost

from chipassay.catalogue.catalogue import Catalogue
from chipassay.formulas.training import pipeline_bubble, step_rate
from chipassay.inquiry.kernels import kernel
from chipassay.model.kernels.attention_decode import (
    AttentionDecodeConstants,
    AttentionDecodeShape,
    attention_decode_time,
)
from chipassay.records.silicon import Silicon
from chipassay.sweeps.blocks import BLOCK, evaluate
from chipassay.trace import Formula, formula
from chipassay.units import Count, PerSecond, Second

CATALOGUE = Catalogue.shipped()
Columns = Mapping[str, Any]
TARGETS = {"numpy": 8e6, "numba": 25e6}
MOST_MEMORY = 200e6


class Chain(NamedTuple):
    reading: Second
    bubble: Second
    step: Second
    tokens: PerSecond


@formula(cite="arithmetic")
def chain(
    silicon: Silicon,
    shape: AttentionDecodeShape,
    constants: AttentionDecodeConstants,
    stages: Count,
    micro: Count,
) -> Chain:
    """The project's own formulas in a row: attention, a pipeline's bubble, tokens a second."""
    reading = attention_decode_time(silicon, shape, constants)
    bubble = pipeline_bubble(reading, reading, 2.0 * reading, reading, stages, 1.0, 1.0)
    step = micro * 3.0 * reading + bubble
    return Chain(reading, bubble, step, step_rate(shape.batch, shape.context, step, stages))


class Counted(np.ndarray[Any, Any]):
    """A column that counts the operations done on it."""

    operations = 0

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        Counted.operations += 1
        bare = [each.view(np.ndarray) if isinstance(each, Counted) else each for each in inputs]
        return np.asarray(getattr(ufunc, method)(*bare, **options)).view(Counted)

    def __array_function__(self, function: Any, _: Any, args: Any, kwargs: Any) -> Any:
        Counted.operations += function is np.where
        bare = [each.view(np.ndarray) if isinstance(each, Counted) else each for each in args]
        return np.asarray(function(*bare, **kwargs)).view(Counted)


def operations(of: Formula[..., Any], arguments: list[Any]) -> int:
    """Elementwise operations for one row."""

    def first(value: Any) -> Any:
        if isinstance(value, tuple):
            return type(value)(*map(first, value))
        return value[:1].view(Counted) if isinstance(value, np.ndarray) else value

    Counted.operations = 0
    of(*map(first, arguments))
    return Counted.operations


def figures(rows: int) -> list[Any]:
    """Eight columns of chips and loads for the chain, with constants as a fit finds them."""
    u = np.random.default_rng(1).uniform
    silicon = Silicon(
        matrix=u(1e14, 2e15, rows), vector=6e13, special=4e12, memory=u(1e12, 8e12, rows),
        cache=5e7, cores=u(60, 160, rows), clock=u(1e9, 2e9, rows), power=700.0,
    )  # fmt: skip
    shape = AttentionDecodeShape(
        u(1, 256, rows), u(128, 32768, rows), 8.0, 1.0, 128.0, np.inf, 2.0
    )  # fmt: skip
    kernel_ = kernel("attention_decode", CATALOGUE.chip("h100").entry, CATALOGUE, "bf16")
    stages = np.exp2(np.random.default_rng(3).integers(0, 6, rows))
    return [silicon, shape, kernel_.constants, stages, u(8, 64, rows)]


def model(rows: int) -> list[Any]:
    """Ten columns for the made-up cost model."""
    draw = np.random.default_rng(2)
    u = draw.uniform
    machine = Machine(u(1e14, 2e15, rows), u(1e12, 8e12, rows), u(1e9, 1e11, rows),
                      u(1e10, 1e12, rows), u(2, 64, rows))  # fmt: skip
    job = Job(u(1e3, 1e4, rows), u(10, 100, rows), u(1e3, 1e5, rows), u(1, 64, rows),
              u(1, 16, rows))  # fmt: skip
    return [machine, job]


def flat(result: Any) -> list[Any]:
    return [x for part in result for x in flat(part)] if isinstance(result, tuple) else [result]


def row(arguments: Any, k: int) -> Any:
    if isinstance(arguments, tuple):
        return type(arguments)(*(row(each, k) for each in arguments))
    return float(arguments[k]) if isinstance(arguments, np.ndarray) else arguments


def asserted(of: Formula[..., Any], arguments: list[Any], table: Columns) -> None:
    """A few rows equal their scalar answers; none is missing."""
    rows = len(next(iter(table.values())))
    for k in (0, BLOCK - 1, BLOCK, rows // 2, rows - 1):
        scalar = flat(of(*(row(each, k) for each in arguments)))
        names = leaf_names(of, arguments)
        for name, value in zip(names, scalar, strict=True):
            if name in table:
                np.testing.assert_allclose(table[name][k], value, rtol=1e-13)


def leaf_names(of: Formula[..., Any], arguments: list[Any]) -> list[str]:
    return list(evaluate(of, [row(each, 0) for each in arguments]))


def best(run: Callable[[], Columns], times: int = 7) -> tuple[float, Columns]:
    """The least CPU-seconds, and the answer."""
    least = float("inf")
    found: Columns = {}
    for _ in range(times):
        start = time.process_time()
        found = run()
        least = min(least, time.process_time() - start)
    return least, found


def whole(of: Formula[..., Any], arguments: list[Any]) -> Columns:
    """The peer: plain numpy on whole columns."""
    return dict(zip(leaf_names(of, arguments), flat(of(*arguments)), strict=True))


def peak(run: Callable[[], Columns]) -> float:
    """Bytes at the highest moment, results included, arguments not."""
    tracemalloc.start()
    run()
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return float(found)


def measure(of: Formula[..., Any], arguments: list[Any], rows: int, only: list[str] | None) -> bool:
    """Print the figures of one formula; whether they reach their targets."""
    print(f"\n{of.name}: {operations(of, arguments)} operations, {rows:,} rows, "
          f"{'all results' if only is None else f'{len(only)} results'}")  # fmt: skip
    runs: dict[str, Callable[[], Columns]] = {
        "plain numpy": lambda: whole(of, arguments),
        "numpy": lambda: evaluate(of, arguments, engine="numpy", only=only),
        "numba": lambda: evaluate(of, arguments, engine="numba", only=only),
    }
    start = time.process_time()
    runs["numba"]()
    print(f"  first numba call      {time.process_time() - start:8.2f} CPU-s, compiling included")
    reached = True
    for name, run in runs.items():
        seconds, table = best(run)
        asserted(of, arguments, table)
        rate, memory = rows / seconds, peak(run)
        reached &= rate >= TARGETS.get(name, 0.0)
        reached &= memory < MOST_MEMORY or name not in TARGETS
        print(f"  {name:<12} {rate / 1e6:8.1f} M rows/CPU-s   peak {memory / 1e6:7.0f} MB")
    return reached


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    import numba  # noqa: F401  (its import is not what is measured)

    two = ["step", "tokens"]
    reached = measure(cost, model(rows), rows, None)
    reached &= measure(chain, figures(rows), rows, two)
    measure(chain, figures(rows), rows, None)
    print(f"\ntargets {'reached' if reached else 'missed'}")
    sys.exit(0 if reached else 1)


if __name__ == "__main__":
    main()
