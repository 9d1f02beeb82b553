"""Arrivals, objectives and traces: searches, readers of public forms, the answer, the pictures."""

from __future__ import annotations

import doctest
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.plain_server import table

from chipassay import Question, ask
from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.run_costs import assumed
from chipassay.errors import QuestionError
from chipassay.inquiry.load import curve, fewest
from chipassay.model.serve_loop import Habits
from chipassay.model.serve_loop import Load as Clients
from chipassay.model.serve_loop import closed_loop as by_arithmetic
from chipassay.simulation.building import Fleet, Pool
from chipassay.simulation.loads import closed_loop, faster, lognormal, poisson, uniform
from chipassay.simulation.policies import POLICIES
from chipassay.simulation.report import attainment, report
from chipassay.simulation.search import (
    Slo,
    best_points,
    capacity,
    frontier,
    goodput,
    meets,
    smallest_fleet,
)
from chipassay.simulation.serving import simulate
from chipassay.simulation.traces import read_trace
from chipassay.views.chrome_trace import events, write_chrome_trace
from chipassay.views.load_plot import write_frontier, write_latency, write_occupancy

SHARED = Path(__file__).parents[1].parent / "shared" / "traces"
POWER = SHARED.parent / "measured" / "power_splitwise_a100_h100.csv"
SMALL = {"kv": 30_000, "seats": 64}


def lengths(count: int = 150) -> tuple[Any, Any]:
    return lognormal(count, 700, 0.6, 1), lognormal(count, 80, 0.5, 1, 1)


def one(**words: Any) -> Fleet:
    return Fleet((Pool(table(**SMALL | words)),))


# --- objectives ----------------------------------------------------------------------------------

SLO = Slo(0.5, 0.03, 0.9)


def test_goodput_is_where_the_objective_ceases_to_hold() -> None:
    load = poisson(*lengths(), 1.0)
    found = goodput(one(), load, SLO, engine="python")
    base = load.rate
    assert found.rate < found.broken <= found.rate * 1.011
    assert meets(one(), faster(load, found.rate / base), SLO, engine="python")
    assert not meets(one(), faster(load, found.broken / base), SLO, engine="python")
    seen = simulate(one(), faster(load, found.rate / base), engine="python")
    assert attainment(seen, SLO.first, SLO.token) >= SLO.share


def test_a_run_that_is_given_up_early_would_have_failed_to_its_end() -> None:
    for factor in (1.0, 8.0, 20.0, 60.0):
        load = faster(poisson(*lengths(), 1.0), factor)
        whole = simulate(one(), load, engine="python")
        kept = attainment(whole, SLO.first, SLO.token) >= SLO.share
        assert meets(one(), load, SLO, engine="python") == kept


def test_a_looser_objective_a_faster_chip_and_more_chips_never_hold_less() -> None:
    load = poisson(*lengths(), 1.0)
    base = goodput(one(), load, SLO, engine="python").rate
    assert goodput(one(), load, Slo(1.0, 0.05, 0.9), engine="python").rate >= base
    assert goodput(one(speed=1.5), load, SLO, engine="python").rate >= base
    two = Fleet((Pool(table(**SMALL), 2),))
    assert goodput(two, load, SLO, engine="python").rate >= base * 1.5


def test_an_objective_that_no_rate_meets_tells_the_nearest() -> None:
    found = goodput(one(), poisson(*lengths(), 1.0), Slo(1e-4, 1e-4), engine="python")
    assert found.rate == 0
    assert found.report.first.mean > 1e-4
    with pytest.raises(QuestionError, match="come by themselves"):
        goodput(one(), closed_loop(*lengths(), 3), SLO)


def test_above_capacity_the_queue_grows_and_below_it_does_not() -> None:
    load = poisson(*lengths(400), 1.0)
    most = capacity(one(), load, engine="python")
    below, above = (
        report(simulate(one(), faster(load, x * most / load.rate), engine="python"))
        for x in (0.6, 2.0)
    )
    assert below.growing < 1.3 < above.growing
    assert below.rate == pytest.approx(0.6 * most, rel=0.1)
    assert above.rate <= most * 1.1


def test_the_smallest_fleet_is_the_smallest() -> None:
    load = faster(poisson(*lengths(), 1.0), 60.0)
    found = smallest_fleet(one(), load, SLO, engine="python")
    assert found is not None
    count = found.pools[0].replicas
    assert count > 1
    assert meets(found, load, SLO, engine="python")
    fewer = Fleet((found.pools[0]._replace(replicas=count - 1),))
    assert not meets(fewer, load, SLO, engine="python")
    assert smallest_fleet(one(), load, Slo(1e-4, 1e-4), most=4, engine="python") is None
    assert fewest(one(), load, SLO) == [count]


def test_unlike_chips_share_the_work_at_the_least_cost() -> None:
    pools = (
        Pool(table(speed=2.0, transfer=1e-7, **SMALL), 1, "prefill", chips=2),
        Pool(table(**SMALL), 1, "decode", chips=1),
    )
    load = faster(poisson(*lengths(), 1.0), 40.0)
    found = smallest_fleet(Fleet(pools), load, SLO, engine="python")
    assert found is not None
    assert meets(found, load, SLO, engine="python")
    first, second = (pool.replicas for pool in found.pools)
    for fewer in ((first - 1, second), (first, second - 1)):
        if min(fewer) > 0:
            sizes = zip(pools, fewer, strict=True)
            less = Fleet(tuple(pool._replace(replicas=n) for pool, n in sizes))
            assert not meets(less, load, SLO, engine="python")


def test_the_frontier_trades_users_against_chips() -> None:
    points = frontier(one(), *lengths(40), (1, 4, 16, 64), engine="python")
    best = best_points(points)
    assert [point.clients for point in best] == [1, 4, 16, 64]
    assert np.all(np.diff([point.user_rate for point in best]) < 0)
    assert np.all(np.diff([point.chip_rate for point in best]) > 0)


@pytest.mark.parametrize("policy", ["vllm", "sglang"])
@pytest.mark.parametrize("size", [(1000, 200), (4000, 100), (1024, 1024)])
def test_the_closed_loop_by_arithmetic_is_near_the_simulation(
    policy: str, size: tuple[int, int]
) -> None:
    """The formula's first token waits a whole step by its fitted habit: asked for within 75 %."""
    rule = POLICIES[policy]
    for clients in (1, 8, 32, 128):
        count = 10 * clients
        prompt, output = uniform(count, size[0], 0.8, 1), uniform(count, size[1], 0.8, 1, 1)
        fleet = Fleet((Pool(table(), policy=rule),))
        seen = report(simulate(fleet, closed_loop(prompt, output, clients), engine="python"))
        load = Clients(clients, float(np.mean(prompt)), float(np.mean(output)), 10.0)
        told = by_arithmetic(table(), load, Habits(), float(rule.mixes))
        assert float(told.tpot) == pytest.approx(seen.token.mean, rel=0.12)
        assert float(told.rate) == pytest.approx(seen.rate, rel=0.12)
        assert float(told.ttft) == pytest.approx(seen.first.mean, rel=0.75)


# --- traces --------------------------------------------------------------------------------------


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


AT = "2023-11-16 18:15:"
HEAD = "TIMESTAMP,ContextTokens,GeneratedTokens\n"


def test_both_forms_are_read(tmp_path: Path) -> None:
    azure = HEAD + "2023-11-16 18:15:46.6805900,374,44\n2023-11-16 18:16:00.1805900,10,5\n"
    load = read_trace(written(tmp_path, "a.csv", azure))
    assert load.prompt.tolist() == [374, 10]
    assert load.output.tolist() == [44, 5]
    assert load.arrival.tolist() == pytest.approx([0.0, 13.5])
    rows = [
        {"timestamp": 1000, "input_length": 1300, "output_length": 9, "hash_ids": [7, 8, 9]},
        {"timestamp": 4000, "input_length": 1024, "output_length": 2, "hash_ids": [7, 8]},
    ]
    text = "\n".join(map(json.dumps, rows))
    load = read_trace(written(tmp_path, "m.jsonl", text))
    assert load.arrival.tolist() == [0.0, 3.0]
    assert load.hashes.tolist() == [7, 8, 7, 8]
    seen = simulate(Fleet((Pool(table()),)), load, engine="python")
    assert seen.hit.tolist() == [0, 512]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("t.csv", "", "empty"),
        ("t.csv", HEAD, "empty"),
        ("t.csv", "a,b\n1,2\n", r"t\.csv:1: columns"),
        ("t.csv", HEAD + "2023-11-16 18:15:46.68,374\n", r"t\.csv:2: 2 cells"),
        ("t.csv", HEAD + "yesterday,374,4\n", r"t\.csv:2: 'yesterday' is no time"),
        ("t.csv", HEAD + "2023-11-16 18:15:46,3.5,4\n", r"t\.csv:2: '3.5' is no count"),
        ("t.csv", HEAD + "2023-11-16 18:15:46,3,0\n", r"t\.csv:2: a request of 3 tokens"),
        ("t.csv", HEAD + f"{AT}46,3,1\n{AT}45,3,1\n", r"t\.csv:3: this came"),
        ("t.jsonl", "\n{}\n", r"t\.jsonl:2: no request"),
        ("t.jsonl", "[1, 2]\n", r"t\.jsonl:1: no request"),
        ("t.jsonl", '{"timestamp": 1, "input_length": "x", "output_length": 2}', "is no count"),
        ("t.jsonl", '{"timestamp": NaN, "input_length": 1, "output_length": 2}', "a time"),
        ("t.txt", "x", "no form of a trace"),
    ],
)  # fmt: skip
def test_a_broken_trace_is_refused_with_its_line(
    tmp_path: Path, name: str, text: str, says: str
) -> None:
    with pytest.raises(QuestionError, match=says):
        read_trace(written(tmp_path, name, text))


@pytest.mark.skipif(not SHARED.is_dir(), reason="the traces lie outside the repository")
def test_public_traces_have_their_published_counts() -> None:
    """8,819 and 19,366 requests; 12,031 and 3,993 (d.5 of the design)."""
    counts = {
        "AzureLLMInferenceTrace_code.csv": 8819,
        "AzureLLMInferenceTrace_conv.csv": 19366,
        "mooncake_conversation_trace.jsonl": 12031,
        "mooncake_synthetic_trace.jsonl": 3993,
    }
    for name, count in counts.items():
        assert read_trace(SHARED / name).requests == count
    load = read_trace(SHARED / "mooncake_synthetic_trace.jsonl", first=300)
    found = {
        name: report(simulate(Fleet((Pool(table(kv=2_000_000), 4),), name), load, engine="python"))
        for name in ("round-robin", "prefix-aware")
    }
    assert found["prefix-aware"].hit > found["round-robin"].hit > 0


# --- the answer ----------------------------------------------------------------------------------

SERVED = {"task": "serve", "model": "llama3.1-70b", "chip": "h20", "chips": ("8",), "plan": "tp=8"}


def served(**words: Any) -> Any:
    return ask(Question(**{**SERVED, **words}))


def test_a_rate_is_answered_with_percentiles_and_a_goodput() -> None:
    answer = served(input="512", output="64", rate="4", slo="ttft=2s,tpot=60ms")
    for name in ("ttft", "tpot", "end_to_end", "inter_token"):
        part = answer.answer[name]
        assert part["p50"].value <= part["p90"].value <= part["p99"].value
        assert part["p50"].low < part["p50"].value < part["p50"].high
    house = answer.answer["simulation"]
    assert house["requests"] >= 200
    assert 0 < house["attainment"] <= 1
    assert answer.answer["goodput"]["requests_per_s"].value > 0
    again = served(input="512", output="64", rate="4", slo="ttft=2s,tpot=60ms")
    assert again.as_json() == answer.as_json()
    json.dumps(answer.as_json(), allow_nan=False)


def test_latency_rises_with_the_rate_and_too_much_is_said() -> None:
    calm, busy = (served(input="512", output="64", rate=rate) for rate in ("1", "7"))
    assert busy.answer["ttft"]["p99"].value > calm.answer["ttft"]["p99"].value
    flooded = served(input="2048", output="64", rate="200")
    assert any("the queue grows without end" in warning for warning in flooded.warnings)


def test_a_trace_brings_its_own_load(tmp_path: Path) -> None:
    rows = "".join(f"2023-11-16 18:{i // 60:02}:{i % 60:02}.5,{300 + i},20\n" for i in range(120))
    path = written(tmp_path, "t.csv", HEAD + rows)
    answer = served(trace=str(path))
    assert answer.answer["simulation"]["requests"] == 120
    assert answer.answer["simulation"]["arrivals_per_s"] == pytest.approx(1.0, rel=0.02)
    with pytest.raises(Exception, match="a trace brings its own load"):
        served(trace=str(path), rate="3")


def test_the_page_runs() -> None:
    page = Path(__file__).parents[1] / "docs" / "simulation.md"
    found = doctest.testfile(str(page), module_relative=False)
    assert found.attempted > 5
    assert found.failed == 0


# --- pictures ------------------------------------------------------------------------------------


def test_pictures_are_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    seen = simulate(one(), poisson(*lengths(), 8.0), engine="python")
    write_occupancy(seen.engines.trails, tmp_path / "occupancy.svg")
    points = curve(one(), poisson(*lengths(), 1.0), [2.0, 8.0, 30.0])
    assert points[0]["ttft"]["p99"] < points[-1]["ttft"]["p99"]
    write_latency(points, tmp_path / "latency.png")
    point = {"tokens_per_s_per_user": 9.0, "tokens_per_s_per_chip": 50.0, "concurrency": 4}
    write_frontier({"a": [point], "b": [point]}, tmp_path / "frontier.svg")
    for name in ("occupancy.svg", "latency.png", "frontier.svg"):
        assert (tmp_path / name).stat().st_size > 3000


def test_a_chrome_trace_has_every_request_and_no_overlap(tmp_path: Path) -> None:
    seen = simulate(one(), poisson(*lengths(60), 20.0), engine="python")
    write_chrome_trace(seen, tmp_path / "run.json")
    found = json.loads((tmp_path / "run.json").read_text())["traceEvents"]
    spans = [each for each in found if each["ph"] == "X"]
    assert len(spans) == 3 * 60
    rows: dict[Any, float] = {}
    for each in sorted(spans, key=lambda span: span["ts"]):
        row = each["pid"], each["tid"]
        assert each["ts"] >= rows.get(row, -math.inf) - 0.01
        rows[row] = each["ts"] + each["dur"]
    assert any(each["ph"] == "C" for each in events(seen))
    with pytest.raises(QuestionError, match="no such folder"):
        write_chrome_trace(seen, tmp_path / "none" / "run.json")


# --- words of a load, pools, the smallest fleet ---------------------------------------------------

TWO = "prefill=ascend-910b1*8:tp=8,decode=8:tp=4"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"plan": "prefill=8:tp=8"}, "a pool for decode is missing"),
        ({"plan": f"{TWO},tp=8"}, "belongs to a pool"),
        ({"plan": "prefill=8:tp,decode=8"}, "no word of a pool"),
        ({"plan": "prefill=8:speed=2,decode=8"}, "no word of a pool"),
        ({"plan": "prefill=h2O*8,decode=8"}, "no chip is called"),
        ({"plan": "prefill=0,decode=8"}, "prefill=0 is none"),
        ({"plan": "prefill=4,decode=8"}, "the pools take 12 chips, not 16"),
        ({"plan": "tp=8,tp=4"}, "tp is said twice"),
        ({"plan": "tp=8,mtp=9"}, "mtp=9 is none"),
        ({"plan": "tp=8,accept=0.9"}, "mtp says how many"),
        ({"plan": "tp=8,mtp=1,accept=2"}, "accept=2 is none"),
        ({"plan": "tp=8,routing=best"}, "no routing is called"),
        ({"plan": "tp=8,schedule=fifo"}, "no schedule is called"),
        ({"plan": "tp=8,chunk=0"}, "chunk=0 is none"),
        ({"rate": "4,bursts=3"}, "no word is called"),
        ({"rate": "4,burst=-1"}, "is no count"),
        ({"rate": "8..2"}, "runs backwards"),
        ({"input": "512,turns=3"}, "add --rate"),
        ({"input": "512,shared=512", "rate": "1"}, "leave nothing"),
        ({"input": "512,turns=400", "rate": "1"}, "are more than"),
        ({"input": "512,turns=2,pause=soon", "rate": "1"}, "is no time"),
        ({"concurrency": "8,burst=2"}, "no word is called"),
        ({"chips": "smallest"}, "the fewest chips for what load"),
        ({"chips": "16..8", "rate": "2"}, "no number of chips"),
    ],
)
def test_words_that_make_no_sense_are_refused_in_one_line(words: dict[str, str], says: str) -> None:
    with pytest.raises(QuestionError, match=says) as refused:
        served(**({"input": "512", "output": "64", "chips": "16", "plan": "tp=8"} | words))
    assert "\n" not in str(refused.value)


def test_two_pools_of_unlike_chips_by_arithmetic_and_simulated() -> None:
    words = {"input": "1024", "output": "128", "chips": "16", "plan": TWO}
    busy, calm = (
        served(**words, concurrency=clients).answer for clients in ("16,requests=160", "16")
    )
    assert [pool["chip"]["id"] for pool in calm["pools"]] == ["ascend-910b1", "h20-96gb"]
    assert [pool["role"] for pool in calm["pools"]] == ["prefill", "decode"]
    assert calm["bound_by"].startswith(("the prefill pool", "the decode pool"))
    assert calm["transfer"]["time"].value > 0
    assert busy["tpot"]["mean"].value == pytest.approx(calm["tpot"]["mean"].value, rel=0.1)
    assert busy["requests_per_s"].value == pytest.approx(calm["requests_per_s"].value, rel=0.15)
    fast = served(**words, but={"h20-96gb.memory_bandwidth": "8 TB/s"}).answer
    assert fast["tpot"]["mean"].value < calm["tpot"]["mean"].value


def test_the_plan_that_an_answer_names_asks_the_same_again() -> None:
    for plan in (TWO, "tp=8,mtp=2,accept=0.7,kv=fp8"):
        first = served(input="512", output="64", chips="16", plan=plan).answer
        again = served(input="512", output="64", chips="16", plan=first["plan_text"]).answer
        assert again["tpot"]["mean"] == first["tpot"]["mean"]
        assert again["plan_text"] == first["plan_text"]


def test_pools_that_are_not_sized_are_sized() -> None:
    plan = "prefill=ascend-910b1,decode="
    answer = served(input="1024", output="128", chips="16", plan=plan).answer
    assert sum(pool["chips"] for pool in answer["pools"]) == 16
    given = served(input="1024", output="128", chips="16", plan=TWO).answer
    rate = answer["output_tokens_per_s_per_chip"].value
    assert rate >= given["output_tokens_per_s_per_chip"].value


def test_the_fewest_chips_carry_the_load_and_fewer_do_not() -> None:
    words = {"input": "512", "output": "64", "rate": "30", "slo": "ttft=1s,tpot=60ms"}
    found = served(**words, chips="smallest").answer
    assert found["smallest"]["carried"]
    chips = found["chips"]
    assert chips % 8 == 0
    assert served(**words, chips=str(chips)).answer["simulation"]["attainment"] >= 0.85
    few = served(**words, chips=str(chips - 8)) if chips > 8 else None
    assert few is None or few.answer["simulation"]["attainment"] < 0.95
    bounded = served(**words, chips=f"{chips + 1}..{8 * chips}").answer
    assert bounded["chips"] > chips


def test_a_fleet_that_no_objective_allows_is_refused_with_the_nearest() -> None:
    answer = served(input="512", output="64", rate="3", slo="tpot=1ms", chips="8..16")
    assert answer.refusal
    assert not answer.answer["smallest"]["carried"]
    assert any("the nearest is over it" in note for note in answer.warnings)


def test_talks_find_what_was_said_and_a_shared_head_is_computed_once() -> None:
    talks = served(input="512,turns=4,pause=1s,shared=256", output="64", rate="4").answer
    told = talks["load"]
    assert (told["turns"], told["shared"]) == (4, 256)
    assert told["input"] == pytest.approx(512 + 1.5 * (256 + 64))
    share = told["known"] / told["input"]
    assert talks["simulation"]["prefix_hits"] == pytest.approx(share, abs=0.06)
    plain, shared = (
        served(input=written, output="64", rate="4").answer
        for written in ("2048", "2048,shared=1536")
    )
    assert shared["ttft"]["p50"].value < plain["ttft"]["p50"].value
    forgetful = served(input="2048,shared=1536", output="64", rate="4", chip="ascend-910b2")
    assert any("keeps no blocks" in note for note in forgetful.warnings)


@pytest.mark.parametrize("plan", ["tp=8", "tp=4", "prefill=4:tp=4,decode=4:tp=4"])
def test_twice_the_bandwidth_never_raises_the_time_per_token(plan: str) -> None:
    words = {"input": "1024", "output": "64", "rate": "2", "plan": plan}
    plain = served(**words).answer["tpot"]
    wide = served(**words, but={"h20-96gb.memory_bandwidth": "8 TB/s"}).answer["tpot"]
    for name in ("mean", "p50", "p99"):
        assert wide[name].value <= plain[name].value * 1.001


@pytest.mark.parametrize("engine", ["vllm", "trtllm"])
@pytest.mark.parametrize("plan", ["tp=8", "tp=4,pp=2", "prefill=4:tp=4,decode=4:tp=4"])
def test_arithmetic_and_simulation_agree_on_a_real_plan(plan: str, engine: str) -> None:
    """Prompts first is left out: there the arithmetic's waves are fitted, the simulation's not."""
    words = {"input": "1024", "output": "128", "plan": plan, "engine": engine}
    told, seen = (served(**words, concurrency=said).answer for said in ("32", "32,requests=320"))
    for name, off in (("tpot", 0.1), ("ttft", 0.2)):
        mean = told[name]["mean"].value
        assert seen[name]["mean"].value == pytest.approx(mean, rel=off)
    assert seen["requests_per_s"].value == pytest.approx(told["requests_per_s"].value, rel=0.15)


def test_bursts_wait_longer_than_a_steady_beat() -> None:
    rates = ("5,burst=0,requests=400", "5,requests=400", "5,burst=4,requests=400")
    waits = [served(input="1024", output="64", rate=r).answer["ttft"]["p99"].value for r in rates]
    assert waits == sorted(waits)


def test_rates_in_a_range_are_told_one_by_one() -> None:
    answer = served(input="512", output="64", rate="1..6").answer
    rates = [point["rate"] for point in answer["curve"]]
    assert (rates[0], rates[-1]) == pytest.approx((1.0, 6.0))
    assert answer["curve"][0]["ttft"]["p50"] < answer["curve"][-1]["ttft"]["p50"]


def test_guessed_tokens_are_worth_what_is_taken_of_them() -> None:
    plans = ("tp=8", "tp=8,mtp=2", "tp=8,mtp=2,accept=0", "tp=8,mtp=2,accept=1")
    plain, usual, none, every = (
        served(input="512", output="64", concurrency="4", plan=plan).answer for plan in plans
    )
    assert every["speculation"]["tokens_per_step"] == 3
    assert none["tpot"]["mean"].value > plain["tpot"]["mean"].value > usual["tpot"]["mean"].value
    assert usual["tpot"]["mean"].value > every["tpot"]["mean"].value


@pytest.mark.parametrize(
    ("name", "as_"), [("vllm", "vllm"), ("sglang", "sglang"), ("trtllm", "tensorrt-llm")]
)
def test_the_scheduler_that_is_simulated_is_the_engines_own(name: str, as_: str) -> None:
    answer = served(input="512", output="16", engine=name).answer
    assert dict(answer["schedule"]) == POLICIES[as_]._asdict()
    told = served(input="512", output="16", engine=name, plan="tp=8,schedule=static").answer
    assert told["schedule"]["static"]


def test_a_power_and_a_price_have_bands_and_a_kind_or_are_unknown() -> None:
    known = served(input="512", output="64").answer
    for name in ("power_per_chip", "energy_per_output_token", "cost_per_million_output_tokens"):
        figure = known[name]
        assert 0 < figure.low <= figure.value <= figure.high
    assert known["power_per_chip"].value <= 500
    assert known["cost_basis"]["quotes"][0]["date"]
    calm = served(input="512", output="64", rate="0.2").answer
    assert calm["power_per_chip"].value <= known["power_per_chip"].value
    assert calm["energy_per_output_token"].value > known["energy_per_output_token"].value
    unpriced = served(input="512", output="64", chip="ascend-910b1").answer
    assert math.isnan(unpriced["cost_per_million_output_tokens"].value)
    assert "ascend-910b1" in unpriced["needs"][0]


@pytest.mark.skipif(not POWER.is_file(), reason="the measured power lies outside the repository")
def test_measured_draws_are_met_as_docs_say() -> None:
    from builders.fit_power import NAMES, misfit, points

    catalogue = Catalogue.shipped()
    constants = np.array([assumed(catalogue, id_).value for id_ in NAMES])
    off = np.abs(np.expm1(misfit(constants, points(POWER))))
    assert np.median(off) < 0.05
    assert np.quantile(off, 0.9) < 0.25


def test_a_trace_without_answers_says_so(tmp_path: Path) -> None:
    rows = "".join(f"2023-11-16 18:15:{i:02}.5,300,{i % 2 * 9}\n" for i in range(20))
    answer = served(trace=str(written(tmp_path, "t.csv", HEAD + rows)))
    assert any("10 requests of the trace have no prompt" in note for note in answer.warnings)
    none = "".join(f"2023-11-16 18:15:{i:02}.5,300,0\n" for i in range(3))
    with pytest.raises(QuestionError, match="none of 3 requests"):
        served(trace=str(written(tmp_path, "n.csv", HEAD + none)))


def test_many_alike_replicas_are_simulated_by_a_few() -> None:
    words = {"input": "512", "output": "64"}
    one = served(**words, chips="16", rate="5").answer
    many = served(**words, chips="128", rate="40").answer
    assert many["simulation"]["whole"] == 4
    assert many["requests_per_s"].value == pytest.approx(40, rel=0.12)
    assert many["ttft"]["p50"].value == pytest.approx(one["ttft"]["p50"].value, rel=0.2)
