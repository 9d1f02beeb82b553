"""Sentences with what was found in them, and what a pronoun in them looks back to."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from chipassay.claims.claim import CHIPS, Amount, Mention, Voice
from chipassay.claims.text.attributes import Cue, cues
from chipassay.claims.text.dates import Day, stamps
from chipassay.claims.text.document import Document
from chipassay.claims.text.gated import Gated, Small
from chipassay.claims.text.names import Index
from chipassay.claims.text.quantities import quantities
from chipassay.claims.text.variants import told_apart

_STOP = re.compile(
    r"[.!?。！？；\n](?:(?<=[。！？；\n])|(?!\.)(?:(?<!\b[A-Z].)|(?<=\d [WV].))(?<!vs.)(?<!Inc.)"
    r"(?<!Corp.)(?<!approx.)(?<!No.)(?<!Fig.)(?<!Dr.)(?<!Mr.)(?<!Ms.)(?<!St.)(?<!Jan.)(?<!Feb.)"
    r"(?<!Aug.)(?<!Sept.)(?<!Sep.)(?<!Oct.)(?<!Nov.)(?<!Dec.)(?<!e\.g.)(?<!i\.e.)(?<!U\.S.)"
    r"(?<!\..)[\"'’”)\]]{0,3}(?=\s|$))"
)
MOST_SENTENCE = 1200
"""A longer stretch without a full stop is cut here."""
OPENING = 40
"""A paragraph that opens with "The chip" or "It" goes on about the one before it."""
MOST_NAMED = 32
"""Names, and quantities, that are read of one sentence; more are a list, not a statement."""
_SPEAKER = re.compile(
    r"(?:[Aa]ccording to|[Cc]iting|cited by)\s+(?P<a>[^,.;:'\"‘“]{2,60})"
    r"|(?P<b>(?:[A-Z][\w.&'’-]*(?:\s(?:of|for|and|the|[A-Z][\w.&'’-]*)){0,5}|[Hh]e|[Ss]he|[Tt]hey"
    r"|[Aa]n? [\w-]+(?: [\w-]+){0,2}|[Tt]he (?:company|writer|columnist|spokes\w+|report|source"
    r"|firm)))"
    r"\s(?:has |have )?(?:said|says|say|stated|states|claimed|claims|reported|reports|told"
    r"|announced"
    r"|estimates|estimated|argues|wrote|writes|noted|notes|believes|added)\b"
    r"|(?P<c>[一-鿿A-Za-z]{2,12})(?:表示|称|指出|透露|认为)"
)
_HEDGE = Small(
    r"\b(?:may|might|could(?! not)|reportedly|allegedly|rumou?r\w*|said to|believed|appears?"
    r"|seems?|likely"
    r"|possibly|perhaps|estimate\w*|hope\w*|sees?)\b|据说|据称|传闻|或将"
    r"|可能|预估|估计")  # fmt: skip
FORECAST = Small(
    r"\b(?:will|expects?|expected|forecast\w*|predict\w*|projects?\b|projected|plans? to|plans?"
    r"|plann\w+"
    r"|aims? to|by 20[23]\d|next year|is set to|guidance|outlook|target\w*|intends?|should)\b"
    r"|预计|预测|计划|将于|将达|明年|有望|目标")  # fmt: skip
_LOOKS_BACK = Small(
    r"\b(?:its?|it|the (?:chip|GPU|card|accelerator|processor|product|device|part)(?:'s|’s)?"
    r"|th(?:is|at) (?:chip|GPU|card|accelerator|processor|product|part)"
    r"|(?:each|every) (?:chip|GPU|card|NPU|accelerator|processor)"
    r"|the former|the latter)\b|该芯片|该卡|每张卡|每颗芯片|单卡|这款"
    r"|它的?|其|前者|后者")  # fmt: skip
_FORMER = Gated(r"\bthe former\b|前者", "former|前者")
_LATTER = Gated(r"\bthe latter\b|后者", "latter|后者")
_AGAINST = re.compile(
    r"(?:\bthan|\bversus|\bvs\.?|compared (?:to|with)|relative to|\bagainst|\blike|\bsuch as|"
    r"\bas(?: the)?"
    r"|(?:%|per ?cent|times|\d ?[x×]|-?fold|half|third|quarter|(?:fif|six|seven|eigh|nin|ten)th"
    r"|double|twice)(?: (?:of|that|the)){1,3}|(?:version|variant|derivative|sibling|cousin"
    r"|successor|predecessor|replacement|alternative|rival|competitor|equivalent|upgrade"
    r"|refresh|follow-up|answer|challenger) (?:of|to|for|from|over)"
    r"|based on|derived from|compatible with|behind|trail(?:s|ing)|lags?|match(?:es|ing)?|rivals?"
    r"|comparable (?:to|with)|on par with|close to|approach(?:es|ing)|in contrast to|as opposed to"
    r"|exceed\w*|surpass\w*|outperform\w*|\bbeats?|\bbelow|\babove|\bover|\breplac\w+|\bfrom|"
    r"\bunlike|\bnext to|\bbeside|\balongside"
    r"|\b(?:is|are|was) (?:essentially |basically |just |really )?an?"
    r"|similar to|equivalent to|\bto match|比|较|高于|低于|超过|相比|对标|不如|优于|弱于|强于)"
    r"\s*,?\s*(?:(?:the|that|an?|single|one|top|full|standard|flagship|older|newer|its|nvidia['’]s"
    r"|nvidia"
    r"|huawei['’]s|huawei|nvidia|existing|previous|current|banned|of)\s+){0,4}$"
)


_PART_OF = re.compile(
    r"(?:\b(?:two|dual|both|four|eight|[2-9]|\d{2,})\s?[x×]?|由两颗|两颗|两个"
    r"|\d[\d,]*\s?[张片颗块枚])\s*$",
    re.I,
)
"""A chip's name behind a count: the parts of something, not the thing spoken of."""


class Words:
    """What a sentence holds beside its names, each read when it is first asked for."""

    def __init__(self, text: str, start: int, end: int, named: list[Mention]) -> None:
        self.text, self.start, self.end, self.named = text, start, end, named
        self._spans: dict[re.Pattern[str] | Gated, list[tuple[int, int]]] = {}

    @cached_property
    def said(self) -> str:
        """The words themselves."""
        return self.text[self.start : self.end]

    @cached_property
    def amounts(self) -> tuple[Amount, ...]:
        """The quantities outside the names."""
        return tuple(quantities(self.text, self.start, self.end, self.named)[:MOST_NAMED])

    @cached_property
    def cues(self) -> tuple[Cue, ...]:
        """The words for attributes outside the names; none where nothing is measured."""
        names = self.named[:MOST_NAMED]
        found = [
            cue
            for cue in (cues(self.text, self.start, self.end) if self.amounts else ())
            if all(cue.end <= each.start or cue.start >= each.end for each in names)
        ]
        return tuple(found[: 2 * MOST_NAMED])

    @cached_property
    def voice(self) -> Voice:
        """Who says it."""
        return _voice(self.text, self.start, self.end)

    @cached_property
    def stamps(self) -> list[Day]:
        """The days, months and years printed in it."""
        return stamps(self.text, self.start, self.end)

    def spans(self, pattern: re.Pattern[str] | Gated) -> list[tuple[int, int]]:
        """Where a pattern matches, looked for once."""
        if pattern not in self._spans:
            found = pattern.finditer(self.text, self.start, self.end)
            self._spans[pattern] = [match.span() for match in found]
        return self._spans[pattern]

    @cached_property
    def against(self) -> frozenset[int]:
        """Where the names stand that something is compared with."""
        return _against(self.text, self.start, self.named[:MOST_NAMED])


@dataclass(frozen=True)
class Sentence:
    """A sentence, the names and quantities in it, and the chip that `it` would mean."""

    text: str
    start: int
    end: int
    mentions: tuple[Mention, ...]
    words: Words
    antecedent: Mention | None
    paragraph: int = 0
    rivals: int = 0
    """How many chips the words before it name beside the antecedent."""
    headed: bool = False
    """Whether the antecedent is the one chip that a heading right above names."""
    before: tuple[Mention, ...] = ()
    """The chips that its paragraph named before it, each once."""
    more: tuple[Amount, ...] = ()
    """What a reader counts as quantities beside those read."""

    @property
    def said(self) -> str:
        """The words of the sentence."""
        return self.words.said

    @cached_property
    def amounts(self) -> tuple[Amount, ...]:
        """The quantities in it."""
        return (*self.words.amounts, *self.more)

    @property
    def cues(self) -> tuple[Cue, ...]:
        """The words for attributes in it."""
        return self.words.cues

    @property
    def voice(self) -> Voice:
        """Who says it, and how surely."""
        return self.words.voice

    @property
    def stamps(self) -> list[Day]:
        """The days, months and years printed in it."""
        return self.words.stamps

    def within(
        self, pattern: re.Pattern[str] | Gated, left: int, right: int
    ) -> list[tuple[int, int]]:
        """The matches of a pattern that stand between two places, looked for once a sentence."""
        every = self.words.spans(pattern)
        found = every[bisect.bisect_left(every, (left, left)) :]
        return [span for span in found if span[1] <= right]

    def stops(self, pattern: re.Pattern[str], left: int, right: int) -> list[tuple[int, int]]:
        """The matches between two places of what parts clauses; a comma right before the second
        place is one, whatever stands behind it."""
        found = self.within(pattern, left, right)
        if right > left and self.text[right - 1] == "," and found[-1:] != [(right - 1, right)]:
            found = [*found, (right - 1, right)]
        return found

    @cached_property
    def _chips(self) -> tuple[Mention, ...]:
        return tuple(each for each in self.mentions if each.kind in CHIPS)

    def chips(self) -> list[Mention]:
        """The chips and systems named in it."""
        return list(self._chips)

    def of_kind(self, kind: str) -> list[Mention]:
        """The makers or models named in it."""
        return [each for each in self.mentions if each.kind == kind]

    def is_part(self, mention: Mention) -> bool:
        """Whether a chip's name stands behind a count: a part of what is spoken of."""
        before = self.text[max(self.start, mention.start - 60) : mention.start]
        return _PART_OF.search(before) is not None

    def is_late(self, mention: Mention) -> bool:
        """Whether a chip is named only behind a quantity: hardly what the sentence is about."""
        inside = self.start <= mention.start < self.end
        return inside and any(each.end <= mention.start for each in self.amounts)

    def is_yardstick(self, mention: Mention) -> bool:
        """Whether a chip is what another is compared with."""
        return mention.start in self.words.against


def spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The sentences of a paragraph, without the spaces around them."""
    begin = start
    for stop in _STOP.finditer(text, start, end):
        yield from _trimmed(text, begin, stop.end())
        begin = stop.end()
    yield from _trimmed(text, begin, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    while end - start > MOST_SENTENCE:
        yield start, start + MOST_SENTENCE
        start += MOST_SENTENCE
    if end > start:
        yield start, end


def sentences(document: Document, index: Index) -> Iterator[Sentence]:
    """Every sentence of the running text, each with its antecedent."""
    topic: Mention | None = None
    last: Mention | None = None
    there = 0
    heading: str | None = None
    for number, (start, end) in enumerate(document.paragraphs()):
        antecedent: Mention | None = None
        earlier: list[Mention] = []
        named: set[str] = set()
        spoken: dict[str, Mention] = {}
        for begin, stop in spans(document.text, start, end):
            back = antecedent or topic
            if back is None and looks_back(document.text[begin : min(begin + OPENING, stop)]):
                back = last
            rivals = len(named) - 1 if antecedent else there
            headed = heading is not None and back is not None and heading == back.name
            made = sentence(
                document.text, begin, stop, index, back, earlier, paragraph=number, rivals=rivals,
                headed=headed and named <= {heading}, before=tuple(spoken.values()),
            )  # fmt: skip
            yield made
            spoken |= {each.name: each for each in made.chips() if each.name not in spoken}
            named |= {each.name for each in made.chips()}
            subject = _subject(made)
            if subject is not None:
                antecedent, earlier = subject, made.chips()
                if made.is_yardstick(subject) or made.is_late(subject):
                    named |= {"", " "}
                if _KIN.match(made.said):
                    named |= {"", " ", "kin"}
        last = antecedent or last
        if named:
            there = len(named) - 1
        title = _is_heading(document.text, start, end)
        if antecedent is not None:
            topic = antecedent if title else None
        heading = _heading(document.text[start:end], named, heading, title=title)


def sentence(
    text: str,
    start: int,
    end: int,
    index: Index,
    antecedent: Mention | None = None,
    earlier: list[Mention] | None = None,
    **told: Any,
) -> Sentence:
    """One sentence, its names read; what is outside them is read when it is asked for.

    `told`: what is known of the sentences before it, as the fields of `Sentence`.
    """
    mentions = _exact(index.products(text, start, end))
    mentions = told_apart(text, start, end, mentions, index.kinds, antecedent)
    if _FORMER.search(text, start, end):
        antecedent = earlier[0] if earlier and len(earlier) > 1 else None
    elif _LATTER.search(text, start, end):
        antecedent = earlier[-1] if earlier and len(earlier) > 1 else None
    words = Words(text, start, end, mentions)
    return Sentence(text, start, end, tuple(mentions[:MOST_NAMED]), words, antecedent, **told)


def _against(text: str, start: int, mentions: list[Mention]) -> frozenset[int]:
    """Where the names stand that something is compared with, or that are parts of something."""
    heads = ((each, text[max(start, each.start - 60) : each.start]) for each in mentions)
    return frozenset(
        each.start
        for each, head in heads
        if (_AGAINST.search(head.lower()) and _OWN_FORM.fullmatch(text, start, each.start) is None)
        or _PART_OF.search(head)
        or (head.rstrip().endswith(_WITH) and _COMPARED.match(text, each.end))
    )


_OWN_FORM = re.compile(
    r"(?:The|Its|An?)\s(?:[\w.-]+\s){0,4}(?:version|variant|model|edition|form) of (?:the\s)?"
)
"""A form of the chip itself, where a sentence opens with it: "The 80GB version of the X1"."""
_WITH = ("与", "和", "跟", "同")
_COMPARED = re.compile(r"\s?(?:相比|相较|比较|相对|比起来)")
"""What stands around a chip that another is compared with in Chinese."""


def _exact(mentions: list[Mention]) -> list[Mention]:
    """The names without lines of chips ("Blackwell") of which a chip is named too."""
    named = {id_ for each in mentions if each.kind == "chip" for id_ in each.ids}
    return [each for each in mentions if each.kind != "line" or not named & set(each.ids)]


def looks_back(said: str) -> bool:
    """Whether words such as "its" or "the chip" point to something said before."""
    return _LOOKS_BACK.search(said) is not None


_KIN = re.compile(
    r"\W*(?:its|the|their|an?) (?:[\w-]+ ){0,3}?(?:relative|sibling|brother|sister|cousin|successor"
    r"|predecessor|rival|competitor|counterpart|replacement|heir|twin)s?\b",
    re.I,
)
"""A sentence that goes over to a relation of the chip, without its name."""
_LISTED = re.compile(r"\s*(?:[-•*–·|]|\d+[.)]\s)|.*[:：|]\s*\S")


def _heading(said: str, named: set[str], above: str | None, *, title: bool) -> str | None:
    """The one chip that the heading of what follows names; None for none, or for several."""
    if title and named and _LISTED.match(said) is None:
        return next(iter(named)) if len(named) == 1 else None
    return above if named <= {above} else None


_GOES_ON = re.compile(r"\s*(?:its?\b|the (?:chip|GPU|card|accelerator)\b|它|其|该)", re.I)


def _subject(made: Sentence) -> Mention | None:
    chips = made.chips()
    plain = [each for each in chips if not made.is_yardstick(each)]
    if made.antecedent is not None and _GOES_ON.match(made.said):
        return made.antecedent
    if plain:
        return plain[0]
    return made.antecedent if made.antecedent is not None else (chips[0] if chips else None)


def _is_heading(text: str, start: int, end: int) -> bool:
    said = text[start:end].strip()
    return len(said) <= 90 and said[-1:] not in '.!?。！？”"'


def _voice(text: str, start: int, end: int) -> Voice:
    match = _SPEAKER.search(text, start, end)
    speaker = ""
    if match is not None:
        speaker = next(part for part in match.groups() if part).strip()
    hedged = _HEDGE.search(text, start, end) is not None
    return Voice(speaker, hedged, FORECAST.search(text, start, end) is not None)
