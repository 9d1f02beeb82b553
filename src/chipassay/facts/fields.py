"""The fields an entry may have, read from `data/fields/*.yaml`: meaning, unit, basis."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from chipassay import units
from chipassay.errors import DataError, UnitError, UnknownNameError

Kind = Literal["number", "text", "date", "flag"]
Value = float | str | bool
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?|-Q[1-4]|-H[12])?")


@dataclass(frozen=True, slots=True)
class Field:
    """One field: `unit` is the spelling it is shown in, `si` the unit its value is held in."""

    name: str
    kind: Kind
    title: str
    basis: str = ""
    unit: str = ""
    compare: bool = False

    @property
    def si(self) -> str:
        """The SI unit of a number; "" for text, dates and flags."""
        return units.si_unit(self.unit) if self.kind == "number" else ""

    def read(self, written: object, where: str) -> Value:
        """A value as it stands in a file or on a command line, checked against the field."""
        if self.kind == "number":
            if not isinstance(written, (str, int, float)):
                raise UnitError(f"{self.name} wants a quantity", where=where, hint=self._sample())
            value = units.parse(written, self.si, where=where)
            if value < 0:
                raise UnitError(f"{self.name} cannot be negative", where=where, hint=self._sample())
            return value
        if self.kind == "flag":
            if str(written) not in ("True", "False", "true", "false"):
                raise UnitError(f"{self.name} is true or false", where=where, hint="write true")
            return str(written).lower() == "true"
        text = str(written)
        if self.kind == "date" and not _DATE.fullmatch(text):
            problem = f"{self.name} wants a date, not {text}"
            raise UnitError(problem, where=where, hint="write 2025-07-15, 2025-07 or 2025")
        return text

    def show(self, value: Value) -> str:
        """A value as a person reads it."""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, str):
            return value
        return units.text(value, self.si, as_=self.unit if self.si != "1" else None)

    def _sample(self) -> str:
        return f"try {units.example(self.si)}"


def read_fields(path: Path) -> dict[str, Field]:
    """The fields of one kind of entry, in the order of the file."""
    from chipassay.facts.yaml_file import read_yaml  # compiled facts need no YAML

    document = read_yaml(path)
    fields = {}
    for name, given in document.data.items():
        where = document.where((name,))
        try:
            field = Field(name=name, **given)
            if field.kind == "number":
                units.si_unit(field.unit, where=where)
        except (TypeError, UnknownNameError) as error:
            raise DataError(f"field {name}: {error}", where=where) from None
        fields[name] = field
    return fields
