"""What an article asserts, and what was found about it: plain records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as made
from typing import Any, Literal

Outcome = Literal[
    "supported",
    "contradicted",
    "right for another chip",
    "right under another convention",
    "inconsistent",
    "cannot tell",
]
OUTCOMES: tuple[Outcome, ...] = (
    "supported",
    "contradicted",
    "right for another chip",
    "right under another convention",
    "inconsistent",
    "cannot tell",
)
WRONG: tuple[Outcome, ...] = ("contradicted", "right for another chip", "inconsistent")
Kind = Literal["figure", "comparison", "feature", "law", "capability", "market", "arithmetic"]
CHIPS = ("chip", "line", "system", "stranger")
"""The kinds of mention that a figure may be of."""
Role = Literal["", "from", "to"]
Manner = Literal["", "about", "over", "under", "nearly", "up to"]


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity as printed: SI value, the interval its digits leave open, where it stands."""

    value: float
    low: float
    high: float
    unit: str
    noun: str
    start: int
    end: int
    written: str
    manner: Manner = ""
    role: Role = ""
    binary: bool = False


@dataclass(frozen=True, slots=True)
class Mention:
    """A chip, a line of chips ("Hopper"), a system, a model, a maker, or a stranger: a product that
    the catalogue does not hold; `ids`: what it may mean."""

    kind: Literal["chip", "line", "system", "maker", "model", "stranger"]
    ids: tuple[str, ...]
    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Voice:
    """Who says it, and how surely."""

    speaker: str = ""
    hedged: bool = False
    forecast: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """One checkable statement: a span of the text and what it says, nothing looked up."""

    kind: Kind
    start: int
    end: int
    sentence: tuple[int, int]
    field: str
    subject: Mention | None = None
    amount: Amount | None = None
    words: str = ""
    other: Mention | None = None
    relation: str = ""
    conventions: frozenset[str] = frozenset()
    voice: Voice = Voice()
    facts: Mapping[str, Any] = made(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the facts say of a claim, and which question a person could ask to see it."""

    outcome: Outcome
    reference: str = ""
    note: str = ""
    chip: str = ""
    field: str = ""
    asked: Mapping[str, Any] = made(default_factory=dict)
    sources: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    differs: bool = False
    """Whether a figure other than the stated one is held, though nobody is called wrong for it."""


def cannot_tell(note: str, **more: Any) -> Verdict:
    """The verdict of somebody who does not know, with the reason."""
    return Verdict("cannot tell", note=note, **more)
