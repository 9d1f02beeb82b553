"""The acts of law a text may speak of: a rulemaking, a letter, an announcement, a listing.

An act has several days: it is announced, released, published, takes effect, must be complied with,
ends. A sentence names one of them by its verb, and the act by a name, by a chip or by its own day.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.text.gated import Gated

KINDS = ("announced", "released", "published", "effective", "compliance", "ended", "comments")
FITTING: Mapping[str, tuple[str, ...]] = {
    "effective": ("effective",),
    "registered": ("published",),
    "published": ("published", "released"),
    "issued": ("released", "announced", "published"),
    "released": ("released", "announced", "published", "effective"),
    "changed": ("released", "announced", "published", "effective"),
    "compliance": ("compliance",),
    "ended": ("ended",),
    "comments": ("comments",),
    "named": ("released", "published", "effective"),
    "told": ("announced", "released", "published", "effective"),
}
"""Which of an act's days a verb may mean; a page says "published" of what was only released."""
_STOPPED = ("not enforced", "stayed")


@dataclass(frozen=True, slots=True)
class Act:
    """One act: what it is called, the chips it is about, its days by kind."""

    id: str
    title: str
    by: str
    ended_by: str
    names: Gated | None
    topics: tuple[Gated, ...]
    rules: tuple[str, ...]
    chips: frozenset[str]
    days: Mapping[str, frozenset[str]]
    figures: tuple[Mapping[str, Any], ...]
    broad: bool
    listing: bool
    eases: bool
    seen: bool
    sources: tuple[str, ...]

    def is_topic(self, said: str) -> bool:
        """Whether a sentence has a word of each group that its topic needs."""
        return bool(self.topics) and all(each.search(said) for each in self.topics)

    def on(self, day: str, verb: str) -> bool:
        """Whether a day, or a month or year of it, fits what a verb says of the act."""
        return any(each.startswith(day) for kind in FITTING[verb] for each in self.days[kind])

    def ever(self) -> frozenset[str]:
        """All days of it; until when the public may comment is none of them."""
        return frozenset().union(*(self.days[kind] for kind in KINDS if kind != "comments"))

    def told(self) -> str:
        """The act with its days, for a reader."""
        days = [f"{kind} {min(self.days[kind])}" for kind in KINDS if self.days[kind]]
        return f"{self.title}: {', '.join(days)}"


def acts_of(catalogue: Catalogue) -> tuple[Act, ...]:
    """The acts a catalogue holds, with the days of their paragraphs."""
    rules = catalogue.rules()
    return tuple(_act(each, [rules[id_] for id_ in each.get("rules", ())])
                 for each in catalogue.acts())  # fmt: skip


def _act(written: Mapping[str, Any], rules: list[Mapping[str, Any]]) -> Act:
    days: dict[str, set[str]] = {kind: set(written["days"][kind]) for kind in KINDS}
    for rule in rules:
        for kind, day in _days_of(rule):
            days[kind].add(day)
    chips = {chip for rule in rules for chip in rule.get("chips", ())}
    return Act(
        written["id"],
        written["title"],
        written.get("by") or "",
        written.get("ended_by") or "",
        _pattern(written.get("names", ())),
        tuple(filter(None, map(_pattern, written.get("topics", ())))),
        tuple(written.get("rules", ())),
        frozenset(chips | set(written.get("chips", ()))),
        {kind: frozenset(found) for kind, found in days.items()},
        tuple(written.get("figures", ())),
        written["broad"],
        written["listing"],
        written["eases"],
        all(rule["confidence"] == "seen" for rule in rules),
        tuple(written["sources"]),
    )


def _days_of(rule: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """The days of a paragraph: as printed with it, else as its standing tells them."""
    printed = rule.get("dates") or {}
    yield from ((kind, day) for kind, day in printed.items() if day)
    first, *later = rule["status"]
    if not printed:
        yield "effective", first["from_"]
        yield "released", first["from_"]
    if first.get("known"):
        yield "announced", first["known"]
    for each in later:
        if each.get("state") in _STOPPED:
            yield "ended", each["from_"]


def _pattern(names: Sequence[str]) -> Gated | None:
    """The names as words, a hyphen or any space between them."""
    told = [re.sub(r"\\?[ -]", r"[\\s-]+", re.escape(name)) for name in names]
    if not told:
        return None
    found = "|".join(sorted(told, key=len, reverse=True))
    bits = {max(re.split("[ -]", name), key=len).lower() for name in names}
    return Gated(rf"(?<![A-Za-z0-9])(?:{found})(?![A-Za-z0-9])", bits)


@functools.lru_cache(maxsize=4)
def _may(names: tuple[Gated | None, ...]) -> Gated:
    """What a sentence holds that names any of the acts."""
    told = [each for each in names if each is not None]
    return Gated("|".join(each.words.pattern for each in told) or r"(?!)",
                 {bit for each in told for bit in each.bits})  # fmt: skip


_WHO = re.compile(
    r"(?<![A-Za-z])(?P<who>Biden|Trump)"
    r"(?!['’]s(?! (?:commerce|administration|government|team|officials))|[-\s]era)"
    r"|(?P<cn>拜登|特朗普)",
    re.I,
)


def by_another(act: Act, said: str, verb: str = "") -> bool:
    """Whether a sentence has the other administration do what this act did, or end it."""
    told = {match["who"].title() if match["who"] else _CHINESE[match["cn"]]
            for match in _WHO.finditer(said)}  # fmt: skip
    by = act.ended_by if verb == "ended" else act.by
    return len(told) == 1 and by != "" and by not in told


_CHINESE = {"拜登": "Biden", "特朗普": "Trump"}


def named(acts: Sequence[Act], said: str) -> list[Act]:
    """The acts that the words name."""
    if not _may(tuple(act.names for act in acts)).may(said):
        return []
    return [act for act in acts if act.names is not None and act.names.search(said)]
