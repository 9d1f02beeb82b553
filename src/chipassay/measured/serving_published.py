"""Published serving figures: what each row says of its load, plan and formats, words made numbers.

Pages and threads leave much unsaid. What a benchmark's rules fix is taken from them (lengths of
MLPerf's data sets, its limits of latency); what nobody says is left empty for the prediction to
choose: the plan, or as many clients as give the most.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import NamedTuple

from chipassay.measured.serving import number
from chipassay.units import parse

NODE = 8.0
KIBI = parse("1 KiB", "B")
RATES = {
    "output_tokens_per_s": ("output", 0.0),
    "output_tokens_per_s_per_gpu": ("output", 1.0),
    "output_tokens_per_s_per_node": ("output", NODE),
    "total_tokens_per_s": ("total", 0.0),
    "input_tokens_per_s": ("input", 0.0),
    "input_tokens_per_s_per_gpu": ("input", 1.0),
    "input_tokens_per_s_per_node": ("input", NODE),
}
"""Metrics of throughput: which tokens count, and on how many chips (0: on all)."""
TIMES = {
    "ttft_ms": ("ttft", "1 ms"),
    "tpot_ms": ("tpot", "1 ms"),
    "ttft_p99_ms": ("ttft_p99", "1 ms"),
    "tpot_p99_ms": ("tpot_p99", "1 ms"),
    "Mean latency": ("latency", "1 s"),
}
LIMITS = {
    ("llama2-70b", "server"): (2.0, 0.2),
    ("llama2-70b", "interactive"): (0.45, 0.04),
    ("llama3.1-405b", "server"): (6.0, 0.175),
    ("llama3.1-405b", "interactive"): (4.5, 0.08),
    ("llama3.1-8b", "server"): (2.0, 0.1),
    ("llama3.1-8b", "interactive"): (0.5, 0.03),
    ("mixtral-8x7b", "server"): (2.0, 0.2),
    ("deepseek-r1", "server"): (2.0, 0.08),
}
"""MLPerf's limits of the 99th percentiles: time to first token, time per output token, in s."""
LENGTHS = {
    "llama2-70b": (294.0, 294.0),
    "llama3.1-405b": (9428.0, 684.0),
    "llama3.1-8b": (780.0, 128.0),
    "mixtral-8x7b": (294.0, 145.0),
    "deepseek-r1": (800.0, 3880.0),
}
"""Mean tokens of MLPerf's data sets, as the table itself recalls them."""
CHAT = (220.0, 200.0)
"""Mean tokens of ShareGPT's conversations as benchmarks cut them (traces' lengths)."""
_IN_OUT = re.compile(r"(\d+(?:\.\d+)?)\s*(K?) in / (\d+(?:\.\d+)?)\s*(K?) out")
_VERSIONS = re.compile(r"[;\s]\s*- (?:vLLM|vLLM-Ascend|SGLang)\b.*$", re.DOTALL)
"""A list of the versions that a page compares: none of them is the one that ran."""
_NARROW = re.compile(r"\S+[-_](FP8|NVFP4|AWQ|INT8)(?=\s|$)", re.IGNORECASE)
_TENSOR = re.compile(r"--(?:tp|tp[-_]size|tensor-parallel-size)[ =](\d+)")
_FORMATS = {"fp8": "fp8", "nvfp4": "nvfp4", "awq": "w4a16", "int8": "int8"}
_SPELLED = {"llama3_1": "llama3.1", "deepseek-v3/r1": "deepseek-v3", "llama-70b": "llama2-70b",
            "llama-7b": "llama2-7b"}  # fmt: skip


class PublishedRow(NamedTuple):
    """One published figure; NaN or "" where the row does not say."""

    id: str
    source: str
    chip: str
    chips: float
    tensor: float
    pipeline: float
    expert: float
    model: str
    weights: str
    cache: str
    software: str
    input: float
    output: float
    clients: float
    """Over all chips; inf: as many as give the most."""
    rate: float
    limits: tuple[float, float]
    metric: str
    """ "throughput", "ttft", "tpot", "ttft_p99", "tpot_p99" or "latency"."""
    counted: str
    """Tokens that a throughput counts: output, input or total."""
    over: float
    """Chips that a throughput is told for; 0: all."""
    value: float
    decodes: bool
    """A decode pool: prompts are filled elsewhere."""
    fills: bool
    drafts: float


def published_row(row: Mapping[str, str]) -> PublishedRow | str:
    """The row, or why it states no figure of serving."""
    metric = row["metric"]
    if metric not in RATES and metric not in TIMES:
        return f"{metric} is no latency and no throughput"
    if "," in row["chip"]:
        return "names chips of two kinds"
    if row["notes"].startswith("LOW TRUST"):
        return "is said to be of low trust"
    model = _model(row["model"])
    found, scale = TIMES.get(metric, ("throughput", "1 s"))
    counted, over = RATES.get(metric, ("", 0.0))
    load = row["batch_or_concurrency"].casefold()
    lengths = _lengths(row, model)
    weights, _, cache = row["precision"].partition("/")
    command = _VERSIONS.sub("", row["notes"])
    return PublishedRow(
        row["id"], row["source"], row["chip"], number(row, "n_chips"), _tensor(row, command),
        number(row, "pp"), _first(row["ep"]), model,
        weights.split("+")[0] or _format(command),
        cache if cache not in ("-", "") else "", f"{row['framework']} {command}",
        *lengths, _clients(load, number(row, "n_chips")), _rate(load), _limits(model, load),
        found, counted, over, number(row, "value") * parse(scale, "s"),
        _decodes(row), counted == "input" or row["output_len"] == "1", _drafts(row["notes"]),
    )  # fmt: skip


def _model(name: str) -> str:
    bare = re.sub(r"-99(\.9)?$", "", name)
    for written, meant in _SPELLED.items():
        if bare.casefold().startswith(written):
            return meant + bare[len(written) :]
    return bare


def _lengths(row: Mapping[str, str], model: str) -> tuple[float, float]:
    known = LENGTHS.get(model.casefold(), CHAT)
    found = _IN_OUT.search(row["notes"])
    if found:
        size = {"K": KIBI, "": 1.0}
        known = (float(found[1]) * size[found[2]], float(found[3]) * size[found[4]])
    asked = (_first(row["input_len"]), _first(row["output_len"]))
    tokens_in, tokens_out = (k if math.isnan(a) else a for a, k in zip(asked, known, strict=True))
    return tokens_in, tokens_out


def _tensor(row: Mapping[str, str], command: str) -> float:
    """Tensor ranks: of their column, else of the command that started the server."""
    found = _TENSOR.search(command)
    return float(found[1]) if found and math.isnan(number(row, "tp")) else number(row, "tp")


def _format(command: str) -> str:
    """The format that the name of the served checkpoint ends with; "" where none is told."""
    found = _NARROW.search(command)
    return _FORMATS[found[1].casefold()] if found else ""


def _first(text: str) -> float:
    """The first number of a cell: "~780" is 780, "32p/72d" is 32."""
    found = re.search(r"\d+(?:\.\d+)?", text or "")
    return float(found[0]) if found else math.nan


def _clients(load: str, chips: float) -> float:
    if "req/s" in load:
        return math.nan
    count = _first(load)
    if math.isnan(count):
        return 1.0 if load == "low" else math.inf
    if "/gpu" in load:
        return count * chips
    return count * 2.0 * chips if "/die" in load else count


def _rate(load: str) -> float:
    return _first(load) if "req/s" in load else math.nan


def _limits(model: str, load: str) -> tuple[float, float]:
    return LIMITS.get((model.casefold(), load), (math.inf, math.inf))


def _decodes(row: Mapping[str, str]) -> bool:
    """Whether only decoding is meant: rows of a pool, or of wide expert parallelism."""
    if not row["metric"].startswith(("output", "tpot")):
        return False
    words = row["notes"].casefold()
    wide = _first(row["ep"]) >= 2.0 * NODE
    return wide or "decode" in words or "disagg" in words


def _drafts(notes: str) -> float:
    found = re.search(r"steps=(\d)", notes)
    if found:
        return float(found[1])
    return 1.0 if "MTP" in notes else 0.0
