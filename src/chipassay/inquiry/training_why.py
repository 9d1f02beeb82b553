"""The derivation of a training answer: parts of a step and of memory, down to the figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from chipassay.catalogue.catalogue import Catalogue
from chipassay.formulas.training import step_time
from chipassay.formulas.training_memory import held_memory
from chipassay.inquiry.footnotes import Footnotes
from chipassay.inquiry.plan_space import Problem
from chipassay.inquiry.training_bench import FORMATS
from chipassay.inquiry.training_cases import fits
from chipassay.inquiry.training_fit import Training
from chipassay.model.kernels.silicon import MATRIX_RATES
from chipassay.model.train_memory import Memory
from chipassay.model.train_step import Step
from chipassay.model.train_tuning import Place, constants
from chipassay.records.answer import Reason
from chipassay.trace import leaf
from chipassay.units import Num

MATRIX, PORT = "matrix rate", "network port"
LINK, STREAM = "scaleup_bandwidth", "memory_bandwidth"
SAYS: Mapping[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "arithmetic": ("kernels of the slowest stage, for every micro-batch (docs/kernels.md)",
                   (MATRIX, STREAM),
                   ("matrix", "attention", "pointwise", "routed", "state", "accumulate",
                    "recipe")),
    "recompute": ("forward passes that the backward does again", (MATRIX,), ("matrix",)),
    "bubble": ("what the slowest stage waits for the others, by the schedule", (), ()),
    "tensor": ("gathers and reductions of every layer that nothing hides",
               (LINK,), ("tensor", "tensor_hidden")),
    "context": ("keys and values of other parts of a sequence", (LINK, PORT), ("tax",)),
    "expert": ("rows to experts and back", (LINK, PORT),
               ("expert", "expert_hidden", "expert_alone")),
    "pipeline": ("messages between stages", (PORT,), ("pipeline", "pipeline_hidden", "network")),
    "data": ("reducing gradients, gathering weights, beyond what a backward pass hides",
             (LINK, PORT), ("network", "tax")),
    "optimizer": ("Adam over a rank's weights", (STREAM,), ()),
    "other": ("the host's launches, and what a step takes besides", (),
              ("launch", "step", "straggle")),
}  # fmt: skip
"""Each part of a step: a sentence, the chip's figures it rests on, the fit's constants."""
HELD = {
    "weights": "two bytes for each weight of the fullest rank, as ZeRO leaves them",
    "gradients": "as the stack keeps them, as ZeRO leaves them",
    "optimizer": "12 bytes for each weight: masters and two moments in 32 bits",
    "activations": "what waits for the backward pass, of all micro-batches in flight",
    "logits": "the head's, with their softmax",
    "buffers": "context, communication, workspaces: fitted on measured memory",
}
_SECONDS = ("launch", "step")


def told(
    notes: Footnotes, catalogue: Catalogue, problem: Problem, done: Training, place: Place
) -> tuple[Num, Num]:
    """The step and the memory put together from named parts, which `notes` then explains."""
    found = constants(fits(), place)
    for name, value in zip(Step._fields[1:], done.step[1:], strict=True):
        sentence, fields, fitted = SAYS[name]
        inner = (*_figures(notes, catalogue, problem, fields), *_constants(found, fitted, place))
        part = Reason(f"step.{name}", float(value), "s", "step", sentence)
        notes.tell(replace(part, inner=inner if float(value) > 0.0 else ()))
    for name, size in zip(Memory._fields, done.memory, strict=True):
        notes.tell(Reason(f"memory.{name}", float(size), "B", "memory", HELD[name]))
    parts = [leaf(f"step.{name}", float(getattr(done.step, name))) for name in SAYS]
    sizes = [leaf(f"memory.{name}", float(getattr(done.memory, name))) for name in HELD]
    notes.use(catalogue.source("training_rows"))
    return step_time(*parts), held_memory(*sizes)


def shorten(notes: Footnotes, done: Training) -> None:
    """Told once in full, a step's parts are only named from here on."""
    for name, value in zip(Step._fields[1:], done.step[1:], strict=True):
        notes.tell(Reason(f"step.{name}", float(value), "s", "step", "derived above"))


def _figures(
    notes: Footnotes, catalogue: Catalogue, problem: Problem, fields: tuple[str, ...]
) -> Iterator[Reason]:
    """The chip's figures, each with its source."""
    chip, precision = problem.machine.chip, problem.machine.precision
    for name in fields:
        entry, field, value = chip, name, chip.number(name) if name != MATRIX else 0.0
        if name == MATRIX:
            rates = MATRIX_RATES[FORMATS.get(precision, precision)]
            field = next((each for each in rates if each in chip.facts), "dense_bf16")
            value = chip.number(field)
        if name == PORT:
            systems = catalogue.systems_of(chip.id)
            own = "scaleout_bandwidth" in chip.facts or not systems
            entry, field = (chip, "scaleout_bandwidth") if own else (systems[0], "nic_bandwidth")
            value = entry.number(field)
        fact = entry.facts.get(field)
        standing = fact.standing if fact is not None else "assumed: 400 Gb/s a chip"
        source = fact.sources[0].key if fact is not None else ""
        if fact is not None:
            notes.use(*fact.sources)
        unit = "FLOP/s" if name == MATRIX else "B/s"
        yield Reason(f"{entry.id}.{field}", value, unit, source=source, standing=standing)


def _constants(
    found: Mapping[str, float], names: tuple[str, ...], place: Place
) -> Iterator[Reason]:
    """The fit's constants, and for whom they were fitted."""
    keys = place.keys()
    for name in (each for each in names if each in found):
        logs = fits()["fields"][name]["log"]
        own = [key for level, key in keys.items() if key in logs.get(level, {})]
        whose = ", ".join(own) or "nobody in particular"
        unit = "s" if name in _SECONDS else "1"
        standing = f"fitted for {whose} (builders/fit_training.py)"
        yield Reason(f"fit.{name}", found[name], unit, source="training_rows", standing=standing)
