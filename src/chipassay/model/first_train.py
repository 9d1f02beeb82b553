"""Training by roofline arithmetic: what a chip's figures alone say. Basis: assumed.

One tensor-parallel group of chips holds the model. For each token it does the arithmetic of a
forward and a backward pass, moves activations through memory, and exchanges activations over the
scale-up links four times a layer; nothing of the exchange is hidden. Left out, and the reason for
the wide band: kernel efficiency, pipeline bubbles, optimiser, data-parallel traffic, failures.
"""

from __future__ import annotations

from typing import NamedTuple

from chipassay.formulas.network import ring_all_reduce_time, tensor_parallel_message
from chipassay.formulas.roofline import (
    per_chip,
    roofline_time,
    shared_time,
    transfer_time,
    work_time,
)
from chipassay.formulas.transformer import training_flop_per_token
from chipassay.records.chip import Chip
from chipassay.records.model import Model
from chipassay.records.workload import Workload
from chipassay.trace import formula
from chipassay.units import Byte, Count, FlopRate, PerSecond, Second


class Training(NamedTuple):
    """A group's time for one token, by kind, and what follows for one chip."""

    tokens_per_second: PerSecond
    arithmetic: Second
    memory: Second
    exchange: Second


@formula(cite="korthikanti_2022")
def activation_traffic_per_token(layers: Count, hidden: Count) -> Byte:
    """Activations written forward and read backward: 34 s b h bytes a layer, each way.

    Without the attention scores, which fused attention never stores.
    """
    return 2 * 34 * layers * hidden


@formula(cite="megatron_sc21")
def exchange_time_per_token(layers: Count, one_all_reduce: Second) -> Second:
    """Two all-reduces a layer forward and two backward."""
    return 4 * layers * one_all_reduce


@formula(cite="arithmetic")
def group_rate(longest: Second, exchange: Second) -> PerSecond:
    """Tokens a second of a group that computes, then exchanges."""
    return 1.0 / (longest + exchange)


@formula(cite="williams_2009")
def training(rate: FlopRate, chip: Chip, model: Model, work: Workload) -> Training:
    """Tokens a second of one chip in training, at full rates and with no exchange hidden."""
    n = work.group
    flop = training_flop_per_token(
        model.active_without_input_embedding,
        model.attention_flop_per_pair,
        model.windowed_attention_flop_per_pair,
        model.window,
        model.state_flop_per_token,
        work.sequence,
    )
    arithmetic = shared_time(work_time(flop, rate), n)
    traffic = activation_traffic_per_token(model.layers, model.hidden)
    memory = shared_time(transfer_time(traffic, chip.memory_bandwidth), n)
    message = tensor_parallel_message(model.hidden, work.bytes_per_value)
    one = ring_all_reduce_time(message, n, chip.scaleup_bandwidth)
    exchange = exchange_time_per_token(model.layers, one)
    longest = roofline_time(arithmetic, memory)
    tokens = per_chip(group_rate(longest, exchange), n)
    return Training(tokens, arithmetic, memory, exchange)
