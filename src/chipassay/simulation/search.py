"""The most a fleet can take, and the least that takes a load: searches with common randomness.

All candidates of a search see the same requests in the same order with the same gaps, only faster
or slower, so that two of them differ by what is asked and not by luck. A run stops as soon as more
requests missed their limits than may. Doubling, then bisection (DistServe, Vidur).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from chipassay.errors import QuestionError
from chipassay.simulation.building import Fleet, Limits, Pool
from chipassay.simulation.loads import Ints, Load, closed_loop, faster
from chipassay.simulation.report import Report, report
from chipassay.simulation.scalars import Count, PerSecond, Ratio, Second
from chipassay.simulation.serving import simulate

PRECISION = 0.01
"""Of a rate that is searched for."""
_DOUBLINGS = 20


class Slo(NamedTuple):
    """What is promised: limits, and the share of requests that must meet both."""

    first: Second = math.inf
    token: Second = math.inf
    share: Ratio = 0.9


class Goodput(NamedTuple):
    """The highest rate at which a promise holds."""

    rate: PerSecond
    """0 where it holds at no rate."""
    broken: PerSecond
    """The lowest rate at which it was seen not to hold."""
    runs: Count
    report: Report
    """At that rate; at a rate near none where the promise never holds: the nearest there is."""


class Point(NamedTuple):
    """A point of the frontier."""

    clients: Count
    user_rate: PerSecond
    """Output tokens a second of one user."""
    chip_rate: PerSecond
    """Output tokens a second of one chip."""
    report: Report


def meets(fleet: Fleet, load: Load, slo: Slo, engine: str = "auto") -> bool:
    """Whether a fleet keeps a promise under a load."""
    allowed = math.floor((1 - slo.share) * (load.requests - load.warm) + 2.0**-20)
    limits = Limits(slo.first, slo.token, allowed)
    return not simulate(fleet, load, limits=limits, engine=engine).given_up


def goodput(fleet: Fleet, load: Load, slo: Slo, engine: str = "auto") -> Goodput:
    """The highest rate at which a promise holds, to 1 %, for requests that come by themselves.

    `load` has the lengths and the pattern; its own rate is where the search begins.
    """
    if load.clients or math.isnan(load.rate):
        what = "goodput is for requests that come by themselves, two at least"
        raise QuestionError(what, where="--slo", hint="give a rate or a trace")
    runs = 0

    def holds(factor: float) -> bool:
        nonlocal runs
        runs += 1
        return meets(fleet, faster(load, factor), slo, engine)

    factor, broken = _boundary(holds)
    seen = report(simulate(fleet, faster(load, factor or broken), engine=engine))
    return Goodput(factor * load.rate, broken * load.rate, runs, seen)


def _boundary(holds: Callable[[float], bool]) -> tuple[float, float]:
    """The highest factor found to hold, and the lowest found not to; 0 where none holds."""
    good, bad = 0.0, 1.0
    if holds(1.0):
        good = 1.0
        for _ in range(_DOUBLINGS):
            bad = 2 * good
            if not holds(bad):
                break
            good = bad
    elif not holds(2.0**-_DOUBLINGS):
        return 0.0, 2.0**-_DOUBLINGS
    else:
        while not good:
            half = bad / 2
            good, bad = (half, bad) if holds(half) else (0.0, half)
    while bad - good > PRECISION * good:
        middle = (good + bad) / 2
        good, bad = (middle, bad) if holds(middle) else (good, middle)
    return good, bad


def capacity(fleet: Fleet, load: Load, engine: str = "auto") -> float:
    """Requests a second of a fleet that never lacks any: the load comes at once, again and again.

    Counted from when every seat has been taken twice until the last request is admitted. Replicas
    of one pool are alike, so that one of them is asked.
    """
    if len(fleet.pools) == 1 and fleet.pools[0].replicas > 1:
        pool = fleet.pools[0]
        return pool.replicas * capacity(_sized(fleet, 1), load, engine)
    seats = sum(
        pool.replicas * _seats(pool, load) for pool in fleet.pools if pool.role != "prefill"
    )
    take = np.arange(max(load.requests, 6 * seats)) % load.requests
    every = Load(load.prompt[take], load.output[take], np.zeros(len(take)))
    seen = simulate(fleet, every, engine=engine)
    ends = np.sort(seen.finish[~np.isnan(seen.finish)])
    if len(ends) == 0:
        return 0.0
    begin, end = ends[min(2 * seats, len(ends) - 1)], float(np.nanmax(seen.admitted))
    inside = int(np.sum((ends > begin) & (ends <= end)))
    return inside / (end - begin) if inside > seats else len(ends) / float(ends[-1])


def _seats(pool: Pool, load: Load) -> int:
    """Requests that a replica holds at once."""
    held = pool.times.kv_capacity_tokens / float(np.mean(load.prompt + load.output / 2))
    return max(1, int(min(held, pool.times.most_sequences)))


def frontier(
    fleet: Fleet,
    prompt: Ints,
    output: Ints,
    clients: Sequence[int],
    *,
    per_client: int = 10,
    engine: str = "auto",
) -> list[Point]:
    """Tokens a second of a chip against those of a user, over numbers of clients.

    Each loop runs `per_client` requests for a client after two that are not counted; lengths are
    taken in turn from the columns. Points that another one beats both ways are left in.
    """
    points = []
    for count in clients:
        take = np.arange(count * (per_client + 2)) % len(prompt)
        load = closed_loop(prompt[take], output[take], count, warm=2 * count)
        seen = report(simulate(fleet, load, engine=engine))
        points.append(Point(count, seen.user_rate, seen.output_rate_per_chip, seen))
    return points


def load_curve(
    fleet: Fleet, load: Load, rates: Sequence[float], engine: str = "auto"
) -> list[tuple[float, Report]]:
    """The same requests at several rates: what each was like."""
    return [
        (rate, report(simulate(fleet, faster(load, rate / load.rate), engine=engine)))
        for rate in rates
    ]


def best_points(points: Sequence[Point]) -> list[Point]:
    """Those that no other beats both for users and for chips, users' rate falling."""
    best: list[Point] = []
    for point in sorted(points, key=lambda p: (-p.user_rate, -p.chip_rate)):
        if not best or point.chip_rate > best[-1].chip_rate:
            best.append(point)
    return best


def smallest_fleet(
    fleet: Fleet,
    load: Load,
    slo: Slo,
    *,
    most: int = 512,
    least: Sequence[int] = (),
    engine: str = "auto",
) -> Fleet | None:
    """The fewest chips of these pools that keep a promise; None beyond `most` replicas of one.

    `least` are replicas below which it is known to fail. With two pools each number of the first
    is tried until it alone costs more than the best found.
    """
    begin = tuple(least) or (1,) * len(fleet.pools)
    if len(fleet.pools) == 1:
        count = first_that_holds(
            lambda n: meets(_sized(fleet, n), load, slo, engine), begin[0], most
        )
        return None if count is None else _sized(fleet, count)
    if len(fleet.pools) > 2:
        raise QuestionError("a search over more than two pools", where="fleet", hint="fix one")
    best: Fleet | None = None
    for first in range(begin[0], most + 1):
        bound = _bound(fleet, best, first, most)
        if best is not None and bound < begin[1]:
            break
        count = first_that_holds(
            lambda n, one=first: meets(_sized(fleet, one, n), load, slo, engine),  # type: ignore[misc]
            begin[1], bound,
        )  # fmt: skip
        if count is not None:
            found = _sized(fleet, first, count)
            best = found if best is None or found.chips < best.chips else best
        elif best is None and first >= begin[0] + 63:
            return None
    return best


def _bound(fleet: Fleet, best: Fleet | None, first: int, most: int) -> int:
    """Replicas of the second pool that would still be no dearer than the best found."""
    if best is None:
        return most
    one, two = fleet.pools
    return min(most, math.ceil((best.chips - first * one.chips) / two.chips) - 1)


def _sized(fleet: Fleet, *replicas: int) -> Fleet:
    pools: list[Pool] = [
        pool._replace(replicas=count) for pool, count in zip(fleet.pools, replicas, strict=True)
    ]
    return fleet._replace(pools=tuple(pools))


def first_that_holds(holds: Callable[[int], bool], least: int, most: int) -> int | None:
    """The least count from `least` on that holds, where more is never worse."""
    low, high, stride = least - 1, least, 1
    while high <= most and not holds(high):
        low, high, stride = high, high + stride, 2 * stride
    if high > most:
        if low >= most or not holds(most):
            return None
        high = most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high
