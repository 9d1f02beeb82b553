"""FLOP that public tables count for a token, from which their utilisations follow.

The arithmetic is the same everywhere: two FLOP for each weight and pass, and the pairs of queries
and keys. Tables differ in which weights count, in whether a query is paired with all tokens, and in
how many passes count; `model.utilisation` names them. Norms, softmax and router are left out.
"""

from __future__ import annotations

from chipassay.trace import formula
from chipassay.units import Count, Flop, FlopRate, PerSecond, Ratio


@formula(cite="palm_paper")
def counted_flop_per_token(
    parameters: Count,
    matrix_passes: Count,
    attention_flop_per_pair: Flop,
    pairs: Count,
    attention_passes: Count,
) -> Flop:
    """2 FLOP for each weight and pass, and the attention of one token for each pass.

    Forward is one pass, backward two; a recomputed forward is one more.
    """
    matrices = 2 * parameters * matrix_passes
    return matrices + attention_flop_per_pair * pairs * attention_passes


@formula(cite="megatron_sc21")
def sc21_flop_per_token(
    layers: Count, hidden: Count, vocabulary: Count, sequence: Count, passes: Count
) -> Flop:
    """Megatron's formula for GPT shapes: 24 L h^2 (1 + s/6h) a pass, and the head thrice: 6 V h.

    With 4 passes, 96 L h^2 (1 + s/6h + V/16Lh): a run that recomputes everything, but not the head.
    With 3, 72 L h^2 (1 + s/6h + V/12Lh): the model alone.
    """
    L, h, V, s = layers, hidden, vocabulary, sequence
    return 24 * passes * L * h**2 * (1 + s / (6 * h)) + 6 * V * h


@formula(cite="korthikanti_2022")
def selective_hardware_flop_per_token(
    layers: Count, hidden: Count, vocabulary: Count, sequence: Count
) -> Flop:
    """As printed for selective recomputation: 72 L h^2 (1 + s/3h + V/12Lh).

    Attention counts twice, though only its forward pass is computed again.
    """
    L, h, V, s = layers, hidden, vocabulary, sequence
    return 72 * L * h**2 * (1 + s / (3 * h)) + 6 * V * h


@formula(cite="palm_paper")
def utilisation(
    flop_per_token: Flop, tokens_per_second_per_chip: PerSecond, peak: FlopRate
) -> Ratio:
    """FLOP counted, over what the chip could have done: model or hardware, by what was counted."""
    return flop_per_token * tokens_per_second_per_chip / peak
