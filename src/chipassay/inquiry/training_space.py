"""What a training search tries: all that the stack runs, within what the words of a plan allow."""

from __future__ import annotations

import itertools
import math
from typing import Any

from chipassay.errors import QuestionError
from chipassay.inquiry.plan_space import Problem, Space
from chipassay.inquiry.plan_words import Said
from chipassay.inquiry.plans import experts_of
from chipassay.records.plan import EXCHANGES, SCHEDULES

LONG = 16384
"""Sequences from here on are worth splitting over context ranks."""
PARTS = (0.25, 0.5, 0.75)
"""Shares of the layers that recomputing in full is tried for, beside all."""
HOST = ((0.0, 0.0), (1.0, 0.0), (1.0, 0.5), (1.0, 1.0))
"""Shares of optimiser and activations in host memory, tried where nothing fits without."""
DIRECT = {
    "tensor": "tensors", "pipeline": "pipelines", "data": "datas", "context": "contexts",
    "expert": "experts", "expert_tensor": "expert_tensors", "virtual": "virtuals",
    "micro_batch": "micro_batches", "sequence": "sequences", "schedule": "schedules",
    "exchange": "exchanges",
}  # fmt: skip
"""Fields of a plan whose values are an axis of the space as they are."""
WHOLE = ("tensor", "pipeline", "data", "context", "expert", "expert_tensor", "virtual",
         "micro_batch")  # fmt: skip
PAIRS = {
    "zeros": ("zero", "shard"),
    "recomputes": ("recompute", "recomputed"),
    "offloads": ("offload_optimizer", "offload_activations"),
}
"""Axes of pairs, and the fields they pair."""


def usual_space(problem: Problem, stack: dict[str, Any]) -> Space:
    """Expert degrees where there are experts, context ranks where sequences are long."""
    experts = experts_of(problem.architecture)
    degrees = [2**n for n in range(int(math.log2(experts)) + 1)] if experts else [1]
    most = max(int(problem.sequence // LONG), 1)
    contexts = tuple(2**n for n in range(int(math.log2(most)) + 2)) if most > 1 else (1,)
    node = max(int(problem.machine.net.node), 1)
    return Space(
        most_tensor=min(max(node, 8), 16),
        contexts=contexts,
        experts=tuple(n for n in degrees if not experts or experts % n == 0),
        expert_tensors=(1, 2, 4, 8) if experts and stack["expert_tensor"] == "tensor" else (1,),
        zeros=((0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (3.0, 0.0), (3.0, float(node))),
        recomputes=((0.0, 1.0), (1.0, 1.0), *((2.0, share) for share in PARTS), (2.0, 1.0)),
        schedules=tuple(float(SCHEDULES.index(name)) for name in stack["schedules"]),
        exchanges=tuple(map(float, range(len(EXCHANGES)))),
    )


def narrowed(space: Space, said: Said) -> Space:
    """The space with each word that was said held to its values."""
    values = {name: tuple(each) for name, each in said.values.items()}
    if "accumulate" in values:
        problem, hint = "ga sets the batch, and a search splits it", "give --batch instead"
        raise QuestionError(problem, where="--plan", hint=hint)
    changed: dict[str, Any] = {}
    for field, axis in DIRECT.items():
        if field in values:
            whole = field in WHOLE
            changed[axis] = tuple(int(each) for each in values[field]) if whole else values[field]
    for axis, fields in PAIRS.items():
        if any(field in values for field in fields):
            changed[axis] = _pairs(getattr(space, axis), *(values.get(name) for name in fields))
    changed["sharded_pipelines"] = "zero" in values
    if "first_layers" in values or "last_layers" in values:
        ends = (values.get(name, (0.0,))[0] for name in ("first_layers", "last_layers"))
        changed["ends"] = tuple(ends)
    if "embedding_layers" in values:
        changed["embedding"] = values["embedding_layers"][0]
    return space._replace(**changed)


def _pairs(
    usual: tuple[tuple[float, float], ...],
    first: tuple[float, ...] | None,
    second: tuple[float, ...] | None,
) -> tuple[tuple[float, float], ...]:
    """Pairs of what was said; what was not, as the usual pairs have it."""
    if first and second:
        return tuple(itertools.product(first, second))
    if first:
        kept = tuple(pair for pair in usual if pair[0] in first)
        missing = [one for one in first if one not in {pair[0] for pair in kept}]
        return (*kept, *((one, usual[0][1]) for one in missing))
    return tuple(itertools.product(dict.fromkeys(pair[0] for pair in usual), second or ()))
