"""What a sentence says a chip can do, before the models of training and serving."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.claim import Amount, Claim, Verdict, cannot_tell
from chipassay.errors import ChipassayError
from chipassay.records.answer import Answer, Quantity
from chipassay.units import factor, number, parse, text

Ask = Callable[..., Answer]
STATE = parse("16 B", "B")
"""Bytes a parameter takes in mixed-precision training with Adam: weights, gradients, moments."""
LONG = 180 * factor("day")
"""A training run that ends within this is one that people make."""
TOKENS = 20.0
"""Tokens a parameter, where a sentence does not say: Hoffmann et al. 2022."""
CHEAPER = 10.0
YARDSTICK, SERVED = "gpt3-175b", "llama3.1-70b"


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


def _rate(ask: Ask, model: str, chip: str) -> tuple[Quantity, float] | None:
    """Tokens a second of one chip training a model, and the model's parameters."""
    try:
        part = ask(task="assay", chip=chip, train=model).answer.get("train")
    except ChipassayError:
        return None
    if part is None:
        return None
    rate = part["tokens_per_s_per_chip"]
    if not isinstance(rate, Quantity) or math.isnan(rate.value):
        return None
    return rate, float(part["model"]["parameters"])


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


def _needs(claim: Claim, amount: Amount, chip: str, ask: Ask) -> Verdict:
    """So many chips are needed: how long would a tenth of them take?"""
    model = claim.other.ids[0] if claim.other is not None else YARDSTICK
    found = _rate(ask, model, chip)
    if found is None:
        return cannot_tell("the model of training cannot be asked this", chip=chip, field="train")
    rate, parameters = found
    few = max(1.0, amount.low / CHEAPER)
    seconds = TOKENS * parameters / (rate.low * few)
    reference = (
        f"{number(few)} × {chip} train {model} on {TOKENS:g} tokens a parameter in at most "
        f"{text(seconds, 's')}"
    )
    base: dict[str, Any] = {"reference": reference, "chip": chip, "field": "train",
                            "asked": {"task": "assay", "chip": chip, "train": model}}  # fmt: skip
    if seconds < LONG and claim.other is not None:
        return Verdict("contradicted", note="a tenth of that number is enough", **base)
    told = "it depends on the model, its data and the time; the sentence gives none of them"
    return Verdict("cannot tell", note=told, **base)


def _cannot(claim: Claim, chip: str, catalogue: Catalogue, ask: Ask) -> Verdict:
    """A chip cannot train a model of some size: is there memory, links and time enough?"""
    size = float(claim.facts.get("parameters") or 0.0)
    if claim.field != "train" or not size:
        return cannot_tell("no model size is named", chip=chip, field=claim.field)
    entry = catalogue.chip_entry(chip)
    memory = entry.facts.get("memory_capacity")
    if memory is None or not memory.verified or "scaleup_bandwidth" not in entry.facts:
        return cannot_tell("the chip's memory or link is not known", chip=chip, field="train")
    chips = math.ceil(size * STATE / float(memory.value))
    like = _alike(catalogue, size)
    found = _rate(ask, like, chip) if like else None
    days = ""
    if found is not None:
        rate, parameters = found
        seconds = TOKENS * parameters / (rate.value * chips * CHEAPER)
        days = (
            f"; {number(chips * CHEAPER)} of them train {like} on {TOKENS:g} tokens a parameter in"
            f" about {text(seconds, 's')}"
        )
    reference = (
        f"{text(size * STATE, 'B')} of training state fill the memory of {number(chips)}"
        f" {entry.name}{days}"
    )
    base: dict[str, Any] = {
        "reference": reference, "chip": chip, "field": "train",
        "asked": {"task": "assay", "chip": chip} | ({"train": like} if like else {}),
        "sources": tuple(source.key for source in memory.sources),
    }  # fmt: skip
    if found is None:
        told = "it fits in memory; how long it takes cannot be asked yet"
        return Verdict("cannot tell", note=told, **base)
    return Verdict(
        "contradicted", note="no limit of the chip forbids it; it takes more of them", **base
    )


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
