"""Training plans a CPU-second: every plan of GPT-3 175B on 4,096 chips, beside two peers.

    python -m benchmarks.bench_training [--calculon PATH]

Each plan gets its step with ten parts, its memory with six, and whether it fits. The space has
every degree, interleaving, micro-batch, recomputing, sharding, sequence parallelism, overlap of
tensor and of data ranks, and offload of optimiser and activations that Calculon's search has, and
more plans in all: its 7.1 M executions include up to eight placements of three groups on two
networks, which here follow from the groups' sizes. The best plan is asserted to be its own single
answer.

llm-analysis is timed where it is installed, Calculon where the path of a checkout is given; both
evaluate single plans of the same model, and Calculon's time of our best degrees is shown.
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
from chipassay.inquiry.plan_space import STACKS_OWN, Problem, Space, blocks
from chipassay.inquiry.plan_words import as_text
from chipassay.inquiry.search import Found, search
from chipassay.inquiry.training_bench import machine
from chipassay.inquiry.training_cases import fits, place_of
from chipassay.inquiry.training_fit import evaluated
from chipassay.inquiry.training_memory import holding
from chipassay.inquiry.training_work import Setting
from chipassay.model.train_tuning import constants, tuning
from chipassay.records.plan import SCHEDULES, Plan, chips

CHIPS = BATCH = 4096
PLANS, TARGET_SECONDS, TARGET_RATE = 7_126_368, 10.0, 1e6
STACK = "megatron-core"
WIDE = Space(
    most_tensor=96,
    micro_batches=tuple(2**n for n in range(12)),
    virtuals=tuple(range(1, 97)),
    zeros=tuple((float(stage), 0.0) for stage in range(4)),
    sharded_pipelines=True,
    recomputes=((0.0, 1.0), (1.0, 1.0), *((2.0, part / 8.0) for part in range(1, 9))),
    schedules=tuple(map(float, range(len(SCHEDULES)))),
    offloads=tuple(itertools.product((0.0, 0.5, 1.0), (0.0, 0.5, 1.0))),
    hidden=tuple(itertools.product((1.0, 0.5, 0.0), (0.0, 1.0))),
)
"""Tensor exchanges that show in full, by half, not at all; reductions beside a backward or not."""


def problem() -> Problem:
    """GPT-3 175B on A100, 80 GB."""
    catalogue = Catalogue.shipped()
    chip = catalogue.chip("a100-sxm-80gb").entry
    found = constants(fits(), place_of(STACK, chip, catalogue, "bf16"))
    return Problem(
        find_model(catalogue, "gpt3-175b").architecture, machine(chip, catalogue, "bf16"),
        CHIPS, BATCH, 2048.0, Setting(), tuning(found, catalogue.stacks()[STACK]),
        holding(fits(), Setting()), chip.number("memory_capacity"),
    )  # fmt: skip


def sane(asked: Problem, found: Found) -> float:
    """The best plan's step alone: it multiplies to the chips, fits, and no plan found is faster."""
    best = found.best[0]
    alone = evaluated(asked, best.plan)
    assert float(chips(best.plan)) == CHIPS
    assert best.memory <= asked.capacity
    assert abs(float(alone.memory.total) / best.memory - 1) < 1e-9
    assert best.time <= min(each.time for each in (*found.best, *found.pareto))
    return float(alone.step.time)


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


def calculon(path: str, best: Plan) -> float | None:
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
    words = read("examples/3072_t4_p64_d12_mbs4_full.json")
    plan = llm.Llm.Execution.from_json(words)

    def run(plan: Any = plan) -> Any:
        one = llm.Llm(model, logger)
        one.compile(node, plan)
        one.run(node)
        return one

    like = llm.Llm.Execution.from_json(words | _like(best))
    seconds = run(like).get_total_time()
    print(f"Calculon's step of tp {best.tensor:g}, pp {best.pipeline:g}, its own overlap: "
          f"{seconds:.2f} s")  # fmt: skip
    return rate(run)


def _like(best: Plan) -> dict[str, Any]:
    """A plan of ours in Calculon's words."""
    return {
        "num_procs": CHIPS, "tensor_par": int(best.tensor), "pipeline_par": int(best.pipeline),
        "data_par": int(best.data), "tensor_par_net": 0, "pipeline_par_net": 1, "data_par_net": 1,
        "batch_size": BATCH, "microbatch_size": int(best.micro_batch),
        "activation_recompute": ("attn_only", "attn_only", "full")[int(best.recompute)],
        "pipeline_interleaving": int(best.virtual), "optimizer_sharding": bool(best.zero),
        "tensor_par_comm_type": "rs_ag" if best.sequence else "ar", "tensor_par_overlap": "none",
        "seq_par_ag_redo": False, "data_par_overlap": True, "weight_offload": False,
        "activations_offload": False, "optimizer_offload": False,
    }  # fmt: skip


def main(words: list[str]) -> int:
    """Print the figures; 1 where a target is missed."""
    asked = problem()
    agreed = checked(asked, Space())
    print(f"{agreed} plans agree with the same plan evaluated alone")
    own = search(asked, Space())
    alone = sane(asked, own)
    assert abs(alone / own.best[0].time - 1) < 1e-9
    print(f"the stack's own overlap: {alone:.3f} s, {as_text(own.best[0].plan)}")
    first: list[float] = []
    began = time.monotonic()
    found = search(asked, WIDE, progress=lambda _: first.append(time.monotonic() - began))
    sane(asked, found)
    ours = found.plans / found.seconds
    print(f"{found.plans} plans in {found.seconds:.2f} CPU-s: {ours:.3g} a CPU-second")
    print(f"a first plan that fits after {first[0]:.2f} s")
    print(
        f"{found.fitting} fit; the best is {found.best[0].time:.3f} s: "
        f"{as_text(found.best[0].plan)}"
    )
    peer = llm_analysis()
    print("llm-analysis: " + ("not installed" if peer is None else f"{peer:.4g} a CPU-second"))
    if "--calculon" in words:
        other = calculon(words[words.index("--calculon") + 1], own.best[0].plan)
        print("Calculon: " + ("no checkout" if other is None else f"{other:.4g} a CPU-second"))
    reached = found.plans >= PLANS and found.seconds < TARGET_SECONDS and ours >= TARGET_RATE
    print("targets reached" if reached else "a target is missed")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
