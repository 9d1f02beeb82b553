"""Serving: step evaluations a CPU-second, and CPU-milliseconds of a steady-state question.

    python -m benchmarks.bench_serving

Peers measured on a machine of the same kind (see docs/serving.md): 17 to 19 estimates a second of
NVIDIA's aiconfigurator with its file scan memoised, 28 of GenZ, 14,568 of LLM-Viewer. Columns are
checked against single steps.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from benchmarks.timing import least_seconds

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.models import find_model
from chipassay.inquiry import ask
from chipassay.inquiry.serving_case import Case, served
from chipassay.inquiry.serving_engine import engine, formats
from chipassay.records.serve_plan import ServePlan

STEPS = 200_000
TARGET_STEPS, TARGET_TABLE, TARGET_WARM = 100_000.0, 0.05, 0.02
WORDS: dict[str, Any] = {
    "task": "serve", "model": "llama3.1-70b", "chip": "h20-96gb", "chips": "8", "input": "1024",
    "output": "512", "plan": "tp=8", "precision": "fp8", "concurrency": "64",
}  # fmt: skip


def main() -> int:
    """Measure, check, print; 1 where a target is missed."""
    catalogue = Catalogue.shipped()
    chip, model = catalogue.chip("h20-96gb").entry, find_model(catalogue, "deepseek-r1")
    about = engine(catalogue, "sglang", chip)
    form = formats(model.architecture, "fp8", about)
    case = Case(chip, catalogue, model.architecture, ServePlan(8, 1, 1, 8), form, about, 4096.0)
    table, ready = least_seconds(lambda: served(case))
    draw = np.random.default_rng(0)
    new, batch = draw.uniform(1, 8192, STEPS), draw.uniform(1, 512, STEPS)
    context = draw.uniform(1, 16384, STEPS)
    seconds, column = least_seconds(lambda: ready.steps.mixed(new, batch, context))
    for i in range(5):
        one = float(ready.steps.mixed(new[i], batch[i], context[i]))
        assert abs(one / column[i] - 1.0) < 1e-12, "a column's row is its scalar"
    warm, _ = least_seconds(lambda: ask(**WORDS))
    rate = STEPS / seconds
    print(f"step evaluations a CPU-second: {rate:,.0f} (target {TARGET_STEPS:,.0f})")
    print(f"tables of one engine: {1e3 * table:.1f} CPU-ms (target {1e3 * TARGET_TABLE:.0f})")
    print(
        f"one steady-state question, warm: {1e3 * warm:.1f} CPU-ms (target {1e3 * TARGET_WARM:.0f})"
    )
    return int(rate < TARGET_STEPS or table > TARGET_TABLE or warm > TARGET_WARM)


if __name__ == "__main__":
    sys.exit(main())
