"""Training: what must hold of any plan, refusals, the search, published steps as golden rows."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.models import find_model
from chipassay.errors import QuestionError
from chipassay.formulas.training import exposed_time, free_window, in_flight, pipeline_bubble
from chipassay.inquiry import ask
from chipassay.inquiry.plan_space import Problem, Space, blocks
from chipassay.inquiry.search import search
from chipassay.inquiry.training_bench import machine
from chipassay.inquiry.training_cases import fits, place_of
from chipassay.inquiry.training_fit import evaluated
from chipassay.inquiry.training_memory import holding
from chipassay.inquiry.training_work import Setting
from chipassay.model.stages import deal
from chipassay.model.train_tuning import constants, tuning
from chipassay.records.plan import Plan
from chipassay.units import factor

CATALOGUE = Catalogue.shipped()
SHARED = Path(__file__).parents[2] / "shared" / "measured" / "training.csv"
A100 = "a100-sxm-80gb"
OLD = Setting(fused=0.0, dropout=1.0, gradient=2.0, held=2.0)


def problem(model: str, chips: int, batch: int, **changed: Any) -> Problem:
    """A model on A100, as Megatron-LM of 2022 trains it."""
    stack = changed.pop("stack", "megatron-lm")
    chip = CATALOGUE.chip(changed.pop("chip", A100)).entry
    habits = CATALOGUE.stacks()[stack]
    found = constants(fits(), place_of(stack, chip, CATALOGUE, "bf16"))
    node = machine(chip, CATALOGUE, "bf16")
    node = type(node)(**{
        **{name: getattr(node, name) for name in node.__dataclass_fields__},
        "net": node.net._replace(**changed),
    })  # fmt: skip
    return Problem(
        find_model(CATALOGUE, model).architecture, node, chips, batch, 2048.0, OLD,
        tuning(found, habits), holding(fits(), OLD), chip.number("memory_capacity"),
    )  # fmt: skip


def seconds(asked: Problem, plan: Plan) -> float:
    return float(evaluated(asked, plan).step.time)


FULL = {"recompute": 2.0}
SELECTIVE = {"recompute": 1.0, "sequence": 1.0}


@pytest.mark.parametrize(
    ("model", "plan", "measured"),
    [
        # Korthikanti et al. 2022, table 5: seconds of a step; the fit has seen these rows
        ("megatron-22b", Plan(8, 1, micro_batch=4, batch=4, **FULL), 1.42),
        ("megatron-22b", Plan(8, 1, micro_batch=4, batch=4, **SELECTIVE), 1.10),
        ("megatron-175b", Plan(8, 8, virtual=3, batch=64, **FULL), 18.13),
        ("megatron-175b", Plan(8, 8, virtual=3, batch=64, **SELECTIVE), 13.75),
        ("megatron-530b", Plan(8, 35, virtual=3, batch=280, **FULL), 49.05),
        ("megatron-530b", Plan(8, 35, virtual=3, batch=280, **SELECTIVE), 37.83),
        ("megatron-1t", Plan(8, 64, batch=512, **FULL), 94.42),
        ("megatron-1t", Plan(8, 64, batch=512, **SELECTIVE), 71.49),
    ],
)
def test_published_steps(model: str, plan: Plan, measured: float) -> None:
    chips = int(plan.tensor * plan.pipeline)
    found = seconds(problem(model, chips, int(plan.batch)), plan)
    assert found == pytest.approx(measured, rel=0.12)


@pytest.mark.parametrize(
    ("model", "plan", "gibibytes"),
    [
        # Korthikanti et al. 2022, figure 1: weights, gradients and optimiser, 18 bytes a parameter
        ("megatron-175b", Plan(8, 8, batch=64), 45.56),
        ("megatron-530b", Plan(8, 35, batch=280), 31.64),
    ],
)
def test_published_weights_and_optimiser(model: str, plan: Plan, gibibytes: float) -> None:
    asked = problem(model, 64, 64)._replace(holding=holding(fits(), Setting(held=4.0)))
    held = evaluated(asked, plan).memory
    state = float(held.weights + held.gradients + held.optimizer) / factor("GiB")
    # the fullest stage holds the embedding besides
    assert gibibytes * 0.97 < state < gibibytes * 1.12


def test_a_stage_s_parts_add_up_to_its_step() -> None:
    asked = problem("megatron-175b", 512, 1536)
    done = evaluated(asked, Plan(8, 8, 8, virtual=3, micro_batch=2, batch=1536, zero=1)).step
    assert sum(done[1:]) == pytest.approx(float(done.time))
    assert all(float(part) >= 0.0 for part in done)


@pytest.mark.parametrize("name", ["link", "port", "memory"])
def test_a_faster_link_port_or_memory_is_never_slower(name: str) -> None:
    plan = Plan(8, 8, 8, micro_batch=2, batch=512, zero=1, sequence=1)
    plain = problem("megatron-175b", 512, 512)
    rate = getattr(plain.machine.net, name)
    better = problem("megatron-175b", 512, 512, **{name: 2.0 * rate})
    assert seconds(better, plan) <= seconds(plain, plan)


def test_recomputing_costs_time_and_saves_memory() -> None:
    asked = problem("megatron-175b", 512, 512)
    plans = [Plan(8, 8, 8, batch=512, recompute=code) for code in (0.0, 1.0, 2.0)]
    times = [seconds(asked, plan) for plan in plans]
    sizes = [float(evaluated(asked, plan).memory.total) for plan in plans]
    assert times == sorted(times)
    assert sizes == sorted(sizes, reverse=True)


def test_each_stage_of_zero_holds_no_more_than_the_one_before() -> None:
    asked = problem("megatron-22b", 64, 512)
    sizes = [
        float(evaluated(asked, Plan(8, 1, 8, batch=512, zero=stage)).memory.total)
        for stage in range(4)
    ]
    assert sizes == sorted(sizes, reverse=True)


def test_longer_steps_lose_less_to_the_pipeline() -> None:
    asked = problem("megatron-175b", 64, 64)
    short, long = (
        float(evaluated(asked, Plan(8, 8, batch=batch)).step.bubble)
        / seconds(asked, Plan(8, 8, batch=batch))
        for batch in (64, 256)
    )
    assert long < short


@given(stages=st.integers(2, 64), chunks=st.integers(1, 8))
def test_equal_stages_wait_as_the_textbook_says(stages: int, chunks: int) -> None:
    others = (stages - 1) * 3.0
    waits = pipeline_bubble(others, 1.0, 2.0, 1.0, float(stages), float(chunks), 1.0)
    assert waits == pytest.approx((stages - 1) * 3.0 / chunks)


def test_zero_bubble_schedules_wait_less() -> None:
    shape = (7 * 3.0, 1.0, 2.0, 1.0, 8.0, 1.0)
    usual, h1, v, dual = (pipeline_bubble(*shape, float(code)) for code in (1, 2, 3, 4))
    assert usual > h1 > v
    assert dual < usual


def test_an_early_stage_holds_as_many_micro_batches_as_there_are_stages() -> None:
    assert in_flight(64.0, 8.0, 1.0, 1.0) == 8.0
    assert in_flight(64.0, 8.0, 1.0, 0.0) == 64.0
    assert in_flight(4.0, 8.0, 1.0, 1.0) == 4.0
    assert in_flight(64.0, 8.0, 2.0, 1.0) > 8.0


def test_a_port_that_others_use_hides_less() -> None:
    alone, shared, full = (free_window(9.0, each, 1.0, 2.0) for each in (0.0, 1.0, 9.0))
    assert alone == 7.0
    assert shared == 3.0
    assert full == 0.0


def test_an_exchange_shows_what_its_window_leaves_and_at_least_its_tax() -> None:
    assert exposed_time(10.0, 4.0, 0.1) == 6.0
    assert exposed_time(10.0, 40.0, 0.1) == 1.0


@given(
    layers=st.integers(1, 130),
    stages=st.integers(1, 16),
    chunks=st.integers(1, 4),
    ends=st.booleans(),
)
def test_dealt_stages_are_level(layers: int, stages: int, chunks: int, ends: bool) -> None:
    found = deal((0,) * layers, (1.0,), stages, chunks, ends and layers >= stages * chunks)
    assert found.heavy[0] >= layers / stages - 2
    assert found.heavy[0] >= found.last[0] or ends
    assert found.heavy[0] <= math.ceil((layers + 2) / (stages * chunks)) * chunks


def test_columns_and_single_plans_agree() -> None:
    asked = problem("megatron-22b", 32, 256)
    space = Space(micro_batches=(1, 2, 4), virtuals=(1, 2), most_tensor=8)
    checked = 0
    for plan, done, held, _ in itertools.islice(blocks(asked, space), 8):
        times, sizes = np.broadcast_arrays(done.time, held.total)
        for place in {0, times.size // 2, times.size - 1}:
            index = np.unravel_index(place, times.shape)
            one = Plan(*(float(np.broadcast_to(value, times.shape)[index]) for value in plan))
            single = evaluated(asked, one)
            assert float(single.step.time) == pytest.approx(float(times[index]))
            assert float(single.memory.total) == pytest.approx(float(sizes[index]))
            checked += 1
    assert checked >= 8


def test_the_best_plan_is_the_fastest_of_all_that_fit() -> None:
    asked = problem("megatron-22b", 32, 256)
    space = Space(micro_batches=(1, 2), virtuals=(1,), most_tensor=8)
    found = search(asked, space)
    everything = [
        np.where(held.total <= asked.capacity, done.time, np.inf).min()
        for _, done, held, _ in blocks(asked, space)
    ]
    assert found.best[0][0] == pytest.approx(min(everything))
    assert found.plans == sum(count for *_, count in blocks(asked, space))
    times = [each[0] for each in found.pareto]
    sizes = [each[1] for each in found.pareto]
    assert times == sorted(times)
    assert sizes == sorted(sizes, reverse=True)


def test_an_answer_has_every_field_that_scripts_rely_on() -> None:
    answer = ask(task="train", model="gpt3-175b", chip=A100, chips=512, search=True)
    plain = answer.as_json()["answer"]
    for name in ("step_time", "tokens_per_s_per_chip", "mfu", "memory_per_chip", "days", "energy"):
        quantity = plain[name]
        assert quantity["low"] <= quantity["value"] <= quantity["high"]
    assert {"fits", "plan", "breakdown", "bound_by", "cost"} <= set(plain)
    assert plain["search"]["plans"] > plain["search"]["fitting"] > 0
    assert plain["search"]["best"][0]["plan_text"] == plain["plan_text"]
    assert plain["plan"]["tp"] * plain["plan"]["pp"] * plain["plan"]["dp"] == 512
    assert not answer.refusal
    assert any(reason.name == "train.step_time" for reason in answer.because)


def test_a_plan_that_does_not_fit_is_a_refusal_that_says_what_would() -> None:
    words = {"task": "train", "model": "gpt3-175b", "chip": A100, "chips": 64, "batch": 64}
    answer = ask(**words, plan="tp=8,pp=2,zero=0,recompute=none")
    assert answer.refusal
    assert answer.fits is False
    assert answer.would_fit


def test_a_batch_may_be_told_in_tokens() -> None:
    words = {"task": "train", "model": "llama2-7b", "chip": "h20-96gb", "chips": 64}
    answer = ask(**words, batch="4M", seq=4096, plan="zero=1")
    assert answer.workload.batch == 1024


def test_how_many_chips_finish_in_time() -> None:
    words = {"task": "train", "model": "llama2-7b", "chip": "h20-96gb", "tokens": "140B"}
    answer = ask(**words, within="30 days")
    assert answer.days.value <= answer.within
    fewer = ask(**words, chips=answer.chips // 2)
    assert fewer.days.value > answer.within


@pytest.mark.parametrize("model", ["nemotron-3-nano", "nemotron-3-super", "nemotron-3-ultra"])
def test_hybrids_have_the_sizes_in_their_names(model: str) -> None:
    named = {
        "nemotron-3-nano": (30, 3),
        "nemotron-3-super": (120, 12),
        "nemotron-3-ultra": (550, 55),
    }
    found = find_model(CATALOGUE, model).numbers()
    giga = factor("GB")
    whole, active = named[model]
    assert found.parameters == pytest.approx(whole * giga, rel=0.06)
    assert found.active_parameters == pytest.approx(active * giga, rel=0.25)


needs_rows = pytest.mark.skipif(
    not SHARED.is_file(), reason="the measured rows are not here: ../shared/measured/training.csv"
)


@needs_rows
def test_measured_rows_are_predicted_as_well_as_the_docs_say() -> None:
    answer = ask(task="validate", kind="training", file=str(SHARED)).answer
    assert answer["predicted"] / answer["rows"] >= 0.97
    assert answer["metrics"]["all"]["mape"] <= 0.10
    assert answer["metrics"]["all"]["median_ape"] <= 0.07
    assert answer["metrics"]["memory"]["mape"] <= 0.06


@needs_rows
def test_bands_hold_four_of_five_rows() -> None:
    answer = ask(task="validate", kind="training", file=str(SHARED)).answer
    assert 0.75 <= answer["metrics"]["all"]["inside_band"] <= 0.97


def test_a_file_that_is_no_table_of_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(QuestionError, match="has no column model, chip, n_chips"):
        ask(task="validate", kind="training", file=str(path))
