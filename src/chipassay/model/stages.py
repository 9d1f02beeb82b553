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
    ends: tuple[int, int] = (0, 0),
) -> Deal:
    """Layers in equal chunks, chunk c to stage c mod `stages`; what is left over goes first.

    `weights` says how heavy a layer of each group is. With `embedding_layers`, the embedding takes
    a layer's place in the first chunk and the head one in the last. `ends` are the layers of the
    first and the last chunk where they are dealt by hand (0: as the others).
    """
    sizes = _sizes(len(order), stages * virtual, embedding_layers, ends)
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


def _sizes(layers: int, chunks: int, embedding_layers: bool, ends: tuple[int, int]) -> list[int]:
    """Layers of each chunk."""
    first, last = ends
    between = chunks - (first > 0) - (last > 0)
    left = layers - first - last + 2 * embedding_layers
    level = [left // between + (1 if c < left % between else 0) for c in range(between)]
    sizes = [first] * (first > 0) + level + [last] * (last > 0)
    if embedding_layers:
        sizes[0] -= 1
        sizes[-1] -= 1
    return sizes
