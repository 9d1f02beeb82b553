"""The words of a serving question as numbers, each default named.

An option may bring words of its own: `--input 512,turns=4,pause=10s,shared=400`,
`--rate 4,burst=3,requests=5000,seed=1` or `--rate 1..16`,
`--concurrency 64,requests=640,warm=128,ramp=10s,think=1s`.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from chipassay.catalogue.models import FoundModel
from chipassay.errors import QuestionError, UnitError, UnknownNameError, shown
from chipassay.records.question import Question
from chipassay.units import parse

CLIENTS_PER_CHIP = 16
MOST_CHIPS = 65536
MOST_TOKENS = 2.0**24
MOST_CLIENTS = 2.0**21
MOST_REQUESTS = 2.0**22
FEWEST = "smallest"
SEARCHED = 2048
"""Chips up to which `--chips smallest` looks."""
RATES = 9
"""Rates between the two ends of a range."""
OBJECTIVES = ("ttft", "tpot")
PAUSE = "10 s"
"""Between an answer and the next turn of a talk, in the mean, where nobody says."""


class Pattern(NamedTuple):
    """What a load is like besides its size."""

    shared: float = 0.0
    """Tokens that all prompts begin with: a system prompt, a part of the input."""
    turns: float = 1.0
    """Questions of a talk; each prompt is all that was said before, and what the input adds."""
    pause: float = 0.0
    burst: float = 1.0
    """Deviation of the gaps between arrivals, over their mean: 1 is Poisson, 0 a steady beat."""
    requests: int = 0
    """How many are simulated; 0: as many as a question has time for."""
    seed: int = 0
    warm: int = 0
    """First requests that are not counted."""
    ramp: float = 0.0
    """Seconds over which the clients of a closed loop begin."""
    think: float = 0.0
    simulated: bool = False
    """Whether a closed loop is simulated, not computed."""

    def told(self) -> dict[str, Any]:
        """What differs from the plainest load."""
        plain = Pattern()._asdict()
        return {k: v for k, v in self._asdict().items() if v != plain[k] and k != "simulated"}


class Asked(NamedTuple):
    """What a serving question asks for, complete."""

    chips: int
    """0: the fewest that will do, from `least` to `most`."""
    input: float
    """Tokens of a prompt, in the mean over a talk's turns."""
    output: float
    clients: float
    rate: float
    """Requests that arrive in a second; 0: a closed loop of `clients`."""
    precision: str
    ttft: float
    tpot: float
    """Objectives in seconds; inf where none was named."""
    pattern: Pattern = Pattern()
    known: float = 0.0
    """Tokens of a prompt that an earlier one had, in the mean."""
    least: int = 1
    most: int = SEARCHED
    slowest: float = 0.0
    """Where latencies over several rates are asked, the lowest of them; `rate` is the highest."""

    def rates(self) -> list[float]:
        """The rates between the two ends, evenly by their logarithm."""
        share = self.rate / self.slowest
        last = RATES - 1
        return [self.slowest * share ** (place / last) for place in range(RATES)]

    @property
    def objective(self) -> bool:
        """Whether one was named."""
        return min(self.ttft, self.tpot) < math.inf

    def told(self) -> dict[str, Any]:
        """The load as an answer shows it."""
        load = {"rate": self.rate} if self.rate else {"concurrency": self.clients}
        sizes = {"input": self.input, "output": self.output}
        known = {"known": self.known} if self.known else {}
        return {**sizes, **load, "precision": self.precision, **self.pattern.told(), **known}


def asked(question: Question, model: FoundModel) -> Asked:
    """Every word read; refuses what is no number or makes no sense."""
    chips, least, most = _chips(question)
    first, talk = _worded(question.input, "--input", ("turns", "pause", "shared"))
    given, come = _worded(question.rate, "--rate", ("burst", "requests", "seed"))
    loop, clients = _worded(
        question.concurrency, "--concurrency", ("requests", "seed", "warm", "ramp", "think")
    )
    slowest, rate = _rates(given)
    many = _number(loop, "--concurrency", 1.0, MOST_CLIENTS) if loop else 0.0
    pattern = _pattern(talk, {**come, **clients}, bool(clients))
    tokens_in = _number(first, "--input", 1.0, MOST_TOKENS)
    tokens_out = _number(question.output, "--output", 1.0, MOST_TOKENS)
    _check(pattern, tokens_in, rate, chips)
    mean, known, longest = _talked(pattern, tokens_in, tokens_out)
    _check_context(model, longest)
    slo = objectives(question.slo or "")
    return Asked(
        chips, mean, tokens_out, many or float(CLIENTS_PER_CHIP * max(chips, 1)), rate,
        question.precision or "bf16", slo.get("ttft", math.inf), slo.get("tpot", math.inf),
        pattern, known, least, most, slowest,
    )  # fmt: skip


def _rates(written: str | None) -> tuple[float, float]:
    """The lowest rate asked, 0 where there is one only, and the highest."""
    if not written:
        return 0.0, 0.0
    low, dots, high = written.partition("..")
    rate = _number(high if dots else low, "--rate", 0.0, MOST_CLIENTS)
    slowest = _number(low, "--rate", 0.0, MOST_CLIENTS) if dots else 0.0
    if dots and slowest >= rate:
        raise QuestionError("the range runs backwards", where="--rate", hint="write 1..16")
    return slowest, rate


def _talked(pattern: Pattern, tokens_in: float, tokens_out: float) -> tuple[float, float, float]:
    """The mean prompt of a talk, how much of it was said before, and its longest context."""
    added = tokens_in - pattern.shared
    turns = pattern.turns
    mean = tokens_in + (turns - 1.0) / 2.0 * (added + tokens_out)
    known = mean - added if turns > 1.0 else pattern.shared
    return mean, known, tokens_in + tokens_out + (turns - 1.0) * (added + tokens_out)


def _check(pattern: Pattern, tokens_in: float, rate: float, chips: int) -> None:
    if pattern.shared >= tokens_in:
        problem = f"{pattern.shared:g} shared tokens leave nothing of an input of {tokens_in:g}"
        raise QuestionError(problem, where="--input", hint="shared is a part of the input")
    if pattern.turns > 1.0 and not rate:
        problem = "talks of several turns begin by themselves"
        raise QuestionError(problem, where="--input", hint="add --rate, in requests a second")
    if not chips and not rate:
        problem = "the fewest chips for what load?"
        raise QuestionError(problem, where="--chips", hint="add --rate, in requests a second")


def _check_context(model: FoundModel, longest: float) -> None:
    context = model.architecture.context
    if context and longest > context:
        problem = f"{longest:.0f} tokens are more than the {context} of {model.name}"
        raise QuestionError(problem, where="--input", hint="shorten input or output")


def _pattern(talk: dict[str, str], come: dict[str, str], closed: bool) -> Pattern:
    def number(
        words: dict[str, str], name: str, default: float, least: float, most: float
    ) -> float:
        return _number(words[name], name, least, most) if name in words else default

    def seconds(words: dict[str, str], name: str, default: str) -> float:
        return _seconds(words.get(name, default), name, name)

    turns = number(talk, "turns", 1.0, 1.0, MOST_REQUESTS)
    return Pattern(
        shared=number(talk, "shared", 0.0, 0.0, MOST_TOKENS),
        turns=turns,
        pause=seconds(talk, "pause", PAUSE) if turns > 1.0 else 0.0,
        burst=number(come, "burst", 1.0, 0.0, 64.0),
        requests=int(number(come, "requests", 0.0, 2.0, MOST_REQUESTS)),
        seed=int(number(come, "seed", 0.0, 0.0, 2.0**31)),
        warm=int(number(come, "warm", 0.0, 0.0, MOST_REQUESTS)),
        ramp=seconds(come, "ramp", "0 s"),
        think=seconds(come, "think", "0 s"),
        simulated=closed,
    )


def _worded(
    written: str | None, where: str, known: tuple[str, ...]
) -> tuple[str | None, dict[str, str]]:
    """An option's number, and the words after it."""
    if written is None:
        return None, {}
    head, *rest = written.split(",")
    words: dict[str, str] = {}
    for each in rest:
        key, equals, value = each.strip().partition("=")
        if key not in known:
            raise UnknownNameError("word", key, known, where=where, hint=f"has {', '.join(known)}")
        if not equals or key in words:
            raise QuestionError(f"{shown(each)} is no word", where=where, hint=f"write {key}=…")
        words[key] = value
    return head.strip(), words


def _chips(question: Question) -> tuple[int, int, int]:
    """How many, or 0 and between which ends the fewest are looked for."""
    written = question.chips[0].strip() if question.chips else "1"
    if written == FEWEST and len(question.chips) == 1:
        return 0, 1, SEARCHED
    low, dots, high = written.partition("..")
    ends = (low, high) if dots else (low, low)
    whole = all(each.isdecimal() and 1 <= int(each) <= MOST_CHIPS for each in ends)
    if len(question.chips) > 1 or not whole or int(ends[0]) > int(ends[1]):
        hint = "write --chips 8; or --chips smallest, or 8..256, for the fewest that will do"
        raise QuestionError(f"{shown(written)} is no number of chips", where="--chips", hint=hint)
    return (0 if dots else int(low)), int(ends[0]), int(ends[1])


def _number(written: str | None, where: str, least: float, most: float) -> float:
    if written is None:
        raise QuestionError("is missing", where=where, hint=f"add {where} 1024")
    try:
        value = float(written)
    except ValueError:
        value = math.nan
    if not least <= value <= most or (value <= 0 and where.startswith("--")):
        hint = "write a number above zero, as in 1024"
        if least > 1 or not where.startswith("--"):
            hint = f"write a number from {least:g} to {most:g}"
        raise QuestionError(f"{shown(written)} is no count", where=where, hint=hint)
    return value


def _seconds(written: str, where: str, name: str) -> float:
    hint = f"write {name}=2s, or 50ms"
    try:
        found = parse(written, "s")
    except UnitError as error:
        raise QuestionError(f"{shown(written)} is no time", where=where, hint=hint) from error
    if not 0 <= found < math.inf:
        raise QuestionError(f"{shown(written)} is no time", where=where, hint=hint)
    return found


def objectives(written: str) -> dict[str, float]:
    """`ttft=2s,tpot=50ms` in seconds."""
    found = {}
    for each in filter(None, (part.strip() for part in written.split(","))):
        name, _, limit = each.partition("=")
        hint = "write ttft=2s,tpot=50ms"
        if name not in OBJECTIVES:
            raise QuestionError(f"{shown(each)} is no objective", where="--slo", hint=hint)
        found[name] = _seconds(limit, "--slo", name)
        if not found[name] > 0:
            raise QuestionError(f"{shown(limit)} is no time above zero", where="--slo", hint=hint)
    return found
