"""The loop: arrivals find a replica, replicas step, caches move between pools.

Steps of a replica in which nobody else does anything follow one another without going through the
heap.
"""

from __future__ import annotations

import math

from chipassay.simulation.batching import plan
from chipassay.simulation.blocks import blocks_of, known_prefix, release
from chipassay.simulation.finishing import answered, finish_step, judge_first, tell
from chipassay.simulation.gliding import glide
from chipassay.simulation.kernel import forget_first
from chipassay.simulation.lookup import step_time
from chipassay.simulation.seats import queue_last, touch
from chipassay.simulation.world import (
    ARRIVE,
    DECODE,
    FUTURE,
    MOVED,
    NOBODY,
    PLAN,
    PREFILL,
    PREFIX_AWARE,
    REFUSED,
    ROUND_ROBIN,
    STEP,
    Setting,
    World,
)


def run(w: World, s: Setting) -> None:
    """Simulate until nothing is left to do, or too many requests missed their limits."""
    tally = w.tally[0]
    while tally.failed <= s.allowed:
        if tally.cursor < len(w.order):
            i = w.order[tally.cursor]
            if tally.events == 0 or w.request[i].arrival <= w.event[0].time:
                tally.cursor += 1
                arrive(w, s, i, w.request[i].arrival)
                continue
        elif tally.events == 0:
            return
        now = w.event[0].time
        kind, who = w.event[0].kind, w.event[0].who
        tally.events = forget_first(w.event, tally.events)
        if kind == ARRIVE:
            w.request[who].arrival = now
            arrive(w, s, who, now)
        elif kind == MOVED:
            moved(w, s, who, now)
        else:
            steps(w, s, who, now, kind == STEP)


def next_time(w: World) -> float:
    """When somebody else does something; infinite where nobody does."""
    time = math.inf
    if w.tally[0].events > 0:
        time = w.event[0].time
    if w.tally[0].cursor < len(w.order):
        time = min(time, w.request[w.order[w.tally[0].cursor]].arrival)
    return time


def steps(w: World, s: Setting, r: int, now: float, ending: bool) -> None:
    """Step a replica until somebody else's turn comes, or it has nothing to do.

    A step of it is `ending` now, or else it is its turn. What others do at the moment a step ends
    comes before the next is planned.
    """
    mine = w.replica[r]
    while True:
        if ending:
            finish_step(w, s, r, now)
        other = next_time(w)
        if ending:
            if w.tally[0].failed > s.allowed:
                return
            if other <= now:
                tell(w, now, PLAN, r)
                return
        now = glide(w, s, r, now, other)
        plan(w, s, r, now)
        time = step_time(w, r)
        if time == 0.0:
            mine.busy = 0
            return
        mine.busy_time += time
        now = now + time
        ending = True
        if other <= now:
            tell(w, now, STEP, r)
            return


def wake(w: World, r: int, now: float) -> None:
    """Let an idle replica plan, once all that happens at this moment has happened."""
    if w.replica[r].busy == 0:
        w.replica[r].busy = 1
        tell(w, now, PLAN, r)


def arrive(w: World, s: Setting, i: int, now: float) -> None:
    """A request comes in; one that no replica could ever hold is refused."""
    asker = w.request[i]
    r = route(w, s, i, PREFILL)
    whole = asker.prompt + asker.output - 1
    if w.replica[r].role == PREFILL:
        fitting = fits(w, s, r, asker.prompt) and fits_decoders(w, s, whole)
    else:
        fitting = fits(w, s, r, whole)
    if not fitting:
        asker.state = REFUSED
        w.tally[0].refusals += 1
        w.tally[0].failed += 1
        answered(w, s, i, now)
        return
    _enter(w, r, i, now)


def moved(w: World, s: Setting, i: int, now: float) -> None:
    """A cache has arrived in the pool that decodes."""
    asker = w.request[i]
    source = asker.source
    touch(w, source, now)
    release(w, s, source, i, asker.blocks)
    w.replica[source].outstanding -= 1
    wake(w, source, now)
    if s.first_waits == 1:
        w.request[i].first = now
        w.request[i].last = now
        judge_first(w, s, i)
    asker.ready = 1
    _enter(w, route(w, s, i, DECODE), i, now)


def _enter(w: World, r: int, i: int, now: float) -> None:
    touch(w, r, now)
    w.request[i].home = r
    w.replica[r].outstanding += 1
    queue_last(w, r, i)
    wake(w, r, now)


def fits(w: World, s: Setting, r: int, tokens: int) -> bool:
    """Whether a replica could hold so many tokens if it were empty."""
    spare = w.replica[r].watermark
    return blocks_of(tokens, s.block) + spare <= w.replica[r].block_count  # type: ignore[no-any-return]


def fits_decoders(w: World, s: Setting, tokens: int) -> bool:
    """Whether each replica that only decodes could hold so many tokens."""
    for r in range(len(w.replica)):
        if w.replica[r].role == DECODE and not fits(w, s, r, tokens):
            return False
    return True


def route(w: World, s: Setting, i: int, role: int) -> int:
    """The replica for a request: those that decode only, or all others."""
    if s.routing == ROUND_ROBIN:
        return _in_turn(w, role)
    best = _least(w, role)
    if s.routing == PREFIX_AWARE and role == PREFILL and w.request[i].state == FUTURE:
        return _knowing(w, s, i, best)
    return best


def serves(w: World, r: int, role: int) -> bool:
    """Whether a replica takes requests of a stage."""
    return (w.replica[r].role == DECODE) == (role == DECODE)  # type: ignore[no-any-return]


def _in_turn(w: World, role: int) -> int:
    tally = w.tally[0]
    r = tally.move_turn if role == DECODE else tally.turn
    while not serves(w, r, role):
        r = (r + 1) % len(w.replica)
    following = (r + 1) % len(w.replica)
    if role == DECODE:
        tally.move_turn = following
    else:
        tally.turn = following
    return r  # type: ignore[no-any-return]


def _least(w: World, role: int) -> int:
    """The one with the least outstanding requests for its weight."""
    best, least = NOBODY, 0.0
    for r in range(len(w.replica)):
        if serves(w, r, role):
            load = (w.replica[r].outstanding + 1) / w.replica[r].weight
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
            far = w.replica[r].outstanding - w.replica[least].outstanding
            known = known_prefix(w, s, r, i, w.request[i].prompt)
            if known > most and far <= 32:
                best, most = r, known
    enough = 2 * most * s.block * s.hash_blocks >= w.request[i].prompt
    return best if enough else least
