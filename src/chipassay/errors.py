"""What can go wrong, drawn as a tree; every message is one line: where, what, what to try.

ChipassayError
├── QuestionError           the question is malformed: exit code 2
│   ├── UnknownNameError    a chip, model, field … that is not in the catalogue
│   └── UnitError           a quantity that cannot be read, or has the wrong unit
├── DataError               a file of facts is wrong: file and line
└── MissingPartError        an optional library is not installed
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping


class ChipassayError(Exception):
    """The root: where it happened, what is wrong, what to try; prints as one line."""

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        self.what = _one_line(what)
        self.where = _one_line(where)
        self.hint = _one_line(hint)
        super().__init__(str(self))

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{where}{self.what}{hint}"


class QuestionError(ChipassayError):
    """The question is malformed: a bad date, a count of zero, options that exclude each other."""


class UnknownNameError(QuestionError):
    """A name nobody knows. Near misses are offered, never taken."""

    def __init__(
        self,
        kind: str,
        name: str,
        known: Iterable[str],
        *,
        meaning: Mapping[str, str] | None = None,
        where: str = "",
        hint: str = "",
    ) -> None:
        """`known` are the names to choose from; `meaning` says what to show for each."""
        self.name = name
        table = meaning or {each: each for each in known}
        alike: dict[str, list[str]] = {}
        for spelling, shown_as in sorted(table.items()):
            alike.setdefault(spelling.casefold(), []).append(shown_as)
        close = difflib.get_close_matches(name.casefold(), alike, n=6, cutoff=0.55)
        found = (shown_as for spelling in close for shown_as in alike[spelling])
        self.suggestions = tuple(dict.fromkeys(found))[:4]
        if self.suggestions:
            hint = f"did you mean {' or '.join(self.suggestions)}?" + (f" ({hint})" if hint else "")
        super().__init__(f"no {kind} is called {shown(name)}", where=where, hint=hint)


class UnitError(QuestionError):
    """Text that is no quantity, or a quantity of another kind than was asked for."""


class DataError(ChipassayError):
    """A file of facts breaks a rule. `where` is `file:line`."""


class MissingPartError(ChipassayError):
    """An optional library is needed and absent; the hint says how to get it."""


def shown(text: object, limit: int = 60) -> str:
    """A value as it may stand in a one-line message: quoted, escaped, cut to `limit` characters."""
    quoted = repr(str(text))
    return quoted if len(quoted) <= limit else quoted[: limit - 2] + "…" + quoted[-1]


def _one_line(text: str) -> str:
    return " ".join(text.split())
