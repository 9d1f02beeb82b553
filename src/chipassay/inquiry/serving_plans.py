"""Plans of serving: read from words, or tried one after another."""

from __future__ import annotations

from collections.abc import Iterator

from chipassay.errors import QuestionError, UnknownNameError, shown
from chipassay.records.architecture import Architecture, Latent, Mixture
from chipassay.records.serve_plan import ServePlan

WORDS = {"tp": "tensor", "pp": "pipeline", "dp": "attention_data", "ep": "expert",
         "replicas": "replicas"}  # fmt: skip
CACHE_WORD = "kv"
MOST_CHIPS = 65536


def read_plan(written: str, chips: int) -> tuple[ServePlan, str]:
    """The plan that words like `tp=8,ep=8,kv=fp8` describe, and the cache's format.

    Replicas fill the chips where nobody says how many. Raises `QuestionError` in one line.
    """
    found: dict[str, int] = {}
    cache = ""
    for each in written.split(","):
        key, equals, value = each.strip().partition("=")
        if not equals:
            hint = "write tp=8,dp=1,ep=8,pp=1,replicas=2,kv=fp8"
            raise QuestionError(f"{shown(each)} is no part of a plan", where="--plan", hint=hint)
        if key == CACHE_WORD:
            cache = value
            continue
        if key not in WORDS:
            raise UnknownNameError("part of a plan", key, [*WORDS, CACHE_WORD], where="--plan")
        found[WORDS[key]] = _count(key, value)
    plan = ServePlan(**found)
    if "replicas" not in found:
        plan = plan._replace(replicas=max(chips // plan.replica_chips, 1))
    return plan, cache


def _count(key: str, value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= MOST_CHIPS:
        hint = "write a whole number, as in tp=8"
        raise QuestionError(f"{key}={value} is no count", where="--plan", hint=hint)
    return int(value)


def check(plan: ServePlan, model: Architecture, chips: int) -> None:
    """Refuse a plan that the chips or the model cannot have, in one line."""
    if plan.chips > chips:
        problem = f"the plan takes {plan.chips} chips, there are {chips}"
        raise QuestionError(problem, where="--plan", hint="lower a degree, or give more chips")
    heads = min(getattr(g.attention, "heads", plan.tensor) for g in model.groups)
    if plan.tensor > heads or heads % plan.tensor:
        problem = f"tp={plan.tensor} does not divide the {heads} heads of {model.name}"
        raise QuestionError(problem, where="--plan", hint="take a divisor of the heads")
    if plan.pipeline > model.layers:
        problem = f"pp={plan.pipeline} stages for {model.layers} layers"
        raise QuestionError(problem, where="--plan", hint="lower pp")
    experts = [g.feed_forward for g in model.groups if isinstance(g.feed_forward, Mixture)]
    if plan.expert > 1 and not experts:
        raise QuestionError(f"{model.name} has no experts", where="--plan", hint="leave ep out")
    if (plan.tensor * plan.attention_data) % plan.expert:
        problem = f"ep={plan.expert} does not divide the {plan.tensor * plan.attention_data} ranks"
        raise QuestionError(problem, where="--plan", hint="take a divisor of tp times dp")


def candidates(model: Architecture, chips: int, node: int) -> Iterator[ServePlan]:
    """Plans worth trying: tensor ranks within a node, attention-data ranks where the cache is
    not split by heads, experts over all ranks or split like the rest, stages over nodes."""
    heads = min(getattr(g.attention, "heads", node) for g in model.groups)
    mixture = any(isinstance(g.feed_forward, Mixture) for g in model.groups)
    latent = any(isinstance(g.attention, Latent) for g in model.groups)
    for tensor in _powers(min(chips, node)):
        if heads % tensor:
            continue
        for stages in {1, max(chips // node, 1)} if tensor == min(node, chips) else {1}:
            if tensor * stages > chips or stages > model.layers:
                continue
            for expert in {1, tensor} if mixture else {1}:
                plan = ServePlan(tensor, stages, 1, expert)
                yield plan._replace(replicas=chips // plan.replica_chips)
    if mixture or latent:
        for ranks in _powers(chips):
            if ranks > 1:
                plan = ServePlan(1, 1, ranks, ranks if mixture else 1)
                yield plan._replace(replicas=chips // plan.replica_chips)


def _powers(most: int) -> Iterator[int]:
    """1, 2, 4 … up to `most`, and `most` itself."""
    power = 1
    while power < most:
        yield power
        power *= 2
    yield most


def as_words(plan: ServePlan) -> dict[str, int]:
    """The plan by the words that a question takes."""
    return {word: int(getattr(plan, name)) for word, name in WORDS.items()}


def as_text(plan: ServePlan) -> str:
    """The plan as `--plan` takes it."""
    return ",".join(f"{word}={count}" for word, count in as_words(plan).items() if count > 1) or (
        "tp=1"
    )
