"""Plans under a load: one pool or two, what each gives, which is best."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

import numpy as np

from chipassay.catalogue.catalogue import Catalogue, Found
from chipassay.catalogue.fabrics import fabric
from chipassay.catalogue.models import FoundModel
from chipassay.errors import QuestionError
from chipassay.inquiry.serving_asked import Asked
from chipassay.inquiry.serving_case import Case, Served, band, level, loop, memory_of, served
from chipassay.inquiry.serving_engine import Engine, engine, formats, habits
from chipassay.inquiry.serving_handing import POOLED, handing, transfer_time
from chipassay.inquiry.serving_plans import as_text, candidates, check, read_plan
from chipassay.inquiry.serving_setup import PoolAsked, Setup
from chipassay.model.serve_loop import Load, Loop
from chipassay.model.serve_pools import Pools, pooled_loop, prompt_service
from chipassay.records.answer import Basis, Quantity
from chipassay.records.question import Question
from chipassay.records.serve_plan import ServePlan
from chipassay.simulation.policies import POLICIES, Policy

BENCHMARK = "varied"
BASIS = {"own": "interpolated", "design": "transferred", "far": "assumed"}
ORDER = ("own", "design", "far")
MOST_PAIRS = 12
"""Pairs of plans of two pools whose loop is computed, the most promising first."""
CROWD = np.geomspace(1.0, 65536.0, 97)
"""Clients among whom those are looked for that stand for a rate."""
HOLDS = 0.98
"""Of the rate asked, what counts as carrying it."""


class Placed(NamedTuple):
    """A pool of an option: what it does, on which chip, with which steps."""

    role: str
    found: Found
    about: Served
    policy: Policy

    @property
    def plan(self) -> ServePlan:
        """Its degrees and replicas."""
        return self.about.case.plan


class Option(NamedTuple):
    """One plan under the load."""

    pools: tuple[Placed, ...]
    loop: Loop
    tokens: float
    """Output tokens a second and chip."""
    transfer: float = 0.0
    """Seconds to move one token's cache from the first pool to the second."""

    @property
    def about(self) -> Served:
        """The pool that decodes."""
        return self.pools[-1].about

    @property
    def chips(self) -> int:
        """Chips of all pools."""
        return sum(each.plan.chips for each in self.pools)

    @property
    def fits(self) -> bool:
        """Whether the weights and one sequence have room."""
        return all(each.about.memory.fits for each in self.pools)

    @property
    def level(self) -> str:
        """How far away the kernels' constants were found."""
        return max((level(each.about.tables) for each in self.pools), key=ORDER.index)

    def quantity(self, metric: str, value: float, unit: str) -> Quantity:
        """A figure with the band of its kind: "ttft", "tpot" or "throughput".

        That of two pools is no narrower than measured pools', nor than their kernels' level.
        """
        levels = [self.level, *([POOLED] if len(self.pools) > 1 else [])]
        low, high = (end(each) for end, each in zip(
            (min, max), zip(*(band(metric, at) for at in levels), strict=True), strict=True
        ))  # fmt: skip
        return Quantity(value, value * low, value * high, unit, cast(Basis, BASIS[self.level]))


class Wanted(NamedTuple):
    """Everything a plan is made from."""

    question: Question
    catalogue: Catalogue
    model: FoundModel
    setup: Setup
    asked: Asked
    made: dict[Any, Served]
    """Step times of plans asked before; replicas are alike."""


def options(about: Wanted, chips: int = 0) -> list[Option]:
    """The plan asked, or every plan worth trying, on as many chips as asked or on `chips`."""
    total = chips or about.asked.chips
    if not about.setup.apart:
        each = pool_options(about, about.setup.pools[0], total)
        return [option((one,), about.asked) for one in each]
    return list(_pairs(about, total))


def _pairs(about: Wanted, total: int) -> Iterator[Option]:
    """The most promising pairs of plans, those that leave no chip unused if there are any."""
    fill, read = about.setup.pools
    found: list[tuple[Placed, ...]] = []
    for first, second in _splits(fill, read, total):
        ways = (pool_options(about, fill, first), pool_options(about, read, second))
        found += itertools.product(*(list(way) for way in ways))
    whole = [pair for pair in found if sum(each.plan.chips for each in pair) == total]
    ranked = sorted(whole or found, key=lambda pair: _promise(pair, about.asked))
    for pair in ranked[:MOST_PAIRS]:
        yield option(agreed(pair), about.asked)


def _promise(pair: tuple[Placed, ...], asked: Asked) -> tuple[bool, bool, float]:
    """How a pair stands before its loop is computed: no queue, prefill and decoding side by side.

    Whether it does not fit, whether it misses an objective or the rate; then, the less the better,
    minus its answers a second and chip, or under a rate the time of one.
    """
    fill, read = pair
    filled, moment = fill_rate(fill, asked)
    clients = CROWD if asked.rate else np.asarray(asked.clients)
    room = read.about.steps.room(asked.input, asked.output)
    each = np.minimum(clients / read.plan.replicas, room)
    tpot, rate = read_rate(read, asked, each)
    good = (tpot <= asked.tpot) & (moment <= asked.ttft)
    fits = all(each.about.memory.fits for each in pair)
    if not asked.rate:
        reached = float(np.minimum(filled, rate)) / sum(each.plan.chips for each in pair)
        return not fits, not bool(good), -reached
    good &= np.minimum(filled, rate) >= asked.rate
    times = np.where(good, moment + asked.output * tpot, np.inf)
    return not fits, not bool(good.any()), float(np.min(times))


def fill_rate(fill: Placed, asked: Asked) -> tuple[float, float]:
    """Prompts a second of a pool that is always busy, and the time of one."""
    new = np.asarray(asked.input - asked.known * fill.policy.prefix_cache)
    service, lanes = prompt_service(fill.about.steps, new, asked.input - new)
    rate = float(lanes / service) * fill.plan.replicas
    return rate, float(service) + fill.about.steps.outside


def read_rate(read: Placed, asked: Asked, each: Any) -> tuple[Any, Any]:
    """Time per token and answers a second of a pool with so many sequences in each replica."""
    steps = read.about.steps
    step = steps.decode(np.maximum(each, 1.0) / steps.stages, asked.input + asked.output / 2.0)
    tpot = step / steps.per_step
    return tpot, read.plan.replicas * each / (np.maximum(asked.output - 1.0, 1.0) * tpot)


def _splits(fill: PoolAsked, read: PoolAsked, total: int) -> Iterator[tuple[int, int]]:
    """How the chips are shared out: as said, else by eighths."""
    if fill.chips and read.chips:
        if total and fill.chips + read.chips != total:
            problem = f"the pools take {fill.chips + read.chips} chips, not {total}"
            raise QuestionError(problem, where="--chips", hint="make them agree")
        yield fill.chips, read.chips
        return
    for eighths in range(1, 8):
        first = fill.chips or (total - read.chips if read.chips else total * eighths // 8)
        if not 0 < first < total:
            continue
        yield first, total - first
        if fill.chips or read.chips:
            return


def agreed(pair: tuple[Placed, ...]) -> tuple[Placed, ...]:
    """Both pools with blocks of one size, the larger, as a cache that moves must have."""
    block = max(each.about.steps.block_tokens for each in pair)
    return tuple(
        each._replace(
            about=each.about._replace(steps=each.about.steps._replace(block_tokens=block))
        )
        for each in pair
    )


def pool_options(about: Wanted, pool: PoolAsked, chips: int) -> Iterator[Placed]:
    """The plans of one pool on so many chips."""
    found = about.catalogue.chip(pool.chip or about.question.chip or "")
    case = first_case(about, pool, found)
    plans = _plans(about, pool, found, chips)
    rule = policy_of(case.engine, pool.schedule)
    for plan in plans:
        try:
            made = _served(case._replace(plan=plan), about)
        except QuestionError as error:
            if not about.setup.apart:
                raise
            hint = f"a pool may have a format of its own: {pool.role}=…:precision=int8"
            raise QuestionError(error.what, where=f"--plan {pool.role}", hint=hint) from None
        hands_on = about.setup.apart and pool.role == "prefill"
        yield Placed(pool.role, found, handing(made) if hands_on else made, rule)


def _plans(about: Wanted, pool: PoolAsked, found: Found, chips: int) -> list[ServePlan]:
    model = about.model.architecture
    if not pool.degrees:
        plans = list(candidates(model, chips, int(fabric(found.entry).domain)))
        if not plans:
            problem = f"no plan uses {chips} chips"
            raise QuestionError(problem, where="--chips", hint="give one with --plan")
        return plans
    plan, _ = read_plan(pool.degrees, chips)
    check(plan, model, chips)
    return [plan]


def first_case(about: Wanted, pool: PoolAsked, found: Found) -> Case:
    """A pool's case, all but its plan."""
    asked, model = about.asked, about.model.architecture
    precision = pool.precision or asked.precision
    runs = _told(engine(about.catalogue, pool.engine or about.question.engine, found.entry), pool)
    form = formats(model, precision, runs, _cache(about, precision))
    drafts = 0.0 if pool.role == "prefill" else float(about.setup.drafts)
    context = asked.input + asked.output / 2.0
    plan = ServePlan()
    return Case(found.entry, about.catalogue, model, plan, form, runs, context, drafts=drafts)


def _cache(about: Wanted, precision: str) -> str:
    """The cache's format; pools that would keep it differently agree on 16 bits."""
    if about.setup.cache or not about.setup.apart:
        return about.setup.cache
    kept = set()
    for pool in about.setup.pools:
        chip = about.catalogue.chip(pool.chip or about.question.chip or "").entry
        runs = engine(about.catalogue, pool.engine or about.question.engine, chip)
        form = formats(about.model.architecture, pool.precision or precision, runs)
        kept.add(form.cache)
    return kept.pop() if len(kept) == 1 else "bf16"


def _told(runs: Engine, pool: PoolAsked) -> Engine:
    """An engine with what the plan says of its scheduler."""
    kept = runs.habits
    if pool.chunk:
        kept = kept._replace(chunk=pool.chunk)
    if pool.schedule:
        rule = POLICIES[pool.schedule]
        kept = kept._replace(
            mixes=float(rule.mixes), reserves=float(rule.reserves), chunks=float(rule.chunks),
            prefix_cache=float(rule.prefix_cache),
        )  # fmt: skip
    return runs._replace(habits=kept)


def policy_of(runs: Engine, schedule: str = "") -> Policy:
    """How an engine schedules, by its file; or as the plan says."""
    if schedule:
        return POLICIES[schedule]
    own = runs.habits
    return Policy(
        mixes=bool(own.mixes), chunks=bool(own.chunks), reserves=bool(own.reserves),
        prefix_cache=bool(own.prefix_cache),
    )  # fmt: skip


def _served(case: Case, about: Wanted) -> Served:
    one = case.plan._replace(replicas=1)
    key = case.chip.id, one, case.formats, case.engine, case.drafts
    if key not in about.made:
        found = served(case)
        if case.drafts:
            steps = found.steps._replace(per_step=about.setup.yields)
            found = found._replace(steps=steps)
        about.made[key] = found
    return about.made[key]._replace(case=case)


def load_of(asked: Asked, clients: Any, pools: tuple[Placed, ...]) -> Load:
    """The closed loop that stands for a load; what a prefix cache holds is not computed again."""
    _, waves, _ = habits(BENCHMARK)
    known = asked.known * pools[0].policy.prefix_cache
    return Load(clients, asked.input, asked.output, waves, known)


def looped(pools: tuple[Placed, ...], load: Load, transfer: float) -> Loop:
    """The closed loop over one pool or two, columns where the load has columns."""
    if len(pools) == 1:
        return loop(pools[0].about, load, habits(BENCHMARK)[0])
    fill, read = pools
    return pooled_loop(
        Pools(
            fill.about.steps, read.about.steps, float(fill.plan.replicas),
            float(read.plan.replicas), transfer,
        ), load,
    )  # fmt: skip


def option(pools: tuple[Placed, ...], asked: Asked) -> Option:
    """A plan under the load asked."""
    moving = 0.0
    if len(pools) > 1:
        moving = transfer_time(pools[0].about.case, pools[1].about.case)
    done = looped(pools, load_of(asked, asked.clients, pools), moving)
    if asked.rate:
        done = at_rate(pools, asked, moving)
    done = Loop(*(float(np.asarray(value)) for value in done))
    chips = sum(each.plan.chips for each in pools)
    return Option(pools, done, done.rate * asked.output / chips, moving)


def at_rate(pools: tuple[Placed, ...], asked: Asked, transfer: float) -> Loop:
    """The closed loop whose clients together finish as many requests as arrive."""
    found = looped(pools, load_of(asked, CROWD, pools), transfer)
    rates = np.maximum.accumulate(found.rate)
    at = int(np.searchsorted(rates, asked.rate))
    if at >= len(rates):
        at = int(np.argmax(rates >= rates[-1] * 0.999))
    columns = [np.broadcast_to(np.asarray(value, float), len(CROWD)) for value in found]
    one = Loop(*(column[at] for column in columns))
    return one._replace(ttft=one.steady_ttft)


def chosen(tried: list[Option], asked: Asked) -> Option:
    """The best that fits: meets the objective, carries the rate; then most tokens, or least time.

    In a closed loop the plan with the most tokens a second and chip; under a rate, which fixes the
    tokens, the one that answers first.
    """
    fitting = [each for each in tried if each.fits]
    if not fitting:
        return min(tried, key=lambda each: each.about.memory.used)
    good = [each for each in fitting if misses(each, asked) <= 1.0 and holds(each, asked)]
    if good:
        return min(good, key=lambda each: _answer_time(each, asked)) if asked.rate else _most(good)
    carrying = [each for each in fitting if holds(each, asked)]
    if carrying and asked.objective:
        return min(carrying, key=lambda each: misses(each, asked))
    if asked.objective and not asked.rate:
        return min(fitting, key=lambda each: misses(each, asked))
    return max(fitting, key=lambda each: each.loop.rate) if asked.rate else _most(fitting)


def _most(tried: list[Option]) -> Option:
    return max(tried, key=lambda each: each.tokens)


def _answer_time(each: Option, asked: Asked) -> float:
    return float(each.loop.ttft + (asked.output - 1.0) * each.loop.tpot)


def misses(each: Option, asked: Asked) -> float:
    """By what factor the worse of two latencies is over its objective."""
    return float(max(each.loop.ttft / asked.ttft, each.loop.tpot / asked.tpot))


def holds(each: Option, asked: Asked) -> bool:
    """Whether a plan carries the rate asked."""
    return not asked.rate or each.loop.rate >= HOLDS * asked.rate


def would_fit(about: Wanted, best: Option, most: int = 512) -> str:
    """How many chips of its kind would hold the model, for the first pool that does not."""
    placed = next(each for each in best.pools if not each.about.memory.fits)
    case, chips = placed.about.case, max(about.asked.chips, placed.plan.chips)
    if about.setup.apart:
        chips = placed.plan.chips
    node = int(fabric(placed.found.entry).domain)
    kind = f"{placed.found.entry.name} " if about.setup.apart else ""
    while chips < most:
        chips *= 2
        for plan in candidates(case.model, chips, node):
            if memory_of(case._replace(plan=plan)).fits:
                return f"fit on {chips} {kind}chips ({as_text(plan)})"
    return f"not fit on {chips:,} {kind}chips either"
