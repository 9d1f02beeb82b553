"""Whose chip a sentence says a chip is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chipassay.claims.claim import Claim, Mention
from chipassay.claims.known_words import COMPARING
from chipassay.claims.text.gated import Gated
from chipassay.claims.text.sentences import Sentence
from chipassay.claims.warrant import uncompared

_OWNS = re.compile(r"(?P<own>['’]s?|的)?\s?(?:own |new |latest |flagship |最新的?)?")
_MADE = r"(?:made|designed|built|developed|produced|manufactured|sold|launched|created|offered)"
_BY = Gated(
    rf"\b{_MADE} by\s(?:the\s)?(?:\w+\s)?|\b(?:comes|is|are|was) from\s|由\s?",
    " by|from|由",
)
_MAKES = Gated(
    r"\s(?:itself\s)?(?:makes|made|designs|designed|builds|built|developed|develops)\s(?:the\s|its\s|a\s|an\s)?(?:own\s|new\s)?"
    r"|(?:研发|设计|推出|生产|发布|自研)(?:了|的)?(?:新一代|新款)?",
    "make|made|design|build|built|develop|研发|设计|推出|生产|发布|自研",
)
_LIKENESS = re.compile(
    r"[\s-]?(?:rival|compet\w+|killer|clone|equivalent|alternative|answer|like|class|level|style"
    r"|cluster|order|servers?\b|customers?|buyers?|cloud|instance|fleet|deal|purchas\w+|stock"
    r"|的?(?:竞品|对手|替代|集群|订单|采购))", re.I,
)  # fmt: skip
"""Behind a chip: what a firm has that is named after another's chip, or the chips it bought."""
_TOLD = """
designed designs develops developed manufactured produced sold sells launched created accelerator
gpu gpus chip chips processor language model large inference training made by maker from company
giant start-up startup called named itself is own
"""
_WORDS = COMPARING | frozenset(_TOLD.split())


def makers(sentence: Sentence) -> Iterator[Claim]:
    """The maker right before a chip's name, "Acme's X1", and what is told as made by one."""
    firms = sentence.of_kind("maker")
    chips = [each for each in sentence.chips() if each.kind == "chip"]
    for firm in firms if chips else ():
        for chip in chips:
            kind = _relation(sentence, firm, chip)
            if kind and not _LIKENESS.match(sentence.text, chip.end):
                yield _claim(sentence, firm, chip, kind)


_FOUNDRY = Gated(
    r"\b(?:made|manufactured|fabricated|produced|built|fabbed)\s(?:by|at|in|on)\s(?:the\s)?"
    r"(?P<firm>TSMC|SMIC|Samsung|GlobalFoundries|Intel Foundry)\b(?!['’]s)"
    r"|\b(?P<early>TSMC|SMIC|Samsung)\s(?:makes|manufactures|fabricates|produces|builds|fabs)\s"
    r"|由?(?P<cn>台积电|中芯国际|三星)(?:代工|制造|生产)",
    "tsmc|smic|samsung|globalfoundries|foundry|台积电|中芯国际|三星",
)
FOUNDRIES = {"台积电": "TSMC", "中芯国际": "SMIC", "三星": "Samsung"}


def foundries(sentence: Sentence) -> Iterator[Claim]:
    """Who is told to make the wafers of the one chip that a sentence names."""
    chips = [each for each in sentence.chips() if each.kind == "chip"]
    found = _FOUNDRY.search(sentence.text, sentence.start, sentence.end) if chips else None
    if found is None or len({each.ids for each in chips}) != 1:
        return
    firm = found["firm"] or found["early"] or found["cn"]
    chip = chips[0]
    start, end = min(found.start(), chip.start), max(found.end(), chip.end)
    if _MEMORY.search(sentence.text, start, end):
        return
    yield Claim(
        "feature", start, end, (sentence.start, sentence.end), "foundry", chip,
        words=FOUNDRIES.get(firm, firm), relation="makes", voice=sentence.voice,
        facts={"unsure": uncompared(sentence, (chip,), start, end, _WORDS, found.span())},
    )  # fmt: skip


_MEMORY = re.compile(r"HBM|memory|GDDR|stack|显存|内存", re.I)


def _relation(sentence: Sentence, firm: Mention, chip: Mention) -> str:
    """How a firm is told to have a chip: it stands before its name, or it makes it."""
    text = sentence.text
    if firm.end <= chip.start:
        gap = _OWNS.fullmatch(text, firm.end, chip.start)
        if gap is not None and not _AGAIN.search(
            text[max(sentence.start, firm.start - 12) : firm.start]
        ):
            return "owns" if gap["own"] else "names"
        makes = _MAKES.search(text, firm.end, chip.start)
        plain = makes is not None and makes.span() == (firm.end, chip.start)
        return "makes" if plain else ""
    by = _BY.search(text, chip.end, firm.start)
    near = by is not None and by.end() == firm.start and firm.start - chip.end < _REACH
    return "makes" if near else ""


_AGAIN = re.compile(r"(?:\b(?:and|or|by|for|to|from|with|at)|[,、/&和与])\s?$", re.I)
"""Before a firm that need not be the one whose chip is named next: "sold by A and B X1s"."""
_REACH = 60


def _claim(sentence: Sentence, firm: Mention, chip: Mention, kind: str) -> Claim:
    start, end = min(firm.start, chip.start), max(firm.end, chip.end)
    return Claim(
        "feature", start, end, (sentence.start, sentence.end), "maker", chip, words=firm.name,
        other=firm, relation=kind, voice=sentence.voice,
        facts={"unsure": uncompared(sentence, (chip,), start, end, _WORDS)},
    )  # fmt: skip
