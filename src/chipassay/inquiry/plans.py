"""A plan in words: `tp=8,pp=16,vp=4,mbs=1,recompute=full`; read, checked, and written again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chipassay.errors import QuestionError, UnknownNameError, shown
from chipassay.records.architecture import Architecture, GroupedQuery, Latent, Linear, Mixture
from chipassay.records.plan import RECOMPUTE, SCHEDULES, Plan
from chipassay.units import Num

NUMBERS = {
    "tp": "tensor", "pp": "pipeline", "dp": "data", "cp": "context", "ep": "expert",
    "etp": "expert_tensor", "vp": "virtual", "mbs": "micro_batch", "zero": "zero",
    "shard": "shard", "share": "recomputed", "offload": "offload_optimizer",
    "offload_act": "offload_activations",
}  # fmt: skip
SWITCHES = {"sp": "sequence", "ulysses": "ulysses", "embedding": "embedding_layers"}
CODES = {"recompute": RECOMPUTE, "schedule": SCHEDULES}
WORDS = (*NUMBERS, *SWITCHES, *CODES)
_WHERE = "--plan"
_YES, _NO = ("yes", "on", "true", "1"), ("no", "off", "false", "0")
_SHARES = ("share", "offload", "offload_act")


def read_plan(written: str, usual: Plan) -> tuple[Plan, frozenset[str]]:
    """The plan, what is not said as in `usual`; and which of its fields were said."""
    fields: dict[str, float] = {}
    for word in filter(None, (part.strip() for part in written.split(","))):
        name, equals, value = (part.strip().lower() for part in word.partition("="))
        if not equals or not value:
            hint = "write tp=8,pp=16,mbs=1"
            raise QuestionError(f"{shown(word)} is no part of a plan", where=_WHERE, hint=hint)
        if name in NUMBERS:
            fields[NUMBERS[name]] = _count(name, value)
        elif name in SWITCHES:
            fields[SWITCHES[name]] = _switch(name, value)
        elif name in CODES:
            if value not in CODES[name]:
                raise UnknownNameError(name, value, CODES[name], where=_WHERE)
            fields[name] = float(CODES[name].index(value))
        else:
            raise UnknownNameError("word of a plan", name, WORDS, where=_WHERE)
    return usual._replace(**fields), frozenset(fields)


def _count(name: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    least = 0.0 if name in ("zero", "shard", *_SHARES) else 1.0
    most = 3.0 if name == "zero" else 1.0 if name in _SHARES else float("inf")
    whole = name in _SHARES or number == int(number if abs(number) < float("inf") else 0)
    if not least <= number <= most or not whole or number == float("inf"):
        bounds = f"a whole number from {least:g}" + (f" to {most:g}" if most < float("inf") else "")
        problem = f"{name}={shown(value)} cannot be"
        hint = "give a share from 0 to 1" if name in _SHARES else f"give {bounds}"
        raise QuestionError(problem, where=_WHERE, hint=hint)
    return number


def _switch(name: str, value: str) -> float:
    if value in _YES:
        return 1.0
    if value in _NO:
        return 0.0
    raise QuestionError(f"{name}={shown(value)} cannot be", where=_WHERE, hint="say yes or no")


def completed(plan: Plan, said: frozenset[str], chips: int, where: str = _WHERE) -> Plan:
    """The plan with its data-parallel degree. Refuses degrees that do not multiply to the chips."""
    block = int(plan.tensor * plan.pipeline * plan.context)
    degrees = f"tp {plan.tensor:g} x pp {plan.pipeline:g} x cp {plan.context:g}"
    if "data" in said:
        needed = block * int(plan.data)
        if needed != chips:
            problem = f"{degrees} x dp {plan.data:g} = {needed} chips, not {chips}"
            near = chips // block
            hint = f"say dp={near}" if near and near * block == chips else f"ask for {needed} chips"
            raise QuestionError(problem, where=where, hint=hint)
        return plan
    if chips % block:
        problem = f"{degrees} = {block} does not divide {chips} chips"
        low, high = chips // block * block, -(-chips // block) * block
        hint = f"ask for {' or '.join(str(n) for n in (low, high) if n)} chips"
        raise QuestionError(problem, where=where, hint=hint)
    return plan._replace(data=float(chips // block))


def check(plan: Plan, architecture: Architecture) -> None:
    """Refuse a plan that the model cannot be split by, with the nearest that it can."""
    for problem, hint in _problems(plan, architecture):
        raise QuestionError(problem, where=_WHERE, hint=hint)


def _problems(plan: Plan, model: Architecture) -> Iterator[tuple[str, str]]:
    heads = heads_of(model)
    if heads % int(plan.tensor):
        best = _nearest(plan.tensor, _divisors(heads))
        yield f"tp {plan.tensor:g} does not divide {heads} heads", f"try tp={best}"
    chunks = int(plan.pipeline * plan.virtual)
    places = model.layers + 2 * int(plan.embedding_layers)
    if chunks > places:
        best = _nearest(plan.pipeline, _divisors(model.layers))
        degrees = f"pp {plan.pipeline:g} x vp {plan.virtual:g}"
        problem = f"{degrees} = {chunks} chunks of {model.layers} layers"
        yield problem, f"try pp={best},vp=1"
    if plan.virtual > 1 and plan.pipeline == 1:
        yield "vp wants a pipeline", "add pp=2 or more, or drop vp"
    experts = experts_of(model)
    if plan.expert > 1 and not experts:
        yield f"{model.name} has no experts for ep {plan.expert:g}", "drop ep"
    if experts and experts % int(plan.expert):
        best = _nearest(plan.expert, _divisors(experts))
        yield f"ep {plan.expert:g} does not divide {experts} experts", f"try ep={best}"
    ranks = plan.tensor * plan.data * plan.context
    spread = plan.expert * plan.expert_tensor
    if ranks % spread:
        best = _nearest(plan.expert, _divisors(int(ranks // plan.expert_tensor) or 1))
        problem = f"ep {plan.expert:g} x etp {plan.expert_tensor:g} does not divide {ranks:g} ranks"
        yield problem, f"try ep={best}"
    each = plan.data * plan.micro_batch
    split = f"dp {plan.data:g} x mbs {plan.micro_batch:g}"
    if plan.batch < each:
        problem = f"a batch of {plan.batch:g} is smaller than {split}"
        yield problem, f"take a batch of {each:g} or more, or fewer data ranks"
    if plan.batch % each:
        low, high = plan.batch // each * each, -(-plan.batch // each) * each
        problem = f"a batch of {plan.batch:g} does not divide by {split}"
        yield problem, f"try --batch {low:g} or {high:g}"


def heads_of(model: Architecture) -> int:
    """What tensor ranks may divide: the greatest number that divides all layers' heads."""
    found = [_own_heads(g.attention) for g in model.groups]
    common = found[0]
    for each in found[1:]:
        while each:
            common, each = each, common % each
    return common


def _own_heads(attention: Any) -> int:
    if isinstance(attention, GroupedQuery | Latent):
        return attention.heads
    return attention.value_heads if isinstance(attention, Linear) else int(attention.heads)


def experts_of(model: Architecture) -> int:
    """Routed experts of a layer; 0 for a dense model."""
    blocks = (g.feed_forward for g in model.groups)
    return max((b.experts for b in blocks if isinstance(b, Mixture)), default=0)


def _divisors(number: int) -> list[int]:
    return [n for n in range(1, number + 1) if number % n == 0]


def _nearest(wanted: Num, offered: list[int]) -> int:
    return min(offered, key=lambda n: (abs(n - float(wanted)), -n))


def as_words(plan: Plan) -> dict[str, Any]:
    """The plan under the words it is written in; what does not matter is left out."""
    words: dict[str, Any] = {}
    for name, field in NUMBERS.items():
        value = float(getattr(plan, field))
        plain = value == getattr(Plan(), field)
        if not plain or name in ("tp", "pp", "dp", "mbs", "zero"):
            words[name] = value if name in _SHARES else int(value)
    for name, field in SWITCHES.items():
        if float(getattr(plan, field)):
            words[name] = True
    for name, codes in CODES.items():
        if name == "recompute" or plan.pipeline > 1:
            words[name] = codes[int(getattr(plan, name))]
    return words


def as_text(plan: Plan) -> str:
    """The plan as `--plan` takes it."""
    words = as_words(plan)
    return ",".join(f"{name}={'yes' if value is True else value}" for name, value in words.items())
