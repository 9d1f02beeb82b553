"""How long a step takes: straight lines between the knots of the tables."""

from __future__ import annotations

from typing import Any

from chipassay.simulation.world import (
    ADMISSION, ADVANCE, ATTENTION, CONTEXT, DECODERS, FILL, FILL_ROWS, GRAPH_ROWS, HOST, KIND,
    NEW_ROWS, PLACE, SWAPPING, World,
)  # fmt: skip


def step_time(w: World, r: int) -> float:
    """Seconds of the step that is planned on a replica; 0 where there is nothing to do."""
    mine = w.replica[r]
    fill, rows = mine[FILL], mine[FILL_ROWS]
    decoders = mine[DECODERS] if mine[ADVANCE] > 0 else 0
    if fill + decoders == 0:
        return 0.0
    k = mine[KIND]
    kind = w.kind[k]
    if fill == 0 and decoders <= kind[GRAPH_ROWS]:
        body = at(w.captured[k], decoders)
    else:
        body = at(w.launched[k], fill + decoders)
    seen = reading_time(w, r, k, decoders) if decoders > 0 else 0.0
    head = at(w.head[k], rows + decoders)
    host = kind[HOST] + kind[ADMISSION] * mine[NEW_ROWS] + w.gauge[r][SWAPPING]
    return body + seen + w.gauge[r][ATTENTION] + head + host


def at(values: Any, place: int) -> float:
    """A dense table's value; beyond its end it goes on straight."""
    last = len(values) - 1
    if place <= last:
        return values[place]  # type: ignore[no-any-return]
    return values[last] + (place - last) * (values[last] - values[last - 1])  # type: ignore[no-any-return]


def reading_time(w: World, r: int, k: int, decoders: int) -> float:
    """Attention of those that decode, at their mean context."""
    mine = w.replica[r]
    knots = w.contexts
    mean = mine[CONTEXT] / decoders
    j = mine[PLACE]
    last = len(knots) - 2
    while j < last and mean >= knots[j + 1]:
        j += 1
    while j > 0 and mean < knots[j]:
        j -= 1
    mine[PLACE] = j
    row = decoders * len(knots) + j
    values = w.reading[k]
    share = (mean - knots[j]) / (knots[j + 1] - knots[j])
    return values[row] + share * (values[row + 1] - values[row])  # type: ignore[no-any-return]


def prompt_time(w: World, k: int, tokens: int, behind: int) -> float:
    """Attention of a prompt's next `tokens` with `behind` before them in the cache."""
    i, j = cell(w.new, tokens), cell(w.behind, behind)
    u = (tokens - w.new[i]) / (w.new[i + 1] - w.new[i])
    v = (behind - w.behind[j]) / (w.behind[j + 1] - w.behind[j])
    values, width = w.prompt[k], len(w.behind)
    a, b = i * width + j, (i + 1) * width + j
    low = values[a] + v * (values[a + 1] - values[a])
    high = values[b] + v * (values[b + 1] - values[b])
    return low + u * (high - low)  # type: ignore[no-any-return]


def cell(knots: Any, x: float) -> int:
    """The cell of a grid that holds `x`, the last one carried on."""
    low, high = 0, len(knots) - 1
    while high - low > 1:
        middle = (low + high) // 2
        if x >= knots[middle]:
            low = middle
        else:
            high = middle
    return low
