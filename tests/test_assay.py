"""One question answered and explained: what a chip does beside another."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipassay import Question, ask, explain
from chipassay.catalogue.catalogue import Catalogue
from chipassay.errors import QuestionError
from chipassay.records.answer import Quantity, Reason
from chipassay.records.question import decode, encode

WORDS: dict[str, Any] = {"task": "assay", "chip": "h20", "against": "h100", "train": "gpt3-175b",
                         "serve": "llama3.1-70b", "to": "CN", "on": "2025-07-15"}  # fmt: skip


def test_the_h20_is_no_trainer_but_decodes_as_fast_as_the_h100() -> None:
    answer = ask(**WORDS)
    assert 0.15 < answer.train.throughput_ratio.value < 0.3
    assert 0.14 < answer.serve.prefill_ratio.value < 0.22
    alone, *_, crowded = answer.serve.by_load
    assert alone["concurrency"] == 1
    assert alone["decode_ratio"].value > 1
    assert crowded["decode_ratio"].value < 0.5
    assert answer.memory_bandwidth_ratio == pytest.approx(4.0 / 3.35)
    assert answer.refusal


def test_a_chip_against_itself_is_one() -> None:
    answer = ask(**{**WORDS, "against": "h20"})
    for ratio in (answer.train.throughput_ratio, answer.serve.throughput_ratio,
                  answer.serve.prefill_ratio, answer.serve.decode_ratio):  # fmt: skip
        assert (ratio.value, ratio.low, ratio.high) == (1, 1, 1)
    assert answer.cuts == []


def test_the_other_way_round_is_one_over() -> None:
    there, back = ask(**WORDS), ask(**{**WORDS, "chip": "h100", "against": "h20"})
    for use, name in (("train", "throughput_ratio"), ("serve", "throughput_ratio"),
                      ("serve", "prefill_ratio"), ("serve", "decode_ratio")):  # fmt: skip
        one, other = there.answer[use][name], back.answer[use][name]
        assert one.value * other.value == pytest.approx(1)
        assert one.low * other.high == pytest.approx(1)


def test_the_figure_is_the_one_that_train_and_serve_give_for_the_same_plan() -> None:
    answer = ask(**WORDS)
    chip = answer.chip.id
    load = answer.train.workload
    alone = ask(task="train", model="gpt3-175b", chip="h20", chips=str(load.chips),
                batch=str(load.batch), seq=f"{load.sequence:.0f}",
                plan=answer.train.plan_text[chip])  # fmt: skip
    rate = answer.train.tokens_per_s_per_chip
    assert rate.value == pytest.approx(alone.tokens_per_s_per_chip.value)
    assert (rate.low, rate.high) == pytest.approx(
        (alone.tokens_per_s_per_chip.low, alone.tokens_per_s_per_chip.high)
    )
    load = answer.serve.workload
    alone = ask(task="serve", model="llama3.1-70b", chip="h20", chips=str(load.chips), input="1024",
                output="1024", concurrency=f"{load.concurrency:.0f}",
                plan=answer.serve.plan_text[chip])  # fmt: skip
    rate = answer.serve.output_tokens_per_s_per_chip
    assert rate.value == pytest.approx(alone.output_tokens_per_s_per_chip.value)


def test_both_sides_have_the_same_fleet_and_it_holds_the_model() -> None:
    answer = ask(task="assay", chip="a100-pcie-40gb", against="h20", train="llama3.1-405b",
                 serve="llama3.1-405b")  # fmt: skip
    assert answer.train.fits
    assert answer.serve.fits
    assert answer.train.workload.chips >= 4 * 16 * 405e9 / 40e9
    assert answer.serve.workload.chips * 40e9 > 2 * 405e9


def test_fleet_load_and_objective_are_the_askers() -> None:
    asked = {**WORDS, "train_chips": "256", "batch": "512", "seq": "2048", "serve_chips": "16",
             "input": "4096", "output": "256", "concurrency": "64"}  # fmt: skip
    answer = ask(**asked)
    assert answer.train.workload.chips == 256
    assert answer.train.workload.batch == 512
    assert answer.train.workload.sequence == 2048
    load = answer.serve.workload
    assert (load.chips, load.input, load.output, load.concurrency) == (16, 4096, 256, 64)


def test_with_an_objective_clients_come_until_it_is_missed() -> None:
    tight = ask(**WORDS, slo="ttft=1s,tpot=15ms").serve
    loose = ask(**WORDS, slo="ttft=10s,tpot=100ms").serve
    for each, limits in ((tight, (1.0, 0.015)), (loose, (10.0, 0.1))):
        assert each.ttft.value <= limits[0]
        assert each.tpot.value <= limits[1]
    assert "concurrency" not in tight.workload
    assert tight.output_tokens_per_s_per_chip.value < loose.output_tokens_per_s_per_chip.value
    never = ask(**WORDS, slo="tpot=1us").serve
    assert never.output_tokens_per_s_per_chip.value == 0
    assert never.fits is False


def test_explaining_ends_in_the_answer_and_begins_at_the_chips() -> None:
    reasons = {reason.name: reason for reason in explain(**WORDS)}
    answer = ask(**WORDS)
    for use in ("train", "serve"):
        top = reasons[f"{use}.throughput_ratio"]
        assert top.value == answer.answer[use].throughput_ratio.value
        first, second = (rate.value for rate in top.inner)
        assert isinstance(first, float)
        assert isinstance(second, float)
        assert first / second == pytest.approx(top.value)
        sourced = {leaf.name for leaf in top.leaves() if leaf.source}
        assert {"h20-96gb.memory_bandwidth", "h100-sxm5.dense_bf16", "h20-96gb.cores"} <= sourced
    assert reasons["ship.performance"].value == answer.ship.performance == 2368e12


def test_the_parts_of_a_step_add_up_to_it() -> None:
    rate = next(each for each in explain(**WORDS) if each.name == "train.tokens_per_s_per_chip")
    step = next(each for each in rate.inner if each.name == "step")
    parts = [each.value for each in step.inner if each.standing.startswith("fitted")]
    assert sum(_numbers(parts)) == pytest.approx(step.value)


def _numbers(values: list[Any]) -> list[float]:
    return [float(value) for value in values]


def leaves(reasons: tuple[Reason, ...]) -> list[Reason]:
    return [leaf for reason in reasons for leaf in reason.leaves()]


def test_an_unknown_figure_is_unknown_and_says_what_would_settle_it() -> None:
    answer = ask(task="assay", chip="ascend-920", against="h100", serve="llama3.1-70b")
    assert answer.as_json()["answer"]["serve"]["throughput_ratio"]["value"] is None
    assert "ascend-920.memory_capacity" in answer.serve.needs
    settled = dict.fromkeys(answer.serve.needs, "1")
    settled |= {"ascend-920.memory_capacity": "96 GB", "ascend-920.tdp": "600 W",
                "ascend-920.scaleup_bandwidth": "400 GB/s", "ascend-920.cores": "32"}  # fmt: skip
    again = ask(task="assay", chip="ascend-920", against="h100", serve="llama3.1-70b", but=settled)
    assert again.serve.needs == []
    assert again.serve.throughput_ratio.value > 0
    assert again.serve.throughput_ratio.basis == "assumed"


def test_a_model_that_does_not_fit_is_not_served() -> None:
    what_if = {"h20.memory_capacity": "1 GB"}
    answer = ask(task="assay", chip="h20", against="h100", serve="llama3.1-70b", but=what_if)
    assert answer.serve.fits is False
    assert answer.serve.output_tokens_per_s_per_chip.value == 0
    assert answer.serve.throughput_ratio.value == 0


@pytest.mark.parametrize(("words", "said"), [
    ({"train_chips": "8..64"}, "--train-chips"),
    ({"serve_chips": "none"}, "--serve-chips"),
    ({"concurrency": "64,think=1s"}, "--concurrency"),
    ({"precision": "w4a16"}, "nobody trains"),
    ({"batch": "512..1024"}, "--batch"),
    ({"train": None, "batch": "512"}, "--train"),
    ({"serve": None, "slo": "tpot=1s"}, "--serve"),
    ({"slo": "tpot=fast"}, "--slo"),
])  # fmt: skip
def test_words_that_make_no_sense_are_refused(words: dict[str, Any], said: str) -> None:
    with pytest.raises(QuestionError, match=said):
        ask(**{**WORDS, **words})


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
    assert {each.basis for each in quantities} <= {"interpolated", "transferred"}
    assert all(each.low <= each.value <= each.high for each in quantities)


def test_a_ratio_to_a_chip_whose_kernels_nobody_measured_is_assumed_and_wider() -> None:
    near, far = ask(**WORDS), ask(**{**WORDS, "chip": "gaudi3"})
    for use in ("train", "serve"):
        one, other = near.answer[use].throughput_ratio, far.answer[use].throughput_ratio
        assert other.basis == "assumed"
        assert other.high / other.low >= one.high / one.low * (1 - 1e-9)


CHIPS = [entry.id for entry in Catalogue.shipped().chips()]


@pytest.mark.parametrize("chip", CHIPS)
def test_every_chip_of_the_catalogue_can_be_shown_and_assayed(chip: str) -> None:
    shown = ask(task="show", chip=chip)
    assert json.loads(json.dumps(shown.as_json(), allow_nan=False))["answer"]["figures"]
    answer = ask(**{**WORDS, "chip": chip, "train": "llama3.1-8b", "serve": "llama3.1-8b",
                    "cuts": True}).as_json()["answer"]  # fmt: skip
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer
    assert answer["ship"]["enforced"]["outcome"]
    for use in ("train", "serve"):
        share = answer[use]["throughput_ratio"]
        assert (share["value"] is None) == bool(answer[use]["needs"])
    if not answer["train"]["needs"]:
        assert answer["train"]["fits"]
