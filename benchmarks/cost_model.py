"""A made-up cost model of 148 operations on columns, about what a plan of training takes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chipassay.trace import formula
from chipassay.units import Num


class Machine(NamedTuple):
    rate: Num
    bandwidth: Num
    capacity: Num
    link: Num
    ranks: Num


class Job(NamedTuple):
    width: Num
    layers: Num
    tokens: Num
    micro: Num
    stages: Num


class Cost(NamedTuple):
    time: Num
    share: Num
    memory: Num


@formula(cite="arithmetic")
def layer_time(machine: Machine, job: Job, scale: Num) -> Num:
    """One kind of layer; called five times with other scales."""
    h = job.width * scale
    work = 24.0 * h * h * job.tokens + 4.0 * h * job.tokens * job.tokens
    traffic = 12.0 * h * h + 34.0 * h * job.tokens
    kept = np.where(traffic > machine.capacity, traffic * 1.5, traffic)
    sent = 2.0 * (machine.ranks - 1.0) / machine.ranks * h * job.tokens
    return np.maximum(work / machine.rate, kept / machine.bandwidth) + sent / machine.link


@formula(cite="arithmetic")
def cost(machine: Machine, job: Job) -> Cost:
    """Five kinds of layer, then bubbles, memory and what is left of the machine."""
    first = layer_time(machine, job, 1.0) + layer_time(machine, job, 1.125)
    second = layer_time(machine, job, 1.25) + layer_time(machine, job, 1.375)
    one = (first + second + layer_time(machine, job, 1.5)) / machine.ranks
    turns = np.ceil(job.tokens / job.micro)
    time = one * job.layers * (turns + job.stages - 1.0) / turns
    memory = job.width * job.width * 12.0 * job.layers / job.stages
    share = np.minimum(memory / machine.capacity, 1.0)
    return Cost(time, share, memory)
