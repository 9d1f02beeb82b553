"""Serving by roofline arithmetic: what a chip's figures alone say. Basis: assumed.

One tensor-parallel group serves requests in a steady state: each prompt is read once (prefill),
then its tokens come one a step, together with those of the other requests in flight (decode).
Left out, and the reason for the wide band: kernel efficiency, launch and scheduling, queueing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chipassay.formulas.network import ring_all_reduce_time, tensor_parallel_message
from chipassay.formulas.roofline import (
    per_chip,
    roofline_time,
    shared_time,
    transfer_time,
    work_time,
)
from chipassay.formulas.transformer import (
    cache_bytes,
    distinct_experts,
    forward_flop_per_token,
    touched_parameters,
)
from chipassay.records.chip import Chip
from chipassay.records.model import Model
from chipassay.records.workload import Workload
from chipassay.trace import formula
from chipassay.units import Byte, Count, Flop, FlopRate, PerSecond, Ratio, Second


class Serving(NamedTuple):
    """What a group of chips does for its requests."""

    tokens_per_second: PerSecond
    """Output tokens of one chip."""
    prefill: Second
    """One prompt, alone."""
    step: Second
    """One decode step of all requests in flight: the time per output token."""
    step_arithmetic: Second
    step_memory: Second
    exchange: Second
    in_flight: Count
    """Requests decoded together: as asked, or as many as fit; zero where the model does not fit."""


@formula(cite="arithmetic")
def room_for_cache(
    capacity: Byte, group: Count, usable: Ratio, parameters: Count, bytes_per_value: Byte
) -> Byte:
    """Memory of a group that weights leave to the cache; negative where they do not fit."""
    return capacity * group * usable - parameters * bytes_per_value


@formula(cite="arithmetic")
def requests_that_fit(room: Byte, per_request: Byte, wanted: Count) -> Count:
    """Requests in flight, no more than wanted and than the cache has room for; never below zero."""
    return np.minimum(wanted, np.maximum(np.floor(room / per_request), 0.0))


@formula(cite="williams_2009")
def decode_traffic(parameters: Count, requests: Count, cache: Byte, bytes_per_value: Byte) -> Byte:
    """What one step reads: each touched weight once, and every request's cache."""
    return parameters * bytes_per_value + requests * cache


@formula(cite="megatron_sc21")
def forward_exchange_time(layers: Count, one_all_reduce: Second) -> Second:
    """Two all-reduces a layer."""
    return 2 * layers * one_all_reduce


@formula(cite="arithmetic")
def scaled(amount: Flop, count: Count) -> Flop:
    """The same for each of `count`."""
    return amount * count


@formula(cite="arithmetic")
def scaled_size(size: Byte, count: Count) -> Byte:
    """Bytes of `count` messages of one size."""
    return size * count


@formula(cite="arithmetic")
def mean_context(prompt: Count, output: Count) -> Count:
    """Context of a request halfway through its output."""
    return prompt + output / 2


@formula(cite="arithmetic")
def half(context: Count) -> Count:
    """What a causal prompt's token sees on average."""
    return context / 2


@formula(cite="arithmetic")
def step_time(longest: Second, exchange: Second) -> Second:
    """A step computes, then exchanges."""
    return longest + exchange


@formula(cite="arithmetic")
def output_rate(prefill: Second, step: Second, requests: Count, output: Count) -> PerSecond:
    """Output tokens a second of a group that interleaves prompts with decode steps.

    A request costs its prefill and its share of `output` steps; no request in flight, no tokens.
    """
    together = np.maximum(requests, 1.0)
    busy = prefill * together + output * step
    rate = together * output / busy
    return np.where(requests >= 1.0, rate, 0.0 * rate)


@formula(cite="williams_2009")
def serving(rate: FlopRate, chip: Chip, model: Model, work: Workload) -> Serving:
    """Output tokens a second of one chip, at full rates and with no exchange hidden."""
    n, size = work.group, work.bytes_per_value
    context = mean_context(work.prompt, work.output)
    cache = cache_bytes(
        model.cached_values_per_token,
        model.windowed_cached_values_per_token,
        model.window,
        context,
        size,
    )
    room = room_for_cache(chip.memory_capacity, n, work.usable_memory, model.parameters, size)
    requests = requests_that_fit(room, cache, work.in_flight)
    touched = _touched(model, requests)
    step_memory = shared_time(
        transfer_time(decode_traffic(touched, requests, cache, size), chip.memory_bandwidth), n
    )
    flop = scaled(_forward(model, context), requests)
    step_arithmetic = shared_time(work_time(flop, rate), n)
    exchange = _exchange(model, requests, chip, work)
    step = step_time(roofline_time(step_arithmetic, step_memory), exchange)
    prefill = _prefill(rate, chip, model, work)
    tokens = per_chip(output_rate(prefill, step, requests, work.output), n)
    return Serving(tokens, prefill, step, step_arithmetic, step_memory, exchange, requests)


@formula(cite="williams_2009")
def _prefill(rate: FlopRate, chip: Chip, model: Model, work: Workload) -> Second:
    """One prompt: arithmetic against one reading of the weights, then the exchange."""
    n = work.group
    flop = scaled(_forward(model, half(work.prompt)), work.prompt)
    traffic = decode_traffic(_touched(model, work.prompt), 0.0, 0.0, work.bytes_per_value)
    arithmetic = shared_time(work_time(flop, rate), n)
    memory = shared_time(transfer_time(traffic, chip.memory_bandwidth), n)
    longest = roofline_time(arithmetic, memory)
    return step_time(longest, _exchange(model, work.prompt, chip, work))


@formula(cite="palm_paper")
def _forward(model: Model, context: Count) -> Flop:
    """One token's forward pass at a context."""
    return forward_flop_per_token(
        model.active_without_input_embedding,
        model.attention_flop_per_pair,
        model.windowed_attention_flop_per_pair,
        model.window,
        model.state_flop_per_token,
        context,
    )


@formula(cite="arithmetic")
def _touched(model: Model, tokens: Count) -> Count:
    """Weights that a step of `tokens` tokens reads."""
    return touched_parameters(
        model.active_without_input_embedding,
        model.active_expert_parameters,
        model.expert_parameters,
        model.experts,
        distinct_experts(model.experts, model.experts_per_token, tokens),
    )


@formula(cite="megatron_sc21")
def _exchange(model: Model, tokens: Count, chip: Chip, work: Workload) -> Second:
    """Exchange of one step's activations."""
    message = scaled_size(tensor_parallel_message(model.hidden, work.bytes_per_value), tokens)
    one = ring_all_reduce_time(message, work.group, chip.scaleup_bandwidth)
    return forward_exchange_time(model.layers, one)
