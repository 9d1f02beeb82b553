"""What comes back: quantities with bands, a derivation, footnotes, remarks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from chipassay.records.question import Question

Basis = Literal["measured", "interpolated", "transferred", "assumed"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A predicted number: value, an 80 % band, SI unit, and how it was got. NaN is unknown."""

    value: float
    low: float
    high: float
    unit: str
    basis: Basis

    def as_json(self) -> dict[str, Any]:
        """The form fixed by schema chipassay/1; an unknown number is null."""
        numbers = {"value": self.value, "low": self.low, "high": self.high}
        plain = {key: None if math.isnan(number) else number for key, number in numbers.items()}
        return {**plain, "unit": self.unit, "basis": self.basis}


class Part(Mapping[str, Any]):
    """A part of an answer: its fields by key or as attributes."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = dict(fields)

    def __getitem__(self, key: str) -> Any:
        value = self._fields[key]
        return Part(value) if isinstance(value, dict) else value

    def whole(self, key: str) -> Any:
        """A field as it was put in, a table as a table."""
        return self._fields[key]

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            known = ", ".join(self._fields)
            raise AttributeError(f"the answer has no field {name}; it has {known}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        return f"Part({self._fields!r})"


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of a derivation: a computed step, or a leaf with its source."""

    name: str
    value: float | str | None
    unit: str
    formula: str = ""
    sentence: str = ""
    cite: str = ""
    source: str = ""
    standing: str = ""
    inner: tuple[Reason, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Only the fields that say something."""
        plain: dict[str, Any] = {"name": self.name, "value": self.value, "unit": self.unit}
        if isinstance(self.value, float) and math.isnan(self.value):
            plain["value"] = None
        for key in ("formula", "sentence", "cite", "source", "standing"):
            if getattr(self, key):
                plain[key] = getattr(self, key)
        if self.inner:
            plain["inner"] = [reason.as_json() for reason in self.inner]
        return plain

    def leaves(self) -> Iterator[Reason]:
        """The looked-up numbers this line rests on."""
        if not self.inner:
            yield self
        for reason in self.inner:
            yield from reason.leaves()


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with everything needed to check it."""

    question: Question
    answer: Part
    because: tuple[Reason, ...] = ()
    sources: tuple[dict[str, Any], ...] = ()
    warnings: tuple[str, ...] = ()
    refusal: bool = False
    context: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.answer, name)

    def as_json(self) -> dict[str, Any]:
        """The stable form, schema chipassay/1."""
        return {
            "schema": "chipassay/1",
            "question": self.question.model_dump(mode="json", exclude_defaults=True),
            "answer": plain(self.answer),
            "because": [reason.as_json() for reason in self.because],
            "sources": list(self.sources),
            "warnings": list(self.warnings),
        }


def plain(value: Any) -> Any:
    """A record as JSON has it: quantities spelled out, unknown numbers null, tuples as lists."""
    if isinstance(value, Quantity):
        return value.as_json()
    if isinstance(value, Mapping):
        return {key: plain(value[key]) for key in value}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
