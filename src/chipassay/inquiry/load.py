"""A serving question with arrivals: what the simulation says of a plan, with bands.

`traffic` makes the load, `fleet` the replicas of a plan, `simulated` the fields of an answer,
`within` the highest rate at which objectives hold, `fewest` the least fleet that keeps them,
`curve` latencies over rates; `overload` says where a queue grows without end. Of many alike
replicas a few are simulated with their share of the arrivals (`sliced`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from chipassay.inquiry.serving_asked import Asked
from chipassay.inquiry.serving_options import Option, holds
from chipassay.records.answer import Quantity
from chipassay.simulation.building import Fleet, Pool
from chipassay.simulation.loads import (
    Ints,
    Load,
    bursty,
    closed_loop,
    conversations,
    faster,
    stream,
)
from chipassay.simulation.report import Report, Spread, attainment, occupancy, report
from chipassay.simulation.search import (
    Slo,
    capacity,
    first_that_holds,
    goodput,
    load_curve,
    meets,
    smallest_fleet,
)  # fmt: skip
from chipassay.simulation.serving import Outcome, simulate
from chipassay.simulation.traces import read_trace

MOST_REQUESTS, LEAST_REQUESTS, MOST_STEPS = 20_000, 300, 120_000
"""A question simulates as many requests as take this many steps, within the two ends."""
STAYS = 8
"""Stays of a request that a run lasts at least, the first `WARM` of them not counted."""
WARM = 1.5
OVERLOADED = 800
"""Requests of a run in which the queue grows without end: there is no steady state to wait for."""
SEARCHED = 5
"""The same of a run in a search."""
SEARCH_REQUESTS = 400
"""Requests of a search for a rate, at least."""
MOST_REPLICAS = 4
"""Replicas of one pool that are simulated; more of them take their share of the arrivals."""
SPREAD = 0.2
"""Lengths lie evenly between 0.8 and 1.2 of what is asked; their mean is what is asked."""
GROWING = 1.3
PER_CLIENT = 10
"""Requests that each client of a closed loop sends, where nobody says how many there are."""

Band = Callable[[str, float, str], Quantity]
"""A figure of a metric (`ttft`, `tpot`, `throughput`) with its band."""


def fleet(plan: Option, routing: str = "least-outstanding") -> Fleet:
    """A plan's replicas behind a router; each pool schedules as its engine does."""
    pools = []
    for each in plan.pools:
        steps = each.about.steps
        if each.role == "prefill":
            steps = steps._replace(transfer=plan.transfer)
        size = float(each.plan.replica_chips)
        pools.append(Pool(steps, each.plan.replicas, each.role, size, each.policy))
    return Fleet(tuple(pools), routing, first_waits=len(pools) > 1)


def traffic(wanted: Asked, best: Option) -> Load:
    """The load asked, with lengths round those asked; as many requests as a question's time allows.

    Poisson arrivals, or bursts; talks of several turns; clients of a closed loop.
    """
    say = wanted.pattern
    block = int(best.about.steps.block_tokens)
    if say.turns > 1:
        return _talks(wanted, best, block)
    count, warm = counts(wanted, best)
    prompt, output = (
        _around(count, mean, say.seed, which)
        for which, mean in ((1, wanted.input), (2, wanted.output))
    )
    if not wanted.rate:
        load = closed_loop(
            prompt, output, int(wanted.clients), ramp=say.ramp, think=say.think, warm=say.warm
        )
    else:
        load = bursty(prompt, output, wanted.rate, say.burst, say.seed, warm)
    return _sharing(load, int(say.shared), block)


def counts(wanted: Asked, best: Option, stays: int = STAYS) -> tuple[int, int]:
    """Requests of a run, and how many of them come before the server is as full as it gets."""
    say = wanted.pattern
    if not wanted.rate:
        return say.requests or int(wanted.clients) * PER_CLIENT + say.warm, say.warm
    stay = best.loop.steady_ttft + (wanted.output - 1) * best.loop.tpot
    inside = wanted.rate * (say.turns * stay + (say.turns - 1) * say.pause)
    if not holds(best, wanted):
        return say.requests or OVERLOADED, 0
    if say.requests:
        return say.requests, int(min(WARM * inside, say.requests / 2))
    steps = best.about.steps
    one = float(np.asarray(steps.decode(1.0, wanted.input + wanted.output / 2)))
    room = MOST_STEPS * one * wanted.rate / sum(each.plan.replicas for each in best.pools)
    count = int(min(max(LEAST_REQUESTS, stays * inside), max(room, LEAST_REQUESTS), MOST_REQUESTS))
    return count, int(min(WARM * inside, count / 2))


def sliced(plan: Fleet, load: Load) -> tuple[Fleet, Load, float]:
    """Some of many alike replicas and their share of the arrivals; how often that is the whole.

    Only for requests that come by themselves to one pool, and share nothing: a trace, a talk or a
    closed loop is simulated whole.
    """
    pool = plan.pools[0]
    whole = len(plan.pools) > 1 or load.clients or len(load.hash_start) or len(load.follower)
    if whole or pool.replicas <= MOST_REPLICAS:
        return plan, load, 1.0
    times = pool.replicas / MOST_REPLICAS
    few = plan._replace(pools=(pool._replace(replicas=MOST_REPLICAS),))
    return few, faster(head(load, int(load.requests / times)), 1.0 / times), times


def _talks(wanted: Asked, best: Option, block: int) -> Load:
    """Talks whose turns together come at the rate asked."""
    say = wanted.pattern
    turns = int(say.turns)
    added = wanted.input - say.shared - (turns - 1) / 2 * wanted.output
    question = int(added / (1 + (turns - 1) / 2))
    count, warm = counts(wanted, best)
    talks = max(2, count // turns)
    return conversations(
        talks, turns, question=question, answer=int(wanted.output), rate=wanted.rate / turns,
        pause=say.pause, shared=int(say.shared), block=block, seed=say.seed,
    )._replace(warm=turns * min(warm // turns, talks // 2))  # fmt: skip


def _sharing(load: Load, tokens: int, block: int) -> Load:
    """The same load, all prompts beginning with the same tokens; whole blocks of them count."""
    count = np.minimum(tokens, load.prompt) // block
    if not count.any():
        return load
    start = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    names = np.arange(start[-1]) - np.repeat(start[:-1], count)
    return load._replace(hashes=names, hash_start=start, hash_tokens=block)


def _around(count: int, mean: float, seed: int, which: int) -> Ints:
    draw = stream(seed, 64 + which).uniform(1 - SPREAD, 1 + SPREAD, count)
    return np.maximum(1, np.rint(draw * mean)).astype(np.int64)


def trace(path: str) -> Load:
    """A trace's requests, those without a prompt or an answer left out."""
    return read_trace(Path(path), empty="drop")


def simulated(
    whole: Fleet, load: Load, band: Band, slo: Slo
) -> tuple[dict[str, Any], Outcome, Fleet, Load]:
    """The fields of an answer that a simulation gives, the run, and what was simulated."""
    plan, part, times = sliced(whole, load)
    seen = simulate(plan, part)
    told = report(seen)
    fields: dict[str, Any] = {
        "ttft": spread(told.first, "ttft", band),
        "tpot": spread(told.token, "tpot", band),
        "inter_token": spread(told.gap, "tpot", band),
        "end_to_end": spread(told.whole, "tpot", band),
        "output_tokens_per_s_per_chip": band("throughput", told.output_rate_per_chip, "1/s"),
        "requests_per_s": band("throughput", times * told.rate, "1/s"),
        "tokens_per_s_per_user": band("throughput", told.user_rate, "1/s"),
        "simulation": _house(plan, part, told, seen, times),
    }
    if min(slo.first, slo.token) < math.inf:
        fields["simulation"]["attainment"] = attainment(seen, slo.first, slo.token)
    return fields, seen, plan, part


def spread(of: Spread, metric: str, band: Band) -> dict[str, Quantity]:
    """Mean and percentiles, each with its band."""
    return {name: band(metric, value, "s") for name, value in of._asdict().items()}


def _house(plan: Fleet, load: Load, told: Report, seen: Outcome, times: float) -> dict[str, Any]:
    """How full it was; counts are of the whole fleet where a part of it was simulated."""
    return {
        "requests": told.requests,
        "refused": told.refused,
        "arrivals_per_s": times * load.rate,
        "replicas": sum(pool.replicas for pool in plan.pools),
        "whole": times,
        "routing": plan.routing,
        "queue_time": told.queue._asdict(),
        "queued": times * told.queued,
        "running": times * told.running,
        "cache_occupancy": told.occupancy,
        "busy": told.busy,
        "prefix_hits": told.hit,
        "preemptions": told.preempted,
        "preempted_tokens": told.dropped,
        "growing": told.growing,
        "timeline": [rows.tolist() for rows in thinned(occupancy(seen))],
    }


def thinned(rows: list[Any], most: int = 200) -> list[Any]:
    """At most so many samples of each engine."""
    return [each[:: max(1, math.ceil(len(each) / most))] for each in rows]


def within(whole: Fleet, load: Load, band: Band, slo: Slo) -> dict[str, Any]:
    """The highest rate at which the objectives hold for nine requests of ten."""
    plan, part, times = sliced(whole, load)
    found = goodput(plan, head(part, max(SEARCH_REQUESTS, 4 * part.warm)), slo)
    return {
        "requests_per_s": band("throughput", times * found.rate, "1/s"),
        "share": slo.share,
        "nearest": {"ttft": found.report.first.p90, "tpot": found.report.token.p90},
    }


def head(load: Load, most: int) -> Load:
    """The first requests of a load; talks are cut short between two of them."""
    count = min(load.requests, most)
    if len(load.follower):
        cut = np.flatnonzero(load.follower[:count] < 0)
        count = int(cut[-1]) + 1 if len(cut) else load.requests
    hashed = len(load.hash_start) > 0
    return load._replace(
        prompt=load.prompt[:count], output=load.output[:count], arrival=load.arrival[:count],
        warm=min(load.warm, count // 2),
        hashes=load.hashes[: load.hash_start[count]] if hashed else load.hashes,
        hash_start=load.hash_start[: count + 1] if hashed else load.hash_start,
        follower=load.follower[:count], pause=load.pause[:count],
    )  # fmt: skip


def fewest(
    plan: Fleet, load: Load, slo: Slo, *, least: Sequence[int] = (), most: int = 512
) -> list[int] | None:
    """The fewest replicas of each pool that keep the objectives; None where none do."""
    if len(plan.pools) > 1:
        found = smallest_fleet(plan, load, slo, least=least, most=most)
        return None if found is None else [pool.replicas for pool in found.pools]

    def carries(count: int) -> bool:
        grown = plan._replace(pools=(plan.pools[0]._replace(replicas=count),))
        few, part, _ = sliced(grown, load)
        return meets(few, part, slo)

    one = first_that_holds(carries, least[0] if least else 1, most)
    return None if one is None else [one]


def curve(
    plan: Fleet, load: Load, rates: Sequence[float], times: float = 1.0
) -> list[dict[str, Any]]:
    """Latencies at several rates, as `views.load_plot.write_latency` draws them."""
    return [
        {"rate": times * rate, "ttft": told.first._asdict(), "tpot": told.token._asdict()}
        for rate, told in load_curve(plan, load, [rate / times for rate in rates])
    ]


def overload(plan: Fleet, load: Load, seen: Outcome, times: float = 1.0) -> Iterator[str]:
    """What there is to warn of: a queue that grows, prompts that no replica could hold."""
    told = report(seen)
    if told.growing > GROWING and not load.clients:
        holds = capacity(plan, load)
        if load.rate > holds:
            yield (
                f"the queue grows without end: {times * load.rate:.3g} requests a second arrive, "
                f"{times * holds:.3g} can be served; latencies are those of the first "
                f"{load.requests} requests"
            )
    if load.left_out:
        yield f"{load.left_out} requests of the trace have no prompt or no answer and were left out"
    if told.refused:
        yield f"{told.refused} requests are longer than a replica's cache and were refused"
    if told.requests == 0:
        yield "no request was answered"
