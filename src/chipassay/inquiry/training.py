"""`train`: a model on so many chips: step, memory, days, energy, money, by a plan."""

from __future__ import annotations

import functools
import math
from typing import Any, cast

from chipassay.catalogue.catalogue import Catalogue, Found
from chipassay.catalogue.chips import matrix_field, memory_bytes
from chipassay.catalogue.models import FoundModel, find_model
from chipassay.formulas.training import step_rate
from chipassay.formulas.utilisation import utilisation
from chipassay.inquiry.footnotes import Footnotes
from chipassay.inquiry.plan_space import Problem
from chipassay.inquiry.plan_words import as_text, as_words
from chipassay.inquiry.plans import fitted
from chipassay.inquiry.run import plan_run
from chipassay.inquiry.run_words import read_run
from chipassay.inquiry.training_asked import Asked, asked, chip_counts
from chipassay.inquiry.training_bench import FORMATS, machine
from chipassay.inquiry.training_cases import fits, place_of
from chipassay.inquiry.training_finding import Hook, found_plan
from chipassay.inquiry.training_fit import Training, evaluated, would_fit
from chipassay.inquiry.training_gap import Side, beside
from chipassay.inquiry.training_inverse import inverse, ranged
from chipassay.inquiry.training_memory import holding
from chipassay.inquiry.training_refusals import assumed_network, refuse_kernels, refuse_unknown
from chipassay.inquiry.training_why import shorten
from chipassay.inquiry.training_why import told as explained
from chipassay.model.kernels.silicon import MATRIX_RATES
from chipassay.model.train_memory import Memory
from chipassay.model.train_step import Passes, Step, Tuning
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


def train(
    question: Question, catalogue: Catalogue, hook: Hook | None = None, *, advise: bool = True
) -> Answer:
    """Answer the question `train`; `hook` hears of a search while it runs, and may end it.

    Without `advise`, a plan that does not fit is not told what would.
    """
    again = functools.partial(train, hook=hook, advise=False)
    if question.within is not None:
        return inverse(question, catalogue, again)
    counts = chip_counts(question)
    if len(counts) > 1:
        return ranged(question, catalogue, counts, again)
    model = find_model(catalogue, question.model or "")
    own = side(question, catalogue, model, hook, advise=advise)
    if question.against is None:
        return own.answer
    words = {"chip": question.against, "against": None, "move": None, "stack": None}
    other = side(question.model_copy(update=words), catalogue, model, hook)
    return beside(question, catalogue, own, other, model)


def side(
    question: Question,
    catalogue: Catalogue,
    model: FoundModel,
    hook: Hook | None = None,
    *,
    advise: bool = True,
) -> Side:
    """The answer about one chip, with the problem and the plan it is about."""
    found = catalogue.chip(question.chip or "")
    wanted = asked(question, catalogue, found.entry, model)
    problem = posed(catalogue, found, model, wanted)
    extra: dict[str, Any] = {}
    if question.plan is None or question.search:
        plan, extra = found_plan(problem, wanted, hook)
    else:
        given = question.batch is not None
        plan = fitted(wanted.said, wanted.plan, wanted.chips, model.architecture, given)
    if not question.search:
        extra = {}
    answer = told(question, catalogue, found, model, wanted, problem, plan, extra, advise=advise)
    return Side(answer, problem._replace(batch=int(plan.batch)), plan, model.numbers())


def posed(
    catalogue: Catalogue, found: Found, model: FoundModel, wanted: Asked, chips: int = 0
) -> Problem:
    """The question as numbers, for one plan or a search of all."""
    count = chips or wanted.chips
    refuse_kernels(found.entry, wanted.precision)
    node = machine(found.entry, catalogue, wanted.precision, reach=wanted.reach)
    refuse_unknown(found.entry, node, count, catalogue)
    capacity = memory_bytes(found.entry)
    return Problem(
        model.architecture, node, count, wanted.batch, wanted.sequence, wanted.setting,
        tuned(catalogue, found, model, wanted, node.least),
        holding(fits(), wanted.setting), capacity,
    )  # fmt: skip


def tuned(
    catalogue: Catalogue, found: Found, model: FoundModel, wanted: Asked, least: Num
) -> Tuning:
    """The constants of a stack on a chip, with products no faster than `least` allows."""
    place = place_of(wanted.stack, found.entry, catalogue, wanted.precision, model.id)
    return bounded(tuning(constants(fits(), place), catalogue.stacks()[wanted.stack]), least)


def told(
    question: Question,
    catalogue: Catalogue,
    found: Found,
    model: FoundModel,
    wanted: Asked,
    problem: Problem,
    plan: Plan,
    extra: dict[str, Any],
    *,
    advise: bool = True,
) -> Answer:
    """The answer about one plan."""
    notes, reasons = Footnotes(catalogue, [model]), list[Reason]()
    place = place_of(wanted.stack, found.entry, catalogue, wanted.precision, model.id)
    with watching():
        done = evaluated(problem, plan)
        time, total = explained(notes, catalogue, problem, done, place)
        rate = step_rate(plan.batch, problem.sequence, time, problem.chips)
        reasons += notes.reasons("train.step_time", time)
        shorten(notes, done)
        reasons += notes.reasons("train.tokens_per_s_per_chip", rate)
        reasons += notes.reasons("train.memory_per_chip", total)
        reasons += notes.reasons("train.mfu", _share(problem, model, rate))
        fields = _fields(done, problem, model, place, float(rate))
        job = _job(done, time, problem, model, wanted)
        given, behind = read_run(question.run or "", catalogue)
        fields |= plan_run(
            catalogue, found.entry, fields["step_time"], job, asked=given, asynchronous=behind,
            notes=notes, reasons=reasons,
        )  # fmt: skip
    fits_ = float(total) <= problem.capacity
    network = assumed_network(found.entry, problem.machine, problem.chips, catalogue)
    if not fits_:
        fields["would_fit"] = would_fit(problem, wanted, plan) if advise else ""
    fields |= {"stack": wanted.stack, "workload": wanted.told(plan)} | extra
    for source in catalogue.stacks()[wanted.stack]["sources"]:
        notes.use(catalogue.source(source))
    return Answer(
        question, Part(fields), tuple(reasons), notes.sources(),
        _warnings(found, model, wanted, plan, place, network), refusal=not fits_,
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
        "model": _model(model),
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
        "plan": as_words(done.plan, problem.setting.beside()),
        "plan_text": as_text(done.plan, problem.setting.beside()),
        "breakdown": parts,
        "passes": {"stage": _passes(done.stage), "last_stage": _passes(done.last)},
        "bound_by": max(parts, key=lambda name: parts[name]),
    }


def _model(model: FoundModel) -> dict[str, Any]:
    numbers = model.numbers()
    return {
        "id": model.id, "name": model.name, "parameters": float(numbers.parameters),
        "active_parameters": float(numbers.active_without_input_embedding),
    }  # fmt: skip


def _passes(one: Passes) -> dict[str, float]:
    """Seconds of a micro-batch on a stage; `weight` is a part of `backward`."""
    return {name: float(getattr(one, name)) for name in ("forward", "backward", "weight")}


def _job(done: Training, time: Num, problem: Problem, model: FoundModel, wanted: Asked) -> Job:
    numbers = model.numbers()
    return Job(
        time, wanted.tokens, float(done.plan.batch) * problem.sequence, float(problem.chips),
        float(numbers.parameters),
    )  # fmt: skip


def _warnings(
    found: Found, model: FoundModel, wanted: Asked, plan: Plan, place: Place, network: str
) -> tuple[str, ...]:
    remarks = [*found.remarks, *model.remarks, *wanted.notes, *filter(None, [network])]
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
