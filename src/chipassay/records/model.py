"""A language model as numbers, for the formulas of training and serving."""

from __future__ import annotations

from typing import NamedTuple

from chipassay.units import Count, Flop


class Model(NamedTuple):
    """Everything a first-order cost model asks of a language model; any leaf may be a column.

    All but the widths follow from `records.architecture.Architecture` through
    `formulas.transformer`; `catalogue.architectures.numbers` does it. A "pair" is one query token
    against one earlier token; a multiplication and an addition count as two FLOP. Parameters and
    cache are counted in values: bytes come in with the precision.
    """

    hidden: Count
    """Width of the residual stream."""
    layers: Count
    """Layers, those for multi-token prediction left out."""
    vocabulary: Count
    """Rows of the embedding, padding included."""
    parameters: Count
    """All weights of the language model; no vision tower, no multi-token predictor."""
    active_parameters: Count
    """Weights that one token touches, both embeddings counted whole: the convention "all"."""
    active_without_input_embedding: Count
    """As above without tables that are only looked up (input embedding, learned positions).

    A tied matrix stays: it is the head. This is the N of the 6N rule.
    """
    active_without_embeddings: Count
    """As above without the language-model head as well: Kaplan's non-embedding count."""
    attention_flop_per_pair: Flop
    """Attention scores and mixing, summed over layers that see the whole context."""
    windowed_attention_flop_per_pair: Flop
    """The same for what sees at most `window` tokens (also the top-k of a sparse indexer)."""
    absorbed_attention_flop_per_pair: Flop
    """Full-context part when decoding with MLA's up-projections absorbed; else as prefill."""
    absorbed_windowed_attention_flop_per_pair: Flop
    """Windowed part of the same."""
    window: Count
    """Tokens the windowed part sees; 0 where nothing is windowed.

    With several windows in one model, the widest; narrower layers are scaled into the windowed
    figures, which is exact once the context is as long as the widest.
    """
    cached_values_per_token: Count
    """Values stored for each token of context, over layers that keep the whole context."""
    windowed_cached_values_per_token: Count
    """Values stored for each of the last `window` tokens."""
    read_values_per_token: Count
    """Values a decode step reads for each token of context; below the cache for sparse models."""
    windowed_read_values_per_token: Count
    """Values a decode step reads for each of the `window` tokens."""
    state_values: Count
    """Values of fixed state for a sequence, in linear-attention layers."""
    state_flop_per_token: Flop
    """FLOP to update and read those states, for each token, whatever the context."""
    experts: Count
    """Routed experts in a layer that has them; 0 for a dense model."""
    experts_per_token: Count
    """Routed experts that one token visits; 0 for a dense model."""
    expert_layers: Count
    """Layers that have routed experts."""
    expert_parameters: Count
    """Weights of all routed experts."""
    active_expert_parameters: Count
    """Weights of the routed experts that one token visits."""
