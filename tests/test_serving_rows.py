"""Rows of measured serving: deployments looked up, two pools, settings, left-out fits."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.models import find_model
from chipassay.inquiry import ask
from chipassay.inquiry.serving_case import Case, Served, loop, served
from chipassay.inquiry.serving_deployed import deployed, entries
from chipassay.inquiry.serving_engine import engine, fits, fitted, formats
from chipassay.inquiry.serving_rows import predicted
from chipassay.inquiry.serving_sweep import setting, swept
from chipassay.measured.serving import ServingRow, closed_rows
from chipassay.model.serve_loop import Habits, Load, accepted
from chipassay.model.serve_pools import Pools, pooled_loop, prompt_service, prompt_step, seat_wait
from chipassay.records.serve_plan import ServePlan
from chipassay.simulation.building import Fleet, Pool
from chipassay.simulation.loads import closed_loop, uniform
from chipassay.simulation.policies import POLICIES
from chipassay.simulation.report import report
from chipassay.simulation.serving import simulate

CATALOGUE = Catalogue.shipped()
SHARED = Path(__file__).parents[2] / "shared" / "measured"
NAMES = {"deepseek-r1": "deepseek-ai/DeepSeek-R1", "gpt-oss-120b": "openai/gpt-oss-120b"}


def made(model: str = "llama3.1-8b", software: str = "vllm", what_if: Any = None) -> Served:
    catalogue = CATALOGUE.but(what_if) if what_if else CATALOGUE
    entry, found = catalogue.chip_entry("h100-sxm5"), find_model(catalogue, model).architecture
    about = engine(catalogue, software, entry)
    plan = ServePlan(8) if model == "llama3.1-70b" else ServePlan(2)
    form = formats(found, "bf16", about)
    return served(Case(entry, catalogue, found, plan, form, about, 2048.0))


STEPS = made().steps._replace(kv_capacity_tokens=1e8, outside=0.0)


def row(entry: dict[str, Any], point: list[Any], **changed: str) -> dict[str, str]:
    """A row that leaves out what the public table leaves out of an entry of the sweep."""
    return {
        "id": "1", "backend": entry["engine"], "backend_version": entry["version"][:6],
        "silicon_data_source": f"source_file=2026-03-25.csv; silicon_concurrency={point[0]}; "
        f"measured={point[-2]}T01:02:03Z", "model_path": NAMES[entry["model"]],
        "system": entry["chip"], "mode": "disagg", "precision": entry["precision"],
        "isl": str(entry["input"]), "osl": str(entry["output"]),
        "gemm_quant_mode": "nvfp4" if entry["precision"] == "fp4" else "fp8",
        "moe_quant_mode": "nvfp4" if entry["precision"] == "fp4" else "fp8", "batch_size": "",
        "prefill_tp_size": str(point[2]), "decode_tp_size": str(point[6]),
        "prefill_attention_dp_size": "1", "decode_attention_dp_size": "1",
        "silicon_ttft_ms": "900", "silicon_tpot_ms": "20",
    } | changed  # fmt: skip


def told(entry: dict[str, Any], point: list[Any], **changed: str) -> ServingRow:
    return deployed(closed_rows([row(entry, point, **changed)]), CATALOGUE)[0]


SAME = ("chip", "engine", "model", "precision", "input", "output")
KNOWN = [entry for entry in entries() if entry["model"] in NAMES]


@pytest.mark.parametrize("chip", sorted({entry["chip"] for entry in KNOWN}))
def test_a_row_that_names_no_workers_is_given_those_that_ran(chip: str) -> None:
    for entry in (each for each in KNOWN if each["chip"] == chip):
        for point in entry["points"][:3]:
            found = told(entry, point)
            assert found.prefill is not None
            assert found.decode is not None
            same = [e for e in KNOWN if all(e[k] == entry[k] for k in SAME)]
            alike = [p for e in same for p in e["points"] if p[0] == point[0]]
            workers = (found.prefill.workers, found.decode.workers)
            assert workers in [(p[1], p[5]) for p in alike]
            assert found.decode.plan.chips in [p[6] for p in alike]


def test_which_deployment_ran_does_not_hang_on_what_was_measured() -> None:
    for entry in KNOWN[:20]:
        point = entry["points"][0]
        fast = told(entry, point, silicon_ttft_ms="1", silicon_tpot_ms="0.1")
        slow = told(entry, point, silicon_ttft_ms="90000", silicon_tpot_ms="500")
        assert fast._replace(ttft=0.0, tpot=0.0) == slow._replace(ttft=0.0, tpot=0.0)


def test_rows_of_one_run_share_its_configuration() -> None:
    """With and without a predictor were run apart: one row that only one run has tells the rest."""
    both = [e for e in KNOWN if e["run"].endswith("sglang-mtp") and e["chip"] == "b200"]
    entry = next(e for e in both if e["precision"] == "fp8" and e["input"] == 1024)
    day = max(p[-2] for p in entry["points"])
    lines = [row(entry, [*p[:-2], day, day], id=str(p[0])) for p in entry["points"]]
    found = deployed(closed_rows(lines), CATALOGUE)
    assert {each.drafts for each in found} == {2.0}


def test_a_deployment_once_given_is_kept() -> None:
    once = deployed(closed_rows([row(e, p) for e in KNOWN for p in e["points"][:2]]), CATALOGUE)
    assert deployed(once, CATALOGUE) == once


def test_sizes_of_whole_deployments_are_taken_apart() -> None:
    """Early rows give the chips of all workers as the size of one pool."""
    entry = next(e for e in KNOWN if e["chip"] == "gb200" and e["version"] == "0.5.1-rc0.pre3")
    point = next(p for p in entry["points"] if p[1] * p[2] + p[5] * p[6] not in (p[2], p[6]))
    whole = str(point[1] * point[2] + point[5] * point[6])
    found = told(entry, point, mode="agg", tp_size=whole, backend_version="")
    assert found.decode is not None
    assert found.decode.workers * found.decode.plan.chips < float(whole)


@given(st.floats(0.5, 5000), st.floats(1, 64), st.floats(1, 512))
@settings(max_examples=80, deadline=None)
def test_a_seat_is_waited_for_by_those_left_over(
    others: float, stations: float, seats: float
) -> None:
    wait = float(seat_wait(others, stations, seats))
    left = max(others / stations - seats, 0.0) / seats
    assert wait >= left - 1e-9
    assert wait <= left + 0.5 * math.sqrt(others / stations) / seats
    assert float(seat_wait(others, stations, seats + 1.0)) <= wait
    assert float(seat_wait(others + 1.0, stations, seats)) >= wait


@given(st.integers(1, 64), st.integers(64, 20000))
@settings(max_examples=40, deadline=None)
def test_more_prompts_together_take_longer_and_less_each(prompts: int, new: int) -> None:
    one, more = (float(prompt_step(STEPS, float(new), 0.0, n)) for n in (prompts, prompts + 1.0))
    assert one <= more * 1.001
    assert more / (prompts + 1.0) <= one / prompts * 1.02


@given(
    st.integers(1, 600), st.integers(64, 16000), st.integers(2, 2000), st.integers(1, 6),
    st.integers(1, 6),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_more_prompt_workers_never_raise_the_first_token(
    clients: int, tokens_in: int, tokens_out: int, fill: int, read: int
) -> None:
    load = Load(float(clients), float(tokens_in), float(tokens_out))
    few = pooled_loop(Pools(STEPS, STEPS, float(fill), float(read)), load)
    more = pooled_loop(Pools(STEPS, STEPS, fill + 1.0, float(read)), load)
    assert float(more.ttft) <= float(few.ttft) * 1.02
    assert float(more.rate) >= float(few.rate) * 0.98


def test_twice_the_bandwidth_never_raises_tpot_in_two_pools() -> None:
    load = Load(np.array([4.0, 64.0, 400.0]), 2048.0, 512.0)
    wide = made(what_if={"h100-sxm5.memory_bandwidth": "6.7 TB/s"}).steps
    plain = pooled_loop(Pools(STEPS, STEPS, 2.0, 2.0), load)
    fast = pooled_loop(Pools(wide, wide, 2.0, 2.0), load)
    assert (np.asarray(fast.tpot) <= np.asarray(plain.tpot) * 1.001).all()


def test_seats_bound_what_decodes_and_the_rest_waits() -> None:
    load = Load(60.0, 512.0, 256.0)
    free = pooled_loop(Pools(STEPS, STEPS, 1.0, 2.0), load)
    tight = pooled_loop(Pools(STEPS, STEPS, 1.0, 2.0, 0.0, 10.0), load)
    assert float(tight.decoding) <= 20.01
    whole = float(tight.steady_ttft + 255.0 * tight.tpot)
    assert whole == pytest.approx(60.0 / float(tight.rate), rel=0.05)
    assert float(tight.tpot) < float(free.tpot)


@pytest.mark.parametrize(
    ("clients", "tokens_in", "tokens_out", "fill", "read"),
    [(4, 512, 128, 1, 1), (32, 1024, 256, 1, 2), (64, 2048, 128, 2, 1), (96, 512, 512, 1, 3)],
)
def test_two_pools_by_arithmetic_are_near_the_simulation(
    clients: int, tokens_in: int, tokens_out: int, fill: int, read: int
) -> None:
    """A fourth in the first token, a tenth in the time per token."""
    rule = POLICIES["vllm"]._replace(prefix_cache=False)
    fleet = Fleet((Pool(STEPS, fill, "prefill", policy=rule), Pool(STEPS, read, "decode",
                                                                   policy=rule)))  # fmt: skip
    count = clients * 10
    prompt, output = uniform(count, tokens_in, 0.8, 0), uniform(count, tokens_out, 0.8, 0, 1)
    seen = report(simulate(fleet, closed_loop(prompt, output, clients), engine="python"))
    load = Load(float(clients), 0.9 * tokens_in, 0.9 * tokens_out)
    done = pooled_loop(Pools(STEPS, STEPS, fill, read), load)
    assert float(done.ttft) == pytest.approx(seen.first.mean, rel=0.25)
    assert float(done.tpot) == pytest.approx(seen.token.mean, rel=0.1)


@pytest.mark.parametrize(("clients", "tokens_in", "tokens_out"), [(8, 512, 128), (64, 1024, 256)])
def test_one_pool_by_arithmetic_is_near_the_simulation(
    clients: int, tokens_in: int, tokens_out: int
) -> None:
    """Lengths spread, prompts not held together: 40 % in the first token, a tenth per token."""
    about = made()._replace(steps=STEPS)
    rule = POLICIES["vllm"]._replace(prefix_cache=False)
    count = clients * 10
    prompt, output = uniform(count, tokens_in, 0.8, 0), uniform(count, tokens_out, 0.8, 0, 1)
    fleet = Fleet((Pool(about.steps, 1, policy=rule),))
    seen = report(simulate(fleet, closed_loop(prompt, output, clients), engine="python"))
    done = loop(about, Load(float(clients), 0.9 * tokens_in, 0.9 * tokens_out), Habits(0.02, 0.5))
    assert float(done.ttft) == pytest.approx(seen.first.mean, rel=0.4)
    assert float(done.tpot) == pytest.approx(seen.token.mean, rel=0.1)


def test_a_full_worker_passes_more_prompts_a_second_than_one_by_one() -> None:
    seconds, lanes = prompt_service(STEPS, 512.0, 0.0)
    assert float(lanes) == pytest.approx(float(STEPS.chunk_tokens) / 512.0)
    assert float(lanes / seconds) > 1.0 / float(prompt_step(STEPS, 512.0, 0.0, 1.0))


def test_guesses_yield_by_the_chance_told_or_by_the_public_table() -> None:
    assert accepted(1.0) == pytest.approx(1.85)
    assert accepted(3.0, 0.7) == pytest.approx(1.0 + 0.7 + 0.49 + 0.343)
    assert accepted(0.0, 0.7) == 1.0


def test_a_sweep_that_looks_rarely_keeps_prompts_waiting() -> None:
    assert setting("sglang", "deepseek-r1", "b200")["poll"] == 30
    assert setting("sglang", "deepseek-r1", "mi300x") == {}
    entry = CATALOGUE.chip_entry("b200")
    model = find_model(CATALOGUE, "deepseek-r1").architecture
    about = engine(CATALOGUE, "sglang", entry)
    form = formats(model, "nvfp4", about)
    case = Case(entry, CATALOGUE, model, ServePlan(8), form, about, 2048.0)
    ready, load = served(case), Load(np.array([4.0, 64.0]), 1024.0, 1024.0)
    steps, fall = swept(case, ready.steps, load, Habits(0.05, 1.0))
    assert fall.poll.tolist() == [10, 30]
    slow = loop(ready._replace(steps=steps), load, fall)
    fast = loop(ready._replace(steps=steps), load, fall._replace(poll=1.0))
    assert (np.asarray(slow.steady_ttft) > np.asarray(fast.steady_ttft)).all()


def test_constants_without_a_chip_are_shipped_and_taken() -> None:
    without = fits()["without"]
    assert set(without) >= {"h100-sxm5", "b200", "mi300x", "h20-96gb"}
    for chip, found in without.items():
        assert set(found) <= {"engines", "benchmarks", "runs"}
        assert all(fitted(chip)[key] == value for key, value in found.items())
        assert fitted(chip)["bands"] == fits()["bands"]
    assert "engines" in without["h100-sxm5"]
    assert fitted("mi300x")["engines"] == fits()["engines"]


def test_leaving_a_chip_out_says_of_what(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    text = ",".join(SCRATCH) + "\n" + ",".join((SCRATCH | {"system": "H100 SXM"}).values()) + "\n"
    file.write_text(text, encoding="utf-8")
    plain = ask(task="validate", kind="serving", file=str(file))
    left = ask(task="validate", kind="serving", file=str(file), leave_out="h100-sxm5")
    assert left.answer["left_out_of"]["host times and habits"]
    assert not left.answer["left_out_of"]["bands"]
    assert "bands are those of all rows" in left.warnings[0]
    mean = [each.answer["metrics"]["tpot"]["all"]["mape"] for each in (plain, left)]
    assert mean[0] != mean[1]


SCRATCH = {
    "id": "x", "silicon_data_source": "own", "backend": "vllm", "backend_version": "99.9-nightly",
    "model_path": "llama3.1-8b", "system": "H20", "mode": "agg", "isl": "1024", "osl": "128",
    "gemm_quant_mode": "", "moe_quant_mode": "", "precision": "", "batch_size": "8",
    "tp_size": "1", "silicon_ttft_ms": "100", "silicon_tpot_ms": "9",
}  # fmt: skip


@pytest.mark.parametrize(
    "changed",
    [{"system": chip} for chip in ("h200_sxm", "gb300", "MI300X", "L40S", "b300_sxm", "910B2")]
    + [{"model_path": "Qwen/Qwen3-30B-A3B-FP8", "precision": "fp8"}]
    + [{"model_path": "zai-org/GLM-4.5-Air", "system": "h200_sxm", "tp_size": "8"}],
)
def test_rows_of_chips_and_models_never_fitted_are_predicted(changed: dict[str, str]) -> None:
    found = predicted(closed_rows([SCRATCH | changed]), CATALOGUE)
    assert not found.skipped
    assert 0.0 < float(found.rows[0].loop.tpot) < 1.0


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"system": "TPU v99"}, "no chip is called"),
        ({"model_path": "nobody/none-1b"}, "no model is called"),
        ({"backend": "lmdeploy"}, "no engine is known"),
        ({"precision": "fp3"}, "no format of weights"),
        ({"batch_size": ""}, "how many clients"),
        (
            {"silicon_data_source": "2026-03-25; silicon_concurrency=0", "mode": "disagg"},
            "how many clients",
        ),
        ({"silicon_ttft_ms": ""}, "no time above zero"),
        ({"isl": ""}, "length"),
    ],
)
def test_rows_that_cannot_be_predicted_say_why(changed: dict[str, str], said: str) -> None:
    found = predicted(closed_rows([SCRATCH | changed]), CATALOGUE)
    assert not found.rows
    assert said in next(iter(found.skipped))


def test_a_row_without_most_columns_is_read() -> None:
    bare = {k: SCRATCH[k] for k in ("id", "silicon_data_source", "backend", "model_path", "system",
                                    "isl", "osl", "batch_size", "silicon_ttft_ms",
                                    "silicon_tpot_ms")}  # fmt: skip
    found = predicted(closed_rows([bare]), CATALOGUE)
    assert len(found.rows) == 1


@pytest.mark.skipif(not SHARED.is_dir(), reason="the measured tables are not beside this checkout")
def test_two_pools_are_met_as_docs_say() -> None:
    table = SHARED / "serving_closed_loop.csv"
    answer = ask(task="validate", kind="serving", file=str(table)).answer
    for metric, most in (("tpot", 0.15), ("ttft", 0.36)):
        assert answer["metrics"][metric]["by"]["mode"]["disagg"]["median_ape"] <= most
    for metric in ("tpot", "ttft", "throughput"):
        assert 0.72 <= answer["metrics"][metric]["all"]["inside_band"] <= 0.95
