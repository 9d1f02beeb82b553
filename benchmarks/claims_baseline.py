"""quantulum3, a reader of quantities, on labelled sentences: what of a claim it finds, how fast.

    python -m benchmarks.claims_baseline FILE

It knows no chip, no attribute and no truth, so only its quantities can be compared: the share of
numeric claims whose magnitude it finds anywhere in the sentence, with a unit that is one, and of
the sentences without a claim in which it marks one. The same is asked of the reader of this
project, over the same sentences in the same run.
"""

from __future__ import annotations

import importlib
import math
import re
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.check import judged
from chipassay.claims.scoring import labelled_rows
from chipassay.claims.text.document import Document
from chipassay.claims.text.names import index
from chipassay.claims.text.numerals import SCALES
from chipassay.units import factor

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?", re.I)
_CLOSE = 0.02


class Found(NamedTuple):
    """A quantity that was read: its magnitude as printed or in SI, and whether it has a unit."""

    value: float
    has_unit: bool


Read = Callable[[str], list[Found]]


def peer() -> Read | None:
    """quantulum3's quantities of a text; None where it is not installed."""
    warnings.filterwarnings("ignore")
    try:
        parser: Any = importlib.import_module("quantulum3.parser")
    except ImportError:
        return None

    def read(text: str) -> list[Found]:
        return [Found(float(q.value), q.unit.name != "dimensionless") for q in parser.parse(text)]

    return read


def ours() -> Read:
    """The quantities of the claims that this project reads in a text."""
    catalogue = Catalogue.shipped()
    names = index(catalogue)

    def read(text: str) -> list[Found]:
        found = [claim.amount for claim, _ in judged(Document("row", text, text), names, catalogue)]
        return [Found(each.value, each.unit != "1" or bool(each.noun)) for each in found if each]

    return read


_SCALED = {"bn": "billion", "M": "M", "B": "B", "T": "trillion", "K": "k"}


def wanted(value: str, unit: str) -> list[float]:
    """The magnitudes that a label may mean: as printed, in SI, scaled by a word of its unit."""
    numbers = [float(each) for each in _NUMBER.findall(value.replace(",", ""))[:2]]
    times = [1.0, *(SCALES[scale.lower()] for word, scale in _SCALED.items()
                    if word in unit.split())]  # fmt: skip
    try:
        times.append(factor(unit))
    except Exception:  # a word that is no unit
        times.append(0.01 if unit == "%" else 1.0)
    return [number * each for number in numbers for each in times]


def is_close(found: float, asked: float) -> bool:
    """Whether two magnitudes are one figure."""
    return math.isclose(found, asked, rel_tol=_CLOSE)


def score(read: Read, rows: list[dict[str, str]]) -> str:
    """What a reader finds of labelled rows, and in how many CPU-seconds."""
    start = time.process_time()
    found = [read(row["sentence"]) for row in rows]
    seconds = time.process_time() - start
    numeric = hits = units = alarms = none = 0
    for row, each in zip(rows, found, strict=True):
        if row["correct"] == "none":
            none += 1
            alarms += bool(each)
        elif row["unit"] not in ("", "bool", "date") and _NUMBER.search(row["value"]):
            numeric += 1
            asked = wanted(row["value"], row["unit"])
            right = [q for q in each if any(is_close(q.value, one) for one in asked)]
            hits += bool(right)
            units += any(q.has_unit for q in right)
    return (
        f"magnitude of {hits} of {numeric} numeric claims, {units} with a unit; "
        f"a mark in {alarms} of {none} sentences without a claim; {seconds:.2f} CPU-s"
    )


def main(words: list[str]) -> int:
    if len(words) != 1:
        print("python -m benchmarks.claims_baseline FILE", file=sys.stderr)
        return 2
    rows = labelled_rows(Path(words[0]))
    read = peer()
    print("quantulum3: " + ("not installed" if read is None else score(read, rows)))
    print("chipassay:  " + score(ours(), rows))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
