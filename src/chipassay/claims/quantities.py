"""Quantities in a sentence: a closed list of units, read after the names are masked.

Everything comes out in SI units through `units.factor`; what is counted keeps its noun.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chipassay import units
from chipassay.claims.claim import Amount, Manner, Mention, Role
from chipassay.claims.fractions import fractions
from chipassay.claims.numerals import CHINESE, SCALES, WORDS, Numeral, chinese, numeral

_SPELLINGS = {  # a pattern for how it is written -> (spelling of units.py, noun)
    r"T(?:FLOPS?|OPS)/W(?:att)?": ("", "TFLOPS/W"),
    r"[Tt]era-?(?:FLOPS?|[Ff]lops?)(?:/s)?|T-?(?:FLOP|Flop)[Ss]?(?:/s)?|tflops?|万亿次": ("TFLOPS", ""),
    r"[Pp]eta-?(?:FLOPS?|[Ff]lops?)(?:/s)?|P-?(?:FLOP|Flop)[Ss]?(?:/s)?|pflops?": ("PFLOPS", ""),
    r"[Ee]xa-?(?:FLOPS?|[Ff]lops?)(?:/s)?|E(?:FLOP|Flop)[Ss]?(?:/s)?|eflops?": ("EFLOPS", ""),
    r"[Gg]iga-?(?:FLOPS|flops)|GFLOPS": ("GFLOPS", ""),
    r"TOPS|teraops|tera operations per second|trillion operations (?:per|a) second": ("TOPS", ""),
    r"POPS": ("POPS", ""),
    r"TB/s(?:ec(?:ond)?)?|TBps|TB(?: per | a )second|TB/秒|TB每秒"
    r"|terabytes?(?: \(TB\))?(?: per |/| a )s(?:ec(?:ond)?)?": ("TB/s", ""),
    r"GB/s(?:ec(?:ond)?)?|GBps|GB(?: per | a )second|GB/秒|GB每秒|G/s"
    r"|gigabytes?(?: \(GB\))?(?: per |/| a )s(?:ec(?:ond)?)?": ("GB/s", ""),
    r"MB/s|MBps": ("MB/s", ""),
    r"Tb/s|Tbps|Tbit/s|terabits? per second": ("Tb/s", ""),
    r"Gb/s|Gbps|Gbit/s|gigabits? per second": ("Gb/s", ""),
    r"GiB|gibibytes?": ("GiB", ""),
    r"TiB": ("TiB", ""),
    r"GB|gigabytes?|gigs\b": ("GB", ""),
    r"TB|terabytes?": ("TB", ""),
    r"MB|megabytes?": ("MB", ""),
    r"mm2|mm²|mm\^2|sq(?:uare)? ?mm|square millimet(?:er|re)s?|平方毫米": ("mm2", ""),
    r"nm|nanomet(?:er|re)s?|-nm|-nanomet(?:er|re)|纳米": ("", "nm"),
    r"[kK][wW]|[Kk]ilowatts?|千瓦": ("kW", ""),
    r"MW|megawatts?|兆瓦": ("MW", ""),
    r"W(?!h)|watts?|-watt|瓦特?": ("W", ""),
    r"GHz": ("GHz", ""),
    r"MHz": ("MHz", ""),
    r"%|percent|per cent|percentage points?|％": ("%", ""),
    r"days?|天|日内": ("day", ""),
    r"hours?|小时": ("h", ""),
    r"months?|个月": ("month", ""),
    r"[- ]?bits?(?= (?:memory|bus|interface|wide))|[- ]bit|bits|位": ("bit", ""),
    r"(?:CUDA|[Tt]ensor|[Ss]hader|[Ss]tream|[Mm]atrix)[- ]?(?:[Cc]ores?|[Pp]rocessors?|核心?)"
    r"|个?CUDA核心?": ("", "lanes"),
    r"SMs?\b|[Ss]treaming [Mm]ultiprocessors?|[Cc]ompute [Uu]nits?|CUs\b|[组个]?流式?多处理器|[组个]SM": (
        "", "cores"),
    r"(?:AI|DaVinci|processor|compute) ?cores?|cores?|AI Cores?|核心|个核心": (
        "", "cores"),
    r"transistors?|(?:个)?晶体管": ("", "transistors"),
    r"parameters?|params|参数": ("", "parameters"),
    r"(?:[A-Z]\w+ )?(?:GPU|chip|card|accelerator)[- ]hours?|(?:GPU|卡)时": ("", "chip-hours"),
    r"(?:HBM\w{0,2} )?stacks?(?: of HBM\w{0,2})?\b|个?堆栈": ("", "stacks"),
    r"wafers?(?: (?:per|a) month| monthly|/month)?\b|wpm\b|kwpm\b|片晶圆|片?/月": ("", "wafers"),
    r"(?:[\w-]+ ){0,2}(?:chips?|GPUs?|cards?|accelerators?|units|NPUs|processors?)\b|(?:张|片|颗"
    r"|块|枚)"
    r"(?:芯片|卡|GPU|加速卡)?": ("", "chips"),
    r"(?:[A-Z]\w+ )?dies?\b|裸片|个die": ("", "dies"),
    r"times|-?fold\b|x\b|×|倍": ("", "times"),
    r"TPP": ("TPP", ""),
    r"tokens?": ("", "tokens"),
    r"failures?|interruptions?|faults?|errors?|次(?:故障|中断)": ("", "events"),
}  # fmt: skip
_UNIT_GROUPS = list(_SPELLINGS.values())
_UNITS = "|".join(f"(?P<u{i}>{pattern})" for i, pattern in enumerate(_SPELLINGS))
_SCALE_WORDS = "|".join(sorted((w for w in SCALES if len(w) > 1 or w > "z"), key=len, reverse=True))
_LETTERED = r"(?:[kKMB]|bn|mn|tn)(?![A-Za-z/])"
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_SIGNS = r"US\$|USD ?|\$|RMB ?|CNY ?|¥|￥|€"
_PAIR = rf"(?:\s?(?:-|–|—|~|～|to|至|到)\s?(?:{_SIGNS})?(?P<second>{_NUMBER}))?"
_MONEY_BEFORE = rf"(?P<money>{_SIGNS})?"
_FORMAT = r"(?:(?:dense |sparse |peak )?(?:MX|NV)?(?:FP|BF|TF|INT)-?\d{1,2}(?: dense| sparse)?\s)?"
"""A format between a number and its unit: "20.8 FP8 PetaFLOPS"."""
_QUANTITY = re.compile(
    rf"(?<![A-Za-z0-9_.$/-])(?<!\d,){_MONEY_BEFORE}(?P<number>{_NUMBER}){_PAIR}(?![\d,]*\d)"
    rf"(?:(?:\s|-)?(?P<scale>{_SCALE_WORDS}|{_LETTERED})(?![a-z]))?"
    rf"(?:\s?(?P<dollars>(?:US )?dollars|USD|yuan|美元|人民币|元|RMB)"
    rf"|[\s-]?{_FORMAT}(?:{_UNITS}))?(?![A-Za-z0-9])",
)
_WORDED = re.compile(
    r"\b(?P<word>tens|hundreds|dozens) of (?P<scale>thousands"
    r"|millions)(?: of)?(?P<noun>[^.,;]{0,40})",
    re.I,
)
_SPELLED = re.compile(
    rf"\b(?P<word>{'|'.join(WORDS)})[\s-](?P<scale>thousand |million |billion |trillion )?"
    rf"(?:{_UNITS})\b"
)
_CARRIED = re.compile(
    r"\b(?P<format>TF32|[BF]F?P?(?:64|32|16|8|6|4)|INT(?:8|4))(?![0-9])\s{0,2}"
    r"(?:only |about |of |at |is |为|约|仅|[:：=]\s?){0,2}(?P<number>\d{1,3}(?:,\d{3})+"
    r"|\d+(?:\.\d+)?)"
    r"(?![\w.]|,\d|\s?(?:T|P|G)(?:FLOPS|OPS))",
    re.I,
)
_BEFORE_ANOTHER = re.compile(
    rf"(?<![A-Za-z0-9_.$/-])(?P<number>{_NUMBER})(?=\s?(?:vs\.?|versus|against|and|/|与|和"
    rf"|对)\s?(?P<second>{_NUMBER})"
    r"\s?(?P<unit>[TP](?:FLOPS|flops|OPS)|TeraFLOPS|TB/s|GB/s|GB|W|kW|SMs?)\b)"
)
_COUNT = re.compile(
    rf"(?<![A-Za-z0-9_.$/-])(?P<number>{_NUMBER}|\b(?:an?|one|two|three|four|five|six|seven|eight)"
    rf"(?=\s(?:million|thousand)))(?:\s?(?P<scale>{_SCALE_WORDS}|[kKM]))?\+?"
    rf"\s?[x×]?\s?(?:of (?:its |the )?)?$"
)
_MANNERS: tuple[tuple[Manner, re.Pattern[str]], ...] = (
    ("about", re.compile(
        r"(?:about|around|roughly|approximately|approx\.?|circa|some|close to|an estimated|~|≈|∼"
        r"|约|大约|大概|近似|接近)\s*$", re.I)),
    ("over", re.compile(r"(?:over|more than|exceed(?:s|ing)?|above|at least|超过|超|逾)\s*$", re.I)),
    ("under", re.compile(r"(?:under|less than|fewer than|below|at most|不到|不足|低于)\s*$", re.I)),
    ("nearly", re.compile(r"(?:nearly|almost|just under|近|将近)\s*$", re.I)),
    ("up to", re.compile(r"(?:up to|as much as|as many as|a maximum of|最高|最多|可达"
        r"|高达)\s*$", re.I)),
)  # fmt: skip
_FROM = re.compile(r"(?:\bfrom|从|由)\s*$", re.I)
_TO = re.compile(r"(?:\bto|至|到|为)\s*$", re.I)
_AFTER_ABOUT = re.compile(r"\s?(?:左右|上下|or so)")
_MONEY = {"$": "USD", "US$": "USD", "USD": "USD", "dollars": "USD", "US dollars": "USD",
          "美元": "USD", "¥": "CNY", "￥": "CNY", "RMB": "CNY", "CNY": "CNY", "yuan": "CNY",
          "人民币": "CNY", "元": "CNY"}  # fmt: skip
BINARY = ("GiB", "TiB")


def quantities(text: str, start: int, end: int, masked: Sequence[Mention]) -> list[Amount]:
    """The quantities of a sentence, in order, outside the names in it."""
    taken = bytearray(end - start)
    for mention in masked:
        taken[mention.start - start : mention.end - start] = b"x" * (mention.end - mention.start)
    found: list[Amount] = []
    for amount in (
        *_counted(text, start, masked),
        *_performances(text, start, end),
        *_named(text, start, end),
        *_before_another(text, start, end),
        *_written(text, start, end),
        *_fractions(text, start, end),
        *_worded(text, start, end),
        *_carried(text, start, end),
    ):
        left, right = amount.start - start, amount.end - start
        if not any(taken[left:right]):
            found.append(amount)
            taken[left:right] = b"x" * (right - left)
    return _ranges(text, sorted(found, key=lambda each: each.start))


_BETWEEN = re.compile(r"\s?(?:-|–|—|~|to|and|至|到)\s?", re.I)


def _ranges(text: str, found: list[Amount]) -> list[Amount]:
    """The quantities, with two that bound one ("between $6 and $8 million") put together."""
    kept: list[Amount] = []
    for each in found:
        last = kept[-1] if kept else None
        if last is not None and _are_bounds(text, last, each):
            kept[-1] = Amount(
                (last.value + each.value) / 2, last.low, each.high, each.unit, each.noun,
                last.start, each.end, text[last.start : each.end], last.manner, last.role,
                each.binary,
            )  # fmt: skip
        else:
            kept.append(each)
    return kept


def _are_bounds(text: str, first: Amount, second: Amount) -> bool:
    gap = text[first.end : second.start]
    if not _BETWEEN.fullmatch(gap) or (first.unit, first.noun) != (second.unit, second.noun):
        return False
    if first.value >= second.value or re.search(r"\d\s?(?:-|–|to)\s?", first.written):
        return False
    before = text[max(0, first.start - 24) : first.start]
    if re.search(r"\band\b", gap):
        return re.search(r"\bbetween\s*(?:about |roughly )?$|介于$", before, re.I) is not None
    return first.role != "from" and first.unit in ("USD", "CNY", "W", "B/s", "FLOP/s", "1")


def _written(text: str, start: int, end: int) -> Iterator[Amount]:
    for match in _QUANTITY.finditer(text, start, end):
        unit = _unit(match)
        if unit is None:
            continue
        first = numeral(match["number"], match["scale"] or "")
        second = numeral(match["second"], match["scale"] or "") if match["second"] else None
        yield _amount(text, start, match, first, second, unit)


def _counted(text: str, start: int, masked: Sequence[Mention]) -> Iterator[Amount]:
    """A number right before a chip's name counts chips."""
    for mention in masked:
        if mention.kind != "chip":
            continue
        begin = max(start, mention.start - 24)
        match = _COUNT.search(text[begin : mention.start])
        if match is not None and text[mention.end : mention.end + 1] != "'":
            written = match["number"].lower()
            first = numeral(str(WORDS.get(written, written)), match["scale"] or "")
            left = begin + match.start()
            yield Amount(
                *first, "1", "chips", left, left + len(match.group().rstrip()),
                match.group().strip(), _manner(text[max(start, left - 24) : left], ""),
            )  # fmt: skip


_NAMED = (  # a name whose number stands behind it without a unit; the unit, the noun
    (re.compile(
        rf"(?:[Tt]ransistor count|[Tt]ransistors|晶体管(?:数量?)?)[^\d.;,]{{0,14}}?(?P<number>{_NUMBER})"
        rf"\s?(?P<scale>{_SCALE_WORDS}|bn|B|M)(?![a-zA-Z]|\s?(?:transistor|参数|parameter))"),
        "", "transistors"),
    (re.compile(
        rf"(?:[Pp]erformance density|\bPD\b|性能密度)\)?(?: of (?:the |an? )?[A-Z]+\d+\w?)?[^\d.;%]{{0,24}}?(?P<number>{_NUMBER})"
        rf"(?P<scale>)(?!\d|%|[.,]\d)"), "TPP/mm2", ""),
)  # fmt: skip
_TPP = re.compile(
    rf"(?:\bTPP|total processing performance)\)?[^\d.;]{{0,14}}?(?P<number>{_NUMBER})"
    rf"(?![\d%]|[.,]\d"
    rf"|\s?(?:T|G)?[A-Z])"
)


def _performances(text: str, start: int, end: int) -> Iterator[Amount]:
    """A bare number behind "TPP": its unit is in its name."""
    factor = units.factor("TPP")
    for match in _TPP.finditer(text, start, end):
        first = numeral(match["number"])
        before = text[max(start, match.start("number") - 24) : match.start("number")]
        yield Amount(first.value * factor, first.low * factor, first.high * factor, "bit.FLOP/s",
                     "", match.start("number"), match.end("number"), match["number"],
                     _manner(before, ""))  # fmt: skip


def _named(text: str, start: int, end: int) -> Iterator[Amount]:
    """A number behind the name of what it counts: "transistor count: 153 billion"."""
    for pattern, spelling, noun in _NAMED:
        factor = units.factor(spelling) if spelling else 1.0
        for match in pattern.finditer(text, start, end):
            first = numeral(match["number"], match["scale"] or "")
            begin = match.start("number")
            yield Amount(
                first.value * factor, first.low * factor, first.high * factor,
                units.si_unit(spelling) if spelling else "1", noun, begin,
                max(match.end("number"), match.end("scale")), text[begin : match.end()].strip(),
                _manner(text[max(start, begin - 24) : begin], ""),
            )  # fmt: skip


def _before_another(text: str, start: int, end: int) -> Iterator[Amount]:
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
            _manner(text[max(start, match.start() - 24) : match.start()], ""),
        )  # fmt: skip


def _unit(match: re.Match[str]) -> tuple[str, str] | None:
    """The spelling and noun of the unit; money counts as a unit; None for a bare number."""
    groups = match.groupdict()
    money = groups.get("money") or groups.get("dollars")
    if money:
        currency = _MONEY.get(money.strip())
        return (currency, "") if currency else None
    for index, known in enumerate(_UNIT_GROUPS):
        if groups.get(f"u{index}"):
            return known
    return None


def _amount(
    text: str,
    start: int,
    match: re.Match[str],
    first: Numeral,
    second: Numeral | None,
    unit: tuple[str, str],
) -> Amount:
    spelling, noun = unit
    factor = units.factor(spelling) if spelling else 1.0
    low, high = first.low, first.high
    value = first.value
    if second is not None and second.value > first.value:
        low, high, value = first.low, second.high, (first.value + second.value) / 2
    before = text[max(start, match.start() - 24) : match.start()]
    return Amount(
        value * factor, low * factor, high * factor,
        units.si_unit(spelling) if spelling else "1", noun,
        match.start(), match.end(), match.group().strip(),
        _manner(before, text[match.end() : match.end() + 4]), _role(before), spelling in BINARY,
    )  # fmt: skip


def _manner(before: str, after: str) -> Manner:
    for name, pattern in _MANNERS:
        if pattern.search(before):
            return name
    return "about" if _AFTER_ABOUT.match(after) else ""


def _role(before: str) -> Role:
    if _FROM.search(before):
        return "from"
    return "to" if _TO.search(before) else ""


def _worded(text: str, start: int, end: int) -> Iterator[Amount]:
    """Tens of thousands of chips; eight dies; eight thousand cards in Chinese."""
    for match in _WORDED.finditer(text, start, end):
        base = SCALES[match["scale"].lower().removesuffix("s")]
        low = base * {"tens": 10.0, "hundreds": 100.0, "dozens": 12.0}[match["word"].lower()]
        counts = re.search(r"chip|GPU|card|unit|accelerator", match["noun"], re.I)
        stop = match.end("scale")
        yield Amount(low, low, 10 * low, "1", "chips" if counts else "things",
                     match.start(), stop, text[match.start() : stop], "about")  # fmt: skip
    for match in _SPELLED.finditer(text, start, end):
        unit = _unit(match)
        if unit is not None and match["word"] not in ("a", "an"):
            first = numeral(str(WORDS[match["word"]]), (match["scale"] or "").strip())
            yield _amount(text, start, match, first, None, unit)
    for match in CHINESE.finditer(text, start, end):
        yield _in_characters(text, match)


def _in_characters(text: str, match: re.Match[str]) -> Amount:
    after = text[match.end() : match.end() + 1]
    value = chinese(match.group()) * SCALES.get(after, 1.0)
    stop = match.end() + (after in "万萬亿億")
    nouns = {"倍": "times"} | dict.fromkeys("张片颗块枚", "chips")
    noun = nouns.get(text[stop : stop + 1], "things")
    stop += noun != "things"
    return Amount(
        value, value, value, "1", noun, match.start(), stop, text[match.start() : stop]
    )  # fmt: skip


def _fractions(text: str, start: int, end: int) -> Iterator[Amount]:
    for each in fractions(text, start, end):
        before = text[max(start, each.start - 24) : each.start]
        yield Amount(each.value, each.value - each.half, each.value + each.half, "1", each.noun,
                     each.start, each.end, text[each.start : each.end],
                     _manner(before, ""))  # fmt: skip


def _carried(text: str, start: int, end: int) -> Iterator[Amount]:
    """Rates that share one unit: `INT8 296, TF32 74 and FP64 1 TFLOPS`."""
    if re.search(r"T(?:FLOPS?|OPS)|teraflops", text[start:end], re.I) is None:
        return
    factor = units.factor("TFLOPS")
    for match in _CARRIED.finditer(text, start, end):
        first = numeral(match["number"].rstrip(","))
        begin = match.start("number")
        yield Amount(first.value * factor, first.low * factor, first.high * factor, "FLOP/s", "",
                     begin, match.end("number"), match["number"],
                     _manner(text[max(start, begin - 24) : begin], ""))  # fmt: skip
