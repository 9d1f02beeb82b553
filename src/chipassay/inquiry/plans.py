"""A plan checked against chips and a model: what cannot be is refused with the nearest that can."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

from chipassay.errors import QuestionError
from chipassay.inquiry.plan_words import Said, as_text
from chipassay.records.architecture import Architecture, GroupedQuery, Latent, Linear, Mixture
from chipassay.records.plan import SCHEDULES, Plan, micro_batches
from chipassay.units import Num

_WHERE = "--plan"
NEAR = 4
"""Values of each degree that are tried for the nearest plan."""
ONE_CHUNK = ("zb-h1", "zb-v", "dualpipe", "gpipe")


def fitted(said: Said, usual: Plan, chips: int, model: Architecture, asked_batch: bool) -> Plan:
    """The plan with its data-parallel degree and batch.

    Raises `QuestionError` for one that chips, layers, heads, experts or the batch do not divide by,
    with the nearest that they do.
    """
    plan = said.plan(usual)
    if said.one().get("recomputed", 0.0) < 0.0:
        held = model.layers / float(plan.pipeline)
        plan = plan._replace(recomputed=min(-float(plan.recomputed) / held, 1.0))
    if not plan.expert_tensor:
        spread = plan.expert * plan.tensor <= chips and experts_of(model)
        plan = plan._replace(expert_tensor=plan.tensor if spread else 1.0)
    plan = plan._replace(
        sequence=plan.sequence if plan.tensor > 1 else 0.0,
        exchange=plan.exchange if plan.context > 1 else 0.0,
    )
    block = int(plan.tensor * plan.pipeline * plan.context)
    left = chips // block
    if "data" not in said.fields:
        plan = plan._replace(data=float(max(left, 1)))
    plan = _accumulated(plan, said, asked_batch)
    problems = itertools.chain(_chips(plan, said, chips), _problems(plan, model))
    for problem, hint in problems:
        works = nearest_text(plan, chips, model)
        raise QuestionError(problem, where=_WHERE, hint="; ".join(filter(None, (hint, works))))
    return plan


def _accumulated(plan: Plan, said: Said, asked_batch: bool) -> Plan:
    """The batch that so many micro-batches of every data rank make."""
    if "accumulate" not in said.fields:
        return plan
    batch = said.one()["accumulate"] * float(plan.data * plan.micro_batch)
    if asked_batch and batch != plan.batch:
        problem = f"ga makes a batch of {batch:g}, not the {float(plan.batch):g} of --batch"
        raise QuestionError(problem, where=_WHERE, hint="drop one")
    return plan._replace(batch=batch)


def _chips(plan: Plan, said: Said, chips: int) -> Iterator[tuple[str, str]]:
    """What does not multiply to the number of chips."""
    degrees = f"tp {plan.tensor:g} x pp {plan.pipeline:g} x cp {plan.context:g}"
    block = int(plan.tensor * plan.pipeline * plan.context)
    if "data" in said.fields:
        needed = block * int(plan.data)
        if needed != chips:
            yield f"{degrees} x dp {plan.data:g} = {needed} chips, not {chips}", ""
    elif chips % block:
        low, high = chips // block * block, -(-chips // block) * block
        hint = f"ask for {' or '.join(str(n) for n in (low, high) if n)} chips"
        yield f"{degrees} = {block} does not divide {chips} chips", hint


def _problems(plan: Plan, model: Architecture) -> Iterator[tuple[str, str]]:
    yield from _heads_and_layers(plan, model)
    yield from _turns(plan)
    yield from _experts(plan, model)
    if plan.zero and plan.shard and plan.data * plan.context % plan.shard:
        ranks = plan.data * plan.context
        problem = f"shards over {plan.shard:g} ranks do not divide {ranks:g} data ranks"
        yield problem, f"say shard={_closest(plan.shard, _divisors(int(ranks)), 1)[0]}"
    each = plan.data * plan.micro_batch
    split = f"dp {plan.data:g} x mbs {plan.micro_batch:g}"
    if plan.batch < each:
        problem = f"a batch of {plan.batch:g} is smaller than {split}"
        yield problem, f"take --batch {each:g} or more"
    elif plan.batch % each:
        low, high = plan.batch // each * each, -(-plan.batch // each) * each
        problem = f"a batch of {plan.batch:g} does not divide by {split}"
        yield problem, f"try --batch {low:g} or {high:g}"


def _heads_and_layers(plan: Plan, model: Architecture) -> Iterator[tuple[str, str]]:
    heads = heads_of(model)
    if heads % int(plan.tensor):
        yield f"tp {plan.tensor:g} does not divide {heads} heads", ""
    chunks = int(plan.pipeline * plan.virtual)
    places = model.layers + 2 * int(plan.embedding_layers)
    if chunks > places:
        degrees = f"pp {plan.pipeline:g} x vp {plan.virtual:g}"
        yield f"{degrees} = {chunks} chunks of {model.layers} layers", ""
    ends = plan.first_layers + plan.last_layers
    if not ends:
        return
    between = plan.pipeline - (plan.first_layers > 0) - (plan.last_layers > 0)
    left = model.layers - ends
    if plan.pipeline == 1 or plan.virtual > 1:
        yield "first and last deal layers to stages of one chunk", "say pp=2 or more, and vp=1"
    elif left < between or (between == 0 and left):
        problem = f"first and last leave {left:g} of {model.layers} layers for {between:g} stages"
        yield problem, f"let them be {max(model.layers // plan.pipeline, 1):g} or so"


def _turns(plan: Plan) -> Iterator[tuple[str, str]]:
    """Schedules: which take several chunks, how many stages, how many micro-batches."""
    schedule = SCHEDULES[int(plan.schedule)]
    if plan.virtual > 1 and plan.pipeline == 1:
        yield "vp wants a pipeline", ""
    if plan.virtual > 1 and schedule in ONE_CHUNK:
        yield f"{schedule} deals its own chunks; vp goes with 1f1b", ""
    if schedule == "dualpipe" and plan.pipeline > 1:
        if plan.pipeline % 2:
            yield f"dualpipe feeds from both ends: pp {plan.pipeline:g} is odd", ""
        rounds = micro_batches(plan)
        if rounds < 2 * plan.pipeline:
            problem = f"dualpipe wants {2 * plan.pipeline:g} micro-batches or more, not {rounds:g}"
            yield problem, ""


def _experts(plan: Plan, model: Architecture) -> Iterator[tuple[str, str]]:
    experts = experts_of(model)
    if plan.expert > 1 and not experts:
        yield f"{model.name} has no experts for ep {plan.expert:g}", ""
        return
    if experts and experts % int(plan.expert):
        yield f"ep {plan.expert:g} does not divide {experts} experts", ""
    ranks = plan.tensor * plan.data * plan.context
    if ranks % (plan.expert * plan.expert_tensor):
        spread = f"ep {plan.expert:g} x etp {plan.expert_tensor:g}"
        yield f"{spread} does not divide {ranks:g} ranks", ""


def nearest(plan: Plan, chips: int, model: Architecture) -> Plan | None:
    """The plan on these chips that the model can be split by and that is least far, by factors."""
    offered = [
        _closest(plan.tensor, [n for n in _divisors(heads_of(model)) if chips % n == 0]),
        _closest(plan.pipeline, _divisors(chips), 2 * NEAR),
        sorted({int(plan.context), 1}),
        _closest(plan.expert, _divisors(experts_of(model) or 1)),
        sorted({int(plan.expert_tensor), 1}),
        sorted({int(plan.virtual), 1}),
        sorted({int(plan.schedule), 1}),
    ]
    found: list[tuple[float, Plan]] = []
    for tensor, pipeline, context, expert, spread, virtual, schedule in itertools.product(*offered):
        if chips % (tensor * pipeline * context):
            continue
        data = chips // (tensor * pipeline * context)
        each = float(plan.batch) / data
        micro = [n for n in _closest(plan.micro_batch, _divisors(int(each) or 1)) if each % n == 0]
        for one in micro[:1]:
            tried = plan._replace(
                tensor=float(tensor), pipeline=float(pipeline), context=float(context),
                data=float(data), expert=float(expert), expert_tensor=float(spread),
                virtual=float(virtual), micro_batch=float(one), schedule=float(schedule),
                first_layers=0.0, last_layers=0.0, shard=0.0,
            )  # fmt: skip
            if next(_problems(tried, model), None) is None:
                found.append((_apart(plan, tried), tried))
    return min(found, key=lambda one: one[0])[1] if found else None


_DEGREES = ("tensor", "pipeline", "data", "context", "expert", "expert_tensor", "virtual",
            "micro_batch")  # fmt: skip


def _apart(one: Plan, other: Plan) -> float:
    pairs = ((float(getattr(one, name)), float(getattr(other, name))) for name in _DEGREES)
    away = sum(abs(math.log2(a / b)) for a, b in pairs)
    return away + (one.schedule != other.schedule)


def nearest_text(plan: Plan, chips: int, model: Architecture) -> str:
    """The nearest plan's degrees and schedule as `--plan` takes them; with a batch if that fails.

    A batch that the chips divide goes with every number of data ranks.
    """
    near, batch = nearest(plan, chips, model), ""
    if near is None:
        level = float(max(round(float(plan.batch) / chips), 1) * chips)
        near, batch = nearest(plan._replace(batch=level), chips, model), f" --batch {level:g}"
    if near is None:
        return "no plan splits this model over so many chips; powers of two divide best"
    shown = Plan(**{name: getattr(near, name) for name in (*_DEGREES, "schedule")})
    drop = ("zero=", "recompute=", "schedule=1f1b", "mbs=1,")
    words = [word for word in as_text(shown).split(",") if not f"{word},".startswith(drop)]
    return f"nearest that works: --plan {','.join(words)}{batch}"


def heads_of(model: Architecture) -> int:
    """What tensor ranks may divide: the greatest number that divides all layers' heads."""
    return math.gcd(*(_own_heads(group.attention) for group in model.groups))


def _own_heads(attention: Any) -> int:
    if isinstance(attention, GroupedQuery | Latent):
        return attention.heads
    return attention.value_heads if isinstance(attention, Linear) else int(attention.heads)


def experts_of(model: Architecture) -> int:
    """Routed experts of a layer; 0 for a dense model."""
    blocks = (g.feed_forward for g in model.groups)
    return max((b.experts for b in blocks if isinstance(b, Mixture)), default=0)


def _divisors(number: int) -> list[int]:
    low = [n for n in range(1, math.isqrt(number) + 1) if number % n == 0]
    return sorted({*low, *(number // n for n in low)})


def _closest(wanted: Num, offered: list[int], most: int = NEAR) -> list[int]:
    """The few that are nearest by factor, the nearest first."""
    return sorted(offered, key=lambda n: (abs(math.log2(n / max(float(wanted), 1.0))), -n))[:most]
