"""What a sentence says a chip can do, before the models of training and serving."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.claim import Amount, Claim, Verdict, cannot_tell
from chipassay.errors import ChipassayError
from chipassay.records.answer import Answer
from chipassay.units import number, parse, text

Ask = Callable[..., Answer]
WITHIN, WITHIN_DAYS = "180 days", "180 day"
"""A training run that ends within this is one that people make."""
CHEAPER = 10.0
YARDSTICK, SERVED = "gpt3-175b", "llama3.1-70b"
CLUSTER = "2048"
"""Chips on which the largest model is looked for."""
SERVERS = ("8", "16", "64")
"""Chips that are tried for serving: a node, two, and eight."""
LOAD = {"input": "1024", "output": "128", "concurrency": "1"}
_ALONE = re.compile(r"\b(?:single|one|alone|by itself)\b|单[个张块卡颗]", re.I)


def work_verdict(claim: Claim, catalogue: Catalogue, ask: Ask) -> Verdict:
    """The verdict on a statement of ability; the questions go through `ask`."""
    if claim.relation == "can" or claim.subject is None or claim.subject.kind != "chip":
        told = "no chip, model and time are named together; ask `train` or `serve` with them"
        return cannot_tell(told, field=claim.field)
    chip = claim.subject.ids[0]
    if claim.relation == "traded":
        return _traded(chip, catalogue, ask)
    if claim.relation == "needs" and claim.amount is not None:
        return _needs(claim, claim.amount, chip, ask)
    return _cannot(claim, chip, catalogue, ask)


def _traded(chip: str, catalogue: Catalogue, ask: Ask) -> Verdict:
    """Training was cut and inference kept: both against the part the chip derives from."""
    base = _first_of_design(chip, catalogue)
    if not base:
        return cannot_tell("no part is known that the chip derives from", chip=chip, field="train")
    try:
        answer = ask(task="assay", chip=chip, against=base, train=YARDSTICK, serve=SERVED).answer
        train, serve = (float(answer[use]["throughput_ratio"].value) for use in ("train", "serve"))
    except (ChipassayError, KeyError, AttributeError):
        return cannot_tell("the models cannot be asked this", chip=chip, field="train")
    told = f"against {base}: training {train:.2g}× ({YARDSTICK}), serving {serve:.2g}× ({SERVED})"
    given = {"reference": told, "chip": chip, "field": "train", "others": (base,),
             "asked": {"task": "assay", "chip": chip, "against": base, "train": YARDSTICK,
                       "serve": SERVED}}  # fmt: skip
    if train < 0.7 and serve > 2 * train:
        return Verdict("supported", note="training loses far more than serving", **given)  # type: ignore[arg-type]
    return Verdict("cannot tell", note="the ratios do not settle it", **given)  # type: ignore[arg-type]


def _first_of_design(chip: str, catalogue: Catalogue) -> str:
    """The part a chip derives from: as its entry says, else the first of its design."""
    entry = catalogue.chip_entry(chip)
    if entry.variant_of or not entry.design:
        return entry.variant_of
    kin = [each for each in catalogue.chips() if each.design == entry.design and each.id != chip]
    known = [e for e in kin if "announced" in e.facts and "dense_fp16" in e.facts]
    if not known:
        return ""
    return min(known, key=lambda e: (str(e.facts["announced"].value), -e.number("dense_fp16"))).id


def _asked(ask: Ask, words: dict[str, Any]) -> Answer | None:
    """The answer; None where the models cannot be asked that."""
    try:
        return ask(**words)
    except ChipassayError:
        return None


def _needs(claim: Claim, amount: Amount, chip: str, ask: Ask) -> Verdict:
    """So many chips are needed: how many finish in half a year? Without a model nothing settles it,
    and a cluster's run of a known one is shown."""
    told = "it depends on the model, its data and the time; the sentence gives none of them"
    if claim.other is None:
        run = _planned(YARDSTICK, chip, ask)
        reference, words = (_run(run[0], chip, YARDSTICK), run[1]) if run else ("", {})
        return Verdict("cannot tell", reference, told, chip, "train", words)
    model = claim.other.ids[0]
    words = {"task": "train", "model": model, "chip": chip, "within": WITHIN}
    found = _asked(ask, words)
    if found is None:
        none = f"no number of them trains {model} within {WITHIN}, or a figure is missing"
        return cannot_tell(none, chip=chip, field="train")
    base: dict[str, Any] = {"reference": _run(found, chip, model), "chip": chip, "field": "train",
                            "asked": words}  # fmt: skip
    surely = found.answer.get("chips_to_be_sure")
    if surely and surely * CHEAPER <= amount.low:
        return Verdict("contradicted", note="a tenth of that number is enough", **base)
    return Verdict("cannot tell", note=told, **base)


def _planned(model: str, chip: str, ask: Ask) -> tuple[Answer, dict[str, Any]] | None:
    """A run of a model on a cluster of the chip by the plan that an assay finds quickly, and the
    question; None where it does not fit or a figure is missing."""
    quick = _asked(ask, {"task": "assay", "chip": chip, "train": model, "train_chips": CLUSTER})
    plans = quick.answer.train["plan_text"] if quick is not None else {}
    if not plans.get(chip):
        return None
    words = {"task": "train", "model": model, "chip": chip, "chips": CLUSTER, "plan": plans[chip]}
    found = _asked(ask, words)
    return (found, words) if found is not None and not found.refusal else None


def _run(found: Answer, chip: str, model: str) -> str:
    """A training run in a sentence: how many, how long, in how much memory."""
    told = found.answer
    memory = f"{text(told.memory_per_chip.value, 'B')} of {text(told.memory_capacity, 'B')} a chip"
    return (
        f"{number(float(told.chips))} × {chip} train {model} on 20 tokens an active weight in "
        f"{text(told.days.value, 's')}, in {memory}"
    )


def _cannot(claim: Claim, chip: str, catalogue: Catalogue, ask: Ask) -> Verdict:
    """A chip cannot train, or serve, a model: is there memory, and time, enough?"""
    size = float(claim.facts.get("parameters") or 0.0)
    named = claim.other.ids[0] if claim.other is not None else ""
    model = named or (_alike(catalogue, size) if size else "")
    if not model:
        told = "no model of that size is held" if size else "no model size is named"
        return cannot_tell(told, chip=chip, field=claim.field)
    memory = catalogue.chip_entry(chip).facts.get("memory_capacity")
    asked_for = memory is not None and memory.confidence == "asked"
    if memory is None or not (memory.verified or asked_for):
        return cannot_tell("the chip's memory is not known", chip=chip, field=claim.field)
    alone = _ALONE.search(claim.words) is not None
    sources = tuple(source.key for source in memory.sources)
    if claim.field != "train":
        return _cannot_serve(chip, model, ask, sources, alone=alone)
    verdict = _cannot_train(chip, model, ask, sources, alone=alone)
    if verdict.reference or named:
        return verdict
    return _largest(chip, size, catalogue, ask, sources) or verdict


def _largest(
    chip: str, size: float, catalogue: Catalogue, ask: Ask, sources: tuple[str, ...]
) -> Verdict | None:
    """Whether a cluster of the chip trains a model of that size in time, of experts at least."""
    model = _sparse(catalogue, size)
    run = _planned(model, chip, ask)
    if run is None or run[0].answer.days.high > parse(WITHIN_DAYS, "s"):
        return None
    found, words = run
    note = "a model as large, of experts, trains in time"
    return Verdict("contradicted", _run(found, chip, model), note, chip, "train", words, sources)


def _sparse(catalogue: Catalogue, size: float) -> str:
    """The model as large that uses the fewest weights for a token; "" where none is held."""
    active = {}
    for id_, model in catalogue.models().items():
        told = {key: (model["published"].get(f"{key}_parameters") or {}).get("value", 0.0)
                for key in ("total", "active")}  # fmt: skip
        if told["total"] >= size and model.get("config_confidence") == "seen":
            active[id_] = told["active"] or told["total"]
    return min(active, key=lambda id_: active[id_], default="")


def _cannot_train(
    chip: str, model: str, ask: Ask, sources: tuple[str, ...], *, alone: bool
) -> Verdict:
    words = {"task": "train", "model": model, "chip": chip}
    words |= {"chips": "1"} if alone else {"within": WITHIN}
    found = _asked(ask, words)
    if found is None:
        told = f"no number of them trains {model} within {WITHIN}, or a figure is missing"
        return cannot_tell(told, chip=chip, field="train")
    base: dict[str, Any] = {"reference": _run(found, chip, model), "chip": chip, "field": "train",
                            "asked": words, "sources": sources}  # fmt: skip
    if alone:
        fits = found.answer["fits"]
        note = "it fits" if fits else "it does not fit in the memory of one"
        return Verdict("contradicted" if fits else "supported", note=note, **base)
    note = "no limit of the chip forbids it; it takes more of them"
    return Verdict("contradicted", note=note, **base)


def _cannot_serve(
    chip: str, model: str, ask: Ask, sources: tuple[str, ...], *, alone: bool
) -> Verdict:
    for count in ("1",) if alone else SERVERS:
        words = {"task": "serve", "model": model, "chip": chip, "chips": count, **LOAD}
        found = _asked(ask, words)
        if found is None:
            return cannot_tell("the models cannot be asked this", chip=chip, field="serve")
        told = found.answer
        base: dict[str, Any] = {"chip": chip, "field": "serve", "asked": words, "sources": sources}
        if told["fits"]:
            each = text(told["tpot"]["mean"].value, "s")
            reference = f"{count} × {chip} serve {model}, a token every {each}"
            return Verdict("contradicted", reference, "it fits in memory", **base)
    reference = f"{model} does not fit in the memory of {count} × {chip}"
    if alone:
        return Verdict("supported", reference, "one alone cannot hold it", **base)
    return Verdict("cannot tell", reference, "more of them might", **base)


def _alike(catalogue: Catalogue, size: float) -> str:
    """The dense model of the catalogue nearest in size, by the number in its id."""
    best, distance = "", math.inf
    for id_, model in catalogue.models().items():
        name = id_.rpartition("-")[2]
        if name[-1:] not in ("b", "t") or not name[:-1].replace(".", "").isdigit():
            continue
        told = parse(f"{name[:-1]} {'TB' if name[-1] == 't' else 'GB'}", "B")
        gap = abs(math.log(told / size))
        if gap < distance and model.get("config_confidence") == "seen":
            best, distance = id_, gap
    return best if distance < math.log(3) else ""
