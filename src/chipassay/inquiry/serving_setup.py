"""What `--plan` says besides degrees: pools, guessed tokens, the router, the scheduler.

    tp=8,mtp=1,accept=0.8,routing=prefix-aware,schedule=sglang,chunk=2048
    prefill=ascend-910b1*8:tp=8,decode=h20-96gb*8:tp=4

A pool is a chip and how many of them, then words of its own after colons; what it leaves out is as
the question says it. Words outside a pool hold for both.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from chipassay.errors import QuestionError, UnknownNameError, shown
from chipassay.inquiry.serving_plans import CACHE_WORD, MOST_CHIPS, WORDS
from chipassay.model.serve_loop import ACCEPTANCE, accepted
from chipassay.simulation.building import ROUTINGS
from chipassay.simulation.policies import POLICIES

ROLES = ("prefill", "decode")
TOGETHER = "both"
MOST_DRAFTS = 16
OWN = (CACHE_WORD, "mtp", "accept", "routing", "schedule", "chunk")
SCHEDULER = ("schedule", "chunk")
OF_A_POOL = ("engine", "precision", "schedule", "chunk")
HINT = "write prefill=CHIP*8:tp=8,decode=CHIP*8:tp=4"


class PoolAsked(NamedTuple):
    """One pool as it is asked for; "" and 0 are left to the question or to a search."""

    role: str = TOGETHER
    chip: str = ""
    chips: int = 0
    degrees: str = ""
    """As `read_plan` takes them."""
    engine: str = ""
    precision: str = ""
    schedule: str = ""
    chunk: float = 0.0


class Setup(NamedTuple):
    """How a model is served, beside degrees of parallelism."""

    pools: tuple[PoolAsked, ...] = (PoolAsked(),)
    cache: str = ""
    drafts: int = 0
    """Tokens that a step guesses for each sequence."""
    acceptance: float = math.nan
    """Chance that a guess is taken once those before it were; NaN: as measured."""
    routing: str = "least-outstanding"

    @property
    def apart(self) -> bool:
        """Whether prefill and decode have pools of their own."""
        return len(self.pools) > 1

    @property
    def yields(self) -> float:
        """Tokens that a step yields for each sequence."""
        if math.isnan(self.acceptance):
            return accepted(self.drafts)
        return sum(self.acceptance**guess for guess in range(self.drafts + 1))


def read_setup(written: str | None) -> Setup:
    """`--plan` in its parts. Raises `QuestionError` in one line for a word it does not know."""
    said: dict[str, str] = {}
    for each in filter(None, (part.strip() for part in (written or "").split(","))):
        key, equals, value = each.partition("=")
        if not equals:
            hint = f"write tp=8,dp=1,ep=8,pp=1,replicas=2,kv=fp8, or {HINT[6:]}"
            raise QuestionError(f"{shown(each)} is no part of a plan", where="--plan", hint=hint)
        if key not in (*WORDS, *OWN, *ROLES):
            known = [*WORDS, *OWN, *ROLES]
            raise UnknownNameError("part of a plan", key, known, where="--plan")
        if key in said:
            problem = f"{key} is said twice"
            raise QuestionError(problem, where="--plan", hint="keep one")
        said[key] = value.strip()
    return Setup(
        _pools(said),
        said.get(CACHE_WORD, ""),
        int(_number(said.get("mtp", "0"), "mtp", 0, _most_drafts(said), whole=True)),
        _share(said),
        _named(said.get("routing", "least-outstanding"), "routing", tuple(ROUTINGS)),
    )


def _pools(said: dict[str, str]) -> tuple[PoolAsked, ...]:
    degrees = {key: value for key, value in said.items() if key in WORDS}
    scheduler: dict[str, str] = {key: said[key] for key in SCHEDULER if key in said}
    if not set(ROLES) & set(said):
        return (_pool(TOGETHER, {**degrees, **scheduler}),)
    missing = [role for role in ROLES if role not in said]
    if missing:
        problem = f"a pool for {missing[0]} is missing"
        raise QuestionError(problem, where="--plan", hint=HINT)
    if degrees:
        problem = f"{next(iter(degrees))}={next(iter(degrees.values()))} belongs to a pool"
        raise QuestionError(problem, where="--plan", hint=HINT)
    return tuple(_pool_of(role, said[role], scheduler) for role in ROLES)


def _pool_of(role: str, written: str, common: dict[str, str]) -> PoolAsked:
    """`ascend-910b1*8:tp=8`, `8:tp=8`, `ascend-910b1` or `tp=8`, each word after a colon."""
    head, *rest = written.split(":")
    chip, count = "", 0
    if "=" in head:
        rest = [head, *rest]
    elif head.strip():
        chip, star, many = head.strip().rpartition("*")
        if not star:
            chip, many = ("", head) if head.strip().isdecimal() else (head.strip(), "")
        count = int(_number(many, role, 1, MOST_CHIPS, whole=True)) if many else 0
    words: dict[str, str] = {}
    for each in filter(None, rest):
        key, equals, value = each.strip().partition("=")
        if not equals or key not in (*WORDS, *OF_A_POOL):
            known = ", ".join((*WORDS, *OF_A_POOL))
            problem = f"{shown(each)} is no word of a pool"
            raise QuestionError(problem, where=f"--plan {role}", hint=f"known: {known}")
        words[key] = value
    return _pool(role, {**common, **words}, chip, count)


def _pool(role: str, words: dict[str, str], chip: str = "", chips: int = 0) -> PoolAsked:
    schedule = words.get("schedule", "")
    return PoolAsked(
        role, chip, chips,
        ",".join(f"{key}={words[key]}" for key in words if key in WORDS),
        words.get("engine", ""), words.get("precision", ""),
        _named(schedule, "schedule", tuple(POLICIES)) if schedule else "",
        _number(words["chunk"], "chunk", 1, 2**24, whole=True) if "chunk" in words else 0.0,
    )  # fmt: skip


def _most_drafts(said: dict[str, str]) -> float:
    """Beyond the measured ones only by the asker's own acceptance."""
    return MOST_DRAFTS if "accept" in said else len(ACCEPTANCE)


def _share(said: dict[str, str]) -> float:
    if "accept" not in said:
        return math.nan
    if "mtp" not in said:
        problem = "accept says how many guesses are taken; mtp says how many are made"
        raise QuestionError(problem, where="--plan", hint="write mtp=1,accept=0.8")
    return _number(said["accept"], "accept", 0.0, 1.0)


def _named(value: str, word: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise UnknownNameError(
            word, value, known, where="--plan", hint=f"known: {', '.join(known)}"
        )
    return value


def _number(value: str, word: str, least: float, most: float, *, whole: bool = False) -> float:
    try:
        found = float(int(value)) if whole else float(value)
    except ValueError:
        found = math.nan
    if not least <= found <= most:
        kind = "whole number" if whole else "number"
        hint = f"write a {kind} from {least:g} to {most:g}"
        raise QuestionError(f"{word}={value} is none", where="--plan", hint=hint)
    return found
