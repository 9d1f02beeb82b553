"""Who waits and who sits: the queue, the seats in order of admission, and who is done when."""

from __future__ import annotations

from chipassay.simulation.world import (
    AFTER, BEFORE, BLOCK_AREA, CHAIN, CONTEXT, COUNT, DECODERS, DECODING, EMITTED, FRESH,
    FRESH_COUNT, HEAD, HELD, JOINED, LATER, NEWEST, NEXT, NOBODY, OLDEST, OUTPUT, PROMPT,
    QUEUE_AREA, QUEUED, RESERVES, RULE, SEAT_AREA, SEATED, SOONER, STATE, STUCK, TAIL, TARGET,
    TOUCHED, USED, WAITING, Setting, World,
)  # fmt: skip


def touch(w: World, r: int, now: float) -> None:
    """Add up queue, seats and blocks over the time since the last change."""
    mine, gauge = w.replica[r], w.gauge[r]
    past = now - gauge[TOUCHED]
    gauge[TOUCHED] = now
    gauge[QUEUE_AREA] += past * mine[QUEUED]
    gauge[SEAT_AREA] += past * mine[SEATED]
    gauge[BLOCK_AREA] += past * mine[USED]


def queue_last(w: World, r: int, i: int) -> None:
    """A request comes to the end of the queue."""
    mine = w.replica[r]
    w.request[i][STATE] = WAITING
    w.request[i][NEXT] = NOBODY
    if mine[QUEUED] == 0:
        mine[HEAD] = i
        mine[STUCK] = 0
    else:
        w.request[mine[TAIL]][NEXT] = i
    mine[TAIL] = i
    mine[QUEUED] += 1


def queue_first(w: World, r: int, i: int) -> None:
    """A preempted request goes to the head of the queue."""
    mine = w.replica[r]
    w.request[i][STATE] = WAITING
    w.request[i][NEXT] = mine[HEAD] if mine[QUEUED] > 0 else NOBODY
    if mine[QUEUED] == 0:
        mine[TAIL] = i
    mine[HEAD] = i
    mine[QUEUED] += 1
    mine[STUCK] = 0


def seat_first_of_queue(w: World, r: int, state: int) -> int:
    """The head of the queue is admitted; who it is."""
    mine = w.replica[r]
    i: int = mine[HEAD]
    mine[HEAD] = w.request[i][NEXT]
    mine[QUEUED] -= 1
    asker = w.request[i]
    asker[STATE] = state
    newest = mine[NEWEST]
    asker[BEFORE] = newest
    asker[AFTER] = NOBODY
    if newest == NOBODY:
        mine[OLDEST] = i
    else:
        w.request[newest][AFTER] = i
    mine[NEWEST] = i
    mine[SEATED] += 1
    return i


def leave_seat(w: World, r: int, i: int) -> None:
    """A request gives up its seat."""
    mine, asker = w.replica[r], w.request[i]
    before, after = asker[BEFORE], asker[AFTER]
    if before == NOBODY:
        mine[OLDEST] = after
    else:
        w.request[before][AFTER] = after
    if after == NOBODY:
        mine[NEWEST] = before
    else:
        w.request[after][BEFORE] = before
    mine[SEATED] -= 1


def begin_to_decode(w: World, s: Setting, r: int, i: int) -> None:
    """A request whose cache is there joins those that decode."""
    mine, asker = w.replica[r], w.request[i]
    asker[STATE] = DECODING
    asker[HELD] = asker[PROMPT] + asker[EMITTED] - 1
    asker[JOINED] = mine[COUNT]
    asker[TARGET] = mine[COUNT] + asker[OUTPUT] - asker[EMITTED]
    _mark_end(w, r, i)
    mine[DECODERS] += 1
    mine[CONTEXT] += asker[HELD]
    if w.rule[mine[RULE]][RESERVES] == 0:
        w.residue[r][residue(s, asker[JOINED], asker[HELD])] += 1
    asker[CHAIN] = mine[FRESH]
    mine[FRESH] = i
    mine[FRESH_COUNT] += 1


def stop_decoding(w: World, s: Setting, r: int, i: int) -> int:
    """Undo `begin_to_decode`; tokens of context it has now."""
    mine, asker = w.replica[r], w.request[i]
    context: int = asker[HELD] + mine[COUNT] - asker[JOINED]
    mine[DECODERS] -= 1
    mine[CONTEXT] -= context
    if w.rule[mine[RULE]][RESERVES] == 0:
        w.residue[r][residue(s, asker[JOINED], asker[HELD])] -= 1
    _unmark_end(w, r, i)
    return context


def residue(s: Setting, joined: int, held: int) -> int:
    """The decode count, modulo a block, at which a request needs one block more."""
    return (joined + 1 - held) % s.block


def _mark_end(w: World, r: int, i: int) -> None:
    ring = w.ring[r]
    place = w.request[i][TARGET] % len(ring)
    first = ring[place]
    w.request[i][SOONER] = NOBODY
    w.request[i][LATER] = first
    if first != NOBODY:
        w.request[first][SOONER] = i
    ring[place] = i


def _unmark_end(w: World, r: int, i: int) -> None:
    asker = w.request[i]
    sooner, later = asker[SOONER], asker[LATER]
    if sooner == NOBODY:
        w.ring[r][asker[TARGET] % len(w.ring[r])] = later
    else:
        w.request[sooner][LATER] = later
    if later != NOBODY:
        w.request[later][SOONER] = sooner
