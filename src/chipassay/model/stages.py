"""Layers dealt to pipeline stages: what the fullest stage holds, and the last, with the head."""

from __future__ import annotations

import functools
from collections import Counter
from typing import NamedTuple


class Deal(NamedTuple):
    """How many layers of each group a stage holds."""

    heavy: tuple[int, ...]
    """The fullest stage that has neither embedding nor head, if there is one."""
    last: tuple[int, ...]
    first: tuple[int, ...]


@functools.cache
def deal(
    order: tuple[int, ...],
    weights: tuple[float, ...],
    stages: int,
    virtual: int,
    embedding_layers: bool,
) -> Deal:
    """Layers in equal chunks, chunk c to stage c mod `stages`; what is left over goes first.

    `weights` says how heavy a layer of each group is. With `embedding_layers`, the embedding takes
    a layer's place in the first chunk and the head one in the last.
    """
    chunks = stages * virtual
    places = len(order) + 2 * embedding_layers
    sizes = [places // chunks + (1 if c < places % chunks else 0) for c in range(chunks)]
    if embedding_layers:
        sizes[0] -= 1
        sizes[-1] -= 1
    held: list[Counter[int]] = [Counter() for _ in range(stages)]
    start = 0
    for chunk, size in enumerate(sizes):
        held[chunk % stages].update(order[start : start + size])
        start += size
    kinds = range(len(weights))
    counts = [tuple(stage[kind] for kind in kinds) for stage in held]
    middle = counts[1:-1] or counts[:1]
    heavy = max(
        (*middle, counts[0]),
        key=lambda held: sum(n * w for n, w in zip(held, weights, strict=True)),
    )
    return Deal(heavy, counts[-1], counts[0])
