"""Figures said of chips: which quantity, of which attribute, of which chip."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from chipassay.claims.attributes import (
    BANDWIDTH,
    LINK,
    MEMORY_TYPE,
    PRECISION,
    RATE,
    attribute_of,
    precision_of,
)
from chipassay.claims.attribution import former, unsure
from chipassay.claims.claim import Amount, Claim, Mention
from chipassay.claims.counted_as import counted_as
from chipassay.claims.sentences import Sentence, looks_back
from chipassay.claims.subjects import (
    CLAUSE,
    clause,
    is_adjective,
    is_carried,
    subjects_of,
    variant,
)
from chipassay.claims.warrant import unwarranted

_NOT_SAID = re.compile(
    r"(?:\bnot|rather than|instead of|而非|不是|\bby|提升|增加|减少了)\s*$", re.I
)
_NEED = re.compile(
    r"\b(?:needs?|requires?|requiring|required|occup\w+|fits?|weights|footprint|checkpoint\w*|KV"
    r"|model"
    r"|parameters?|dataset|laptop|phone|smartphone|storage|SSD|budget|data ?cent(?:er|re)s?"
    r"|campus|plant)\b"
    r"|需要|占用|模型|数据中心", re.I,
)  # fmt: skip
FIGURE_UNITS = {"FLOP/s", "B/s", "B", "W", "m2", "Hz", "bit", "bit.FLOP/s", "bit.FLOP/s/m2"}
_SURE = {
    "l2_capacity",
    "memory_bandwidth",
    "memory_bus",
    "sram_capacity",
    LINK,
    "pcie_bandwidth",
    "network_bandwidth",
}


_OTHER_PRODUCT = re.compile(
    r"\b(?:switch|phones?|smartphones?|handsets?|laptops?|notebooks?|tablets?|PCs?|consoles?|SSDs?"
    r"|CPUs?"
    r"|Kirin|Snapdragon|Ryzen|Xeon|EPYC|cars?|vehicles?|wafers?|fabs?|foundry|lithograph\w+)\b"
    r"|手机",
    re.I,
)
"""Things that have cores, memory and transistors too and are no AI chip."""
_A_CHIP = re.compile(r"\b(?:GPUs?|chips?|cards?|accelerators?|NPUs?)\b|芯片|加速卡|显卡|每卡", re.I)
_DIES = re.compile(
    r"\b(?:dies joined|between (?:\w+ ){0,2}dies|dies (?:\w+ )?connected|chiplets?|die-to-die"
    r"|NV-H[BS]I|memory clock|PCIe|PCI[- ]Express|host)\b|裸片",
    re.I,
)
"""What a link inside a package joins; the rate of a pin, or to the host."""
_BASE = re.compile(r"\b(?:core|base|memory) (?:clock|frequency)", re.I)
_DRAWS = re.compile(r"\bdraw\w*|consum\w+|power (?:limit|budget|envelope)|board power|功率", re.I)
_STORAGE = re.compile(
    r"\b(?:disks?|drives?|storage|internet|broadband|links?|cables?|fibre|fiber)\b", re.I
)
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
_HAS = re.compile(
    r"(?:\bhas|\bhave|\bwith|\boffers?|\bcarr(?:y|ies)|\bpacks?|\bits|['’]s"
    r"|[A-Z]\d\w*\s?\()\s*(?:only |about |a |~)?$"
)


def figures(sentence: Sentence) -> Iterator[Claim]:
    """Every figure the sentence states of a chip, or of none that it names."""
    found = [claim for amount in sentence.amounts for claim in _figure(sentence, amount)]
    found += _memory_types(sentence, found)
    found += _domains(sentence)
    yield from _agreed(found)


def _figure(sentence: Sentence, amount: Amount) -> Iterator[Claim]:
    counted = amount.noun in ("cores", "lanes", "units", "transistors", "nm", "TFLOPS/W")
    if not counted and (amount.noun or amount.unit not in FIGURE_UNITS):
        return
    before = sentence.text[max(sentence.start, amount.start - 16) : amount.start]
    if (amount.role == "from" and _is_former(sentence, amount)) or _NOT_SAID.search(before):
        return
    field, named = attribute_of(sentence.text, amount, list(sentence.cues), sentence.amounts)
    if not field and amount.unit == "B" and (_HAS.search(before) or _describes(sentence, amount)):
        field, named = "memory_capacity", True
    if field == RATE:
        field = precision_of(sentence.text, amount, sentence.start, sentence.end)
    left, right = clause(sentence, amount)
    conventions = counted_as(sentence, amount, left, right)
    if field == BANDWIDTH and conventions & {"one way", "both ways"}:
        field = LINK
    if field in (BANDWIDTH, LINK, "memory_bandwidth") and _DIES.search(sentence.text, left, right):
        conventions |= {"part"}
    if field == "boost_clock" and _BASE.search(sentence.text, left, right):
        conventions |= {"part"}
    subjects = subjects_of(sentence, amount)
    if amount.role == "from" and subjects and subjects[0].start < amount.start:
        return
    if not subjects:
        if "part" not in conventions and _is_sure(sentence, field, named, amount, left, right):
            yield _claim(sentence, amount, field, None, conventions)
        return
    if not field or (
        not named
        and field not in (RATE, "bandwidth", "tdp", "performance", "performance_density")
        and not field.startswith("dense")
    ):
        return
    if _is_of_something_else(sentence, subjects[0], *_around(sentence, left, right)):
        return
    for subject in subjects:
        marks = _marks(sentence, subject, amount)
        meant = variant(sentence, amount, subject)
        yield _claim(
            sentence, amount, field, meant, conventions | marks | _per_chip(sentence, amount)
        )


def _describes(sentence: Sentence, amount: Amount) -> bool:
    """Whether a quantity is an adjective of a chip: "a 141-GB H200"."""
    return any(
        is_adjective(sentence, amount, sentence.text[amount.end : each.start])
        for each in sentence.chips()
        if each.start >= amount.end
    )


_JOINS = re.compile(
    r"\b(?:connect|link|join|domain|scal|support|contain|hous|compris|consist|integrat|combin|pack"
    r"|bundl|up to|employ|us(?:e|es|ing)\b|has\b|featur)|互联|集成|组成|包含|配备|搭载",
    re.I,
)
_POD = re.compile(
    r"\b(?:pods?|racks?|super[- ]?(?:nodes?|pods?)|clusters?)\b|超节点|机柜|集群", re.I
)
_HOSTS = re.compile(r"\bGrace\b|\bVera\b|\bCPUs?\b|processors|鲲鹏")
_LINKED = re.compile(r"NVLink|HCCS|scale-up domain|\bICI\b|UnifiedBus|\bUB\b", re.I)


def _marks(sentence: Sentence, subject: Mention, amount: Amount) -> frozenset[str]:
    found = {"carried"} if is_carried(sentence, subject, amount) else set()
    return frozenset(found | ({"yardstick"} if sentence.is_yardstick(subject) else set()))


def _domains(sentence: Sentence) -> Iterator[Claim]:
    """How many of a chip one link joins, or a pod holds."""
    chips = sentence.chips()
    systems = [each for each in chips if each.kind == "system"]
    linked, pod = _LINKED.search(sentence.said), _POD.search(sentence.said)
    for amount in sentence.amounts:
        hosts = _HOSTS.search(amount.written)
        if amount.noun != "chips" or hosts or not _JOINS.search(sentence.said):
            continue
        if systems:
            yield _claim(sentence, amount, "scaleup_domain", systems[0], frozenset())
        elif (linked and len(chips) == 1) or (pod and not chips and amount.value > 8):
            yield _claim(sentence, amount, "scaleup_domain", next(iter(chips), None), frozenset())


def _claim(
    sentence: Sentence,
    amount: Amount,
    field: str,
    subject: Mention | None,
    conventions: frozenset[str],
) -> Claim:
    start, end = amount.start, amount.end
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
        facts=_beside(sentence, subject, amount, field) | _doubts(sentence, subject, amount, field),
    )  # fmt: skip


def _doubts(
    sentence: Sentence, subject: Mention | None, amount: Amount, field: str
) -> dict[str, Any]:
    """Why the figure may be of another chip, or of a changed one."""
    why = unsure(sentence, subject, amount) if subject is not None else ""
    if not why and subject is not None and _is_second(sentence, subject, amount, field):
        why = "another figure of its kind stands between the chip and it"
    if not why and subject is not None:
        why = unwarranted(sentence, subject, amount, field)
    return {"unsure": why, "former": former(sentence, amount)}


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
    found = _named_capacity(sentence, subject, amount) | _others(sentence, subject, amount)
    if field == RATE or field.startswith("dense_"):
        formats = PRECISION.finditer(sentence.text, sentence.start, sentence.end)
        found["formats"] = tuple(f"dense_{match.lastgroup}" for match in formats)
    return found


def _others(sentence: Sentence, subject: Mention | None, amount: Amount) -> dict[str, Any]:
    """The other chips named in a sentence, where the quantity does not stand right behind its"
    " own."""
    if subject is None or 0 <= amount.start - subject.end <= _BESIDE:
        return {}
    rest = [e for e in sentence.chips() if e is not subject and e.kind != "system"]
    last = max((each.end for each in rest if each.end <= amount.start), default=amount.start)
    if looks_back(sentence.text[last : amount.start]):
        return {}
    named = [id_ for each in rest for id_ in each.ids]
    return {"named": tuple(id_ for id_ in named if id_ not in subject.ids)}


_BESIDE = 14


def _named_capacity(sentence: Sentence, subject: Mention | None, amount: Amount) -> dict[str, Any]:
    """A capacity that stands behind a chip's name as part of it: "the X 40GB has …"."""
    if subject is None or not sentence.start <= subject.start < sentence.end:
        return {}
    match = _CAPACITY.match(sentence.text, subject.end)
    if match is None or amount.start <= match.end():
        return {}
    own = [each for each in sentence.amounts if each.start == match.start("number")]
    return {"capacity": own[0]} if own else {}


def _is_former(sentence: Sentence, amount: Amount) -> bool:
    """Whether a quantity after "from" is followed by the one it became."""
    return any(
        each.role == "to" and 0 <= each.start - amount.end < 20 and each.unit == amount.unit
        for each in sentence.amounts
    )


def _around(sentence: Sentence, left: int, right: int) -> tuple[int, int]:
    """A clause; where it is no more than brackets, the words before them too."""
    bracketed = sentence.text[left - 1 : left] in ("(", "（") and right - left < 20
    return (max(sentence.start, left - 40), right) if bracketed else (left, right)


def _is_of_something_else(sentence: Sentence, subject: Mention, left: int, right: int) -> bool:
    """Whether the clause speaks of a need, a model, a phone … and not of the chip."""
    words = _NEED.search(sentence.text, left, right)
    inside = left <= subject.start < right
    owns = re.match(r"['’]s\s", sentence.text[subject.end : subject.end + 3])
    return words is not None and not (inside and (owns or subject.start < words.start()))


def _is_sure(
    sentence: Sentence, field: str, named: bool, amount: Amount, left: int, right: int
) -> bool:
    """Whether a figure is a chip's even though no chip is named."""
    if amount.noun in ("cores", "lanes", "units"):
        return False
    said = sentence.said
    if _NEED.search(sentence.text, left, right) or _OTHER_PRODUCT.search(said):
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


_YARDSTICK = re.compile(
    r"(?:\d\s?[xX×]|%|than|over|versus|vs\.?|compared with)\s(?:the |that of )?$|倍于$", re.I
)
"""What stands before a type of memory that something is only compared with."""
_PER_CHIP = re.compile(
    r"[^.;()（）]{0,25}?\b(?:per|each) (?:[\w-]+ ){0,2}(?:GPU|chip|card|NPU|accelerator|package)\b",
    re.I,
)


def _per_chip(sentence: Sentence, amount: Amount) -> set[str]:
    """Whether a quantity said of a system is that of one of its chips."""
    return {"per chip"} if _PER_CHIP.match(sentence.text, amount.end) else set()


_STACKS = re.compile(r"[\s-](?:\d+-high |\w+ )?stacks?\b", re.I)
_CAPACITY = re.compile(r"[\s-]?(?P<number>\d{2,3})\s?GB\b(?! of)")


def _memory_types(sentence: Sentence, found: list[Claim]) -> Iterator[Claim]:
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
        subjects = subjects_of(sentence, stand_in)
        if beside and beside[0].subject is not None:
            nearest = min(beside, key=lambda c: _apart(match.start(), c.amount or stand_in))
            subjects = [nearest.subject] if nearest.subject else []
        elif beside:
            yield Claim(
                "figure", match.start(), match.end(), (sentence.start, sentence.end), "memory_type",
                words=written, voice=sentence.voice,
            )  # fmt: skip
            continue
        elif not re.search(
            r"\b(?:uses?|using|with|features?|offers?|equipped|has|have|carr\w+|pack\w*|memory)\b"
            r"|采用|搭载"
            r"|配备|使用", sentence.said, re.I,
        ):  # fmt: skip
            continue
        for subject in subjects:
            inside = sentence.start <= subject.start < sentence.end
            start = min(subject.start, match.start()) if inside else match.start()
            end = max(subject.end, match.end()) if inside else match.end()
            yield Claim(
                "figure", start, end, (sentence.start, sentence.end), "memory_type", subject,
                words=written, voice=sentence.voice,
                conventions=_marks(sentence, subject, stand_in),
            )  # fmt: skip


def _apart(at: int, amount: Amount) -> int:
    """How far a word stands from a quantity; standing before it counts for more."""
    return at - amount.end if at >= amount.end else amount.start - at + 60


def _agreed(found: list[Claim]) -> Iterator[Claim]:
    """Each claim once."""
    seen: set[tuple[object, ...]] = set()
    for claim in found:
        value = claim.amount.value if claim.amount else claim.words
        key = (claim.field, claim.subject.name if claim.subject else "", value)
        if key not in seen:
            seen.add(key)
            yield claim
