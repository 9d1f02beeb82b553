"""Serving: steps, the closed loop, memory, plans, refusals; measured tables where they lie near."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.models import find_model
from chipassay.cli import main
from chipassay.errors import QuestionError
from chipassay.inquiry import ask
from chipassay.inquiry.serving_case import Case, Served, loop, served
from chipassay.inquiry.serving_engine import engine, engine_named, formats
from chipassay.inquiry.serving_memory import weight_bytes
from chipassay.inquiry.serving_plans import candidates, check
from chipassay.measured.serving import closed_rows
from chipassay.measured.serving_published import published_row
from chipassay.model.serve_loop import Habits, Load
from chipassay.model.serve_pools import Pools, pooled_loop, prompt_service
from chipassay.records.serve_plan import ServePlan

CATALOGUE = Catalogue.shipped()
SHARED = Path(__file__).parents[2] / "shared" / "measured"
CALM = Habits(0.1, 1.0, 0.0)
WORDS: dict[str, Any] = {
    "task": "serve", "model": "llama3.1-70b", "chip": "h20-96gb", "chips": "8", "input": "1024",
    "output": "512", "precision": "fp8",
}  # fmt: skip


def made(
    chip: str = "h100-sxm5",
    model: str = "llama3.1-8b",
    plan: ServePlan = ServePlan(2),  # noqa: B008
    precision: str = "bf16",
    software: str = "vllm",
    what_if: dict[str, str] | None = None,
) -> Served:
    catalogue = CATALOGUE.but(what_if) if what_if else CATALOGUE
    entry, found = catalogue.chip_entry(chip), find_model(catalogue, model).architecture
    about = engine(catalogue, software, entry)
    form = formats(found, precision, about)
    return served(Case(entry, catalogue, found, plan, form, about, 2048.0))


STEPS = made().steps


@given(st.integers(1, 500), st.integers(1, 30000), st.integers(1, 8000))
@settings(max_examples=60, deadline=None)
def test_a_step_takes_longer_with_more_to_do(batch: int, context: int, new: int) -> None:
    assert STEPS.decode(batch + 1.0, context) >= STEPS.decode(float(batch), context) * 0.97
    assert STEPS.decode(batch, context + 100.0) >= STEPS.decode(batch, float(context)) * 0.999
    assert STEPS.mixed(new, batch, context) > STEPS.decode(batch, context) * 0.97


@given(st.lists(st.tuples(st.floats(1, 500), st.floats(1, 30000)), min_size=1, max_size=8))
@settings(max_examples=30, deadline=None)
def test_a_row_of_a_column_is_its_single_step(pairs: list[tuple[float, float]]) -> None:
    batch, context = (np.array(each) for each in zip(*pairs, strict=True))
    column = STEPS.mixed(1024.0, batch, context)
    for i in range(len(pairs)):
        assert float(STEPS.mixed(1024.0, batch[i], context[i])) == column[i]


def test_knots_of_the_tables_come_back_unchanged() -> None:
    for i in (0, 7, 20):
        tokens = float(STEPS.tokens[i])
        rest = STEPS.decode(tokens, 0.0) - STEPS.passed[i]
        assert 0.0 < rest < STEPS.passed[i] + STEPS.head[-1]


@pytest.mark.parametrize(
    ("chip", "field", "value"),
    [("h20-96gb", "memory_bandwidth", "8 TB/s"), ("h100-sxm5", "memory_bandwidth", "6.7 TB/s")],
)
@pytest.mark.parametrize("model", ["llama3.1-70b", "deepseek-v3", "qwen3-30b-a3b"])
def test_twice_the_bandwidth_never_raises_tpot(
    chip: str, field: str, value: str, model: str
) -> None:
    plan = ServePlan(8)
    load = Load(np.array([1.0, 16.0, 128.0]), 1024.0, 512.0)
    plain = loop(made(chip, model, plan, "fp8"), load, CALM)
    wide = loop(made(chip, model, plan, "fp8", what_if={f"{chip}.{field}": value}), load, CALM)
    assert (np.asarray(wide.tpot) <= np.asarray(plain.tpot) * 1.001).all()


@pytest.mark.parametrize("chip", ["h100-sxm5", "h20-96gb", "ascend-910b2"])
@given(st.integers(1, 500), st.integers(16, 8000), st.integers(1, 64))
@settings(max_examples=25, deadline=None)
def test_nothing_is_computed_faster_than_the_peak(
    chip: str, clients: int, tokens_in: int, tokens_out: int
) -> None:
    about = made(chip, "llama3.1-70b", ServePlan(8))
    done = loop(about, Load(float(clients), float(tokens_in), float(tokens_out)), CALM)
    weights = float(find_model(CATALOGUE, "llama3.1-70b").numbers().active_without_input_embedding)
    work = 2.0 * weights * float(done.rate) * (tokens_in + tokens_out - 1.0)
    assert work <= 8.0 * about.case.chip.number("dense_bf16")


@given(st.integers(1, 400), st.integers(16, 8000), st.integers(2, 2000))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_littles_law_holds_in_the_closed_loop(
    clients: int, tokens_in: int, tokens_out: int
) -> None:
    about = made()
    done = loop(about, Load(float(clients), float(tokens_in), float(tokens_out)), CALM)
    stay = done.steady_ttft + (tokens_out - 1.0) * done.tpot
    assert float(done.rate * stay) == pytest.approx(clients, rel=0.03)


def test_more_clients_never_lower_the_rate_by_much_and_never_the_wait() -> None:
    clients = 2.0 ** np.arange(0, 9)
    done = loop(made(), Load(clients, 1024.0, 256.0), CALM)
    assert (np.diff(done.rate) >= -0.02 * done.rate[:-1]).all()
    assert (np.diff(done.tpot) >= -0.02 * done.tpot[:-1]).all()


def test_prompts_first_and_equal_lengths_make_waves() -> None:
    """All clients prefill before any decodes: the wait is half of all prompts, wave by wave."""
    about = made(software="sglang")
    load = Load(64.0, 1024.0, 128.0)
    apart = loop(about, load, CALM)
    bound = loop(about, load, CALM._replace(together=1.0))
    assert float(bound.steady_ttft) == float(bound.first_ttft)
    assert float(bound.steady_ttft) > 2.0 * float(apart.steady_ttft)
    assert float(bound.tpot) < float(apart.tpot)


def test_a_pool_of_prompts_that_is_too_small_sets_the_rate() -> None:
    steps = made().steps
    pools = Pools(steps, steps, 1.0, 8.0)
    load = Load(np.array([2000.0]), 4096.0, 64.0)
    done = pooled_loop(pools, load)
    service, lanes = prompt_service(steps, np.array([4096.0]), 0.0)
    assert float(done.rate[0]) == pytest.approx(float(lanes[0] / service[0]), rel=0.05)


def test_guessed_tokens_cost_and_yield() -> None:
    entry = CATALOGUE.chip_entry("h20-96gb")
    model = find_model(CATALOGUE, "deepseek-r1").architecture
    about = engine(CATALOGUE, "sglang", entry)
    form = formats(model, "fp8", about)
    case = Case(entry, CATALOGUE, model, ServePlan(8, 1, 1, 8), form, about, 4096.0)
    plain, guessing = served(case).steps, served(case._replace(drafts=1.0)).steps
    assert guessing.per_step == pytest.approx(1.85)
    assert plain.decode(8.0, 4096.0) < guessing.decode(8.0, 4096.0)
    assert guessing.decode(8.0, 4096.0) < guessing.per_step * plain.decode(8.0, 4096.0)


@pytest.mark.parametrize("model", ["llama3.1-70b", "deepseek-r1", "qwen3-30b-a3b", "gpt-oss-20b"])
def test_weights_of_all_chips_are_those_of_the_model(model: str) -> None:
    found = find_model(CATALOGUE, model)
    about = engine(CATALOGUE, "vllm", CATALOGUE.chip_entry("h100-sxm5"))
    form = formats(found.architecture, "bf16", about)._replace(dense="bf16", experts="bf16")
    whole = float(found.numbers().parameters) * 2.0
    assert weight_bytes(found.architecture, ServePlan(), form) == pytest.approx(whole, rel=0.01)
    spread = ServePlan(8, 1, 1, 8 if found.numbers().experts else 1)
    assert weight_bytes(found.architecture, spread, form) == pytest.approx(whole / 8, rel=0.02)


@pytest.mark.parametrize(
    "model",
    ["llama3.1-8b", "deepseek-v3.2", "deepseek-v4-flash", "minimax-text-01", "qwen3.5-122b-a10b",
     "gemma3-27b", "gpt-oss-120b", "nemotron-3-nano", "llama4-scout", "bloom-7b1"],
)  # fmt: skip
def test_every_kind_of_architecture_is_served(model: str) -> None:
    answer = ask(task="serve", model=model, chip="h200-sxm", chips="8", input="512", output="64",
                 precision="fp8")  # fmt: skip
    assert answer.fits
    assert 0.0 < answer.tpot.mean.low < answer.tpot.mean.value < answer.tpot.mean.high < 1.0


@pytest.mark.parametrize("chip", ["h20-96gb", "ascend-910b2", "mi300x", "h800-sxm5", "b200"])
def test_every_vendors_chip_answers_with_a_band_and_a_basis(chip: str) -> None:
    answer = ask(**(WORDS | {"chip": chip, "precision": "bf16"}))
    assert answer.tpot.mean.basis in ("interpolated", "transferred", "assumed")
    assert answer.output_tokens_per_s_per_chip.value > 0.0
    assert answer.because[0].name == "serve.tpot"


def test_json_has_the_fields_that_interface_promises(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["serve", "llama3.1-70b", "--chip", "h20-96gb", "--chips", "8", "--input", "1024",
             "--output", "512", "--precision", "fp8", "--frontier", "--json"]  # fmt: skip
    with pytest.raises(SystemExit) as left:
        main(words)
    assert not left.value.code
    answer = json.loads(capsys.readouterr().out)["answer"]
    names = {"ttft", "tpot", "output_tokens_per_s_per_chip", "memory_per_chip", "fits", "plan",
             "bound_by", "points"}  # fmt: skip
    assert names <= set(answer)
    users = [point["tokens_per_s_per_user"] for point in answer["points"]]
    chips = [point["tokens_per_s_per_chip"] for point in answer["points"]]
    assert users == sorted(users, reverse=True)
    assert chips == sorted(chips)


def test_a_model_too_large_is_refused_with_how_many_chips_would_do() -> None:
    answer = ask(task="serve", model="llama3.1-70b", chip="h100-sxm5", chips="1", input="1024",
                 output="512")  # fmt: skip
    assert answer.refusal
    assert not answer.fits
    assert answer.would_fit.startswith("fit on 2 chips")
    assert math.isnan(answer.tpot.mean.value)


def test_an_objective_that_no_plan_meets_gets_the_nearest() -> None:
    answer = ask(**WORDS, slo="tpot=1ms")
    assert any("no plan meets the objective" in note for note in answer.warnings)


def test_a_rate_above_capacity_says_that_the_queue_grows() -> None:
    answer = ask(**WORDS, rate="1000")
    assert any("queue grows" in note for note in answer.warnings)
    calm = ask(**WORDS, rate="1")
    assert calm.requests_per_s.value >= 0.9
    assert not any("queue grows" in note for note in calm.warnings)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"input": "0"}, "no count"),
        ({"output": "-5"}, "no count"),
        ({"input": "many"}, "no count"),
        ({"plan": "tp=3"}, "does not divide"),
        ({"plan": "tp=16"}, "the plan takes 16 chips"),
        ({"plan": "tp=8,ep=8"}, "has no experts"),
        ({"plan": "tp"}, "no part of a plan"),
        ({"plan": "tp=8,kv=fp3"}, "no format of a cache"),
        ({"slo": "speed=1"}, "no objective"),
        ({"slo": "ttft=fast"}, "no time"),
        ({"chips": "eight"}, "no number of chips"),
        ({"engine": "vlm"}, "vllm"),
        ({"concurrency": "8", "rate": "2"}, "not both"),
        ({"input": "200000"}, "more than"),
    ],
)
def test_bad_words_are_one_line(words: dict[str, str], said: str) -> None:
    with pytest.raises(QuestionError, match=said) as refused:
        ask(**(WORDS | words))
    assert "\n" not in str(refused.value)


def test_plans_tried_use_the_chips_and_pass_their_own_check() -> None:
    for name in ("llama3.1-70b", "deepseek-r1", "qwen3-30b-a3b"):
        model = find_model(CATALOGUE, name).architecture
        plans = list(candidates(model, 16, 8))
        assert len(set(plans)) == len(plans)
        for plan in plans:
            check(plan, model, 16)
            assert plan.chips == 16


def closed(**changed: str) -> dict[str, str]:
    row = {
        "id": "1", "silicon_data_source": "own", "backend": "vllm", "backend_version": "1",
        "model_path": "llama3.1-8b", "system": "h100-sxm5", "precision": "", "mode": "agg",
        "isl": "512", "osl": "64", "gemm_quant_mode": "", "moe_quant_mode": "", "batch_size": "8",
        "tp_size": "1", "silicon_ttft_ms": "100", "silicon_tpot_ms": "9",
    }  # fmt: skip
    return row | changed


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (("64", "1", "8", "8"), ServePlan(8, 1, 1, 8)),
        (("1", "64", "8", "8"), ServePlan(1, 1, 8, 8)),
        (("4", "4", "1", "16"), ServePlan(1, 1, 4, 4)),
        (("8", "1", "8", "1"), ServePlan(8, 1, 1, 1)),
        (("4", "", "", ""), ServePlan(4, 1, 1, 1)),
    ],
)
def test_a_plan_is_read_whichever_convention_it_is_written_in(
    written: tuple[str, str, str, str], meant: ServePlan
) -> None:
    names = ("tp_size", "attention_dp_size", "moe_tp_size", "moe_ep_size")
    (row,) = closed_rows([closed(**dict(zip(names, written, strict=True)))])
    assert row.plan == meant


def test_validate_reads_own_rows_and_tells_what_it_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    rows = [closed(), closed(id="2", model_path="no-such-model"), closed(id="3", batch_size="")]
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    answer = ask(task="validate", kind="serving", file=str(file))
    assert (answer.rows, answer.predicted) == (3, 1)
    assert {each["count"] for each in answer.answer["skipped"]} == {1}
    assert set(answer.metrics) == {"ttft", "tpot", "throughput"}
    assert answer.metrics.tpot["all"]["n"] == 1


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n"])
def test_another_table_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "other.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(QuestionError, match="no table of measured serving"):
        ask(task="validate", kind="serving", file=str(file))


def test_published_words_become_numbers() -> None:
    row = {
        "id": "1", "source": "a page", "chip": "H20", "n_chips": "16", "tp": "1", "pp": "1.0",
        "ep": "16", "model": "DeepSeek-R1", "precision": "fp8/fp8", "input_len": "~4096",
        "output_len": "1536", "batch_or_concurrency": "48/GPU", "value": "700",
        "metric": "output_tokens_per_s_per_gpu", "framework": "SGLang", "notes": "MTP steps=2",
    }  # fmt: skip
    found = published_row(row)
    assert not isinstance(found, str)
    assert (found.clients, found.input, found.drafts, found.decodes) == (768.0, 4096.0, 2.0, True)
    assert isinstance(published_row(row | {"metric": "power_w_per_gpu"}), str)


def test_the_engine_is_told_by_the_longest_word() -> None:
    assert engine_named(CATALOGUE, "vllm-ascend 0.9") == "vllm-ascend"
    assert engine_named(CATALOGUE, "TensorRT-LLM 1.0") == "trtllm"
    assert engine_named(CATALOGUE, "something else") == ""


@pytest.mark.skipif(not SHARED.is_dir(), reason="the measured tables are not beside this checkout")
def test_measured_rows_are_met_as_docs_say() -> None:
    table = SHARED / "serving_closed_loop.csv"
    answer = ask(task="validate", kind="serving", file=str(table)).answer
    assert answer["predicted"] >= 0.97 * answer["rows"]
    errors = answer["metrics"]
    assert errors["tpot"]["all"]["median_ape"] <= 0.105
    assert errors["tpot"]["by"]["chip"]["h100-sxm5"]["median_ape"] <= 0.08
    assert errors["ttft"]["by"]["mode"]["agg"]["median_ape"] <= 0.25
