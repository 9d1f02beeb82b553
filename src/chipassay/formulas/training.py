"""A training step put together: recomputing, bubbles, exchanges that hide, an optimiser's update.

Seconds in, seconds out; `forward`, `backward` and `weight` are a stage's times for one micro-batch
(`weight`: the part of the backward that makes gradients of weights, which may be put off).
"""

from __future__ import annotations

import numpy as np

from chipassay.trace import formula
from chipassay.units import Byte, ByteRate, Count, PerSecond, Ratio, Second

GPIPE, ONE_FORWARD_ONE_BACKWARD, ZB_H1, ZB_V, DUALPIPE = 0.0, 1.0, 2.0, 3.0, 4.0


@formula(cite="arithmetic")
def step_time(
    arithmetic: Second,
    recompute: Second,
    bubble: Second,
    tensor: Second,
    context: Second,
    expert: Second,
    pipeline: Second,
    data: Second,
    optimizer: Second,
    other: Second,
) -> Second:
    """A step of the slowest stage: arithmetic, and what of waits and exchanges shows."""
    exchanges = tensor + context + expert + pipeline + data
    return arithmetic + recompute + bubble + exchanges + optimizer + other


@formula(cite="arithmetic")
def step_rate(batch: Count, sequence: Count, step: Second, chips: Count) -> PerSecond:
    """Tokens a second of one chip."""
    return batch * sequence / (step * chips)


@formula(cite="arithmetic")
def exposed_time(exchange: Second, window: Second, tax: Ratio) -> Second:
    """What shows of an exchange beside arithmetic: what is left over, or its tax if that is more.

    The tax is what an exchange takes from the cores and the memory it shares with arithmetic.
    """
    return np.maximum(exchange - window, tax * exchange)


@formula(cite="arithmetic")
def launch_wait(device: Second, host: Second) -> Second:
    """What a device waits for the host that launches its kernels; the longer rules, smoothly."""
    a, b = device * device, host * host
    return (a * a + b * b) ** 0.25 - device


@formula(cite="megatron_sc21")
def pipeline_bubble(
    others: Second,
    forward: Second,
    backward: Second,
    weight: Second,
    stages: Count,
    virtual: Count,
    schedule: Ratio,
) -> Second:
    """Idle time of the slowest stage in a step.

    `others` is what all other stages together need for one micro-batch, forward and backward: with
    1F1B the slowest stage waits for that once, in chunks of 1/virtual. Zero-bubble schedules fill
    the wait with gradients of weights: twice over all stages with H1, three times with V.
    DualPipe feeds from both ends and overlaps a forward with a backward.
    """
    waits = others / virtual
    peers = stages - 1.0
    h1 = np.maximum(others - 2.0 * peers * weight, 0.0)
    zbv = np.maximum(others - 3.0 * peers * weight, 0.0)
    pair = 0.5 * (forward + backward) + backward - 3.0 * weight
    dual = np.maximum((0.5 * stages - 1.0) * pair, 0.0)
    zero = np.where(schedule == ZB_H1, h1, np.where(schedule == ZB_V, zbv, dual))
    return np.where(stages > 1.0, np.where(schedule < ZB_H1, waits, zero), 0.0)


@formula(cite="arithmetic")
def rounds_behind(stages: Count, virtual: Count) -> Count:
    """Micro-batches whose passes hide reducing gradients and gathering weights: one.

    With several chunks, each but the last is done `stages` micro-batches before the step's end.
    """
    earlier = (virtual - 1.0) / virtual * stages
    return 1.0 + np.where(stages > 1.0, earlier, 0.0)


@formula(cite="arithmetic")
def free_window(window: Second, message: Second, expert: Second, rounds: Count) -> Second:
    """What of the window the network port is free for reductions.

    In each round a stage sends and is sent `message` each way, and its experts' rows cross nodes.
    """
    return np.maximum(window - rounds * (2.0 * message + expert), 0.0)


@formula(cite="megatron_sc21")
def in_flight(micro_batches: Count, stages: Count, virtual: Count, schedule: Ratio) -> Count:
    """Micro-batches whose activations the first stage holds at most, in whole stages' worth."""
    interleaved = stages * (1.0 + (stages - 1.0) / (stages * virtual))
    usual = np.where(virtual > 1.0, interleaved, stages)
    dual = np.where(schedule == DUALPIPE, stages + 1.0, usual)
    most = np.where(schedule == GPIPE, micro_batches, dual)
    return np.minimum(most, micro_batches)


@formula(cite="arithmetic")
def ring_bytes(message: Byte, ranks: Count, passes: Count) -> Byte:
    """What each rank sends when a message goes round a ring."""
    return passes * message * (ranks - 1.0) / ranks


@formula(cite="thakur_2005")
def reduction_time(
    message: Byte,
    ranks: Count,
    in_node: Count,
    passes: Count,
    link: ByteRate,
    port: ByteRate,
    hop: Second,
) -> Second:
    """A message reduced or gathered by a ring over nodes.

    `in_node` ranks of a group sit in one node, each with a network port of its own, so that their
    rings use all of them: `in_node * port`, or the links inside if those are slower.
    """
    rate = np.where(ranks > in_node, np.minimum(link, in_node * port), link)
    steps = passes * (in_node + ranks / in_node - 2.0)
    return ring_bytes(message, ranks, passes) / rate + steps * hop


@formula(cite="deepep")
def dispatch_exchange_time(
    token: Byte,
    places: Count,
    reached: Count,
    nodes: Count,
    ranks: Count,
    link: ByteRate,
    port: ByteRate,
) -> Second:
    """Rows sent to experts: once to each of the `reached` nodes, then to the chips of `places`.

    `token` is the bytes of all tokens' rows, each counted once.
    """
    outside = token * reached * (1.0 - 1.0 / nodes) / port
    inside = token * places * (1.0 - 1.0 / ranks) / link
    return np.maximum(inside, outside)
