"""What a training step keeps in a chip's memory: weights, gradients, optimiser, activations."""

from __future__ import annotations

import numpy as np

from chipassay.trace import formula
from chipassay.units import Byte, Count


@formula(cite="zero_paper")
def sharded(bytes_each: Byte, parameters: Count, ranks: Count, zero: Count, stage: Count) -> Byte:
    """Bytes of a bucket: whole, or one share of it from a ZeRO stage on."""
    return bytes_each * parameters / np.where(zero >= stage, ranks, 1.0)


@formula(cite="arithmetic")
def held_memory(
    weights: Byte, gradients: Byte, optimizer: Byte, activations: Byte, logits: Byte, buffers: Byte
) -> Byte:
    """All that the fullest chip holds."""
    return weights + gradients + optimizer + activations + logits + buffers
