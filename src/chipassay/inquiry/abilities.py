"""What copies of a chip do in training and serving, each copy with the figures of a cut.

A side of an assay is one chip with its copies. Copies share the chip's software, its kernels'
constants, the fleet and the load; their figures are columns of one calculation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from chipassay.catalogue.catalogue import Catalogue, Found
from chipassay.catalogue.fabrics import fabric, port_and_node
from chipassay.catalogue.models import FoundModel
from chipassay.errors import QuestionError, shown
from chipassay.facts.fact import Entry
from chipassay.inquiry import serving_beside, training_beside
from chipassay.inquiry.serving_beside import Phases, Serving, Whole
from chipassay.inquiry.serving_case import Served, level
from chipassay.inquiry.training_bench import FEW_CORES, FORMATS, PORT
from chipassay.inquiry.training_beside import Best, Training
from chipassay.inquiry.variants import SIXTEEN_BIT
from chipassay.model.kernels.silicon import MATRIX_RATES
from chipassay.model.train_step import Step
from chipassay.records.question import Question

NEEDED = ("memory_bandwidth", "cores", "tdp", "memory_capacity", "scaleup_bandwidth")
"""Figures without which no kernel, no exchange and no fit in memory can be told."""

CACHES = ("l2_capacity", "sram_capacity")
MOST_CHIPS = 65536


class Copy(NamedTuple):
    """A chip, as it is or with figures changed."""

    entry: Entry
    held: bool = False
    """Whether it keeps the plan of the chip as it is."""


class Fleets(NamedTuple):
    """How many chips train, and how many serve; 0 where no model is asked for."""

    train: int = 0
    serve: int = 0


class Rates(NamedTuple):
    """Tokens a second and chip: 0 where nothing fits, NaN where a figure is unknown or unasked."""

    train: float = math.nan
    prefill: float = math.nan
    decode: float = math.nan


@dataclass(slots=True)
class Side:
    """One chip of an assay, its copies, and what all of them do; the first copy is the chip."""

    found: Found
    copies: list[Copy]
    train_needs: list[str] = field(default_factory=list)
    """Figures that training wants and nobody gives."""
    serve_needs: list[str] = field(default_factory=list)
    training: Training | None = None
    trained: list[Best] = field(default_factory=list)
    serving: Serving | None = None
    phases: list[Phases] = field(default_factory=list)
    whole: Whole = field(default_factory=Whole)
    near: str = "far"
    """How far away the constants of serving's kernels were found."""
    done: Step | None = None
    silent: frozenset[int] = frozenset()
    """Places of copies that lack a figure; something else was asked in their stead."""

    @property
    def entry(self) -> Entry:
        """The chip as it is."""
        return self.found.entry

    def step(self) -> Step | None:
        """Where a step of the chip under its best plan goes; None where there is none."""
        if self.done is None and self.training is not None and self.trained[0].plan is not None:
            self.done, _ = training_beside.evaluated(self.training.problem, self.trained[0].plan)
        return self.done

    def rates(self, place: int) -> Rates:
        """What a copy does; unknown where it lacks a figure that the chip has."""
        if place in self.silent:
            return Rates()
        train, prefill, decode = math.nan, math.nan, math.nan
        if self.training is not None:
            train = self.training.rate(self.trained[place].seconds)
        if self.serving is not None:
            prefill, decode = (phase.rate for phase in self.phases[place])
        return Rates(train, prefill, decode)


def fleets(
    question: Question, catalogue: Catalogue, found: list[Found], models: dict[str, FoundModel]
) -> Fleets:
    """As asked, else large enough for each chip that can be told."""
    train = serve = 0
    if "train" in models:
        train = _count(question.train_chips, "--train-chips")
        train = train or training_beside.fleet(models["train"], [each.entry for each in found])
    if "serve" in models:
        known = [each for each in found if not needs(each.entry, question.precision)]
        serve = _count(question.serve_chips, "--serve-chips")
        serve = serve or serving_beside.fleet(question, catalogue, models["serve"], known)
    return Fleets(train, serve)


def _count(written: str | None, where: str) -> int:
    if written is None:
        return 0
    if not written.isdecimal() or not 1 <= int(written) <= MOST_CHIPS:
        problem = f"{shown(written)} is no number of chips"
        raise QuestionError(problem, where=where, hint=f"write {where} 512")
    return int(written)


def needs(chip: Entry, precision: str | None) -> list[str]:
    """Figures that the models want and the chip has not, or has as nought."""
    precision = precision or "bf16"
    rates = MATRIX_RATES.get(FORMATS.get(precision, precision), SIXTEEN_BIT)
    wanted = [rates, SIXTEEN_BIT, *((name,) for name in NEEDED)]
    missing = [names[0] for names in wanted if not any(chip.number(name) > 0 for name in names)]
    return [f"{chip.id}.{name}" for name in dict.fromkeys(missing)]


def _training_needs(chip: Entry, catalogue: Catalogue, count: int) -> list[str]:
    """What training wants besides: the cache that products wait for, a network beyond a node."""
    found = []
    if chip.number("cores") >= FEW_CORES and not any(chip.number(name) > 0 for name in CACHES):
        found.append(f"{chip.id}.{CACHES[0]}")
    port, node = port_and_node(catalogue.systems_of(chip.id), PORT, chip)
    if count > max(node, fabric(chip).domain) and not port > 0:
        found.append(f"{chip.id}.scaleout_bandwidth")
    return found


def side(
    question: Question,
    catalogue: Catalogue,
    found: Found,
    copies: Sequence[Copy],
    models: dict[str, FoundModel],
    many: Fleets,
    *,
    loaded: bool = True,
) -> Side:
    """A chip and its copies, all of them asked; nothing where figures are missing.

    Only where `loaded`, the chip itself is asked for its throughput under the whole load.
    """
    first, missing = Copy(found.entry), needs(found.entry, question.precision)
    silent = {n for n, each in enumerate(copies, 1) if needs(each.entry, question.precision)}
    asked = [first if n in silent else each for n, each in enumerate(copies, 1)]
    made = Side(found, [first, *asked], silent=frozenset(silent))
    if "train" in models:
        made.train_needs = missing + _training_needs(found.entry, catalogue, many.train)
        if not made.train_needs:
            made.training = training_beside.training(
                question, catalogue, found, models["train"], many.train
            )
            made.trained = trained(made.training, made.copies)
    if "serve" in models:
        made.serve_needs = missing
        if not missing:
            made.serving = serving_beside.serving(
                question, catalogue, found, models["serve"], many.serve
            )
            _serve(made, made.serving, loaded=loaded)
    return made


def trained(about: Training, copies: Sequence[Copy]) -> list[Best]:
    """Each copy under its best plan, or under that of the first one."""
    free = [place for place, copy in enumerate(copies) if not copy.held]
    best = training_beside.best_plans(about, [copies[place].entry for place in free])
    found = dict(zip(free, best, strict=True))
    held = [place for place, copy in enumerate(copies) if copy.held]
    if held and best[0].plan is not None:
        kept = training_beside.under(about, [copies[p].entry for p in held], best[0].plan)
        found |= dict(zip(held, kept, strict=True))
    return [found.get(place, Best(math.inf, None)) for place in range(len(copies))]


def _serve(made: Side, about: Serving, *, loaded: bool) -> None:
    """The first copy under the whole load, all of them in prefill and in decode."""
    served = serving_beside.all_served(about, [copy.entry for copy in made.copies])
    made.near = level(served[0][0].tables) if served[0] else made.near
    if loaded:
        made.whole = serving_beside.under_load(about, served[0])
    made.phases = served_phases(about, made.copies, served)


def served_phases(
    about: Serving, copies: Sequence[Copy], served: list[list[Served]]
) -> list[Phases]:
    """Prefill and decode of each copy under its best plans, or under those of the first one."""
    first = serving_beside.phases(about, served[0])
    found = []
    for copy, each in zip(copies, served, strict=True):
        if not copy.held:
            found.append(serving_beside.phases(about, each))
            continue
        own = [[s for s in each if s.case.plan == phase.plan] for phase in first]
        both = [serving_beside.phases(about, kept) for kept in own]
        found.append(Phases(both[0].prefill, both[1].decode))
    return found
