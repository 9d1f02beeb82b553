"""The words of a training question as numbers, each default named."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.models import FoundModel
from chipassay.errors import QuestionError, UnknownNameError, shown
from chipassay.facts.fact import Entry
from chipassay.inquiry.plan_words import Said, read_words
from chipassay.inquiry.training_rows import DEFAULT_STACK, usual_setting
from chipassay.inquiry.training_work import Setting
from chipassay.model.run import LAWS, tokens_to_train
from chipassay.records.plan import RECOMPUTE, Plan
from chipassay.records.question import Question
from chipassay.units import factor as unit_factor

SEQUENCE = 4096
MOST_CHIPS = 2**24
NEAR = 0.06
STEP_TOKENS = {0: 4194304, 1025: 16777216}
"""Tokens of a step by default, from so many chips on: what published runs of these sizes use."""
_COUNT = re.compile(r"([0-9]+(?:\.[0-9]+)?(?:e[0-9]+)?)\s*([kmbtKMBT]?)\s*(tokens)?")
_TIMES = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*x")
_LAWS = f"write 15T, 20x, or {' or '.join(LAWS)}"
_SCALE = {"": 0, "k": 1, "m": 2, "b": 3, "t": 4}
"""Thousands that a letter after a count stands for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a training question asks for, complete."""

    chips: int
    batch: int
    batches: tuple[int, ...]
    sequence: float
    tokens: float
    precision: str
    stack: str
    setting: Setting
    plan: Plan
    said: Said
    habits: dict[str, Any]
    reach: float
    notes: tuple[str, ...]

    def told(self, plan: Plan) -> dict[str, Any]:
        """The workload as an answer shows it."""
        return {
            "batch": int(plan.batch),
            "sequence": int(self.sequence),
            "tokens_per_step": float(plan.batch) * self.sequence,
            "precision": self.precision,
        }


def asked(question: Question, catalogue: Catalogue, chip: Entry, model: FoundModel) -> Asked:
    """Every word read; refuses what is no number or makes no sense."""
    chips = next(iter(chip_counts(question)), 0)
    sequence = count_of(question.seq, "--seq", SEQUENCE)
    context = model.architecture.learned_positions
    if context and sequence > context:
        if question.seq is not None:
            problem = f"{model.name} has positions for {context} tokens"
            raise QuestionError(problem, where="--seq", hint=f"give {context} or fewer")
        sequence = float(context)
    stacks = catalogue.stacks()
    stack = question.stack or _usual(stacks, chip)
    if stack not in stacks:
        raise UnknownNameError("training stack", stack, stacks, where="--stack")
    habits = stacks[stack]
    precision = question.precision or _sixteen(chip)
    batches = _batches(question.batch, sequence, chips)
    said = read_words(question.plan or "")
    setting = replace(usual_setting(habits, precision), **said.beside())
    return Asked(
        chips=chips,
        batch=batches[0],
        batches=batches,
        sequence=sequence,
        tokens=tokens_of(question.tokens, model),
        precision=precision,
        stack=stack,
        setting=setting,
        plan=_usual_plan(habits, batches[0]),
        said=said,
        habits=habits,
        reach=float(habits["node_limit"] or math.inf),
        notes=_notes(question, habits, sequence, batches[0], model, setting),
    )


def chip_counts(question: Question) -> tuple[int, ...]:
    """How many chips: none said, one number, or the doublings of a range."""
    written = " ".join(question.chips).strip()
    if not written:
        return ()
    low, dots, high = written.partition("..")
    ends = [_chips(each) for each in ((low, high) if dots else (low,))]
    if ends[0] > ends[-1]:
        raise QuestionError("the range runs backwards", where="--chips", hint="write 512..8192")
    counts = [ends[0]]
    while counts[-1] * 2 <= ends[-1]:
        counts.append(counts[-1] * 2)
    return tuple(counts)


def _chips(written: str) -> int:
    if not written.strip().isdigit():
        problem = f"{shown(written)} is no number of chips"
        raise QuestionError(problem, where="--chips", hint="write --chips 1024, or 512..8192")
    count = int(written)
    if not 1 <= count <= MOST_CHIPS:
        hint = f"give 1 to {MOST_CHIPS}"
        raise QuestionError(f"{count} chips cannot be", where="--chips", hint=hint)
    return count


def tokens_of(written: str | None, model: FoundModel) -> float:
    """A count; a rule of what is optimal for the compute; or so many for each active weight.

    The rule of 20 where nobody says.
    """
    active = float(model.numbers().active_without_input_embedding)
    if written is None:
        return float(tokens_to_train(active))
    times = _TIMES.fullmatch(written.strip())
    if times and float(times[1]) > 0.0:
        return float(times[1]) * active
    if written.strip().isalpha() and len(written) > 1:
        law = written.strip().lower()
        if law not in LAWS:
            raise UnknownNameError("scaling law", law, LAWS, where="--tokens", hint=_LAWS)
        return float(tokens_to_train(active, law))
    return count_of(written, "--tokens", 0)


def count_of(written: str | None, where: str, default: float) -> float:
    """A count with k, M, B or T."""
    if written is None:
        return float(default)
    found = _COUNT.fullmatch(written.strip())
    if not found or not float(found[1]):
        raise QuestionError(
            f"{shown(written)} is no count", where=where, hint="write 4096, 15T, 4M"
        )
    return float(found[1]) * unit_factor("kW") ** _SCALE[found[2].lower()]


def _batches(written: str | None, sequence: float, chips: int) -> tuple[int, ...]:
    """Sequences of a step: one number, or the powers of two of a range."""
    if written is None:
        tokens = max(value for floor, value in STEP_TOKENS.items() if chips >= floor)
        return (max(2 ** round(math.log2(max(tokens / sequence, 1.0))), 1),)
    if ".." in written:
        low, _, high = written.partition("..")
        ends = [_batch(part, sequence) for part in (low, high)]
        if ends[0] > ends[1]:
            raise QuestionError("the range runs backwards", where="--batch", hint="write 512..4096")
        sizes = [ends[0]]
        while sizes[-1] * 2 <= ends[1]:
            sizes.append(sizes[-1] * 2)
        return tuple(sizes)
    return (_batch(written, sequence),)


def _batch(written: str, sequence: float) -> int:
    count = count_of(written, "--batch", 0)
    found = _COUNT.fullmatch(written.strip())
    if found and (found[3] or found[2]):
        count = _level(max(round(count / sequence), 1))
    if count != int(count) or count < 1:
        problem = f"{shown(written)} is no number of sequences"
        raise QuestionError(problem, where="--batch", hint="write 1024, or 4M tokens")
    return int(count)


def _level(count: int) -> int:
    """A number of sequences near a power of two as that: 4M tokens is meant to divide."""
    power = 2 ** round(math.log2(count))
    return int(power) if abs(power / count - 1.0) < NEAR else count


def _usual(stacks: dict[str, Any], chip: Entry) -> str:
    """The stack that the chip's maker usually trains with."""
    for name, stack in stacks.items():
        if chip.vendor in stack["usual_for"]:
            return name
    return DEFAULT_STACK


def _sixteen(chip: Entry) -> str:
    return "bf16" if "dense_bf16" in chip.facts or "dense_fp16" not in chip.facts else "fp16"


def _usual_plan(stack: dict[str, Any], batch: int) -> Plan:
    """What a plan is where the asker does not say; no `expert_tensor` means the tensor ranks."""
    return Plan(
        micro_batch=float(stack["micro_batch"]),
        batch=float(batch),
        zero=float(stack["zero"]),
        sequence=float(stack["sequence_parallel"]),
        recompute=float(RECOMPUTE.index(stack["recompute"])),
        exchange=float(stack["ulysses"]),
        expert_tensor=float(stack["expert_tensor"] == "one"),
    )


def _notes(
    question: Question,
    stack: dict[str, Any],
    sequence: float,
    batch: int,
    model: FoundModel,
    setting: Setting,
) -> tuple[str, ...]:
    notes = []
    predictors = model.architecture.predictors
    if predictors and not setting.predictors:
        left = f"{predictors} for multi-token prediction left out"
        notes.append(f"assumed: layers of {model.name} alone, {left} (--plan mtp={predictors})")
    if question.seq is None or question.batch is None:
        notes.append(f"assumed: steps of {batch} sequences of {sequence:.0f} tokens")
    if question.stack is None:
        notes.append(f"assumed: {stack['name']} (--stack asks for another)")
    return tuple(notes)
