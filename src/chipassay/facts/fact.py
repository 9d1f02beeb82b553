"""A figure and who says so: what every number shown is traced back to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chipassay.facts.fields import Field, Value

STRENGTH = ("primary", "secondary", "tertiary", "estimate", "memory")  # strongest first


@dataclass(frozen=True, slots=True)
class Source:
    """Where a figure was read."""

    key: str
    title: str
    url: str
    date: str
    kind: str
    licence: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Rival:
    """Another value for the same figure, shown beside it."""

    value: Value
    written: str
    sources: tuple[Source, ...]
    confidence: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure of one entry: value in SI, as written, on whose word."""

    subject: str
    field: Field
    value: Value
    written: str
    sources: tuple[Source, ...]
    confidence: str
    rivals: tuple[Rival, ...] = ()
    inherited_from: str = ""
    note: str = ""

    @property
    def name(self) -> str:
        """How derivations call it: `chip.field`."""
        return f"{self.subject}.{self.field.name}"

    @property
    def kind(self) -> str:
        """The strongest kind among its sources: primary, secondary, tertiary, estimate, memory."""
        return min((source.kind for source in self.sources), key=STRENGTH.index, default="memory")

    @property
    def verified(self) -> bool:
        """Read in a source that somebody can open; `memory` and `estimate` are not evidence."""
        return self.confidence == "seen" and self.kind in STRENGTH[:3]

    @property
    def standing(self) -> str:
        """One word for a table: how far the figure can be trusted."""
        if self.confidence == "asked":
            return "assumed by the asker"
        if self.verified:
            return self.kind
        return "estimate" if "estimate" in (self.confidence, self.kind) else "unverified"

    @property
    def shown(self) -> str:
        """The value as a person reads it."""
        return self.field.show(self.value)


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit cost, by one source, at one time."""

    written: str
    kind: str
    date: str
    sources: tuple[Source, ...]
    confidence: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A chip, a system or a network: its names and its figures."""

    id: str
    name: str
    facts: Mapping[str, Fact]
    vendor: str = ""
    design: str = ""
    status: str = ""
    chip: str = ""
    core_name: str = ""
    variant_of: str = ""
    aliases: tuple[str, ...] = ()
    prices: tuple[Price, ...] = ()
    notes: tuple[str, ...] = ()
    modified: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)

    def number(self, name: str) -> float:
        """A figure in SI units; NaN where the catalogue does not know it."""
        fact = self.facts.get(name)
        return float(fact.value) if fact is not None and not isinstance(fact.value, str) else _NAN

    def text(self, name: str) -> str:
        """A figure as a person reads it; `unknown` where the catalogue does not know it."""
        fact = self.facts.get(name)
        return fact.shown if fact is not None else "unknown"


_NAN = float("nan")
