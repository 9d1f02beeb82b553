"""MFU and HFU under the conventions of public tables, each by its name.

A utilisation means nothing without its convention: DeepSeek-V3's 43.7 % and 38.9 % are one run.
`CONVENTIONS` says for each which weights count, how many tokens a query is paired with, and how
many passes; `mfu` and `hfu` read it. Sources of golden rows stand in `tests/test_run.py`.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from chipassay.errors import UnknownNameError
from chipassay.formulas.transformer import mean_causal_pairs, windowed_context
from chipassay.formulas.utilisation import (
    counted_flop_per_token,
    sc21_flop_per_token,
    selective_hardware_flop_per_token,
    utilisation,
)
from chipassay.records.model import Model
from chipassay.units import Count, Flop, FlopRate, PerSecond, Ratio

Weights = Literal["once", "all", "without"]
Pairs = Literal["full", "half", "causal", "none"]
_WEIGHTS = {
    "once": "active_without_input_embedding",
    "all": "active_parameters",
    "without": "active_without_embeddings",
}
PASSES = 3.0
"""One forward, and a backward of twice its work."""


class Convention(NamedTuple):
    """How a table counts FLOP; `who` says where it is used."""

    weights: Weights
    """once: a tied or output embedding, not the looked-up one; all: both; without: neither."""
    pairs: Pairs
    """full: every token with every token; half of it; causal: exactly; none: no attention."""
    matrix_passes: float
    attention_passes: float
    formula: str
    who: str
    hardware: bool = False


CONVENTIONS = {
    "full": Convention(
        "once", "full", PASSES, PASSES, "6N + 12 L H Q T",
        "PaLM, llm-foundry, NeMo to 2024, DeepSeek-V3's non-causal figure",
    ),
    "causal-half": Convention(
        "once", "half", PASSES, PASSES, "6N + 6 L H Q T",
        "Megatron-Bridge, DeepSeek-V3's causal figure",
    ),
    "causal": Convention(
        "once", "causal", PASSES, PASSES, "6N + 12 A (T + 1) / 2, windows exact",
        "what causal training needs; this program's own",
    ),
    "full-without-embeddings": Convention(
        "without", "full", PASSES, PASSES, "6 N' + 12 L H Q T",
        "Kaplan's count of weights with PaLM's attention",
    ),
    "full-all-embeddings": Convention(
        "all", "full", PASSES, PASSES, "6 N'' + 12 L H Q T",
        "tables that count an untied input embedding too",
    ),
    "6N": Convention(
        "once", "none", PASSES, 0.0, "6N", "scaling laws and reports of compute",
    ),
    "hardware-full-recompute": Convention(
        "once", "full", PASSES + 1, PASSES + 1, "4/3 (6N + 12 L H Q T)",
        "BLOOM, OPT, llm-foundry's HFU", True,
    ),
    "hardware-flash": Convention(
        "once", "causal", PASSES, PASSES + 0.5, "6N + 14 A (T + 1) / 2",
        "what fused attention executes: its backward computes scores again", True,
    ),
}  # fmt: skip
SHAPED = ("sc21", "sc21-hardware", "selective-hardware")
"""Megatron's own formulas, for GPT shapes: a feed-forward of 4h, tied, no grouped queries."""
NAMES = (*CONVENTIONS, *SHAPED)


def counted(model: Model, sequence: Count, convention: str) -> Flop:
    """FLOP for each token under a convention. Raises `UnknownNameError` for another name."""
    L, h, V = model.layers, model.hidden, model.vocabulary
    if convention == "selective-hardware":
        return selective_hardware_flop_per_token(L, h, V, sequence)
    if convention in SHAPED:
        passes = PASSES + 1 if convention == "sc21-hardware" else PASSES
        return sc21_flop_per_token(L, h, V, sequence, passes)
    if convention not in CONVENTIONS:
        raise UnknownNameError("convention", convention, NAMES)
    rule = CONVENTIONS[convention]
    weights = getattr(model, _WEIGHTS[rule.weights])
    far = counted_flop_per_token(
        weights,
        rule.matrix_passes,
        model.attention_flop_per_pair,
        _pairs(rule.pairs, sequence),
        rule.attention_passes,
    )
    near = counted_flop_per_token(
        0.0,
        rule.matrix_passes,
        model.windowed_attention_flop_per_pair,
        _near_pairs(rule.pairs, sequence, model.window),
        rule.attention_passes,
    )
    return far + near + model.state_flop_per_token * rule.attention_passes


def executed(model: Model, sequence: Count, matrices_again: Ratio, attention_again: Ratio) -> Flop:
    """FLOP for each token that a plan executes, for HFU: exact causal pairs, fused attention.

    `matrices_again` and `attention_again` are the shares of the forward pass that the backward pass
    computes again: 0 and 0 without recomputation, 0 and 1 selective, 1 and 1 full. A fused
    backward computes its scores again in any case, half a pass.
    """
    passes = PASSES + 0.5 + attention_again
    far = counted_flop_per_token(
        model.active_without_input_embedding,
        PASSES + matrices_again,
        model.attention_flop_per_pair,
        _pairs("causal", sequence),
        passes,
    )
    pairs = _near_pairs("causal", sequence, model.window)
    near = counted_flop_per_token(0.0, 0.0, model.windowed_attention_flop_per_pair, pairs, passes)
    return far + near + model.state_flop_per_token * (PASSES + attention_again)


def _pairs(kind: Pairs, sequence: Count) -> Count:
    """Tokens that a query is paired with."""
    if kind == "causal":
        return mean_causal_pairs(sequence, 0.0 * sequence)
    return sequence * {"full": 1.0, "half": 0.5, "none": 0.0}[kind]


def _near_pairs(kind: Pairs, sequence: Count, window: Count) -> Count:
    """The same in a layer that sees a window; no public table says, so a window counts whole."""
    if kind == "causal":
        return mean_causal_pairs(sequence, window)
    return windowed_context(_pairs(kind, sequence), window)


def utilisations(
    model: Model, sequence: Count, tokens_per_second_per_chip: PerSecond, peak: FlopRate
) -> dict[str, Ratio]:
    """MFU and HFU of one speed under every convention, by name.

    `peak` is the dense rate of the precision that the table divides by; FP8 runs are sometimes
    divided by the 16-bit one.
    """
    return {
        name: utilisation(counted(model, sequence, name), tokens_per_second_per_chip, peak)
        for name in NAMES
    }
