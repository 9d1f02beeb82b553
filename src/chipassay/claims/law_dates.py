"""Days that a sentence gives an act of law: which day, of which act, and what happened on it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chipassay.claims.acts import Act, named
from chipassay.claims.claim import Claim
from chipassay.claims.dates import Day, stamps
from chipassay.claims.law_words import (
    ACTOR,
    FOREIGN,
    INSTRUMENT,
    NO_ACT,
    TOPIC,
    VERB,
    misread,
)
from chipassay.claims.sentences import Sentence

_REACH = 120
_NAMED = re.compile(
    r"[,)]?(?:['’]s)?(?: \(?(?:interim|final|US|U\.S\.|export|BIS|AI|chip|advanced|computing|semiconductor|Commerce"
    r"|round of|licen[cs]ing|China|IFR|initial|original|first)\)?){0,4} \(?(?:rules?|regulations?|controls|restrictions|IFRs?"
    r"|curbs|ban|bans|measures|letters?|package|framework|sanctions|updates?|regime|licensing"
    r"|licen[cs]e requirements?)\b|的?(?:出口)?(?:规则|新规|管制|禁令|规定|限制|禁售)",
    re.I,
)
_OF = re.compile(
    r"(?:rules?|regulations?|controls|restrictions|IFRs?|curbs|bans?|measures|letters?|package|framework"
    r"|sanctions|updates?)(?: first)? (?:of|from|dated|in|issued in|issued on|on) (?:the )?$",
    re.I,
)
"""A day that is part of an act's name: "the October 2023 rules", "controls of October 2023"."""
_LISTS = re.compile(
    r"Entity List|blacklist|restricted[- ]entit|export[- ]control list|实体清单|黑名单|未经核实清单"
    r"|Unverified List", re.I,
)  # fmt: skip
_ADDED = re.compile(
    r"\b(?:add(?:ed|s|ing|itions?)|plac(?:ed|es)|put|blacklist\w*|listed|join\w*)\b|列入|加入|新增", re.I
)
_NOT_ITS = re.compile(
    r"(?:comments?|until|through|before|after|by the|quarter|ended|ending|following|prior to|ahead of"
    r"|as of|截至|此前|之前|之后)\s*(?:the )?$",
    re.I,
)
_GAP = re.compile(r"[;；。]|\.\s")


def rule_dates(sentence: Sentence, first_year: int, acts: Sequence[Act]) -> Iterator[Claim]:
    """The days of acts that the sentence states, each as a claim of its own."""
    said = sentence.said
    if INSTRUMENT.search(said) is None:
        return
    found = stamps(sentence.text, sentence.start, sentence.end)
    if not found:
        return
    own = _identified(sentence, acts)
    certain = bool(named(acts, said))
    if not certain and (NO_ACT.search(said) or FOREIGN.search(said)):
        return
    topical = certain or TOPIC.search(said) is not None or bool(own)
    for day in found:
        verb = _verb(sentence, day)
        if verb is None:
            continue
        kind, at = verb
        printed = dated(day, first_year, own, kind)
        if not topical and not (len(printed) == _FULL and _held(acts, printed, kind)):
            continue
        if not certain and not own and not _is_ours(sentence, acts, printed, kind):
            continue
        start, end = min(day.start, at[0]), max(day.end, at[1])
        yield Claim(
            "law", start, end, (sentence.start, sentence.end), "rule_date",
            None, words=printed, relation=kind, voice=sentence.voice,
            facts={"acts": tuple(own), "by name": certain, "said": said, "month": day.iso,
                   "unsure": _unsure(sentence, own, found, start, end, certain=certain)},
        )  # fmt: skip


_FULL = 10
"""The length of a whole day's ISO text."""


def _identified(sentence: Sentence, acts: Sequence[Act]) -> list[Act]:
    """The acts a sentence is about: by name, else by its list and whom it names, else by chip."""
    said = sentence.said
    listing = _LISTS.search(said) is not None and _ADDED.search(said) is not None
    by_name = [act for act in named(acts, said) if listing or not act.listing]
    if by_name:
        return by_name
    if listing:
        return [act for act in acts if act.listing]
    ids = {id_ for each in sentence.chips() for id_ in each.ids}
    return [act for act in acts if act.chips & ids]


def _is_ours(sentence: Sentence, acts: Sequence[Act], day: str, kind: str) -> bool:
    """Whether a sentence that names no act speaks of one on AI chips: by its day, or by who acts
    on what."""
    said = sentence.said
    if len(day) == _FULL and _held(acts, day, kind):
        return True
    chips = re.search(r"chip|GPU|semiconductor|\bAI\b|accelerator|芯片|半导体", said, re.I)
    export = re.search(r"export|BIS\b|ship|licen[cs]|China|出口|对华", said, re.I)
    return ACTOR.search(said) is not None and chips is not None and export is not None


def _held(acts: Sequence[Act], day: str, kind: str) -> bool:
    return any(act.on(day, fitting(kind)) for act in acts)


def fitting(kind: str) -> str:
    """The kind of day that a verb is held against: what was planned may be either day."""
    return "effective" if kind == "planned" else kind


def _verb(sentence: Sentence, day: Day) -> tuple[str, tuple[int, int]] | None:
    """What happened on a day, and where the words for it stand; None where nothing did."""
    text = sentence.text
    match = _NAMED.match(text, day.end, sentence.end)
    if match is not None:
        return "named", match.span()
    before = text[max(sentence.start, day.start - 60) : day.start]
    of = _OF.search(before)
    if of is not None:
        return "named", (day.start - len(before) + of.start(), day.start)
    if _NOT_ITS.search(before):
        return None
    left, right = max(sentence.start, day.start - _REACH), min(sentence.end, day.end + _REACH)
    for stop in _GAP.finditer(text, left, day.start):
        left = stop.end()
    stop = _GAP.search(text, day.end, right)
    right = stop.start() if stop else right
    best: tuple[int, str, tuple[int, int]] | None = None
    for verb in VERB.finditer(text, left, right):
        gap = day.start - verb.end() if verb.end() <= day.start else verb.start() - day.end
        if gap >= 0 and (best is None or gap < best[0]):
            best = gap, verb.lastgroup or "released", verb.span()
    return (best[1], best[2]) if best else None


def dated(day: Day, first_year: int, own: list[Act], kind: str) -> str:
    """The day in ISO; a year that is not printed is that of the act's day that fits, else of the
    text; "" where neither is known."""
    if not day.iso.startswith("-"):
        return day.iso
    fits = [
        each for act in own for kind_ in (fitting(kind), "released")
        for each in sorted(act.ever()) if each[4 : 4 + len(day.iso)] == day.iso
        and act.on(each, kind_)
    ]  # fmt: skip
    years = [min(act.ever())[:4] for act in own if act.ever()]
    year = fits[0][:4] if fits else years[-1] if years else str(first_year or "")
    return year + day.iso if year else ""


def _unsure(
    sentence: Sentence, own: list[Act], found: list[Day], start: int, end: int, *, certain: bool
) -> str:
    """Why a day that differs may not be called wrong."""
    if not certain or len(own) != 1:
        return "the sentence names no single rule"
    if sentence.voice.hedged or sentence.voice.forecast:
        return "it is no plain statement"
    gone = [(each.start, each.end) for each in (*sentence.mentions, *found)]
    name = own[0].names.search(sentence.text, sentence.start, sentence.end) if own[0].names else None
    if name is not None:
        gone.append(name.span())
        start, end = min(start, name.start()), max(end, name.end())
    return misread(sentence.text, start, end, gone)
