"""Step-time tables at every whole count that can come up, one after another in one column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from chipassay.records.step_times import line, plane

_MOST = 2**17
"""Tokens of a step that get an entry of their own; beyond, times go on straight."""


def step_tables(pools: Sequence[Any], longest: int) -> tuple[Any, tuple[Any, ...], list[Any]]:
    """All tables; grids of context, of prompt tokens, of cached tokens; where each pool's begin.

    `longest` is the longest prompt and answer together.
    """
    grids = (
        _union(pool.times.context for pool in pools),
        _union(pool.times.new for pool in pools),
        _union(pool.times.cached for pool in pools),
    )
    parts: list[Any] = []
    places, start = [], 0
    for pool in pools:
        place = {}
        for name, table in _dense(pool, longest, grids).items():
            place[name] = start
            start += len(table)
            parts.append(table)
        place["body_length"] = place["launched_at"] - place["captured_at"]
        place["head_length"] = place["reading_at"] - place["head_at"]
        places.append(place)
    return np.concatenate(parts), grids, places


def _dense(pool: Any, longest: int, grids: tuple[Any, ...]) -> dict[str, Any]:
    times = pool.times
    seats = int(times.most_sequences)
    verified = max(1, int(times.verified))
    most = max(int(times.chunk_tokens), min(int(pool.policy.budget), _MOST), longest)
    most += seats * verified
    step, seated = np.arange(most + 1.0), np.arange(seats + 1.0)
    contexts, new, behind = grids
    reading = _over(times.batch, times.context, times.decode_attention, seated, contexts)
    guessing = np.asarray(times.guessing(seated)) * np.ones(seats + 1)
    return {
        "captured_at": line(times.tokens, times.passed, step),
        "launched_at": line(times.tokens, times.launched, step),
        "head_at": line(times.rows, times.head, np.arange((1 + verified) * seats + 1.0)),
        "reading_at": reading + np.repeat(guessing, len(contexts)),
        "prompt_at": _over(times.new, times.cached, times.prompt_attention, new, behind),
    }


def _over(first: Any, second: Any, values: Any, x: Any, y: Any) -> Any:
    return plane(first, second, np.asarray(values), x[:, None], y[None, :]).ravel()


def _union(grids: Iterable[Any]) -> Any:
    return np.unique(np.concatenate([np.asarray(grid, float) for grid in grids]))
