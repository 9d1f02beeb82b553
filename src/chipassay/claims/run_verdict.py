"""Verdicts on training runs, by what the model's maker says of them.

A figure that agrees is supported. One that differs is contradicted only where the sentence names
one model and gives one figure of that kind, plainly, and the maker's report has that very kind.
"""

from __future__ import annotations

import re
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.claim import Amount, Claim, Verdict, cannot_tell
from chipassay.claims.known_words import LATIN, strange_word
from chipassay.claims.tolerance import agrees, is_coarse
from chipassay.units import factor, si_unit, text

_FAR = 0.25
"""Runs are told in rough numbers; a figure nearer than this is not called wrong."""
_EXACT = 0.005
"""Of several figures of a kind, one confirms only where it is the maker's to this part."""
_JUDGED = ("gpu hours", "deployment")
"""Kinds that a maker gives once for a run; costs, days and shares are counted in many ways."""
_TRAINS = re.compile(r"\btrain\w*|训练|訓練", re.I)
_RUN_WORDS = """
train trained training trains run runs ran took takes take cost costs spent spend final full
complete entire whole model models hours hour gpu-hours gpu days using needed required requires
require cluster clusters million billion thousand dollars dollar usd total totalling totaling
consumed utilization utilisation mfu tokens second per sec company team startup chinese meta
huawei pre-training pretraining failures interruptions unexpected during
"""
_KNOWN = LATIN | frozenset(_RUN_WORDS.split())
_BESIDE = re.compile(
    r"\b(?:per|each|every|stage|phase|step|first|fine-?tun\w*|post-?train\w*|context|ablation\w*"
    r"|distill\w*|infer\w*|serv\w+|estimat\w*|equivalent|comparable|similar|rumou?r\w*|base|other"
    r"|research|own\w*|has|have|than|versus|vs|compar\w+|instead|if|would)\b|推理|微调|后训练"
    r"|估", re.I,
)  # fmt: skip
"""Words that make a figure one of something else than the run, or nobody's report."""


def run_verdict(claim: Claim, catalogue: Catalogue) -> Verdict | None:
    """The verdict on a figure of a named run; None where none of that model and kind is held."""
    subject, amount = claim.subject, claim.amount
    if subject is None or subject.kind != "model" or amount is None:
        return None
    rows = [
        row for row in catalogue.runs()
        if row["model"] in subject.ids and row["figure"] == claim.field
        and si_unit(_unit(row)) == amount.unit
    ]  # fmt: skip
    if not rows:
        return None
    if claim.voice.forecast:
        return cannot_tell("a forecast or a plan", field=claim.field)
    for row in rows:
        close = claim.facts.get("alone") or abs(amount.value / _value(row) - 1) < _EXACT
        if agrees(amount, _value(row)) and close and not is_coarse(amount, _value(row)):
            if _is_of_part(claim, row):
                sure = row["confidence"] == "seen"
                note = row.get("of", "") if sure else "our own figure was not seen in its source"
                return _made("supported" if sure else "cannot tell", row, note)
            return _made("cannot tell", row, f"that figure is of {row['of']}")
    nearest = min(rows, key=lambda row: abs(_value(row) - amount.value))
    doubt = _doubt(claim, amount, rows)
    return _made("cannot tell" if doubt else "contradicted", nearest, doubt)


def _doubt(claim: Claim, amount: Amount, rows: list[dict[str, Any]]) -> str:
    """Why a figure that differs is not called wrong; "" where it is."""
    clause = str(claim.facts.get("clause", claim.words))
    if any(row.get("by") == "outsider" for row in rows) or claim.field not in _JUDGED:
        return "only the maker's own figure of that very kind would contradict it"
    if claim.voice.hedged or amount.manner in ("over", "under", "up to", "nearly"):
        return "it is told as an estimate or a bound"
    if any(abs(amount.value / _value(row) - 1) < _FAR for row in rows):
        return "it is too close to the maker's figure to be called wrong"
    if claim.subject is None or len(claim.subject.ids) > 1 or not _TRAINS.search(claim.words):
        return "the name is shared by models of several sizes, or no training is spoken of"
    if not claim.facts.get("alone") or claim.facts.get("models", 1) != 1:
        return "the sentence gives several such figures or names several models"
    if _BESIDE.search(clause):
        return "the words beside it may make it a part of the run, or another one"
    word = strange_word(str(claim.facts.get("masked", clause)), _KNOWN)
    return f"the reader does not know what “{word}” does to it" if word else ""


def _is_of_part(claim: Claim, row: dict[str, Any]) -> bool:
    words = row.get("words", [])
    return not words or any(word.lower() in claim.words.lower() for word in words)


def _unit(row: dict[str, Any]) -> str:
    return "" if row["unit"] == "1" else str(row["unit"])


def _value(row: dict[str, Any]) -> float:
    return float(row["value"]) * factor(_unit(row))


def _made(outcome: Any, row: dict[str, Any], note: str) -> Verdict:
    unit = si_unit(_unit(row))
    shown = f"{_value(row):,g}" if unit == "1" else text(_value(row), unit)
    if row["unit"] == "%":
        shown = f"{row['value']:g} %"
    part = f" ({row['of']})" if row.get("of") else ""
    reference = f"{row['model']}: {row['figure']} {shown}{part}"
    note = "" if note == row.get("of") else note
    return Verdict(outcome, reference, note, "", row["figure"], {}, tuple(row["sources"]))
