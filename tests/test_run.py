"""Runs: what must hold of any, and what published ones printed; money is in test_run_costs."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.models import find_model
from chipassay.catalogue.run_costs import assumed
from chipassay.errors import QuestionError
from chipassay.formulas.money import mean_power
from chipassay.formulas.run import (
    daly_interval,
    effective_ratio,
    first_order_effective_ratio,
    straggling,
    young_interval,
)
from chipassay.inquiry.run import ASSUMED
from chipassay.model.run import (
    LAWS,
    RULES,
    YEAR,
    best_split,
    gap,
    gap_of_utilisations,
    move_cost,
    rental_cost,
    run,
    tokens_to_train,
)
from chipassay.model.utilisation import NAMES, counted, executed, utilisations
from chipassay.records.run import Job, Move, Power, Run, Upkeep
from chipassay.units import parse

CATALOGUE = Catalogue.shipped()
SHARED = Path(__file__).parents[2] / "shared" / "measured"
NAN = math.nan
HOUR, DAY = parse("1 h", "s"), parse("1 day", "s")
MINUTE = parse("1 min", "s")
SURVEYED = 0.474e-3 / DAY  # Llama 3's stops for each chip, arXiv:2407.21783
POWER = Power(rated=1275.0, load=0.76, idle=0.21, overhead=1.3)
LLAMA = Job(  # 2,048 sequences of 8,192 tokens; 400 TFLOPS a chip of 6N + 12LHQT is 6.72 s a step
    step_time=6.72, tokens=15.6e12, tokens_per_step=2048 * 8192.0, chips=16384.0,
    parameters=405.85e9, timed_chips=16384.0,
)  # fmt: skip


def upkeep(**changed: Any) -> Upkeep:
    """The catalogue's assumptions, unless a test says otherwise."""
    names = ("failure_rate", "downtime", "state", "store_rate", "copy_rate", "spread")
    middle = {name: assumed(CATALOGUE, ASSUMED[name]).value for name in names}
    return Upkeep(**{**middle, **changed})


seconds = st.floats(0.01, 600.0)
long_times = st.floats(600.0, 1e6)
counts = st.floats(1.0, 1e5)


# Properties


@given(st.floats(1e-5, 1e-2), st.floats(1.0, 10.0), counts, st.booleans())
def test_more_failures_never_shorten_a_run(
    rate: float, worse: float, chips: float, asynchronous: bool
) -> None:
    job = LLAMA._replace(chips=chips)
    with np.errstate(over="ignore"):
        calm, rough = (
            run(job, upkeep(failure_rate=each / DAY, asynchronous=float(asynchronous)), POWER)
            for each in (rate, rate * worse)
        )
    assert rough.elapsed >= calm.elapsed * (1 - 1e-12)
    assert rough.effective <= calm.effective * (1 + 1e-12)
    assert calm.elapsed >= calm.useful_time


@given(counts)
def test_without_failures_a_run_is_its_steps_and_their_checkpoints(chips: float) -> None:
    done = run(LLAMA._replace(chips=chips), upkeep(failure_rate=1e-30, spread=0.0), POWER)
    assert done.useful_time == pytest.approx(929833 * 6.72, rel=1e-12)
    assert done.effective == pytest.approx(1.0, abs=1e-6)


@given(seconds, long_times)
def test_both_intervals_agree_where_a_pause_is_short(pause: float, between: float) -> None:
    young, daly = young_interval(pause, between), daly_interval(pause, between)
    x = pause / (2 * between)
    if x < 1:
        # Daly: young (1 + sqrt(x)/3 + x/9) - C, and C = young sqrt(x)
        assert daly == pytest.approx(young * (1 + math.sqrt(x) / 3 + x / 9) - pause)
        assert daly <= young * (1 + 1e-12)
    else:
        assert daly == between
    assert daly_interval(pause * 1e-8, between) == pytest.approx(
        young_interval(pause * 1e-8, between), rel=1e-3
    )


@given(seconds, long_times, seconds, st.floats(0.2, 5.0))
def test_youngs_interval_is_the_best_to_first_order(
    pause: float, between: float, downtime: float, off: float
) -> None:
    best = young_interval(pause, between)
    at, beside = (
        first_order_effective_ratio(pause, best * each, 1 / between, downtime)
        for each in (1.0, off)
    )
    assert at >= beside * (1 - 1e-12)


@given(st.floats(0.01, 60.0), long_times, seconds)
def test_dalys_interval_beats_youngs_in_the_complete_model(
    pause: float, between: float, downtime: float
) -> None:
    def reached(interval: float) -> float:
        return float(effective_ratio(pause, interval, 1 / between, downtime))

    young, daly = float(young_interval(pause, between)), float(daly_interval(pause, between))
    grid = max(map(reached, np.geomspace(young / 4, young * 4, 400)))
    assert reached(daly) >= reached(young) * (1 - 1e-9)
    assert reached(daly) >= grid * (1 - 1e-3)


@given(seconds, long_times, seconds)
def test_the_complete_model_is_never_kinder_than_first_order(
    pause: float, between: float, downtime: float
) -> None:
    interval = young_interval(pause, between)
    complete = effective_ratio(pause, interval, 1 / between, downtime)
    assert complete <= first_order_effective_ratio(pause, interval, 1 / between, downtime) + 1e-12


def test_a_row_of_a_column_is_its_scalar() -> None:
    chips = np.array([512.0, 4096.0, 16384.0, 100000.0])
    column = run(LLAMA._replace(chips=chips), upkeep(), POWER)
    for index, each in enumerate(chips):
        alone = run(LLAMA._replace(chips=float(each)), upkeep(), POWER)
        for name in Run._fields:
            found = np.broadcast_to(np.asarray(getattr(column, name)), chips.shape)[index]
            assert found == pytest.approx(float(getattr(alone, name)), rel=1e-12), name


def test_an_interval_is_as_asked_a_step_at_least_and_never_outruns_the_store() -> None:
    assert run(LLAMA, upkeep(interval=300.0), POWER).interval == 300.0
    assert run(LLAMA._replace(step_time=60.0), upkeep(), POWER).interval == 60.0
    slow = upkeep(store_rate=parse("0.1 MB/s", "B/s"))
    done = run(LLAMA, slow, POWER)
    assert done.interval == pytest.approx(done.checkpoint / (16384 * slow.store_rate))
    waiting = run(LLAMA, upkeep(asynchronous=0.0), POWER)
    assert waiting.pause == pytest.approx(405.85e9 * 14 / 16384 / 81e6)
    assert waiting.effective < run(LLAMA, upkeep(), POWER).effective


def test_stragglers_count_only_beyond_the_chips_that_were_timed() -> None:
    assert straggling(0.01, 16384.0, 16384.0) == 1.0
    assert straggling(0.01, 16384.0, NAN) == 1.0
    assert straggling(0.01, 8.0, 64.0) == 1.0
    assert straggling(0.01, 16384.0, 1.0) == pytest.approx(1.045, abs=0.0005)
    assert straggling(0.02, 16384.0, 64.0) > straggling(0.01, 16384.0, 64.0) > 1.0


def test_a_node_draws_between_idle_and_load() -> None:
    assert mean_power(1275.0, 0.76, 0.21, 1.0) == pytest.approx(0.76 * 1275.0)
    assert mean_power(1275.0, 0.76, 0.21, 0.0) == pytest.approx(0.21 * 1275.0)


# Published runs. The pause and the downtime of the first table are chosen there, not printed.

CASES = [  # chips, stops a chip and 1000 days, pause s, downtime s, MTBF h, interval s, ETTR
    ("Llama 3", 16384, 0.474, 5, 600, 3.09, 334, 0.923),
    ("Llama 3, slow restart", 16384, 0.474, 30, 1200, 3.09, 817, 0.847),
    ("ByteRobust", 9600, 0.6, 1, 300, 4.17, 173, 0.969),
    ("100k chips", 100000, 0.474, 5, 600, 0.51, 135, 0.713),
    ("100k chips, warm spares", 100000, 0.474, 1, 120, 0.51, 60, 0.910),
    ("10k chips, a vendor's target", 10000, 0.10, 30, 600, 24, 2277, 0.968),
    ("10k chips at the rate of others", 10000, 0.474, 30, 600, 5.06, 1046, 0.917),
]


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_the_design_tables_ratios_come_out(case: tuple[Any, ...]) -> None:
    _, chips, per_1000, pause, downtime, hours, interval, ratio = case
    between = DAY / (per_1000 / 1000) / chips
    found = young_interval(pause, between)
    reached = first_order_effective_ratio(pause, found, 1 / between, downtime)
    assert between / HOUR == pytest.approx(hours, rel=0.01)
    assert found == pytest.approx(interval, rel=0.01)
    assert reached == pytest.approx(ratio, abs=0.0015)


def test_llama_3_trained_more_than_nine_tenths_of_the_time() -> None:
    done = run(LLAMA, upkeep(failure_rate=SURVEYED), POWER)
    assert done.between_failures / HOUR == pytest.approx(54 * 24 / 419, rel=0.01)
    assert 0.90 < done.effective < 0.97
    # 419 stops in 54 days of the calendar
    assert done.failures * (54 * DAY) / done.elapsed == pytest.approx(419, rel=0.01)


def test_llama_3_took_the_chip_hours_that_its_card_prints() -> None:
    done = run(LLAMA, upkeep(failure_rate=SURVEYED), POWER)
    assert done.chip_time / HOUR == pytest.approx(30.84e6, rel=0.05)


def test_byterobust_reaches_97_percent_with_warm_spares_and_hidden_checkpoints() -> None:
    job = LLAMA._replace(chips=9600.0, timed_chips=9600.0)
    best = upkeep(downtime=assumed(CATALOGUE, "failure-downtime").low)
    assert run(job, best, POWER).effective > 0.97
    assert run(job, upkeep(), POWER).effective > 0.94


def test_megascale_sees_300_billion_tokens_in_its_printed_days() -> None:
    job = Job(6.34, 300e9, 6144 * 2048.0, 12288.0, 175e9)  # arXiv:2402.15627, recalled
    done = run(job, upkeep(failure_rate=1e-30), POWER)
    assert done.elapsed / DAY == pytest.approx(1.75, rel=0.005)


def test_deepseek_v3_costs_what_its_report_prints() -> None:
    # 14.8 T tokens at 272.8 B a day on 2,048 chips are 2.664 M hours; 2.788 M in all, at 2 dollars
    tokens_per_step = 15360 * 4096.0
    job = Job(tokens_per_step / (272.8e9 / DAY), 14.8e12, tokens_per_step, 2048.0, 671e9)
    done = run(job, upkeep(failure_rate=1e-30), POWER)
    assert done.chip_time / HOUR == pytest.approx(2.664e6, rel=0.003)
    whole = done._replace(chip_time=2.788e6 * HOUR)
    assert rental_cost(whole, parse("2 USD/h", "USD/s")) == pytest.approx(5.576e6)


# Tokens


def test_chinchilla_is_twenty_tokens_a_parameter() -> None:
    assert tokens_to_train(70e9) == 1.4e12
    assert set(RULES) == {"rule of 20", *LAWS}


def test_the_replication_agrees_with_the_rule_and_the_original_does_not() -> None:
    parameters, tokens = best_split(5.76e23)  # Gopher's and Chinchilla's compute
    assert parameters == pytest.approx(70e9, rel=0.05)
    assert 15 < tokens / parameters < 25
    assert best_split(5.76e23, "chinchilla")[0] == pytest.approx(40e9, rel=0.02)  # printed: 40 B
    _, _, a, b = LAWS["replication"].slopes
    assert b / (a + b) == pytest.approx(0.5126, abs=0.0002)  # printed: 0.5126


@pytest.mark.parametrize("by", LAWS)
@given(compute=st.floats(1e19, 1e27), off=st.floats(0.5, 2.0))
def test_the_best_split_has_the_lowest_loss(by: str, compute: float, off: float) -> None:
    from chipassay.formulas.run import parametric_loss

    law = LAWS[by]
    N, D = best_split(compute, by)
    assert pytest.approx(compute) == 6 * N * D
    assert tokens_to_train(N, by) == pytest.approx(D, rel=1e-6)
    at = parametric_loss(N, D, *law[1:])
    beside = parametric_loss(N * off, D / off, *law[1:])
    assert at <= beside * (1 + 1e-12)


def test_an_unknown_law_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(QuestionError, match="scaling law"):
        tokens_to_train(1e9, "kaplam")
    with pytest.raises(QuestionError, match="scaling law"):
        best_split(1e21, "rule of 20")


# Conventions of utilisation: the same speed, and what each table prints of it.

GOLDEN = [  # model, sequence, tokens/s/chip, peak TFLOPS, convention, printed, off by, source
    ("palm-540b", 2048, 238.3e3 / 6144, 275, "full", 0.462, 0.002, "PaLM, table 3"),
    ("megatron-22b", 2048, 4 * 2048 / 8 / 1.10, 312, "sc21", 0.415, 0.005, "arXiv:2205.05198"),
    ("megatron-175b", 2048, 2048 / 13.75, 312, "sc21", 0.514, 0.001, "arXiv:2205.05198"),
    ("megatron-530b", 2048, 2048 / 37.83, 312, "sc21", 0.560, 0.001, "arXiv:2205.05198"),
    ("megatron-1t", 2048, 2048 / 71.49, 312, "sc21", 0.563, 0.001, "arXiv:2205.05198"),
    ("megatron-22b", 2048, 4 * 2048 / 8 / 1.10, 312, "selective-hardware", 0.437, 0.005, "same"),
    ("megatron-175b", 2048, 2048 / 13.75, 312, "selective-hardware", 0.528, 0.001, "same"),
    ("megatron-530b", 2048, 2048 / 37.83, 312, "selective-hardware", 0.570, 0.001, "same"),
    ("megatron-1t", 2048, 2048 / 71.49, 312, "selective-hardware", 0.570, 0.001, "same"),
    ("deepseek-v3", 4096, 1541.7, 989, "full", 0.4373, 0.004, "arXiv:2505.09343, non-causal"),
    ("deepseek-v3", 4096, 1541.7, 989, "causal-half", 0.3894, 0.004, "same, causal"),
]


@pytest.mark.parametrize("row", GOLDEN, ids=lambda row: f"{row[0]} {row[4]}")
def test_a_published_utilisation_comes_out_of_its_convention(row: tuple[Any, ...]) -> None:
    model, sequence, speed, peak, convention, printed, off, _ = row
    shape = find_model(CATALOGUE, model).numbers()
    found = utilisations(shape, float(sequence), speed, parse(f"{peak} TFLOPS", "FLOP/s"))
    assert found[convention] == pytest.approx(printed, rel=off * 2)


def test_megatrons_formula_is_the_general_one_for_its_shapes() -> None:
    shape = find_model(CATALOGUE, "megatron-175b").numbers()
    assert counted(shape, 2048.0, "sc21") == pytest.approx(
        counted(shape, 2048.0, "full"), rel=0.001
    )
    whole = counted(shape, 2048.0, "sc21-hardware") + 2 * shape.vocabulary * shape.hidden
    assert whole == pytest.approx(counted(shape, 2048.0, "hardware-full-recompute"), rel=0.001)


@pytest.mark.parametrize("model", ["llama3.1-405b", "deepseek-v3", "gemma3-27b", "mixtral-8x7b"])
def test_conventions_stand_in_their_order(model: str) -> None:
    shape = find_model(CATALOGUE, model).numbers()
    found = {name: float(counted(shape, 8192.0, name)) for name in NAMES}
    assert found["6N"] < found["causal-half"] < found["full"]
    # exact causal pairs are (T + 1) / 2, and a window's first queries see less than it
    assert found["causal-half"] == pytest.approx(found["causal"], rel=0.002)
    assert found["full-without-embeddings"] <= found["full"] <= found["full-all-embeddings"]
    assert found["full"] < found["hardware-full-recompute"]
    assert found["causal"] < found["hardware-flash"]


def test_what_a_plan_executes_grows_with_what_it_recomputes() -> None:
    shape = find_model(CATALOGUE, "gpt3-175b").numbers()
    none, selective, full = (
        float(executed(shape, 2048.0, *again)) for again in ((0.0, 0.0), (0.0, 1.0), (1.0, 1.0))
    )
    assert none == counted(shape, 2048.0, "hardware-flash")
    assert none < selective < full
    assert full / none == pytest.approx(4 / 3, rel=0.01)
    assert selective / none < 1.01


def test_an_unknown_convention_is_refused() -> None:
    shape = find_model(CATALOGUE, "gpt3-175b").numbers()
    with pytest.raises(QuestionError, match="did you mean causal-half"):
        counted(shape, 2048.0, "causal-halff")


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is not here")
@pytest.mark.parametrize(
    ("table", "attention", "passes"),
    [("mpt", 12.0, 3.0), ("mbridge", 6.0, 3.0), ("bloom", 12.0, 4.0)],
    ids=["full", "causal half", "hardware, all recomputed"],
)
def test_whole_tables_come_out_of_their_convention(
    table: str, attention: float, passes: float
) -> None:
    """(6N + a L h s) p/3, from each row's own shape: the median row to 1.5 %."""
    ratios = []
    with (SHARED / "training.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["id"].startswith(table) and (found := _recomputed(row, attention)):
                ratios.append(found * passes / 3)
    assert len(ratios) > 20
    assert np.median(ratios) == pytest.approx(1.0, abs=0.015)


def _recomputed(row: dict[str, str], attention: float) -> float | None:
    """Counted over printed FLOP of a dense row; None where a cell is missing or no number."""
    try:
        L, h, V, s = (float(row[key]) for key in ("layers", "hidden", "vocab", "seq_len"))
        f, heads, groups = (float(row[key]) for key in ("ffn_hidden", "heads", "kv_heads"))
        printed = float(row["measured_tflops_per_gpu"])
        speed = float(row["measured_tokens_per_s_per_gpu"])
    except ValueError:
        return None
    if row["experts"] or row["row_kind"] != "throughput" or "older" in row["flops_convention"]:
        return None
    matrices = 2 if row["id"].startswith(("mpt", "bloom")) else 3
    N = L * (2 * h * h * (1 + groups / heads) + matrices * h * f) + V * h
    return (6 * N + attention * L * h * s) * speed / (printed * 1e12)


# Silicon and software; moving


@given(st.floats(0.1, 0.9), st.floats(0.1, 10.0), st.floats(0.1, 0.9))
def test_a_gap_is_silicon_times_stack(own: float, silicon: float, other: float) -> None:
    found = gap(own * silicon, silicon, other, 1.0)
    assert found.total == pytest.approx(own * silicon / other)
    assert found.silicon * found.stack == pytest.approx(found.total)
    same = gap_of_utilisations(own, silicon, other, 1.0)
    assert same.total == pytest.approx(found.total)


def test_a_gap_of_software_alone_and_of_silicon_alone() -> None:
    assert gap(0.3, 1.0, 0.6, 1.0).stack_share == pytest.approx(1.0)
    assert gap(0.5, 1.0, 1.0, 2.0).stack_share == pytest.approx(0.0)
    assert math.isnan(gap(0.5, 1.0, 0.5, 1.0).stack_share)


def test_a_move_costs_people_and_speed() -> None:
    wage = parse("200000 USD/year", "USD/s")
    people = Move(people=10.0, time=YEAR / 2, wage=wage)
    assert move_cost(5e6, people) == pytest.approx(1e6)
    assert move_cost(5e6, people._replace(relative_throughput=0.5)) == pytest.approx(6e6)
    assert math.isnan(move_cost(5e6, people._replace(wage=NAN)))
