"""Whose a figure is where no chip is named, and what is no chip's: needs, models, phones."""

from __future__ import annotations

import re

from chipassay.claims.claim import Amount, Mention
from chipassay.claims.text.attributes import LINK, RATE
from chipassay.claims.text.gated import Gated, Small
from chipassay.claims.text.sentences import Sentence

NEED = Gated(
    r"\b(?:needs?|requires?|requiring|required|occup\w+|fits?(?!\s\d[\d,]* (?:[a-z]+ )?(?:cores"
    r"|units|SMs|transistors|stacks))|weights|footprint|checkpoint\w*|KV"
    r"|model"
    r"|parameters?|dataset|laptop|phone|smartphone|storage|SSD|budget|data ?cent(?:er|re)s?"
    r"|campus|plant)\b"
    r"|需要|占用|模型|数据中心", "need|requir|occup|fit|weights|footprint|checkpoint|kv|model"
    "|parameter|dataset|phone|laptop|storage|ssd|budget|data center|data centre|datacenter"
    "|datacentre|campus|plant|需要|占用|模型|数据中心")  # fmt: skip


_SURE = {
    "l2_capacity",
    "memory_bandwidth",
    "memory_bus",
    "sram_capacity",
    LINK,
    "pcie_bandwidth",
    "network_bandwidth",
}


_OTHER_PRODUCT = Small(
    r"\b(?:switch|phones?|smartphones?|handsets?|laptops?|notebooks?|tablets?|PCs?|consoles?|SSDs?"
    r"|CPUs?"
    r"|Kirin|Snapdragon|Ryzen|Xeon|EPYC|cars?|vehicles?|wafers?|fabs?|foundry|lithograph\w+)\b"
    r"|手机"
)
"""Things that have cores, memory and transistors too and are no AI chip."""


_A_CHIP = re.compile(r"\b(?:GPUs?|chips?|cards?|accelerators?|NPUs?)\b|芯片|加速卡|显卡|每卡", re.I)


_DRAWS = re.compile(r"\bdraw\w*|consum\w+|power (?:limit|budget|envelope)|board power|功率", re.I)


_NVIDIAS = re.compile(r"CUDA|[Tt]ensor[ -]?(?:[Cc]ores?|核心|内核)")
"""Words that only one maker's chips have."""


_STORAGE = Small(r"\b(?:disks?|drives?|storage|internet|broadband|links?|cables?|fibre|fiber)\b")


_OWN = re.compile(
    r"\s?(?:of )?(?:total |on-board |on-package |local |unified |video |GPU |V?RAM|memory|bandwidth"
    r"|GPU-to-GPU|chip-to-chip)",
    re.I,
)
"""What stands right behind a figure of memory or bandwidth that belongs to a chip."""


_SURE_WORDS = {
    "memory_capacity": re.compile(r"HBM\d?|GDDR\d|high[- ]bandwidth memory|\bVRAM\b|显存", re.I),
    "tdp": re.compile(r"\bTDP\b|thermal design|board power|功耗", re.I),
    "die_area": re.compile(r"\bdies?\b|chip size|芯片面积", re.I),
    "transistors": re.compile(r"transistors?|晶体管", re.I),
    "process": re.compile(
        r"(?:TSMC|SMIC|Samsung|台积电|中芯国际?).{0,30}(?:process|node|nm|纳米|工艺)", re.I),
}  # fmt: skip


def around(sentence: Sentence, left: int, right: int) -> tuple[int, int]:
    """A clause; where it is no more than brackets, the words before them too."""
    bracketed = sentence.text[left - 1 : left] in ("(", "（") and right - left < 20
    return (max(sentence.start, left - 40), right) if bracketed else (left, right)


def is_of_something_else(sentence: Sentence, subject: Mention, left: int, right: int) -> bool:
    """Whether the clause speaks of a need, a model, a phone … and not of the chip."""
    words = NEED.search(sentence.text, left, right)
    inside = left <= subject.start < right
    owns = re.match(r"['’]s\s", sentence.text[subject.end : subject.end + 3])
    return words is not None and not (inside and (owns or subject.start < words.start()))


def is_sure(
    sentence: Sentence, field: str, named: bool, amount: Amount, left: int, right: int
) -> bool:
    """Whether a figure is a chip's even though no chip is named."""
    if amount.noun in ("lanes", "units"):
        return _NVIDIAS.search(sentence.said) is not None
    if amount.noun in ("cores", "links", "dies"):
        return False
    if amount.noun == "stacks":
        return "HBM" in sentence.said
    said = sentence.said
    if NEED.search(sentence.text, left, right) or _OTHER_PRODUCT.search(said):
        return False
    if field.startswith(("dense_", "performance")) or field == RATE:
        return True
    if field == "bandwidth" and named and not _STORAGE.search(said):
        return True
    words = _SURE_WORDS.get(field)
    if words is not None and words.search(said):
        return field != "tdp" or bool(_A_CHIP.search(said))
    beside = sentence.text[amount.end : min(amount.end + 22, sentence.end)]
    if field == "tdp" and _A_CHIP.search(said):
        return bool(_DRAWS.search(said) or _A_CHIP.match(beside.lstrip()))
    if field == "memory_capacity":
        return _OWN.match(beside) is not None and named
    return named and field in _SURE
