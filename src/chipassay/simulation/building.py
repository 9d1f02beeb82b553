"""A world from records: replicas and their tables, requests and their blocks, all set to zero."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from chipassay.errors import QuestionError
from chipassay.records.step_times import StepTimes
from chipassay.simulation import world as columns
from chipassay.simulation.loads import Load
from chipassay.simulation.policies import POLICIES, Policy
from chipassay.simulation.scalars import Count, Second
from chipassay.simulation.tables import step_tables
from chipassay.simulation.world import (
    EVENT,
    NOBODY,
    REPLICA,
    REQUEST,
    SHELF,
    TALLY,
    TRAIL_COLUMNS,
    Setting,
    World,
)

ROLES = {"both": columns.BOTH, "prefill": columns.PREFILL, "decode": columns.DECODE}
ROUTINGS = {
    "round-robin": columns.ROUND_ROBIN,
    "least-outstanding": columns.LEAST_OUTSTANDING,
    "prefix-aware": columns.PREFIX_AWARE,
}
SAMPLES = 2048
GAP_EDGES = 1800
SWITCHES = ("mixes", "chunks", "reserves", "static", "swaps")
NOBODIES = (
    "head", "tail", "oldest", "newest", "partial", "finishing", "fresh", "first_cached",
    "last_cached",
)  # fmt: skip
_LEAST_GAP, _GAP_RATIO = 2.0**-16, 1.01


class Pool(NamedTuple):
    """Replicas of one kind."""

    times: StepTimes
    replicas: int = 1
    role: str = "both"
    """`both`, or `prefill` and `decode` where two pools share the work."""
    chips: Count = 1.0
    """Of one replica."""
    policy: Policy = POLICIES["vllm"]
    weight: float = 1.0
    """Its share of the load, against other replicas'."""
    swap_time: Second = 0.0
    """To move one token's cache to the host or back."""
    send_delay: Second = 0.0
    """Before a cache begins to move to the other pool."""


class Fleet(NamedTuple):
    """Pools behind one router."""

    pools: tuple[Pool, ...]
    routing: str = "least-outstanding"
    first_waits: bool = False
    """A first token is shown only once its cache is in the pool that decodes."""

    @property
    def chips(self) -> float:
        """All of them."""
        return float(sum(pool.replicas * pool.chips for pool in self.pools))


class Limits(NamedTuple):
    """Where a run is given up: limits, and how many requests may miss them."""

    first: Second = math.inf
    token: Second = math.inf
    allowed: int = 2**62


def lanes(pool: Pool) -> int:
    """Engines that run at once: each pipeline stage's steps are taken by an engine of its own.

    They share out the cache and the seats, as vLLM's virtual engines do.
    """
    return pool.replicas * max(1, int(pool.times.stages))


def build(fleet: Fleet, load: Load, limits: Limits) -> tuple[World, Setting]:
    """The tables as numpy arrays, and the setting."""
    _check(fleet)
    block = int(fleet.pools[0].times.block_tokens)
    hashing = len(load.hash_start) > 0 and all(pool.policy.prefix_cache for pool in fleet.pools)
    names, ids = np.unique(load.hashes[: len(load.hashes) * hashing], return_inverse=True)
    if hashing and load.hash_tokens % block:
        what = f"blocks of {block} tokens do not divide the trace's {load.hash_tokens}"
        raise QuestionError(what, where="load")
    longest = int(np.max(load.output)) + 2
    setting = Setting(
        block, load.hash_tokens // block if hashing else 1, len(names), ROUTINGS[fleet.routing],
        load.clients, float(load.think), int(fleet.first_waits), float(limits.first),
        float(limits.token), limits.allowed, load.warm, SAMPLES, longest,
    )  # fmt: skip
    engines = sum(map(lanes, fleet.pools))
    tables, grids, places = step_tables(fleet.pools, int(np.max(load.prompt + load.output)))
    world = World(
        _requests(load, hashing), _replicas(fleet, block, places), _shelf(engines * len(names)),
        np.zeros(load.requests + 4 * engines + 8, EVENT), _tally(load),
        np.zeros(engines * block, np.int64), np.full(engines * longest, NOBODY, np.int64),
        _order(load), np.asarray(ids, np.int64).ravel(), np.zeros(len(ids), np.int64),
        tables, grids[0], grids[1], grids[2], np.zeros(GAP_EDGES, np.int64),
        gap_edges(), np.zeros(engines * SAMPLES * TRAIL_COLUMNS),
    )  # fmt: skip
    return world, setting


def gap_edges() -> Any:
    """Between which gaps are counted together, in seconds: a hundredth apart, from 15 us."""
    edges = _LEAST_GAP * _GAP_RATIO ** np.arange(GAP_EDGES)
    edges[0] = 0.0
    return edges


def _check(fleet: Fleet) -> None:
    roles = {pool.role for pool in fleet.pools}
    if not roles <= set(ROLES) or roles not in ({"both"}, {"prefill", "decode"}):
        hint = "make them all `both`, or some `prefill` and some `decode`"
        raise QuestionError(f"pools of {' and '.join(sorted(roles))}", where="fleet", hint=hint)
    if len({int(pool.times.block_tokens) for pool in fleet.pools}) > 1:
        raise QuestionError("pools with blocks of different sizes", where="fleet")
    if fleet.routing not in ROUTINGS:
        hint = f"one of {', '.join(ROUTINGS)}"
        raise QuestionError(f"no routing is called {fleet.routing!r}", where="fleet", hint=hint)
    for pool in fleet.pools:
        if pool.replicas < 1 or not pool.times.kv_capacity_tokens > 0:
            raise QuestionError("a pool without a replica, or without a cache", where="fleet")


def _requests(load: Load, hashing: bool) -> Any:
    table = np.zeros(load.requests, REQUEST)
    table["prompt"], table["output"], table["arrival"] = load.prompt, load.output, load.arrival
    for name in ("home", "source", "next", "before", "after", "sooner", "later", "chain"):
        table[name] = NOBODY
    table["follower"] = load.follower if len(load.follower) else NOBODY
    table["pause"] = load.pause if len(load.pause) else 0.0
    for name in ("admitted", "first", "last", "finish"):
        table[name] = np.nan
    if hashing:
        table["hashes"] = load.hash_start[:-1]
        table["hash_count"] = np.diff(load.hash_start)
    return table


def _order(load: Load) -> Any:
    known = np.flatnonzero(~np.isnan(load.arrival))
    return known[np.argsort(load.arrival[known], kind="stable")].astype(np.int64)


def _replicas(fleet: Fleet, block: int, places: Sequence[dict[str, int]]) -> Any:
    rows = []
    for pool, place in zip(fleet.pools, places, strict=True):
        times, stages = pool.times, max(1, int(pool.times.stages))
        blocks = int(times.kv_capacity_tokens / stages) // block
        row = np.zeros((), REPLICA)
        values = {
            "block_count": blocks,
            "seats": max(1, int(times.most_sequences / stages)),
            "role": ROLES[pool.role],
            "stride": 1,
            "weight": pool.weight,
            "watermark": int(pool.policy.watermark * blocks),
            "budget": int(pool.policy.budget) or int(times.chunk_tokens),
            "host": times.host,
            "admission": times.admission,
            "graph_rows": times.graph_rows,
            "verified": max(1, int(times.verified)),
            "per_step": max(1.0, float(times.per_step)),
            "swap_time": pool.swap_time,
            "send_time": times.transfer,
            "send_delay": pool.send_delay,
            "ranks": max(1.0, float(times.ranks)),
            **{name: getattr(pool.policy, name) for name in SWITCHES},
            "reserves": pool.policy.reserves or times.reserved > 0.0,
            **dict.fromkeys(NOBODIES, NOBODY),
            **place,
        }
        for name, value in values.items():
            row[name] = value
        rows += [row] * lanes(pool)
    return np.array(rows)


def _shelf(places: int) -> Any:
    shelf = np.zeros(places, SHELF)
    for name in ("references", "colder", "warmer"):
        shelf[name] = NOBODY
    return shelf


def _tally(load: Load) -> Any:
    tally = np.zeros(1, TALLY)
    tally["released"] = min(load.clients, load.requests)
    return tally
