"""Whether a figure is surely of the chip it was given to. A call of wrong needs that; a figure
that agrees does not, since it would hardly agree by chance."""

from __future__ import annotations

import re

from chipassay.claims.claim import Amount, Mention
from chipassay.claims.sentences import Sentence, looks_back

_OWNS = re.compile(r"['’]s\b|,? (?:which|whose|that)\b|的|\s?[:：]")
"""What stands behind the chip that something is compared with, before a figure of its own."""
_ITS = re.compile(r"\bits?\b|它|其", re.I)
"""A pronoun means what was spoken of; "the GPU" may as well be what that was compared with."""
_PLANNED = re.compile(
    r"\b(?:plan\w*|original\w*|modif\w+|upcoming|downgrad\w+|version|will|next)\b"
    r"|原版|计划|降级|改版|将", re.I,
)  # fmt: skip
_CHANGED = re.compile(
    r"(?:\b(?:reduc\w+|cut|lower\w*|trimm\w+|down|drop\w*|downgrad\w+|slash\w+|rais\w+|boost\w*"
    r"|increas\w+|upgrad\w+|from [^.;]{1,40})\s+to|[减降砍升增扩]\w{0,2}[至到为])\s*"
    r"(?:about |only )?$",
    re.I,
)  # fmt: skip


def unsure(sentence: Sentence, subject: Mention, amount: Amount) -> str:
    """Why a figure may be of another chip than the one it was given to; "" where it is surely
    its own."""
    if not sentence.start <= subject.start < sentence.end:
        head = sentence.text[sentence.start : amount.start]
        sure = sentence.rivals <= 0 or (sentence.rivals == 1 and _ITS.search(head))
        return "" if sure else "the words before it name several chips"
    rest = [each for each in sentence.chips() if not _same(each, subject)]
    between = [each for each in rest if subject.end <= each.start and each.end <= amount.start]
    if between and not looks_back(sentence.text[between[-1].end : amount.start]):
        return "another chip is named between the chip and the figure"
    gap = sentence.text[subject.end : amount.start]
    before = [e for e in rest if e.end <= subject.start and not sentence.is_yardstick(e)]
    if before and sentence.is_yardstick(subject) and _OWNS.match(gap) is None:
        return "the chip is only what another one is compared with"
    return ""


def _same(one: Mention, other: Mention) -> bool:
    return one.name == other.name or bool(set(one.ids) & set(other.ids))


def former(sentence: Sentence, amount: Amount) -> Amount | None:
    """The figure that a planned one replaces: "will be cut from 96 GB to 48 GB"."""
    head = sentence.text[max(sentence.start, amount.start - 48) : amount.start]
    changed = _CHANGED.search(head) is not None or amount.role == "to"
    if not changed or _PLANNED.search(sentence.said) is None:
        return None
    earlier = [e for e in sentence.amounts if e.end <= amount.start and e.unit == amount.unit]
    return earlier[-1] if earlier else None
