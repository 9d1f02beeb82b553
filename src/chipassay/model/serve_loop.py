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
from chipassay.units import Count, Second

ROUNDS = 25
"""Rounds of the fixed point; each halves what is left."""


class Load(NamedTuple):
    """What the clients ask for, in tokens; any field may be a column."""

    clients: Any
    input: Any
    output: Any
    waves: Any = 10.0
    cached: Any = 0.0
    """Tokens of each prompt that lie in the cache already."""


class Habits(NamedTuple):
    """How requests of a benchmark fall together; fitted (`builders/fit_serving.py`)."""

    bunching: Any = 0.3
    """Prompts of a step, as a share of what its token budget lets in at most."""
    missed: Any = 1.0
    """Steps that a request waits before its first one."""
    together: Any = 0.0
    """Share of a wave that stays together where prompts go first: 1 where all outputs are equally
    long, for then all clients end at the same step and queue behind each other's prompts again."""
    poll: Any = 1.0
    """Steps between two looks at what has come; prompts that come meanwhile start together."""
    balance: Any = 1.0
    """Steps that a prompt waits at most until every attention-data rank has one too."""
    shown: Any = 0.0
    """Steps after its first token until a client sees it, where tokens are sent in batches."""


class Loop(NamedTuple):
    """What a client sees, in seconds, and how full the engine is; numbers or columns."""

    ttft: Any
    tpot: Any
    steady_ttft: Any
    first_ttft: Any
    decoding: Any
    """Sequences that decode on average."""
    rate: Any
    """Requests finished in a second."""
    mixed_share: Any
    """Share of steps that carry prompt tokens."""
    decode_step: Any
    mixed_step: Any
    held_tokens: Any
    """Tokens of context in the cache on average."""


HALF, LEAST = 0.5, float(np.finfo(np.float32).eps)
ACCEPTANCE = (0.85, 0.65, 0.45)
"""Chance that the first, second, third guess is taken once those before it were. A public table of
DeepSeek's predictor gives 1.8 to 1.9 tokens a step for one guess, 2.4 to 2.7 for two, 2.9 to 3.3
for three; traffic of random tokens is at the lower end (sglang blog of September 2025)."""


def accepted(drafts: float, taken: float = 0.0) -> float:
    """Tokens that a decode step yields for each sequence.

    `taken` is the chance of each guess once those before it were taken; 0 for the public table's.
    """
    chances = [taken ** (i + 1) for i in range(int(drafts))] if taken else ACCEPTANCE
    return 1.0 + sum(chances[: int(drafts)])


class Phase(NamedTuple):
    """The steps that a number of decoding sequences leads to."""

    share: Any
    """Steps with prompt tokens."""
    step: Any
    with_prompt: Any
    tpot: Any
    """Between two steps of a sequence, prompts' steps in between counted."""
    own: Any
    """A prompt's own steps."""
    most: Any
    """Prompts that a step lets in at most."""
    missed: Any
    """Steps that a prompt waits."""


def phase(
    steps: StepTimes, load: Load, habits: Habits, mixes: float, decoding: Any, clients: Any
) -> Phase:
    """What steps carry while so many sequences decode, and how long they are.

    Prompts come in as answers end. Several that wait share a step as far as its budget of tokens
    goes; one longer than the budget takes several steps, each on what the earlier ones left.
    """
    new = np.maximum(load.input - load.cached, 1.0)
    passes, context = _passes(steps, load), load.input + load.output / 2.0
    free = np.maximum(steps.chunk_tokens - mixes * decoding, steps.chunk_tokens / 16.0)
    pieces = np.maximum(np.ceil(new / free), 1.0)
    most = np.maximum(free / new, 1.0 / pieces)
    starting = np.minimum(decoding / passes, most)
    window, missed = gathering(steps, habits, starting)
    wished = np.maximum(starting * window, habits.bunching * most)
    together = np.minimum(np.minimum(np.maximum(starting, wished), most), clients)
    rows = np.where(pieces > 1.0, 1.0, np.maximum(together, np.minimum(1.0, clients)))
    share = np.minimum(starting * pieces / rows, 1.0)
    size = np.where(pieces > 1.0, new / pieces, rows * new)
    already = load.cached + np.where(pieces > 1.0, (new - size) / 2.0, 0.0)
    step = steps.decode(decoding, context)
    full = steps.mixed(size, mixes * decoding, context, already, rows)
    tpot = np.where(mixes > HALF, (1.0 - share) * step, step) + share * full
    return Phase(share, step, full, tpot, pieces * full, most, missed)


def gathering(steps: StepTimes, habits: Habits, starting: Any) -> tuple[Any, Any]:
    """Steps in which prompts gather before they start together, and how many one waits of them.

    A door that is looked at now and then keeps a prompt waiting for half of that time. One that
    waits for fellows on all ranks waits in full, those who come meanwhile for what is left.
    """
    each = np.maximum(starting, LEAST)
    fellows = np.where(habits.balance > 1.0, np.minimum(habits.balance, steps.ranks / each), 1.0)
    crowd = np.maximum(fellows * each, 1.0)
    balanced = np.where(fellows > 1.0, fellows * (1.0 + 1.0 / crowd) / 2.0, 0.0)
    missed = np.maximum(np.maximum(habits.missed, habits.poll / 2.0), balanced)
    return np.maximum(habits.poll, fellows), missed


def _passes(steps: StepTimes, load: Load) -> Any:
    """Decode steps of one answer; its first token is the prompt's."""
    return np.maximum((load.output - 1.0) / steps.per_step, LEAST)


def closed_loop(steps: StepTimes, load: Load, habits: Habits, mixes: float = 1.0) -> Loop:
    """The steady state of `load` on one engine, with the benchmark's ramp-in."""
    lanes = steps.stages
    clients, passes = np.maximum(load.clients / lanes, 1.0), _passes(steps, load)
    room = np.maximum(steps.room(load.input, load.output) / lanes, 1.0)
    # no more than prompts come in: else answers of one token would not settle in time
    fed = np.maximum(steps.chunk_tokens / np.maximum(load.input - load.cached, 1.0), 1.0) * passes
    decoding = np.minimum(np.minimum(clients, room) * 0.9, fed)
    for _ in range(ROUNDS):
        now = phase(steps, load, habits, mixes, decoding, clients)
        decode_time = passes * now.tpot
        missed = now.missed * ((1.0 - now.share) * now.step + now.share * now.with_prompt)
        ttft = steps.outside + missed + now.own + habits.shown * now.tpot
        wanted = clients * decode_time / (ttft + decode_time)
        limit = np.minimum(room, now.most * passes)
        decoding = 0.5 * decoding + 0.5 * np.maximum(np.minimum(wanted, limit), LEAST)
    rate = decoding / decode_time
    queued = np.maximum(clients / rate - decode_time, ttft)
    steady = np.where(wanted > limit, queued, ttft)
    alone = ramp_in(steps, load._replace(clients=clients), room, mixes)
    ramp = (
        alone + habits.shown * now.tpot + np.maximum(clients / room - 1.0, 0.0) * decode_time / 2.0
    )
    done = Loop(
        ramp, now.tpot, steady, ramp, decoding, rate, now.share, now.step, now.with_prompt, decoding
    )
    done = in_waves(steps, load, done, habits.together * (1.0 - mixes), now.own, room)
    mean = (ramp + (load.waves - 1.0) * done.steady_ttft) / load.waves
    held = decoding * lanes * (load.input + load.output / 2.0)
    return done._replace(
        ttft=mean, tpot=done.tpot / steps.per_step, decoding=decoding * lanes,
        rate=done.rate * lanes, held_tokens=held,
    )  # fmt: skip


def in_waves(
    steps: StepTimes, load: Load, done: Loop, bound: Any, own: Second, room: Count
) -> Loop:
    """A share `bound` of clients that end together, and queue again behind each other's prompts."""
    clients, passes = np.maximum(load.clients / steps.stages, 1.0), _passes(steps, load)
    full = steps.decode(np.minimum(clients, room), load.input + load.output / 2.0)
    behind = np.maximum(done.first_ttft - steps.outside - own, 0.0)
    tpot = (1.0 - bound) * done.tpot + bound * (full + behind / passes)
    steady = (1.0 - bound) * done.steady_ttft + bound * done.first_ttft
    rate = (1.0 - bound) * done.rate + bound * clients / (steady + passes * tpot)
    return done._replace(tpot=tpot, steady_ttft=steady, rate=rate)


def ramp_in(steps: StepTimes, load: Load, room: Count, mixes: float) -> Any:
    """Mean time to first token when all clients begin at once, in steps as full as can be."""
    new = np.maximum(load.input - load.cached, 1.0)
    at_once = np.minimum(load.clients, room)
    tokens = at_once * new
    size = np.minimum(tokens, steps.chunk_tokens)
    rows = np.maximum(size / new, 1.0)
    already = load.cached + np.where(new > steps.chunk_tokens, (new - size) / 2.0, 0.0)
    context = load.input + load.output / 2.0
    step = steps.mixed(size, mixes * at_once / 2.0, context, already, rows)
    count = np.maximum(tokens / size, 1.0)
    return steps.outside + step * (count + 1.0) / 2.0
