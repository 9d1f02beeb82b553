"""The paged cache of a replica: who holds which blocks, and what is still known of old ones.

Blocks are counted, not numbered. A block of the prefix cache is held by all who share it and
counts once; one that nobody holds stays known until its room is needed, oldest use first. Of a
prompt's blocks the last go first, as in vLLM.
"""

from __future__ import annotations

from chipassay.simulation.world import (
    BLOCK_COUNT, BLOCKS, CACHED, COLDER, FIRST_CACHED, HASH_COUNT, HASHES, LAST_CACHED, NOBODY,
    REFERENCES, SHARED, STUCK, USED, WARMER, Setting, World,
)  # fmt: skip


def blocks_of(tokens: int, block: int) -> int:
    """Blocks that hold so many tokens."""
    return (tokens + block - 1) // block


def known_prefix(w: World, s: Setting, r: int, i: int, tokens: int) -> int:
    """Hash blocks at the head of a prompt that a replica knows; one token is always computed."""
    first = w.request[i][HASHES]
    most = min(w.request[i][HASH_COUNT], (tokens - 1) // (s.block * s.hash_blocks))
    found = 0
    while found < most:
        if w.shelf[r * s.hashes + w.hash_ids[first + found]][REFERENCES] < 0:
            break
        found += 1
    return found


def unheld(w: World, s: Setting, r: int, i: int, count: int) -> int:
    """How many of a prompt's first known blocks nobody holds."""
    first = w.request[i][HASHES]
    found = 0
    for k in range(first, first + count):
        if w.shelf[r * s.hashes + w.hash_ids[k]][REFERENCES] == 0:
            found += 1
    return found


def take(w: World, s: Setting, r: int, i: int, total: int, known: int) -> None:
    """Hold `total` blocks, the first `known` hash blocks of them shared."""
    mine, asker = w.replica[r], w.request[i]
    first = asker[HASHES]
    for k in range(first, first + known):
        place = r * s.hashes + w.hash_ids[k]
        if w.shelf[place][REFERENCES] == 0:
            _off_the_shelf(w, s, r, place)
            mine[CACHED] -= s.hash_blocks
            mine[USED] += s.hash_blocks
        w.shelf[place][REFERENCES] += 1
        w.hash_owned[k] = 1
    asker[SHARED] = known
    asker[BLOCKS] = total
    hold(w, s, r, total - known * s.hash_blocks)


def hold(w: World, s: Setting, r: int, count: int) -> None:
    """Hold some more blocks; old ones give way. There must be room."""
    mine = w.replica[r]
    mine[USED] += count
    while mine[USED] + mine[CACHED] > mine[BLOCK_COUNT]:
        place = mine[FIRST_CACHED]
        _off_the_shelf(w, s, r, place)
        w.shelf[place][REFERENCES] = -1
        mine[CACHED] -= s.hash_blocks


def remember(w: World, s: Setting, r: int, i: int, tokens: int) -> None:
    """Let others share a request's full blocks; what is known already stays a private copy."""
    asker = w.request[i]
    first = asker[HASHES]
    most = min(asker[HASH_COUNT], tokens // (s.block * s.hash_blocks))
    for k in range(first, first + most):
        place = r * s.hashes + w.hash_ids[k]
        if w.hash_owned[k] == 0 and w.shelf[place][REFERENCES] < 0:
            w.shelf[place][REFERENCES] = 1
            w.hash_owned[k] = 1
            asker[SHARED] += 1


def release(w: World, s: Setting, r: int, i: int, total: int) -> None:
    """Let go of a request's `total` blocks."""
    mine, asker = w.replica[r], w.request[i]
    mine[USED] -= total - asker[SHARED] * s.hash_blocks
    first = asker[HASHES]
    if asker[SHARED] > 0:
        for k in range(first + asker[HASH_COUNT] - 1, first - 1, -1):
            if w.hash_owned[k] == 1:
                w.hash_owned[k] = 0
                _let_go(w, s, r, r * s.hashes + w.hash_ids[k])
    asker[SHARED] = 0
    asker[BLOCKS] = 0
    mine[STUCK] = 0


def _let_go(w: World, s: Setting, r: int, place: int) -> None:
    mine, block = w.replica[r], w.shelf[place]
    block[REFERENCES] -= 1
    if block[REFERENCES] > 0:
        return
    mine[USED] -= s.hash_blocks
    mine[CACHED] += s.hash_blocks
    last = mine[LAST_CACHED]
    block[COLDER] = last
    block[WARMER] = NOBODY
    if last == NOBODY:
        mine[FIRST_CACHED] = place
    else:
        w.shelf[last][WARMER] = place
    mine[LAST_CACHED] = place


def _off_the_shelf(w: World, s: Setting, r: int, place: int) -> None:
    mine, block = w.replica[r], w.shelf[place]
    colder, warmer = block[COLDER], block[WARMER]
    if colder == NOBODY:
        mine[FIRST_CACHED] = warmer
    else:
        w.shelf[colder][WARMER] = warmer
    if warmer == NOBODY:
        mine[LAST_CACHED] = colder
    else:
        w.shelf[warmer][COLDER] = colder
