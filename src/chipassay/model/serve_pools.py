"""Prefill and decode in pools of their own: rates that match, a queue before prefill, a transfer.

Prompts go to the pool of prefill workers, their cache to a decode worker. In a closed loop the
slower pool sets the rate; before a pool that is not full, requests wait as in a queue with several
servers of constant service time.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from chipassay.model.serve_loop import LEAST, Load, Loop
from chipassay.records.step_times import StepTimes
from chipassay.trace import formula
from chipassay.units import Count, Ratio, Second

ROUNDS = 40
MATCHED = 0.9
"""Share of its time that a pool of prompt workers is busy where its size is free."""


class Pools(NamedTuple):
    """Workers of both kinds, and what moving one token's cache between them takes."""

    prefill: StepTimes
    decode: StepTimes
    prefill_workers: Any
    decode_workers: Any
    transfer: Any = 0.0


@formula(cite="sakasegawa_1977")
def waiting_time(service: Second, servers: Count, busy: Ratio) -> Second:
    """Mean wait before `servers` with constant service time (Sakasegawa's approximation, halved).

    Within a few percent of M/D/c below a load of 0.9; a closed loop never reaches 1.
    """
    crowd = busy ** ((2.0 * (servers + 1.0)) ** 0.5 - 1.0)
    return service * crowd / (servers * (1.0 - busy)) / 2.0


def pooled_loop(pools: Pools, load: Load) -> Loop:
    """The steady state of a closed loop over two pools, with the benchmark's ramp-in."""
    p, d = pools.prefill, pools.decode
    new = np.maximum(load.input - load.cached, 1.0)
    passes = np.maximum((load.output - 1.0) / d.per_step, LEAST)
    context = load.input + load.output / 2.0
    service, lanes = prompt_service(p, new, load.cached)
    servers = pools.prefill_workers * lanes
    moving = pools.transfer * load.input
    room = d.room(load.input, load.output)
    decoding = load.clients * 0.9
    for _ in range(ROUNDS):
        each = np.minimum(decoding / pools.decode_workers, room)
        tpot = d.decode(np.maximum(each, 1.0) / d.stages, context)
        decode_time = passes * tpot
        rate = decoding / decode_time
        busy = np.minimum(rate * service / servers, 0.97)
        wait = waiting_time(service, servers, busy)
        ttft = p.outside + wait + service + moving + tpot
        wanted = load.clients * decode_time / (ttft + decode_time)
        limit = np.minimum(servers / service * decode_time, room * pools.decode_workers)
        decoding = 0.5 * decoding + 0.5 * np.maximum(np.minimum(wanted, limit), LEAST)
    rate = decoding / decode_time
    queued = np.maximum(load.clients / rate - decode_time, ttft)
    steady = np.where(wanted > limit, queued, ttft)
    ramp = p.outside + service * (np.maximum(load.clients / servers, 1.0) + 1.0) / 2.0
    mean = (ramp + moving + (load.waves - 1.0) * steady) / load.waves
    return Loop(
        mean, tpot / d.per_step, steady, ramp, decoding, rate, 0.0 * rate, tpot, service,
        decoding * context,
    )  # fmt: skip


def matching_workers(pools: Pools, load: Load) -> Any:
    """Prefill workers that keep pace with decoding: whole ones, at least one."""
    d = pools.decode
    new, passes = load.input - load.cached, np.maximum((load.output - 1.0) / d.per_step, LEAST)
    service, lanes = prompt_service(pools.prefill, new, load.cached)
    each = np.maximum(load.clients / pools.decode_workers, 1.0)
    step = d.decode(each, load.input + load.output / 2.0)
    rate = load.clients / (passes * step)
    return np.maximum(np.ceil(rate * service / lanes / MATCHED), 1.0)


def prompt_service(p: StepTimes, new: Any, cached: Any) -> tuple[Any, Any]:
    """Seconds of one prompt's prefill, and how many prompts a worker has at once."""
    share = p.chunk_tokens / p.ranks
    pieces = np.maximum(np.ceil(new / share), 1.0)
    size = new / pieces
    already = cached + np.where(pieces > 1.0, (new - size) / 2.0, 0.0)
    step = p.mixed(size * p.ranks, 0.0, 0.0, already, p.ranks)
    return pieces * step, p.ranks * p.stages + 0.0 * new
