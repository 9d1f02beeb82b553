"""What a layer of a training step is given, and what it needs, under construction and done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from chipassay.records.plan import Plan
from chipassay.units import Byte, Count, Num, Ratio, Second

VALUE = 2.0
"""Bytes of an activation outside the matrix products."""
MASTER = 8.0
"""Bytes moved for each gradient of a weight that is added to one in 32 bits."""


class Work(NamedTuple):
    """What every layer of a step shares. Fields may be columns."""

    sequence: Count
    plan: Plan
    narrow: Ratio
    """1 where matrix products run in 8 bits or fewer, so that their inputs are cast."""
    fused: Ratio
    """1 where attention never stores its scores (FlashAttention)."""
    dropout: Ratio
    """1 where dropout runs, in attention and after both blocks."""
    document: Count
    """Tokens that attend to each other; infinite where a sequence is one document."""
    frozen: Ratio = 0.0
    """1 where weights stay as they are and low-rank adapters beside them learn (LoRA)."""
    narrow_kept: Ratio = 0.0
    """1 where inputs of activation functions, and what latent attention yields, stay in 8 bits."""


class Bench(NamedTuple):
    """What a chip and its links do, as functions of columns; seconds."""

    product: Callable[[Num, Num, Num, float], Num]
    """m, n, k, bytes of a result."""
    attend: Callable[[Num, Num, Num, Num, Num, Num], Num]
    """Batch, tokens, heads, key-value heads, head size, window: forward."""
    stream: Callable[[Byte], Second]
    """Traffic of elementwise kernels."""
    matrix: Any
    """Dense 16-bit rate, for what no kernel family covers."""


class Layer(NamedTuple):
    """One layer's needs for one micro-batch on one rank: seconds at the kernels' speed, and bytes.

    `*_forward` and `*_backward` are separate where they differ; `weight` is the part of the
    backward products that makes gradients of weights.
    """

    matrix_forward: Second
    matrix_backward: Second
    matrix_weight: Second
    experts_forward: Second
    experts_backward: Second
    experts_weight: Second
    attention_forward: Second
    attention_backward: Second
    state_forward: Second
    """State-space layers: their states' arithmetic and what it streams."""
    state_backward: Second
    routed_forward: Second
    """What touches each row sent to experts: sorting, casts, activations."""
    routed_backward: Second
    pointwise_forward: Second
    pointwise_backward: Second
    kernels: Count
    """Kernels launched forward."""
    tensor_bytes: Byte
    """Activations that tensor ranks exchange in one gather or scatter."""
    tensor_rounds: Count
    """Pairs of a gather and a scatter (or all-reduces) forward."""
    context_bytes: Byte
    """Keys and values that context ranks pass on, forward."""
    swapped_bytes: Byte
    """Queries, keys, values and results where context ranks swap heads for tokens (Ulysses)."""
    expert_bytes: Byte
    """Rows sent to experts, one for each choice: dispatch and combine, forward, from each rank."""
    token_bytes: Byte
    """The same with one row a token, however many experts it chose."""
    dense_parameters: Count
    expert_parameters: Count
    stored: Byte
    """Activations kept from forward to backward with nothing recomputed."""
    scores: Byte
    """Part of them that selective recomputing of stored scores drops."""
    light: Byte
    """Part that is cheap to make again: norms' and activations' outputs, latents' heads."""
    light_forward: Second
    input: Byte
    """All that full recomputing keeps."""


class LayerSum:
    """A layer under construction."""

    def __init__(self, bench: Bench, work: Work) -> None:
        self.bench, self.work = bench, work
        self.total: dict[str, Num] = dict.fromkeys(Layer._fields, 0.0)

    def add(self, **parts: Num) -> None:
        """More of the layer's needs."""
        for name, value in parts.items():
            self.total[name] = self.total[name] + value

    def product(self, m: Num, n: Num, k: Num, *, kind: str = "matrix") -> None:
        """Forward product, gradient of the input, gradient of the weight."""
        bench, frozen = self.bench, self.work.frozen
        weight = (1.0 - frozen) * bench.product(n, k, m, MASTER)
        self.add(
            **{
                f"{kind}_forward": bench.product(m, n, k, VALUE),
                f"{kind}_backward": bench.product(m, k, n, VALUE) + weight,
                f"{kind}_weight": weight,
            },
            kernels=1.0,
        )
        cast, beside = self.work.narrow * 4.0 * m, frozen * VALUE * m * (k + 2.0 * n)
        self.stream(forward=cast * k + beside, backward=cast * n + 2.0 * beside)

    def stream(
        self, forward: Num, backward: Num, kernels: float = 0.0, kind: str = "pointwise"
    ) -> None:
        """Traffic of elementwise kernels, both ways."""
        there, back = self.bench.stream(forward), self.bench.stream(backward)
        self.add(**{f"{kind}_forward": there, f"{kind}_backward": back}, kernels=kernels)
