"""Which cut hurts what: alone, together, given back, a little of each, and as somebody claims."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipassay import ask
from chipassay.catalogue.catalogue import Catalogue
from chipassay.formulas.sensitivity import elasticity
from chipassay.inquiry.cuts import OUTPUTS

WORDS: dict[str, Any] = {"task": "assay", "chip": "h20", "against": "h100", "cuts": True,
                         "train": "llama3.1-405b", "serve": "llama3.1-70b"}  # fmt: skip
IDS = sorted(entry.id for entry in Catalogue.shipped().chips())


def rows(answer: Any, table: str = "cuts") -> dict[str, Any]:
    return {row["field"]: row for row in answer.answer[table]}


def test_the_matrix_rate_is_what_takes_training_away_and_decoding_is_kept() -> None:
    answer = ask(**WORDS)
    assert answer.cuts_worst == {"train": "dense_bf16", "prefill": "dense_bf16", "decode": None}
    cut = rows(answer)["dense_bf16"]
    assert cut["train_ratio"].value == pytest.approx(0.175, abs=0.005)
    assert cut["decode_ratio"].value == pytest.approx(1)
    assert rows(answer)["memory_bandwidth"]["decode_ratio"].value > 1.1


def test_all_cuts_together_are_the_ratio_of_the_whole_answer() -> None:
    answer = ask(**WORDS)
    together = rows(answer)["all together"]
    assert together["train_ratio"].value == pytest.approx(answer.train.throughput_ratio.value)
    assert together["prefill_ratio"].value == pytest.approx(answer.serve.prefill_ratio.value)
    assert together["decode_ratio"].value == pytest.approx(answer.serve.decode_ratio.value)


def test_the_matrix_rate_given_back_brings_training_back() -> None:
    back = rows(ask(**WORDS), "cuts_given_back")
    assert back["dense_bf16"]["train_ratio"].value == pytest.approx(1, abs=0.01)
    assert back["memory_capacity"]["train_ratio"].value < 0.2


def test_a_chip_as_an_article_claims_it_stands_beside_the_real_one() -> None:
    claimed = {"h20.scaleup_bandwidth": "400 GB/s", "h20.dense_fp8": "0 TFLOPS"}
    beside = rows(ask(**WORDS, but=claimed), "what_if")
    assert list(beside) == ["as it is", "scaleup_bandwidth", "dense_fp8", "all together"]
    assert beside["as it is"]["train_ratio"].value == pytest.approx(0.175, abs=0.005)
    assert beside["scaleup_bandwidth"]["train_ratio"].value < 0.175
    assert beside["dense_fp8"]["decode_ratio"].value == pytest.approx(0.5, abs=0.05)


def test_no_what_if_no_row() -> None:
    assert "what_if" not in ask(**WORDS).answer
    assert ask(**{**WORDS, "against": "h20"}).cuts == []


@pytest.mark.parametrize("use", ["train", "prefill", "decode"])
def test_no_output_follows_its_figures_more_than_one_for_one(use: str) -> None:
    found = [row[use].value for row in ask(**WORDS).answer["sensitivity"]]
    assert all(-1e-9 <= each <= 1 + 1e-9 for each in found)
    assert sum(found) == pytest.approx(1, abs=0.01)


@given(st.sampled_from(IDS), st.sampled_from(IDS))
def test_a_cut_that_lowers_a_figure_never_raises_an_output(chip: str, against: str) -> None:
    answer = ask(**{**WORDS, "chip": chip, "against": against})
    for row in answer.answer["cuts"]:
        if "from" not in row:
            continue
        for output in OUTPUTS:
            value = row[output].value if row[output] else float("nan")
            if row["to"] <= row["from"]:
                assert not value > 1 + 1e-9
            elif "precision" not in row:
                assert not value < 1 - 1e-9 or row["field"] == "memory_capacity"


def test_a_reference_that_cannot_hold_the_model_leaves_the_ratio_unknown() -> None:
    answer = ask(**{**WORDS, "chip": "a100-pcie-40gb", "against": "kunlun-r200"})
    assert np.isnan(answer.answer["serve"]["throughput_ratio"].value)


def test_what_is_not_priced_is_said() -> None:
    unpriced = {row["field"]: row["note"] for row in ask(**WORDS).answer["cuts_unpriced"]}
    assert {"vector_fp32", "cores"} <= set(unpriced)
    assert all(unpriced.values())


@given(st.floats(0.01, 100), st.floats(-3, 3))
def test_a_power_law_has_its_exponent_for_elasticity(parameter: float, power: float) -> None:
    if abs(np.log(parameter)) > 1e-3:
        assert elasticity(parameter**power, parameter) == pytest.approx(power, abs=1e-6)
