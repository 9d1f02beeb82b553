"""Tables as cells that know the heads of their row and column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chipassay.claims.text.document import Cell

Span = tuple[int, int]
MOST_CELLS = 20_000
_RULE = re.compile(r"^[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)*\|?[ \t]*$")


def cells(rows: Sequence[Sequence[Span]]) -> tuple[Cell, ...]:
    """Every cell of a table below its first row and right of its first column."""
    if len(rows) < 2:
        return ()
    head = rows[0]
    found = []
    for row in rows[1:]:
        for column, (start, end) in enumerate(row):
            if column == 0 or column >= len(head):
                continue
            found.append(Cell(start, end, row[0], head[column]))
    return tuple(found)


def markdown_cells(text: str) -> tuple[Cell, ...]:
    """The cells of every pipe table of a Markdown text."""
    found: list[Cell] = []
    rows: list[list[Span]] = []
    for start, line in _lines(text):
        if "|" in line and not _RULE.match(line):
            rows.append(_row(start, line))
        elif "|" not in line or not rows:
            found += cells(rows)
            rows = []
        if len(found) > MOST_CELLS:
            break
    return (*found, *cells(rows))[:MOST_CELLS]


_FIGURE = re.compile(r"\d\s?(?:[KMGT]?B\b|[KMGT]B/s|k?W\b|[TPG]?FLOPS|TOPS|nm\b|mm|[MG]Hz|\$|%)")


def text_cells(text: str) -> tuple[Cell, ...]:
    """The cells of tables in plain text: lines with bars, or with tabs, below a line of heads.

    A first line that holds figures is none of heads, and its lines are left to be read as prose.
    """
    found: list[Cell] = []
    for mark in ("|", "\t"):
        rows: list[list[Span]] = []
        for start, line in (*_lines(text), (len(text), "")):
            if line.count(mark) >= (2 if mark == "\t" else 1) and not _RULE.match(line):
                rows.append(_row(start, line, mark))
            elif rows:
                found += _headed(text, rows)
                rows = []
            if len(found) > MOST_CELLS:
                break
    return tuple(found[:MOST_CELLS])


def _headed(text: str, rows: list[list[Span]]) -> tuple[Cell, ...]:
    heads = " ".join(text[start:end] for start, end in rows[0][1:])
    alike = all(len(row) == len(rows[0]) for row in rows)
    return cells(rows) if len(rows) > 1 and alike and not _FIGURE.search(heads) else ()


def _lines(text: str) -> Iterator[tuple[int, str]]:
    at = 0
    for line in text.split("\n"):
        yield at, line
        at += len(line) + 1


def _row(start: int, line: str, mark: str = "|") -> list[Span]:
    spans: list[Span] = []
    at = 0
    for part in line.split(mark):
        left = at + len(part) - len(part.lstrip())
        spans.append((start + left, start + max(left, at + len(part.rstrip()))))
        at += len(part) + 1
    if spans and not line[: line.find(mark)].strip():
        spans = spans[1:]
    if spans and not line[line.rfind(mark) + 1 :].strip():
        spans = spans[:-1]
    return spans
