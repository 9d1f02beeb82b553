"""`train`: a model on so many chips: step, memory, days, energy, money, by a plan."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, cast

from chipassay.catalogue.catalogue import Catalogue, Found
from chipassay.catalogue.chips import matrix_field
from chipassay.catalogue.models import FoundModel, find_model
from chipassay.errors import QuestionError
from chipassay.formulas.training import step_rate
from chipassay.formulas.utilisation import utilisation
from chipassay.inquiry.footnotes import Footnotes
from chipassay.inquiry.plans import as_text, as_words, check, completed, read_plan
from chipassay.inquiry.run import plan_run
from chipassay.inquiry.search import Problem
from chipassay.inquiry.training_asked import Asked, asked, chip_counts
from chipassay.inquiry.training_bench import FORMATS, machine
from chipassay.inquiry.training_cases import fits, place_of
from chipassay.inquiry.training_finding import found_plan, inverse, ranged
from chipassay.inquiry.training_memory import holding
from chipassay.inquiry.training_work import work
from chipassay.model.kernels.silicon import MATRIX_RATES
from chipassay.model.run import tokens_to_train
from chipassay.model.train_memory import Memory, memory
from chipassay.model.train_step import Step, step
from chipassay.model.train_tuning import Place, bounded, constants, known, tuning
from chipassay.model.utilisation import counted, utilisations
from chipassay.records.answer import Answer, Basis, Part, Quantity, Reason
from chipassay.records.plan import Plan
from chipassay.records.question import Question
from chipassay.records.run import Job
from chipassay.trace import leaf, watching
from chipassay.units import Num

MAIN_CONVENTION = "causal-half"
PARTS = Step._fields[1:]


@dataclass(frozen=True, slots=True)
class Training:
    """One plan's step and memory, ready to be told."""

    plan: Plan
    step: Step
    memory: Memory


def train(question: Question, catalogue: Catalogue) -> Answer:
    """Answer the question `train`."""
    if question.within is not None:
        return inverse(question, catalogue, train)
    counts = chip_counts(question)
    if len(counts) > 1:
        return ranged(question, catalogue, counts, train)
    model = find_model(catalogue, question.model or "")
    found = catalogue.chip(question.chip or "")
    wanted = asked(question, catalogue, found.entry, model)
    problem = posed(catalogue, found, model, wanted)
    extra: dict[str, Any] = {}
    if question.plan is None or question.search:
        plan, extra = found_plan(problem, wanted)
    else:
        plan, said = read_plan(question.plan, wanted.plan)
        plan = completed(plan, said, wanted.chips)
        check(plan, model.architecture)
    if not question.search:
        extra = {}
    return told(question, catalogue, found, model, wanted, problem, plan, extra)


def posed(
    catalogue: Catalogue, found: Found, model: FoundModel, wanted: Asked, chips: int = 0
) -> Problem:
    """The question as numbers, for one plan or a search of all."""
    count = chips or wanted.chips
    node = machine(found.entry, catalogue, wanted.precision, reach=wanted.reach)
    place = place_of(wanted.stack, found.entry, catalogue, wanted.precision)
    stack = catalogue.stacks()[wanted.stack]
    capacity = found.entry.number("memory_capacity")
    if math.isnan(capacity):
        problem = f"nobody published the memory of {found.entry.id}"
        hint = f"set it with --but {found.entry.id}.memory_capacity=…"
        raise QuestionError(problem, where=found.entry.id, hint=hint)
    return Problem(
        model.architecture, node, count, wanted.batch, wanted.sequence, wanted.setting,
        bounded(tuning(constants(fits(), place), stack), node.least),
        holding(fits(), wanted.setting.held, wanted.setting.selective), capacity,
    )  # fmt: skip


def evaluated(problem: Problem, plan: Plan) -> Training:
    """One plan on the problem's chips."""
    todo = work(problem.architecture, problem.machine, plan, problem.sequence, problem.setting)
    done = step(todo, plan, problem.machine.net, problem.tuning)
    return Training(plan, done, memory(todo, plan, problem.holding))


def told(
    question: Question,
    catalogue: Catalogue,
    found: Found,
    model: FoundModel,
    wanted: Asked,
    problem: Problem,
    plan: Plan,
    extra: dict[str, Any],
) -> Answer:
    """The answer about one plan."""
    notes, reasons = Footnotes(catalogue, [model]), list[Reason]()
    place = place_of(wanted.stack, found.entry, catalogue, wanted.precision)
    with watching():
        done = evaluated(problem, plan)
        total = done.memory.total
        rate = step_rate(plan.batch, problem.sequence, done.step.time, problem.chips)
        reasons += notes.reasons("train.step_time", done.step.time)
        reasons += notes.reasons("train.tokens_per_s_per_chip", rate)
        reasons += notes.reasons("train.memory_per_chip", total)
        reasons += notes.reasons("train.mfu", _share(problem, model, rate))
        fields = _fields(done, problem, model, place, float(rate))
        job = _job(done, problem, model, wanted)
        fields |= plan_run(
            catalogue, found.entry, fields["step_time"], job, notes=notes, reasons=reasons
        )
    fits_ = float(total) <= problem.capacity
    if not fits_:
        fields["would_fit"] = _would_fit(problem, plan)
    fields |= {"stack": wanted.stack, "workload": wanted.told(plan)} | extra
    for source in catalogue.stacks()[wanted.stack]["sources"]:
        notes.use(catalogue.source(source))
    return Answer(
        question, Part(fields), tuple(reasons), notes.sources(),
        _warnings(found, model, wanted, plan, place), refusal=not fits_,
    )  # fmt: skip


def _share(problem: Problem, model: FoundModel, rate: Num) -> Num:
    """The MFU of the answer, with the chip's rate as a leaf."""
    chip, precision = problem.machine.chip, problem.machine.precision
    form = FORMATS.get(precision, precision)
    field = next((name for name in MATRIX_RATES[form] if name in chip.facts), "dense_bf16")
    peak = leaf(f"{chip.id}.{field}", float(problem.machine.silicon.matrix))
    flop = counted(model.numbers(), problem.sequence, MAIN_CONVENTION)
    return utilisation(flop, rate, peak)


def _fields(
    done: Training, problem: Problem, model: FoundModel, place: Place, rate: float
) -> dict[str, Any]:
    basis = known(fits(), place)
    if problem.machine.product.choice.basis == "assumed" and basis != "interpolated":
        basis = "assumed"
    low, high = fits()["bands"]["interpolated" if basis == "interpolated" else "transferred"]
    total, seconds = float(done.memory.total), float(done.step.time)
    peak = problem.machine.silicon.matrix
    shares = utilisations(model.numbers(), problem.sequence, rate, peak)
    mfu = float(shares[MAIN_CONVENTION])
    parts = {name: float(getattr(done.step, name)) for name in PARTS}

    def banded(value: float, unit: str, power: int) -> Quantity:
        ends = sorted(math.exp(power * end) for end in (low, high))
        return Quantity(value, value * ends[0], value * ends[1], unit, cast(Basis, basis))

    spread = fits()["memory"]["mape"] * 1.6
    return {
        "model": {
            "id": model.id,
            "name": model.name,
            "parameters": float(model.numbers().parameters),
        },
        "chip": {"id": problem.machine.chip.id, "name": problem.machine.chip.name},
        "chips": problem.chips,
        "step_time": banded(seconds, "s", 1),
        "tokens_per_s_per_chip": banded(rate, "1/s", -1),
        "mfu": banded(mfu, "1", -1),
        "mfu_convention": MAIN_CONVENTION,
        "mfu_by_convention": {name: float(value) for name, value in shares.items()},
        "memory_per_chip": Quantity(
            total, total * (1 - spread), total * (1 + spread), "B", "transferred"
        ),
        "memory_capacity": problem.capacity,
        "memory_parts": {name: float(getattr(done.memory, name)) for name in Memory._fields},
        "fits": total <= problem.capacity,
        "plan": as_words(done.plan),
        "plan_text": as_text(done.plan),
        "breakdown": parts,
        "bound_by": max(parts, key=lambda name: parts[name]),
    }


def _job(done: Training, problem: Problem, model: FoundModel, wanted: Asked) -> Job:
    numbers = model.numbers()
    active = float(numbers.active_without_input_embedding)
    tokens = wanted.tokens or float(tokens_to_train(active))
    return Job(
        done.step.time, tokens, float(done.plan.batch) * problem.sequence, float(problem.chips),
        float(numbers.parameters),
    )  # fmt: skip


def _would_fit(problem: Problem, plan: Plan) -> str:
    """The first change of a plan that brings it into memory, cheapest first."""
    changes: list[tuple[str, dict[str, float]]] = [
        ("zero=1", {"zero": max(float(plan.zero), 1.0)}),
        ("recompute=selective", {"recompute": max(float(plan.recompute), 1.0)}),
        ("sp=yes", {"sequence": float(plan.tensor > 1)}),
        ("mbs=1", {"micro_batch": 1.0}),
        ("recompute=full", {"recompute": 2.0}),
        ("zero=3", {"zero": 3.0}),
        ("offload=1", {"offload_optimizer": 1.0}),
    ]
    tried, words = plan, dict[str, str]()
    for word, change in changes:
        if all(float(getattr(tried, name)) == value for name, value in change.items()):
            continue
        tried = tried._replace(**change)
        name, _, value = word.partition("=")
        words[name] = value
        if float(evaluated(problem, tried).memory.total) <= problem.capacity:
            return "with " + ",".join(f"{name}={value}" for name, value in words.items())
    return "no change of this plan; more chips to a copy of the model (tp, pp)"


def _warnings(
    found: Found, model: FoundModel, wanted: Asked, plan: Plan, place: Place
) -> tuple[str, ...]:
    remarks = [*found.remarks, *model.remarks, *wanted.notes]
    if known(fits(), place) != "interpolated":
        remarks.append(
            f"no measured step of {wanted.stack} on this core design: constants of other stacks"
        )
    for name in ("scaleup_bandwidth", matrix_field(found.entry)):
        fact = found.entry.facts.get(name)
        if fact is not None and not fact.verified and fact.confidence != "asked":
            remarks.append(f"unverified: {fact.name} = {fact.shown} ({fact.standing})")
    if model.architecture.layers % int(plan.pipeline * plan.virtual) and not plan.embedding_layers:
        remarks.append("layers do not divide by the pipeline's chunks: the fullest stage decides")
    return tuple(dict.fromkeys(remarks))
