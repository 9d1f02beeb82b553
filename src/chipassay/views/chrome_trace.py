"""A run in Chrome's trace format: open it in chrome://tracing or ui.perfetto.dev.

One process for each engine, one row for each request it holds at once; a request shows as waiting,
prefill, decode. Counters carry the queue and the cache.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from chipassay.errors import QuestionError
from chipassay.units import convert

_ROW = ("arrival", "admitted", "first", "finish")
_SPANS = (("waiting", "arrival", "admitted"), ("prefill", "admitted", "first"),
          ("decode", "first", "finish"))  # fmt: skip


def write_chrome_trace(run: Any, path: Path) -> None:
    """Write a run (with `_ROW`, `home` and `engines.trails`) as JSON, whole or not at all."""
    if not path.parent.is_dir():
        raise QuestionError("no such folder", where=f"--plot {path}", hint="make it first")
    text = json.dumps({"traceEvents": list(events(run)), "displayTimeUnit": "ms"})
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def events(run: Any) -> Iterator[dict[str, Any]]:
    """All spans and counters; times in microseconds."""
    yield from _spans(run)
    for engine, trail in enumerate(run.engines.trails):
        for time, queued, running, held, known in trail.tolist():
            count = {"queued": queued, "running": running}
            blocks = {"held": held, "remembered": known}
            for name, args in (("requests", count), ("cache blocks", blocks)):
                yield {"name": name, "ph": "C", "pid": engine, "ts": _us(time), "args": args}


def _spans(run: Any) -> Iterator[dict[str, Any]]:
    columns = [getattr(run, name).tolist() for name in _ROW]
    rows = zip(*columns, run.home.tolist(), range(len(columns[0])), strict=True)
    whole = [row for row in rows if all(value == value for value in row[:4])]
    for lane, row in _lanes(sorted(whole)):
        times = dict(zip(_ROW, row, strict=False))
        for name, begin, end in _SPANS:
            yield {
                "name": f"{name} {row[5]}", "cat": name, "ph": "X", "pid": row[4], "tid": lane,
                "ts": _us(times[begin]), "dur": _us(times[end] - times[begin]),
            }  # fmt: skip


def _lanes(rows: Sequence[Any]) -> Iterator[tuple[int, Any]]:
    """The lowest row of an engine that is free when a request comes."""
    free: dict[int, list[int]] = {}
    busy: list[tuple[float, int, int]] = []
    used: dict[int, int] = {}
    for row in rows:
        while busy and busy[0][0] <= row[0]:
            _, engine, lane = heapq.heappop(busy)
            heapq.heappush(free.setdefault(engine, []), lane)
        engine = row[4]
        if free.get(engine):
            lane = heapq.heappop(free[engine])
        else:
            lane = used[engine] = used.get(engine, -1) + 1
        heapq.heappush(busy, (row[3], engine, lane))
        yield lane, row


def _us(seconds: float) -> float:
    return round(convert(seconds, "us"), 3)
