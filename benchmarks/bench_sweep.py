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

from chipassay.model.first_serve import Serving, serving
from chipassay.model.first_train import Training, training
from chipassay.records.chip import Chip
from chipassay.records.model import Model
from chipassay.records.workload import Workload
from chipassay.sweeps.blocks import BLOCK, evaluate
from chipassay.trace import Formula, formula
from chipassay.units import FlopRate

Columns = Mapping[str, Any]
TARGETS = {"numpy": 8e6, "numba": 25e6}
MOST_MEMORY = 200e6


class Assay(NamedTuple):
    training: Training
    serving: Serving


@formula(cite="arithmetic")
def assay(rate: FlopRate, chip: Chip, model: Model, work: Workload) -> Assay:
    """The project's own chain, training and serving, as the assay asks for it."""
    return Assay(training(rate, chip, model, work), serving(rate, chip, model, work))


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


def chain(rows: int) -> list[Any]:
    """Nine columns of chips and workloads for the chain; the model is a 70-billion dense one."""
    draw = np.random.default_rng(1)
    chip = Chip(
        memory_capacity=draw.uniform(64e9, 200e9, rows),
        memory_bandwidth=draw.uniform(1e12, 8e12, rows),
        scaleup_bandwidth=draw.uniform(1e11, 1e12, rows),
    )
    work = Workload(
        group=np.exp2(draw.integers(1, 7, rows)),
        sequence=draw.uniform(1e3, 3e4, rows),
        prompt=draw.uniform(1e2, 1e4, rows),
        output=draw.uniform(1e2, 4e3, rows),
        in_flight=draw.uniform(1, 256, rows),
    )
    known = dict.fromkeys(Model._fields, 0.0) | {
        "hidden": 8192.0, "layers": 80.0, "parameters": 70.6e9,
        "active_without_input_embedding": 69.5e9, "attention_flop_per_pair": 2.6e6,
        "cached_values_per_token": 163840.0,
    }  # fmt: skip
    return [draw.uniform(1e14, 2e15, rows), chip, Model(**known), work]


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

    two = ["training.tokens_per_second", "serving.tokens_per_second"]
    reached = measure(cost, model(rows), rows, None)
    reached &= measure(assay, chain(rows), rows, two)
    measure(assay, chain(rows), rows, None)
    print(f"\ntargets {'reached' if reached else 'missed'}")
    sys.exit(0 if reached else 1)


if __name__ == "__main__":
    main()
