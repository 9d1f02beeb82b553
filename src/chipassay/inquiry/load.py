"""A serving question with arrivals: what the simulation says of a plan, with bands.

`traffic` makes the load, `fleet` the replicas of a plan, `simulated` the fields of an answer,
`within` the highest rate at which objectives hold, `fewest` the least fleet that keeps them,
`curve` latencies over rates; `overload` says where a queue grows without end.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from chipassay.records.answer import Quantity
from chipassay.records.step_times import StepTimes
from chipassay.simulation.building import Fleet, Pool
from chipassay.simulation.loads import Ints, Load, poisson, stream
from chipassay.simulation.policies import POLICIES
from chipassay.simulation.report import Report, Spread, attainment, occupancy, report
from chipassay.simulation.search import Slo, capacity, goodput, load_curve, smallest_fleet
from chipassay.simulation.serving import Outcome, simulate
from chipassay.simulation.traces import read_trace

MOST_REQUESTS, LEAST_REQUESTS, MOST_STEPS = 2000, 200, 50_000
"""A question simulates as many requests as take this many steps, within the two ends."""
SEARCH_REQUESTS = 400
SPREAD = 0.2
"""Lengths lie evenly between 0.8 and 1.2 of what is asked; their mean is what is asked."""
GROWING = 1.3

Band = Callable[[str, float, str], Quantity]
"""A figure of a metric (`ttft`, `tpot`, `throughput`) with its band."""


def fleet(steps: StepTimes, chips: float, replicas: int, mixes: bool) -> Fleet:
    """A plan's replicas behind a router that sends to the least busy; `chips` of one replica."""
    rule = POLICIES["vllm"]._replace(mixes=mixes)
    return Fleet((Pool(steps, replicas, chips=chips, policy=rule),))


def traffic(prompt: float, output: float, rate: float, steps: StepTimes, *, seed: int = 0) -> Load:
    """Poisson arrivals with lengths round those asked, as many as a question's time allows."""
    one = float(np.asarray(steps.decode(1.0, prompt + output / 2)))
    most = MOST_STEPS * one * rate
    count = int(min(max(most, LEAST_REQUESTS), MOST_REQUESTS))
    return poisson(_around(count, prompt, seed, 1), _around(count, output, seed, 2), rate, seed)


def _around(count: int, mean: float, seed: int, which: int) -> Ints:
    draw = stream(seed, 64 + which).uniform(1 - SPREAD, 1 + SPREAD, count)
    return np.maximum(1, np.rint(draw * mean)).astype(np.int64)


def trace(path: str) -> Load:
    """A trace's requests; those without an answer are left out."""
    return read_trace(Path(path), empty="drop")


def simulated(plan: Fleet, load: Load, band: Band, slo: Slo) -> tuple[dict[str, Any], Outcome]:
    """The fields of an answer that a simulation gives, and the run itself."""
    seen = simulate(plan, load)
    told = report(seen)
    fields: dict[str, Any] = {
        "ttft": spread(told.first, "ttft", band),
        "tpot": spread(told.token, "tpot", band),
        "inter_token": spread(told.gap, "tpot", band),
        "end_to_end": spread(told.whole, "tpot", band),
        "output_tokens_per_s_per_chip": band("throughput", told.output_rate_per_chip, "1/s"),
        "requests_per_s": band("throughput", told.rate, "1/s"),
        "tokens_per_s_per_user": band("throughput", told.user_rate, "1/s"),
        "simulation": _house(plan, load, told, seen),
    }
    if slo.first < math.inf or slo.token < math.inf:
        fields["simulation"]["attainment"] = attainment(seen, slo.first, slo.token)
    return fields, seen


def spread(of: Spread, metric: str, band: Band) -> dict[str, Quantity]:
    """Mean and percentiles, each with its band."""
    return {name: band(metric, value, "s") for name, value in of._asdict().items()}


def _house(plan: Fleet, load: Load, told: Report, seen: Outcome) -> dict[str, Any]:
    """How full it was."""
    return {
        "requests": told.requests,
        "refused": told.refused,
        "arrivals_per_s": load.rate,
        "replicas": sum(pool.replicas for pool in plan.pools),
        "routing": plan.routing,
        "queue_time": told.queue._asdict(),
        "queued": told.queued,
        "running": told.running,
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


def within(plan: Fleet, load: Load, band: Band, slo: Slo) -> dict[str, Any]:
    """The highest rate at which the objectives hold for nine requests of ten."""
    count = min(load.requests, SEARCH_REQUESTS)
    short = load._replace(prompt=load.prompt[:count], output=load.output[:count],
                          arrival=load.arrival[:count], hashes=load.hashes[:0],
                          hash_start=load.hash_start[:0])  # fmt: skip
    found = goodput(plan, short, slo)
    return {
        "requests_per_s": band("throughput", found.rate, "1/s"),
        "share": slo.share,
        "nearest": {"ttft": found.report.first.p90, "tpot": found.report.token.p90},
    }


def fewest(plan: Fleet, load: Load, slo: Slo) -> dict[str, Any] | None:
    """The least fleet of these replicas that keeps the objectives; None where none does."""
    found = smallest_fleet(plan, load, slo)
    if found is None:
        return None
    return {"chips": found.chips, "replicas": [pool.replicas for pool in found.pools]}


def curve(plan: Fleet, load: Load, rates: Sequence[float]) -> list[dict[str, Any]]:
    """Latencies at several rates, as `views.load_plot.write_latency` draws them."""
    return [
        {"rate": rate, "ttft": told.first._asdict(), "tpot": told.token._asdict()}
        for rate, told in load_curve(plan, load, rates)
    ]


def overload(plan: Fleet, load: Load, seen: Outcome) -> Iterator[str]:
    """What there is to warn of: a queue that grows, prompts that no replica could hold."""
    told = report(seen)
    if told.growing > GROWING:
        holds = capacity(plan, load)
        if load.rate > holds:
            yield (
                f"the queue grows without end: {load.rate:.3g} requests a second arrive, "
                f"{holds:.3g} can be served; latencies are those of {load.requests} requests"
            )
    if told.refused:
        yield f"{told.refused} requests are longer than a replica's cache and were refused"
    if told.requests == 0:
        yield "no request was answered"
