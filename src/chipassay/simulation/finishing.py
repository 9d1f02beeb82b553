"""What a step leaves behind: tokens, finished requests, caches on their way to another pool."""

from __future__ import annotations

from chipassay.simulation.blocks import blocks_of, release, remember
from chipassay.simulation.kernel import announce
from chipassay.simulation.seats import begin_to_decode, leave_seat, stop_decoding, touch
from chipassay.simulation.world import (
    ARRIVE,
    DECODING,
    DONE,
    MOVED,
    MOVING,
    NOBODY,
    PREFILL,
    TRAIL_COLUMNS,
    Setting,
    World,
)


def finish_step(w: World, s: Setting, r: int, now: float) -> None:
    """Book what the step that ends now has done."""
    touch(w, r, now)
    mine = w.replica[r]
    mine.steps += 1
    if mine.advance > 0:
        _finish_decoding(w, s, r, now)
    i = mine.finishing
    mine.finishing = NOBODY
    while i != NOBODY:
        following = w.request[i].chain
        _finish_prompt(w, s, r, i, now)
        i = following
    _sample(w, s, r, now)


def tell(w: World, time: float, kind: int, who: int) -> None:
    """Announce an event."""
    tally = w.tally[0]
    tally.events = announce(w.event, tally.events, time, tally.order, kind, who)
    tally.order += 1


def _finish_decoding(w: World, s: Setting, r: int, now: float) -> None:
    mine = w.replica[r]
    tokens = mine.advance
    _book_gaps(w, r, now, tokens)
    before = mine.count
    mine.count = before + tokens
    mine.context += tokens * mine.decoders
    for count in range(before + 1, before + tokens + 1):
        i = w.ring[r * s.ring + count % s.ring]
        while i != NOBODY:
            following = w.request[i].later
            held = stop_decoding(w, s, r, i)
            total = blocks_of(held, s.block)
            if mine.reserves == 1:
                total = w.request[i].blocks
            _finish(w, s, r, i, now, total)
            i = following
    mine.last_decode = now
    mine.fresh = NOBODY
    mine.fresh_count = 0


def _book_gaps(w: World, r: int, now: float, tokens: int) -> None:
    """Count the time since each decoder's last token."""
    mine = w.replica[r]
    i = mine.fresh
    while i != NOBODY:
        asker = w.request[i]
        if asker.state == DECODING and asker.joined == mine.count and asker.home == r:
            book_gap(w, (now - asker.last) / tokens, tokens)
        i = asker.chain
    old = mine.decoders - mine.fresh_count
    if old > 0:
        book_gap(w, (now - mine.last_decode) / tokens, old * tokens)


def book_gap(w: World, gap: float, count: int) -> None:
    """Count some gaps of one length; the next is mostly as long as the last."""
    edges, tally = w.edges, w.tally[0]
    last = len(edges) - 1
    place = tally.gap_place
    if not edges[place] <= gap < edges[place + 1]:
        low, high = 0, last
        while high - low > 1:
            middle = (low + high) // 2
            if gap < edges[middle]:
                high = middle
            else:
                low = middle
        place = low
        tally.gap_place = place
    w.gaps[place] += count
    tally.gap_sum += gap * count


def _finish_prompt(w: World, s: Setting, r: int, i: int, now: float) -> None:
    mine, asker = w.replica[r], w.request[i]
    remember(w, s, r, i, asker.prompt + asker.emitted)
    asker.emitted += 1
    if asker.emitted == 1:
        asker.first = now
        if s.first_waits == 0 or mine.role != PREFILL or asker.output == 1:
            judge_first(w, s, i)
    else:
        book_gap(w, now - asker.last, 1)
    asker.last = now
    if asker.emitted >= asker.output:
        _finish(w, s, r, i, now, asker.blocks)
    elif mine.role == PREFILL:
        _send(w, r, i, now)
    else:
        begin_to_decode(w, s, r, i)


def judge_first(w: World, s: Setting, i: int) -> None:
    """Count a first token that came too late."""
    if i >= s.warm and w.request[i].first - w.request[i].arrival > s.slo_first:
        w.tally[0].failed += 1


def _send(w: World, r: int, i: int, now: float) -> None:
    """Move a prompt's cache to the pool that decodes; caches leave a replica one by one."""
    mine, asker = w.replica[r], w.request[i]
    leave_seat(w, r, i)
    asker.state = MOVING
    asker.source = r
    begin = max(now, mine.link_free)
    end = begin + mine.send_delay + asker.prompt * mine.send_time
    mine.link_free = end
    tell(w, end, MOVED, i)


def _finish(w: World, s: Setting, r: int, i: int, now: float, total: int) -> None:
    mine, asker = w.replica[r], w.request[i]
    remember(w, s, r, i, asker.prompt + asker.output - 1)
    release(w, s, r, i, total)
    leave_seat(w, r, i)
    mine.outstanding -= 1
    asker.state = DONE
    asker.finish = now
    w.tally[0].finished += 1
    in_time = asker.first - asker.arrival <= s.slo_first
    if i >= s.warm and in_time and asker.output > 1:
        each = (now - asker.first) / (asker.output - 1)
        if each > s.slo_token:
            w.tally[0].failed += 1
    answered(w, s, i, now)


def answered(w: World, s: Setting, i: int, now: float) -> None:
    """What an answer sets free: the next turn of a conversation, or a client's next request."""
    following = w.request[i].follower
    if following != NOBODY:
        tell(w, now + w.request[following].pause, ARRIVE, following)
    if s.clients > 0 and w.tally[0].released < len(w.request):
        tell(w, now + s.think, ARRIVE, w.tally[0].released)
        w.tally[0].released += 1


def _sample(w: World, s: Setting, r: int, now: float) -> None:
    """Every so many steps, write down how full a replica is; a full trail is thinned by half."""
    mine = w.replica[r]
    mine.until_sample -= 1
    if mine.until_sample > 0:
        return
    start = r * s.samples * TRAIL_COLUMNS
    if mine.samples == s.samples:
        _thin(w, start, s.samples)
        mine.samples = s.samples // 2
        mine.stride *= 2
    place = start + mine.samples * TRAIL_COLUMNS
    w.trail[place] = now
    w.trail[place + 1] = mine.queued
    w.trail[place + 2] = mine.seated
    w.trail[place + 3] = mine.used
    w.trail[place + 4] = mine.cached
    mine.samples += 1
    mine.until_sample = mine.stride


def _thin(w: World, start: int, samples: int) -> None:
    for k in range(samples // 2):
        for column in range(TRAIL_COLUMNS):
            place = start + k * TRAIL_COLUMNS
            w.trail[place + column] = w.trail[place + k * TRAIL_COLUMNS + column]
