"""The kind of memory a chip has: said beside a capacity, or by a verb."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chipassay.claims.claim import Amount, Claim, Mention
from chipassay.claims.text.attributes import MEMORY_TYPE
from chipassay.claims.text.sentences import Sentence
from chipassay.claims.text.subjects import subjects_of
from chipassay.claims.warrant import unwarranted

_YARDSTICK = re.compile(
    r"(?:\d\s?[xX×]|%|than|over|versus|vs\.?|compared with)\s(?:the |that of )?$|倍于$", re.I
)
"""What stands before a type of memory that something is only compared with."""


_STACKS = re.compile(r"[\s-](?:\d+-high |\w+ )?stacks?\b", re.I)


def memory_types(sentence: Sentence, found: list[Claim]) -> Iterator[Claim]:
    """The kind of memory, said beside a capacity or by a verb."""
    for match in MEMORY_TYPE.finditer(sentence.text, sentence.start, sentence.end):
        named = any(m.start <= match.start() < m.end for m in sentence.mentions)
        head = sentence.text[max(sentence.start, match.start() - 20) : match.start()]
        if named or _STACKS.match(sentence.text, match.end()) or _YARDSTICK.search(head):
            continue
        written = match.group().replace(" ", "")
        stand_in = Amount(0, 0, 0, "", "type", match.start(), match.end(), written)
        beside = [
            c for c in found
            if c.amount is not None and c.field in ("memory_capacity", "memory_bandwidth")
            and abs(match.start() - c.amount.end) <= 70
        ]  # fmt: skip
        behind = _in_brackets(sentence, match.end())
        subjects = [behind] if behind else subjects_of(sentence, stand_in)
        beside = [] if behind else beside
        if beside and beside[0].subject is not None:
            nearest = min(beside, key=lambda c: _apart(match.start(), c.amount or stand_in))
            subjects = [nearest.subject] if nearest.subject else []
        elif beside:
            yield Claim(
                "figure", match.start(), match.end(), (sentence.start, sentence.end), "memory_type",
                words=written, voice=sentence.voice,
            )  # fmt: skip
            continue
        elif behind is None and not re.search(
            r"\b(?:uses?|using|with|features?|offers?|equipped|has|have|carr\w+|pack\w*|memory)\b"
            r"|采用|搭载"
            r"|配备|使用", sentence.said, re.I,
        ):  # fmt: skip
            continue
        for subject in subjects:
            yield _type_of(sentence, subject, match, beside)


def _type_of(
    sentence: Sentence, subject: Mention, match: re.Match[str], beside: list[Claim]
) -> Claim:
    """The type of a chip's memory, and what may be unsure of it."""
    written = match.group().replace(" ", "")
    stand_in = Amount(0, 0, 0, "", "type", match.start(), match.end(), written)
    inside = sentence.start <= subject.start < sentence.end
    start = min(subject.start, match.start()) if inside else match.start()
    end = max(subject.end, match.end()) if inside else match.end()
    unsure = _either(sentence, match) or unwarranted(sentence, subject, stand_in, "memory_type")
    return Claim(
        "figure", start, end, (sentence.start, sentence.end), "memory_type", subject,
        words=written, voice=sentence.voice,
        facts={"unsure": unsure,
               "capacities": _capacities(sentence, subject, beside, match.start())},
    )  # fmt: skip


_EACH = re.compile(r"\s?(?:or|and|/|of|,|\s)*\s?", re.I)


def _capacities(
    sentence: Sentence, subject: Mention, beside: list[Claim], at: int
) -> tuple[Amount, ...]:
    """The capacities of which one type is told: "40 GB or 80 GB of HBM2e"."""
    found: list[Amount] = []
    own = [c for c in beside if c.field == "memory_capacity" and c.subject == subject]
    amounts = [c.amount for c in own if c.amount is not None]
    for amount in sorted(amounts, key=lambda each: each.start, reverse=True):
        if not _EACH.fullmatch(sentence.text, amount.end, max(at, amount.end)):
            break
        found.append(amount)
        at = amount.start
    return tuple(found) if len(found) > 1 else ()


_OR = re.compile(r"\bor\b|/|或")


def _either(sentence: Sentence, match: re.Match[str]) -> str:
    """Why one of two types that are offered may be another variant's: "96 GB HBM3 or 144 GB …"."""
    for other in MEMORY_TYPE.finditer(sentence.text, sentence.start, sentence.end):
        left, right = sorted((match.span(), other.span()))
        if left != right and _OR.search(sentence.text, left[1], right[0]):
            return "one of several types is told"
    return ""


def _in_brackets(sentence: Sentence, at: int) -> Mention | None:
    """The chip in brackets right behind a type of memory: "HBM3 (X1)"."""
    return next(
        (e for e in sentence.chips() if _BRACKET.fullmatch(sentence.text, at, max(at, e.start))),
        None,
    )


_BRACKET = re.compile(r"\s?[(（](?:the |on the |for the )?")


def _apart(at: int, amount: Amount) -> int:
    """How far a word stands from a quantity; standing before it counts for more."""
    return at - amount.end if at >= amount.end else amount.start - at + 60
