"""A closed loop by arithmetic: what the simulation comes to when its clients are out of step.

In the mean a step carries B sequences that decode, and the prompts that take the place of those that
end: B/D of them, where D is how many steps an answer takes. A prompt waits for those before it as in
a queue with fixed service (half the load over what is left of it), never for more than there are.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from chipassay.records.step_times import StepTimes
from chipassay.simulation.policies import POLICIES, Policy
from chipassay.units import Count, PerSecond, Second

_ROUNDS = 60


class Steady(NamedTuple):
    """A closed loop in the mean."""

    first: Second
    """Time to first token."""
    token: Second
    """Time per output token."""
    rate: PerSecond
    """Requests a second."""
    decoders: Count
    seated: Count
    """Clients whose requests are admitted; the others wait."""


def closed(
    times: StepTimes, prompt: Count, output: Count, clients: Count,
    policy: Policy = POLICIES["vllm"],
) -> Steady:  # fmt: skip
    """Latencies and rate of one replica with `clients` in a closed loop, for mean lengths.

    Off where the lengths are all the same and clients keep step, and where caches overflow.
    """
    stages = max(1.0, float(times.stages))
    held = float(times.kv_capacity_tokens) / (float(prompt) + float(output) / 2)
    seats = max(1.0, min(float(clients), float(times.most_sequences), held)) / stages
    seats = max(1.0, seats)
    steps = max(1.0, (float(output) - 1) / max(1.0, float(times.per_step)))
    context = float(prompt) + float(output) / 2
    budget = float(policy.budget) or float(times.chunk_tokens)
    low, high = 0.0, seats
    for _ in range(_ROUNDS):
        decoders = (low + high) / 2
        wait, first, mean = _step(times, policy, prompt, steps, context, budget, decoders, seats)
        if decoders * (1 + wait / steps) > seats:
            high = decoders
        else:
            low = decoders
    cycle = first + steps * mean
    rate = stages * seats / cycle
    outside = max(0.0, float(clients) / stages - seats)
    token = steps * mean / max(1.0, float(output) - 1)
    return Steady(first + outside * stages / rate, token, rate, stages * decoders, stages * seats)


def _step(
    times: StepTimes, policy: Policy, prompt: Count, steps: float, context: float, budget: float,
    decoders: float, seats: float,
) -> tuple[float, float, float]:  # fmt: skip
    """Steps a prompt takes, seconds until its first token, seconds of a step in the mean."""
    p = float(prompt)
    come = decoders / steps
    room = max(1.0, budget - decoders) if policy.mixes else budget
    size = p / room
    load = min(come * size, 1.0)
    queue = load * size / 2 / max(1 - load, 1 / (2 * seats)) * (1 - 1 / max(seats, 1.0))
    queue = min(queue, max(0.0, (seats - 1) * size))
    share = min(1.0, max(load, 1 - math.exp(-come)))
    tokens = min(room, come * p / share) if share > 0 else min(room, p)
    rows = max(1.0, tokens / p)
    own = min(room, p * (1 + come))
    behind = max(0.0, p - room) / 2
    beside = decoders if policy.mixes else 0.0
    with_prompt = float(times.mixed(tokens, beside, context, behind, rows))
    pure = float(times.decode(max(decoders, 1.0), context))
    turn = float(times.mixed(own, beside, context, behind, max(1.0, own / p)))
    if policy.mixes:
        mean = share * with_prompt + (1 - share) * pure
    else:
        mean = pure + share * with_prompt * max(1.0, come * p / max(tokens * share, 1.0))
    first = queue * with_prompt + max(1.0, size) * turn
    return first / max(mean, 2.0**-60), first, mean
