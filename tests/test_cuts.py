"""Which cut hurts what: alone, together, given back, a little of each, and as somebody claims."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chipassay import ask
from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.models import find_model
from chipassay.formulas.sensitivity import elasticity
from chipassay.inquiry import training_beside
from chipassay.inquiry.abilities import Copy, Fleets, Rates, side
from chipassay.inquiry.cuts import OUTPUTS
from chipassay.inquiry.ratios import cut_ratio
from chipassay.inquiry.training_finding import found_plan
from chipassay.inquiry.variants import FIGURES, Figure, differing, figure_of, having, with_ports
from chipassay.records.question import decode

WORDS: dict[str, Any] = {"task": "assay", "chip": "h20", "against": "h100", "cuts": True,
                         "train": "llama3.1-405b", "serve": "llama3.1-70b"}  # fmt: skip
IDS = sorted(entry.id for entry in Catalogue.shipped().chips())
SMALL = {"train": "llama3.1-8b", "serve": "llama3.1-8b"}
CATALOGUE = Catalogue.shipped()


@functools.cache
def asked(**words: Any) -> Any:
    return ask(**{**WORDS, **words})


def rows(answer: Any, table: str = "cuts") -> dict[str, Any]:
    return {row["field"]: row for row in answer.answer[table]}


def test_the_matrix_rate_is_what_takes_training_and_prefill_away() -> None:
    answer = asked()
    assert answer.cuts_worst.train == answer.cuts_worst.prefill == "dense_bf16"
    cut = rows(answer)["dense_bf16"]
    assert 0.15 < cut["train_ratio"].value < 0.3
    assert 0.14 < cut["prefill_ratio"].value < 0.22
    assert cut["decode_ratio"].value > 0.8
    assert rows(answer)["memory_bandwidth"]["decode_ratio"].value > 1.05


def test_one_client_alone_does_not_feel_the_matrix_rate() -> None:
    alone = rows(asked(concurrency="1"))
    assert alone["dense_bf16"]["decode_ratio"].value > 0.93
    assert alone["memory_bandwidth"]["decode_ratio"].value > 1.05


def test_every_figure_that_differs_is_priced() -> None:
    assert set(rows(asked())) == {
        "dense_bf16", "vector_fp32", "special_rate", "cores", "l2_capacity", "memory_bandwidth",
        "memory_capacity", "tdp", "dense_fp8", "all together",
    }  # fmt: skip
    links = rows(asked(against="h800"))
    assert links["scaleup_bandwidth"]["train_ratio"].value > 1
    assert {"scaleup_bandwidth", "scaleout_bandwidth"} <= set(rows(asked(chip="a100")))


def test_all_cuts_together_are_the_ratio_of_the_whole_answer() -> None:
    answer = asked()
    together = rows(answer)["all together"]
    whole = {"train": answer.train.throughput_ratio, "prefill": answer.serve.prefill_ratio,
             "decode": answer.serve.decode_ratio}  # fmt: skip
    for use, ratio in whole.items():
        assert together[f"{use}_ratio"].value == pytest.approx(ratio.value, rel=0.02)


def test_the_matrix_rate_given_back_brings_training_back() -> None:
    back = rows(asked(), "cuts_given_back")
    assert back["dense_bf16"]["train_ratio"].value > 0.9
    assert back["memory_capacity"]["train_ratio"].value < 0.25


def test_a_chip_as_an_article_claims_it_stands_beside_the_real_one() -> None:
    claimed = {"h20.scaleup_bandwidth": "400 GB/s", "h20.dense_fp8": "0 TFLOPS"}
    beside = rows(ask(**WORDS, but=claimed), "what_if")
    assert list(beside) == ["as it is", "scaleup_bandwidth", "dense_fp8", "all together"]
    real = asked().train.throughput_ratio.value
    assert beside["as it is"]["train_ratio"].value == pytest.approx(real)
    assert beside["scaleup_bandwidth"]["train_ratio"].value < real
    assert beside["dense_fp8"]["prefill_ratio"].value == pytest.approx(0.5, abs=0.1)


def test_a_what_if_reaches_every_figure_that_kernels_feel() -> None:
    plain = asked(cuts=False)
    less_of = {
        "cores": "40", "boost_clock": "900 MHz", "tdp": "200 W", "special_rate": "0.3 TOPS",
        "memory_bandwidth": "1 TB/s", "scaleup_bandwidth": "20 GB/s",
        "scaleout_bandwidth": "1 GB/s",
    }  # fmt: skip
    for field, value in less_of.items():
        less = ask(**{**WORDS, "cuts": False}, but={f"h20.{field}": value})
        one, other = less.train.throughput_ratio.value, plain.train.throughput_ratio.value
        # the same rate at a lower clock draws less power: that may even help
        assert one != other if field == "boost_clock" else one < other, field


def test_no_what_if_no_row() -> None:
    assert "what_if" not in asked().answer
    assert asked(against="h20").cuts == []


def test_a_capacity_cut_matters_through_plans() -> None:
    words = {"chip": "l40s", "against": "h100", "serve": None, "train": "llama3.1-70b"}
    best = rows(asked(**words))["memory_capacity"]
    held = rows(asked(**words, hold_plan=True))["memory_capacity"]
    assert held["train_ratio"].value == 0
    assert held["plans"]["train"] == ""
    assert 0.5 < best["train_ratio"].value <= 1
    assert best["plans"]["train"] != asked(**words).train.plan_text["h100-sxm5"]


def test_a_plan_of_its_own_is_never_worse_than_one_held() -> None:
    best, held = rows(asked()), rows(asked(hold_plan=True))
    assert asked(hold_plan=True).cuts_plans == "held"
    for field, row in held.items():
        for output in OUTPUTS:
            assert best[field][output].value >= row[output].value - 1e-9


@pytest.mark.parametrize("use", ["train", "prefill", "decode"])
def test_no_output_follows_its_figures_more_than_one_for_one(use: str) -> None:
    found = {row["field"]: row[use].value for row in asked().answer["sensitivity"]}
    assert all(-0.2 <= each <= 1 + 1e-9 for each in found.values())
    assert 0.5 < sum(found.values()) < 1.3


MONOTONE = [figure for figure in FIGURES if figure.monotone]


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(["h20", "a100", "mi300x", "ascend-910b", "l40s"]),
       st.sampled_from(MONOTONE))  # fmt: skip
def test_giving_back_more_of_a_figure_never_lowers_a_rate(name: str, figure: Figure) -> None:
    found = CATALOGUE.chip(name)
    chip = with_ports(found.entry, CATALOGUE)
    if not figure_of(chip, figure) > 0:
        return
    copies = [Copy(having(chip, {figure: figure_of(chip, figure) * times}))
              for times in (1.0, 1.5, 2.0, 4.0)]  # fmt: skip
    models = {use: find_model(CATALOGUE, model) for use, model in SMALL.items()}
    question = decode({"task": "assay", "chip": name, **SMALL})
    made = side(question, CATALOGUE, found, copies, models, Fleets(16, 8))
    for rate in Rates._fields:
        rising = [getattr(made.rates(place), rate) for place in range(1, 5)]
        assert np.all(np.diff(rising) >= -0.002 * rising[0]), (name, figure.name, rate, rising)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(IDS), st.sampled_from(IDS))
def test_any_two_chips_of_the_catalogue_are_cut_or_said_to_be_unknown(
    chip: str, against: str
) -> None:
    answer = ask(**{**WORDS, **SMALL, "chip": chip, "against": against})
    for row in answer.answer["cuts"]:
        for output in OUTPUTS:
            value = row[output].value
            known = not (answer.train.needs if output == "train_ratio" else answer.serve.needs)
            assert value >= 0 or math.isnan(value)
            assert not (known and math.isnan(value)), row["field"]
    said = {row["field"] for row in answer.answer["cuts_unpriced"]}
    one, other = (with_ports(CATALOGUE.chip(n).entry, CATALOGUE) for n in (chip, against))
    priced = {row["field"] for row in answer.answer["cuts"]}
    for figure in differing(one, other):
        assert {figure.name, *figure.fields} & (said | priced)


def test_a_cut_to_an_equal_figure_changes_nothing() -> None:
    found = CATALOGUE.chip("h100")
    chip = with_ports(found.entry, CATALOGUE)
    copies = [Copy(having(chip, {figure: figure_of(chip, figure)})) for figure in FIGURES
              if figure_of(chip, figure) > 0]  # fmt: skip
    models = {use: find_model(CATALOGUE, model) for use, model in SMALL.items()}
    question = decode({"task": "assay", "chip": "h100", **SMALL})
    made = side(question, CATALOGUE, found, copies, models, Fleets(16, 8))
    assert len(copies) == len(FIGURES)
    for place in range(1, len(copies) + 1):
        assert made.rates(place) == pytest.approx(made.rates(0))


def test_columns_of_copies_are_the_chips_asked_one_by_one() -> None:
    found, model = CATALOGUE.chip("h100"), find_model(CATALOGUE, "llama3.1-70b")
    question = decode({"task": "assay", "chip": "h100", "train": "llama3.1-70b"})
    about = training_beside.training(question, CATALOGUE, found, model, 64)
    best = training_beside.best_plans(about, [found.entry, found.entry])
    assert best[0] == best[1]
    assert best[0].plan is not None
    alone, memory = training_beside.evaluated(about.problem, best[0].plan)
    assert best[0].seconds == pytest.approx(float(alone.time), rel=1e-12)
    assert float(memory.total) <= about.problem.capacity
    whole = found_plan(about.problem, about.wanted)[0]
    least = float(training_beside.evaluated(about.problem, whole)[0].time)
    assert least <= best[0].seconds * (1 + 1e-9) <= 1.05 * least


def test_a_reference_that_cannot_hold_the_model_leaves_the_ratio_unknown() -> None:
    answer = ask(**{**WORDS, "chip": "h20", "against": "a100-pcie-40gb", "serve_chips": "1",
                    "cuts": False})  # fmt: skip
    assert np.isnan(answer.answer["serve"]["throughput_ratio"].value)


def test_what_cannot_be_cut_is_said() -> None:
    unlike = {row["field"]: row["note"] for row in asked(chip="ascend-910b").cuts_unpriced}
    assert "unlike designs" in unlike["cores"]
    silent = {row["field"]: row["note"] for row in asked(chip="ascend-920").cuts_unpriced}
    assert "ascend-920" in silent["l2_capacity"]
    assert asked().cuts_unpriced == []


def test_a_band_does_not_say_that_a_loss_may_be_a_gain() -> None:
    less, more = (
        cut_ratio("train", 0.98, -1.0, "measured"),
        cut_ratio("train", 1.0, 1.0, "measured"),
    )
    assert less.low < less.value < less.high == 1
    assert more.low == more.value == 1 < more.high
    either = cut_ratio("train", 1.0, 0.0, "measured")
    assert either.low * either.high == pytest.approx(1)
    assert {less.basis, more.basis} == {"transferred"}


@given(st.floats(0.01, 100), st.floats(-3, 3))
def test_a_power_law_has_its_exponent_for_elasticity(parameter: float, power: float) -> None:
    if abs(np.log(parameter)) > 1e-3:
        assert elasticity(parameter**power, parameter) == pytest.approx(power, abs=1e-6)
