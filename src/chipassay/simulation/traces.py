"""Readers of public traces of requests: their formats only; no row is kept in the project.

Azure's are CSV with TIMESTAMP, ContextTokens, GeneratedTokens (Patel et al., ISCA 2024); Mooncake's
are JSON lines with timestamp in milliseconds, input_length, output_length and hash_ids of blocks of
512 tokens (Qin et al., FAST 2025). Every refusal has the line.
"""

from __future__ import annotations

import csv
import datetime
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from chipassay.errors import QuestionError, shown
from chipassay.simulation.loads import Load, at_times
from chipassay.units import parse

MOONCAKE_BLOCK = 512
_AZURE = ("TIMESTAMP", "ContextTokens", "GeneratedTokens")


class _Row(NamedTuple):
    at: float
    prompt: int
    output: int
    hashes: tuple[int, ...] = ()


def read_trace(path: Path, *, first: int = 0, empty: str = "refuse") -> Load:
    """A load from a trace, `.csv` in Azure's form or `.jsonl` in Mooncake's; `first` rows, 0 all.

    `empty` says what becomes of requests without a prompt or an answer: `refuse` the trace, or
    `drop` them and count them in `Load.left_out`.
    Raises `QuestionError` with the line for what is malformed, out of order, or empty.
    """
    if path.suffix.lower() not in (".csv", ".jsonl"):
        hint = "Azure's form ends in .csv, Mooncake's in .jsonl"
        raise QuestionError("no form of a trace", where=str(path), hint=hint)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise QuestionError(str(error.strerror), where=str(path), hint="give a trace") from None
    except UnicodeDecodeError:
        raise QuestionError("is no text", where=str(path), hint="give a trace") from None
    read = _azure if path.suffix.lower() == ".csv" else _mooncake
    rows: list[_Row] = []
    dropped = 0
    for line, row in read(text, str(path)):
        if min(row.prompt, row.output) < 1:
            if empty == "drop" and min(row.prompt, row.output) == 0:
                dropped += 1
                continue
            what = f"a request of {row.prompt} tokens and an answer of {row.output}"
            hint = "both need one token at least; leave it out"
            raise QuestionError(what, where=f"{path}:{line}", hint=hint)
        if rows and row.at < rows[-1].at:
            hint = "sort the trace"
            raise QuestionError("this came before the one above", where=f"{path}:{line}", hint=hint)
        rows.append(row)
        if len(rows) == first:
            break
    if not rows:
        what = (
            f"none of {dropped} requests has a prompt and an answer"
            if dropped
            else "the trace is empty"
        )
        raise QuestionError(what, where=str(path), hint="give one with requests")
    return _load(rows)._replace(left_out=dropped)


def _load(rows: list[_Row]) -> Load:
    prompt = np.array([row.prompt for row in rows], np.int64)
    output = np.array([row.output for row in rows], np.int64)
    arrival = [row.at for row in rows]
    if not any(row.hashes for row in rows):
        return at_times(prompt, output, arrival)
    full = [row.hashes[: row.prompt // MOONCAKE_BLOCK] for row in rows]
    start = np.concatenate([[0], np.cumsum([len(each) for each in full])]).astype(np.int64)
    hashes = np.array([name for each in full for name in each], np.int64)
    return at_times(
        prompt, output, arrival, hashes=hashes, hash_start=start, hash_tokens=MOONCAKE_BLOCK
    )


def _azure(text: str, name: str) -> Iterator[tuple[int, _Row]]:
    lines = csv.reader(text.splitlines())
    header = next(lines, [])
    if header and tuple(header) != _AZURE:
        raise QuestionError(
            f"columns {shown(','.join(header))}", where=f"{name}:1", hint=f"want {','.join(_AZURE)}"
        )
    for number, cells in enumerate(lines, 2):
        if not cells:
            continue
        where = f"{name}:{number}"
        if len(cells) != len(_AZURE):
            raise QuestionError(f"{len(cells)} cells, not {len(_AZURE)}", where=where)
        yield (
            number,
            _Row(_moment(cells[0], where), _whole(cells[1], where), _whole(cells[2], where)),
        )


def _moment(cell: str, where: str) -> float:
    """Seconds; Azure writes seven digits after the point, one more than Python reads."""
    whole, _, part = cell.strip().partition(".")
    try:
        day = datetime.datetime.fromisoformat(whole).replace(tzinfo=datetime.UTC)
        return day.timestamp() + float(f"0.{part or 0}")
    except ValueError:
        hint = "write 2023-11-16 18:17:03.9799600"
        raise QuestionError(f"{shown(cell)} is no time", where=where, hint=hint) from None


def _whole(value: Any, where: str) -> int:
    try:
        number = int(value)
        if isinstance(value, bool) or float(value) != number:
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise QuestionError(f"{shown(value)} is no count of tokens", where=where) from None
    return number


def _mooncake(text: str, name: str) -> Iterator[tuple[int, _Row]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        where = f"{name}:{number}"
        try:
            row = json.loads(line)
            at = float(row["timestamp"]) * parse("1 ms", "s")
            lengths = row["input_length"], row["output_length"]
            hashes = row.get("hash_ids", ())
        except (ValueError, KeyError, TypeError, AttributeError):
            hint = "want timestamp, input_length, output_length and hash_ids"
            raise QuestionError(f"no request: {shown(line)}", where=where, hint=hint) from None
        if not math.isfinite(at) or not isinstance(hashes, (list, tuple)):
            raise QuestionError("a time or hashes that are none", where=where)
        prompt, output = (_whole(length, where) for length in lengths)
        yield number, _Row(at, prompt, output, tuple(_whole(each, where) for each in hashes))
