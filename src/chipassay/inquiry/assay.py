"""The whole answer about one chip: may it ship, what can it do, what binds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from chipassay.catalogue.catalogue import Catalogue, Found
from chipassay.catalogue.chips import matrix_field, numbers
from chipassay.catalogue.models import FoundModel, find_model
from chipassay.facts.fact import Entry
from chipassay.formulas.roofline import ratio
from chipassay.inquiry.footnotes import Footnotes, unknown_leaves
from chipassay.inquiry.shipping import ship
from chipassay.model.first_serve import Serving, serving
from chipassay.model.first_train import Training, training
from chipassay.records.answer import Answer, Part, Quantity, Reason
from chipassay.records.chip import Chip
from chipassay.records.model import Model
from chipassay.records.question import Question
from chipassay.records.workload import Workload
from chipassay.trace import leaf, watching
from chipassay.units import FlopRate

PRECISIONS = ("fp64", "tf32", "fp32", "fp16", "bf16", "fp8", "int8", "fp6", "fp4", "int4")
RATIOS = {
    "memory_bandwidth_ratio": "memory_bandwidth",
    "memory_capacity_ratio": "memory_capacity",
    "scaleup_bandwidth_ratio": "scaleup_bandwidth",
}
CUTS = ("matrix_rate", "memory_bandwidth", "memory_capacity", "scaleup_bandwidth")
CROWDS = (8.0, 16.0, 32.0, 64.0, 128.0, 256.0)
"""Requests in flight over which a serving ratio is banded: it moves with the batch."""


@dataclass(frozen=True, slots=True)
class Side:
    """One chip of the comparison as numbers; `rate` is its 16-bit matrix rate."""

    entry: Entry
    chip: Chip
    rate: FlopRate
    rate_field: str


def assay(question: Question, catalogue: Catalogue) -> Answer:
    """Answer the question `assay`, with its derivation."""
    found = catalogue.chip(question.chip or "")
    other = catalogue.chip(question.against) if question.against else None
    models = {
        use: find_model(catalogue, name)
        for use, name in (("train", question.train), ("serve", question.serve))
        if name
    }
    notes = Footnotes(catalogue, models.values())
    with watching():
        sides = [_side(each.entry) for each in (found, other) if each]
        fields, reasons = _fields(question, catalogue, sides, models, notes)
    refusal = fields.get("ship", {}).get("enforced", {}).get("outcome", "no_licence")
    return Answer(
        question=question,
        answer=Part(fields),
        because=tuple(reason for reason in reasons if reason),
        sources=notes.sources(),
        warnings=_warnings(found, other, models, sides),
        refusal=refusal not in ("no_licence", "indeterminate"),
    )


def _fields(
    question: Question,
    catalogue: Catalogue,
    sides: list[Side],
    models: dict[str, FoundModel],
    notes: Footnotes,
) -> tuple[dict[str, Any], list[Reason | None]]:
    side, other = sides[0], sides[1] if len(sides) > 1 else None
    fields: dict[str, Any] = {"chip": _identity(side.entry)}
    reasons: list[Reason | None] = []
    if other is not None:
        fields["against"] = _identity(other.entry)
        fields |= _ratios(side, other, notes, reasons)
    if question.to:
        fields["ship"] = ship(side.entry, side.chip, question, catalogue, notes, reasons)
    if "train" in models:
        fields["train"] = _train(side, other, models["train"], catalogue, notes, reasons)
    if "serve" in models:
        fields["serve"] = _serve(side, other, models["serve"], catalogue, notes, reasons)
    fields["cuts"] = _cuts(side, other, models, catalogue) if question.cuts and other else []
    return fields, reasons


def _identity(entry: Entry) -> dict[str, Any]:
    return {"id": entry.id, "name": entry.name}


def _side(entry: Entry) -> Side:
    chip = numbers(entry)
    field = matrix_field(entry)
    return Side(entry, chip, getattr(chip, field), field)


def _ratios(
    side: Side, other: Side, notes: Footnotes, reasons: list[Reason | None]
) -> dict[str, Any]:
    """Ratios of data-sheet figures, dense over dense and one way over one way."""
    peaks = {}
    for precision in PRECISIONS:
        field = f"dense_{precision}"
        if field in side.entry.facts and field in other.entry.facts:
            value = ratio(getattr(side.chip, field), getattr(other.chip, field))
            reasons.append(notes.reason(f"peak_ratio.{precision}", value))
            peaks[precision] = float(value)
    result: dict[str, Any] = {"peak_ratio": peaks}
    for name, field in RATIOS.items():
        value = ratio(getattr(side.chip, field), getattr(other.chip, field))
        reasons.append(notes.reason(name, value))
        result[name] = float(value)
    return result


def _work(**changed: float) -> Workload:
    named = Workload()._replace(**changed)._asdict()
    return Workload(**{name: leaf(f"workload.{name}", value) for name, value in named.items()})


def _train(
    side: Side,
    other: Side | None,
    model: FoundModel,
    catalogue: Catalogue,
    notes: Footnotes,
    reasons: list[Reason | None],
) -> dict[str, Any]:
    efficiency = catalogue.assumption("training-efficiency")
    numbers_of = model.numbers()
    work = _work(sequence=_sequence(model))
    own = training(side.rate, side.chip, numbers_of, work)
    reasons.append(notes.reason("train.tokens_per_s_per_chip at full rates", own.tokens_per_second))
    result: dict[str, Any] = {
        "model": {"id": model.id, "name": model.name, "parameters": float(numbers_of.parameters)},
        "tokens_per_s_per_chip": _banded(own.tokens_per_second, efficiency, "1/s"),
        "bound_by": bound_by(own),
        "workload": {"sequence": float(work.sequence), "tensor_parallel": float(work.group)},
        "needs": unknown_leaves(side.entry.id, side.chip, _used(side, TRAIN_FIELDS)),
    }
    if other is not None:
        theirs = training(other.rate, other.chip, numbers_of, work)
        value = ratio(own.tokens_per_second, theirs.tokens_per_second)
        reasons.append(notes.reason("train.throughput_ratio", value))
        result["throughput_ratio"] = _ratio_band(value, value, value, efficiency)
        result["needs"] += unknown_leaves(other.entry.id, other.chip, _used(other, TRAIN_FIELDS))
    return result


TRAIN_FIELDS = ("memory_bandwidth", "scaleup_bandwidth")
SERVE_FIELDS = (*TRAIN_FIELDS, "memory_capacity")


def _used(side: Side, fields: tuple[str, ...]) -> tuple[str, ...]:
    return (side.rate_field, *fields)


def _sequence(model: FoundModel) -> float:
    """The workload's sequence, or the model's last learned position if that comes first."""
    learned = model.architecture.learned_positions
    usual = Workload().sequence
    return float(min(usual, learned)) if learned else float(usual)


def bound_by(training_: Training) -> str:
    """The kind of time that takes the longest."""
    times = {kind: getattr(training_, kind) for kind in ("arithmetic", "memory", "exchange")}
    if any(math.isnan(each) for each in times.values()):
        return "unknown"
    return max(times, key=lambda kind: float(times[kind]))


def _serve(
    side: Side,
    other: Side | None,
    model: FoundModel,
    catalogue: Catalogue,
    notes: Footnotes,
    reasons: list[Reason | None],
) -> dict[str, Any]:
    efficiency = catalogue.assumption("serving-efficiency")
    numbers_of, work = model.numbers(), _work()
    own = serving(side.rate, side.chip, numbers_of, work)
    reasons.append(notes.reason("serve.tokens_per_s_per_chip at full rates", own.tokens_per_second))
    fits = None if math.isnan(own.in_flight) else own.in_flight >= 1
    result: dict[str, Any] = {
        "model": {"id": model.id, "name": model.name, "parameters": float(numbers_of.parameters)},
        "output_tokens_per_s_per_chip": _banded(own.tokens_per_second, efficiency, "1/s"),
        "tpot": _slowed(own.step, efficiency),
        "fits": fits,
        "bound_by": _decode_bound(own),
        "workload": {name: float(value) for name, value in work._asdict().items()},
        "needs": unknown_leaves(side.entry.id, side.chip, _used(side, SERVE_FIELDS)),
    }
    if other is None:
        return result
    theirs = serving(other.rate, other.chip, numbers_of, work)
    value = ratio(own.tokens_per_second, theirs.tokens_per_second)
    reasons.append(notes.reason("serve.throughput_ratio", value))
    crowds = [_serve_ratio(side, other, numbers_of, crowd) for crowd in CROWDS]
    low, high = min([float(value), *crowds]), max([float(value), *crowds])
    result["throughput_ratio"] = _ratio_band(value, low, high, efficiency)
    for name, mine, reference in (
        ("prefill_ratio", theirs.prefill, own.prefill),
        ("decode_ratio", _rate_of(own), _rate_of(theirs)),
    ):
        part = ratio(mine, reference)
        result[name] = _ratio_band(part, part, part, efficiency)
    result["needs"] += unknown_leaves(other.entry.id, other.chip, _used(other, SERVE_FIELDS))
    return result


def _rate_of(each: Serving) -> float:
    """Decode steps times the requests in them, a second."""
    return float(each.in_flight) / float(each.step) if float(each.step) > 0 else math.nan


def _serve_ratio(side: Side, other: Side, model: Model, crowd: float) -> float:
    work = Workload(in_flight=crowd)
    own = serving(side.rate, side.chip, model, work).tokens_per_second
    theirs = serving(other.rate, other.chip, model, work).tokens_per_second
    return float(own) / float(theirs) if float(theirs) > 0 else math.nan


def _decode_bound(each: Serving) -> str:
    if math.isnan(each.step):
        return "unknown"
    return "arithmetic" if each.step_arithmetic > each.step_memory else "memory"


def _cuts(
    side: Side, other: Side, models: dict[str, FoundModel], catalogue: Catalogue
) -> list[dict[str, Any]]:
    """Each difference turned on alone: the other chip with one figure of this one."""
    result = []
    for field in CUTS:
        cut = _with_one_figure(side, other, field)
        if cut is None:
            continue
        row: dict[str, Any] = {"field": side.rate_field if field == "matrix_rate" else field}
        row |= {"from": _figure(other, field), "to": _figure(side, field)}
        row |= _cut_ratios(cut, other, models, catalogue)
        result.append(row)
    return result


def _figure(side: Side, field: str) -> float:
    return float(side.rate if field == "matrix_rate" else getattr(side.chip, field))


def _with_one_figure(side: Side, other: Side, field: str) -> Side | None:
    mine, theirs = _figure(side, field), _figure(other, field)
    if mine == theirs or math.isnan(mine) or math.isnan(theirs):
        return None
    if field == "matrix_rate":
        return Side(other.entry, other.chip, mine, other.rate_field)
    return Side(other.entry, other.chip._replace(**{field: mine}), other.rate, other.rate_field)


def _cut_ratios(
    cut: Side, whole: Side, models: dict[str, FoundModel], catalogue: Catalogue
) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(("train_ratio", "prefill_ratio", "decode_ratio"))
    if "train" in models:
        model, work = models["train"].numbers(), Workload(sequence=_sequence(models["train"]))
        rates = [training(each.rate, each.chip, model, work) for each in (cut, whole)]
        value = rates[0].tokens_per_second / rates[1].tokens_per_second
        efficiency = catalogue.assumption("training-efficiency")
        row["train_ratio"] = _ratio_band(value, value, value, efficiency)
    if "serve" in models:
        model = models["serve"].numbers()
        own, theirs = (serving(each.rate, each.chip, model, Workload()) for each in (cut, whole))
        efficiency = catalogue.assumption("serving-efficiency")
        prefill = theirs.prefill / own.prefill
        decode = _rate_of(own) / _rate_of(theirs)
        row["prefill_ratio"] = _ratio_band(prefill, prefill, prefill, efficiency)
        row["decode_ratio"] = _ratio_band(decode, decode, decode, efficiency)
    return row


def _banded(value: float, efficiency: dict[str, Any], unit: str) -> Quantity:
    """A rate at full speed times the share of it that measured systems reach."""
    shares = (efficiency["value"], efficiency["low"], efficiency["high"])
    return Quantity(*(float(value) * share for share in shares), unit, "assumed")


def _slowed(value: float, efficiency: dict[str, Any]) -> Quantity:
    """A time at full speed, divided by the share of it that measured systems reach."""
    shares = (efficiency["value"], efficiency["high"], efficiency["low"])
    return Quantity(*(float(value) / share for share in shares), "s", "assumed")


def _ratio_band(value: float, low: float, high: float, efficiency: dict[str, Any]) -> Quantity:
    """A ratio of two chips: each may reach its own share, independently of the other.

    Two independent log-normal shares spread by the square root of two more than one.
    """
    spread = (efficiency["high"] / efficiency["low"]) ** (math.sqrt(2) / 2)
    return Quantity(float(value), float(low) / spread, float(high) * spread, "1", "assumed")


def _warnings(
    found: Found, other: Found | None, models: dict[str, FoundModel], sides: list[Side]
) -> tuple[str, ...]:
    remarks = [*found.remarks, *(other.remarks if other else ())]
    for model in models.values():
        remarks += model.remarks
    for side in sides:
        remarks += unverified(side.entry, (side.rate_field, "die_area", *SERVE_FIELDS))
    return tuple(dict.fromkeys(remarks))


def unverified(entry: Entry, fields: tuple[str, ...]) -> list[str]:
    """A remark for each figure an answer rests on that nobody has read in a source."""
    return [
        f"unverified: {entry.facts[name].name} = {entry.facts[name].shown} ({entry.facts[name].standing})"
        for name in fields
        if name in entry.facts
        and not entry.facts[name].verified
        and entry.facts[name].confidence != "asked"
    ]
