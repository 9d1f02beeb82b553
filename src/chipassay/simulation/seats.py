"""Who waits and who sits: the queue, the seats in order of admission, and who is done when."""

from __future__ import annotations

from chipassay.simulation.world import (
    DECODING,
    NOBODY,
    WAITING,
    Setting,
    World,
)


def touch(w: World, r: int, now: float) -> None:
    """Add up queue, seats and blocks over the time since the last change."""
    mine = w.replica[r]
    past = now - mine.touched
    mine.touched = now
    mine.queue_area += past * mine.queued
    mine.seat_area += past * mine.seated
    mine.block_area += past * mine.used


def queue_last(w: World, r: int, i: int) -> None:
    """A request comes to the end of the queue."""
    mine = w.replica[r]
    w.request[i].state = WAITING
    w.request[i].next = NOBODY
    if mine.queued == 0:
        mine.head = i
        mine.stuck = 0
    else:
        w.request[mine.tail].next = i
    mine.tail = i
    mine.queued += 1


def queue_first(w: World, r: int, i: int) -> None:
    """A preempted request goes to the head of the queue."""
    mine = w.replica[r]
    w.request[i].state = WAITING
    w.request[i].next = mine.head if mine.queued > 0 else NOBODY
    if mine.queued == 0:
        mine.tail = i
    mine.head = i
    mine.queued += 1
    mine.stuck = 0


def seat_first_of_queue(w: World, r: int, state: int) -> int:
    """The head of the queue is admitted; who it is."""
    mine = w.replica[r]
    i: int = mine.head
    mine.head = w.request[i].next
    mine.queued -= 1
    asker = w.request[i]
    asker.state = state
    newest = mine.newest
    asker.before = newest
    asker.after = NOBODY
    if newest == NOBODY:
        mine.oldest = i
    else:
        w.request[newest].after = i
    mine.newest = i
    mine.seated += 1
    return i


def leave_seat(w: World, r: int, i: int) -> None:
    """A request gives up its seat."""
    mine, asker = w.replica[r], w.request[i]
    before, after = asker.before, asker.after
    if before == NOBODY:
        mine.oldest = after
    else:
        w.request[before].after = after
    if after == NOBODY:
        mine.newest = before
    else:
        w.request[after].before = before
    mine.seated -= 1


def begin_to_decode(w: World, s: Setting, r: int, i: int) -> None:
    """A request whose cache is there joins those that decode."""
    mine, asker = w.replica[r], w.request[i]
    asker.state = DECODING
    asker.held = asker.prompt + asker.emitted - 1
    asker.joined = mine.count
    asker.target = mine.count + asker.output - asker.emitted
    _mark_end(w, s, r, i)
    mine.decoders += 1
    mine.context += asker.held
    if mine.reserves == 0:
        w.residue[r * s.block + residue(s, asker.joined, asker.held)] += 1
    asker.chain = mine.fresh
    mine.fresh = i
    mine.fresh_count += 1


def stop_decoding(w: World, s: Setting, r: int, i: int) -> int:
    """Undo `begin_to_decode`; tokens of context it has now."""
    mine, asker = w.replica[r], w.request[i]
    context: int = asker.held + mine.count - asker.joined
    mine.decoders -= 1
    mine.context -= context
    if mine.reserves == 0:
        w.residue[r * s.block + residue(s, asker.joined, asker.held)] -= 1
    _unmark_end(w, s, r, i)
    return context


def residue(s: Setting, joined: int, held: int) -> int:
    """The decode count, modulo a block, at which a request needs one block more."""
    return (joined + 1 - held) % s.block


def _mark_end(w: World, s: Setting, r: int, i: int) -> None:
    place = r * s.ring + w.request[i].target % s.ring
    first = w.ring[place]
    w.request[i].sooner = NOBODY
    w.request[i].later = first
    if first != NOBODY:
        w.request[first].sooner = i
    w.ring[place] = i


def _unmark_end(w: World, s: Setting, r: int, i: int) -> None:
    asker = w.request[i]
    sooner, later = asker.sooner, asker.later
    if sooner == NOBODY:
        w.ring[r * s.ring + asker.target % s.ring] = later
    else:
        w.request[sooner].later = later
    if later != NOBODY:
        w.request[later].sooner = sooner
