"""A text to be checked, as plain text that knows where each of its characters came from."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

_BREAK = re.compile(r"\n\s*\n|\n")
_BLANK = re.compile(r"\n[ \t]*\n")
WRAPPED_LINE = 100
"""Lines of prose no longer than this, in paragraphs apart, were wrapped by an editor."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table, with the texts of its row's and its column's head."""

    start: int
    end: int
    row: tuple[int, int]
    column: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Document:
    """Plain `text`; `starts[i]` and `ends[i]` bound its character i in `original`."""

    name: str
    original: str
    text: str
    starts: array[int] | None = None
    ends: array[int] | None = None
    cells: tuple[Cell, ...] = ()
    date: str = ""
    form: str = "text"
    warnings: tuple[str, ...] = ()

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Where a span of `text` lies in the original."""
        if self.starts is None or self.ends is None or not self.starts:
            return start, end
        last = len(self.starts) - 1
        return self.starts[min(start, last)], self.ends[min(max(end - 1, start), last)]

    def paragraphs(self) -> Iterator[tuple[int, int]]:
        """Spans of `text` in which a pronoun may look back; table cells are left out."""
        taken = [(min(c.start, c.row[0], c.column[0]), c.end) for c in self.cells]
        spans = {(c.start, c.end) for c in self.cells} | {c.row for c in self.cells}
        spans |= {c.column for c in self.cells}
        covered = _merged(sorted(spans)) if taken else []
        breaks = _BLANK if self.form == "text" and _is_wrapped(self.text) else _BREAK
        for start, end in _pieces(self.text, breaks):
            yield from _outside(start, end, covered)


class Builder:
    """Plain text put together piece by piece, each with its place in the original."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self.starts = array("l")
        self.ends = array("l")

    def __len__(self) -> int:
        return self._length

    def add(self, text: str, start: int, *, end: int | None = None) -> None:
        """Text that stands at `start`; with `end`, all of it stands for that one stretch."""
        if not text:
            return
        self._parts.append(text)
        self._length += len(text)
        if end is None:
            self.starts.extend(range(start, start + len(text)))
            self.ends.extend(range(start + 1, start + len(text) + 1))
        else:
            self.starts.extend([start] * len(text))
            self.ends.extend([end] * len(text))

    def text(self) -> str:
        """All of it."""
        return "".join(self._parts)


def _is_wrapped(text: str) -> bool:
    lines = [line for line in text.split("\n") if line.strip()]
    if not _BLANK.search(text) or len(lines) < 4:
        return False
    long = sorted(len(line) for line in lines)[len(lines) * 9 // 10]
    running = sum(line.rstrip()[-1] not in ".!?:。！？：" for line in lines)
    return long <= WRAPPED_LINE and running * 2 >= len(lines)


def _pieces(text: str, breaks: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    begin = 0
    for found in breaks.finditer(text):
        if text[begin : found.start()].strip():
            yield begin, found.start()
        begin = found.end()
    if text[begin:].strip():
        yield begin, len(text)


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if end <= start:
            continue
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _outside(start: int, end: int, covered: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """A span without what tables cover."""
    for left, right in covered:
        if right <= start or left >= end:
            continue
        if left > start:
            yield start, left
        start = max(start, right)
    if start < end:
        yield start, end
