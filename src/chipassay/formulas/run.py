"""From a step to a run: tokens, steps, failures, checkpoints, and the share of time that counts.

Failures are taken as independent, at a constant rate for each chip: a job of n chips fails n times
as often as one chip. Real fleets have bad days and bad nodes. `pause` is what one checkpoint stops
training for, `downtime` what a failure does until the lost step is begun again (found, cleared,
restarted, reloaded); the work since the last checkpoint is lost on top.
"""

from __future__ import annotations

import numpy as np

from chipassay.trace import formula
from chipassay.units import Byte, ByteRate, Count, PerSecond, Ratio, Second


@formula(cite="chinchilla_paper")
def chinchilla_tokens(parameters: Count) -> Count:
    """Compute-optimal tokens by Chinchilla's rule of thumb: 20 for each parameter.

    1.4 T tokens for 70 B parameters. A model that will serve many requests is trained for longer.
    """
    return 20 * parameters


@formula(cite="chinchilla_paper")
def parametric_loss(
    parameters: Count,
    tokens: Count,
    irreducible: Ratio,
    parameter_scale: Count,
    token_scale: Count,
    parameter_exponent: Ratio,
    token_exponent: Ratio,
) -> Ratio:
    """Loss in nats a token: L = E + A / N^a + B / D^b, Chinchilla's approach 3."""
    N, D, E, A, B = parameters, tokens, irreducible, parameter_scale, token_scale
    return E + A / N**parameter_exponent + B / D**token_exponent


@formula(cite="chinchilla_paper")
def optimal_tokens(
    parameters: Count,
    parameter_scale: Count,
    token_scale: Count,
    parameter_exponent: Ratio,
    token_exponent: Ratio,
) -> Count:
    """Tokens for which a model of this size is the best use of the compute they take together.

    Where a / N^a = b B / (A D^b): more weights or more tokens would lower the loss by the same.
    """
    N, A, B, a, b = parameters, parameter_scale, token_scale, parameter_exponent, token_exponent
    return (b * B / (a * A) * N**a) ** (1 / b)


@formula(cite="chinchilla_paper")
def optimal_parameters(
    products: Count,
    parameter_scale: Count,
    token_scale: Count,
    parameter_exponent: Ratio,
    token_exponent: Ratio,
) -> Count:
    """Parameters of the lowest loss where parameters times tokens is given: a sixth of the FLOP."""
    A, B, a, b = parameter_scale, token_scale, parameter_exponent, token_exponent
    return (a * A / (b * B)) ** (1 / (a + b)) * products ** (b / (a + b))


@formula(cite="arithmetic")
def steps_of(tokens: Count, tokens_per_step: Count) -> Count:
    """Optimiser steps that see these tokens; the last may be short."""
    return np.ceil(tokens / tokens_per_step)


@formula(cite="arithmetic")
def useful_time(steps: Count, step_time: Second, straggling: Ratio) -> Second:
    """Time of all steps, each once, at the pace of the slowest chip."""
    return steps * step_time * straggling


@formula(cite="gumbel_1958")
def straggling(spread: Ratio, chips: Count, timed_chips: Count) -> Ratio:
    """How much longer a step takes than one timed on fewer chips: all wait for the slowest.

    The largest of n log-normal times is near exp(s sqrt(2 ln n)); the exponent comes out a tenth
    high for ten thousand chips, a fifth for sixty. A step timed on as many chips waits already, and
    so does one whose chips nobody counted.
    """
    timed: Count = np.where(np.isnan(timed_chips), chips, timed_chips)
    wait = np.sqrt(2 * np.log(np.maximum(chips, timed))) - np.sqrt(2 * np.log(timed))
    longer: Ratio = np.exp(spread * wait)
    return longer


@formula(cite="arithmetic")
def job_failure_rate(failure_rate: PerSecond, chips: Count) -> PerSecond:
    """A job stops when any of its chips fails, with all that hangs on them: host, links, software.

    The rate is for each chip and counts every unplanned stop of a run, not faults of silicon alone.
    """
    return failure_rate * chips


@formula(cite="arithmetic")
def mean_time_between(rate: PerSecond) -> Second:
    """Mean time between failures at a constant rate."""
    return 1 / rate


@formula(cite="zero_paper")
def checkpoint_size(parameters: Count, state: Byte) -> Byte:
    """What a checkpoint holds: weights and optimiser, a number of bytes for each parameter."""
    return parameters * state


@formula(cite="arithmetic")
def write_time(size: Byte, chips: Count, rate: ByteRate) -> Second:
    """Time to write a checkpoint out of all chips at once, each at its share of the rate."""
    return size / (chips * rate)


@formula(cite="arithmetic")
def checkpoint_pause(store: Second, copy: Second, asynchronous: Ratio) -> Second:
    """What a checkpoint stops training for: the copy to the host where it is written behind.

    Written at once, the slower of the two, since a copy and a write overlap.
    """
    return np.where(asynchronous > 0, copy, np.maximum(store, copy)) + 0.0 * store


@formula(cite="young_1974")
def young_interval(pause: Second, between_failures: Second) -> Second:
    """Work between checkpoints that loses least, to first order: sqrt(2 C M).

    For pauses much shorter than the time between failures.
    """
    return np.sqrt(2 * pause * between_failures)


@formula(cite="daly_2006")
def daly_interval(pause: Second, between_failures: Second) -> Second:
    """Work between checkpoints that loses least, to higher order: Daly's equation 37.

    A perturbation of the complete model, below Young's interval by about two thirds of C. Where a
    pause is twice the time between failures or more, that time itself.
    """
    C, M = pause, between_failures
    x = C / (2 * M)
    higher = np.sqrt(2 * C * M) * (1 + np.sqrt(x) / 3 + x / 9) - C
    return np.where(x < 1, higher, M)


@formula(cite="arithmetic")
def kept_interval(
    best: Second, store: Second, step_time: Second, asynchronous: Ratio, asked: Second
) -> Second:
    """What the asker sets; else the best interval, but a step at least.

    A checkpoint that is written behind must be written before the next one.
    """
    least = np.maximum(step_time, np.where(asynchronous > 0, store, 0.0 * store))
    return np.where(np.isnan(asked), np.maximum(best, least), asked)


@formula(cite="young_1974")
def first_order_effective_ratio(
    pause: Second, interval: Second, rate: PerSecond, downtime: Second
) -> Ratio:
    """Useful time over elapsed time, to first order: half an interval is lost at each failure.

    No failure strikes during a pause or a restart, so it flatters jobs that fail every few minutes.
    """
    C, t, L, R = pause, interval, rate, downtime
    return 1 / (1 + C / t + L * (t / 2 + R))


@formula(cite="daly_2006")
def effective_ratio(pause: Second, interval: Second, rate: PerSecond, downtime: Second) -> Ratio:
    """Useful time over elapsed time by Daly's complete model: any moment may fail, restarts too.

    T = M exp(R/M) (exp((t + C)/M) - 1) Ts/t, of which this is Ts/T. Spare machines are not in it.
    """
    C, t, L, R = pause, interval, rate, downtime
    lost = np.exp(R * L) * np.expm1((t + C) * L) / L
    return t / lost


@formula(cite="arithmetic")
def elapsed_time(useful: Second, effective: Ratio) -> Second:
    """Time on the calendar."""
    return useful / effective


@formula(cite="arithmetic")
def expected_failures(elapsed: Second, rate: PerSecond) -> Count:
    """Unplanned stops to expect over a time."""
    return elapsed * rate


@formula(cite="arithmetic")
def chip_time(elapsed: Second, chips: Count) -> Second:
    """What is paid for: the time of all chips, stopped or not."""
    return elapsed * chips


@formula(cite="arithmetic")
def share_of_total(part: Ratio, total: Ratio) -> Ratio:
    """How much of a ratio is one of its factors, by their logarithms; unknown at a ratio of 1."""
    whole = np.log(total)
    return np.log(part) / np.where(whole == 0.0, np.nan, whole)


@formula(cite="arithmetic")
def stack_efficiency(measured: PerSecond, ideal: PerSecond) -> Ratio:
    """The share of a chip's ideal that a stack reached, both of one kind."""
    return measured / ideal


@formula(cite="arithmetic")
def product_of(silicon: Ratio, stack: Ratio) -> Ratio:
    """The whole gap between two chips: what silicon could do times what software gets of it."""
    return silicon * stack
