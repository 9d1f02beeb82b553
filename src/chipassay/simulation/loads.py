"""What comes in: lengths, arrivals, clients, conversations. Randomness only by seed, and in common.

Draws of lengths, of gaps and of pauses each have their own stream of a seed, and gaps are drawn for
a rate of one: two loads that differ in rate, or two servers, see the same randomness.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chipassay.errors import QuestionError
from chipassay.simulation.scalars import Count, PerSecond, Second

Ints = NDArray[np.int64]
_LENGTHS, _GAPS, _PAUSES = range(3)


class Load(NamedTuple):
    """Requests, in order. An arrival that is NaN waits for somebody's answer."""

    prompt: Ints
    output: Ints
    arrival: NDArray[np.float64]
    clients: int = 0
    """Clients that send a request after each answer; 0: nobody waits for answers."""
    think: Second = 0.0
    """From an answer to the client's next request."""
    warm: int = 0
    """First requests, left out of the statistics."""
    hashes: Ints = np.zeros(0, np.int64)
    """Names of the prompts' blocks, one after another; a name stands for all that is before it."""
    hash_start: Ints = np.zeros(0, np.int64)
    """Where each request's begin, and the end; empty without any."""
    hash_tokens: int = 512
    """Tokens of one such block."""
    follower: Ints = np.zeros(0, np.int64)
    """The request that follows on each one's answer, or -1; empty without any."""
    pause: NDArray[np.float64] = np.zeros(0)
    """Seconds it waits after that answer."""
    left_out: int = 0
    """Requests of a trace that have no prompt or no answer."""

    @property
    def requests(self) -> int:
        """How many there are."""
        return len(self.prompt)

    @property
    def rate(self) -> float:
        """Requests a second over the time in which they come; NaN for a closed loop."""
        known = self.arrival[~np.isnan(self.arrival)]
        if self.clients or len(known) < 2 or known[-1] <= known[0]:
            return float("nan")
        return self.requests / float(known[-1] - known[0])


def stream(seed: int, kind: int) -> np.random.Generator:
    """One of a seed's independent streams."""
    return np.random.default_rng([seed, kind])


def fixed(requests: int, tokens: int) -> Ints:
    """All of one length."""
    return np.full(requests, tokens, np.int64)


def uniform(requests: int, longest: int, ratio: float, seed: int, which: int = 0) -> Ints:
    """Between `ratio` times the longest and the longest, as vLLM's random data set has it."""
    draw = stream(seed, _LENGTHS + 16 * (which + 1))
    return draw.integers(max(1, round(longest * ratio)), longest + 1, requests)


def lognormal(requests: int, mean: float, spread: float, seed: int, which: int = 0) -> Ints:
    """Of a mean, with a standard deviation of the logarithm; one token at least."""
    draw = stream(seed, _LENGTHS + 16 * (which + 1))
    drawn = draw.lognormal(np.log(mean) - spread**2 / 2, spread, requests)
    return np.maximum(1, np.rint(drawn)).astype(np.int64)


def closed_loop(
    prompt: Ints, output: Ints, clients: Count, *, ramp: Second = 0.0, think: Second = 0.0,
    warm: int = 0,
) -> Load:  # fmt: skip
    """`clients` that each send a request, wait for the answer, and send the next.

    They begin evenly over `ramp` seconds; 0 is what the public benchmarks do (vLLM's and SGLang's
    `--max-concurrency` at an infinite rate). `warm` requests at the beginning are not counted.
    """
    _checked(prompt, output)
    count = int(clients)
    if count < 1:
        raise QuestionError(f"a closed loop has at least one client, not {count}", where="load")
    begin = np.full(len(prompt), np.nan)
    first = min(count, len(prompt))
    begin[:first] = np.arange(first) * (float(ramp) / count)
    return Load(prompt, output, begin, count, think, warm)


def poisson(prompt: Ints, output: Ints, rate: PerSecond, seed: int = 0, warm: int = 0) -> Load:
    """Requests that come independently of each other and of their answers."""
    return bursty(prompt, output, rate, 1.0, seed, warm)


def bursty(
    prompt: Ints, output: Ints, rate: PerSecond, variation: float, seed: int = 0, warm: int = 0
) -> Load:
    """Gaps from a gamma distribution; `variation` is their deviation over their mean, 1 Poisson's.

    0 is a steady beat.
    """
    _checked(prompt, output)
    if not rate > 0:
        raise QuestionError(f"a rate of {rate} brings no requests", where="load", hint="try 1")
    gaps = np.ones(len(prompt))
    if variation > 0:
        shape = 1 / variation**2
        gaps = stream(seed, _GAPS).gamma(shape, 1 / shape, len(prompt))
    return Load(prompt, output, np.cumsum(gaps) / rate, warm=warm)


def at_times(prompt: Ints, output: Ints, arrival: Any, **more: Any) -> Load:
    """Requests of a trace, put in order of arrival; the first comes at 0."""
    _checked(prompt, output)
    times = np.asarray(arrival, float)
    if np.any(np.diff(times) < 0):
        raise QuestionError("arrivals go back in time", where="load", hint="sort them")
    return Load(prompt, output, times - times[0], **more)


def faster(load: Load, factor: float) -> Load:
    """The same requests, coming `factor` times as fast."""
    return load._replace(arrival=load.arrival / factor)


def conversations(
    sessions: int, turns: int, *, question: int, answer: int, rate: PerSecond, pause: Second = 10.0,
    shared: int = 0, block: int = 16, seed: int = 0,
) -> Load:  # fmt: skip
    """Talks of some turns: each prompt is all that was said before, and a new question.

    Talks begin as a Poisson process of `rate`; readers pause exponentially, `pause` seconds in the
    mean. The first `shared` tokens (a system prompt) are the same in all talks.
    """
    at = np.cumsum(stream(seed, _GAPS).exponential(1.0, sessions)) / rate
    rest = stream(seed, _PAUSES).exponential(pause, (sessions, turns))
    turn = np.tile(np.arange(turns), sessions)
    talk = np.repeat(np.arange(sessions), turns)
    prompt = shared + question + turn * (question + answer)
    output = fixed(len(prompt), answer)
    arrival = np.where(turn == 0, at[talk], np.nan)
    follower = np.where(turn + 1 < turns, np.arange(len(turn)) + 1, -1)
    full = (prompt + output - 1) // block
    start = np.concatenate([[0], np.cumsum(full)])
    place = np.arange(start[-1]) - np.repeat(start[:-1], full)
    common = shared // block
    # A block's name: shared by all talks at the head, else this talk's own.
    name = np.where(place < common, place, np.repeat(talk + 1, full) * (full.max() + 1) + place)
    return Load(
        prompt, output, arrival, hashes=name, hash_start=start, hash_tokens=block,
        follower=follower, pause=rest.ravel(),
    )  # fmt: skip


def _checked(prompt: Ints, output: Ints) -> None:
    if len(prompt) == 0:
        raise QuestionError("no requests", where="load", hint="give one at least")
    if len(prompt) != len(output):
        raise QuestionError(
            f"{len(prompt)} prompts and {len(output)} answers do not pair up", where="load"
        )
    for name, tokens in (("a prompt", prompt), ("an answer", output)):
        if np.min(tokens) < 1:
            row = int(np.argmin(tokens))
            what = f"request {row} has {name} of {tokens[row]} tokens"
            raise QuestionError(what, where="load", hint="leave it out, or give it one")
