"""Serving under load: equal to a slow twin, nothing lost, nothing counted twice, more is better."""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plain_server import Guest, Server, table

from chipassay.errors import QuestionError, UnknownNameError
from chipassay.records.step_times import StepTimes
from chipassay.simulation import compiling, kernel
from chipassay.simulation.building import Fleet, Pool
from chipassay.simulation.loads import (
    Load,
    at_times,
    bursty,
    closed_loop,
    conversations,
    faster,
    fixed,
    lognormal,
    poisson,
    uniform,
)  # fmt: skip
from chipassay.simulation.policies import POLICIES, policy
from chipassay.simulation.report import attainment, report
from chipassay.simulation.serving import Outcome, simulate


def lengths(count: int, seed: int = 1) -> tuple[Any, Any]:
    return lognormal(count, 700, 0.8, seed), lognormal(count, 120, 0.6, seed, 1)


def one(**words: Any) -> Fleet:
    rule = POLICIES[words.pop("policy", "vllm")]
    return Fleet((Pool(table(**words), policy=rule),))


def served(fleet: Fleet, load: Load, **words: Any) -> Outcome:
    return simulate(fleet, load, engine="python", **words)


# --- the heap ------------------------------------------------------------------------------------


@dataclasses.dataclass
class Event:
    time: float = 0.0
    order: int = 0
    kind: int = 0
    who: int = 0


@given(st.lists(st.integers(0, 5), max_size=60))
def test_events_come_by_time_and_ties_as_they_were_announced(times: list[int]) -> None:
    heap: list[Any] = [Event() for _ in range(len(times) + 1)]
    count = 0
    for order, time in enumerate(times):
        count = kernel.announce(heap, count, float(time), order, 0, order)
    came = []
    while count:
        came.append((heap[0].time, heap[0].who))
        count = kernel.forget_first(heap, count)
    assert came == sorted((float(time), order) for order, time in enumerate(times))


# --- against the slow twin -----------------------------------------------------------------------

small = st.lists(
    st.tuples(st.integers(1, 700), st.integers(1, 60), st.integers(0, 40)), min_size=1, max_size=14
)


@pytest.mark.parametrize("name", POLICIES)
@given(rows=small, kv=st.sampled_from([800, 1000, 1600, 6000]), swaps=st.booleans())
@settings(max_examples=60, deadline=None)
def test_it_equals_a_server_that_looks_at_everybody_in_every_step(
    name: str, rows: list[tuple[int, int, int]], kv: int, swaps: bool
) -> None:
    rule = POLICIES[name]._replace(swaps=swaps)
    if rule.watermark:
        rule = rule._replace(watermark=0.1)  # of so few blocks a hundredth is none
    times = table(kv=kv, seats=6, chunk=256, block=16)
    prompt, output = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    arrival = np.sort(np.array([r[2] for r in rows]) * 0.05)
    fleet = Fleet((Pool(times, policy=rule, swap_time=1e-5),))
    seen = served(fleet, at_times(prompt, output, arrival))
    guests = [
        Guest(int(p), int(o), float(a - arrival[0]))
        for p, o, a in zip(prompt, output, arrival, strict=True)
    ]
    Server(times, rule, 1e-5).serve(
        [g for g, no in zip(guests, seen.refused, strict=True) if not no]
    )
    for i, guest in enumerate(guests):
        assert seen.first[i] == pytest.approx(guest.first, rel=1e-9, nan_ok=True)
        assert seen.finish[i] == pytest.approx(guest.finish, rel=1e-9, nan_ok=True)
        assert seen.preempted[i] == guest.evicted


@pytest.mark.parametrize("field", StepTimes._fields)
def test_every_figure_of_the_step_times_is_felt(field: str) -> None:
    """A field that the simulation did not look at would leave every moment as it was."""
    words: dict[str, Any] = {"chunk": 1500, "stages": 2, "per_step": 1.5, "verified": 2.0}
    load = poisson(*lengths(40), 30.0)

    def moments(change: bool) -> Any:
        found = []
        for sizes in ({"kv": 7000, "seats": 64}, {"seats": 6}):
            times = table(**words, **sizes, outside=0.05, transfer=1e-6)
            times = times._replace(
                graph_rows=3.0, passed=1e-5 * times.tokens, launched=2e-5 * times.tokens
            )
            if change:
                value = 1.0 if field == "reserved" else np.asarray(getattr(times, field)) * 2
                times = times._replace(**{field: value})  # type: ignore[arg-type]
            two = (Pool(times, 1, "prefill"), Pool(times, 1, "decode"))
            found += [served(fleet, load).finish for fleet in (Fleet((Pool(times),)), Fleet(two))]
        return np.concatenate(found)

    assert not np.array_equal(moments(False), moments(True), equal_nan=True)


@given(st.integers(1, 20), st.integers(16, 900), st.sampled_from([1.0, 2.0]))
@settings(max_examples=25, deadline=None)
def test_steps_take_what_the_step_times_say(count: int, prompt: int, verified: float) -> None:
    """Equal prompts that come together, then all decode; attention of prompts apart, below."""
    times = table(chunk=65536, kv=1e7, seats=64, verified=verified)
    times = times._replace(prompt_attention=0.0 * times.prompt_attention)
    load = at_times(fixed(count, prompt), fixed(count, 2), np.zeros(count))
    seen = served(Fleet((Pool(times),)), load)
    first = times.mixed(float(count * prompt), 0.0, 0.0, 0.0, float(count))
    step = times.decode(float(count), float(prompt))
    assert seen.first == pytest.approx(float(first), rel=1e-9)
    assert seen.finish - seen.first == pytest.approx(float(step), rel=1e-9)


def test_prompts_on_ranks_of_their_own_attend_side_by_side() -> None:
    """Four prompts on four ranks take the attention of one; one prompt is not cut in four."""

    def first(count: int, ranks: float) -> float:
        times = table(chunk=65536)._replace(ranks=ranks)
        load = at_times(fixed(count, 4000), fixed(count, 2), np.zeros(count))
        bare = times._replace(prompt_attention=0.0 * times.prompt_attention)
        took, without = (served(Fleet((Pool(of),)), load).first[0] for of in (times, bare))
        return float(took - without)

    assert first(4, 4.0) == pytest.approx(first(1, 1.0))
    assert first(1, 4.0) == pytest.approx(first(1, 1.0))
    assert first(4, 1.0) == pytest.approx(4 * first(1, 1.0))


@pytest.mark.skipif(not compiling.installed(), reason="numba is not installed")
def test_the_compiled_twin_gives_the_same_bits() -> None:
    """Slow once on a machine: half a minute of compiling, kept on disk afterwards."""
    talks = conversations(20, 3, question=300, answer=40, rate=2.0, pause=1.0, shared=128)
    rule = POLICIES["vllm"]
    pools = (
        Pool(table(transfer=1e-6, kv=20_000), 2, "prefill", policy=rule),
        Pool(table(kv=3_000, seats=8), 2, "decode", policy=rule._replace(swaps=True)),
    )
    cases = [
        (one(kv=4000, seats=16), poisson(*lengths(60), 30.0)),
        (one(policy="sglang"), closed_loop(*lengths(60), 7, think=0.01)),
        (Fleet((Pool(table(), 3),), "prefix-aware"), talks),
        (Fleet(pools, "round-robin", first_waits=True), poisson(*lengths(60), 20.0)),
        (one(per_step=1.7, stages=2), bursty(*lengths(60), 20.0, 3.0)),
    ]
    for fleet, load in cases:
        slow, quick = served(fleet, load), simulate(fleet, load, engine="numba")
        for name in ("arrival", "admitted", "first", "finish", "home", "hit", "preempted", "gaps"):
            mine, other = getattr(slow, name), getattr(quick, name)
            np.testing.assert_array_equal(mine, other, err_msg=name)
        for mine, other in zip(slow.engines[:-1], quick.engines[:-1], strict=True):
            np.testing.assert_array_equal(mine, other)


@pytest.mark.skipif(not compiling.installed(), reason="numba is not installed")
@given(
    rows=small, kv=st.sampled_from([900, 1600, 6000]), rule=st.sampled_from(sorted(POLICIES)),
    swaps=st.booleans(), pools=st.sampled_from([1, 2]), drafts=st.sampled_from([1.0, 1.7]),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_the_compiled_twin_gives_the_same_bits_on_random_small_loads(
    rows: list[tuple[int, int, int]], kv: int, rule: str, swaps: bool, pools: int, drafts: float
) -> None:
    times = table(kv=kv, seats=6, chunk=256, per_step=drafts, transfer=1e-6)
    scheduler = POLICIES[rule]._replace(swaps=swaps)
    roles = ("both",) if pools == 1 else ("prefill", "decode")
    fleet = Fleet(tuple(Pool(times, 2, role, policy=scheduler, swap_time=1e-5) for role in roles))
    prompt, output, came = (np.array(column) for column in zip(*rows, strict=True))
    load = at_times(prompt, output, np.sort(came) * 0.05)
    slow, quick = served(fleet, load), simulate(fleet, load, engine="numba")
    for name in ("admitted", "first", "finish", "home", "preempted", "gaps"):
        np.testing.assert_array_equal(getattr(slow, name), getattr(quick, name), err_msg=name)


# --- laws ----------------------------------------------------------------------------------------


def fleets() -> dict[str, Fleet]:
    two = (Pool(table(transfer=2e-7, kv=30_000), 2, "prefill"),
           Pool(table(kv=9_000, speed=0.7), 3, "decode"))  # fmt: skip
    return {
        "one engine": one(),
        "a small cache": one(kv=5_000, seats=32),
        "swapping": Fleet((Pool(table(kv=5_000), policy=policy("vllm")._replace(swaps=True),
                                swap_time=1e-6),)),
        "three in turn": Fleet((Pool(table(kv=8_000), 3),), "round-robin"),
        "two pools": Fleet(two),
        "unlike chips": Fleet((Pool(table(), 1, weight=2.0), Pool(table(0.5), 2))),
        "by prefix": Fleet((Pool(table(kv=20_000), 2),), "prefix-aware"),
        "pipeline and drafts": one(stages=2, per_step=2.4, kv=20_000),
        **{name: one(policy=name, kv=9_000) for name in POLICIES},
    }  # fmt: skip


def loads() -> dict[str, Load]:
    prompt, output = lengths(150)
    return {
        "poisson": poisson(prompt, output, 12.0),
        "bursty": bursty(prompt, output, 12.0, 4.0),
        "closed": closed_loop(prompt, output, 20, ramp=1.0, warm=20),
        "all at once": at_times(prompt, output, np.zeros(150)),
        "talks": conversations(40, 4, question=150, answer=60, rate=3.0, pause=2.0, shared=200),
    }


@pytest.mark.parametrize("load", loads().values(), ids=loads().keys())
@pytest.mark.parametrize("fleet", fleets().values(), ids=fleets().keys())
def test_nothing_is_lost_and_blocks_come_back(fleet: Fleet, load: Load) -> None:
    seen = served(fleet, load)
    answered = ~np.isnan(seen.finish)
    assert np.all(answered ^ seen.refused)
    assert np.all(seen.engines.used == 0)
    assert np.all(seen.engines.used + seen.engines.cached <= seen.engines.blocks)
    for trail, blocks in zip(seen.engines.trails, seen.engines.blocks, strict=True):
        assert np.all(trail[:, 3] + trail[:, 4] <= blocks)
        assert np.all(trail[:, 1:] >= 0)
    assert np.all(seen.first[answered] > seen.arrival[answered])
    assert np.all(seen.admitted[answered] <= seen.first[answered])
    assert np.all(seen.finish[answered] >= seen.first[answered])
    # One gap for each token after the first: no token is lost or sent twice. A draft's surplus at
    # an answer's end is counted with the step that made it.
    more = np.sum(load.output[answered] - 1)
    drafts = any(pool.times.per_step > 1 for pool in fleet.pools)
    assert np.sum(seen.gaps) >= more if drafts else np.sum(seen.gaps) == more


@pytest.mark.parametrize("fleet", fleets().values(), ids=fleets().keys())
def test_littles_law(fleet: Fleet) -> None:
    """Requests in the house, integrated by the engines, are the time that requests spent there."""
    seen = served(fleet, loads()["poisson"])
    done = ~np.isnan(seen.finish)
    inside = np.sum(seen.engines.queue_area) + np.sum(seen.engines.seat_area)
    stayed = float(np.sum((seen.finish - seen.arrival)[done]))
    if len(fleet.pools) == 2 and fleet.pools[0].role == "prefill":
        # On the way between two pools they are in no engine.
        stayed -= float(np.sum(seen.load.prompt[done & (seen.load.output > 1)])) * 2e-7
        assert inside == pytest.approx(stayed, rel=0.02)
    else:
        assert inside == pytest.approx(stayed, rel=1e-9)


def test_first_come_first_served() -> None:
    for name in ("vllm", "sglang", "tensorrt-llm", "orca"):
        seen = served(one(policy=name, kv=6_000), poisson(*lengths(200), 15.0))
        assert np.all(np.diff(seen.admitted) >= 0), name


def test_a_seed_repeats_and_another_differs() -> None:
    load = poisson(*lengths(100), 8.0, seed=4)
    again = poisson(*lengths(100), 8.0, seed=4)
    other = poisson(*lengths(100), 8.0, seed=5)
    assert np.array_equal(served(one(), load).finish, served(one(), again).finish)
    assert not np.array_equal(served(one(), load).finish, served(one(), other).finish)


@given(seed=st.integers(0, 30), speed=st.floats(1.05, 3.0))
@settings(max_examples=12, deadline=None)
def test_a_faster_table_is_not_slower(seed: int, speed: float) -> None:
    """On the whole: a faster engine may meet another batch, so single requests can lose a step."""
    load = poisson(*lengths(120, seed), 9.0, seed)
    slow, quick = report(served(one(), load)), report(served(one(speed=speed), load))
    assert quick.token.mean <= slow.token.mean * 1.001
    assert quick.whole.mean <= slow.whole.mean * 1.001
    loop = closed_loop(*lengths(120, seed), 16)
    assert report(served(one(speed=speed), loop)).rate >= report(served(one(), loop)).rate * 0.999


@pytest.mark.parametrize("routing", ["round-robin", "least-outstanding"])
def test_more_replicas_never_raise_the_mean_latency(routing: str) -> None:
    for seed in range(6):
        load = poisson(*lengths(200, seed), 25.0, seed)
        means = [
            report(served(Fleet((Pool(table(kv=40_000), count),), routing), load)).whole.mean
            for count in (1, 2, 4, 8)
        ]
        assert all(b <= a * 1.005 for a, b in itertools.pairwise(means)), means


def test_more_cache_is_not_worse_where_preemption_was() -> None:
    load = poisson(*lengths(150), 20.0)
    small, large = (report(served(one(kv=kv), load)) for kv in (5_000, 200_000))
    assert small.preempted > 0 == large.preempted
    assert small.dropped > 0
    assert large.whole.mean < small.whole.mean


# --- policies, as published ----------------------------------------------------------------------


def test_prefill_first_stalls_decoding_and_chunks_do_not() -> None:
    """Sarathi-Serve's point: chunks bound the gap that a long prompt opens for others."""
    prompt, output = np.array([100, 8000]), np.array([200, 2])
    load = at_times(prompt, output, np.array([0.0, 0.5]))
    gaps = {name: report(served(one(policy=name, chunk=512), load)).gap.p99 for name in POLICIES}
    longest = {
        name: seen.gap_edges[np.flatnonzero(seen.gaps)[-1]]
        for name in ("vllm", "vllm-0")
        for seen in [served(one(policy=name, chunk=512), load)]
    }
    assert longest["vllm-0"] > 2.5 * longest["vllm"]
    assert all(gap > 0 for gap in gaps.values())


def test_a_static_batch_admits_nobody_before_all_are_done() -> None:
    load = at_times(fixed(3, 100), np.array([5, 50, 5]), np.array([0.0, 0.0, 0.1]))
    seen = served(one(policy="static"), load)
    assert seen.admitted[2] == seen.finish[1]
    assert served(one(policy="orca"), load).admitted[2] < seen.finish[1]


def test_a_reserving_policy_never_preempts() -> None:
    load = poisson(*lengths(150), 30.0)
    for name in ("tensorrt-llm", "orca", "static"):
        assert report(served(one(policy=name, kv=5_000), load)).preempted == 0


def test_talks_find_their_history_in_the_cache() -> None:
    load = conversations(10, 5, question=160, answer=32, rate=0.5, pause=3.0)
    seen = served(one(), load)
    turn = np.tile(np.arange(5), 10)
    assert np.all(seen.hit[turn == 0] == 0)
    before = load.prompt[np.flatnonzero(turn) - 1] + load.output[np.flatnonzero(turn) - 1] - 1
    assert np.array_equal(seen.hit[turn > 0], before // 16 * 16)
    cold = Fleet((Pool(table(), policy=policy("vllm")._replace(prefix_cache=False)),))
    assert report(seen).first.mean < report(served(cold, load)).first.mean


def test_routing_by_prefix_finds_more_than_in_turn() -> None:
    load = conversations(30, 4, question=300, answer=30, rate=2.0, pause=2.0)
    found = {
        name: report(served(Fleet((Pool(table(), 3),), name), load)).hit
        for name in ("round-robin", "prefix-aware")
    }
    assert found["prefix-aware"] > 1.5 * found["round-robin"]


def test_the_least_outstanding_is_who_has_finished() -> None:
    """One long answer holds the first engine; short ones after each other all go to the second."""
    prompt, output = fixed(9, 50), np.array([2000, *[5] * 8])
    seen = served(Fleet((Pool(table(), 2),)), at_times(prompt, output, np.arange(9) * 1.0))
    assert seen.finish[0] > 9
    assert seen.home.tolist() == [0] + [1] * 8


def test_drafts_that_are_accepted_shorten_the_time_per_token() -> None:
    load = closed_loop(fixed(40, 200), fixed(40, 101), 4)
    plain, drafted = (report(served(one(per_step=x), load)).token.mean for x in (1.0, 2.5))
    assert drafted == pytest.approx(plain / 2.5, rel=0.02)
    times = table(per_step=1.8, verified=2.0)
    alone = report(served(Fleet((Pool(times),)), closed_loop(fixed(1, 512), fixed(1, 2001), 1)))
    assert alone.token.mean == pytest.approx(float(times.decode(1.0, 1512.0)) / 1.8, rel=0.01)


def test_time_outside_the_steps_is_in_every_first_token() -> None:
    load = closed_loop(fixed(6, 100), fixed(6, 10), 1)
    near, far = served(one(), load), served(one(outside=0.5), load)
    assert np.allclose((far.first - far.arrival) - (near.first - near.arrival), 0.5)
    assert far.finish[-1] - near.finish[-1] == pytest.approx(3.0)


def test_a_cache_takes_its_time_to_the_other_pool() -> None:
    load = at_times(np.array([1000]), np.array([10]), np.array([0.0]))

    def pools(transfer: float) -> tuple[Pool, ...]:
        return Pool(table(transfer=transfer), 1, "prefill"), Pool(table(), 1, "decode")

    near, far = served(Fleet(pools(0.0)), load), served(Fleet(pools(1e-3)), load)
    assert far.finish[0] - near.finish[0] == pytest.approx(1.0)
    assert far.first[0] == near.first[0]
    shown = served(Fleet(pools(1e-3), first_waits=True), load)
    assert shown.first[0] - near.first[0] == pytest.approx(1.0)


# --- loads ---------------------------------------------------------------------------------------


def test_a_closed_loop_never_has_more_than_its_clients() -> None:
    seen = served(one(), closed_loop(*lengths(100), 7))
    moments = np.concatenate([seen.arrival, seen.finish])
    change = np.repeat([1, -1], 100)
    inside = np.cumsum(change[np.lexsort((change, moments))])
    assert inside.max() == 7
    ramped = served(one(), closed_loop(*lengths(100), 5, ramp=2.0, warm=10))
    assert np.allclose(ramped.arrival[:5], [0, 0.4, 0.8, 1.2, 1.6])
    assert report(ramped).requests == 90


def test_gaps_have_their_rate_and_their_spread() -> None:
    for variation in (0.0, 1.0, 3.0):
        load = bursty(*lengths(20_000), 5.0, variation, seed=2)
        gaps = np.diff(load.arrival)
        assert np.mean(gaps) == pytest.approx(0.2, rel=0.06)
        assert np.std(gaps) / np.mean(gaps) == pytest.approx(variation, abs=0.1)
    load = poisson(*lengths(50), 2.0)
    assert np.allclose(faster(load, 4.0).arrival * 4, load.arrival)


def test_lengths_are_in_their_range() -> None:
    drawn = uniform(5000, 100, 0.8, 3)
    assert (drawn.min(), drawn.max()) == (80, 100)
    assert np.mean(lognormal(50_000, 300, 1.0, 3)) == pytest.approx(300, rel=0.05)


def test_a_prompt_too_long_for_the_cache_is_refused_and_counted() -> None:
    load = at_times(np.array([100, 9000, 100]), fixed(3, 20), np.arange(3.0))
    seen = served(one(kv=2000), load)
    assert seen.refused.tolist() == [False, True, False]
    assert report(seen).refused == 1
    assert attainment(seen, math.inf, math.inf) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (lambda: closed_loop(fixed(0, 1), fixed(0, 1), 1), "no requests"),
        (lambda: poisson(fixed(2, 5), np.array([3, 0]), 1.0), "request 1 has an answer of 0"),
        (lambda: poisson(fixed(2, 5), fixed(3, 5), 1.0), "do not pair up"),
        (lambda: poisson(fixed(2, 5), fixed(2, 5), 0.0), "brings no requests"),
        (lambda: closed_loop(fixed(2, 5), fixed(2, 5), 0), "at least one client"),
        (lambda: at_times(fixed(2, 5), fixed(2, 5), [1.0, 0.0]), "go back in time"),
        (
            lambda: served(Fleet((Pool(table(), role="decode"),)), poisson(*lengths(3), 1.0)),
            "pools",
        ),
        (lambda: served(Fleet((Pool(table()),), "best"), poisson(*lengths(3), 1.0)), "no routing"),
        (lambda: policy("fifo"), "no scheduling policy"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(broken: Any, says: str) -> None:
    with pytest.raises((QuestionError, UnknownNameError), match=says):
        broken()
