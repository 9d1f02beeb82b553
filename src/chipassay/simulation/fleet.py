"""The loop: arrivals find a replica, replicas step, caches move between pools.

Steps of a replica in which nobody else does anything follow one another without going through the
heap.
"""

from __future__ import annotations

from chipassay.simulation.blocks import blocks_of, known_prefix, release
from chipassay.simulation.batching import plan
from chipassay.simulation.finishing import answered, finish_step, tell
from chipassay.simulation.kernel import forget_first
from chipassay.simulation.lookup import step_time
from chipassay.simulation.seats import queue_last, touch
from chipassay.simulation.world import (
    ARRIVAL, ARRIVE, BLOCK_COUNT, BLOCKS, BUSY, BUSY_TIME, CURSOR, DECODE, EVENTS, FAILED, FIRST,
    FUTURE, HOME, LAST, LEAST_OUTSTANDING, MOVE_TURN, MOVED, NOBODY, OUTPUT, OUTSTANDING, PLAN,
    PREFILL, PREFIX_AWARE, PROMPT, READY, REFUSALS, REFUSED, ROLE, ROUND_ROBIN, RULE, SOURCE,
    STATE, STEP, TURN, WATERMARK_BLOCKS, WEIGHT, Setting, World,
)  # fmt: skip


def run(w: World, s: Setting) -> None:
    """Simulate until nothing is left to do, or too many requests missed their limits."""
    tally = w.tally
    while tally[FAILED] <= s.allowed:
        if tally[CURSOR] < len(w.order):
            i = w.order[tally[CURSOR]]
            if tally[EVENTS] == 0 or w.moment[i][ARRIVAL] <= w.event_time[0]:
                tally[CURSOR] += 1
                arrive(w, s, i, w.moment[i][ARRIVAL])
                continue
        elif tally[EVENTS] == 0:
            return
        now = w.event_time[0]
        kind, who = w.event_mark[0][1], w.event_mark[0][2]
        tally[EVENTS] = forget_first(w.event_time, w.event_mark, tally[EVENTS])
        if kind == ARRIVE:
            w.moment[who][ARRIVAL] = now
            arrive(w, s, who, now)
        elif kind == MOVED:
            moved(w, s, who, now)
        elif kind == STEP:
            finish_step(w, s, who, now)
            steps(w, s, who, now)
        else:
            steps(w, s, who, now)


def next_time(w: World) -> float:
    """When somebody else does something; infinite where nobody does."""
    time = float("inf")
    if w.tally[EVENTS] > 0:
        time = w.event_time[0]
    if w.tally[CURSOR] < len(w.order):
        time = min(time, w.moment[w.order[w.tally[CURSOR]]][ARRIVAL])
    return time


def steps(w: World, s: Setting, r: int, now: float) -> None:
    """Step a replica until somebody else's turn comes, or it has nothing to do."""
    mine = w.replica[r]
    while True:
        other = next_time(w)
        if other <= now:
            tell(w, now, PLAN, r)
            return
        plan(w, s, r, now)
        time = step_time(w, r)
        if time == 0.0:
            mine[BUSY] = 0
            return
        w.gauge[r][BUSY_TIME] += time
        now = now + time
        if other <= now:
            tell(w, now, STEP, r)
            return
        finish_step(w, s, r, now)
        if w.tally[FAILED] > s.allowed:
            return


def wake(w: World, r: int, now: float) -> None:
    """Let an idle replica plan, once all that happens at this moment has happened."""
    if w.replica[r][BUSY] == 0:
        w.replica[r][BUSY] = 1
        tell(w, now, PLAN, r)


def arrive(w: World, s: Setting, i: int, now: float) -> None:
    """A request comes in; one that no replica could ever hold is refused."""
    asker = w.request[i]
    r = route(w, s, i, PREFILL)
    last = r if w.replica[r][ROLE] != PREFILL else route(w, s, i, DECODE)
    tokens = asker[PROMPT] if last != r else asker[PROMPT] + asker[OUTPUT] - 1
    if not fits(w, s, r, tokens) or not fits(w, s, last, asker[PROMPT] + asker[OUTPUT] - 1):
        asker[STATE] = REFUSED
        w.tally[REFUSALS] += 1
        answered(w, s, i, now)
        return
    _enter(w, r, i, now)


def moved(w: World, s: Setting, i: int, now: float) -> None:
    """A cache has arrived in the pool that decodes."""
    asker = w.request[i]
    source = asker[SOURCE]
    touch(w, source, now)
    release(w, s, source, i, asker[BLOCKS])
    w.replica[source][OUTSTANDING] -= 1
    wake(w, source, now)
    if s.first_waits == 1:
        w.moment[i][FIRST] = now
        w.moment[i][LAST] = now
    asker[READY] = 1
    _enter(w, route(w, s, i, DECODE), i, now)


def _enter(w: World, r: int, i: int, now: float) -> None:
    touch(w, r, now)
    w.request[i][HOME] = r
    w.replica[r][OUTSTANDING] += 1
    queue_last(w, r, i)
    wake(w, r, now)


def fits(w: World, s: Setting, r: int, tokens: int) -> bool:
    """Whether a replica could hold so many tokens if it were empty."""
    spare = w.rule[w.replica[r][RULE]][WATERMARK_BLOCKS]
    return blocks_of(tokens, s.block) + spare <= w.replica[r][BLOCK_COUNT]  # type: ignore[no-any-return]


def route(w: World, s: Setting, i: int, role: int) -> int:
    """The replica for a request: those that decode only, or all others."""
    if s.routing == ROUND_ROBIN:
        return _in_turn(w, role)
    best = _least(w, role)
    if s.routing == PREFIX_AWARE and role == PREFILL and w.request[i][STATE] == FUTURE:
        return _knowing(w, s, i, best)
    return best


def serves(w: World, r: int, role: int) -> bool:
    """Whether a replica takes requests of a stage."""
    return (w.replica[r][ROLE] == DECODE) == (role == DECODE)  # type: ignore[no-any-return]


def _in_turn(w: World, role: int) -> int:
    turn = MOVE_TURN if role == DECODE else TURN
    r = w.tally[turn]
    while not serves(w, r, role):
        r = (r + 1) % len(w.replica)
    w.tally[turn] = (r + 1) % len(w.replica)
    return r  # type: ignore[no-any-return]


def _least(w: World, role: int) -> int:
    """The one with the least outstanding requests for its weight."""
    best, least = NOBODY, 0.0
    for r in range(len(w.replica)):
        if serves(w, r, role):
            load = (w.replica[r][OUTSTANDING] + 1) / w.gauge[r][WEIGHT]
            if best == NOBODY or load < least:
                best, least = r, load
    return best


def _knowing(w: World, s: Setting, i: int, least: int) -> int:
    """The one that knows most of the prompt, if that is half of it and its queue is not long.

    After SGLang's router: balance first where loads differ by more than 32 requests.
    """
    best, most = least, 0
    for r in range(len(w.replica)):
        if serves(w, r, PREFILL):
            far = w.replica[r][OUTSTANDING] - w.replica[least][OUTSTANDING]
            known = known_prefix(w, s, r, i, w.request[i][PROMPT])
            if known > most and far <= 32:
                best, most = r, known
    enough = 2 * most * s.block * s.hash_blocks >= w.request[i][PROMPT]
    return best if enough else least
