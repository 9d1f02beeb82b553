"""Everything a simulation knows while it runs: tables of numbers, and names for their columns.

The tables are lists of lists in plain Python and arrays under numba; the same functions work on
both (`compiling`). A row of `request` is one request, a row of `replica` one engine. -1 is nobody.
"""

from __future__ import annotations

from typing import Any, NamedTuple

NOBODY = -1

# What happens: kinds of events.
ARRIVE, STEP, PLAN, MOVED = range(4)

# Where a request is.
FUTURE, WAITING, FILLING, DECODING, MOVING, DONE, REFUSED = range(7)

# What a replica does.
BOTH, PREFILL, DECODE = range(3)

# How a request finds its replica.
ROUND_ROBIN, LEAST_OUTSTANDING, PREFIX_AWARE = range(3)

(
    PROMPT,  # tokens it brings
    OUTPUT,  # tokens it wants
    STATE,
    HOME,  # its replica
    EMITTED,  # tokens it had when it was admitted last
    FILLED,  # prompt tokens of this admission that are computed
    HELD,  # tokens in the cache when it began to decode
    JOINED,  # its replica's decode count then
    TARGET,  # the decode count at which it is done
    READY,  # 1 where its cache need not be computed: swapped out, or sent from another pool
    BLOCKS,  # blocks held while filling, or reserved to the end
    SHARED,  # blocks of the prefix cache among them, counted in hash blocks
    NEXT,  # behind it in the queue
    BEFORE,  # admitted before it
    AFTER,  # admitted after it
    SOONER,  # others that are done at the same count
    LATER,
    CHAIN,  # behind it among those that finish their prompt, or began to decode, in this step
    HIT,  # prompt tokens found in the prefix cache at the first admission
    EVICTED,  # how often it was preempted
    SOURCE,  # the replica that filled it, where another decodes
    HASHES,  # where its block hashes begin
    HASH_COUNT,
    FOLLOWER,  # the next turn of its conversation
    REQUEST_COLUMNS,
) = range(25)

ARRIVAL, FIRST, FINISH, LAST, ADMITTED, PAUSE, MOMENT_COLUMNS = range(7)
"""Moments of a request; LAST is its last token, PAUSE the time before its turn comes."""

(
    USED,  # blocks that somebody holds
    CACHED,  # blocks nobody holds whose content is still known
    BLOCK_COUNT,
    DECODERS,
    CONTEXT,  # tokens of context of those that decode
    COUNT,  # decode count: tokens each decoder has got
    QUEUED,
    HEAD,
    TAIL,
    SEATED,  # admitted and not done
    OLDEST,
    NEWEST,
    PARTIAL,  # whose prompt is filled in part
    FINISHING,  # whose prompts end with this step, a chain
    FRESH,  # who began to decode since the last decode step, a chain
    FRESH_COUNT,
    BUSY,
    ADVANCE,  # tokens each decoder gets from this step; 0 where it does not decode
    FILL,  # prompt tokens of this step
    FILL_ROWS,  # prompts of this step
    NEW_ROWS,  # requests that this step admits
    STUCK,  # 1 while the head of the queue waits for blocks
    OUTSTANDING,
    KIND,  # which step-time table
    RULE,  # which scheduling policy
    ROLE,
    SEATS,
    SAMPLES,  # in the trail
    STRIDE,  # steps between two samples
    UNTIL_SAMPLE,
    FIRST_CACHED,  # the block that is dropped first
    LAST_CACHED,
    STEPS,
    PLACE,  # where the last look-up of the mean context ended
    DROPPED,  # tokens whose cache was thrown away
    REPLICA_COLUMNS,
) = range(36)

(
    LAST_DECODE,
    TOUCHED,
    QUEUE_AREA,  # requests queued, integrated over time
    SEAT_AREA,  # requests admitted, likewise
    BLOCK_AREA,  # blocks held, likewise
    BUSY_TIME,
    ATTENTION,  # of this step's prompts
    SWAPPING,  # of this step
    CREDIT,  # tokens owed to each decoder where a step yields no whole number
    LINK_FREE,
    WEIGHT,
    GAUGE_COLUMNS,
) = range(12)

MIXES, CHUNKS, RESERVES, SWAPS, STATIC, BUDGET, WATERMARK_BLOCKS, RULE_COLUMNS = range(8)

(
    HOST,
    ADMISSION,
    GRAPH_ROWS,
    PER_STEP,
    SWAP_TIME,  # to move one token's cache to the host or back
    SEND_TIME,  # to move one token's cache to another pool
    SEND_DELAY,
    KIND_COLUMNS,
) = range(8)

(
    CURSOR,
    EVENTS,
    ORDER,
    RELEASED,
    FINISHED,
    FAILED,
    TURN,
    MOVE_TURN,
    REFUSALS,
    TALLY_COLUMNS,
) = range(10)

REFERENCES, COLDER, WARMER, SHELF_COLUMNS = range(4)
"""A hash block on a replica: who holds it (-1: not there), and its neighbours by last use."""

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
    samples: int


class World(NamedTuple):
    """The tables."""

    request: Any
    moment: Any
    replica: Any
    gauge: Any
    residue: Any
    """[replica][residue of the decode count] decoders that then need a block."""
    ring: Any
    """[replica][decode count, modulo] the first of those that are done then."""
    order: Any
    """Requests by arrival, those that come by themselves."""
    hash_ids: Any
    hash_owned: Any
    shelf: Any
    """[replica * hashes + hash]."""
    event_time: Any
    event_mark: Any
    rule: Any
    kind: Any
    captured: Any
    """[kind][tokens of a step] seconds that every token passes, as a graph."""
    launched: Any
    head: Any
    contexts: Any
    reading: Any
    """[kind][batch * contexts + context] attention of those that decode."""
    new: Any
    behind: Any
    prompt: Any
    """[kind][new * behind + behind] attention of a prompt's chunk."""
    tally: Any
    gaps: Any
    """Inter-token gaps, counted by length."""
    edges: Any
    gap_sum: Any
    trail: Any
