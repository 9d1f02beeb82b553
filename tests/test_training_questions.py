"""What else may be asked of training: searches watched, ranges, inverse questions, another chip."""

from __future__ import annotations

import io
import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.models import find_model
from chipassay.errors import QuestionError
from chipassay.inquiry import ask, catalogue_for
from chipassay.inquiry.plan_space import Problem, Space, blocks
from chipassay.inquiry.plan_words import read_words
from chipassay.inquiry.run import ASSUMED
from chipassay.inquiry.run_words import UNITS, read_run
from chipassay.inquiry.search import Progress, runs, search
from chipassay.inquiry.training import posed, train
from chipassay.inquiry.training_asked import asked
from chipassay.inquiry.training_gap import read_move
from chipassay.inquiry.training_space import narrowed, usual_space
from chipassay.records.question import decode
from chipassay.units import factor, parse
from chipassay.views.text import table
from chipassay.views.train_text import train_parts

CATALOGUE = Catalogue.shipped()
DOCS = Path(__file__).parents[1] / "docs"
SHARED = Path(__file__).parents[2] / "shared" / "measured" / "training.csv"
SMALL: dict[str, Any] = {"task": "train", "model": "llama2-7b", "chip": "h100-sxm5", "chips": 64,
                         "batch": 256}  # fmt: skip


def problem(**changed: Any) -> Problem:
    """A small question as numbers."""
    question = decode({**SMALL, **changed})
    model, found = find_model(CATALOGUE, question.model or ""), CATALOGUE.chip(question.chip or "")
    return posed(CATALOGUE, found, model, asked(question, CATALOGUE, found.entry, model))


# Searches


def test_the_frontier_is_all_plans_that_none_beats() -> None:
    about = problem()
    space = Space(micro_batches=(1, 2, 4), virtuals=(1, 2), schedules=(1.0, 2.0, 3.0))
    points = []
    for plan, done, held, _ in blocks(about, space):
        times, sizes = np.broadcast_arrays(done.time, held.total)
        fits = (sizes <= about.capacity) & np.broadcast_to(runs(plan), times.shape)
        points += list(zip(times[fits], sizes[fits], strict=True))
    found = search(about, space)
    kept = {(one.time, one.memory) for one in found.pareto}
    best = sorted(set(points))
    lower = itertools.accumulate((size for _, size in best), min)
    frontier = {
        point for point, least, before in
        zip(best, lower, [math.inf, *itertools.accumulate((s for _, s in best), min)], strict=False)
        if point[1] == least < before
    }  # fmt: skip
    assert kept == frontier
    assert found.fitting == len(points)


@pytest.mark.parametrize("schedules", [(2.0,), (3.0,), (4.0,), (0.0,)])
def test_schedules_with_chunks_of_their_own_are_not_interleaved(schedules: Any) -> None:
    space = Space(schedules=schedules, virtuals=(1, 2, 4))
    for plan, *_ in blocks(problem(), space):
        assert float(np.max(plan.virtual)) == 1.0
        if schedules == (4.0,) and plan.pipeline > 1.0:
            assert plan.pipeline % 2 == 0


def test_who_watches_a_search_hears_of_it_and_of_better_plans() -> None:
    heard: list[Progress] = []
    about = problem()
    found = search(about, usual_space(about, CATALOGUE.stacks()["megatron-bridge"]),
                   progress=heard.append)  # fmt: skip
    assert heard[-1].done == heard[-1].total == found.plans
    assert [one.done for one in heard] == sorted(one.done for one in heard)
    times = [one.best[0].time for one in heard]
    assert times == sorted(times, reverse=True)
    assert heard[-1].best[0] == found.best[0]


def test_who_watches_may_end_a_search() -> None:
    class EnoughError(Exception):
        pass

    def stop(_: Any) -> None:
        raise EnoughError

    question = decode({**SMALL, "search": True})
    with pytest.raises(EnoughError):
        train(question, catalogue_for(question), stop)


def test_progress_over_batches_counts_all_plans_and_speaks_as_the_answer_does() -> None:
    heard: list[dict[str, Any]] = []
    question = decode({**SMALL, "batch": "128..512", "search": True})
    answer = train(question, catalogue_for(question), heard.append)
    assert {one["total"] for one in heard} == {answer.search["plans"]}
    assert heard[-1]["done"] == answer.search["plans"]
    assert heard[-1]["best"][0] == answer.search["best"][0]
    assert answer.workload["batch"] in (128, 256, 512)


def test_a_search_holds_to_the_words_of_a_plan() -> None:
    answer = ask(**SMALL, search=True, plan="tp=2..4,pp=2,zero=1,recompute=none/full,vp=1")
    for line in answer.search["best"]:
        assert line["plan"]["tp"] in (2, 4)
        assert line["plan"]["pp"] == 2
        assert line["plan"]["zero"] == 1
        assert line["plan"]["recompute"] in ("none", "full")
    wide = usual_space(problem(), CATALOGUE.stacks()["megatron-bridge"])
    assert narrowed(wide, read_words("recompute=3")).recomputes == ((2.0, -3.0),)


def test_words_that_no_plan_agrees_with_are_refused_with_one_that_works() -> None:
    with pytest.raises(QuestionError, match="nearest that works: --plan tp=4,pp=2"):
        ask(**SMALL, search=True, plan="tp=3,pp=2")


def test_the_best_of_a_search_is_its_own_single_answer() -> None:
    found = ask(**SMALL, search=True)
    alone = ask(**SMALL, plan=found.plan_text)
    assert alone.step_time.value == pytest.approx(found.step_time.value)
    assert alone.memory_per_chip.value == pytest.approx(found.memory_per_chip.value)
    assert alone.plan == found.plan


# Ranges and inverse questions


def test_a_range_of_chips_has_a_line_for_each_and_tells_the_best() -> None:
    answers = {
        goal: ask(**{**SMALL, "chips": "16..64"}, goal=goal) for goal in ("time", "energy", "rate")
    }
    lines = answers["time"].by_chips
    assert [line["chips"] for line in lines] == [16, 32, 64]
    fitting = [line for line in lines if line["fits"]]
    assert answers["time"].days.value == min(line["days"].value for line in fitting)
    assert answers["energy"].energy.value == min(line["energy"].value for line in fitting)
    best = max(line["tokens_per_s_per_chip"].value for line in fitting)
    assert answers["rate"].tokens_per_s_per_chip.value == best


def test_a_goal_that_nobody_can_tell_is_refused_and_another_taken_where_none_is_said() -> None:
    words = {**SMALL, "chip": "trainium3", "chips": "64..128"}
    if not math.isnan(ask(**{**words, "chips": 64}).cost.value):
        pytest.skip("a price is known now")
    with pytest.raises(QuestionError, match="the cost is unknown; it wants"):
        ask(**words, goal="cost")
    assert ask(**words).goal != "cost"


def test_fewer_chips_than_the_answer_are_late() -> None:
    words = {**SMALL, "tokens": "140B"}
    del words["chips"]
    answer = ask(**words, within="20 days")
    assert answer.days.value <= answer.within == pytest.approx(parse("20 day", "s"))
    assert answer.chips_to_be_sure >= answer.chips
    late = [line for line in answer.by_chips if line["chips"] < answer.chips and line.get("fits")]
    assert all(line["days"].value > answer.within for line in late)


def test_the_largest_model_in_time_is_no_smaller_with_more_time() -> None:
    words = {"task": "train", "model": "largest", "chip": "h100-sxm5", "chips": 8, "batch": 256}
    short, long = (ask(**words, within=time) for time in ("2 days", "8 days"))
    assert short.days.value <= short.within
    assert short.model["parameters"] <= long.model["parameters"]
    assert long.compute_optimal_parameters > short.compute_optimal_parameters


# Another chip


GAP = {**SMALL, "chip": "ascend-910b2", "against": "h100-sxm5", "tokens": "140B"}


def test_a_gap_is_silicon_times_software() -> None:
    other = ask(**GAP).against
    total = other["throughput_ratio"].value
    assert other["silicon_ratio"] * other["stack_ratio"].value == pytest.approx(total)
    flat = other["at_full_rate"]
    assert flat["silicon_ratio"] * flat["stack_ratio"] == pytest.approx(total)
    assert other["throughput_ratio"].low < total < other["throughput_ratio"].high


def test_a_chip_against_itself_has_no_gap() -> None:
    other = ask(**{**GAP, "against": "ascend-910b2"}).against
    assert other["throughput_ratio"].value == pytest.approx(1.0)
    assert other["silicon_ratio"] == pytest.approx(1.0)
    assert other["lost"]["throughput"] == pytest.approx(0.0, abs=1e-9)


def test_the_gap_shows_its_derivation() -> None:
    names = {reason.name for reason in ask(**GAP).because}
    assert {"train.against.total", "train.against.silicon", "train.against.stack"} <= names


def test_a_move_costs_people_and_what_the_software_loses() -> None:
    answer = ask(**GAP, move="people=10,time=3 months,wage=120000 USD/year")
    move, lost = answer.against["move"], answer.against["lost"]["cost"]
    assert move["people_cost"].value == pytest.approx(10 * 0.25 * 120000)
    total = move["people_cost"].value + lost.value
    assert move["total"].value == pytest.approx(total)
    assert move["total"].low <= total <= move["total"].high


def test_a_move_without_a_wage_says_what_is_missing() -> None:
    move = ask(**GAP, move="people=10,time=1year").against["move"]
    assert move["people_time"] == pytest.approx(10 * factor("year"))
    assert math.isnan(move["total"].value)
    assert any("wage" in need for need in move["needs"])


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("people=10", "a move wants time"),
        ("men=10", "no part of a move"),
        ("people=ten,time=1 year", "--move"),
        ("people=10,time=5 kg", "--move"),
    ],
)
def test_a_move_that_cannot_be_read_is_refused(written: str, complaint: str) -> None:
    with pytest.raises(QuestionError, match=complaint):
        read_move(written)


@pytest.mark.skipif(not SHARED.is_file(), reason="no measured rows: ../shared/measured")
def test_measured_pairs_split_the_gap_that_was_measured() -> None:
    answer = ask(**GAP, measured=str(SHARED))
    pairs = answer.against["measured"]
    assert len(pairs) >= 2
    for pair in pairs:
        product = pair["silicon_ratio"] * pair["stack_ratio"]
        assert product == pytest.approx(pair["throughput_ratio"])
        assert 0.1 < pair["throughput_ratio"] < 1.0


# What is known of a run


def test_what_the_asker_knows_of_a_run_takes_the_place_of_what_is_assumed() -> None:
    plan = {**SMALL, "plan": "tp=2,zero=1,recompute=full"}
    usual, own = ask(**plan), ask(**plan, run="rent=2USD/h,failure_rate=0.1,overhead=1.0")
    hours = own.run["chip_time"].value / parse("1 h", "s")
    assert own.cost.value == pytest.approx(2.0 * hours)
    assert own.cost_basis["what"] == "assumed by the asker"
    assert own.energy.value < usual.energy.value
    rate = 64 * 0.1 / 1000 / parse("1 day", "s")
    assert own.run["between_failures"].value == pytest.approx(1 / rate)
    assert ask(**plan, run="checkpoints=waiting").days.value > usual.days.value


def test_every_input_of_a_run_can_be_said() -> None:
    said = (
        "failure_rate=0.5e-3 1/day,downtime=5 min,state=12B,store_rate=100MB/s,copy_rate=1GB/s,"
        "spread=0.01,load=0.8,idle=0.2,overhead=1.2,server_share=0.7,discount=0.1,life=4years,"
        "busy=0.9,electricity=0.06USD/kWh,interval=30min,rent=2USD/h,server=30000USD,rated=1kW"
    )
    found, behind = read_run(said, CATALOGUE)
    assert set(found) == {*ASSUMED, *UNITS}
    assert behind
    assert found["life"] == pytest.approx(4.0)
    assert found["failure_rate"] == read_run("failure_rate=0.5", CATALOGUE)[0]["failure_rate"]
    page = (DOCS / "run.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in page for name in (*found, "checkpoints"))


def test_tokens_may_be_a_count_a_multiple_or_a_law() -> None:
    plan = {**SMALL, "plan": "tp=2,zero=1,recompute=full"}
    usual, twenty, more = (ask(**plan, **words).run["tokens"] for words in
                           ({}, {"tokens": "20x"}, {"tokens": "40x"}))  # fmt: skip
    assert twenty == pytest.approx(usual)
    assert more == pytest.approx(2 * usual)
    assert ask(**plan, tokens="replication").run["tokens"] != pytest.approx(usual)


def test_the_text_says_days_where_json_has_seconds() -> None:
    answer = ask(**SMALL, plan="tp=2,zero=1,recompute=full")
    written = io.StringIO()
    console = Console(width=160, file=written)
    for part in train_parts(answer.answer, table):
        console.print(part)
    text = written.getvalue()
    days = answer.as_json()["answer"]["days"]
    assert days["unit"] == "s"
    assert f"{days['value'] / parse('1 day', 's'):.3g} days" in text
    for name in ("activations", "arithmetic and memory traffic", "MFU by other conventions"):
        assert name in text


# What cannot be


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"move": "people=1,time=1 year"}, "--move wants a chip to compare with"),
        ({"against": "h100-sxm5", "chips": "8..64"}, "one number of each"),
        ({"precision": "mxfp8"}, "it trains in bf16, fp16, fp8, fp8_block"),
        ({"chip": "biren-br100"}, "no known network beyond its 8 chips; ask for 8 chips or fewer"),
        ({"chip": "b30a"}, "set it with --but b30a.l2_capacity"),
        ({"plan": "ga=4,tp=8", "batch": 100}, "not the 100 of --batch"),
        ({"search": True, "plan": "ga=4"}, "give --batch instead"),
        ({"within": "90 days"}, "drop --chips to ask how many"),
        ({"within": "0 days", "chips": ""}, "0 days"),
        ({"batch": "512..128"}, "runs backwards"),
        ({"chips": "4096..8"}, "runs backwards"),
        ({"run": "rant=2"}, "did you mean rent"),
        ({"run": "rent=2"}, "has no unit"),
        ({"run": "overhead=-1"}, "cannot be negative"),
        ({"tokens": "foo"}, "write 15T, 20x, or chinchilla or replication"),
        ({"chips": 37, "batch": 2}, "nearest that works: --plan"),
    ],
)
def test_what_cannot_be_is_one_line_with_what_to_try(
    changed: dict[str, Any], complaint: str
) -> None:
    words = {name: value for name, value in {**SMALL, **changed}.items() if value != ""}
    with pytest.raises(QuestionError) as refused:
        ask(**words)
    assert complaint in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_model_too_large_says_on_how_many_chips_it_fits() -> None:
    answer = ask(**{**SMALL, "model": "llama3.1-405b", "chips": 16, "batch": 64})
    assert answer.refusal
    assert "chips, with --plan" in answer.would_fit
    chips = int(answer.would_fit.split()[1])
    plan = answer.would_fit.split("--plan ")[1]
    larger = ask(**{**SMALL, "model": "llama3.1-405b", "chips": chips, "batch": 64}, plan=plan)
    assert larger.fits
