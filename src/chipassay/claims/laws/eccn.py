"""Under which number of the Commerce Control List a part falls, as a sentence says."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator

from chipassay.claims.claim import Claim, Verdict, cannot_tell
from chipassay.claims.text.sentences import Sentence
from chipassay.errors import ChipassayError
from chipassay.records.answer import Answer

_NUMBER = re.compile(r"(?<![A-Za-z0-9])[0-9][A-E]\d{3}(?:\.[a-z](?:\.\d)?)?(?![A-Za-z0-9])")
_FALLS = re.compile(
    r"classif\w+|\bfall(?:s|ing)?\b|\bfell\b|controlled|covered|caught|\bECCN|listed under"
    r"|subject to"
    r"|\bunder\b|meets?\b|归类|属于|列入|受.{0,6}管制",
    re.I,
)
_NOT = re.compile(
    r"\bnot\b|n['’]t\b|outside|\bbelow\b|escap\w+|avoid\w*|\bmiss(?:es|ed)\b|exempt|no longer"
    r"|不属于|不受",
    re.I,
)
_CHIPS_OWN = "3A090"
"""The one number that a ruling tells of; the others are of computers, or of no list read here."""


def eccns(sentence: Sentence) -> Iterator[Claim]:
    """The numbers that a sentence gives the one chip it names."""
    chips = [each for each in sentence.chips() if each.kind == "chip"]
    if len({each.ids for each in chips}) != 1 or _FALLS.search(sentence.said) is None:
        return
    found = sentence.stamps
    for match in _NUMBER.finditer(sentence.text, sentence.start, sentence.end):
        relation = "not listed" if _NOT.search(sentence.said) else "listed"
        yield Claim(
            "law", min(chips[0].start, match.start()), max(chips[0].end, match.end()),
            (sentence.start, sentence.end), "eccn", chips[0], words=match.group(),
            relation=relation, voice=sentence.voice,
            facts={"day": found[0].iso if found else "", "unsure": "a class is told, not a day"},
        )  # fmt: skip


def eccn_verdict(claim: Claim, on: str, ask: Callable[..., Answer]) -> Verdict:
    """Whether the ruling puts the chip there; `on` is the article's day."""
    if claim.subject is None or not claim.words.startswith(_CHIPS_OWN):
        return cannot_tell("no ruling tells of this number", field="eccn")
    day = str(claim.facts["day"])
    day = day if len(day) == len("2022-10-07") else on
    chip = claim.subject.ids[0]
    try:
        answer = ask(task="ship", chip=chip, to="CN", on=datetime.date.fromisoformat(day))
    except ChipassayError as error:
        return cannot_tell(error.what, chip=chip, field="eccn")
    known = str(answer.answer["classification"])
    told = f"{chip} on {day}: {known if known != 'none' else 'outside 3A090'}"
    asked = {"task": "ship", "chip": chip, "to": "CN", "on": day}
    inside = known.startswith(claim.words[: len("3A090.a")])
    if inside == (claim.relation == "listed"):
        return Verdict("supported", told, chip=chip, field="eccn", asked=asked)
    return Verdict("cannot tell", told, "the class of another day may be meant", chip=chip,
                   field="eccn", asked=asked, differs=True)  # fmt: skip
