"""Decoders of Llama's kind: one table row for each family, one reader for all of them.

A row holds what the transformers class of that family takes where a config is silent, and the
rules that no key tells: which projections have biases, which layers a window.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal, NamedTuple

from chipassay.catalogue.hugging_face import mixtures
from chipassay.catalogue.hugging_face.blocks import assembled, heads, near_layers, windows
from chipassay.catalogue.hugging_face.fields import Fields
from chipassay.records.architecture import Architecture, FeedForward, GroupedQuery

Windows = Callable[[Fields, int], tuple[int, ...]]


def no_window(_fields: Fields, layers: int) -> tuple[int, ...]:
    """Every layer sees the whole context."""
    return (0,) * layers


def one_window(fields: Fields, layers: int) -> tuple[int, ...]:
    """All layers share `sliding_window`; absent or null is none."""
    width = fields.optional("sliding_window", limit="tokens")
    return windows(fields, [width > 0] * layers, width)


def mistral_window(fields: Fields, layers: int) -> tuple[int, ...]:
    """As above, but the class windows at 4096 where the key is absent; null is none."""
    if fields.mentions("sliding_window"):
        return one_window(fields, layers)
    reason = "default of MistralConfig"
    width = fields.count_or(4096, reason, "sliding_window", limit="tokens")
    return windows(fields, [True] * layers, width)


def asked_window(fields: Fields, layers: int) -> tuple[int, ...]:
    """Qwen's way: only with `use_sliding_window`, and from layer `max_window_layers` on."""
    if not (fields.has("use_sliding_window") and fields.flag("use_sliding_window", False, "")):
        return no_window(fields, layers)
    width = fields.count("sliding_window", limit="tokens")
    first = fields.count("max_window_layers", limit="layers", least=0)
    near = near_layers(fields, layers, (i >= first for i in range(layers)))
    return windows(fields, near, width)


def every_other_window(fields: Fields, layers: int) -> tuple[int, ...]:
    """Windowed and full layers take turns, windowed first (Gemma 2, gpt-oss)."""
    width = fields.count("sliding_window", limit="tokens")
    near = near_layers(fields, layers, (i % 2 == 0 for i in range(layers)))
    return windows(fields, near, width)


def five_in_six_window(fields: Fields, layers: int) -> tuple[int, ...]:
    """Every sixth layer is full (Gemma 3), or every `sliding_window_pattern`-th."""
    width = fields.count("sliding_window", limit="tokens")
    if fields.has("layer_types"):
        return windows(fields, near_layers(fields, layers, ()), width)
    keys = ("sliding_window_pattern", "_sliding_window_pattern")
    step = fields.count_or(6, "default of Gemma3TextConfig", *keys)
    return windows(fields, [(i + 1) % step != 0 for i in range(layers)], width)


def llama4_window(fields: Fields, layers: int) -> tuple[int, ...]:
    """Three layers of four attend within chunks; those without rotary positions see everything."""
    width = fields.optional("attention_chunk_size", limit="tokens")
    step = fields.count("no_rope_layer_interval") if fields.has("no_rope_layer_interval") else 4
    near = [width > 0 and (i + 1) % step != 0 for i in range(layers)]
    return windows(fields, near_layers(fields, layers, near), width)


class Dialect(NamedTuple):
    """What distinguishes one family. `bias` says which projections have one, "asked" by a key."""

    config: str
    feed_forward: Callable[[Fields, int], tuple[FeedForward, ...]] = mixtures.dense
    window: Windows = no_window
    kv_heads: int | None = None
    head_dim: int | None = None
    tied: bool = False
    bias: Literal["none", "qkv", "asked qkv", "asked all"] = "none"
    bias_default: bool = False
    qk_norm: Literal["none", "per_head", "full"] = "none"
    norms: int = 2
    sinks: bool = False
    chunked: bool = False


def _glm4_moe(fields: Fields, layers: int) -> tuple[FeedForward, ...]:
    return mixtures.deepseek(fields, layers, balanced=True)


_GEMMA = Dialect("GemmaConfig", kv_heads=16, head_dim=256, tied=True)
_QWEN3 = Dialect(
    "Qwen3Config", window=asked_window, kv_heads=32, head_dim=128, bias="asked all",
    qk_norm="per_head",
)  # fmt: skip
DIALECTS = {
    "llama": Dialect("LlamaConfig", bias="asked all"),
    "yi": Dialect("LlamaConfig", bias="asked all"),
    "mistral": Dialect("MistralConfig", window=mistral_window, kv_heads=8),
    "phi3": Dialect("Phi3Config", window=one_window),
    "qwen2": Dialect("Qwen2Config", window=asked_window, kv_heads=32, bias="qkv"),
    "mimo": Dialect("MiMoConfig", window=asked_window, kv_heads=32, bias="qkv"),
    "qwen3": _QWEN3,
    "gemma": _GEMMA,
    "gemma2": _GEMMA._replace(
        config="Gemma2Config", window=every_other_window, kv_heads=4, norms=4
    ),
    "gemma3_text": _GEMMA._replace(
        config="Gemma3TextConfig", window=five_in_six_window, kv_heads=4, norms=4,
        qk_norm="per_head",
    ),
    "mixtral": Dialect("MixtralConfig", mixtures.everywhere, one_window, kv_heads=8),
    "grok-1": Dialect("Grok1Config", mixtures.everywhere, tied=True, norms=4),
    "qwen2_moe": Dialect("Qwen2MoeConfig", mixtures.qwen, asked_window, kv_heads=16, bias="qkv"),
    "qwen3_moe": _QWEN3._replace(
        config="Qwen3MoeConfig", feed_forward=mixtures.qwen, kv_heads=4, head_dim=None
    ),
    "glm4_moe": Dialect("Glm4MoeConfig", _glm4_moe, kv_heads=8, bias="asked qkv"),
    "minimax_m2": Dialect("MiniMaxM2Config", mixtures.minimax_m2, kv_heads=8),
    "gpt_oss": Dialect(
        "GptOssConfig", mixtures.gpt_oss, every_other_window, kv_heads=8, head_dim=64,
        bias="asked all", bias_default=True, sinks=True,
    ),
    "llama4_text": Dialect(
        "Llama4TextConfig", mixtures.llama4, llama4_window, kv_heads=8, bias="asked all",
        chunked=True,
    ),
}  # fmt: skip


def read(fields: Fields, family: str) -> Architecture:
    """A decoder of Llama's kind, by its family's row of the table."""
    dialect = DIALECTS[family]
    hidden = fields.count("hidden_size")
    layers = fields.count("num_hidden_layers", limit="layers")
    widths = dialect.window(fields, layers)
    attention = _attention(fields, dialect, hidden)
    by_width = {width: _windowed(attention, width, dialect) for width in set(widths)}
    return assembled(
        fields,
        family,
        hidden,
        [by_width[width] for width in widths],
        dialect.feed_forward(fields, layers),
        config=dialect.config,
        tied=dialect.tied,
        norms=dialect.norms,
        predictors=_predictors(fields),
    )


def read_gemma3(fields: Fields, family: str) -> Architecture:
    """Gemma 3: its smaller public configs leave heads and vocabulary to the class."""
    fields.assume("num_attention_heads", 8, "default of Gemma3TextConfig")
    fields.assume("vocab_size", 262_208, "default of Gemma3TextConfig")
    return read(fields, family)


def _attention(fields: Fields, dialect: Dialect, hidden: int) -> GroupedQuery:
    shape = heads(fields, hidden, dialect.config, dialect.kv_heads, dialect.head_dim)
    bias = dialect.bias == "qkv"
    if dialect.bias.startswith("asked"):
        reason = f"default of {dialect.config}"
        bias = fields.flag("attention_bias", dialect.bias_default, reason)
    return GroupedQuery(
        shape.query,
        shape.key_value,
        shape.width,
        shape.width,
        qkv_bias=bias,
        output_bias=bias and dialect.bias == "asked all",
        qk_norm=_qk_norm(fields, dialect),
        sinks=dialect.sinks,
    )


def _qk_norm(fields: Fields, dialect: Dialect) -> Literal["none", "per_head", "full"]:
    if dialect.config == "MiniMaxM2Config":
        # one gain for each value of the whole projection, "per_layer" in the config's own words
        return (
            "full" if fields.flag("use_qk_norm", True, f"default of {dialect.config}") else "none"
        )
    if dialect.config == "Glm4MoeConfig":
        asked = fields.flag("use_qk_norm", False, f"default of {dialect.config}")
        return "per_head" if asked else "none"
    return dialect.qk_norm


def _windowed(attention: GroupedQuery, width: int, dialect: Dialect) -> GroupedQuery:
    return replace(attention, window=width, chunked=dialect.chunked and width > 0)


def _predictors(fields: Fields) -> int:
    return fields.optional("num_nextn_predict_layers", "num_mtp_modules", limit="layers")
