"""How long a step takes: straight lines between the knots of the tables."""

from __future__ import annotations

from typing import Any

from chipassay.simulation.world import World


def step_time(w: World, r: int) -> float:
    """Seconds of the step that is planned on an engine; 0 where there is nothing to do."""
    mine = w.replica[r]
    fill, rows = mine.fill, mine.fill_rows
    decoders = mine.decoders if mine.advance > 0 else 0
    if fill + decoders == 0:
        return 0.0
    seen = reading_time(w, r, decoders) if decoders > 0 else 0.0
    if fill == 0:
        passed, head = decoding_body(w, r, decoders), decoding_head(w, r, decoders)
    else:
        verified = decoders * mine.verified
        passed = at(w.tables, mine.launched_at, mine.body_length, fill + verified)
        head = at(w.tables, mine.head_at, mine.head_length, rows + verified)
    host = mine.host + mine.admission * mine.new_rows + mine.swapping
    return passed + seen + prompts_time(w, r) + head + host  # type: ignore[no-any-return]


def decoding_body(w: World, r: int, decoders: int) -> float:
    """What every token of a step without prompts passes."""
    mine = w.replica[r]
    table = mine.launched_at
    if decoders <= mine.graph_rows:
        table = mine.captured_at
    return at(w.tables, table, mine.body_length, decoders * mine.verified)


def decoding_head(w: World, r: int, decoders: int) -> float:
    """The head of a step without prompts."""
    mine = w.replica[r]
    return at(w.tables, mine.head_at, mine.head_length, decoders * mine.verified)


def prompts_time(w: World, r: int) -> float:
    """Attention of a step's prompts, spread over the ranks; each lies on one of them."""
    shared = w.replica[r].attention / w.replica[r].ranks
    if shared > w.replica[r].longest:
        return shared  # type: ignore[no-any-return]
    return w.replica[r].longest  # type: ignore[no-any-return]


def at(tables: Any, start: int, length: int, place: int) -> float:
    """A dense table's value; beyond its end it goes on straight."""
    last = start + length - 1
    if start + place <= last:
        return tables[start + place]  # type: ignore[no-any-return]
    return tables[last] + (start + place - last) * (tables[last] - tables[last - 1])  # type: ignore[no-any-return]


def reading_time(w: World, r: int, decoders: int) -> float:
    """Attention of those that decode, at their mean context."""
    mine, knots, tables = w.replica[r], w.contexts, w.tables
    mean = mine.context / decoders
    j = mine.place
    last = len(knots) - 2
    while j < last and mean >= knots[j + 1]:
        j += 1
    while j > 0 and mean < knots[j]:
        j -= 1
    mine.place = j
    row = mine.reading_at + decoders * len(knots) + j
    share = (mean - knots[j]) / (knots[j + 1] - knots[j])
    return tables[row] + share * (tables[row + 1] - tables[row])  # type: ignore[no-any-return]


def prompt_time(w: World, start: int, tokens: int, behind: int) -> float:
    """Attention of a prompt's next `tokens` with `behind` before them in the cache."""
    i, j = cell(w.new, tokens), cell(w.behind, behind)
    u = (tokens - w.new[i]) / (w.new[i + 1] - w.new[i])
    v = (behind - w.behind[j]) / (w.behind[j + 1] - w.behind[j])
    a = start + i * len(w.behind) + j
    b = a + len(w.behind)
    low = w.tables[a] + v * (w.tables[a + 1] - w.tables[a])
    high = w.tables[b] + v * (w.tables[b + 1] - w.tables[b])
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
