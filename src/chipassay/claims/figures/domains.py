"""What a system is made of: how many chips one link joins, how many racks and hosts it has."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chipassay.claims.claim import Amount, Claim, Mention
from chipassay.claims.figures.figure_claim import figure_claim
from chipassay.claims.text.bare_numbers import NUMBER
from chipassay.claims.text.gated import Gated
from chipassay.claims.text.numerals import CN_DIGITS, SPELT, WORDS, numeral
from chipassay.claims.text.sentences import Sentence
from chipassay.claims.trade.amounts import trade_amounts

_JOINS = re.compile(
    r"\b(?:incorporat|distribut|spread|connect|link|join|domain|scal|support|contain|hous|compris"
    r"|consist|integrat|combin|pack|bundl|up to|employ|us(?:e|es|ing)\b|has\b|have\b|featur"
    r"|holds?\b|fits?\b|puts?\b|carr(?:y|ies)|mounts?\b|ships? with"
    r"|comes? with|is made|made (?:of|up)|built (?:of|from|with)|with\b|total|boast|cram|squeez)"
    r"|互联|集成|组成|包含|配备|搭载|容纳|装|拥有|由|共",
    re.I,
)


_POD = Gated(
    r"\b(?:pods?|racks?|super[- ]?(?:nodes?|pods?)|clusters?)\b|超节点|机柜|集群",
    "pod|rack|super|cluster|节点|機櫃|机柜|集群",
)


_HOSTS = re.compile(r"\bGrace\b|\bVera\b|\bCPUs?\b|processors|鲲鹏")


_LINKED = Gated(
    r"NVLink|HCCS|scale-up domain|\bICI\b|UnifiedBus|\bUB\b", "nvlink|hccs|domain|ici|unifiedbus|ub"
)


_CPUS = re.compile(
    rf"(?<![\w.,/$-])(?P<number>{NUMBER})\s?[x×]?\s?(?:(?:[A-Za-z][\w-]* ){{0,2}}CPUs?\b"
    r"|[颗个块枚]?\s?(?:鲲鹏|Kunpeng)?\s?\d{0,3}\s?(?:CPU|处理器))"
)
_RACKS = re.compile(r"\b(?:racks?|cabinets?)\b|机柜", re.I)
_SOME = re.compile(
    r"\b(?:compute|network\w*|switch\w*|communications?|bus|optical)\b|计算|总线", re.I
)
_ONE_RACK = re.compile(
    r"\b(?:in|into|inside|within|on|fills?|fit(?:s|ted)? in(?:to)?)\s(?:a single|one|just one)"
    r"\s(?:[\w-]+\s)?(?:rack|cabinet)\b|单个?机柜", re.I,
)  # fmt: skip
_FEWEST = 8


def domains(sentence: Sentence) -> Iterator[Claim]:
    """How many of a chip one link joins, or a pod holds; its racks and the CPUs beside them."""
    chips = sentence.chips()
    systems = [each for each in chips if each.kind == "system"]
    linked, pod = _LINKED.search(sentence.said), _POD.search(sentence.said)
    for amount in sentence.amounts:
        hosts = _HOSTS.search(amount.written)
        if amount.noun != "chips" or hosts or not _JOINS.search(sentence.said):
            continue
        if systems:
            yield figure_claim(sentence, amount, "scaleup_domain", systems[0], frozenset())
        elif (linked and len(chips) == 1) or (pod and not chips and amount.value > _FEWEST):
            yield figure_claim(
                sentence, amount, "scaleup_domain", next(iter(chips), None), frozenset()
            )
    back = sentence.antecedent
    named = systems or ([back] if not chips and back and back.kind == "system" else [])
    alone = len({each.name for each in chips}) == 1 and _JOINS.search(sentence.said)
    if named or alone:
        yield from _parts(sentence, (named or chips)[0])


_INSTANCES = Gated(
    rf"(?<![\w.,/$-])(?P<number>{NUMBER}|(?i:{SPELT}))\s"
    r"(?:(?!and\b|of\b|or\b|in\b|to\b)[\w-]+\s){0,4}?(?:instances|slices|partitions)\b"
    r"|(?P<cn>\d|[一二三四五六七八])个(?:MIG|GPU|独立|隔离|的)*实例",
    "instance|slice|partition|实例",
)  # fmt: skip
_PARTED = re.compile(
    r"\bMIG\b|Multi-Instance|isolated|partition|\bsplit|\bslice|实例|carve|divid", re.I
)


def instances(sentence: Sentence) -> Iterator[Claim]:
    """How many isolated instances a chip can be parted into."""
    chips = [each for each in sentence.chips() if each.kind == "chip"]
    found = _INSTANCES.search(sentence.text, sentence.start, sentence.end)
    chip = chips[0] if len(chips) == 1 else sentence.antecedent if not chips else None
    if found is None or _PARTED.search(sentence.said) is None:
        return
    written = (found["number"] or found["cn"] or "").lower()
    first = numeral(str(WORDS.get(written) or CN_DIGITS.get(written) or written))
    amount = Amount(first.value, first.low, first.high, "1", "instances", *found.span(),
                    found.group())  # fmt: skip
    yield figure_claim(sentence, amount, "mig_instances", chip, frozenset())


def _parts(sentence: Sentence, whole: Mention) -> Iterator[Claim]:
    """The racks and the host processors of a system that a sentence counts."""
    racks = trade_amounts(sentence) if _RACKS.search(sentence.said) else []
    for amount in racks:
        if amount.noun == "machines" and _RACKS.search(amount.written):
            some = _SOME.search(sentence.text, amount.start, min(amount.end + 24, sentence.end))
            kind = frozenset({"part"}) if some else frozenset[str]()
            yield figure_claim(sentence, amount, "racks", whole, kind)
    for match in _ONE_RACK.finditer(sentence.text, sentence.start, sentence.end):
        one = Amount(1.0, 1.0, 1.0, "1", "machines", *match.span(), match.group())
        yield figure_claim(sentence, one, "racks", whole, frozenset())
    for match in _CPUS.finditer(sentence.text, sentence.start, sentence.end):
        inside = any(e.start < match.end() and match.start() < e.end for e in sentence.mentions)
        if inside:
            continue
        first = numeral(match["number"])
        counted = Amount(
            first.value, first.low, first.high, "1", "CPUs", *match.span(), match.group()
        )
        yield figure_claim(sentence, counted, "host_cpus", whole, frozenset())
