"""Whether a figure is surely of the chip it was given to. A call of wrong needs that; a figure
that agrees does not, since it would hardly agree by chance."""

from __future__ import annotations

import re

from chipassay.claims.claim import Amount, Mention
from chipassay.claims.sentences import Sentence

_OWNS = re.compile(r"['’]s\b|,? (?:which|whose|that)\b|的|\s?[:：]|\s?[(（][^()（）]{0,30}$")
"""What stands behind the chip that something is compared with, before a figure of its own."""
_CHANGED = re.compile(
    r"(?:\b(?:reduc\w+|cut|lower\w*|trimm\w+|down|drop\w*|downgrad\w+|slash\w+|rais\w+|boost\w*"
    r"|increas\w+|upgrad\w+|from [^.;]{1,40})\s+to|[减降砍升增扩]\w{0,2}[至到为])\s*(?:about |only )?$",
    re.I,
)  # fmt: skip


def unsure(sentence: Sentence, subject: Mention, amount: Amount) -> str:
    """Why a figure may be of another chip than the one it was given to; "" where it is surely
    its own."""
    if not sentence.start <= subject.start < sentence.end:
        return "" if sentence.sole else "the words before it name several chips"
    rest = [each for each in sentence.chips() if not _same(each, subject)]
    if any(subject.end <= each.start < amount.start for each in rest):
        return "another chip is named between the chip and the figure"
    gap = sentence.text[subject.end : amount.start]
    before = [e for e in rest if e.end <= subject.start and not sentence.is_yardstick(e)]
    if before and sentence.is_yardstick(subject) and _OWNS.match(gap) is None:
        return "the chip is only what another one is compared with"
    return ""


def _same(one: Mention, other: Mention) -> bool:
    return one.name == other.name or bool(set(one.ids) & set(other.ids))


def former(sentence: Sentence, amount: Amount) -> Amount | None:
    """The figure that a changed one replaces: "cut from 96 GB to 48 GB"."""
    head = sentence.text[max(sentence.start, amount.start - 48) : amount.start]
    if _CHANGED.search(head) is None and amount.role != "to":
        return None
    earlier = [e for e in sentence.amounts if e.end <= amount.start and e.unit == amount.unit]
    return earlier[-1] if earlier else None
