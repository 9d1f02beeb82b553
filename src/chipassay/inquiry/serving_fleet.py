"""The fewest chips that carry a load: by arithmetic which plans are worth it, then by simulation.

Arithmetic gives each plan of one replica the highest rate at which the objective holds; that bounds
the replicas from below. The plans that promise the fewest chips are then simulated under the load,
with common random numbers, until the objective holds for nine requests of ten.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from chipassay.catalogue.fabrics import fabric
from chipassay.errors import QuestionError
from chipassay.inquiry import load as loads
from chipassay.inquiry.serving_asked import Asked
from chipassay.inquiry.serving_fields import plan_text
from chipassay.inquiry.serving_options import (
    HOLDS,
    Option,
    Placed,
    Wanted,
    agreed,
    fill_rate,
    load_of,
    looped,
    option,
    pool_options,
    read_rate,
)  # fmt: skip
from chipassay.inquiry.serving_setup import PoolAsked
from chipassay.simulation.loads import Load
from chipassay.simulation.search import Slo

WIDEST = 2
"""Nodes that one replica may span in a search."""
SIMULATED = 3
"""Plans that are simulated, those that promise the fewest chips first."""
CLIENTS = np.unique(np.rint(np.geomspace(1.0, 4096.0, 49)))


class Candidate(NamedTuple):
    """A plan of one replica in each pool, and the fewest replicas that could do."""

    pools: tuple[Placed, ...]
    least: tuple[int, ...]

    @property
    def chips(self) -> int:
        """Chips of the fewest replicas."""
        return sum(n * p.plan.replica_chips for n, p in zip(self.least, self.pools, strict=True))


def smallest(about: Wanted, came: Load | None) -> tuple[list[Option], Option, dict[str, Any]]:
    """All plans tried, the one with the fewest chips, and what the search says."""
    found = _candidates(about)
    worth = sorted((each for each in found if each.least[0]), key=lambda each: each.chips)
    inside = [each for each in worth if each.chips <= about.asked.most]
    best: Option | None = None
    for each in inside[:SIMULATED]:
        if best is None or each.chips < best.chips:
            sized = _carrying(each, about, came)
            if sized is not None and (best is None or sized.chips < best.chips):
                best = sized
    carried = best is not None
    if best is None:
        best = _nearest(worth or found, about)
    tried = [option(each.pools, about.asked) for each in found]
    words = {"chips": best.chips, "carried": carried, "from": about.asked.least,
             "to": about.asked.most, "plans": len(found)}  # fmt: skip
    bounds = [
        {"plan": plan_text(option(each.pools, about.asked), about), "at_least_chips": each.chips}
        for each in worth[:SIMULATED]
    ]
    return tried, best, {"smallest": {**words, "simulated": bounds}}


def _candidates(about: Wanted) -> list[Candidate]:
    """Every plan of one replica that holds the model, with its fewest replicas."""
    ways = [_replicas(about, pool) for pool in about.setup.pools]
    if any(not each for each in ways):
        problem = f"no replica of up to {about.asked.most} chips holds {about.model.name}"
        raise QuestionError(problem, where="--chips", hint="allow more, or a narrower --precision")
    if len(ways) == 1:
        return [Candidate((each,), (_fewest((each,), about.asked),)) for each in ways[0]]
    fill = _best(ways[0], lambda each: _fill_rate(each, about.asked))
    read = _best(ways[1], lambda each: _read_rate(each, about.asked))
    pools, asked = agreed((fill, read)), about.asked
    rates = (_fill_rate(fill, asked), _read_rate(read, asked))
    least = tuple(max(1, math.ceil(asked.rate / rate)) if rate > 0 else 0 for rate in rates)
    return [Candidate(pools, least if all(least) else (0, 0))]


def _replicas(about: Wanted, pool: PoolAsked) -> list[Placed]:
    """Plans of one replica, on one chip up to a few nodes."""
    chip = about.catalogue.chip(pool.chip or about.question.chip or "").entry
    most = min(about.asked.most, pool.chips or WIDEST * int(fabric(chip).domain))
    found: dict[Any, Placed] = {}
    chips = 1
    while chips <= most:
        try:
            made = list(pool_options(about, pool, chips))
        except QuestionError:
            if chips * 2 > most and not found:
                raise
            made = []
        for each in made:
            if each.plan.replicas == 1 and each.about.memory.fits:
                found[each.plan] = each
        chips *= 2
    return list(found.values())


def _fewest(pools: tuple[Placed, ...], asked: Asked) -> int:
    """Replicas that arithmetic asks for; 0 where no load of theirs meets the objective."""
    done = looped(pools, load_of(asked, CLIENTS, pools), 0.0)
    good = (done.steady_ttft <= asked.ttft) & (done.tpot <= asked.tpot)
    rate = float(np.max(np.where(good, done.rate, 0.0)))
    return max(1, math.ceil(HOLDS * asked.rate / rate)) if rate > 0 else 0


def _best(ways: list[Placed], rate: Any) -> Placed:
    """The plan with the highest rate a chip; the quickest where none meets the objective."""
    return max(ways, key=lambda each: (rate(each) / each.plan.chips, each.plan.chips))


def _fill_rate(fill: Placed, asked: Asked) -> float:
    """Prompts a second of a prefill replica; 0 where one alone is over the objective."""
    rate, moment = fill_rate(fill, asked)
    return rate * float(moment <= asked.ttft)


def _read_rate(read: Placed, asked: Asked) -> float:
    """Answers a second of a decode replica while it meets the objective."""
    room = read.about.steps.room(asked.input, asked.output)
    tpot, rate = read_rate(read, asked, np.minimum(CLIENTS, room))
    return float(np.max(np.where(tpot <= asked.tpot, rate, 0.0)))


def _carrying(each: Candidate, about: Wanted, came: Load | None) -> Option | None:
    """The fewest replicas of a plan that carry the load in a simulation; None beyond the most."""
    asked = about.asked
    one = sum(pool.plan.replica_chips for pool in each.pools)
    counts: tuple[int, ...] | None = each.least
    if asked.objective:
        first = _sized(each, each.least, about)
        plan = loads.fleet(first, about.setup.routing)
        load = came if came is not None else _traffic(first, asked)
        slo, most = Slo(asked.ttft, asked.tpot), max(1, asked.most // one) + 1
        found = loads.fewest(plan, load, slo, least=each.least, most=most)
        counts = tuple(found) if found is not None else None
    sized = _sized(each, counts, about) if counts is not None else None
    if sized is not None and sized.chips < asked.least:
        more = math.ceil(asked.least / sized.chips)
        sized = _sized(each, tuple(more * n for n in counts or ()), about)
    return sized if sized is not None and sized.chips <= asked.most else None


def _traffic(sized: Option, asked: Asked) -> Load:
    """The load of a search: fewer requests than an answer's, the same randomness."""
    count, _ = loads.counts(asked, sized, loads.SEARCHED)
    pattern = asked.pattern._replace(requests=asked.pattern.requests or count)
    return loads.traffic(asked._replace(pattern=pattern), sized)


def _sized(each: Candidate, counts: tuple[int, ...], about: Wanted) -> Option:
    """A plan with so many replicas in each pool."""
    pools = []
    for placed, count in zip(each.pools, counts, strict=True):
        case = placed.about.case
        plan = case.plan._replace(replicas=count)
        pools.append(placed._replace(about=placed.about._replace(case=case._replace(plan=plan))))
    return option(tuple(pools), about.asked)


def _nearest(found: list[Candidate], about: Wanted) -> Option:
    """The plan that misses least, on as many chips as were allowed."""
    tried = []
    for each in found:
        one = sum(pool.plan.replica_chips for pool in each.pools)
        count = max(1, about.asked.most // one)
        tried.append(_sized(each, (count,) * len(each.pools), about))
    return min(tried, key=lambda each: max(each.loop.ttft / about.asked.ttft,
                                           each.loop.tpot / about.asked.tpot))  # fmt: skip
