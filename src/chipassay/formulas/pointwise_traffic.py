"""Bytes that operators which touch each element once move, forward and backward.

`values` counts the elements of one tensor (tokens times width on this rank), `value` the bytes of
one. A norm's weights and indices are left out: they are less than a thousandth of the rest. What a
stack fuses is moved once: add up the operators, less what the fused one keeps in registers.
"""

from __future__ import annotations

from chipassay.trace import formula
from chipassay.units import Byte, Count

FP32 = 2.0
"""A 32-bit number in numbers of 16 bits: statistics, masters and moments are kept in it."""


@formula(cite="arithmetic")
def norm_forward_traffic(values: Count, value: Byte) -> Byte:
    """RMSNorm or LayerNorm: each row read for its sum, read again, written."""
    return 3 * values * value


@formula(cite="arithmetic")
def norm_backward_traffic(values: Count, value: Byte) -> Byte:
    """Input and incoming gradient read for the row's sums and again, gradient written."""
    return 5 * values * value


@formula(cite="arithmetic")
def added_norm_forward_traffic(values: Count, value: Byte) -> Byte:
    """A norm fused with the residual sum before it: both read, sum and result written."""
    return 4 * values * value


@formula(cite="arithmetic")
def gated_activation_forward_traffic(values: Count, value: Byte) -> Byte:
    """SwiGLU or GeGLU: gate and value read, product written; `values` counts products."""
    return 3 * values * value


@formula(cite="arithmetic")
def gated_activation_backward_traffic(values: Count, value: Byte) -> Byte:
    """Gate, value and incoming gradient read, two gradients written."""
    return 5 * values * value


@formula(cite="arithmetic")
def activation_forward_traffic(values: Count, value: Byte) -> Byte:
    """GELU, SiLU or ReLU alone: read, written."""
    return 2 * values * value


@formula(cite="arithmetic")
def activation_backward_traffic(values: Count, value: Byte) -> Byte:
    """Input and incoming gradient read, gradient written."""
    return 3 * values * value


@formula(cite="arithmetic")
def rotary_traffic(values: Count, value: Byte) -> Byte:
    """Queries and keys turned where they lie: read, written; backward turns the other way."""
    return 2 * values * value


@formula(cite="arithmetic")
def add_traffic(values: Count, value: Byte) -> Byte:
    """Residual sum, or its backward where two gradients meet: two read, one written."""
    return 3 * values * value


@formula(cite="arithmetic")
def embedding_forward_traffic(values: Count, value: Byte) -> Byte:
    """One row of the table read and one written for each token."""
    return 2 * values * value


@formula(cite="arithmetic")
def embedding_backward_traffic(values: Count, value: Byte, gradient: Byte) -> Byte:
    """Incoming gradient read, added to its row of the table's gradient."""
    return values * (value + 2 * gradient)


@formula(cite="arithmetic")
def softmax_traffic(values: Count, value: Byte) -> Byte:
    """Softmax over a vocabulary: logits read for the maximum and the sum, read again, written."""
    return 3 * values * value


@formula(cite="arithmetic")
def sampling_traffic(values: Count, value: Byte) -> Byte:
    """Logits cast to 32 bits, their softmax, and one pass to draw from it."""
    return values * value * (1 + FP32 + 3 * FP32 + FP32)


@formula(cite="arithmetic")
def cross_entropy_forward_traffic(values: Count, value: Byte) -> Byte:
    """Logits read for the maximum and the sum, and again for the loss's statistics."""
    return 2 * values * value


@formula(cite="arithmetic")
def cross_entropy_backward_traffic(values: Count, value: Byte) -> Byte:
    """Logits read, their gradient written in their place."""
    return 2 * values * value


@formula(cite="arithmetic")
def cache_write_traffic(values: Count, value: Byte, cached: Byte) -> Byte:
    """Keys and values read, and written to the cache in its format."""
    return values * (value + cached)


@formula(cite="arithmetic")
def quantise_traffic(values: Count, value: Byte, narrow: Byte) -> Byte:
    """Activations read, written in the narrow format; scales of blocks are part of `narrow`."""
    return values * (value + narrow)


@formula(cite="arithmetic")
def scaled_quantise_traffic(values: Count, value: Byte, narrow: Byte) -> Byte:
    """The same with one scale for a whole tensor, which takes a pass of its own to find."""
    return values * (2 * value + narrow)


@formula(cite="arithmetic")
def accumulate_traffic(values: Count, gradient: Byte, sum_: Byte) -> Byte:
    """A gradient read, and added to a sum."""
    return values * (gradient + 2 * sum_)


@formula(cite="arithmetic")
def adam_traffic(
    parameters: Count, gradient: Byte, master: Byte, moments: Byte, weight: Byte
) -> Byte:
    """Gradient read; master weight and both moments read and written; working weight written.

    With 32-bit gradients, masters and moments and a 16-bit weight that is 30 bytes a parameter.
    `moments` is the bytes of both; where the working weight is the master, `weight` is zero.
    """
    return parameters * (gradient + 2 * master + 2 * moments + weight)


@formula(cite="arithmetic")
def gradient_norm_traffic(parameters: Count, gradient: Byte) -> Byte:
    """Gradients read once for their norm; clipping multiplies inside the update."""
    return parameters * gradient
