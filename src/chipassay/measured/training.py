"""Rows of measured training steps: a CSV of plans and times, as words become numbers.

The columns are those of the public collection that `THIRD_PARTY.md` names. An empty cell is
unknown (NaN); a few cells are words that stand for numbers, and are read as such.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chipassay.errors import QuestionError

NEEDED = ("model", "chip", "n_chips")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Row:
    """One measured row; `text` keeps its cells, `number` reads one as a number."""

    line: int
    text: Mapping[str, str]
    read: frozenset[str] = field(default_factory=frozenset)

    def number(self, name: str) -> float:
        """A cell as a number, its first where it holds several; NaN where it says nothing."""
        found = _NUMBER.search(self.text.get(name, "") or "")
        return float(found.group()) if found else math.nan

    def numbers(self, name: str) -> list[float]:
        """All numbers of a cell: `18432/2048` is a dense and an expert width."""
        return [float(each) for each in _NUMBER.findall(self.text.get(name, "") or "")]

    def word(self, name: str) -> str:
        """A cell as it stands, without blanks around it."""
        return (self.text.get(name) or "").strip()


def rows(path: Path) -> Iterator[Row]:
    """Every row of a file. Raises `QuestionError` for one that is no such table."""
    hint = "give a CSV with the columns of measured training rows, see docs/training.md"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
            if missing:
                problem = f"has no column {', '.join(missing)}"
                raise QuestionError(problem, where=str(path), hint=hint)
            for line, cells in enumerate(reader, 2):
                yield Row(line, cells)
    except OSError as error:
        raise QuestionError(str(error.strerror), where=str(path), hint=hint) from None
    except (UnicodeDecodeError, csv.Error):
        raise QuestionError("is no CSV text", where=str(path), hint=hint) from None
