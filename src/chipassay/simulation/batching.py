"""What goes into the next step of a replica: one loop, and a policy's switches decide the rest.

`MIXES` prompts and decoding share a step (Sarathi, vLLM 1, TensorRT-LLM); without it prompts go
first and decoding waits (vLLM 0, SGLang). `CHUNKS` a prompt is cut to the token budget. `RESERVES`
a request gets all its blocks at admission and is never preempted (Orca, TensorRT-LLM). `STATIC`
nobody is admitted before everybody is done (FasterTransformer). Blocks for a whole prompt are taken
at its admission; the newest is preempted where a decoder needs a block and none is left.
"""

from __future__ import annotations

import math

from chipassay.simulation.blocks import (
    blocks_of,
    hold,
    known_prefix,
    release,
    take,
    unheld,
)  # fmt: skip
from chipassay.simulation.lookup import prompt_time
from chipassay.simulation.seats import (
    begin_to_decode,
    leave_seat,
    queue_first,
    seat_first_of_queue,
    stop_decoding,
)  # fmt: skip
from chipassay.simulation.world import (
    DECODING,
    FILLING,
    NOBODY,
    PREFILL,
    Setting,
    World,
)


def plan(w: World, s: Setting, r: int, now: float) -> None:
    """Decide what the step that begins now computes, and take the blocks for it."""
    mine = w.replica[r]
    mine.fill = 0
    mine.fill_rows = 0
    mine.new_rows = 0
    mine.finishing = NOBODY
    mine.advance = 0
    mine.attention = 0.0
    mine.longest = 0.0
    mine.swapping = 0.0
    if mine.queued > 0:
        _resume(w, s, r, now)
    if mine.mixes == 1:
        if _advance(w, s, r):
            _fill(w, s, r, now)
        return
    _fill(w, s, r, now)
    if mine.fill == 0:
        _advance(w, s, r)


def _resume(w: World, s: Setting, r: int, now: float) -> None:
    """Admit from the head of the queue what needs no prefill: its cache comes back, or arrived."""
    mine = w.replica[r]
    while mine.queued > 0 and mine.stuck == 0 and mine.seated < mine.seats:
        asker = w.request[mine.head]
        if asker.ready == 0:
            return
        held = asker.prompt + asker.emitted - 1
        total = blocks_of(held + 1, s.block)
        if mine.reserves == 1:
            total = blocks_of(asker.prompt + asker.output - 1, s.block)
        if mine.used + total + _growth(w, s, r, 1) > mine.block_count:
            mine.stuck = 1
            return
        i = seat_first_of_queue(w, r, DECODING)
        if mine.reserves == 0:
            total = blocks_of(held, s.block)
        take(w, s, r, i, total, 0)
        asker.ready = 0
        mine.swapping += held * mine.swap_time * min(asker.evicted, 1)
        begin_to_decode(w, s, r, i)
        if math.isnan(asker.admitted):
            asker.admitted = now


def _growth(w: World, s: Setting, r: int, tokens: int) -> int:
    """Blocks that those who decode need for their next tokens."""
    count = w.replica[r].count
    found = 0
    for k in range(1, tokens + 1):
        found += w.residue[r * s.block + (count + k) % s.block]
    return found


def _advance(w: World, s: Setting, r: int) -> bool:
    """Let everybody who decodes go on; False where somebody was preempted for it."""
    mine = w.replica[r]
    if mine.decoders == 0:
        return True
    credit = mine.credit + mine.per_step
    tokens = int(credit)
    mine.credit = credit - tokens
    calm = True
    need = _growth(w, s, r, tokens)
    while mine.used + need > mine.block_count:
        _preempt(w, s, r, mine.newest)
        calm = False
        need = _growth(w, s, r, tokens)
    if need > 0:
        hold(w, s, r, need)
    mine.advance = tokens
    if mine.decoders == 0:
        mine.advance = 0
        mine.fresh = NOBODY
        mine.fresh_count = 0
    return calm


def _preempt(w: World, s: Setting, r: int, i: int) -> None:
    mine, asker = w.replica[r], w.request[i]
    asker.evicted += 1
    if asker.state == DECODING:
        if asker.joined == mine.count:
            mine.fresh_count -= 1
        else:
            asker.last = mine.last_decode
        asker.emitted += mine.count - asker.joined
        tokens = stop_decoding(w, s, r, i)
        total = blocks_of(tokens, s.block)
        if mine.swaps == 1:
            asker.ready = 1
            mine.swapping += tokens * mine.swap_time
        else:
            mine.dropped += tokens
    else:
        mine.partial = NOBODY
        mine.dropped += asker.filled
        total = asker.blocks
    release(w, s, r, i, total)
    leave_seat(w, r, i)
    queue_first(w, r, i)


def _fill(w: World, s: Setting, r: int, now: float) -> None:
    """Put prompt tokens into the step: the one that is under way, then from the queue."""
    mine = w.replica[r]
    left = mine.budget - (mine.decoders if mine.mixes == 1 else 0)
    if mine.partial != NOBODY and left > 0:
        i = mine.partial
        mine.partial = NOBODY
        left -= _compute(w, r, i, left)
    if mine.static == 1 and mine.decoders > 0:
        return
    while mine.queued > 0 and mine.stuck == 0 and mine.seated < mine.seats and left > 0:
        taken = _admit(w, s, r, now, left)
        if taken == 0:
            return
        left -= taken


def _admit(w: World, s: Setting, r: int, now: float, left: int) -> int:
    """Admit the head of the queue if there is room; prompt tokens of it in this step."""
    mine = w.replica[r]
    i = mine.head
    asker = w.request[i]
    if asker.ready == 1:
        return 0
    tokens = asker.prompt + asker.emitted
    known = known_prefix(w, s, r, i, tokens)
    behind = known * s.block * s.hash_blocks
    if mine.chunks == 0 and tokens - behind > left and mine.fill > 0:
        return 0
    total = blocks_of(tokens, s.block)
    if mine.reserves == 1 and mine.role != PREFILL:
        total = blocks_of(asker.prompt + asker.output - 1, s.block)
    fresh = total - (known - unheld(w, s, r, i, known)) * s.hash_blocks
    if mine.used + fresh + mine.watermark > mine.block_count:
        mine.stuck = 1
        return 0
    seat_first_of_queue(w, r, FILLING)
    take(w, s, r, i, total, known)
    if math.isnan(asker.admitted):
        asker.admitted = now
        asker.hit = behind
    asker.filled = behind
    mine.new_rows += 1
    return _compute(w, r, i, left if mine.chunks == 1 else tokens)


def _compute(w: World, r: int, i: int, left: int) -> int:
    """Compute the next tokens of a prompt, `left` at most; how many."""
    mine, asker = w.replica[r], w.request[i]
    behind = asker.filled
    rest = asker.prompt + asker.emitted - behind
    tokens: int = min(rest, left)
    time = prompt_time(w, mine.prompt_at, tokens, behind)
    mine.attention += time
    if time > mine.longest:
        mine.longest = time
    mine.fill += tokens
    mine.fill_rows += 1
    asker.filled = behind + tokens
    if tokens == rest:
        asker.chain = mine.finishing
        mine.finishing = i
    else:
        mine.partial = i
    return tokens
