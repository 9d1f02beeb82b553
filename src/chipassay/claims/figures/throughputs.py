"""What chips get done for their power: tokens a watt. Nobody's data sheet tells it, so it is read
and never judged."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chipassay.claims.claim import Claim
from chipassay.claims.text.sentences import Sentence, looks_back
from chipassay.claims.text.subjects import subjects_of

_NOUNS = ("tokens/W",)
_MACHINES = re.compile(
    r"\b(?:GPUs?|NPUs?|TPUs?|chips?|accelerators?|cards?|servers?|racks?|inference)\b|芯片|加速卡|推理",
    re.I,
)


def throughputs(sentence: Sentence) -> Iterator[Claim]:
    """Every such rate of a sentence that speaks of chips."""
    for amount in sentence.amounts:
        if amount.noun not in _NOUNS:
            continue
        chips = [each for each in subjects_of(sentence, amount) if each.kind != "maker"]
        back = looks_back(sentence.said) and sentence.antecedent is not None
        if not (chips or back or _MACHINES.search(sentence.said)):
            continue
        subject = chips[0] if chips else None
        inside = subject is not None and sentence.start <= subject.start < sentence.end
        start = min(amount.start, subject.start) if subject and inside else amount.start
        end = max(amount.end, subject.end) if subject and inside else amount.end
        yield Claim(
            "figure", start, end, (sentence.start, sentence.end), "throughput", subject, amount,
            voice=sentence.voice,
        )  # fmt: skip
