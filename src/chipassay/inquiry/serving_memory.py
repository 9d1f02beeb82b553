"""Memory of a serving chip: weights, what a step needs besides, and what is left for the cache."""

from __future__ import annotations

import math
from typing import NamedTuple

from chipassay.catalogue import model_numbers as sizes
from chipassay.formulas import transformer as f
from chipassay.model.serve_formats import CACHE, SIXTEEN, WEIGHTS
from chipassay.records.architecture import (
    Architecture,
    Compressed,
    GroupedQuery,
    Latent,
    LayerGroup,
    Mixture,
)
from chipassay.records.serve_plan import EngineHabits, Formats, ServePlan
from chipassay.units import parse

LIBRARIES = parse("2.5 GB", "B")
"""What contexts, communication buffers and captured graphs hold besides."""
STATE_BYTES = 4.0


class ServeMemory(NamedTuple):
    """Bytes on one chip, and how much context fits beside the weights."""

    weights: float
    activations: float
    libraries: float
    cache: float
    """Room for keys and values."""
    per_sequence: float
    """Bytes of one sequence of the load's context, on the chips that share it."""
    tokens: float
    """Tokens of context that the engine's cache holds, over all its ranks."""
    capacity: float

    @property
    def used(self) -> float:
        """All but the cache."""
        return self.weights + self.activations + self.libraries

    @property
    def fits(self) -> bool:
        """Whether one sequence has room."""
        return self.cache > self.per_sequence


def serve_memory(
    capacity: float,
    model: Architecture,
    plan: ServePlan,
    formats: Formats,
    habits: EngineHabits,
    context: float,
) -> ServeMemory:
    """What lies on a chip of `capacity` bytes while sequences of `context` tokens are served."""
    weights = weight_bytes(model, plan, formats)
    activations = activation_bytes(model, plan, habits.chunk)
    free = capacity - weights - activations - LIBRARIES
    taken = capacity * habits.memory_fraction - weights - activations - LIBRARIES
    cache = max(free * habits.memory_fraction if habits.of_free else taken, 0.0)
    each = sequence_bytes(model, plan, formats, context)
    tokens = cache / each * context * plan.attention_data if each > 0 else math.inf
    return ServeMemory(weights, activations, LIBRARIES, cache, each, tokens, capacity)


def weight_bytes(model: Architecture, plan: ServePlan, formats: Formats) -> float:
    """Weights on the fullest chip of a replica."""
    hidden, head = float(model.hidden), WEIGHTS[formats.head].weight
    tables = 1.0 if model.tied_embeddings else 2.0
    table = f.embedding_parameters(model.vocabulary, hidden) * head
    layers = sum(group.count * _layer_bytes(hidden, group, plan, formats) for group in model.groups)
    return float(tables * table / plan.tensor + layers / plan.pipeline)


def _layer_bytes(hidden: float, group: LayerGroup, plan: ServePlan, formats: Formats) -> float:
    attention = float(sizes.attention_parameters(hidden, group.attention))
    found = attention * WEIGHTS[formats.attention].weight / _split(group, plan)
    block = group.feed_forward
    whole = float(sizes.feed_forward_parameters(hidden, block))
    if not isinstance(block, Mixture):
        return found + whole * WEIGHTS[formats.dense].weight / plan.tensor
    routed = block.experts * float(sizes.expert_parameters(hidden, block))
    spread = plan.expert * plan.expert_tensor
    dense = (whole - routed) * WEIGHTS[formats.dense].weight / plan.tensor
    return found + dense + routed * WEIGHTS[formats.experts].weight / spread


def _split(group: LayerGroup, plan: ServePlan) -> float:
    """Ranks over which attention's weights are split: no more than there are heads."""
    return float(min(plan.tensor, getattr(group.attention, "heads", plan.tensor)))


def sequence_bytes(model: Architecture, plan: ServePlan, formats: Formats, context: float) -> float:
    """Cache of one sequence on each chip of its rank."""
    width = CACHE[formats.cache]
    total = sum(group.count * _cached(group, plan, width, context) for group in model.groups)
    return total / plan.pipeline


def _cached(group: LayerGroup, plan: ServePlan, width: float, context: float) -> float:
    a, ranks = group.attention, float(plan.tensor)
    match a:
        case GroupedQuery():
            seen = min(context, a.window) if a.window else context
            return max(a.kv_heads / ranks, 1.0) * (a.head_dim + a.value_dim) * width * seen
        case Latent():
            keys = 0.0 if a.index_shared else a.index_dim
            return ((a.latent_rank + a.rope_dim) * width + keys) * context
        case Compressed():
            far = (a.head_dim * width + a.index_dim) / a.ratio if a.ratio else 0.0
            return far * context + a.head_dim * width * min(context, a.window)
    values, _ = sizes.state_numbers(a)
    return float(values) * STATE_BYTES / ranks


def activation_bytes(model: Architecture, plan: ServePlan, chunk: float) -> float:
    """What the widest layer of a step of `chunk` tokens keeps at once, logits of a few rows too."""
    widest: float = 0.0
    for group in model.groups:
        block = group.feed_forward
        width = block.width * (block.per_token if isinstance(block, Mixture) else 1.0)
        share = plan.tensor if not isinstance(block, Mixture) else plan.expert_tensor
        widest = max(widest, float(2.0 * width / share + 6.0 * model.hidden))
    return float(chunk * widest * SIXTEEN)
