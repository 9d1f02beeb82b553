"""Measured rows as questions: what they leave out, what nobody fitted, what published runs held."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.chips import numbers as chip_numbers
from chipassay.catalogue.model_numbers import numbers
from chipassay.errors import QuestionError
from chipassay.inquiry import ask
from chipassay.inquiry.training_bench import FORMATS
from chipassay.inquiry.training_cases import Cases, fits, predicted, read
from chipassay.inquiry.training_memory import holding
from chipassay.model.kernels.silicon import silicon
from chipassay.model.train_memory import memory

CATALOGUE = Catalogue.shipped()
LLAMA_8B = {
    "model": "LLAMA3_8B", "hidden": 4096, "layers": 32, "heads": 32, "kv_heads": 8,
    "ffn_hidden": 14336, "vocab": 128256, "seq_len": 8192,
}  # fmt: skip
LLAMA_70B = LLAMA_8B | {
    "model": "LLAMA3_70B", "hidden": 8192, "layers": 80, "heads": 64, "ffn_hidden": 28672,
}  # fmt: skip
GPT_175B = {
    "model": "GPT-175B", "hidden": 12288, "layers": 96, "heads": 96, "kv_heads": 96,
    "ffn_hidden": 49152, "vocab": 51200, "seq_len": 2048,
}  # fmt: skip
DATA_PARALLEL = {"tp": 1, "pp": 1, "cp": 1}


def cases(path: Path, *rows: dict[str, Any]) -> Cases:
    """Rows written to a table and read back, each with a step of a million seconds."""
    table = [
        {"id": f"own-{n}", "measured_step_time_s": 1000000, **row} for n, row in enumerate(rows)
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, sorted({name for row in table for name in row}))
        writer.writeheader()
        writer.writerows(table)
    return read(path, CATALOGUE)


def shares(found: Cases) -> list[float]:
    """Of each row, the share of the chip's rate that goes into the model, half of all pairs."""
    seconds = np.asarray(predicted(found, CATALOGUE, fits()).time)
    told = []
    for one, time in zip(found.cases, seconds, strict=True):
        n, chip = numbers(one.architecture), chip_numbers(CATALOGUE.chip(one.chip).entry)
        peak = silicon(chip, FORMATS.get(one.precision, one.precision)).matrix
        flop = 6.0 * n.active_without_input_embedding
        flop += 1.5 * n.attention_flop_per_pair * one.sequence
        tokens = one.plan.batch * one.sequence
        told.append(float(flop * tokens / (time * one.chips * peak)))
    return told


def held(found: Cases) -> list[float]:
    """Of each row, its memory as a share of the chip's."""
    return [
        float(memory(work, one.plan, holding(fits(), one.setting)).total)
        / CATALOGUE.chip(one.chip).entry.number("memory_capacity")
        for work, one in zip(found.works, found.cases, strict=True)
    ]


UNFITTED = {
    "InternEvo on a thousand A100 with shards in a node": LLAMA_8B | DATA_PARALLEL | {
        "source": "InternEvo", "chip": "A100-80GB", "n_chips": 1024, "chips_per_node": 8,
        "inter_node_bw": 6.25, "global_batch": 4096, "micro_batch": 1, "zero_stage": "1-hier8",
        "seq_len": 4096, "precision": "bf16",
    },
    "TorchTitan with FSDP and selected operators": LLAMA_8B | DATA_PARALLEL | {
        "source": "TorchTitan", "chip": "H100", "n_chips": 128, "chips_per_node": 8,
        "global_batch": 256, "micro_batch": 2, "zero_stage": "fsdp", "precision": "bf16",
        "recompute": "selective (op)",
    },
    "MegaScale on 12,288 A100": GPT_175B | {
        "source": "MegaScale", "chip": "A100-80GB", "n_chips": 12288, "chips_per_node": 8,
        "global_batch": 6144, "micro_batch": 1, "tp": 8, "pp": 8, "vp": "6?", "precision": "bf16",
    },
    "NeMo with a sequence of a quarter million tokens": LLAMA_8B | {
        "source": "NVIDIA NeMo Framework", "chip": "H100", "n_chips": 128, "chips_per_node": 8,
        "global_batch": 16, "micro_batch": 1, "tp": 2, "pp": 1, "cp": 16, "dp": 1,
        "precision": "BF16", "seq_len": 262144,
    },
    "Megatron-Core, neither chunks nor micro-batch said": GPT_175B | {
        "source": "NVIDIA/Megatron-LM README", "chip": "H100", "n_chips": 1536,
        "chips_per_node": 8, "global_batch": 1152, "tp": 8, "pp": 8, "precision": "bf16",
        "seq_len": 4096,
    },
    "Primus on MI355X": LLAMA_8B | DATA_PARALLEL | {
        "source": "AMD-AGI/Primus", "chip": "MI355X", "n_chips": 8, "chips_per_node": 8,
        "global_batch": 128, "micro_batch": 4, "precision": "fp8",
    },
    "one node of B200, a model cut to sixteen layers": LLAMA_8B | {
        "source": "SimuMax", "chip": "B200", "n_chips": 8, "chips_per_node": 8, "layers": 16,
        "global_batch": 32, "micro_batch": 1, "tp": 2, "pp": 2, "cp": 2, "precision": "bf16",
    },
    "GPT-3 on Ascend": GPT_175B | {
        "source": "Ascend", "chip": "Ascend-910B", "n_chips": 7968, "chips_per_node": 8,
        "global_batch": 15936, "precision": "bf16",
    },
}  # fmt: skip


@pytest.mark.parametrize("name", UNFITTED)
def test_rows_of_stacks_nobody_fitted_are_predicted_with_sense(tmp_path: Path, name: str) -> None:
    found = cases(tmp_path / "rows.csv", UNFITTED[name])
    assert not found.skipped
    assert 0.2 < shares(found)[0] < 0.65
    assert held(found)[0] < 1.0


def test_leaving_out_a_chip_judges_by_its_rows_with_nothing_learnt_from_them(
    tmp_path: Path,
) -> None:
    file = tmp_path / "rows.csv"
    row = LLAMA_8B | DATA_PARALLEL | {
        "source": "Megatron-Bridge", "n_chips": 8, "chips_per_node": 8, "global_batch": 64,
        "micro_batch": 1, "precision": "BF16",
    }  # fmt: skip
    cases(file, row | {"chip": "H100"}, row | {"chip": "B200"})
    plain = ask(task="validate", kind="training", file=str(file))
    left = ask(task="validate", kind="training", file=str(file), leave_out="h100-sxm5")
    assert set(left.metrics["by"]["chip"]) == {"H100"}
    assert left.metrics["all"]["mape"] != plain.metrics["by"]["chip"]["H100"]["mape"]
    assert left.answer["others"]["n"] == 1


def test_leaving_out_a_chip_that_no_fit_has_seen_is_refused(tmp_path: Path) -> None:
    cases(tmp_path / "rows.csv", LLAMA_8B | {"chip": "H20", "n_chips": 8, "global_batch": 8})
    with pytest.raises(QuestionError, match="no fit has seen"):
        ask(task="validate", kind="training", file=str(tmp_path / "rows.csv"), leave_out="h20")


def test_adapters_cost_no_gradients_of_weights(tmp_path: Path) -> None:
    row = LLAMA_70B | {
        "source": "Megatron-Bridge", "chip": "GB300", "n_chips": 8, "chips_per_node": 72,
        "seq_len": 4096, "global_batch": 64, "micro_batch": 1, "precision": "BF16",
    } | DATA_PARALLEL  # fmt: skip
    kinds = [row | {"row_kind": kind} for kind in ("finetune", "lora")]
    found = cases(tmp_path / "rows.csv", *kinds)
    whole, adapted = np.asarray(predicted(found, CATALOGUE, fits()).time)
    assert 0.62 < adapted / whole < 0.85  # four passes over the weights in place of six
    tuned, adapters = (
        memory(work, one.plan, holding(fits(), one.setting))
        for work, one in zip(found.works, found.cases, strict=True)
    )
    assert float(adapters.optimizer) < 0.02 * float(tuned.optimizer)
    assert float(adapters.weights) == float(tuned.weights)


def test_a_mixture_is_as_large_as_its_name_says(tmp_path: Path) -> None:
    row = {
        "model": "Own-57B-A14B", "hidden": 3584, "layers": 28, "heads": 28, "kv_heads": 4,
        "ffn_hidden": 18944, "vocab": 151936, "experts": 64, "topk": 8, "seq_len": 4096,
        "chip": "H100", "n_chips": 64, "precision": "bf16",
    }  # fmt: skip
    n = numbers(cases(tmp_path / "rows.csv", row).cases[0].architecture)
    giga = 1000.0**3
    assert n.parameters / giga == pytest.approx(57.0, rel=0.02)
    assert n.active_parameters / giga == pytest.approx(14.0, rel=0.05)


def test_what_a_row_does_not_say_of_its_plan_fits_the_chip(tmp_path: Path) -> None:
    row = LLAMA_70B | {"chip": "H100", "chips_per_node": 8, "n_chips": 256, "precision": "bf16"}
    found = cases(tmp_path / "rows.csv", row)
    one = found.cases[0]
    assert {"plan", "micro_batch", "global_batch", "recompute"} <= set(one.filled)
    plan = one.plan
    assert plan.tensor * plan.pipeline * plan.data * plan.context == one.chips
    assert held(found)[0] < 1.0
    assert shares(found)[0] > 0.35


@pytest.mark.parametrize(
    ("model", "chip", "chips", "words"),
    [
        # published runs: the Llama 3 report, the DeepSeek-V3 report, Korthikanti et al.
        ("llama3.1-405b", "h100", 16384, {"stack": "llama3-trainer", "seq": 8192, "batch": 2048,
         "plan": "tp=8,pp=16,vp=8,zero=2,embedding=yes"}),
        ("deepseek-v3", "h800", 2048, {"stack": "hai-llm", "precision": "fp8", "batch": 15360,
         "plan": "pp=16,ep=64,zero=1,schedule=dualpipe,recompute=selective"}),
        ("gpt3-175b", "a100-sxm-80gb", 1024, {"stack": "megatron-lm", "seq": 2048, "batch": 1536,
         "plan": "tp=8,pp=8,sp=yes,recompute=selective"}),
        ("gpt3-175b", "a100-sxm-80gb", 1024, {"stack": "megatron-lm", "seq": 2048, "batch": 1536,
         "plan": "tp=8,pp=16,sp=yes,recompute=selective"}),
    ],
)  # fmt: skip
def test_plans_that_were_run_fit(model: str, chip: str, chips: int, words: dict[str, Any]) -> None:
    told = {name: str(value) for name, value in words.items()}
    answer = ask(task="train", model=model, chip=chip, chips=chips, **told)
    assert answer.fits
    assert answer.memory_per_chip.value > 0.25 * answer.memory_capacity
