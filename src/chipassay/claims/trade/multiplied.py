"""Products that a sentence states with all their parts: boxes times cards, what doubled from so
much to so much.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from chipassay.claims.claim import Amount, Claim, Mention
from chipassay.claims.text.bare_numbers import NUMBER
from chipassay.claims.text.gated import Gated
from chipassay.claims.text.numerals import SPELT, WORDS, numeral
from chipassay.claims.text.sentences import Sentence
from chipassay.claims.trade.topic import topic
from chipassay.units import factor

_N = rf"(?<![A-Za-z0-9_.,$])(?:{NUMBER}|(?:{SPELT})\b)"
_THINGS = r"(?:GPUs?|NPUs?|TPUs?|cards?|chips?|accelerators?|boards?|processors?|dies)"
_BOXES = (
    r"(?:servers?|nodes?|boxes|racks?|cabinets?|systems?|machines?|trays?|pods?|clusters?|chassis"
    r"|supernodes?)"
)
_WORD = r"(?:(?!of\b|with\b|and\b|at\b|to\b)[A-Za-z][\w-]*\s)"
_GROUPS = Gated(rf"(?P<n>{_N})\s(?:(?!each\b){_WORD}|{_N}-(?:way|GPU|card|chip)\s"
                     rf"|[A-Z]+\d+\s){{0,4}}?{_BOXES}\b"
                     r"|(?P<c>\d+)\s?[个台套]?(?:机柜|服务器|节点|机架)",
                "server|node|box|rack|cabinet|system|machine|tray|pod|cluster|chassis|机柜|服务器|节点"
                "|机架")  # fmt: skip
_EACH = re.compile(
    rf"(?P<n>{_N})[\s-](?:way|(?:GPU|card|chip|NPU"
    rf"|accelerator)(?!s?\s(?:hours?)))\b(?=\s(?:[\w-]+\s){{0,2}}"
    rf"{_BOXES})"
    rf"|\b(?:of|with|hold(?:s|ing)|hous(?:es|ing)|contain(?:s|ing)|carr(?:ies|ying)|pack(?:s"
    rf"|ing))\s"
    rf"(?P<m>{_N})\s{_WORD}{{0,4}}?(?:{_THINGS}|[A-Z]+\d+\w*)\s(?:each|apiece|per \w+)\b"
    rf"|(?P<p>{_N})\s{_WORD}{{0,3}}?(?:{_THINGS}|[A-Z]+\d+\w*)\s(?:each|apiece|per {_BOXES})\b"
    r"|每[个台套]?(?:机柜|服务器|节点|机架)\s?(?P<c>\d+)\s?[张颗块片卡]", re.I,
)  # fmt: skip
_TOTAL = Gated(
    rf"(?:\btotal\w*|\bmak(?:es?|ing)(?: for)?|\bgiv(?:es?|ing)|(?:\bcomes?|\bcoming|\bamount\w*"
    rf"|\badd\w*(?: up)?) to|\bfor a total of|=)\s(?:of |a total of |up to )?(?P<n>{_N})"
    rf"(?=\s(?:{_WORD}{{0,3}}?{_THINGS}|[A-Z]+\d)|\s?(?:[.;)]|$))"
    rf"|(?P<m>{_N})\s(?:{_WORD}{{0,3}}?{_THINGS}\s)?(?:in all|in total|altogether|overall"
    rf"|all told)\b"
    r"|(?:共|合计|总计|总共)(?:计"
    r"|有)?\s?(?P<c>\d[\d,]*)\s?[张颗块片]",
    "total|mak|giv|com|amount|add|=|in all|altogether|overall|all told|共|合计|总")  # fmt: skip
_TIMES = {"doubl": 2.0, "tripl": 3.0, "trebl": 3.0, "quadrupl": 4.0, "quintupl": 5.0, "halv": 0.5}
_VERB = Gated(
    r"(?<!more than )(?<!nearly )(?<!almost )(?<!roughly )(?<!about )\b(?P<verb>doubl|tripl"
    r"|trebl|quadrupl"
    r"|quintupl|halv)(?:e|es|ed|ing)\b", tuple(_TIMES),
)  # fmt: skip
_OLD = re.compile(
    r"\b(?:from|currently|now|today|at present|existing|so far|was|were|up from|previous\w*"
    r"|compared"
    r" (?:with|to))\b[^;,.\d]{0,24}$", re.I,
)  # fmt: skip
_NEW = re.compile(r"\bto\s(?:(?:about|around|some|roughly|nearly|over|a total of)\s){0,2}$", re.I)


def products(sentence: Sentence) -> Iterator[Claim]:
    """Every product that the sentence's own numbers make up."""
    said = sentence.said
    if _GROUPS.search(said) and _TOTAL.search(said):
        yield from _boxes(sentence)
    if len(sentence.amounts) > 1 and _VERB.search(said) and topic(sentence) is not None:
        yield from _multiples(sentence)


def _boxes(sentence: Sentence) -> Iterator[Claim]:
    """So many boxes of so many cards each make another number of cards than the one stated; a right
    total is a fleet's, for other readers."""
    text, start, end = sentence.text, sentence.start, sentence.end
    found = [list(p.finditer(text, start, end)) for p in (_GROUPS, _EACH, _TOTAL)]
    if [len(each) for each in found] != [1, 1, 1]:
        return
    groups, cards, total = (_number(each[0]) for each in found)
    if min(groups, cards) <= 1 or total <= max(groups, cards) or groups * cards == total:
        return
    name = next(key for key, part in found[2][0].groupdict().items() if part)
    left, right = found[2][0].span(name)
    amount = Amount(total, total, total, "1", "chips", left, right, text[left:right])
    span = (min(each[0].start() for each in found), max(each[0].end() for each in found))
    told = f"{groups:g} × {cards:g}"
    known = groups * cards
    yield reckoning(sentence, "total", amount, span, known, told, (known, known), _only(sentence))


def _only(sentence: Sentence) -> Mention | None:
    """The one chip that a sentence names; None for none, or for several."""
    chips = sentence.chips()
    return chips[0] if len(chips) == 1 else None


def _number(match: re.Match[str]) -> float:
    written = next(part for part in match.groupdict().values() if part).lower()
    return numeral(str(WORDS.get(written, written))).value


def _multiples(sentence: Sentence) -> Iterator[Claim]:
    """ "Will quadruple to 300 MW from 150 MW": what was, what becomes, how many times."""
    verbs = list(_VERB.finditer(sentence.text, sentence.start, sentence.end))
    text = sentence.text
    new = [
        e for e in sentence.amounts if _NEW.search(text, max(sentence.start, e.start - 40), e.start)
    ]
    if len(verbs) != 1 or len(new) != 1 or new[0].start < verbs[0].end():
        return
    old = [
        each for each in sentence.amounts
        if each is not new[0] and (each.unit, each.noun) == (new[0].unit, new[0].noun)
        and _OLD.search(text, max(sentence.start, each.start - 48), each.start)
    ]  # fmt: skip
    if len(old) != 1 or new[0].start - verbs[0].end() > _NEAR or old[0].value <= 0:
        return
    times = _TIMES[verbs[0]["verb"].lower()]
    left, right = verbs[0].span()
    amount = Amount(times, times, times, "1", "times", left, right, text[left:right])
    span = (min(left, old[0].start), max(new[0].end, old[0].end))
    known = new[0].value / old[0].value
    ends = (new[0].low / old[0].high, new[0].high / max(old[0].low, _LEAST))
    told = f"from {old[0].written} to {new[0].written}"
    bounds = (min(ends) / _LOOSE, max(ends) * _LOOSE)
    yield reckoning(sentence, "growth", amount, span, known, told, bounds, _only(sentence))


_LOOSE = 1.3
"""What doubled grew by so much more or less than twice."""
_NEAR = 60
_LEAST = factor("1/s")
"""One: against a division by nought."""


def reckoning(
    sentence: Sentence,
    field: str,
    amount: Amount,
    span: tuple[int, int],
    known: float,
    told: str,
    ends: tuple[float, float],
    subject: Mention | None = None,
    seconds: float = math.nan,
) -> Claim:
    """The claim that a sum makes: what it says, and what its parts come to, with the bounds."""
    return Claim(
        "arithmetic", *span, (sentence.start, sentence.end), field, subject, amount, words=told,
        voice=sentence.voice, facts={"known": known, "ends": ends, "seconds": seconds},
    )  # fmt: skip
