"""Exact names: an alias table, never a guess. A near miss is refused with suggestions.

One character apart can be another legal answer (H20 and H200, 910B and 910C), so spelling is
folded only where no meaning lies: case, spaces, hyphens, underscores, full-width forms.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from chipassay.errors import DataError, UnknownNameError

_NOISE = re.compile(r"[\s\-_‐‑–—®™·]+")


def folded(name: str) -> str:
    """A name without what carries no meaning: `folded("HGX H-20") == "hgxh20"`."""
    bare = _NOISE.sub("", unicodedata.normalize("NFKC", name).casefold())
    return unicodedata.normalize("NFKC", bare)  # what noise kept apart may compose


@dataclass(frozen=True, slots=True)
class Family:
    """A name that several entries share, and the one taken by default."""

    id: str
    default: str
    others: tuple[str, ...]
    because: str


class Names:
    """One table from every exact name to an entry's id, or to a family."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._table: dict[str, str] = {}
        self._families: dict[str, Family] = {}

    def add(
        self, id_: str, names: Iterable[str], makers: Iterable[str] = (), *, where: str = ""
    ) -> None:
        """Let `names` and the id, each with or without a maker's name before it, mean `id_`."""
        for name, spelling in _spellings({id_, *names}, makers):
            taken = self._table.get(spelling, id_)
            if taken != id_:
                problem = f"{name} would mean both {taken} and {id_}"
                raise DataError(problem, where=where, hint="make the aliases exact")
            self._table[spelling] = id_

    def add_family(self, family: Family, names: Iterable[str], makers: Iterable[str] = ()) -> None:
        """Let a shared name mean its default, and be remarked on."""
        for _, spelling in _spellings({family.id, *names}, makers):
            self._families[spelling] = family

    def meanings(self) -> dict[str, tuple[str, ...]]:
        """Every folded spelling with the ids it may mean, the usual one first."""
        found: dict[str, tuple[str, ...]] = {name: (id_,) for name, id_ in self._table.items()}
        for spelling, family in self._families.items():
            found[spelling] = (family.default, *family.others)
        return found

    def find(self, name: str, *, where: str = "") -> tuple[str, Family | None]:
        """The id behind an exact name, and the family if the name was a shared one.

        Raises `UnknownNameError` with suggestions for anything else.
        """
        spelling = folded(name)
        family = self._families.get(spelling)
        if family is not None:
            return family.default, family
        if spelling in self._table:
            return self._table[spelling], None
        hint = f"`chipassay {self.kind}s` lists them all" if self.kind == "chip" else ""
        known = self._table | {each: family.id for each, family in self._families.items()}
        raise UnknownNameError(self.kind, name, known, meaning=known, where=where, hint=hint)


def remark(name: str, family: Family, names: Mapping[str, str]) -> str:
    """What an answer says when a shared name was read as its default."""
    others = ", ".join(family.others)
    default = names.get(family.default, family.default)
    return f"{name} is read as {family.default} ({default}): {family.because}; also: {others}"


def _spellings(names: Iterable[str], makers: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Every folded spelling of each name: bare, and behind each spelling of its maker."""
    before = [folded(maker) for maker in makers]
    for name in names:
        bare = folded(name)
        for maker in before:
            rest = bare.removeprefix(maker)
            bare = rest if len(rest) > 1 else bare
        yield name, folded(name)
        yield name, bare
        for maker in before:
            yield name, maker + bare
