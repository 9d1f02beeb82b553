"""A plan in words: `tp=8,pp=16,vp=4,mbs=1,recompute=full`; read, and written again.

`WORDS` is the whole vocabulary. A search takes several values of a word (`tp=2..16` doubles,
`schedule=1f1b/zb-h1` lists, `zero=any` takes all); a single plan takes one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from chipassay.errors import QuestionError, UnknownNameError, shown
from chipassay.records.plan import EXCHANGES, RECOMPUTE, SCHEDULES, Plan

_WHERE = "--plan"
_YES, _NO = ("yes", "on", "true", "1"), ("no", "off", "false", "0")
ANY = "any"
INTERLEAVED = "interleaved"
FULL = float(RECOMPUTE.index("full"))


class Word(NamedTuple):
    """What a word of a plan says, the field it sets, and what it may be."""

    says: str
    field: str
    least: float = 1.0
    most: float = math.inf
    codes: tuple[str, ...] = ()
    switch: bool = False
    share: bool = False


WORDS = {
    "tp": Word("tensor ranks", "tensor"),
    "pp": Word("pipeline stages", "pipeline"),
    "dp": Word("data ranks [default: what the chips leave]", "data"),
    "cp": Word("context ranks, that split a sequence", "context"),
    "ep": Word("expert ranks", "expert"),
    "etp": Word("tensor ranks of one expert", "expert_tensor"),
    "vp": Word("chunks of layers that a stage holds (interleaved 1F1B)", "virtual"),
    "mbs": Word("sequences of a micro-batch", "micro_batch"),
    "ga": Word("micro-batches whose gradients a rank adds up; sets the batch", "accumulate"),
    "zero": Word("what data ranks shard: 1 optimiser, 2 gradients too, 3 weights too", "zero",
                 0, 3),
    "fsdp": Word("zero=3", "fsdp", switch=True),
    "hsdp": Word("zero=3 over groups of so many data ranks", "hsdp"),
    "shard": Word("data ranks that share one set of shards [default: all]", "shard", 0),
    "sp": Word("sequence parallelism: norms split over tensor ranks", "sequence", switch=True),
    "exchange": Word("how context ranks exchange", "exchange", codes=EXCHANGES),
    "recompute": Word("forward passes done again, or full for N layers of a stage", "recompute",
                      codes=RECOMPUTE),
    "share": Word("share of layers that recompute is for", "recomputed", 0, 1, share=True),
    "schedule": Word("pipeline schedule", "schedule", codes=(*SCHEDULES, INTERLEAVED)),
    "first": Word("layers of the first stage", "first_layers", 0),
    "last": Word("layers of the last stage", "last_layers", 0),
    "embedding": Word("embedding and head count as a layer each", "embedding_layers", switch=True),
    "offload": Word("share of the optimiser's state in host memory", "offload_optimizer", 0, 1,
                    share=True),
    "offload_act": Word("share of activations in host memory", "offload_activations", 0, 1,
                        share=True),
    "mask": Word("what a token attends to", "mask", codes=("causal", "document")),
    "document": Word("tokens of the document that a mean token stands in", "document"),
    "mtp": Word("layers for multi-token prediction [default: none]", "predictors", 0),
}  # fmt: skip
"""Every word of `--plan`, in the order that plans are written in."""
BESIDE = ("document", "predictors")
"""Fields that belong to the work, not to its spreading."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a written plan says, by field; several values only where a search may take them."""

    values: Mapping[str, tuple[float, ...]]

    @property
    def fields(self) -> frozenset[str]:
        """What was said."""
        return frozenset(self.values)

    def one(self) -> dict[str, float]:
        """Each field's value. Refuses several: that takes a search."""
        for name, values in self.values.items():
            if len(values) != 1:
                problem = f"{_word(name)} has {len(values)} values"
                raise QuestionError(problem, where=_WHERE, hint="say one, or add --search")
        return {name: values[0] for name, values in self.values.items()}

    def plan(self, usual: Plan) -> Plan:
        """The plan, what is not said as in `usual`."""
        return usual._replace(
            **{name: value for name, value in self.one().items() if name in Plan._fields}
        )

    def beside(self) -> dict[str, float]:
        """What is said of the work: its documents, layers for multi-token prediction."""
        return {name: values[0] for name, values in self.values.items() if name in BESIDE}


def read_words(written: str) -> Said:
    """The words of a plan. Raises `QuestionError` in one line with what could be said."""
    found: dict[str, tuple[float, ...]] = {}
    interleaved = False
    for part in filter(None, (each.strip() for each in written.split(","))):
        name, equals, value = (each.strip().lower() for each in part.partition("="))
        if not equals or not value:
            hint = "write tp=8,pp=16,mbs=1"
            raise QuestionError(f"{shown(part)} is no part of a plan", where=_WHERE, hint=hint)
        if name not in WORDS:
            raise UnknownNameError("word of a plan", name, WORDS, where=_WHERE)
        interleaved = interleaved or (name == "schedule" and value == INTERLEAVED)
        for field, values in _meant(name, value).items():
            if field in found and found[field] != values:
                problem = f"{_word(field)} is said twice, the second time by {name}"
                raise QuestionError(problem, where=_WHERE, hint="keep one")
            found[field] = values
    _agree(found, interleaved)
    return Said(found)


def _meant(name: str, value: str) -> dict[str, tuple[float, ...]]:
    """The fields that one word sets, and to what."""
    word = WORDS[name]
    if name == "recompute" and value.isdigit():
        return {"recompute": (FULL,), "recomputed": (-_number(name, value),)}
    if name == "fsdp":
        return {"zero": (3.0,)} if _switch(name, value) else {}
    values = tuple(dict.fromkeys(_values(name, word, value)))
    if name == "hsdp":
        return {"zero": (3.0,), "shard": values}
    return {word.field: values} if values else {}


def _values(name: str, word: Word, value: str) -> Iterator[float]:
    if value == ANY:
        yield from _all(word)
        return
    for each in value.split("/"):
        low, dots, high = each.partition("..")
        if word.codes:
            yield _code(name, word.codes, each)
        elif word.switch:
            yield _switch(name, each)
        elif not dots:
            yield _number(name, each)
        else:
            start, end = _number(name, low), _number(name, high)
            if start > end or not start:
                hint = f"write {name}=1..8"
                raise QuestionError(f"{name}={each} is no range", where=_WHERE, hint=hint)
            while start <= end:
                yield start
                start *= 2.0


def _all(word: Word) -> tuple[float, ...]:
    """Every value of a word that lists them; none means no limit."""
    if word.codes == EXCHANGES or word.codes == RECOMPUTE:
        return tuple(map(float, range(len(word.codes))))
    if word.codes:
        return tuple(map(float, range(len(SCHEDULES))))
    if word.switch:
        return (0.0, 1.0)
    return (0.0, 1.0, 2.0, 3.0) if word.field == "zero" else ()


def _code(name: str, codes: tuple[str, ...], value: str) -> float:
    if value not in codes:
        raise UnknownNameError(name, value, codes, where=_WHERE, hint=f"it is {' or '.join(codes)}")
    usual = {INTERLEAVED: "1f1b"}.get(value, value)
    return float(codes.index(usual))


def _number(name: str, value: str) -> float:
    word = WORDS[name]
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    whole = word.share or (math.isfinite(number) and number == int(number))
    if not math.isfinite(number) or not word.least <= number <= word.most or not whole:
        if word.codes:
            hint = f"it is {' or '.join(word.codes)}, or a number of layers"
        elif word.share:
            hint = "give a share from 0 to 1"
        else:
            top = f" to {word.most:g}" if word.most < math.inf else ""
            hint = f"give a whole number from {word.least:g}{top}"
        raise QuestionError(f"{name}={shown(value)} cannot be", where=_WHERE, hint=hint)
    return number


def _switch(name: str, value: str) -> float:
    if value in _YES:
        return 1.0
    if value in _NO:
        return 0.0
    raise QuestionError(f"{name}={shown(value)} cannot be", where=_WHERE, hint="say yes or no")


def _agree(found: dict[str, tuple[float, ...]], interleaved: bool) -> None:
    """Words that want each other, or exclude each other."""
    if interleaved and max(found.get("virtual", (1.0,))) < 2.0:
        hint = "say vp=2 or more, or schedule=1f1b"
        raise QuestionError("interleaved stages hold several chunks", where=_WHERE, hint=hint)
    mask = found.pop("mask", ())
    if len(mask) > 1:
        raise QuestionError("a step has one mask", where=_WHERE, hint="say mask=document")
    if mask == (1.0,) and "document" not in found:
        hint = "add document=2048: tokens of the document that a mean token stands in"
        raise QuestionError("how long are the documents?", where=_WHERE, hint=hint)
    if mask == (0.0,) and "document" in found:
        hint = "drop document, or say mask=document"
        raise QuestionError("a causal mask knows no documents", where=_WHERE, hint=hint)
    for field in BESIDE:
        if len(found.get(field, (0.0,))) > 1:
            hint = "ask once for each"
            raise QuestionError(f"{_word(field)} takes one value", where=_WHERE, hint=hint)


def _word(field: str) -> str:
    return next((name for name, word in WORDS.items() if word.field == field), field)


def as_words(plan: Plan, beside: Mapping[str, float] | None = None) -> dict[str, Any]:
    """The plan under the words it is written in; what does not matter is left out."""
    words: dict[str, Any] = {}
    known = plan._asdict() | {name: value for name, value in (beside or {}).items() if value}
    for name, word in WORDS.items():
        value = known.get(word.field)
        if value is None or name in ("fsdp", "hsdp"):
            continue
        number = float(value)
        usual = number == Plan._field_defaults.get(word.field)
        if word.codes:
            if name == "recompute" or (name == "schedule" and plan.pipeline > 1) or not usual:
                words[name] = word.codes[int(number)]
        elif word.switch and number:
            words[name] = True
        elif not word.switch and (not usual or name in ("tp", "pp", "dp", "mbs", "zero")):
            words[name] = number if word.share else int(number)
    return words


def as_text(plan: Plan, beside: Mapping[str, float] | None = None) -> str:
    """The plan as `--plan` takes it."""
    return ",".join(
        f"{name}={'yes' if value is True else f'{value:g}' if isinstance(value, float) else value}"
        for name, value in as_words(plan, beside).items()
    )
