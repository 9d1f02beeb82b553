"""Countries by name and code, and the country groups as they stood on a day."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chipassay.errors import UnknownNameError

Groups = Mapping[str, frozenset[str]]
MACAU = "MO"


@dataclass(frozen=True)
class Countries:
    """The file of countries, ready to be asked."""

    written: Mapping[str, Any]

    def __hash__(self) -> int:
        return id(self.written)

    @functools.cached_property
    def _codes(self) -> dict[str, str]:
        codes = {code.casefold(): code for code in self.written["names"]}
        for code, names in self.written["names"].items():
            codes |= {name.strip().casefold(): code for name in names.split(";")}
        return codes

    def code(self, name: str, *, where: str = "") -> str:
        """The two letters of a country, given by them or by its English name.

        Raises `UnknownNameError` with suggestions for a country nobody knows.
        """
        found = self._codes.get(name.strip().casefold())
        if found is None:
            known = {each: each for each in self._codes}
            hint = "write two letters, as in CN"
            raise UnknownNameError("country", name, known, where=where, hint=hint)
        return found

    def name(self, code: str) -> str:
        """A country's English name."""
        names: str = self.written["names"].get(code, code)
        return names.split(";")[0]

    def treated_as(self, code: str) -> str:
        """The country that export rules count a territory to: Hong Kong is China."""
        found: str = self.written["treated_as"].get(code, code)
        return found

    def headquarters(self, maker: str) -> str:
        """Where a maker of parts is headquartered; "" where nobody says."""
        table: dict[str, str] = self.written["makers"]["headquarters"]
        found = {name.casefold(): code for name, code in table.items()}
        return found.get(maker.casefold(), "")

    def days(self) -> list[str]:
        """Every day on which a group changed, in order."""
        return sorted({change["day"] for change in self.written["changes"]})


@functools.lru_cache(maxsize=512)
def groups_at(countries: Countries, day: datetime.date) -> Groups:
    """Each group and each set of groups on a day, as codes.

    The file holds the groups of its snapshot's day; changes after `day` are taken back. The sets
    are those the rules speak of: "D:5 or Macau", "licensed destinations" (742.6(a)(6)(iii): D:1,
    D:4 and D:5 without A:5 and A:6, and who is named beside them), "D:1 or D:4" (the rest).
    """
    written = countries.written
    groups = {name: set(group["members"]) for name, group in written["groups"].items()}
    for change in sorted(written["changes"], key=lambda change: change["day"], reverse=True):
        if change["day"] > day.isoformat():
            joined = change["change"] == "joins"
            members = groups[change["group"]]
            (members.discard if joined else members.add)(change["country"])
    return {name: frozenset(members) for name, members in (groups | _sets(groups)).items()}


def _sets(groups: Mapping[str, set[str]]) -> dict[str, set[str]]:
    armed = groups["D:5"] | {MACAU}
    friends = groups["A:5"] | groups["A:6"]
    licensed = ((groups["D:1"] | groups["D:4"] | armed) - friends) | groups["named"]
    return {
        "D:5 or Macau": armed,
        "licensed destinations": licensed,
        "D:1 or D:4": licensed - armed,
    }
