"""Training plans a CPU-second: every plan of GPT-3 175B on 4,096 chips, beside two peers.

    python -m benchmarks.bench_training [--calculon PATH]

Each plan gets its step with ten parts, its memory with six, and whether it fits. The space has the
axes that Calculon's search has (degrees, chunks, micro-batches, recomputing, sharding, overlap,
offload) and at least as many plans. llm-analysis is timed where it is installed, Calculon where the
path of a checkout is given; both evaluate single plans of the same model.
"""

from __future__ import annotations

import importlib
import itertools
import json
import logging
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.models import find_model
from chipassay.inquiry.plan_words import as_text
from chipassay.inquiry.plan_space import STACKS_OWN, Problem, Space, blocks
from chipassay.inquiry.search import search
from chipassay.inquiry.training_fit import evaluated
from chipassay.inquiry.training_bench import machine
from chipassay.inquiry.training_cases import fits, place_of
from chipassay.inquiry.training_memory import holding
from chipassay.inquiry.training_work import Setting
from chipassay.model.train_tuning import constants, tuning
from chipassay.records.plan import Plan

CHIPS = BATCH = 4096
PLANS, TARGET_SECONDS, TARGET_RATE = 7_126_368, 10.0, 1e6
STACK = "megatron-core"
WIDE = Space(
    most_tensor=96,
    micro_batches=tuple(2**n for n in range(12)),
    virtuals=tuple(range(1, 97)),
    schedules=(0.0, 1.0, 2.0, 3.0, 4.0),
    offloads=tuple((share, 0.0) for share in (0.0, 0.25, 0.5, 0.75, 1.0)),
    hidden=tuple(itertools.product((1.0, 0.75, 0.5, 0.35, 0.2, 0.1, 0.0), (0.0, 0.5, 1.0))),
)


def problem() -> Problem:
    """GPT-3 175B on A100, 80 GB."""
    catalogue = Catalogue.shipped()
    chip = catalogue.chip("a100-sxm-80gb").entry
    found = constants(fits(), place_of(STACK, chip, catalogue, "bf16"))
    return Problem(
        find_model(catalogue, "gpt3-175b").architecture, machine(chip, catalogue, "bf16"),
        CHIPS, BATCH, 2048.0, Setting(), tuning(found, catalogue.stacks()[STACK]),
        holding(fits(), 4.0), chip.number("memory_capacity"),
    )  # fmt: skip


def checked(asked: Problem, space: Space) -> int:
    """How many plans of the space agree with the same plan evaluated alone, one in each block."""
    agreed = 0
    for plan, done, held, _ in itertools.islice(blocks(asked, space), 12):
        if space.hidden != STACKS_OWN:
            break
        times, sizes = np.broadcast_arrays(done.time, held.total)
        index = tuple(size // 2 for size in times.shape)
        one = Plan(*(float(np.broadcast_to(value, times.shape)[index]) for value in plan))
        alone = evaluated(asked, one)
        assert abs(float(alone.step.time) / float(times[index]) - 1) < 1e-9
        assert abs(float(alone.memory.total) / float(sizes[index]) - 1) < 1e-9
        agreed += 1
    return agreed


def rate(run: Callable[[], Any], seconds: float = 3.0) -> float:
    """Evaluations a CPU-second."""
    run()
    start, count = time.process_time(), 0
    while time.process_time() - start < seconds:
        run()
        count += 1
    return count / (time.process_time() - start)


def llm_analysis() -> float | None:
    """Evaluations of llm-analysis for one plan of this model, if it is installed."""
    try:
        analysis = importlib.import_module("llm_analysis.analysis")
        config = importlib.import_module("llm_analysis.config")
    except ImportError:
        return None
    logging.disable(logging.CRITICAL)
    parallel = config.ParallelismConfig(tp_size=8, pp_size=8, dp_size=64)
    one = analysis.LLMAnalysis(
        config.ModelConfig("gpt3-175b", 96, 96, 12288, 50257, max_seq_len=2048),
        config.get_gpu_config_by_name("a100-sxm-80gb"),
        config.get_dtype_config_by_name("w16a16e16"),
        parallel,
        flops_efficiency=0.5,
    )  # fmt: skip
    words = {"batch_size_per_gpu": 1, "gradient_accumulation_steps": 64, "seq_len": 2048}
    return rate(lambda: one.training(**words, output_dir=None))


def calculon(path: str) -> float | None:
    """Evaluations of a Calculon checkout for one plan of this model, its logger silenced."""
    sys.path.insert(0, path)
    for name in ("pandas", "psutil"):  # wanted by its plots and its pool alone
        sys.modules.setdefault(name, types.ModuleType(name))
    try:
        llm = importlib.import_module("calculon.llm")
        system = importlib.import_module("calculon").System
    except ImportError:
        return None
    logger = logging.getLogger("calculon")
    logger.disabled = True
    root = Path(path)

    def read(name: str) -> Any:
        return json.loads((root / name).read_text(encoding="utf-8"))

    node = system(read("systems/a100_80g.json"))
    model = llm.Llm.Application(read("models/gpt3-175B.json"))
    plan = llm.Llm.Execution.from_json(read("examples/3072_t4_p64_d12_mbs4_full.json"))

    def run() -> None:
        one = llm.Llm(model, logger)
        one.compile(node, plan)
        one.run(node)

    return rate(run)


def main(words: list[str]) -> int:
    """Print the figures; 1 where a target is missed."""
    asked = problem()
    agreed = checked(asked, Space())
    print(f"{agreed} plans agree with the same plan evaluated alone")
    found = search(asked, WIDE)
    ours = found.plans / found.seconds
    print(f"{found.plans} plans in {found.seconds:.2f} CPU-s: {ours:.3g} a CPU-second")
    print(f"{found.fitting} fit; the best is {found.best[0][0]:.3f} s: {as_text(found.best[0][2])}")
    peer = llm_analysis()
    print("llm-analysis: " + ("not installed" if peer is None else f"{peer:.4g} a CPU-second"))
    if "--calculon" in words:
        other = calculon(words[words.index("--calculon") + 1])
        print("Calculon: " + ("no checkout" if other is None else f"{other:.4g} a CPU-second"))
    reached = found.plans >= PLANS and found.seconds < TARGET_SECONDS and ours >= TARGET_RATE
    print("targets reached" if reached else "a target is missed")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
