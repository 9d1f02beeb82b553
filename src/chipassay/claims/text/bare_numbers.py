"""Numbers whose unit stands elsewhere: behind the name of what they count, before a chip's name,
beside another number that has it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chipassay import units
from chipassay.claims.claim import Amount, Mention
from chipassay.claims.text.gated import Gated
from chipassay.claims.text.manners import manner_of
from chipassay.claims.text.numerals import SCALES, WORDS, numeral

NUMBER = (
    r"(?:\d{1,3}(?:\.\d{3})+,\d{1,2}|\d+,\d{1,2}|(?:\d{1,3}(?:,\d{3})+"
    r"|\d{1,3}(?:[\u00a0\u2009\u202f]\d{3})+|\d+)(?:\.\d+)?)"
)
"""1,979.5; 1.979,5; 1,6; thousands apart by a narrow space. What follows must be no digit."""
SCALE_WORDS = "|".join(sorted((w for w in SCALES if len(w) > 1 or w > "z"), key=len, reverse=True))
_CARRIED = re.compile(
    r"\b(?P<format>TF32|[BF]F?P?(?:64|32|16|8|6|4)|INT(?:8|4))(?![0-9])\s{0,2}"
    r"(?:only |about |of |at |is |为|约|仅|[:：=]\s?){0,2}(?P<number>\d{1,3}(?:,\d{3})+"
    r"|\d+(?:\.\d+)?)"
    r"(?![\w.]|,\d|\s?(?:T|P|G)(?:FLOPS|OPS))",
    re.I,
)
_BEFORE_ANOTHER = re.compile(
    rf"(?<![A-Za-z0-9_.$/-])(?<!\d,)(?<!NVLink )(?<!Gen )(?<!PCIe )"
    rf"(?P<number>{NUMBER})(?=\s?(?:vs\.?|versus|against|and"
    rf"|(?:out )?of(?: the)?|/|与|和|对)\s?(?P<second>{NUMBER})"
    r"\s?(?P<unit>[TP](?:FLOPS|flops|OPS)|TeraFLOPS|TB/s|GB/s|GB|W|kW|SMs?)\b)"
)
_COUNT = re.compile(
    rf"(?<![A-Za-z0-9_.$/-])(?P<number>{NUMBER}|\b(?:an?|one|two|three|four|five|six|seven|eight)"
    rf"(?=\s(?:million|thousand)))(?:\s?(?P<scale>{SCALE_WORDS}|[kKM]))?\+?"
    rf"\s?[x×张片颗块枚个]?\s?(?:of (?:its |the )?)?$"
)


HOURS_OF = re.compile(
    r"[\s\u2010\u2011-]{0,2}(?:(?:[GNTX]PU|chip|card|accelerator)s?[\s\u2010\u2011-]{0,2})?hours?\b"
    r"|\s?(?:GPU|卡)?(?:卡时|小时|时)", re.I,
)  # fmt: skip
"""What stands behind a chip's name whose hours are counted: "2.788 million H800 GPU hours"."""
_DIE = re.compile(r"\s(?:dies?|dice)\b|裸片")


_OF_MAKER = re.compile(r"(?:['’]s)?\s(?:AI\s)?(?:chips|GPUs|accelerators|NPUs|processors)\b")


def counted(text: str, start: int, masked: Sequence[Mention]) -> Iterator[Amount]:
    """A number right before a chip's name counts chips."""
    for mention in masked:
        of_maker = mention.kind == "maker" and _OF_MAKER.match(text, mention.end)
        if mention.kind not in ("chip", "line", "stranger") and not of_maker:
            continue
        begin = max(start, mention.start - 24)
        match = _COUNT.search(text[begin : mention.start])
        if match is not None and text[mention.end : mention.end + 1] != "'":
            written = match["number"].lower()
            first = numeral(str(WORDS.get(written, written)), match["scale"] or "")
            left = begin + match.start()
            noun = "dies" if _DIE.match(text, mention.end) else "chips"
            noun = "chip-hours" if HOURS_OF.match(text, mention.end) else noun
            yield Amount(
                *first, "1", noun, left, left + len(match.group().rstrip()),
                match.group().strip(), manner_of(text[max(start, left - 24) : left], ""),
            )  # fmt: skip


_COUNT_OF = r"(?:\s?(?:数量?|數量?|总数|總數|[Cc]ount|[Nn]umber))"
_IS = (
    r"\s?(?:[:：=]|[为為是达達有约約]{1,2}|[至到]"
    r"|(?:增加|减少|減少|提升|调整|調整|增|减|降|升)[为為至到])\s?"
)
_STOPS = r"(?P<scale>)(?:个)?(?![A-Za-z\d%]|[.,]\d|\s[A-Za-z]|[+xX×倍])"
_MANY = r"\d{1,2},?\d{3}"
_NAMED = (  # a name whose number stands behind it without a unit; the unit, the noun
    (Gated(
        rf"CUDA[ -]?(?:[Cc]ores?|核心|内核|內核)"
        rf"(?:{_COUNT_OF}?(?:{_IS})(?P<number>{NUMBER})"
        rf"|{_COUNT_OF}?\s?(?P<close>{_MANY})){_STOPS}", "cuda", 0),
        "", "lanes"),
    (Gated(
        rf"(?:[Tt]ensor[ -]?(?:[Cc]ores?|核心|内核|內核)|[张張]量(?:核心|内核))"
        rf"(?:{_COUNT_OF}?{_IS}(?P<number>{NUMBER})"
        rf"|(?<=[心核])(?P<close>\d{{3,4}})){_STOPS}", "tensor|张量|張量", 0),
        "", "units"),
    (re.compile(
        rf"(?:(?<![A-Za-z每个])(?:SMs?|CUs?)|(?<!每个)(?:流式?多[处處]理器|计算单元))"
        rf"(?:{_COUNT_OF}?{_IS}|{_COUNT_OF}\s?)(?P<number>{NUMBER}){_STOPS}"), "", "cores"),
    (Gated(
        rf"(?:[Tt]ransistor count|[Tt]ransistors|количество транзисторов"
        rf"|(?:晶体管|晶體管|電晶體)(?:[数數]量?)?)[^\d.;,]{{0,14}}?(?P<number>{NUMBER})"
        rf"\s?(?P<scale>{SCALE_WORDS}|bn|B|M)(?![a-zA-Z]|\s?(?:transistor|参数|parameter))",
        "transistor|транзистор|晶体管|晶體管|電晶體", 0), "", "transistors"),
    (Gated(
        rf"(?:[Pp]erformance density|\bPD\b|性能密度)\)?(?: of (?:the "
        rf"|an? )?[A-Z]+\d+\w?)?[^\d.;%]{{0,24}}?(?P<number>{NUMBER})"
        rf"(?P<scale>)(?!\d|%|[.,]\d|\s?T?(?:FLOP|OP)[Ss]?/)",
        "performance density|pd|性能密度", 0), "TPP/mm2", ""),
)  # fmt: skip
_PUE = Gated(r"\bPUE[^\d.;%]{0,24}?(?P<number>[1-3]\.\d{1,3})(?P<scale>)(?![\d%])", "pue", 0)
_SHIPPED = Gated(
    rf"\b(?:shipped|sold|delivered|produced|ordered)\s(?:about |around |roughly |some |nearly "
    rf"|over "
    rf"|more than |an estimated ){{0,2}}(?P<number>{NUMBER})(?P<scale>)(?=\s?(?:[.;)](?!\d)|,\s"
    rf"|each\b|in\s|last\s"
    r"|this\s|and\s|$))",
    "shipped|sold|delivered|produced|ordered",
    0,
)
_TPP = Gated(
    rf"(?:(?<![A-Za-z])TPP|total processing performance)\)?[^\d.;]{{0,14}}?(?P<number>{NUMBER})"
    rf"(?![\d%]|[.,]\d"
    rf"|\s?(?:T|G)?[A-Z])",
    "tpp|total processing performance",
    0,
)


def performances(text: str, start: int, end: int) -> Iterator[Amount]:
    """A bare number behind "TPP": its unit is in its name."""
    factor = units.factor("TPP")
    for match in _TPP.finditer(text, start, end):
        first = numeral(match["number"])
        before = text[max(start, match.start("number") - 24) : match.start("number")]
        yield Amount(first.value * factor, first.low * factor, first.high * factor, "bit.FLOP/s",
                     "", match.start("number"), match.end("number"), match["number"],
                     manner_of(before, ""))  # fmt: skip


def named(text: str, start: int, end: int) -> Iterator[Amount]:
    """A number behind the name of what it counts: "transistor count: 153 billion"."""
    for pattern, spelling, noun in (*_NAMED, (_PUE, "", "PUE"), (_SHIPPED, "", "chips")):
        factor = units.factor(spelling) if spelling else 1.0
        for match in pattern.finditer(text, start, end):
            group = "close" if match.groupdict().get("close") else "number"
            first = numeral(match[group], match["scale"] or "")
            begin = match.start(group)
            yield Amount(
                first.value * factor, first.low * factor, first.high * factor,
                units.si_unit(spelling) if spelling else "1", noun, begin,
                max(match.end(group), match.end("scale")), text[begin : match.end()].strip(),
                manner_of(text[max(start, begin - 24) : begin], ""),
            )  # fmt: skip


def before_another(text: str, start: int, end: int) -> Iterator[Amount]:
    """The first of two numbers that share the unit behind the second: `78 vs 132 SM`."""
    for match in _BEFORE_ANOTHER.finditer(text, start, end):
        spelling = {"TeraFLOPS": "TFLOPS", "SM": "", "SMs": ""}.get(match["unit"], match["unit"])
        spelling = spelling.replace("flops", "FLOPS")
        first = numeral(match["number"])
        factor = units.factor(spelling) if spelling else 1.0
        yield Amount(
            first.value * factor, first.low * factor, first.high * factor,
            units.si_unit(spelling) if spelling else "1", "" if spelling else "cores",
            match.start(), match.end("number"), match["number"],
            manner_of(text[max(start, match.start() - 24) : match.start()], ""),
        )  # fmt: skip


_TERA = Gated(r"T(?:FLOPS?|OPS)|teraflops", "tflop|tops|teraflops")


def carried(text: str, start: int, end: int) -> Iterator[Amount]:
    """Rates that share one unit: `INT8 296, TF32 74 and FP64 1 TFLOPS`."""
    if _TERA.search(text, start, end) is None:
        return
    factor = units.factor("TFLOPS")
    for match in _CARRIED.finditer(text, start, end):
        first = numeral(match["number"].rstrip(","))
        begin = match.start("number")
        yield Amount(first.value * factor, first.low * factor, first.high * factor, "FLOP/s", "",
                     begin, match.end("number"), match["number"],
                     manner_of(text[max(start, begin - 24) : begin], ""))  # fmt: skip
