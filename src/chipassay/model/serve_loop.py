"""A closed loop of clients in its steady state: each sends its next request when one is answered.

Continuous batching as a fixed point: `clients` are either waiting, in prefill, or decoding. Every
finished request lets a new prompt in, so prompts and decoding share the chip in the proportion of
input to output. Public benchmarks start all clients at once, so the first wave queues behind its
own prompts; `waves` says how many requests each client sends, the first one counted.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from chipassay.records.step_times import StepTimes
from chipassay.units import Count, Ratio, Second

ROUNDS = 25
"""Rounds of the fixed point; each halves what is left."""


class Load(NamedTuple):
    """What the clients ask for; any field may be a column."""

    clients: Count
    input: Count
    output: Count
    waves: Count = 10.0
    cached: Count = 0.0
    """Tokens of each prompt that lie in the cache already."""


class Habits(NamedTuple):
    """How requests of a benchmark fall together; fitted (`builders/fit_serving.py`)."""

    bunching: Ratio = 0.3
    """Prompts of a step, as a share of what its token budget lets in at most."""
    missed: Ratio = 1.0
    """Steps that a request waits before its first one."""
    together: Ratio = 0.0
    """Share of a wave that stays together where prompts go first: 1 where all outputs are equally
    long, for then all clients end at the same step and queue behind each other's prompts again."""


class Loop(NamedTuple):
    """What a client sees, and how full the engine is."""

    ttft: Second
    tpot: Second
    steady_ttft: Second
    first_ttft: Second
    decoding: Count
    """Sequences that decode on average."""
    rate: Any
    """Requests finished in a second."""
    mixed_share: Ratio
    """Share of steps that carry prompt tokens."""
    decode_step: Second
    mixed_step: Second
    held_tokens: Count
    """Tokens of context in the cache on average."""


ACCEPTANCE = (0.85, 0.65, 0.45)
"""Chance that the first, second, third guess is taken once those before it were. A public table of
DeepSeek's predictor gives 1.8 to 1.9 tokens a step for one guess, 2.4 to 2.7 for two, 2.9 to 3.3
for three; traffic of random tokens is at the lower end (sglang blog of September 2025)."""


def accepted(drafts: float) -> float:
    """Tokens that a decode step yields for each sequence."""
    return 1.0 + sum(ACCEPTANCE[: int(drafts)])


def closed_loop(steps: StepTimes, load: Load, habits: Habits, mixes: float = 1.0) -> Loop:
    """The steady state of `load` on one engine, with the benchmark's ramp-in."""
    lanes = steps.stages
    clients = np.maximum(load.clients / lanes, 1.0)
    new = np.maximum(load.input - load.cached, 1.0)
    passes = np.maximum((load.output - 1.0) / steps.per_step, 1e-9)
    context = load.input + load.output / 2.0
    room = np.maximum(steps.room(load.input, load.output) / lanes, 1.0)
    budget = steps.chunk_tokens
    decoding = np.minimum(clients, room) * 0.9
    for _ in range(ROUNDS):
        free = np.maximum(budget - mixes * decoding, budget / 16.0)
        pieces = np.maximum(np.ceil(new / free), 1.0)
        most = np.maximum(free / new, 1.0 / pieces)
        starting = np.minimum(decoding / passes, most)
        together = np.minimum(np.maximum(starting, habits.bunching * most), clients)
        together = np.where(pieces > 1.0, 1.0, np.maximum(together, np.minimum(1.0, clients)))
        share = np.minimum(starting * pieces / together, 1.0)
        size = np.where(pieces > 1.0, new / pieces, together * new)
        rows = np.where(pieces > 1.0, 1.0, together)
        already = load.cached + np.where(pieces > 1.0, (new - size) / 2.0, 0.0)
        step = steps.decode(decoding, context)
        with_prompt = steps.mixed(size, mixes * decoding, context, already, rows)
        tpot = np.where(mixes > 0.5, (1.0 - share) * step, step) + share * with_prompt
        first = habits.missed * ((1.0 - share) * step + share * with_prompt)
        own = pieces * with_prompt
        ttft = steps.outside + first + own
        decode_time = passes * tpot
        wanted = clients * decode_time / (ttft + decode_time)
        limit = np.minimum(room, most * passes)
        decoding = 0.5 * decoding + 0.5 * np.maximum(np.minimum(wanted, limit), 1e-3)
    rate = decoding / decode_time
    queued = np.maximum(clients / rate - decode_time, 0.0)
    steady = np.where(wanted > limit, np.maximum(queued, ttft), ttft)
    ramp = ramp_in(steps, clients, new, load.cached, context, room, mixes)
    ramp = ramp + np.maximum(clients / room - 1.0, 0.0) * decode_time / 2.0
    bound = habits.together * (1.0 - mixes)
    full = steps.decode(np.minimum(clients, room), context)
    behind = np.maximum(ramp - steps.outside - own, 0.0)
    tpot = (1.0 - bound) * tpot + bound * (full + behind / passes)
    steady = (1.0 - bound) * steady + bound * ramp
    rate = (1.0 - bound) * rate + bound * clients / (steady + passes * tpot)
    mean = (ramp + (load.waves - 1.0) * steady) / load.waves
    return Loop(
        mean, tpot / steps.per_step, steady, ramp, decoding * lanes, rate * lanes, share, step,
        with_prompt, decoding * lanes * context,
    )  # fmt: skip


def ramp_in(
    steps: StepTimes,
    clients: Any,
    new: Any,
    cached: Any,
    context: Any,
    room: Any,
    mixes: float,
) -> Any:
    """Mean time to first token when all clients begin at once, in steps as full as can be."""
    at_once = np.minimum(clients, room)
    budget = steps.chunk_tokens
    tokens = at_once * new
    size = np.minimum(tokens, budget)
    rows = np.maximum(size / new, 1.0)
    already = cached + np.where(new > budget, (new - size) / 2.0, 0.0)
    step = steps.mixed(size, mixes * at_once / 2.0, context, already, rows)
    count = np.maximum(tokens / size, 1.0)
    return steps.outside + step * (count + 1.0) / 2.0
