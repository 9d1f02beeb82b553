"""How a quantity is counted, as far as the words beside it say: per die, together, measured …"""

from __future__ import annotations

import math
import re

from chipassay.claims.claim import Amount
from chipassay.claims.text.attributes import conventions_of
from chipassay.claims.text.gated import Gated, Small
from chipassay.claims.text.sentences import Sentence
from chipassay.units import parse

_PART = Gated(
    r"\beach (?:with|of|holding|carrying|providing)\b|\b(?:memory|DRAM|GDDR\d?) (?:chips|modules)"
    r"|\b(?:per|each|single|one|every) (?:stack|link|lane|pin|port|layer|NIC|user|socket|core|SM"
    r"|direction pair)\b|\bstack\b|\bstacks of \d|\bstacks?\b[^.;]{0,24}\beach\b"
    r"|\bper[- ](?:GPU|chip) (?:cost|price)|\bone-to-one\b"
    r"|point-to-point|peer-to-peer|\bP2P\b|per pair|\b(?:partitions?|instances?|slices?|MIG)\b"
    r"|\b(?:each|per) (?:\w+ ){0,2}SM\b|每个堆栈|单颗HBM|每组",
    "each|per|single|one |one-|every|stack|chips|modules|-to-|p2p|partition|instance|slice"
    "|mig|每|单"
)  # fmt: skip
_TOGETHER = Small(
    r"\b(?:racks?|servers?|nodes?|clusters?|systems?|pods?|supernodes?|combined|aggregate|total"
    r"|altogether|superchip|a pair|boards?(?! power)|[0-9]+[- ]?(?:GPU|card|chip)s?|eight)\b|集群"
    r"|服务器"
    r"|整机|节点"
    r"|总计|合计|八卡|8卡")  # fmt: skip
_MEASURED = Small(
    r"\b(?:achiev\w+|measured|benchmark\w*|busbw|utili[sz]ation|sustained|effective|real[- ]world"
    r"|in practice|MFU|tokens|tests? show|reach(?:es|ed) only|observed|idle|average)\b|实测"
    r"|利用率")  # fmt: skip
_LIMIT = Small(
    r"\b(?:threshold|limits?|cap|caps|capped|ceiling|cut-?off|red line|rules?|at or above|or more"
    r"|regulat\w+"
    r"|controls?)\b|门槛|红线|上限|限制")  # fmt: skip
_PER_CORE = Gated(
    r"\b(?:each|per|every|one|a single)\s(?:[\w-]+ ){0,2}(?:SM|streaming multiprocessor)\b|/ ?SM\b"
    r"|每个?SM", "sm|multiprocessor",
)  # fmt: skip
_HOST = re.compile(r"\s?(?:of )?(?:(?:LP)?DDR|(?:CPU|host|system) ?(?:memory|RAM|内存))", re.I)
_EACH = re.compile(
    r"\s?(?:/|per )\s?(?:lane|link|pin|port|stack|channel|layer|token|user|die|mm)\b"
    r"|每(?:条|根|路)",
    re.I,
)
_BITS = re.compile(r"[TG]b(?:ps|/s|it)")
_AGAINST = r"(?:vs\.?|versus|compared (?:to|with)|against)"
_VERSUS = re.compile(rf"\s{_AGAINST}\s\d")
_BESIDE_VERSUS = re.compile(rf"\d[\w /]{{0,8}}\s{_AGAINST}\s*$")
_EITHER = re.compile(r"(?:\s?[(（][^()（）]{0,12}[)）])?\s?/\s?\d")
_OR_ELSE = re.compile(r"\d\s?\w{0,4}(?:\s?[(（][^()（）]{0,12}[)）])?\s?/\s?$")
_LARGEST = {
    "B": parse("1 TB", "B"), "W": parse("3 kW", "W"), "B/s": parse("60 TB/s", "B/s"),
    "FLOP/s": parse("100 PFLOPS", "FLOP/s"),
}  # fmt: skip
"""More than any one chip has: a figure above this is a machine's."""


def is_part(words: str) -> bool:
    """Whether words speak of a part: of one link, one stack, one pair."""
    return _PART.search(words) is not None


def counted_as(sentence: Sentence, amount: Amount, left: int, right: int) -> frozenset[str]:
    """What the words beside a quantity say of how it is counted."""
    whole = (left, right)
    before = max((a.end for a in sentence.amounts if a.end <= amount.start), default=left)
    after = min((a.start for a in sentence.amounts if a.start >= amount.end), default=right)
    left, right = max(left, before), min(max(right, amount.end), after)
    bracket = re.match(r"\s?[(（][^()（）]{0,60}[)）]", sentence.text[amount.end : sentence.end])
    found = conventions_of(sentence.text, left, right)
    if bracket is not None and not re.search(r"\d", bracket.group().replace("FP", "")):
        found |= conventions_of(sentence.text, amount.end, amount.end + bracket.end())
    found |= marked(sentence.text, *whole)
    return frozenset(found | _marks(sentence, amount, left, whole))


def marked(text: str, left: int, right: int) -> set[str]:
    """Whether a stretch speaks of a part, of several together, of what was measured, of a limit."""
    marks = (
        ("part", _PART),
        ("per core", _PER_CORE),
        ("together", _TOGETHER),
        ("measured", _MEASURED),
        ("limit", _LIMIT),
    )
    return {name for name, words in marks if words.search(text, left, right)}


def _marks(sentence: Sentence, amount: Amount, left: int, whole: tuple[int, int]) -> set[str]:
    """What stands right beside a quantity, and its size, say of it."""
    head, text = sentence.text[left : amount.start], sentence.text
    times = re.search(r"(?:\b|\d)(?:x|×|\*)\s?$|\b(?:eight|four|\d+)\s+$", head)
    large = amount.value > _LARGEST.get(amount.unit, math.inf)
    part = _HOST.match(text, amount.end) or _EACH.match(text, amount.end)
    near = text[max(sentence.start, amount.start - 30) : amount.start]
    versus = _BESIDE_VERSUS.search(near) or _VERSUS.match(text, amount.end)
    either = versus or _EITHER.match(text, amount.end) or _OR_ELSE.search(near)
    found = {"part"} if part else set()
    counted = _counted(sentence, whole)
    found |= {"counted"} if counted else set()
    found |= {"together"} if times or large or counted else set()
    found |= {"bits"} if _BITS.search(amount.written) else set()
    return found | ({"either"} if either else set())


def _counted(sentence: Sentence, within: tuple[int, int]) -> bool:
    """Whether a stretch speaks of a number of chips and not of one."""
    return any(
        each.noun == "chips" and each.value > 1 and within[0] <= each.start < within[1]
        for each in sentence.amounts
    )
