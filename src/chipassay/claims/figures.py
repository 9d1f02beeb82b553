"""Figures said of chips: which quantity, of which attribute, of which chip."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from chipassay.claims.attributes import (
    LINK,
    MEMORY_TYPE,
    RATE,
    attribute_of,
    conventions_of,
    precision_of,
)
from chipassay.claims.claim import Amount, Claim, Mention
from chipassay.claims.sentences import Sentence, looks_back

_CLAUSE = re.compile(
    r"[;；。，、(（)）]|,(?!\d)|\bwhile\b|\bwhereas\b|\bbut\b|\balthough\b|\bversus\b|\bvs\b", re.I
)
_NOT_SAID = re.compile(
    r"(?:\bnot|rather than|instead of|而非|不是|\bby|提升|增加|减少了)\s*$", re.I
)
_PART = re.compile(
    r"\beach (?:with|of|holding|carrying|providing)\b|\b(?:memory|DRAM|GDDR\d?) (?:chips|modules)"
    r"|\b(?:per|each|single|one|every) (?:stack|link|lane|pin|port|layer|NIC|rack|server|node"
    r"|system|pod"
    r"|cluster|user|socket|core|SM|direction pair)\b|\bstacks?\b|\bper[- ](?:GPU|chip) (?:cost"
    r"|price)"
    r"|每个堆栈|单颗|每组|单颗HBM", re.I,
)  # fmt: skip
_TOGETHER = re.compile(
    r"\b(?:racks?|servers?|nodes?|clusters?|systems?|pods?|supernodes?|combined|aggregate|in total"
    r"|altogether|superchip|a pair|boards?|[0-9]+[- ]?(?:GPU|card|chip)s?|eight)\b|集群|服务器"
    r"|整机|节点"
    r"|总计|合计|八卡|8卡", re.I,
)  # fmt: skip
_MEASURED = re.compile(
    r"\b(?:achiev\w+|measured|benchmark\w*|busbw|utili[sz]ation|sustained|effective|real[- ]world"
    r"|in practice|MFU|tokens|tests? show|reach(?:es|ed) only|observed|idle|average)\b|实测"
    r"|利用率", re.I,
)  # fmt: skip
_LIMIT = re.compile(
    r"\b(?:threshold|limits?|cap|caps|capped|ceiling|cut-?off|red line|rules?|at or above|or more"
    r"|regulat\w+"
    r"|controls?)\b|门槛|红线|上限|限制", re.I,
)  # fmt: skip
_NEED = re.compile(
    r"\b(?:needs?|requires?|requiring|required|occup\w+|fits?|weights|footprint|checkpoint\w*|KV"
    r"|model"
    r"|parameters?|dataset|laptop|phone|smartphone|storage|SSD|budget|data ?cent(?:er|re)s?"
    r"|campus|plant)\b"
    r"|需要|占用|模型|数据中心", re.I,
)  # fmt: skip
_AND = re.compile(r"\s*(?:and|&|/|,|和|与|、|及|or)\s*(?:the\s+)?", re.I)
_AFTER = re.compile(
    r"\s{0,2}(?:of|for|on|in|per|with|from|at|by|(?:(?:achieved|offered|consumed|delivered|provided"
    r"|reached|found|seen|drawn|used|needed|listed|quoted|claimed|available|supported|enjoyed|held"
    r"|rated|boasted|present|possible)(?: (?:by|in|on|for|with))?))\s+"
    r"(?:the|each|an?|every|one|both)?\s*(?:(?:larger|older|newer|existing|current|full|single"
    r"|standard|regular|original|flagship|top|export|Chinese|US|banned)\s){0,2}(?:\w+['’]s?\s)?",
    re.I,
)
_VARIANT = re.compile(
    r"\s{0,2}[(（]?(?:(?:on|for|in|as) )?(?:the |its )?(SXM\d?|PCIe|NVL|OAM)\b", re.I
)
_LAUNCH = re.compile(
    r"\b(?P<field>launched|released|introduced|announced|unveiled|debuted|shipped)"
    r"\b(?: \w+){0,3}? (?:on|in)\s"
    r"|(?P<cn>发布|推出|上市)", re.I,
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
    r"\b(?:switch|phones?|smartphones?|handsets?|laptops?|notebooks?|tablets?|PCs?|consoles?|SSDs?|CPUs?"
    r"|Kirin|Snapdragon|Ryzen|Xeon|EPYC|cars?|vehicles?|wafers?|fabs?|foundry|lithograph\w+)\b|手机",
    re.I,
)
"""Things that have cores, memory and transistors too and are no AI chip."""
_A_CHIP = re.compile(r"\b(?:GPUs?|chips?|cards?|accelerators?|NPUs?)\b|芯片|加速卡|显卡|每卡", re.I)
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
    "die_area": re.compile(r"\bdies?\b|芯片面积", re.I),
    "transistors": re.compile(r"transistors?|晶体管", re.I),
    "process": re.compile(
        r"(?:TSMC|SMIC|Samsung|台积电|中芯国际?).{0,30}(?:process|node|nm|纳米|工艺)", re.I),
}  # fmt: skip
_HAS = re.compile(
    r"(?:\bhas|\bhave|\bwith|\boffers?|\bcarr(?:y|ies)|\bpacks?|\bits|['’]s"
    r"|[A-Z]\d\w*\s?\()\s*(?:only |about |a |~)?$"
)
_RELATIVE = re.compile(r",? (?:which|that|whose)\b", re.I)


def figures(sentence: Sentence) -> Iterator[Claim]:
    """Every figure the sentence states of a chip, or of none that it names."""
    found = [claim for amount in sentence.amounts for claim in _figure(sentence, amount)]
    found += _memory_types(sentence, found)
    found += _domains(sentence)
    yield from _agreed(found)


def _figure(sentence: Sentence, amount: Amount) -> Iterator[Claim]:
    counted = amount.noun in ("cores", "lanes", "transistors", "nm", "TFLOPS/W")
    if not counted and (amount.noun or amount.unit not in FIGURE_UNITS):
        return
    before = sentence.text[max(sentence.start, amount.start - 16) : amount.start]
    if (amount.role == "from" and _is_former(sentence, amount)) or _NOT_SAID.search(before):
        return
    field, named = attribute_of(sentence.text, amount, list(sentence.cues), sentence.amounts)
    if not field and amount.unit == "B" and _HAS.search(before):
        field, named = "memory_capacity", True
    if field == RATE:
        field = precision_of(sentence.text, amount, sentence.start, sentence.end)
    left, right = clause(sentence, amount)
    conventions = _conventions(sentence, amount, left, right)
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
        yield _claim(sentence, amount, field, _variant(sentence, amount, subject), conventions)


_JOINS = re.compile(
    r"\b(?:connect|link|join|domain|scal|support|contain|hous|compris|consist|integrat|combin|pack"
    r"|bundl|up to|employ|us(?:e|es|ing)\b|has\b|featur)|互联|集成|组成|包含|配备|搭载",
    re.I,
)
_POD = re.compile(r"\b(?:pods?|racks?|super-?(?:nodes?|pods?)|clusters?)\b|超节点|机柜|集群", re.I)
_LINKED = re.compile(r"NVLink|HCCS|scale-up domain|\bICI\b|UnifiedBus|\bUB\b", re.I)


def _domains(sentence: Sentence) -> Iterator[Claim]:
    """How many of a chip one link joins, or a pod holds."""
    chips = sentence.chips()
    systems = [each for each in chips if each.kind == "system"]
    linked, pod = _LINKED.search(sentence.said), _POD.search(sentence.said)
    for amount in sentence.amounts:
        if amount.noun != "chips" or not _JOINS.search(sentence.said):
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
        if near and not _CLAUSE.search(gap):
            start, end = min(start, cue.start), max(end, cue.end)
    return Claim(
        "figure", start, end, (sentence.start, sentence.end), field, subject, amount,
        conventions=conventions, voice=sentence.voice,
        facts=_named_capacity(sentence, subject, amount),
    )  # fmt: skip


def _named_capacity(
    sentence: Sentence, subject: Mention | None, amount: Amount
) -> dict[str, Amount]:
    """A capacity that stands behind a chip's name as part of it: "the X 40GB has …"."""
    if subject is None or not sentence.start <= subject.start < sentence.end:
        return {}
    match = _CAPACITY.match(sentence.text, subject.end)
    if match is None or amount.start <= match.end():
        return {}
    own = [each for each in sentence.amounts if each.start == match.start("number")]
    return {"capacity": own[0]} if own else {}


def clause(sentence: Sentence, amount: Amount) -> tuple[int, int]:
    """The stretch between the commas around a quantity."""
    left, right = sentence.start, sentence.end
    for stop in _CLAUSE.finditer(sentence.text, sentence.start, amount.start):
        left = stop.end()
    following = _CLAUSE.search(sentence.text, amount.end, sentence.end)
    if following is not None:
        right = following.start()
    return left, right


def subjects_of(sentence: Sentence, amount: Amount) -> list[Mention]:
    """The chips a quantity is said of: named beside it, joined by "and", or looked back to."""
    chips = _owners(sentence)
    best, cost = None, 170.0
    for position, mention in enumerate(chips):
        each = _cost(sentence, mention, amount)
        if each < cost:
            best, cost = position, each
    paired = _paired(sentence, amount, chips)
    if paired is not None:
        return [paired]
    if best is None:
        back = sentence.antecedent
        return [back] if back is not None and _may_look_back(sentence, amount) else []
    found = [chips[best]]
    behind = chips[best].start >= amount.end
    beside = _AFTER.fullmatch(sentence.text[amount.end : chips[best].start])
    if behind and not beside and looks_back(sentence.text[sentence.start : amount.start]):
        return [sentence.antecedent] if sentence.antecedent is not None else []
    between = sentence.text[chips[best].end : amount.start]
    if _is_object(sentence, chips[best], between) and looks_back(between):
        plain = [e for e in chips if not sentence.is_yardstick(e) and e.end <= amount.start]
        first = plain[0] if plain else sentence.antecedent
        found = [first] if first is not None else found
    while (
        best > 0
        and _AND.fullmatch(sentence.text[chips[best - 1].end : chips[best].start])
        and not sentence.is_yardstick(chips[best - 1])
    ):
        best -= 1
        found.insert(0, chips[best])
    return found


def _owners(sentence: Sentence) -> list[Mention]:
    """The chips and systems named, without the counted parts of a system named with them."""
    chips = sentence.chips()
    if all(each.kind != "system" for each in chips):
        return chips
    return [each for each in chips if each.kind == "system" or not sentence.is_part(each)]


def _is_object(sentence: Sentence, mention: Mention, between: str) -> bool:
    """Whether "its" behind a chip's name looks past it: "the A's memory, but its link …"."""
    return sentence.is_yardstick(mention) or between[:2] in ("'s", "’s")


def _cost(sentence: Sentence, mention: Mention, amount: Amount) -> float:
    if mention.end <= amount.start:
        gap = sentence.text[mention.end : amount.start]
        cost = 0.6 * len(gap) + 12.0 * len(_CLAUSE.findall(gap)) + 60.0 * (";" in gap)
        if _RELATIVE.match(gap) and sentence.is_yardstick(mention):
            return 0.3 * len(gap)
        far = "," in gap or "，" in gap or len(gap) > 40 or gap.startswith(" with")
        return cost + (220.0 if sentence.is_yardstick(mention) and far else 0.0)
    gap = sentence.text[amount.end : mention.start]
    between = sum(amount.end <= each.start < mention.start for each in sentence.amounts)
    if _AFTER.fullmatch(gap):
        return 1.0 + 100.0 * between
    if sentence.is_yardstick(mention):
        return math.inf
    return 0.6 * len(gap) + 60.0 + 40.0 * len(_CLAUSE.findall(gap)) + 60.0 * between


_VERSUS = re.compile(r"\s*(?:\bvs\.?|\bversus\b|\bagainst\b|对|/)\s*(?:the )?", re.I)


def _paired(sentence: Sentence, amount: Amount, chips: list[Mention]) -> Mention | None:
    """The chip of the same place where as many chips as quantities are set side by side."""
    alike = [e for e in sentence.amounts if (e.unit, e.noun) == (amount.unit, amount.noun)]
    if len(alike) < 2 or len(alike) != len(chips):
        return None
    between = sentence.text[chips[0].end : chips[-1].start]
    apart = sentence.text[alike[0].end : alike[-1].start]
    side_by_side = re.search(r"\brespectively\b|分别", sentence.said) or (
        _VERSUS.fullmatch(between) and _VERSUS.search(apart)
    )
    return chips[alike.index(amount)] if side_by_side else None


def _may_look_back(sentence: Sentence, amount: Amount) -> bool:
    head = sentence.text[sentence.start : amount.start]
    return looks_back(head) or (not sentence.of_kind("maker") and len(head) < 160)


def _is_former(sentence: Sentence, amount: Amount) -> bool:
    """Whether a quantity after "from" is followed by the one it became."""
    return any(
        each.role == "to" and 0 <= each.start - amount.end < 20 and each.unit == amount.unit
        for each in sentence.amounts
    )


def _conventions(sentence: Sentence, amount: Amount, left: int, right: int) -> frozenset[str]:
    """What the words beside a quantity say of how it is counted."""
    whole = (left, right)
    before = max((a.end for a in sentence.amounts if a.end <= amount.start), default=left)
    after = min((a.start for a in sentence.amounts if a.start >= amount.end), default=right)
    left, right = max(left, before), min(max(right, amount.end), after)
    bracket = re.match(r"\s?[(（][^()（）]{0,60}[)）]", sentence.text[amount.end : sentence.end])
    found = conventions_of(sentence.text, left, right)
    if bracket is not None and not re.search(r"\d", bracket.group().replace("FP", "")):
        found |= conventions_of(sentence.text, amount.end, amount.end + bracket.end())
    marks = (("part", _PART), ("together", _TOGETHER), ("measured", _MEASURED), ("limit", _LIMIT))
    found |= {name for name, words in marks if words.search(sentence.text, *whole)}
    found |= {"part"} if _HOST.match(sentence.text, amount.end) else set()
    found |= {"together"} if _counted(sentence, whole) else set()
    if re.search(
        r"(?:\b|\d)(?:x|×)\s?$|\b(?:eight|four|\d+)\s+$", sentence.text[left : amount.start]
    ):
        found |= {"together"}
    return frozenset(found)


def _counted(sentence: Sentence, within: tuple[int, int]) -> bool:
    """Whether a stretch speaks of a number of chips and not of one."""
    return any(
        each.noun == "chips" and each.value > 1 and within[0] <= each.start < within[1]
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
    if amount.noun in ("cores", "lanes"):
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


def _variant(sentence: Sentence, amount: Amount, subject: Mention) -> Mention:
    """The mention, narrowed by a form factor that stands right behind the quantity."""
    match = _VARIANT.match(sentence.text, amount.end)
    if match is None or len(subject.ids) < 2:
        return subject
    form = match.group(1).lower().rstrip("0123456789")
    kept = tuple(each for each in subject.ids if form in each)
    return Mention(subject.kind, kept or subject.ids, subject.name, subject.start, subject.end)


_STACKS = re.compile(r"[\s-](?:\d+-high |\w+ )?stacks?\b", re.I)
_HOST = re.compile(r"\s?(?:of )?(?:LP)?DDR", re.I)
_CAPACITY = re.compile(r"[\s-]?(?P<number>\d{2,3})\s?GB\b(?! of)")


def _memory_types(sentence: Sentence, found: list[Claim]) -> Iterator[Claim]:
    """The kind of memory, said beside a capacity or by a verb."""
    for match in MEMORY_TYPE.finditer(sentence.text, sentence.start, sentence.end):
        named = any(m.start <= match.start() < m.end for m in sentence.mentions)
        if named or _STACKS.match(sentence.text, match.end()):
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
                conventions=conventions_of(sentence.text, match.start(), match.end()),
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
