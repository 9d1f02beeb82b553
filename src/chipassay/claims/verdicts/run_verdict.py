"""Verdicts on training runs, by what the model's maker says of them.

A figure that agrees is supported. One that differs is contradicted only where the sentence names
one model and gives one figure of that kind, plainly, and the maker's report has that very kind.
"""

from __future__ import annotations

import re
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.models import find_model
from chipassay.claims.claim import Amount, Claim, Verdict, cannot_tell
from chipassay.claims.known_words import strange_word
from chipassay.claims.trade.run_chips import BESIDE, HARDWARE, RUNNING
from chipassay.claims.verdicts.tolerance import CLOSE, agrees, is_coarse
from chipassay.units import factor, si_unit, text

_EXACT = 0.005
"""Of several figures of a kind, one confirms only where it is the maker's to this part."""
_JUDGED = {
    "tokens": 1.04,
    "gpu hours": 1.25,
    "deployment": 1.25,
    "electricity": 1.5,
    "compute": 3.0,
}
"""Kinds that a maker gives once for a run, and how many times off is called wrong: electricity is
that of cards or of the site, operations are reckoned in more than one way. Costs, days and shares
are counted in too many ways."""
_ROUGH = 0.06
"""Numbers of operations leave attention in or out."""
_OF_TOKEN = 6.0
"""Operations of training for each parameter and token."""
_TRAINS = re.compile(r"\btrain\w*|训练|訓練", re.I)


def run_verdict(claim: Claim, catalogue: Catalogue) -> Verdict | None:
    """The verdict on a figure of a named run; None where none of that model and kind is held."""
    subject, amount = claim.subject, claim.amount
    if subject is None or subject.kind != "model":
        return None
    if claim.field == HARDWARE:
        return _hardware(claim, catalogue)
    if amount is None:
        return None
    meant = _sized(claim, catalogue)
    rows = [
        row for row in catalogue.runs()
        if row["model"] in meant and row["figure"] == claim.field
        and si_unit(_unit(row)) == amount.unit
    ]  # fmt: skip
    if claim.field == "compute":
        rows = rows or _reckoned(meant, catalogue)
    if not rows:
        return None
    if claim.voice.forecast:
        return cannot_tell("a forecast or a plan", field=claim.field)
    for row in rows:
        close = claim.facts.get("alone") or abs(amount.value / _value(row) - 1) < _EXACT
        near = _ROUGH if claim.field == "compute" else CLOSE
        if agrees(amount, _value(row), near) and close and not is_coarse(amount, _value(row)):
            if _is_of_part(claim, row):
                sure = row["confidence"] == "seen"
                note = row.get("of", "") if sure else "our own figure was not seen in its source"
                return _made("supported" if sure else "cannot tell", row, note)
            return _made("cannot tell", row, f"that figure is of {row['of']}")
    nearest = min(rows, key=lambda row: abs(_value(row) - amount.value))
    doubt = _doubt(claim, amount, rows, many=len(meant) > 1)
    return _made("cannot tell" if doubt else "contradicted", nearest, doubt)


def _hardware(claim: Claim, catalogue: Catalogue) -> Verdict:
    """The chips of a run: right where any of the models a name may mean ran on them."""
    ids = set(_sized(claim, catalogue))
    rows = [row for row in catalogue.runs() if row["model"] in ids and row.get("chips")]
    if not rows or claim.other is None:
        return cannot_tell("no source of the maker tells the chips of it", field=HARDWARE)
    same = [row for row in rows if set(row["chips"]) & set(claim.other.ids)]
    row = (same or rows)[0]
    reference = f"{row['model']}: trained on {catalogue.chip_entry(row['chips'][0]).name}"
    sure = row["confidence"] == "seen"
    outcome: Any = "cannot tell" if not sure else "supported" if same else "contradicted"
    return Verdict(outcome, reference, field=HARDWARE, sources=tuple(row["sources"]))


def _sized(claim: Claim, catalogue: Catalogue) -> tuple[str, ...]:
    """The models a name may mean, without those whose size is not the one printed beside it."""
    ids = claim.subject.ids if claim.subject is not None else ()
    size = float(claim.facts.get("size", 0.0))
    if not size or len(ids) < 2:
        return ids
    near = [id_ for id_ in ids if abs(_parameters(catalogue, id_) / size - 1) < _SIZE]
    return tuple(near) or ids


_SIZES = re.compile(r"[-(]?\s?\b\d+(?:\.\d+)?\s?[bB]\b\)?")
_SIZE = 0.06
"""How far a model's parameters may lie from the size in its name."""


def _parameters(catalogue: Catalogue, id_: str) -> float:
    return float(find_model(catalogue, id_).numbers().parameters)


def _reckoned(ids: tuple[str, ...], catalogue: Catalogue) -> list[dict[str, Any]]:
    """Six operations for each active parameter and each token that the maker reports."""
    return [
        row | {"figure": "compute", "unit": "FLOP", "of": "six for each parameter and token",
               "value": _OF_TOKEN * float(row["value"])
               * float(find_model(catalogue, row["model"]).numbers().active_parameters)}
        for row in catalogue.runs() if row["model"] in ids and row["figure"] == "tokens"
    ]  # fmt: skip


def _doubt(claim: Claim, amount: Amount, rows: list[dict[str, Any]], *, many: bool) -> str:
    """Why a figure that differs is not called wrong; "" where it is."""
    clause = str(claim.facts.get("clause", claim.words))
    if all(row.get("by") == "outsider" for row in rows) or claim.field not in _JUDGED:
        return "only the maker's own figure of that very kind would contradict it"
    if claim.voice.hedged or amount.manner in ("over", "under", "up to", "nearly"):
        return "it is told as an estimate or a bound"
    far = _JUDGED[claim.field]
    if any(1 / far < amount.value / _value(row) < far for row in rows):
        return "it is too close to the maker's figure to be called wrong"
    told = claim.field == "compute" or _TRAINS.search(claim.words)
    if many or not told:
        return "the name is shared by models of several sizes, or no training is spoken of"
    if not claim.facts.get("alone") or claim.facts.get("models", 1) != 1:
        return "the sentence gives several such figures or names several models"
    if BESIDE.search(clause):
        return "the words beside it may make it a part of the run, or another one"
    word = strange_word(_SIZES.sub(" ", str(claim.facts.get("masked", clause))), RUNNING)
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
