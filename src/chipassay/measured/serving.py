"""Measured serving: rows of the two public tables as plain records.

The closed-loop table (aiconfigurator's) states the whole parallel configuration, but not always in
the same convention: where its tensor size (or its attention-data size) is that of the experts
squared, it is the product of two columns that each held the true one. The published table states
throughputs and latencies as pages and threads print them.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from chipassay.errors import QuestionError
from chipassay.records.serve_plan import ServePlan
from chipassay.units import parse

CLOSED = ("silicon_ttft_ms", "silicon_tpot_ms", "model_path")
PUBLISHED = ("metric", "value", "batch_or_concurrency")
SWEEPS = re.compile(r"20\d\d-\d\d-\d\d")
"""Dates name the exports of the public nightly sweep (InferenceX)."""
CONCURRENCY = re.compile(r"silicon_concurrency=(\d+)")
MEASURED = re.compile(r"measured=(\d{4}-\d{2}-\d{2}[\w:.]*)")
SPECULATING = (("1.2.0rc6.post3", "2026-02-01"), ("1.1.0rc2.post2", "2026-01-01"))
"""Images of TensorRT-LLM, and the day from which that sweep ran them, with DeepSeek's predictor of
three tokens: its list has runs with and without one, and each kind had an image of its own."""
GUESSES = 3.0
MILLI = parse("1 ms", "s")


class Pool(NamedTuple):
    """Workers of one kind in a disaggregated deployment."""

    plan: ServePlan
    workers: float
    """0 where the table does not say."""
    batch: float
    seats: float = math.inf
    """Sequences of a worker at most, where its setting is known."""


class ServingRow(NamedTuple):
    """One measured deployment under one load; NaN where the table does not say."""

    id: str
    source: str
    chip: str
    model: str
    engine: str
    version: str
    weights: str
    mode: str
    input: float
    output: float
    clients: float
    plan: ServePlan
    prefill: Pool | None
    decode: Pool | None
    benchmark: str
    """Key of the benchmarks' habits: "sweep" or "plain"."""
    drafts: float
    ttft: float
    tpot: float
    day: str = ""
    """When it was measured; rows of one run share it to the second."""
    sure: bool = True
    """Whether the plan is the one that ran, and not one of several that may have."""


def columns_of(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file. Raises `QuestionError` in one line for one that cannot be read."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except OSError as error:
        raise QuestionError(str(error.strerror), where=str(path), hint="give a .csv") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise QuestionError(f"is no CSV file: {error}", where=str(path)) from None


def kind_of(rows: list[dict[str, str]], path: Path) -> str:
    """ "closed" or "published", by the columns."""
    names = set(rows[0]) if rows else set()
    for kind, needed in (("closed", CLOSED), ("published", PUBLISHED)):
        if names.issuperset(needed):
            return kind
    hint = f"it needs {', '.join(CLOSED)}; or {', '.join(PUBLISHED)}"
    raise QuestionError("is no table of measured serving", where=str(path), hint=hint)


def closed_rows(rows: list[dict[str, str]]) -> Iterator[ServingRow]:
    """The closed-loop table's rows, in seconds."""
    for row in rows:
        yield _closed(row)


def _closed(row: Mapping[str, str]) -> ServingRow:
    source = text(row, "silicon_data_source")
    found = CONCURRENCY.search(source)
    plan = _plan(row, "")
    clients = float(found[1]) if found else number(row, "batch_size") * plan.attention_data
    split = text(row, "mode") == "disagg"
    prefill, decode = (_pool(row, "prefill_"), _pool(row, "decode_")) if split else (None, None)
    if not found and decode is not None:
        ranks = decode.plan.attention_data
        clients = decode.batch * decode.workers * ranks
    return ServingRow(
        id=text(row, "id"),
        source=source.split(";")[0],
        chip=text(row, "system"),
        model=row["model_path"],
        engine=text(row, "backend"),
        version=text(row, "backend_version"),
        weights=_weights(row),
        mode=text(row, "mode"),
        input=number(row, "isl"),
        output=number(row, "osl"),
        clients=clients,
        plan=plan,
        prefill=prefill,
        decode=decode,
        benchmark="sweep" if SWEEPS.search(source.split(";")[0]) else "plain",
        drafts=_drafts(row),
        ttft=number(row, "silicon_ttft_ms") * MILLI,
        tpot=number(row, "silicon_tpot_ms") * MILLI,
        day=_day(source),
    )


def _day(source: str) -> str:
    found = MEASURED.search(source)
    return found[1] if found else ""


def _weights(row: Mapping[str, str]) -> str:
    """The format of the weights: experts' where they differ, 16 bits where nothing is said."""
    told = (text(row, name) for name in ("moe_quant_mode", "gemm_quant_mode", "precision"))
    return next((each for each in told if each), "bf16")


def _drafts(row: Mapping[str, str]) -> float:
    """Guessed tokens, as far as the image tells."""
    day = _day(text(row, "silicon_data_source"))
    deep = "deepseek" in row["model_path"].casefold()
    known = any(
        text(row, "backend_version") == version and day >= since for version, since in SPECULATING
    )
    return GUESSES if deep and known and text(row, "mode") != "disagg" else 0.0


def _pool(row: Mapping[str, str], prefix: str) -> Pool:
    workers = number(row, f"{prefix}num_workers")
    return Pool(
        _plan(row, prefix),
        0.0 if math.isnan(workers) else workers,
        number(row, f"{prefix}batch_size"),
    )


def _plan(row: Mapping[str, str], prefix: str) -> ServePlan:
    """One worker's degrees, whichever convention they are written in."""
    tensor = count(row, f"{prefix}tp_size")
    data = count(row, f"{prefix}attention_dp_size")
    split, expert = count(row, f"{prefix}moe_tp_size"), count(row, f"{prefix}moe_ep_size")
    if split == expert > 1 and tensor * data == split * expert:
        tensor, data = (tensor, data // expert) if data > 1 else (tensor // expert, data)
    elif tensor == data > 1 and expert == tensor * data:
        tensor, expert = 1, data
    pipeline = count(row, f"{prefix}pp_size")
    return ServePlan(tensor, pipeline, data, min(expert, tensor * data))


def text(row: Mapping[str, str], name: str) -> str:
    """A cell; "" where the table has no such column."""
    return row.get(name) or ""


def number(row: Mapping[str, str], name: str) -> float:
    """A cell as a number; NaN where it is empty or none."""
    try:
        return float(row.get(name) or "nan")
    except ValueError:
        return math.nan


def count(row: Mapping[str, str], name: str) -> int:
    """A cell as a count of at least one."""
    value = number(row, name)
    return int(value) if math.isfinite(value) and value >= 1.0 else 1
