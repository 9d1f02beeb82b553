"""Who does what when in a pipeline: the passes of every micro-batch on every stage, as boxes.

Stages take the turns their schedule gives them and wait for what they need. GPipe, 1F1B and the
interleaved schedule have their published order (arXiv 2104.04473); zero-bubble H1 and V
(2401.10241) and DualPipe (2412.19437) take, whenever a stage is free, a backward pass before a
forward one, and gradients of weights where neither is ready, within what their memory allows.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from chipassay.records.plan import SCHEDULES

FORWARD, BACKWARD, WEIGHT = "forward", "backward", "weight"


class StageTimes(NamedTuple):
    """Seconds of one micro-batch on one stage, all its chunks together."""

    forward: float
    backward: float
    """Both halves: gradients of inputs, then of weights."""
    weight: float


class Box(NamedTuple):
    """One pass of one micro-batch on one stage."""

    stage: int
    kind: str
    number: int
    """The micro-batch."""
    chunk: int
    start: float
    length: float


class Turn(NamedTuple):
    """A pass to be done: of a micro-batch, at a place of its way through the model."""

    kind: str
    number: int
    place: int
    """Which chunk of the whole model, from the embedding on; a DualPipe has two ways."""
    way: int = 0


def boxes(schedule: str, stages: Sequence[StageTimes], rounds: int, virtual: int = 1) -> list[Box]:
    """All boxes of a step. Interleaved stages want rounds that divide by the stages."""
    if len(stages) == 1 or schedule in SCHEDULES[:2]:
        orders = [_order(schedule, len(stages), rounds, virtual, s) for s in range(len(stages))]
        return _ordered(orders, stages, virtual)
    return _greedy(schedule, stages, rounds)


def _order(schedule: str, stages: int, rounds: int, virtual: int, stage: int) -> list[Turn]:
    """A stage's passes in turn: GPipe, 1F1B, interleaved."""
    total = rounds * virtual
    forward = [_turn(FORWARD, k, stages, virtual, stage) for k in range(total)]
    backward = [_turn(BACKWARD, k, stages, virtual, stage) for k in range(total)]
    if schedule == SCHEDULES[0]:
        return forward + backward
    ahead = (stages - stage - 1) * (2 if virtual > 1 else 1) + (virtual - 1) * stages + 1
    ahead = min(ahead, total)
    order = forward[:ahead]
    for place, turn in enumerate(backward):
        order.append(turn)
        order += forward[ahead + place : ahead + place + 1]
    return order


def _turn(kind: str, k: int, stages: int, virtual: int, stage: int) -> Turn:
    """The k-th pass of a kind: groups of as many micro-batches as stages, chunk by chunk."""
    if virtual == 1:
        return Turn(kind, k, stage)
    group, rest = divmod(k, stages * virtual)
    chunk, one = divmod(rest, stages)
    chunk = chunk if kind == FORWARD else virtual - 1 - chunk
    return Turn(kind, group * stages + one, chunk * stages + stage)


def _ordered(orders: list[list[Turn]], stages: Sequence[StageTimes], virtual: int) -> list[Box]:
    """Boxes of fixed orders: each begins when its stage is free and what it needs is done."""
    last = len(stages) * virtual - 1
    done: dict[Turn, float] = {}
    free, at = [0.0] * len(stages), [0] * len(stages)
    found: list[Box] = []
    left = sum(map(len, orders))
    while len(found) < left:
        before = len(found)
        for stage, order in enumerate(orders):
            while at[stage] < len(order):
                turn = order[at[stage]]
                needs = _needs(turn, last)
                if needs is not None and needs not in done:
                    break
                start = max(free[stage], done[needs] if needs else 0.0)
                length = _length(turn.kind, stages[stage]) / virtual
                chunk = turn.place // len(stages)
                found.append(Box(stage, turn.kind, turn.number, chunk, start, length))
                done[turn] = free[stage] = start + length
                at[stage] += 1
        if len(found) == before:
            raise ValueError("a schedule that waits for itself")
    return found


def _needs(turn: Turn, last: int) -> Turn | None:
    """The pass that must be over before this one."""
    if turn.kind == WEIGHT:
        return turn._replace(kind=BACKWARD)
    if turn.kind == FORWARD:
        return turn._replace(place=turn.place - 1) if turn.place else None
    if turn.place == last:
        return turn._replace(kind=FORWARD)
    return turn._replace(place=turn.place + 1)


def _length(kind: str, times: StageTimes) -> float:
    return times.forward if kind == FORWARD else times.backward


class _Ways(NamedTuple):
    """How a schedule cuts the model: chunks a stage holds, and ways through the stages."""

    chunks: int
    ways: int

    def most(self, turn: Turn, stages: int) -> int:
        """Chunks of micro-batches that a stage may keep of a way: as many in all as 1F1B's first.

        A V's micro-batch takes room for both its chunks when the first begins.
        """
        if self.ways == 1:
            return self.chunks * stages
        return stages - turn.place

    def stage_of(self, turn: Turn, stages: int) -> int:
        """The stage that holds a chunk: there and back on a V, from both ends on a DualPipe."""
        back = turn.place >= stages or turn.way == 1
        return stages - 1 - turn.place % stages if back else turn.place


def _ways(schedule: str) -> _Ways:
    return {"zb-v": _Ways(2, 1), "dualpipe": _Ways(1, 2)}.get(schedule, _Ways(1, 1))


def _greedy(schedule: str, stages: Sequence[StageTimes], rounds: int) -> list[Box]:
    """Boxes of schedules without a fixed order: each free stage takes the best pass there is."""
    cut = _ways(schedule)
    last = len(stages) * cut.chunks - 1
    ready: list[list[tuple[float, int, Turn]]] = [[] for _ in stages]
    kept = [[0] * cut.ways for _ in stages]
    events = [(0.0, stage) for stage in range(len(stages))]
    for number in range(rounds):
        first = Turn(FORWARD, number, 0, number % cut.ways)
        ready[cut.stage_of(first, len(stages))].append((0.0, number, first))
    found, busy, order = list[Box](), [0.0] * len(stages), rounds
    while events:
        now, stage = heapq.heappop(events)
        if busy[stage] > now:
            continue
        picked = _picked(ready[stage], now, kept[stage], cut, len(stages))
        if picked is None:
            continue
        ready[stage].remove(picked)
        turn = picked[2]
        length = _part(turn.kind, stages[stage]) / cut.chunks
        chunk = turn.place // len(stages) + turn.way
        found.append(Box(stage, turn.kind, turn.number, chunk, now, length))
        busy[stage] = end = now + length
        kept[stage][turn.way] += _taken(turn, cut, len(stages)) - (turn.kind == WEIGHT)
        heapq.heappush(events, (end, stage))
        for after in _after(turn, last):
            order += 1
            where = cut.stage_of(after, len(stages))
            ready[where].append((end, order, after))
            heapq.heappush(events, (max(end, busy[where]), where))
    return found


def _taken(turn: Turn, cut: _Ways, stages: int) -> int:
    """Room that a pass takes on its stage."""
    return cut.chunks * (turn.kind == FORWARD and turn.place < stages)


def _after(turn: Turn, last: int) -> Iterator[Turn]:
    """What a pass makes possible."""
    if turn.kind == FORWARD:
        ahead = turn._replace(place=turn.place + 1)
        yield ahead if turn.place < last else turn._replace(kind=BACKWARD)
    elif turn.kind == BACKWARD:
        yield turn._replace(kind=WEIGHT)
        if turn.place:
            yield turn._replace(place=turn.place - 1)


def _picked(
    ready: list[tuple[float, int, Turn]], now: float, kept: list[int], cut: _Ways, stages: int
) -> tuple[float, int, Turn] | None:
    """The best pass that is ready: backward, forward if memory allows, gradients of weights."""
    here = [
        one
        for one in ready
        if one[0] <= now
        and kept[one[2].way] + _taken(one[2], cut, stages) <= cut.most(one[2], stages)
    ]
    for kind in (BACKWARD, FORWARD, WEIGHT):
        of_kind = [one for one in here if one[2].kind == kind]
        if of_kind:
            # the chunk that is farther on its way first, then the earlier micro-batch
            return min(of_kind, key=lambda one: (-one[2].place * (kind == FORWARD), one[2].number))
    return None


def _part(kind: str, times: StageTimes) -> float:
    return {
        FORWARD: times.forward, BACKWARD: times.backward - times.weight, WEIGHT: times.weight
    }[kind]  # fmt: skip
