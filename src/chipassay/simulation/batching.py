"""What goes into the next step of a replica: one loop, and a policy's switches decide the rest.

`MIXES` prompts and decoding share a step (Sarathi, vLLM 1, TensorRT-LLM); without it prompts go
first and decoding waits (vLLM 0, SGLang). `CHUNKS` a prompt is cut to the token budget. `RESERVES`
a request gets all its blocks at admission and is never preempted (Orca, TensorRT-LLM). `STATIC`
nobody is admitted before everybody is done (FasterTransformer). Blocks for a whole prompt are taken
at its admission; the newest is preempted where a decoder needs a block and none is left.
"""

from __future__ import annotations

from chipassay.simulation.blocks import (
    blocks_of, hold, known_prefix, release, take, unheld,
)  # fmt: skip
from chipassay.simulation.lookup import prompt_time
from chipassay.simulation.seats import (
    begin_to_decode, leave_seat, queue_first, seat_first_of_queue, stop_decoding,
)  # fmt: skip
from chipassay.simulation.world import (
    ADMITTED, ADVANCE, ATTENTION, BLOCK_COUNT, BLOCKS, BUDGET, CHAIN, CHUNKS, COUNT, CREDIT,
    DECODERS, DECODING, DROPPED, EMITTED, EVICTED, FILL, FILL_ROWS, FILLED, FILLING, FINISHING,
    FRESH, FRESH_COUNT, HEAD, HIT, JOINED, KIND, LAST, LAST_DECODE, MIXES, NEW_ROWS, NEWEST,
    NOBODY, OUTPUT, PARTIAL, PER_STEP, PREFILL, PROMPT, QUEUED, READY, RESERVES, ROLE, RULE, SEATED, SEATS,
    STATE, STATIC, STUCK, SWAP_TIME, SWAPPING, SWAPS, USED, WATERMARK_BLOCKS, Setting, World,
)  # fmt: skip


def plan(w: World, s: Setting, r: int, now: float) -> None:
    """Decide what the step that begins now computes, and take the blocks for it."""
    mine = w.replica[r]
    rule = w.rule[mine[RULE]]
    mine[FILL] = 0
    mine[FILL_ROWS] = 0
    mine[NEW_ROWS] = 0
    mine[FINISHING] = NOBODY
    mine[ADVANCE] = 0
    w.gauge[r][ATTENTION] = 0.0
    w.gauge[r][SWAPPING] = 0.0
    if mine[QUEUED] > 0:
        _resume(w, s, r, now)
    if rule[MIXES] == 1:
        if _advance(w, s, r):
            _fill(w, s, r, now)
        return
    _fill(w, s, r, now)
    if mine[FILL] == 0:
        _advance(w, s, r)


def _resume(w: World, s: Setting, r: int, now: float) -> None:
    """Admit from the head of the queue what needs no prefill: its cache comes back, or arrived."""
    mine = w.replica[r]
    while mine[QUEUED] > 0 and mine[STUCK] == 0 and mine[SEATED] < mine[SEATS]:
        asker = w.request[mine[HEAD]]
        if asker[READY] == 0:
            return
        held = asker[PROMPT] + asker[EMITTED] - 1
        total = blocks_of(held + 1, s.block)
        if w.rule[mine[RULE]][RESERVES] == 1:
            total = blocks_of(asker[PROMPT] + asker[OUTPUT] - 1, s.block)
        if mine[USED] + total + _growth(w, s, r, 1) > mine[BLOCK_COUNT]:
            mine[STUCK] = 1
            return
        i = seat_first_of_queue(w, r, DECODING)
        if w.rule[mine[RULE]][RESERVES] == 0:
            total = blocks_of(held, s.block)
        take(w, s, r, i, total, 0)
        asker[READY] = 0
        w.gauge[r][SWAPPING] += held * w.kind[mine[KIND]][SWAP_TIME] * min(asker[EVICTED], 1)
        begin_to_decode(w, s, r, i)
        if w.moment[i][ADMITTED] < 0.0:
            w.moment[i][ADMITTED] = now


def _growth(w: World, s: Setting, r: int, tokens: int) -> int:
    """Blocks that those who decode need for their next tokens."""
    count = w.replica[r][COUNT]
    found = 0
    for k in range(1, tokens + 1):
        found += w.residue[r][(count + k) % s.block]
    return found


def _advance(w: World, s: Setting, r: int) -> bool:
    """Let everybody who decodes go on; False where somebody was preempted for it."""
    mine = w.replica[r]
    if mine[DECODERS] == 0:
        return True
    credit = w.gauge[r][CREDIT] + w.kind[mine[KIND]][PER_STEP]
    tokens = int(credit)
    w.gauge[r][CREDIT] = credit - tokens
    calm = True
    need = _growth(w, s, r, tokens)
    while mine[USED] + need > mine[BLOCK_COUNT]:
        _preempt(w, s, r, mine[NEWEST])
        calm = False
        need = _growth(w, s, r, tokens)
    if need > 0:
        hold(w, s, r, need)
    mine[ADVANCE] = tokens
    if mine[DECODERS] == 0:
        mine[ADVANCE] = 0
        mine[FRESH] = NOBODY
        mine[FRESH_COUNT] = 0
    return calm


def _preempt(w: World, s: Setting, r: int, i: int) -> None:
    mine, asker = w.replica[r], w.request[i]
    asker[EVICTED] += 1
    if asker[STATE] == DECODING:
        if asker[JOINED] == mine[COUNT]:
            mine[FRESH_COUNT] -= 1
        else:
            w.moment[i][LAST] = w.gauge[r][LAST_DECODE]
        asker[EMITTED] += mine[COUNT] - asker[JOINED]
        tokens = stop_decoding(w, s, r, i)
        total = blocks_of(tokens, s.block)
        if w.rule[mine[RULE]][SWAPS] == 1:
            asker[READY] = 1
            w.gauge[r][SWAPPING] += tokens * w.kind[mine[KIND]][SWAP_TIME]
        else:
            mine[DROPPED] += tokens
    else:
        mine[PARTIAL] = NOBODY
        mine[DROPPED] += asker[FILLED]
        total = asker[BLOCKS]
    release(w, s, r, i, total)
    leave_seat(w, r, i)
    queue_first(w, r, i)


def _fill(w: World, s: Setting, r: int, now: float) -> None:
    """Put prompt tokens into the step: the one that is under way, then from the queue."""
    mine = w.replica[r]
    rule = w.rule[mine[RULE]]
    left = rule[BUDGET] - (mine[DECODERS] if rule[MIXES] == 1 else 0)
    if mine[PARTIAL] != NOBODY and left > 0:
        i = mine[PARTIAL]
        mine[PARTIAL] = NOBODY
        left -= _compute(w, r, i, left)
    if rule[STATIC] == 1 and mine[DECODERS] > 0:
        return
    while mine[QUEUED] > 0 and mine[STUCK] == 0 and mine[SEATED] < mine[SEATS] and left > 0:
        taken = _admit(w, s, r, now, left)
        if taken == 0:
            return
        left -= taken


def _admit(w: World, s: Setting, r: int, now: float, left: int) -> int:
    """Admit the head of the queue if there is room; prompt tokens of it in this step."""
    mine = w.replica[r]
    i = mine[HEAD]
    asker = w.request[i]
    if asker[READY] == 1:
        return 0
    rule = w.rule[mine[RULE]]
    tokens = asker[PROMPT] + asker[EMITTED]
    known = known_prefix(w, s, r, i, tokens)
    behind = known * s.block * s.hash_blocks
    if rule[CHUNKS] == 0 and tokens - behind > left and mine[FILL] > 0:
        return 0
    total = blocks_of(tokens, s.block)
    if rule[RESERVES] == 1 and mine[ROLE] != PREFILL:
        total = blocks_of(asker[PROMPT] + asker[OUTPUT] - 1, s.block)
    fresh = total - (known - unheld(w, s, r, i, known)) * s.hash_blocks
    if mine[USED] + fresh + rule[WATERMARK_BLOCKS] > mine[BLOCK_COUNT]:
        mine[STUCK] = 1
        return 0
    seat_first_of_queue(w, r, FILLING)
    take(w, s, r, i, total, known)
    if w.moment[i][ADMITTED] < 0.0:
        w.moment[i][ADMITTED] = now
        asker[HIT] = behind
    asker[FILLED] = behind
    mine[NEW_ROWS] += 1
    return _compute(w, r, i, left if rule[CHUNKS] == 1 else tokens)


def _compute(w: World, r: int, i: int, left: int) -> int:
    """Compute the next tokens of a prompt, `left` at most; how many."""
    mine, asker = w.replica[r], w.request[i]
    behind = asker[FILLED]
    rest = asker[PROMPT] + asker[EMITTED] - behind
    tokens: int = min(rest, left)
    w.gauge[r][ATTENTION] += prompt_time(w, mine[KIND], tokens, behind)
    mine[FILL] += tokens
    mine[FILL_ROWS] += 1
    asker[FILLED] = behind + tokens
    if tokens == rest:
        asker[CHAIN] = mine[FINISHING]
        mine[FINISHING] = i
    else:
        mine[PARTIAL] = i
    return tokens
