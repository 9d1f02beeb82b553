"""A figure as a claim: its span, what else the sentence names, why it may be of something else."""

from __future__ import annotations

import re
from typing import Any

from chipassay.claims.claim import Amount, Claim, Mention
from chipassay.claims.text.attributes import (
    BANDWIDTH,
    LINK,
    PRECISION,
    RATE,
    attribute_of,
    of_parts,
    precision_of,
)
from chipassay.claims.text.gated import Small
from chipassay.claims.text.sentences import Sentence
from chipassay.claims.text.subjects import CLAUSE
from chipassay.claims.warrant import unwarranted

_CAPACITY = re.compile(r"[\s-]?(?P<number>\d{2,3})\s?GB\b(?! of)")


def figure_claim(
    sentence: Sentence,
    amount: Amount,
    field: str,
    subject: Mention | None,
    conventions: frozenset[str],
    doubt: str | None = None,
) -> Claim:
    """The claim that a quantity is an attribute of a chip, or of one that is not named.

    `doubt` is given where a list says whose it is: why its entry may be read otherwise.
    """
    start, end = amount.start, amount.end
    conventions = _of_parts(sentence, amount, field, conventions)
    if subject is not None and sentence.start <= subject.start < sentence.end:
        start, end = min(start, subject.start), max(end, subject.end)
    for cue in sentence.cues:
        near = 0 <= cue.start - amount.end <= 3 or 0 <= amount.start - cue.end <= 16
        gap = sentence.text[min(amount.end, cue.end) : max(amount.start, cue.start)]
        if near and not CLAUSE.search(gap):
            start, end = min(start, cue.start), max(end, cue.end)
    return Claim(
        "figure", start, end, (sentence.start, sentence.end), field, subject, amount,
        conventions=conventions, voice=sentence.voice,
        facts=_beside(sentence, subject, amount, field) | _doubts(sentence, subject, amount, field)
        if doubt is None else {"bound": True, "unsure": doubt},
    )  # fmt: skip


_NOT_ALL = Small(
    r"of which|disabled|dumm(?:y|ies)|inactive|\bactive|physical|fused|spare|enabled|sites|其中"
    r"|屏蔽"
)
_EACH = re.compile(r"\s(?:each|apiece)\b|(?:per|/) ?link")


def _of_parts(
    sentence: Sentence, amount: Amount, field: str, said: frozenset[str]
) -> frozenset[str]:
    """The conventions of stacks of which some are idle, and of a rate beside a number of links."""
    said = of_parts(amount, said)
    if amount.noun == "stacks":
        return said | {"part"} if _NOT_ALL.search(sentence.said) else said
    linked = field == LINK and any(each.noun == "links" for each in sentence.amounts)
    if linked and "per link" not in said:
        return said | {"per link" if _EACH.match(sentence.text, amount.end) else "part"}
    return said


def _doubts(
    sentence: Sentence, subject: Mention | None, amount: Amount, field: str
) -> dict[str, Any]:
    """Why the figure may be of another chip, or of a changed one."""
    why = ""
    if subject is not None and _is_second(sentence, subject, amount, field):
        why = "another figure of its kind stands between the chip and it"
    if not why and subject is not None:
        why = unwarranted(sentence, subject, amount, field)
    return {"unsure": why, "former": _former(sentence, amount), "cut": _cut(sentence, amount)}


def _is_second(sentence: Sentence, subject: Mention, amount: Amount, field: str) -> bool:
    """Whether a figure of the same attribute stands between a chip and a quantity."""
    if amount.role == "to" or not sentence.start <= subject.start < amount.start:
        return False
    for each in sentence.amounts:
        if subject.end <= each.start < amount.start and each.unit == amount.unit and each.unit:
            other, _ = attribute_of(sentence.text, each, list(sentence.cues), sentence.amounts)
            if other == RATE:
                other = precision_of(sentence.text, each, sentence.start, sentence.end)
            if field == BANDWIDTH or (other in (field, BANDWIDTH) and each.noun == amount.noun):
                return True
    return False


def _beside(
    sentence: Sentence, subject: Mention | None, amount: Amount, field: str
) -> dict[str, Any]:
    """What else the sentence names that the quantity may be of."""
    found = _named_capacity(sentence, subject, amount)
    if field == RATE or field.startswith("dense_"):
        formats = PRECISION.finditer(sentence.text, sentence.start, sentence.end)
        found["formats"] = tuple(f"dense_{match.lastgroup}" for match in formats)
    if field.startswith("performance"):
        found["said"] = sentence.said
    return found


def _named_capacity(sentence: Sentence, subject: Mention | None, amount: Amount) -> dict[str, Any]:
    """A capacity that stands behind a chip's name as part of it: "the X 40GB has …"."""
    if subject is None or not sentence.start <= subject.start < sentence.end:
        return {}
    match = _CAPACITY.match(sentence.text, subject.end)
    if match is None or amount.start <= match.end():
        return {}
    own = [each for each in sentence.amounts if each.start == match.start("number")]
    return {"capacity": own[0]} if own else {}


_PLANNED = Small(
    r"\b(?:plan\w*|original\w*|modif\w+|upcoming|downgrad\w+|version|will|next)\b"
    r"|原版|计划|降级|改版|将")  # fmt: skip
_CHANGED = re.compile(
    r"(?:\b(?:reduc\w+|cut|lower\w*|trimm\w+|down|drop\w*|downgrad\w+|slash\w+|rais\w+|boost\w*"
    r"|increas\w+|upgrad\w+|from [^.;]{1,40})\s+to|[减降砍升增扩]\w{0,2}[至到为])\s*"
    r"(?:about |only )?$",
    re.I,
)  # fmt: skip


def _cut(sentence: Sentence, amount: Amount) -> Amount | None:
    """The figure that a chip was cut down from: "the X1 cut its link from 600 to 400 GB/s"."""
    before = [e for e in sentence.amounts if e.end <= amount.start and e.unit == amount.unit]
    if amount.role != "to" or not before or before[-1].role != "from":
        return None
    head = sentence.text[sentence.start : before[-1].start]
    return before[-1] if _CUTS.search(head) else None


_CUTS = re.compile(
    r"\b(?:cut|cuts|cutting|reduc\w+|lower\w*|trim\w*|limit\w*|throttl\w*|slash\w*|drop\w*"
    r"|crippl\w*|downgrad\w*)\b|降|减|缩|砍", re.I,
)  # fmt: skip


def _former(sentence: Sentence, amount: Amount) -> Amount | None:
    """The figure that a planned one replaces: "will be cut from 96 GB to 48 GB"."""
    head = sentence.text[max(sentence.start, amount.start - 48) : amount.start]
    changed = _CHANGED.search(head) is not None or amount.role == "to"
    if not changed or _PLANNED.search(sentence.said) is None:
        return None
    earlier = [e for e in sentence.amounts if e.end <= amount.start and e.unit == amount.unit]
    return earlier[-1] if earlier else None
