"""The paged cache of a replica: who holds which blocks, and what is still known of old ones.

Blocks are counted, not numbered. A block of the prefix cache is held by all who share it and
counts once; one that nobody holds stays known until its room is needed, oldest use first. Of a
prompt's blocks the last go first, as in vLLM.
"""

from __future__ import annotations

from chipassay.simulation.world import (
    NOBODY,
    Setting,
    World,
)


def blocks_of(tokens: int, block: int) -> int:
    """Blocks that hold so many tokens."""
    return (tokens + block - 1) // block


def known_prefix(w: World, s: Setting, r: int, i: int, tokens: int) -> int:
    """Hash blocks at the head of a prompt that a replica knows; one token is always computed."""
    first = w.request[i].hashes
    most = min(w.request[i].hash_count, (tokens - 1) // (s.block * s.hash_blocks))
    found = 0
    while found < most:
        if w.shelf[r * s.hashes + w.hash_ids[first + found]].references < 0:
            break
        found += 1
    return found


def unheld(w: World, s: Setting, r: int, i: int, count: int) -> int:
    """How many of a prompt's first known blocks nobody holds."""
    first = w.request[i].hashes
    found = 0
    for k in range(first, first + count):
        if w.shelf[r * s.hashes + w.hash_ids[k]].references == 0:
            found += 1
    return found


def take(w: World, s: Setting, r: int, i: int, total: int, known: int) -> None:
    """Hold `total` blocks, the first `known` hash blocks of them shared."""
    mine, asker = w.replica[r], w.request[i]
    first = asker.hashes
    for k in range(first, first + known):
        place = r * s.hashes + w.hash_ids[k]
        if w.shelf[place].references == 0:
            _off_the_shelf(w, r, place)
            mine.cached -= s.hash_blocks
            mine.used += s.hash_blocks
        w.shelf[place].references += 1
        w.hash_owned[k] = 1
    asker.shared = known
    asker.blocks = total
    hold(w, s, r, total - known * s.hash_blocks)


def hold(w: World, s: Setting, r: int, count: int) -> None:
    """Hold some more blocks; old ones give way. There must be room."""
    mine = w.replica[r]
    mine.used += count
    while mine.used + mine.cached > mine.block_count:
        place = mine.first_cached
        _off_the_shelf(w, r, place)
        w.shelf[place].references = -1
        mine.cached -= s.hash_blocks


def remember(w: World, s: Setting, r: int, i: int, tokens: int) -> None:
    """Let others share a request's full blocks; what is known already stays a private copy."""
    asker = w.request[i]
    first = asker.hashes
    most = min(asker.hash_count, tokens // (s.block * s.hash_blocks))
    for k in range(first, first + most):
        place = r * s.hashes + w.hash_ids[k]
        if w.hash_owned[k] == 0 and w.shelf[place].references < 0:
            w.shelf[place].references = 1
            w.hash_owned[k] = 1
            asker.shared += 1


def release(w: World, s: Setting, r: int, i: int, total: int) -> None:
    """Let go of a request's `total` blocks."""
    mine, asker = w.replica[r], w.request[i]
    mine.used -= total - asker.shared * s.hash_blocks
    first = asker.hashes
    if asker.shared > 0:
        for k in range(first + asker.hash_count - 1, first - 1, -1):
            if w.hash_owned[k] == 1:
                w.hash_owned[k] = 0
                _let_go(w, s, r, r * s.hashes + w.hash_ids[k])
    asker.shared = 0
    asker.blocks = 0
    mine.stuck = 0


def _let_go(w: World, s: Setting, r: int, place: int) -> None:
    mine, block = w.replica[r], w.shelf[place]
    block.references -= 1
    if block.references > 0:
        return
    mine.used -= s.hash_blocks
    mine.cached += s.hash_blocks
    last = mine.last_cached
    block.colder = last
    block.warmer = NOBODY
    if last == NOBODY:
        mine.first_cached = place
    else:
        w.shelf[last].warmer = place
    mine.last_cached = place


def _off_the_shelf(w: World, r: int, place: int) -> None:
    mine, block = w.replica[r], w.shelf[place]
    colder, warmer = block.colder, block.warmer
    if colder == NOBODY:
        mine.first_cached = warmer
    else:
        w.shelf[colder].warmer = warmer
    if warmer == NOBODY:
        mine.last_cached = colder
    else:
        w.shelf[warmer].colder = colder
