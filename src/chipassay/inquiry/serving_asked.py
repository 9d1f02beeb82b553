"""The words of a serving question as numbers, each default named."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from chipassay.catalogue.models import FoundModel
from chipassay.errors import QuestionError, UnitError, shown
from chipassay.records.question import Question
from chipassay.units import parse

CLIENTS_PER_CHIP = 16
MOST_TOKENS = 2.0**24
MOST_CLIENTS = 2.0**21
OBJECTIVES = ("ttft", "tpot")


class Asked(NamedTuple):
    """What a serving question asks for, complete."""

    chips: int
    input: float
    output: float
    clients: float
    rate: float
    """Requests that arrive in a second; 0: a closed loop of `clients`."""
    precision: str
    ttft: float
    tpot: float
    """Objectives in seconds; inf where none was named."""

    def told(self) -> dict[str, Any]:
        """The load as an answer shows it."""
        load = {"rate": self.rate} if self.rate else {"concurrency": self.clients}
        return {"input": self.input, "output": self.output, **load, "precision": self.precision}


def asked(question: Question, model: FoundModel) -> Asked:
    """Every word read; refuses what is no number or makes no sense."""
    chips = _chips(question)
    rate = _number(question.rate, "--rate", 0.0, MOST_CLIENTS) if question.rate else 0.0
    clients = float(CLIENTS_PER_CHIP * chips)
    if question.concurrency is not None:
        clients = _number(question.concurrency, "--concurrency", 1.0, MOST_CLIENTS)
    tokens_in = _number(question.input, "--input", 1.0, MOST_TOKENS)
    tokens_out = _number(question.output, "--output", 1.0, MOST_TOKENS)
    context = model.architecture.context
    if context and tokens_in + tokens_out > context:
        problem = f"{tokens_in + tokens_out:.0f} tokens are more than the {context} of {model.name}"
        raise QuestionError(problem, where="--input", hint="shorten input or output")
    slo = objectives(question.slo or "")
    return Asked(
        chips, tokens_in, tokens_out, clients, rate, question.precision or "bf16",
        slo.get("ttft", math.inf), slo.get("tpot", math.inf),
    )  # fmt: skip


def _chips(question: Question) -> int:
    written = question.chips[0] if question.chips else "1"
    if len(question.chips) > 1 or not written.isdecimal() or not 1 <= int(written) <= 65536:
        hint = "write a whole number, as in --chips 8"
        raise QuestionError(f"{shown(written)} is no number of chips", where="--chips", hint=hint)
    return int(written)


def _number(written: str | None, where: str, least: float, most: float) -> float:
    if written is None:
        raise QuestionError("is missing", where=where, hint=f"add {where} 1024")
    try:
        value = float(written)
    except ValueError:
        value = math.nan
    if not least <= value <= most or value <= 0:
        hint = "write a number above zero, as in 1024"
        raise QuestionError(f"{shown(written)} is no count", where=where, hint=hint)
    return value


def objectives(written: str) -> dict[str, float]:
    """`ttft=2s,tpot=50ms` in seconds."""
    found = {}
    for each in filter(None, (part.strip() for part in written.split(","))):
        name, _, limit = each.partition("=")
        hint = "write ttft=2s,tpot=50ms"
        if name not in OBJECTIVES:
            raise QuestionError(f"{shown(each)} is no objective", where="--slo", hint=hint)
        try:
            found[name] = parse(limit, "s")
        except UnitError as error:
            raise QuestionError(f"{shown(limit)} is no time", where="--slo", hint=hint) from error
        if not found[name] > 0:
            raise QuestionError(f"{shown(limit)} is no time above zero", where="--slo", hint=hint)
    return found
