"""Decoders whose layers attend in two ways: linear and full, or near and far with other heads."""

from __future__ import annotations

from typing import NamedTuple

from chipassay.catalogue.hugging_face import mixtures
from chipassay.catalogue.hugging_face.blocks import (
    LAYER_KINDS,
    Heads,
    assembled,
    checked,
    heads,
    windows,
)  # fmt: skip
from chipassay.catalogue.hugging_face.fields import Fields
from chipassay.records.architecture import Architecture, GroupedQuery, Linear, Mixture


class Dialect(NamedTuple):
    """One family of Qwen's hybrids: its class and that class's defaults; experts or none."""

    config: str
    kv_heads: int
    routed: bool


DIALECTS = {
    "qwen3_next": Dialect("Qwen3NextConfig", 2, True),
    "qwen3_5_text": Dialect("Qwen3_5TextConfig", 4, False),
    "qwen3_5_moe_text": Dialect("Qwen3_5MoeTextConfig", 2, True),
}


def read_qwen(fields: Fields, family: str) -> Architecture:
    """Gated delta net in most layers, gated softmax attention in every fourth or as listed."""
    dialect = DIALECTS[family]
    hidden = fields.count("hidden_size")
    layers = fields.count("num_hidden_layers", limit="layers")
    shape = heads(fields, hidden, dialect.config, dialect.kv_heads, 256)
    bias = fields.flag("attention_bias", False, f"default of {dialect.config}")
    full = GroupedQuery(
        *(shape.query, shape.key_value, shape.width, shape.width),
        qkv_bias=bias,
        output_bias=bias,
        qk_norm="per_head",
        output_gate=True,
    )
    linear = Linear(
        "gated_delta_net",
        fields.count("linear_num_key_heads", limit="heads"),
        fields.count("linear_num_value_heads", limit="heads"),
        fields.count("linear_key_head_dim"),
        fields.count("linear_value_head_dim"),
        fields.count("linear_conv_kernel_dim"),
    )
    feed_forward = mixtures.qwen if dialect.routed else mixtures.dense
    return assembled(
        fields,
        family,
        hidden,
        [full if attends else linear for attends in _full_layers(fields, layers)],
        feed_forward(fields, layers),
        config=dialect.config,
        predictors=fields.optional("mtp_num_hidden_layers", limit="layers"),
    )


def _full_layers(fields: Fields, layers: int) -> list[bool]:
    if fields.has("layer_types"):
        return [kind == "full" for kind in fields.words("layer_types", layers, LAYER_KINDS)]
    step = fields.count_or(4, "default of Qwen3NextConfig", "full_attention_interval")
    return [(i + 1) % step == 0 for i in range(layers)]


def read_minimax(fields: Fields, family: str) -> Architecture:
    """MiniMax-Text-01: lightning attention, softmax where `attn_type_list` says 1."""
    hidden = fields.count("hidden_size")
    layers = fields.count("num_hidden_layers", limit="layers")
    shape = heads(fields, hidden, "MiniMaxConfig", 8)
    full = GroupedQuery(shape.query, shape.key_value, shape.width, shape.width)
    linear = Linear("lightning", shape.query, shape.query, shape.width, shape.width)
    total, visited = mixtures.experts(fields, "num_local_experts")
    mixture = Mixture(total, visited, fields.count("intermediate_size"))
    return assembled(
        fields,
        family,
        hidden,
        [full if attends else linear for attends in _softmax_layers(fields, layers)],
        [mixture] * layers,
        config="MiniMaxConfig",
    )


def _softmax_layers(fields: Fields, layers: int) -> list[bool]:
    if fields.has("layer_types"):
        return [kind == "full" for kind in fields.words("layer_types", layers, LAYER_KINDS)]
    return [kind == 1 for kind in fields.counts("attn_type_list", layers)]


def read_mimo_v2(fields: Fields, family: str) -> Architecture:
    """MiMo-V2: windowed layers where `hybrid_layer_pattern` says 1, with heads of their own."""
    hidden = fields.count("hidden_size")
    layers = fields.count("num_hidden_layers", limit="layers")
    near = [kind == 1 for kind in fields.counts("hybrid_layer_pattern", layers)]
    widths = windows(fields, near, fields.count("sliding_window", limit="tokens"))
    far = _mimo_attention(fields, "", "add_full_attention_sink_bias", 0)
    close = _mimo_attention(fields, "swa_", "add_swa_attention_sink_bias", max(widths))
    return assembled(
        fields,
        family,
        hidden,
        [close if width else far for width in widths],
        mixtures.deepseek(fields, layers, balanced=True),
        config="MiMoV2FlashConfig",
        predictors=fields.optional("num_nextn_predict_layers", limit="layers"),
    )


def _mimo_attention(fields: Fields, prefix: str, sinks: str, window: int) -> GroupedQuery:
    query = fields.count(f"{prefix}num_attention_heads", "num_attention_heads", limit="heads")
    key_value = fields.count(f"{prefix}num_key_value_heads", limit="heads")
    width = fields.count(f"{prefix}head_dim", "head_dim")
    value = fields.count(f"{prefix}v_head_dim", "v_head_dim")
    checked(fields, Heads(query, key_value, width), f"{prefix}num_key_value_heads")
    has_sinks = fields.flag(sinks, False, "default of MiMoV2FlashConfig")
    return GroupedQuery(query, key_value, width, value, window=window, sinks=has_sinks)
