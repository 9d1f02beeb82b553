"""One question answered, explained and swept: three ways through the same formulas."""

from __future__ import annotations

import datetime
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipassay import Question, ask, explain
from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.chips import numbers
from chipassay.catalogue.models import find_model
from chipassay.errors import QuestionError
from chipassay.model.first_serve import serving
from chipassay.model.first_train import training
from chipassay.records.answer import Quantity
from chipassay.records.question import decode, encode
from chipassay.records.workload import Workload
from chipassay.trace import watching

WORDS: dict[str, Any] = {"task": "assay", "chip": "h20", "against": "h100", "train": "gpt3-175b",
                         "serve": "llama3.1-70b", "to": "CN", "on": "2025-07-15"}  # fmt: skip


def test_the_h20_is_no_trainer_but_decodes_faster_than_the_h100() -> None:
    answer = ask(**WORDS)
    assert answer.train.throughput_ratio.value == pytest.approx(0.18, abs=0.05)
    assert answer.serve.decode_ratio.value > 1
    assert answer.serve.prefill_ratio.value < 0.3
    assert answer.memory_bandwidth_ratio == pytest.approx(4.0 / 3.35)
    assert answer.refusal


def test_a_chip_against_itself_is_one() -> None:
    answer = ask(**{**WORDS, "against": "h20"})
    assert answer.train.throughput_ratio.value == 1
    assert answer.serve.throughput_ratio.value == 1
    assert answer.cuts == []


def test_watching_changes_no_number() -> None:
    catalogue = Catalogue.shipped()
    chip = numbers(catalogue.chip("h20").entry)
    shape = find_model(catalogue, "gpt3-175b").numbers()
    bare = training(chip.dense_fp16, chip, shape, Workload())
    with watching() as watch:
        watched = training(chip.dense_fp16, chip, shape, Workload())
    assert bare == watched
    assert watch.steps


def test_a_column_of_what_ifs_equals_asking_one_by_one() -> None:
    catalogue = Catalogue.shipped()
    bandwidths = np.linspace(1e12, 8e12, 5)
    shape = find_model(catalogue, "llama3.1-70b").numbers()
    chip = numbers(catalogue.chip("h20").entry)
    column = serving(
        chip.dense_bf16, chip._replace(memory_bandwidth=bandwidths), shape, Workload()
    ).tokens_per_second
    share = catalogue.assumption("serving-efficiency")["value"]
    for row, bandwidth in enumerate(bandwidths):
        what_if = {"h20.memory_bandwidth": f"{float(bandwidth)!r} B/s"}
        answer = ask(task="assay", chip="h20", serve="llama3.1-70b", but=what_if)
        asked = answer.serve.output_tokens_per_s_per_chip.value
        assert asked == pytest.approx(float(np.asarray(column)[row]) * share, rel=1e-12)


def test_explaining_ends_in_the_answer() -> None:
    reasons = {reason.name: reason for reason in explain(**WORDS)}
    answer = ask(**WORDS)
    assert reasons["train.throughput_ratio"].value == answer.train.throughput_ratio.value
    assert reasons["ship.performance"].value == answer.ship.performance == 2368e12


def test_an_unknown_figure_is_unknown_and_says_what_would_settle_it() -> None:
    answer = ask(task="assay", chip="ascend-920", against="h100", serve="llama3.1-70b")
    assert answer.as_json()["answer"]["serve"]["throughput_ratio"]["value"] is None
    assert "ascend-920.memory_capacity" in answer.serve.needs


def test_a_model_that_does_not_fit_is_not_served() -> None:
    what_if = {"h20.memory_capacity": "1 GB"}
    answer = ask(task="assay", chip="h20", against="h100", serve="llama3.1-70b", but=what_if)
    assert answer.serve.fits is False
    assert answer.serve.output_tokens_per_s_per_chip.value == 0


@given(st.dates(datetime.date(2022, 1, 1), datetime.date(2030, 1, 1)), st.booleans())
def test_decoding_what_was_encoded_gives_the_same_question(on: datetime.date, cuts: bool) -> None:
    question = decode({**WORDS, "on": on, "cuts": cuts, "but": {"h20.tdp": "1 W"}})
    assert decode(encode(question)) == question
    assert isinstance(question, Question)


def test_a_question_without_a_date_is_given_todays() -> None:
    question = decode({"task": "assay", "chip": "h20"}, today=datetime.date(2025, 7, 15))
    assert question.on == datetime.date(2025, 7, 15)


def test_a_word_for_another_task_is_refused() -> None:
    with pytest.raises(QuestionError, match="show takes no to"):
        ask(task="show", chip="h20", to="CN")


def test_every_predicted_quantity_carries_its_basis() -> None:
    answer = ask(**{**WORDS, "cuts": True})
    found = [answer.train.throughput_ratio, answer.serve.tpot, *answer.cuts[0].values()]
    quantities = [each for each in found if isinstance(each, Quantity)]
    assert len(quantities) == 5
    assert {each.basis for each in quantities} == {"assumed"}
    assert all(each.low <= each.value <= each.high for each in quantities)


@pytest.mark.parametrize("chip", [entry.id for entry in Catalogue.shipped().chips()])
def test_every_chip_of_the_catalogue_can_be_shown_and_assayed(chip: str) -> None:
    shown = ask(task="show", chip=chip)
    assert json.loads(json.dumps(shown.as_json(), allow_nan=False))["answer"]["figures"]
    answer = ask(**{**WORDS, "chip": chip, "cuts": True}).as_json()["answer"]
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer
    assert answer["ship"]["enforced"]["outcome"]
    share = answer["train"]["throughput_ratio"]
    assert (share["value"] is None) == bool(answer["train"]["needs"])
