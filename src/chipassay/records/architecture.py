"""The structure of a language model: integers and kinds, no derived number, no file format.

Every layer is one attention and one feed-forward block. Layers that are equal form a group;
`Architecture.order` says which group each layer belongs to, so a pipeline can be cut anywhere.
Widths are counts of values, `window` is in tokens and 0 stands for "the whole context".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class GroupedQuery:
    """Softmax attention: one key-value head serves `heads / kv_heads` query heads.

    Multi-head attention is `kv_heads == heads`, multi-query `kv_heads == 1`. `window` is how many
    tokens back a query sees; with `chunked` the window starts afresh at each multiple of itself.
    `sinks` is one learned logit a head, `output_gate` a second query-sized projection that gates
    the result, `relative_positions` a projection hidden x hidden of Transformer-XL's kind.
    """

    heads: int
    kv_heads: int
    head_dim: int
    value_dim: int
    window: int = 0
    chunked: bool = False
    qkv_bias: bool = False
    output_bias: bool = False
    qk_norm: Literal["none", "per_head", "full"] = "none"
    output_gate: bool = False
    sinks: bool = False
    relative_positions: bool = False


@dataclass(frozen=True, slots=True)
class Latent:
    """Multi-head latent attention (DeepSeek-V2): keys and values come from one small latent.

    The cache holds `latent_rank + rope_dim` values a token, whatever the head count. A query rank
    of 0 means queries are projected straight from the hidden state. With `index_kept` above 0 a
    lightning indexer picks that many tokens for each query (DeepSeek-V3.2); where `index_shared`,
    the layer takes the pick of an earlier layer and has no indexer weights of its own.
    """

    heads: int
    query_rank: int
    latent_rank: int
    nope_dim: int
    rope_dim: int
    value_dim: int
    index_heads: int = 0
    index_dim: int = 0
    index_kept: int = 0
    index_shared: bool = False


@dataclass(frozen=True, slots=True)
class Compressed:
    """Attention over a window and a compressed stream (DeepSeek-V4), keys and values shared.

    Every layer sees the last `window` tokens. A `ratio` above 0 adds one cached entry for that
    many tokens, made from twice as many where blocks `overlap`; with `index_kept` above 0 an
    indexer picks so many entries of them. The output goes through `output_groups` low-rank
    projections of `output_rank` each.
    """

    heads: int
    query_rank: int
    head_dim: int
    window: int
    ratio: int
    overlap: bool
    output_groups: int
    output_rank: int
    index_heads: int = 0
    index_dim: int = 0
    index_kept: int = 0


@dataclass(frozen=True, slots=True)
class Linear:
    """Attention with a state of fixed size instead of a cache that grows.

    `gated_delta_net` (Qwen3-Next) and `mamba2` have a short convolution of `taps` taps before the
    state, `lightning` (MiniMax-Text-01) none. The state is `key_dim x value_dim` a value head.
    """

    kind: Literal["gated_delta_net", "lightning", "mamba2"]
    key_heads: int
    value_heads: int
    key_dim: int
    value_dim: int
    taps: int = 0


@dataclass(frozen=True, slots=True)
class Dense:
    """A feed-forward block that every token passes: three matrices if gated, else two."""

    width: int
    gated: bool = True
    bias: bool = False


@dataclass(frozen=True, slots=True)
class Mixture:
    """Routed experts of `width` each, of which a token visits `per_token`.

    `shared_width` is the joint width of the experts that every token visits, `shared_gate` a
    scalar gate on them. `router_bias` is one learned number an expert, `bias` the biases in the
    experts themselves.
    """

    experts: int
    per_token: int
    width: int
    gated: bool = True
    bias: bool = False
    shared_width: int = 0
    shared_gate: bool = False
    router_bias: bool = False
    latent_width: int = 0
    """Width of the latent that experts work in (Nemotron 3); 0: the hidden state itself."""


Attention: TypeAlias = GroupedQuery | Latent | Compressed | Linear
FeedForward: TypeAlias = Dense | Mixture


@dataclass(frozen=True, slots=True)
class LayerGroup:
    """`count` equal layers. `norms` counts normalisations as wide as the hidden state."""

    count: int
    attention: Attention
    feed_forward: FeedForward
    norms: int = 2


@dataclass(frozen=True, slots=True)
class Architecture:
    """One model's structure.

    `groups[order[i]]` is layer i. `learned_positions` counts rows of a position table, `streams`
    the residual streams (1, or 4 where hyper-connections mix them), `predictors` the layers for
    multi-token prediction, which no count here includes. `parallel` layers add attention and
    feed-forward to the same input. `notes` name every default that reading had to take.
    """

    id: str
    name: str
    family: str
    hidden: int
    vocabulary: int
    groups: tuple[LayerGroup, ...]
    order: tuple[int, ...]
    tied_embeddings: bool
    context: int = 0
    learned_positions: int = 0
    norm_bias: bool = False
    embedding_norm: bool = False
    final_norm: bool = True
    parallel: bool = False
    streams: int = 1
    predictors: int = 0
    notes: tuple[str, ...] = ()

    @property
    def layers(self) -> int:
        """How many layers there are, predictors left out."""
        return len(self.order)
