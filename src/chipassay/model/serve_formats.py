"""Number formats of served models: bytes of a weight and of an activation, scales included.

Scales: fp8_block one 32-bit number for 128 x 128 weights and for 128 activations; nvfp4 one byte
for 16 values; mxfp4 one byte for 32; w4a16 a 16-bit scale for 128 weights.
"""

from __future__ import annotations

from typing import NamedTuple


class Width(NamedTuple):
    """Bytes of one value in a product."""

    weight: float
    activation: float
    quantised: float
    """1 where activations arrive in 16 bits and are quantised before the product."""


WEIGHTS = {
    "fp32": Width(4.0, 4.0, 0.0),
    "bf16": Width(2.0, 2.0, 0.0),
    "fp16": Width(2.0, 2.0, 0.0),
    "fp8": Width(1.0, 1.0, 1.0),
    "fp8_block": Width(1.0, 1.0, 1.0),
    "int8": Width(1.0, 1.0, 1.0),
    "nvfp4": Width(0.5625, 0.5625, 1.0),
    "mxfp4": Width(0.53125, 0.53125, 1.0),
    "w4a16": Width(0.515625, 2.0, 0.0),
    "w8a16": Width(1.0, 2.0, 0.0),
    "w4a16_mxfp4": Width(0.53125, 2.0, 0.0),
    "w4a8_mxfp4": Width(0.53125, 1.0, 1.0),
}
CACHE = {"bf16": 2.0, "fp16": 2.0, "fp8": 1.0, "int8": 1.0}
"""Bytes of a cached number."""
SIXTEEN = 2.0
"""Bytes of an activation outside the products."""
