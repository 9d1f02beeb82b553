"""Prefill and decode in pools of their own: rates that match, a queue before prefill, a transfer.

Prompts go to the pool of prefill workers, their cache to a decode worker. A prefill worker takes
all prompts that wait into its next step, as far as its budget of tokens goes: the busier it is, the
fuller its steps, the longer they last, and the more prompts a second it passes. In a closed loop
the slower pool sets the rate.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from chipassay.model.serve_loop import LEAST, Load, Loop
from chipassay.records.step_times import StepTimes, line
from chipassay.trace import formula
from chipassay.units import Count, Ratio, Second

ROUNDS = 25
FULLEST = 0.97
"""A queue is read off at this share of what a pool can do at most."""
BY_TURN = 0.5
"""Spread of requests over stations that get them by turn, over that of lots."""
MATCHED = 0.9
"""Share of its time that a pool of prompt workers is busy where its size is free."""


class Pools(NamedTuple):
    """Workers of both kinds, and what moving one token's cache between them takes."""

    prefill: StepTimes
    decode: StepTimes
    prefill_workers: Any
    decode_workers: Any
    transfer: Any = 0.0
    seats: Any = np.inf
    """Sequences that a decode worker takes at most, by its own setting."""


@formula(cite="sakasegawa_1977")
def waiting_time(service: Second, servers: Count, busy: Ratio) -> Second:
    """Mean wait before `servers` with constant service time (Sakasegawa's approximation, halved).

    Within a few percent of M/D/c below a load of 0.9; a closed loop never reaches 1.
    """
    crowd = busy ** ((2.0 * (servers + 1.0)) ** 0.5 - 1.0)
    return service * crowd / (servers * (1.0 - busy)) / 2.0


@formula(cite="arithmetic")
def seat_wait(others: Count, stations: Count, seats: Count) -> Ratio:
    """Wait for a seat at one of `stations`, each with so many seats, over the time a seat is held.

    Requests are sent to stations by turn, whatever their queues; the others, that a request finds
    spread over all (the arrival theorem of closed networks), lie by turn half as far apart as by
    lot. Their spread is taken as logistic. Where all seats are taken the wait is what is left over.
    """
    mean = others / stations
    wide = BY_TURN * (3.0 * mean * (1.0 - 1.0 / (stations + 1.0))) ** 0.5 / np.pi
    over = (mean - seats) / wide
    wait: Ratio = wide * (np.maximum(over, 0.0) + np.log1p(np.exp(-np.abs(over)))) / seats
    return wait


def pooled_loop(pools: Pools, load: Load) -> Loop:
    """The steady state of a closed loop over two pools, with the benchmark's ramp-in.

    A prompt finds a step of its worker under way, half of it left on average, and is in the next
    one with all that came meanwhile. Where even full steps do not keep pace a queue grows.
    """
    p, d = pools.prefill, pools.decode
    new = np.maximum(load.input - load.cached, 1.0)
    passes = np.maximum((load.output - 1.0) / d.per_step, LEAST)
    context, moving = load.input + load.output / 2.0, pools.transfer * load.input
    longest, lanes = prompt_service(p, new, load.cached)
    workers, servers = pools.prefill_workers * p.stages, pools.prefill_workers * lanes
    seats = np.minimum(d.room(load.input, load.output), pools.seats)
    room, stations = seats * pools.decode_workers, pools.decode_workers * d.ranks
    decoding, prompts, size = load.clients * 0.9, 0.0 * load.clients, 1.0 + 0.0 * load.clients
    for _ in range(ROUNDS):
        each = np.minimum(decoding, room) / pools.decode_workers
        tpot = d.decode(np.maximum(each, 1.0) / d.stages, context)
        decode_time = passes * tpot
        rate = decoding / decode_time
        step = prompt_step(p, new, load.cached, size)
        under_way = np.minimum(rate / workers * step / size, 1.0) * step / 2.0
        queue = waiting_time(longest, servers, np.minimum(rate * longest / servers, FULLEST))
        filled = under_way + queue + step
        seated = decode_time * seat_wait(
            np.maximum(load.clients - prompts - 1.0, LEAST), stations, seats / d.ranks
        )
        ttft = p.outside + filled + moving + seated
        wanted = load.clients * decode_time / (ttft + decode_time)
        limit = np.minimum(servers / longest * decode_time, room)
        decoding = 0.5 * decoding + 0.5 * np.maximum(np.minimum(wanted, limit), LEAST)
        size = np.clip(0.5 * size + 0.5 * rate / workers * step, 1.0, lanes / p.stages)
        prompts = rate * filled
    rate = decoding / decode_time
    queued = np.maximum(load.clients / rate - decode_time, ttft)
    steady = np.where(wanted > limit, queued, ttft)
    ramp = p.outside + moving + seated + first_wave(pools, new, load.cached, load.clients)
    mean = (ramp + (load.waves - 1.0) * steady) / load.waves
    return Loop(
        mean, tpot / d.per_step, steady, ramp, decoding, rate, 0.0 * rate, tpot, step,
        decoding * context,
    )  # fmt: skip


def first_wave(pools: Pools, new: Any, cached: Any, clients: Any) -> Any:
    """Mean wait and prefill of clients that all begin at once, in steps as full as can be."""
    p = pools.prefill
    each = np.maximum(clients / (pools.prefill_workers * p.stages), 1.0)
    size = np.minimum(each, prompt_service(p, new, cached)[1] / p.stages)
    return prompt_step(p, new, cached, size) * (each / size + 1.0) / 2.0


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
    """Seconds of a prompt's prefill on a worker whose steps are full, and prompts in it then."""
    lanes = p.ranks * np.maximum(p.chunk_tokens / p.ranks / new, 1.0)
    return prompt_step(p, new, cached, lanes), lanes * p.stages


def prompt_step(p: StepTimes, new: Any, cached: Any, prompts: Any) -> Any:
    """Seconds of a prompt's steps on a worker that takes so many prompts together.

    A prompt lies on one attention-data rank. Where there are fewer than ranks, what a rank passes
    by itself takes as long as if all had one, and experts have only what there is: the step lies
    half way between both.
    """
    pieces = np.maximum(np.ceil(new * p.ranks / p.chunk_tokens), 1.0)
    size, rows = new / pieces, np.maximum(prompts, p.ranks)
    already = cached + np.where(pieces > 1.0, (new - size) / 2.0, 0.0)
    whole = p.mixed(size * rows, 0.0, 0.0, already, rows)
    less = line(p.tokens, p.launched, size * (rows + prompts) / 2.0)
    return pieces * (whole - line(p.tokens, p.launched, size * rows) + less)
