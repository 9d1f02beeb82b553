"""Random shapes of every kind of kernel, as models and their splits make them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chipassay.formulas.routing import touched_experts
from chipassay.model.kernels.attention_decode import AttentionDecodeShape
from chipassay.model.kernels.attention_prefill import AttentionPrefillShape
from chipassay.model.kernels.collectives import CollectiveShape
from chipassay.model.kernels.dispatch import DispatchShape
from chipassay.model.kernels.experts import ExpertsShape
from chipassay.model.kernels.fabric import OPERATIONS, adds_up, group_rate
from chipassay.model.kernels.gemm import GemmShape
from chipassay.model.kernels.latent import LatentDecodeShape, LatentPrefillShape
from chipassay.model.kernels.pointwise import PointwiseShape
from chipassay.records.fabric import Fabric

LINKS = Fabric(4.5e11, in_network=1.0)
"""One way, links through a switch that can add up."""
NETWORK = 5e10
COLD = 1e6
"""Copies of a weight that take turns: more than a cache holds."""


class Dice:
    """Columns of random numbers."""

    def __init__(self, rows: int, seed: int) -> None:
        self.rows, self.random = rows, np.random.default_rng(seed)

    def count(self, low: float, high: float) -> Any:
        """Whole numbers between two powers of two, their logarithms even."""
        return np.ceil(2.0 ** self.random.uniform(low, high, self.rows))

    def power(self, low: int, high: int) -> Any:
        """Powers of two."""
        return 2.0 ** self.random.integers(low, high + 1, self.rows)

    def of(self, *values: float) -> Any:
        """One of these each."""
        return self.random.choice(values, self.rows)


def shapes(family: str, rows: int, seed: int = 0) -> Any:
    """Columns of a family's shape: numbers of 16 bits, or of 8 where kernels store them so."""
    return _MADE[family](Dice(rows, seed))


def _gemm(d: Dice) -> GemmShape:
    m, n, k = d.count(0, 15), d.count(5, 16), d.count(5, 16)
    return GemmShape(m, n, k, 2.0, 2.0, 2.0, 0.0, COLD, 0.0)


def _prefill(d: Dice) -> AttentionPrefillShape:
    kv_heads = d.power(0, 4)
    return AttentionPrefillShape(
        batch=d.power(0, 6),
        queries=d.count(0, 14),
        prefix=d.of(0.0, 1.0) * d.count(0, 15),
        heads=kv_heads * d.power(0, 4),
        kv_heads=kv_heads,
        head_size=d.of(64.0, 128.0, 192.0, 256.0),
        window=d.of(128.0, 4096.0, np.inf, np.inf),
        bytes_per_value=2.0,
        result_bytes_per_value=2.0,
        cache_bytes_per_value=d.of(1.0, 2.0),
    )


def _decode(d: Dice) -> AttentionDecodeShape:
    kv_heads = d.power(0, 4)
    return AttentionDecodeShape(
        batch=d.power(0, 9),
        context=d.count(0, 17),
        heads=kv_heads * d.power(0, 5),
        kv_heads=kv_heads,
        head_size=d.of(64.0, 128.0, 256.0),
        window=d.of(128.0, 4096.0, np.inf, np.inf),
        cache_bytes_per_value=d.of(1.0, 2.0),
    )


def _latent_prefill(d: Dice) -> LatentPrefillShape:
    heads = d.power(0, 7)
    past = d.of(0.0, 1.0) * d.count(0, 15)
    return LatentPrefillShape(d.power(0, 8), d.count(0, 14), past, heads, heads, 192.0, 128.0, 2.0)


def _latent_decode(d: Dice) -> LatentDecodeShape:
    heads, width = d.power(0, 7), d.of(1.0, 2.0)
    return LatentDecodeShape(d.power(0, 10), d.count(0, 17), heads, 576.0, 512.0, width, 2.0)


def _experts(d: Dice) -> ExpertsShape:
    tokens, chosen, experts = d.count(0, 14), d.of(2.0, 4.0, 8.0), d.power(3, 8)
    held = np.maximum(experts / d.power(0, 5), 1.0)
    touched = touched_experts(tokens, chosen, experts, experts / held, 1.0)
    return ExpertsShape(
        tokens=tokens,
        pairs=tokens * chosen,
        rows=np.maximum(tokens * chosen * held / experts, 1.0),
        touched=touched,
        cycled=touched * d.of(1.0, COLD),
        held=held,
        hidden=d.of(2048.0, 4096.0, 7168.0),
        intermediate=d.of(256.0, 1408.0, 2048.0, 14336.0),
        matrices=d.of(2.0, 3.0),
        weight_bytes=2.0,
        activation_bytes=2.0,
        outer_bytes=2.0,
    )


def _pointwise(d: Dice) -> PointwiseShape:
    elements = d.count(8, 31)
    return PointwiseShape(elements * d.of(4.0, 6.0), elements)


def _library(d: Dice) -> CollectiveShape:
    return _collective(d, np.array(list(OPERATIONS.values())))


def _all_reduce(d: Dice) -> CollectiveShape:
    return _collective(d, np.array([OPERATIONS["all_reduce"]]))


def _collective(d: Dice, kinds: Any) -> CollectiveShape:
    passes, sums, pairwise = kinds[d.random.integers(0, len(kinds), d.rows)].T
    ranks = d.of(2.0, 4.0, 8.0)
    return CollectiveShape(
        message=d.count(8, 33),
        ranks=ranks,
        passes=passes,
        sums=sums,
        pairwise=pairwise,
        rate=group_rate(LINKS, ranks, pairwise),
        bridge=LINKS.bridge,
        in_network=adds_up(LINKS, ranks, passes, 1.0),
        latency=LINKS.latency,
        slow_host=LINKS.slow_host,
        seam=LINKS.seam,
    )


def _dispatch(d: Dice) -> DispatchShape:
    nodes, copies = d.power(0, 3), d.of(1.0, 4.0, 8.0)
    return DispatchShape(
        tokens=d.count(0, 15),
        row=d.of(2048.0, 7168.0, 14336.0),
        copies=copies,
        abroad=copies * (1 - 1 / nodes),
        ranks=8.0 * nodes,
        nodes=nodes,
        workers=d.of(12.0, 24.0, 128.0),
        experts=d.of(0.0, 256.0),
        rate=LINKS.line,
        network=NETWORK,
        seam=0.0,
    )


_MADE: dict[str, Callable[[Dice], Any]] = {
    "gemm": _gemm,
    "attention_prefill": _prefill,
    "attention_decode": _decode,
    "latent_prefill": _latent_prefill,
    "latent_decode": _latent_decode,
    "experts": _experts,
    "pointwise": _pointwise,
    "collectives": _library,
    "direct_all_reduce": _all_reduce,
    "dispatch": _dispatch,
}
