"""Everything a simulation knows while it runs: rows with named numbers, and plain columns.

A row is a small object in plain Python and a record of a numpy array under numba; the same
functions work on both (`compiling`). NOBODY stands for no request, no engine, no block.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

NOBODY = -1

# What happens: kinds of events.
ARRIVE, STEP, PLAN, MOVED = range(4)

# Where a request is.
FUTURE, WAITING, FILLING, DECODING, MOVING, DONE, REFUSED = range(7)

# What a replica does.
BOTH, PREFILL, DECODE = range(3)

# How a request finds its replica.
ROUND_ROBIN, LEAST_OUTSTANDING, PREFIX_AWARE = range(3)


def _row(counts: str, numbers: str) -> np.dtype[Any]:
    return np.dtype([(name, np.int64) for name in counts.split()]
                    + [(name, np.float64) for name in numbers.split()])  # fmt: skip


REQUEST = _row(
    # tokens of prompt and answer; where it is; its engine, and the one that filled its cache
    "prompt output state home source "
    # tokens it had at its last admission; tokens of this admission that are in the cache
    "emitted filled "
    # context, and its engine's decode count, when it began to decode; the count when it is done
    "held joined target "
    # 1 where its cache need not be computed; blocks taken at admission; hash blocks shared
    "ready blocks shared "
    # neighbours: in the queue, by admission, among those done at one count, in a step's chain
    "next before after sooner later chain "
    # prompt tokens found in the prefix cache; how often it was preempted
    "hit evicted "
    # its block hashes; the next turn of its conversation
    "hashes hash_count follower",
    # moments, and the seconds before its turn comes
    "arrival admitted first last finish pause",
)
REPLICA = _row(
    # blocks that somebody holds, that nobody holds but whose content is known, and all
    "used cached block_count "
    # those that decode, their context in all, tokens each of them has got since the beginning
    "decoders context count "
    # queue and seats: their lengths and ends
    "queued head tail seated oldest newest "
    # the prompt filled in part; chains of prompts that end with this step and of new decoders
    "partial finishing fresh fresh_count "
    # this step: tokens for each decoder, prompt tokens, prompts, new requests
    "busy advance fill fill_rows new_rows "
    # 1 while the head of the queue waits for blocks; requests sent here and not answered
    "stuck outstanding "
    "role seats steps dropped "
    # the trail: samples, steps between two, steps until the next
    "samples stride until_sample "
    # the blocks that are dropped first and last
    "first_cached last_cached "
    # the scheduling policy
    "mixes chunks reserves swaps static budget watermark "
    # where its tables begin, their lengths, and where the last look-up ended
    "captured_at launched_at head_at reading_at prompt_at body_length head_length place graph_rows "
    # tokens that a decode step passes for each sequence
    "verified",
    "last_decode touched queue_area seat_area block_area busy_time "
    # this step: attention of its prompts, of the longest of them, swapping; ranks they lie on
    "attention longest swapping ranks "
    # tokens owed to each decoder where a step yields no whole number
    "credit link_free weight "
    "host admission per_step swap_time send_time send_delay",
)
SHELF = _row("references colder warmer", "")
"""A hash block on an engine: who holds it (-1: it is not there), its neighbours by last use."""
EVENT = _row("order kind who", "time")
TALLY = _row(
    "cursor events order released finished failed turn move_turn refusals gap_place",
    "gap_sum",
)  # fmt: skip
TRAIL_COLUMNS = 5
"""A sample: time, requests queued, requests admitted, blocks held, blocks cached."""


class Setting(NamedTuple):
    """What does not change while it runs."""

    block: int
    """Tokens of a block."""
    hash_blocks: int
    """Blocks of one block hash."""
    hashes: int
    """Different hashes."""
    routing: int
    clients: int
    """Of a closed loop; 0 where requests come by themselves."""
    think: float
    """Seconds from an answer to the client's next request."""
    first_waits: int
    """1 where a first token is shown only once the cache has been moved to its decoder."""
    slo_first: float
    slo_token: float
    allowed: int
    """Requests that may miss them before the run is stopped."""
    warm: int
    """First requests, whose misses are not counted."""
    samples: int
    ring: int
    """Length of a ring: more than the longest answer."""


class World(NamedTuple):
    """The tables."""

    request: Any
    replica: Any
    shelf: Any
    """[engine * hashes + hash]."""
    event: Any
    tally: Any
    residue: Any
    """[engine * block + decode count modulo block] decoders that then need a block."""
    ring: Any
    """[engine * ring + decode count modulo ring] the first of those that are done then."""
    order: Any
    """Requests by arrival, those that come by themselves."""
    hash_ids: Any
    hash_owned: Any
    """1 where a request holds the block together with others."""
    tables: Any
    """Step times, one table after another."""
    contexts: Any
    new: Any
    behind: Any
    gaps: Any
    """Inter-token gaps, counted by length."""
    edges: Any
    trail: Any
    """[(engine * samples + sample) * 5 + column]."""


def plain(world: World) -> World:
    """The same in lists, rows as objects."""
    return World(*(_rows(table) for table in world))


def arrays(lists: World, like: World) -> World:
    """Back to numpy."""
    return World(*(_table(table, old) for table, old in zip(lists, like, strict=True)))


def _rows(table: Any) -> Any:
    names = table.dtype.names
    if names is None:
        return table.tolist()
    kind: Any = type("Row", (), {"__slots__": names})
    rows = []
    for values in table.tolist():
        row = kind()
        for name, value in zip(names, values, strict=True):
            setattr(row, name, value)
        rows.append(row)
    return rows


def _table(table: Any, old: Any) -> Any:
    names = old.dtype.names
    if names is None:
        return np.array(table, dtype=old.dtype)
    rows = [tuple(getattr(row, name) for name in names) for row in table]
    return np.array(rows, dtype=old.dtype)
