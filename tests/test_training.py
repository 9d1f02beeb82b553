"""Training: what must hold of any plan, refusals, the search, published steps as golden rows."""

from __future__ import annotations

import itertools
import json
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
from chipassay.formulas.training import exposed_time, in_flight, pipeline_bubble
from chipassay.inquiry import ask
from chipassay.inquiry.pipeline_timeline import rounds_shown, timeline
from chipassay.inquiry.plan_words import as_text, read_words
from chipassay.inquiry.plans import fitted
from chipassay.inquiry.plan_space import Problem, Space, blocks
from chipassay.inquiry.search import search
from chipassay.inquiry.training_fit import evaluated
from chipassay.inquiry.training_bench import machine
from chipassay.inquiry.training_cases import fits, place_of
from chipassay.inquiry.training_memory import holding
from chipassay.inquiry.training_work import Setting
from chipassay.model.pipeline_turns import StageTimes, boxes
from chipassay.model.stages import deal
from chipassay.model.train_tuning import constants, tuning
from chipassay.records.plan import SCHEDULES, Plan
from chipassay.units import factor
from chipassay.views.timeline_picture import write_timeline

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
        tuning(found, habits), holding(fits(), 2.0), chip.number("memory_capacity"),
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
    asked = problem(model, 64, 64)._replace(holding=holding(fits(), 4.0))
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


GPT = find_model(CATALOGUE, "gpt3-175b").architecture
USUAL = Plan(batch=1024.0)


@pytest.mark.parametrize(
    ("written", "chips", "complaint"),
    [
        ("tp=7,pp=3", 1000, "ask for 987 or 1008 chips; nearest that works: --plan tp=4,pp=5,dp=50 --batch 1000"),
        ("tp=8,pp=8,dp=15", 1024, "= 960 chips, not 1024; nearest that works: --plan tp=8,pp=8,dp=16"),
        ("tp=5", 10, "does not divide 96 heads; nearest that works: --plan tp=2,pp=5,dp=1"),
        ("tp=8,pp=8,vp=16", 64, "128 chunks of 96 layers"),
        ("pp=1,vp=2", 8, "vp wants a pipeline"),
        ("tp=8,ep=2", 8, "has no experts"),
        ("tp=1,mbs=3", 1024, "smaller than dp 1024 x mbs 3"),
        ("tp=8,mbs=3", 64, "try --batch 1008 or 1032"),
        ("tp=0", 8, "give a whole number from 1"),
        ("tp=nan", 8, "cannot be"),
        ("zero=4", 8, "from 0 to 3"),
        ("offload=1.5", 8, "share from 0 to 1"),
        ("sp=perhaps", 8, "say yes or no"),
        ("tp", 8, "no part of a plan"),
        ("recompute=some", 8, "no recompute is called 'some'"),
        ("pp=16,vp=2,schedule=zb-v", 64, "works: --plan tp=1,pp=16,dp=4,schedule=zb-v"),
        ("pp=16,schedule=dualpipe", 1024, "wants 32 micro-batches or more, not 16"),
        ("pp=5,schedule=dualpipe", 1000, "pp 5 is odd"),
        ("pp=8,schedule=zb-h2", 8, "did you mean zb-h1"),
        ("schedule=interleaved", 8, "say vp=2 or more"),
        ("hsdp=7", 64, "do not divide 64 data ranks; say shard=8"),
        ("zero=1,fsdp=yes", 8, "zero is said twice"),
        ("tp=8,pp=4,first=60,last=40", 32, "leave -4 of 96 layers for 2 stages"),
        ("mask=document", 8, "add document=2048"),
        ("mask=causal,document=512", 8, "a causal mask knows no documents"),
        ("mask=windowed", 8, "it is causal or document"),
        ("exchange=rings,cp=2", 8, "did you mean ring"),
        ("ga=4,tp=8", 64, "makes a batch of 32, not the 1024"),
        ("tp=2..8", 8, "say one, or add --search"),
        ("mtp=-1", 8, "give a whole number from 0"),
        ("tq=8", 8, "no word of a plan is called 'tq'"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_with_what_can(
    written: str, chips: int, complaint: str
) -> None:
    with pytest.raises(QuestionError) as refused:
        fitted(read_words(written), USUAL, chips, GPT, asked_batch=True)
    assert complaint in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_plan_reads_back_as_it_is_written() -> None:
    written = "tp=8,pp=4,dp=2,vp=3,mbs=2,zero=1,sp=yes,recompute=full,schedule=1f1b"
    plan = read_words(written).plan(USUAL)
    assert as_text(plan) == written
    assert read_words(as_text(plan)).plan(USUAL) == plan


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


TIMES = st.builds(
    lambda forward, backward, part: StageTimes(forward, backward, part * backward),
    st.floats(0.5, 2.0), st.floats(0.5, 4.0), st.floats(0.2, 0.6),
)  # fmt: skip
SCHEDULED = [("gpipe", 1), ("1f1b", 1), ("1f1b", 2), ("1f1b", 4), ("zb-h1", 1), ("zb-v", 1),
             ("dualpipe", 1)]  # fmt: skip


@pytest.mark.parametrize(("schedule", "chunks"), SCHEDULED)
@given(stages=st.integers(1, 4), groups=st.integers(1, 3), times=st.data())
def test_a_drawn_pipeline_does_every_pass_once_and_each_after_what_it_needs(
    schedule: str, chunks: int, stages: int, groups: int, times: st.DataObject
) -> None:
    stages = 2 * stages
    drawn = [times.draw(TIMES) for _ in range(stages)]
    found = boxes(schedule, drawn, groups * stages, chunks)
    kinds = 2 if schedule in ("gpipe", "1f1b") else 3
    held = 2 if schedule == "zb-v" else chunks
    assert len(found) == kinds * held * stages * stages * groups
    for stage in range(stages):
        own = sorted((box for box in found if box.stage == stage), key=lambda box: box.start)
        pairs = itertools.pairwise(own)
        assert all(one.start + one.length <= two.start + 1e-9 for one, two in pairs)
        for forward, backward in _by_pass(own):
            assert forward.start + forward.length <= backward.start + 1e-9
    work = max((one.forward + one.backward) * groups * stages for one in drawn)
    assert max(box.start + box.length for box in found) >= work - 1e-9


def _by_pass(own: list[Any]) -> list[tuple[Any, Any]]:
    """A stage's forward passes with their backward ones."""
    ways = {(box.kind, box.number, box.chunk): box for box in own}
    return [
        (box, ways["backward", box.number, box.chunk])
        for box in own
        if box.kind == "forward"
    ]


@pytest.mark.parametrize(("schedule", "chunks"), SCHEDULED[:4])
@given(stages=st.integers(2, 6), groups=st.integers(2, 4), one=TIMES)
def test_a_drawn_pipeline_ends_when_the_formula_says(
    schedule: str, chunks: int, stages: int, groups: int, one: StageTimes
) -> None:
    rounds = groups * stages
    found = boxes(schedule, [one] * stages, rounds, chunks)
    end = max(box.start + box.length for box in found)
    both = one.forward + one.backward
    assert end == pytest.approx(rounds * both + (stages - 1) * both / chunks)


@pytest.mark.parametrize("schedule", ["zb-h1", "zb-v", "dualpipe"])
def test_a_pipeline_without_bubbles_is_drawn_between_its_formula_and_1f1b(schedule: str) -> None:
    one, stages, rounds = StageTimes(1.0, 2.0, 1.0), 8, 32
    ends = {
        name: max(box.start + box.length for box in boxes(name, [one] * stages, rounds))
        for name in (schedule, "1f1b")
    }
    code = float(SCHEDULES.index(schedule))
    waits = float(pipeline_bubble(7 * 3.0, 1.0, 2.0, 1.0, 8.0, 1.0, code))
    assert rounds * 3.0 + waits <= ends[schedule] < ends["1f1b"] - stages


def test_a_step_is_drawn_as_a_picture_and_as_a_trace(tmp_path: Path) -> None:
    answer = ask(task="train", model="gpt3-175b", chip=A100, chips=64, batch=64, plan="tp=8,pp=8")
    picture, trace = tmp_path / "step.svg", tmp_path / "step.json"
    write_timeline(timeline(answer), "a step", picture)
    write_timeline(timeline(answer), "a step", trace)
    passes, ends, legend = 2 * 8 * 64, 8, 3
    assert rounds_shown(answer.answer) == 64
    assert picture.read_text(encoding="utf-8").count("<rect") == passes + ends + legend
    events = json.loads(trace.read_text(encoding="utf-8"))["traceEvents"]
    assert len([one for one in events if one["ph"] == "X"]) == passes + ends
    assert {one["args"]["name"] for one in events if one["ph"] == "M"} == {
        f"stage {n}" for n in range(8)
    }
    with pytest.raises(QuestionError, match="end it in"):
        write_timeline(timeline(answer), "a step", tmp_path / "step.gif")
