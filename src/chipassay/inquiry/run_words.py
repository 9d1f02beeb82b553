"""What an asker sets of a run, in words: `--run rent=2USD/h,overhead=1.2,downtime=5min`."""

from __future__ import annotations

import re

from chipassay.catalogue.catalogue import Catalogue
from chipassay.errors import QuestionError, UnknownNameError, shown
from chipassay.inquiry.run import ASSUMED
from chipassay.units import factor, parse, si_unit

UNITS = {"interval": "s", "rent": "USD/s", "server": "USD", "rated": "W"}
"""Inputs beside the assumed ones; prices and ratings are a chip's share."""
CHECKPOINTS = "checkpoints"
BEHIND, WAITING = "behind", "waiting"
_PER_THOUSAND_DAYS = "failure_rate"


def spelled(written: str) -> str:
    """A quantity as `units.parse` takes it: `90days` with its blank, its unit in the singular."""
    apart = re.sub(r"(?<=\d)(?!e[-+]?\d)(?=[A-Za-z])", " ", written.strip())
    return re.sub(r"\b(day|hour|week|month|year)s\b", r"\1", apart)


def read_run(written: str, catalogue: Catalogue) -> tuple[dict[str, float], bool]:
    """Inputs in SI by their field, and whether checkpoints are written behind training's back.

    A failure rate without a unit is of stops for 1000 chip-days. Raises `QuestionError`.
    """
    found: dict[str, float] = {}
    behind = True
    for part in filter(None, (each.strip() for each in written.split(","))):
        name, equals, value = (each.strip() for each in part.partition("="))
        known = (*ASSUMED, *UNITS, CHECKPOINTS)
        if not equals or not value:
            hint = "write rent=2USD/h,overhead=1.2,downtime=5min"
            raise QuestionError(f"{shown(part)} sets nothing of a run", where="--run", hint=hint)
        if name not in known:
            raise UnknownNameError("input of a run", name, known, where="--run")
        if name == CHECKPOINTS:
            if value not in (BEHIND, WAITING):
                raise UnknownNameError(CHECKPOINTS, value, (BEHIND, WAITING), where="--run")
            behind = value == BEHIND
        else:
            found[name] = _value(name, value, catalogue)
    return found, behind


def _value(name: str, value: str, catalogue: Catalogue) -> float:
    unit = UNITS.get(name) or str(catalogue.assumption(ASSUMED[name])["unit"])
    if name == _PER_THOUSAND_DAYS and re.fullmatch(r"[0-9.]+(e[-+]?\d+)?", value):
        return float(value) / (factor("kW") * factor("day"))
    if unit == "year":
        return parse(spelled(value), "s", where="--run") / factor("year")
    return parse(spelled(value), si_unit(unit), where="--run")
