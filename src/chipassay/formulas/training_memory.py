"""What a training step keeps in a chip's memory: weights, gradients, optimiser, activations."""

from __future__ import annotations

import numpy as np

from chipassay.trace import formula
from chipassay.units import Byte, Count, Ratio


@formula(cite="zero_paper")
def sharded(bytes_each: Byte, parameters: Count, ranks: Count, zero: Count, stage: Count) -> Byte:
    """Bytes of a bucket: whole, or one share of it from a ZeRO stage on."""
    return bytes_each * parameters / np.where(zero >= stage, ranks, 1.0)


@formula(cite="korthikanti_2022")
def stored_norm_inputs(tokens: Count, hidden: Count, tensor: Count, sequence: Ratio) -> Byte:
    """Inputs of a layer's two norms in 16 bits; split over tensor ranks with sequence parallelism."""
    return 4.0 * tokens * hidden / (1.0 + sequence * (tensor - 1.0))


@formula(cite="korthikanti_2022")
def stored_layer_input(tokens: Count, hidden: Count, tensor: Count, sequence: Ratio) -> Byte:
    """A layer's input in 16 bits: all that full recomputing keeps."""
    return 2.0 * tokens * hidden / (1.0 + sequence * (tensor - 1.0))


@formula(cite="korthikanti_2022")
def stored_masks(
    tokens: Count, hidden: Count, tensor: Count, sequence: Ratio, dropout: Ratio
) -> Byte:
    """One byte for each dropped-out value after attention and after the feed-forward block."""
    return dropout * 2.0 * tokens * hidden / (1.0 + sequence * (tensor - 1.0))


@formula(cite="korthikanti_2022")
def stored_scores(
    heads: Count, tensor: Count, tokens: Count, keys: Count, dropout: Ratio
) -> Byte:
    """Scores that unfused attention stores: softmax's output, and with dropout its mask and result."""
    return heads / tensor * tokens * keys * (2.0 + 3.0 * dropout)


@formula(cite="arithmetic")
def stored_logits(tokens: Count, vocabulary: Count, tensor: Count) -> Byte:
    """Logits of a micro-batch in 32 bits, and once more in 16 for the gradient."""
    return 6.0 * tokens * vocabulary / tensor
