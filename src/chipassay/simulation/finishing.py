"""What a step leaves behind: tokens, finished requests, caches on their way to another pool."""

from __future__ import annotations

from chipassay.simulation.blocks import blocks_of, release, remember
from chipassay.simulation.kernel import announce
from chipassay.simulation.seats import begin_to_decode, leave_seat, stop_decoding, touch
from chipassay.simulation.world import (
    ADVANCE, ARRIVAL, ARRIVE, BLOCKS, CACHED, CHAIN, CONTEXT, COUNT, DECODERS, DECODING, DONE,
    EMITTED, EVENTS, FAILED, FINISH, FINISHED, FINISHING, FIRST, FOLLOWER, FRESH, FRESH_COUNT,
    HOME, JOINED, KIND, LAST, LAST_DECODE, LATER, LINK_FREE, MOVED, MOVING, NOBODY, ORDER, OUTPUT,
    OUTSTANDING, PAUSE, PREFILL, PROMPT, QUEUED, RELEASED, RESERVES, ROLE, RULE, SAMPLES, SEATED,
    SEND_DELAY, SEND_TIME, SOURCE, STATE, STEPS, STRIDE, TRAIL_COLUMNS, UNTIL_SAMPLE, USED,
    Setting, World,
)  # fmt: skip


def finish_step(w: World, s: Setting, r: int, now: float) -> None:
    """Book what the step that ends now has done."""
    touch(w, r, now)
    mine = w.replica[r]
    mine[STEPS] += 1
    if mine[ADVANCE] > 0:
        _finish_decoding(w, s, r, now)
    i = mine[FINISHING]
    mine[FINISHING] = NOBODY
    while i != NOBODY:
        following = w.request[i][CHAIN]
        _finish_prompt(w, s, r, i, now)
        i = following
    _sample(w, s, r, now)


def tell(w: World, time: float, kind: int, who: int) -> None:
    """Announce an event."""
    tally = w.tally
    tally[EVENTS] = announce(
        w.event_time, w.event_mark, tally[EVENTS], time, tally[ORDER], kind, who
    )
    tally[ORDER] += 1


def _finish_decoding(w: World, s: Setting, r: int, now: float) -> None:
    mine = w.replica[r]
    tokens = mine[ADVANCE]
    _book_gaps(w, r, now, tokens)
    before = mine[COUNT]
    mine[COUNT] = before + tokens
    mine[CONTEXT] += tokens * mine[DECODERS]
    ring = w.ring[r]
    for count in range(before + 1, before + tokens + 1):
        i = ring[count % len(ring)]
        while i != NOBODY:
            following = w.request[i][LATER]
            held = stop_decoding(w, s, r, i)
            total = blocks_of(held, s.block)
            if w.rule[mine[RULE]][RESERVES] == 1:
                total = w.request[i][BLOCKS]
            _finish(w, s, r, i, now, total)
            i = following
    w.gauge[r][LAST_DECODE] = now
    mine[FRESH] = NOBODY
    mine[FRESH_COUNT] = 0


def _book_gaps(w: World, r: int, now: float, tokens: int) -> None:
    """Count the time since each decoder's last token."""
    mine = w.replica[r]
    i = mine[FRESH]
    while i != NOBODY:
        asker = w.request[i]
        if asker[STATE] == DECODING and asker[JOINED] == mine[COUNT] and asker[HOME] == r:
            book_gap(w, (now - w.moment[i][LAST]) / tokens, tokens)
        i = asker[CHAIN]
    old = mine[DECODERS] - mine[FRESH_COUNT]
    if old > 0:
        book_gap(w, (now - w.gauge[r][LAST_DECODE]) / tokens, old * tokens)


def book_gap(w: World, gap: float, count: int) -> None:
    """Count some gaps of one length."""
    edges = w.edges
    low, high = 0, len(edges)
    while low < high:
        middle = (low + high) // 2
        if gap < edges[middle]:
            high = middle
        else:
            low = middle + 1
    w.gaps[low] += count
    w.gap_sum[0] += gap * count


def _finish_prompt(w: World, s: Setting, r: int, i: int, now: float) -> None:
    mine, asker, moment = w.replica[r], w.request[i], w.moment[i]
    remember(w, s, r, i, asker[PROMPT] + asker[EMITTED])
    asker[EMITTED] += 1
    if asker[EMITTED] == 1:
        moment[FIRST] = now
        if moment[FIRST] - moment[ARRIVAL] > s.slo_first:
            w.tally[FAILED] += 1
    else:
        book_gap(w, now - moment[LAST], 1)
    moment[LAST] = now
    if asker[EMITTED] >= asker[OUTPUT]:
        _finish(w, s, r, i, now, asker[BLOCKS])
    elif mine[ROLE] == PREFILL:
        _send(w, r, i, now)
    else:
        begin_to_decode(w, s, r, i)


def _send(w: World, r: int, i: int, now: float) -> None:
    """Move a prompt's cache to the pool that decodes; caches leave a replica one by one."""
    mine, asker = w.replica[r], w.request[i]
    kind = w.kind[mine[KIND]]
    leave_seat(w, r, i)
    asker[STATE] = MOVING
    asker[SOURCE] = r
    begin = max(now, w.gauge[r][LINK_FREE])
    end = begin + kind[SEND_DELAY] + asker[PROMPT] * kind[SEND_TIME]
    w.gauge[r][LINK_FREE] = end
    tell(w, end, MOVED, i)


def _finish(w: World, s: Setting, r: int, i: int, now: float, total: int) -> None:
    mine, asker, moment = w.replica[r], w.request[i], w.moment[i]
    remember(w, s, r, i, asker[PROMPT] + asker[OUTPUT] - 1)
    release(w, s, r, i, total)
    leave_seat(w, r, i)
    mine[OUTSTANDING] -= 1
    asker[STATE] = DONE
    moment[FINISH] = now
    w.tally[FINISHED] += 1
    in_time = moment[FIRST] - moment[ARRIVAL] <= s.slo_first
    if in_time and asker[OUTPUT] > 1:
        each = (now - moment[FIRST]) / (asker[OUTPUT] - 1)
        if each > s.slo_token:
            w.tally[FAILED] += 1
    answered(w, s, i, now)


def answered(w: World, s: Setting, i: int, now: float) -> None:
    """What an answer sets free: the next turn of a conversation, or a client's next request."""
    following = w.request[i][FOLLOWER]
    if following != NOBODY:
        tell(w, now + w.moment[following][PAUSE], ARRIVE, following)
    if s.clients > 0 and w.tally[RELEASED] < len(w.request):
        tell(w, now + s.think, ARRIVE, w.tally[RELEASED])
        w.tally[RELEASED] += 1


def _sample(w: World, s: Setting, r: int, now: float) -> None:
    """Every so many steps, write down how full a replica is; a full trail is thinned by half."""
    mine = w.replica[r]
    mine[UNTIL_SAMPLE] -= 1
    if mine[UNTIL_SAMPLE] > 0:
        return
    trail = w.trail[r]
    if mine[SAMPLES] == s.samples:
        _thin(trail, s.samples)
        mine[SAMPLES] = s.samples // 2
        mine[STRIDE] *= 2
    place = mine[SAMPLES] * TRAIL_COLUMNS
    trail[place] = now
    trail[place + 1] = mine[QUEUED]
    trail[place + 2] = mine[SEATED]
    trail[place + 3] = mine[USED]
    trail[place + 4] = mine[CACHED]
    mine[SAMPLES] += 1
    mine[UNTIL_SAMPLE] = mine[STRIDE]


def _thin(trail: object, samples: int) -> None:
    for k in range(samples // 2):
        for column in range(TRAIL_COLUMNS):
            trail[k * TRAIL_COLUMNS + column] = trail[2 * k * TRAIL_COLUMNS + column]  # type: ignore[index]
