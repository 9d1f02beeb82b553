"""An architecture as numbers: `formulas.transformer` applied to every block and added up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from chipassay.formulas import transformer as f
from chipassay.records.architecture import (
    Architecture,
    Attention,
    Compressed,
    FeedForward,
    GroupedQuery,
    Latent,
    LayerGroup,
    Linear,
    Mixture,
)  # fmt: skip
from chipassay.records.model import Model
from chipassay.units import Count, Flop


class Stream(NamedTuple):
    """What one attention block reads from its past, as far as `window` tokens (0: all of it).

    A block has several where it keeps more than it reads, or sees near and far differently.
    """

    window: int
    flop_per_pair: Flop = 0.0
    absorbed_flop_per_pair: Flop = 0.0
    cached_values: Count = 0.0
    read_values: Count = 0.0


def numbers(architecture: Architecture) -> Model:
    """The architecture's numbers, in the units of `records.model.Model`."""
    hidden = float(architecture.hidden)
    embedding = f.embedding_parameters(architecture.vocabulary, hidden)
    looked_up = f.embedding_parameters(architecture.learned_positions, hidden)
    if not architecture.tied_embeddings:
        looked_up = looked_up + embedding
    blocks = sum(g.count * group_parameters(architecture, g) for g in architecture.groups)
    parameters = embedding + looked_up + blocks + _outer_norms(architecture)
    experts, visited = _expert_parameters(architecture)
    active = parameters - experts + visited
    routed = _routed(architecture)
    return Model(
        hidden=hidden,
        layers=float(architecture.layers),
        vocabulary=float(architecture.vocabulary),
        parameters=parameters,
        active_parameters=active,
        active_without_input_embedding=active - looked_up,
        active_without_embeddings=active - looked_up - embedding,
        **_attention_numbers(architecture.groups),
        experts=float(max((mixture.experts for _, mixture in routed), default=0)),
        experts_per_token=float(max((mixture.per_token for _, mixture in routed), default=0)),
        expert_layers=float(sum(count for count, _ in routed)),
        expert_parameters=experts,
        active_expert_parameters=visited,
    )


def group_parameters(architecture: Architecture, group: LayerGroup) -> Count:
    """Weights of one layer of a group: both blocks, norms, mixing of residual streams."""
    hidden = float(architecture.hidden)
    return (
        attention_parameters(hidden, group.attention)
        + feed_forward_parameters(hidden, group.feed_forward)
        + f.norm_parameters(hidden, group.norms, float(architecture.norm_bias))
        + f.hyper_connection_parameters(hidden, architecture.streams)
    )


def attention_parameters(hidden: float, attention: Attention) -> Count:
    """Weights of one attention block."""
    match attention:
        case GroupedQuery():
            return _grouped_query_parameters(hidden, attention)
        case Latent():
            return _latent_parameters(hidden, attention)
        case Compressed():
            return _compressed_parameters(hidden, attention)
        case Linear():
            return _linear_parameters(hidden, attention)


def feed_forward_parameters(hidden: float, block: FeedForward) -> Count:
    """Weights of one feed-forward block, with its router and all its experts."""
    if not isinstance(block, Mixture):
        return f.feed_forward_parameters(hidden, block.width, float(block.gated), float(block.bias))
    gate = float(block.shared_gate)
    router = f.router_parameters(hidden, block.experts, float(block.router_bias), gate)
    shared = f.feed_forward_parameters(hidden, block.shared_width, float(block.gated), 0.0)
    latent = 2.0 * hidden * block.latent_width
    return router + shared + latent + block.experts * expert_parameters(hidden, block)


def expert_parameters(hidden: float, block: Mixture) -> Count:
    """Weights of one routed expert."""
    inner = float(block.latent_width or hidden)
    return f.feed_forward_parameters(inner, block.width, float(block.gated), float(block.bias))


def streams(attention: Attention) -> tuple[Stream, ...]:
    """What one attention block of this kind computes, keeps and reads for each earlier token."""
    match attention:
        case GroupedQuery(heads, kv_heads, head_dim, value_dim, window):
            flop = f.attention_flop_per_pair(heads, head_dim, value_dim)
            kept = f.grouped_query_cache_values(kv_heads, head_dim, value_dim)
            return (Stream(window, flop, flop, kept, kept),)
        case Latent():
            return _latent_streams(attention)
        case Compressed():
            return _compressed_streams(attention)
        case Linear():
            return ()


def state_numbers(attention: Attention) -> tuple[Count, Flop]:
    """Values of fixed state in one block, and the FLOP a token spends on them; else zeros."""
    if not isinstance(attention, Linear):
        return 0.0, 0.0
    a = attention
    values = f.linear_state_values(a.key_heads, a.value_heads, a.key_dim, a.value_dim, a.taps)
    if a.kind == "lightning":
        return values, f.lightning_state_flop(a.value_heads, a.key_dim, a.value_dim)
    return values, f.gated_delta_net_state_flop(a.value_heads, a.key_dim, a.value_dim)


def _grouped_query_parameters(hidden: float, a: GroupedQuery) -> Count:
    shape = (a.heads, a.kv_heads, a.head_dim)
    matrices = f.grouped_query_parameters(hidden, *shape, a.value_dim)
    biases = (float(a.qkv_bias), float(a.output_bias))
    per_head, full = float(a.qk_norm == "per_head"), float(a.qk_norm == "full")
    wide = f.relative_position_parameters(hidden, a.heads, a.head_dim)
    return (
        matrices
        + f.projection_bias_parameters(hidden, *shape, a.value_dim, *biases)
        + f.query_key_norm_parameters(*shape, per_head, full)
        + (a.output_gate + a.relative_positions) * wide
        + a.sinks * a.heads
    )


def _latent_parameters(hidden: float, a: Latent) -> Count:
    shape = (a.query_rank, a.latent_rank, a.nope_dim, a.rope_dim, a.value_dim)
    matrices = f.latent_parameters(hidden, a.heads, *shape)
    own = a.index_heads > 0 and not a.index_shared
    return matrices + own * f.indexer_parameters(hidden, a.query_rank, a.index_heads, a.index_dim)


def _compressed_parameters(hidden: float, a: Compressed) -> Count:
    shape = (a.query_rank, a.head_dim, a.output_groups, a.output_rank)
    block = f.compressed_parameters(hidden, a.heads, *shape)
    overlap = float(a.overlap)
    block = block + f.compressor_parameters(hidden, a.head_dim, a.ratio, overlap)
    index = (a.query_rank, a.index_heads, a.index_dim, a.ratio, overlap)
    return block + (a.index_heads > 0) * f.compressed_indexer_parameters(hidden, *index)


def _linear_parameters(hidden: float, a: Linear) -> Count:
    shape = (a.key_heads, a.value_heads, a.key_dim, a.value_dim)
    if a.kind == "lightning":
        return f.lightning_parameters(hidden, *shape)
    return f.gated_delta_net_parameters(hidden, *shape, a.taps)


def _latent_streams(a: Latent) -> tuple[Stream, ...]:
    flop = f.attention_flop_per_pair(a.heads, a.nope_dim + a.rope_dim, a.value_dim)
    absorbed = f.absorbed_latent_flop_per_pair(a.heads, a.latent_rank, a.rope_dim)
    kept = f.latent_cache_values(a.latent_rank, a.rope_dim, 0.0)
    if not a.index_kept:
        return (Stream(0, flop, absorbed, kept, kept),)
    stored = Stream(0, cached_values=kept)
    picked = Stream(a.index_kept, flop, absorbed, read_values=kept)
    if a.index_shared:
        return stored, picked
    score = f.indexer_flop_per_pair(a.index_heads, a.index_dim)
    return stored, picked, Stream(0, score, score, float(a.index_dim), float(a.index_dim))


def _compressed_streams(a: Compressed) -> tuple[Stream, ...]:
    flop = f.attention_flop_per_pair(a.heads, a.head_dim, a.head_dim)
    width = float(a.head_dim)
    near = Stream(a.window, flop, flop, width, width)
    if not a.ratio:
        return (near,)
    flop, kept, key = flop / a.ratio, width / a.ratio, a.index_dim / a.ratio
    if not a.index_kept:
        return near, Stream(0, flop, flop, kept, kept)
    score = f.indexer_flop_per_pair(a.index_heads, a.index_dim) / a.ratio
    picked = Stream(a.index_kept * a.ratio, flop, flop, read_values=kept)
    return near, Stream(0, cached_values=kept), picked, Stream(0, score, score, key, key)


def _attention_numbers(groups: Iterable[LayerGroup]) -> dict[str, Count]:
    """The fields of `Model` that speak of attention, summed over layers."""
    each = [(g.count, stream) for g in groups for stream in streams(g.attention)]
    widest = max((stream.window for _, stream in each), default=0)
    full = [(count, stream) for count, stream in each if not stream.window]
    # scaled so that windowed figure times widest window is right at long contexts
    near = [(count * s.window / widest, s) for count, s in each if s.window]
    states = [(g.count, *state_numbers(g.attention)) for g in groups]
    return {
        "attention_flop_per_pair": _total(full, "flop_per_pair"),
        "windowed_attention_flop_per_pair": _total(near, "flop_per_pair"),
        "absorbed_attention_flop_per_pair": _total(full, "absorbed_flop_per_pair"),
        "absorbed_windowed_attention_flop_per_pair": _total(near, "absorbed_flop_per_pair"),
        "window": float(widest),
        "cached_values_per_token": _total(full, "cached_values"),
        "windowed_cached_values_per_token": _total(near, "cached_values"),
        "read_values_per_token": _total(full, "read_values"),
        "windowed_read_values_per_token": _total(near, "read_values"),
        "state_values": sum((n * values for n, values, _ in states), 0.0),
        "state_flop_per_token": sum((n * flop for n, _, flop in states), 0.0),
    }


def _total(each: Iterable[tuple[float, Stream]], field: str) -> float:
    return sum((layers * float(getattr(stream, field)) for layers, stream in each), 0.0)


def _expert_parameters(architecture: Architecture) -> tuple[Count, Count]:
    """Weights of all routed experts, and of those that one token visits."""
    hidden = float(architecture.hidden)
    layers = [(n, m, expert_parameters(hidden, m)) for n, m in _routed(architecture)]
    total = sum((n * m.experts * each for n, m, each in layers), 0.0)
    return total, sum((n * m.per_token * each for n, m, each in layers), 0.0)


def _outer_norms(architecture: Architecture) -> Count:
    norms = float(architecture.final_norm) + float(architecture.embedding_norm)
    return f.norm_parameters(float(architecture.hidden), norms, float(architecture.norm_bias))


def _routed(architecture: Architecture) -> list[tuple[int, Mixture]]:
    """The groups that have routed experts: how many layers, and their mixture."""
    groups = architecture.groups
    return [(g.count, g.feed_forward) for g in groups if isinstance(g.feed_forward, Mixture)]
