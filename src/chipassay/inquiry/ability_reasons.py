"""The derivation of ratios between chips: two rates, a step of each, the figures of each chip."""

from __future__ import annotations

from typing import Any

from chipassay.facts.fact import Entry
from chipassay.inquiry.abilities import NEEDED, Side
from chipassay.inquiry.footnotes import Footnotes
from chipassay.inquiry.serving_binding import parts
from chipassay.inquiry.variants import FIGURES
from chipassay.model.train_step import Step
from chipassay.records.answer import Reason

STEP = "fitted on measured rows: kernels (docs/kernels.md), stack (docs/training.md)"
KERNELS = "fitted on measured rows: kernels (docs/kernels.md), engine (docs/serving.md)"
ASSUMED = "assumed: the stated fleet and load"
EIGHT_BIT = "dense_fp8"


def training_reasons(sides: list[Side], told: dict[str, Any], notes: Footnotes) -> list[Reason]:
    """The rate of the first side, and its ratio to the second's."""
    rates = [_training_rate(side, notes) for side in sides]
    found = [_named("train.tokens_per_s_per_chip", rates[0])]
    if len(rates) > 1:
        value = told["throughput_ratio"].value
        found.append(Reason(
            "train.throughput_ratio", value, "1", "ratio",
            "tokens a second and chip of one over the other's, each under its best plan",
            inner=tuple(rates),
        ))  # fmt: skip
    return found


def _training_rate(side: Side, notes: Footnotes) -> Reason:
    name, figures = f"{side.entry.id}, training", chip_reasons(side.entry, notes)
    done = side.step()
    if side.training is None or done is None:
        told = "figures are missing" if side.training is None else "no plan of the fleet fits"
        value = None if side.training is None else 0.0
        return Reason(name, value, "1/s", "step_rate", told, inner=figures)
    about, best = side.training, side.trained[0]
    pieces = [Reason(part, float(getattr(done, part)), "s", standing=STEP)
              for part in Step._fields[1:]]  # fmt: skip
    step = Reason(
        "step", best.seconds, "s", "step_time", f"the best plan: {best.text}",
        inner=(*pieces, *figures),
    )  # fmt: skip
    load = {"chips": about.wanted.chips, "batch": about.wanted.batch,
            "sequence": about.wanted.sequence}  # fmt: skip
    asked = [Reason(f"train.{word}", float(n), "1", standing=ASSUMED) for word, n in load.items()]
    sentence = "tokens of a step over its time and its chips"
    return Reason(
        name, about.rate(best.seconds), "1/s", "step_rate", sentence, inner=(step, *asked)
    )


def serving_reasons(sides: list[Side], told: dict[str, Any], notes: Footnotes) -> list[Reason]:
    """The rate of the first side, and its ratios to the second's."""
    rates = [_serving_rate(side, notes) for side in sides]
    found = [_named("serve.tokens_per_s_per_chip", rates[0])]
    if len(rates) > 1:
        found.append(Reason(
            "serve.throughput_ratio", told["throughput_ratio"].value, "1", "ratio",
            "output tokens a second and chip of one over the other's, each under its best plan",
            inner=tuple(rates),
        ))  # fmt: skip
        for place, phase in enumerate(("prefill", "decode")):
            inner = tuple(_phase(side, place, phase) for side in sides)
            value = told[f"{phase}_ratio"].value
            sentence = f"{phase} alone, each under its best plan for it"
            found.append(Reason(f"serve.{phase}_ratio", value, "1", "ratio", sentence, inner=inner))
    return found


def _serving_rate(side: Side, notes: Footnotes) -> Reason:
    name, figures = f"{side.entry.id}, serving", chip_reasons(side.entry, notes)
    about, loop = side.whole.about, side.whole.loop
    if about is None or loop is None:
        value = None if side.serving is None else 0.0
        told = "figures are missing" if side.serving is None else "no plan fits and is in time"
        return Reason(name, value, "1/s", "closed_loop", told, inner=figures)
    batch = max(loop.decoding / about.case.plan.replicas / about.steps.stages, 1.0)
    kinds = sorted(parts(about, batch).items(), key=lambda kv: -kv[1])
    decode = Reason(
        "decode step", loop.decode_step, "s", "StepTimes.decode",
        f"all kernels of a step of {batch:.0f} sequences",
        inner=(*(Reason(kind, seconds, "s", standing=KERNELS) for kind, seconds in kinds),
               *figures),
    )  # fmt: skip
    mixed = Reason("step with prompt tokens", loop.mixed_step, "s", standing=KERNELS)
    share = Reason("share of steps with prompt tokens", loop.mixed_share, "1", standing=KERNELS)
    return Reason(
        name, side.whole.tokens, "1/s", "closed_loop",
        f"clients that each wait for an answer, in the steady state of {_plan(side)}",
        inner=(decode, mixed, share),
    )  # fmt: skip


def _plan(side: Side) -> str:
    from chipassay.inquiry.serving_plans import as_text

    about = side.whole.about
    return as_text(about.case.plan) if about is not None else "no plan"


def _phase(side: Side, place: int, phase: str) -> Reason:
    if not side.phases:
        return Reason(f"{side.entry.id}, {phase}", None, "1/s", standing="unknown")
    best = side.phases[0][place]
    standing = f"{KERNELS}; {best.text or 'no plan fits'}"
    return Reason(f"{side.entry.id}, {phase}", best.rate, "1/s", standing=standing)


def chip_reasons(chip: Entry, notes: Footnotes) -> tuple[Reason, ...]:
    """The chip's figures that the models feel, each with its source; unknown ones that matter."""
    names = [name for figure in FIGURES for name in figure.fields] + [EIGHT_BIT]
    found = []
    for name in names:
        fact = chip.facts.get(name)
        if fact is not None:
            notes.use(*fact.sources)
            source = fact.sources[0].key
            found.append(Reason(f"{chip.id}.{name}", chip.number(name), fact.field.si,
                                source=source, standing=fact.standing))  # fmt: skip
        elif name in NEEDED:
            standing = "unknown: no source gives it"
            found.append(Reason(f"{chip.id}.{name}", None, "", standing=standing))
    return tuple(found)


def _named(name: str, rate: Reason) -> Reason:
    return Reason(name, rate.value, rate.unit, rate.formula, rate.sentence, inner=rate.inner)
