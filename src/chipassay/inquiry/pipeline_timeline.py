"""One step of a pipeline as boxes on a time line: which stage does what, when.

Stages take turns by the schedule's order and wait for what they need; chunks of interleaved
stages are drawn as one. Boxes are those of equal stages at the answer's mean times.
"""

from __future__ import annotations

from typing import NamedTuple

from chipassay.records.answer import Answer

MOST_STAGES, MOST_ROUNDS = 16, 24
"""What a picture can show: the first micro-batches of the first stages."""


class Box(NamedTuple):
    """One pass of one micro-batch on one stage."""

    stage: int
    kind: str
    number: int
    start: float
    length: float


def timeline(answer: Answer) -> list[Box]:
    """The boxes of a training answer's step: forward passes, then as 1F1B has it."""
    said, plan = answer.answer, answer.answer["plan"]
    stages = min(int(plan.get("pp", 1)), MOST_STAGES)
    rounds = int(said["workload"]["batch"]) // (int(plan["dp"]) * int(plan["mbs"]))
    shown = min(rounds, MOST_ROUNDS)
    parts = said["breakdown"]
    idle = ("bubble", "data", "optimizer")
    each = sum(value for name, value in parts.items() if name not in idle) / rounds
    backward = (each - parts["recompute"] / rounds) * 2.0 / 3.0 + parts["recompute"] / rounds
    return scheduled(stages, shown, each - backward, backward)


def scheduled(stages: int, rounds: int, forward: float, backward: float) -> list[Box]:
    """1F1B: stage s runs ahead by the stages behind it, then alternates."""
    orders = [_order(stages, rounds, stage) for stage in range(stages)]
    done: dict[tuple[str, int, int], float] = {}
    free = [0.0] * stages
    place = [0] * stages
    boxes: list[Box] = []
    while len(boxes) < 2 * rounds * stages:
        for stage in range(stages):
            while place[stage] < len(orders[stage]):
                kind, number = orders[stage][place[stage]]
                needs = _needs(kind, number, stage, stages)
                if needs is not None and needs not in done:
                    break
                start = max(free[stage], done.get(needs, 0.0) if needs else 0.0)
                length = forward if kind == "forward" else backward
                boxes.append(Box(stage, kind, number, start, length))
                done[kind, number, stage] = free[stage] = start + length
                place[stage] += 1
    return boxes


def _order(stages: int, rounds: int, stage: int) -> list[tuple[str, int]]:
    """A stage's passes in turn."""
    ahead = min(stages - stage, rounds)
    order = [("forward", n) for n in range(ahead)]
    for number in range(rounds):
        order.append(("backward", number))
        if ahead + number < rounds:
            order.append(("forward", ahead + number))
    return order


def _needs(kind: str, number: int, stage: int, stages: int) -> tuple[str, int, int] | None:
    """The pass that must be over before this one."""
    if kind == "forward":
        return ("forward", number, stage - 1) if stage else None
    if stage + 1 < stages:
        return "backward", number, stage + 1
    return "forward", number, stage
