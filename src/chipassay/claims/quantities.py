"""Quantities in a sentence: a closed list of units, read after the names are masked.

Everything comes out in SI units through `units.factor`; what is counted keeps its noun.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from chipassay import units
from chipassay.claims.bare_numbers import (
    NUMBER,
    SCALE_WORDS,
    before_another,
    carried,
    counted,
    named,
    performances,
)
from chipassay.claims.claim import Amount, Mention
from chipassay.claims.fractions import fractions
from chipassay.claims.list_numbers import led, listed, shared
from chipassay.claims.manners import manner_of, role_of
from chipassay.claims.numerals import (
    CHINESE,
    SCALES,
    WORDS,
    Numeral,
    chinese,
    is_continental,
    numeral,
)

_PER_S = (
    r"(?:/\s?(?:s(?:ec(?:ond)?|ek(?:unde)?|eg(?:undo)?|ekundu|ekund[ae]|econde)?|с|秒|detik)"
    r"| per second| a second| pro Sekunde| por segundo| par seconde| al secondo| per detik"
    r"| za sekundu| na sekundę| в секунду|每秒)"
)
_FLOP = r"(?:FLOP[Ss]?|[Ff]lops?)"
_OPS = (
    rf"[- ]?(?:floating[- ]point )?(?:{_FLOP}|[Oo][Pp][Ss]?|operations|флопс)"
    rf"(?:{_PER_S}|/s)?"
)
_SPELLINGS = {  # a pattern for how it is written -> (spelling of units.py, noun)
    r"T(?:FLOPS?|OPS)/W(?:att)?|(?:TFLOPS?|TOPS|teraflops) per [Ww]att": ("", "TFLOPS/W"),
    rf"[Tt]era{_OPS}|[Tt][- ]?[Ff](?:LOP|lop)[Ss]?(?:{_PER_S})?|TF(?![A-Za-z0-9_-])|терафлопс"
    r"|万亿次(?:浮点)?(?:运算)?(?:每秒|/秒)?": ("TFLOPS", ""),
    rf"[Pp]eta{_OPS}|[Pp][- ]?[Ff](?:LOP|lop)[Ss]?(?:{_PER_S})?|PF(?![A-Za-z0-9_-])|петафлопс"
    r"|千万亿次(?:浮点)?(?:运算)?(?:每秒|/秒)?": ("PFLOPS", ""),
    rf"[Ee]xa{_OPS}|[Ee]-?[Ff](?:LOP|lop)[Ss]?(?:{_PER_S})?|EF(?![A-Za-z0-9_-])|эксафлопс|EOPS"
    r"|百亿亿次(?:浮点)?(?:运算)?(?:每秒|/秒)?": ("EFLOPS", ""),
    rf"[Gg]iga{_OPS}|GFLOPS": ("GFLOPS", ""),
    r"T(?:OPS|ops|OPs|OP/s)|[Tt]era-?[Oo][Pp][Ss]": ("TOPS", ""),
    rf"(?:floating[- ]point )?(?:operations|calculations){_PER_S}": ("FLOPS", ""),
    r"POPS|POPs": ("POPS", ""),
    r"T(?![\w/-])|T(?=[一-鿿])": ("TFLOPS", "bare"),
    r"P(?![\w/-])|P(?=[一-鿿])": ("PFLOPS", "bare"),
    rf"(?:TB|[Tt]erabytes?(?: \(TB\))?|ТБ|太字节){_PER_S}|TBps|TB每秒|To/s": ("TB/s", ""),
    rf"(?:GB|[Gg]igabytes?(?: \(GB\))?|ГБ|千兆字节){_PER_S}|GBps|GB每秒|Go/s|G/s": (
        "GB/s", ""),
    r"MB/s|MBps": ("MB/s", ""),
    r"Tb/s|Tbps|Tbit/s|Tb/sec|terabits? per second": ("Tb/s", ""),
    r"Gb/s|Gbps|Gbit/s|Gb/sec|gigabits? per second": ("Gb/s", ""),
    r"GiB|gibibytes?": ("GiB", ""),
    r"TiB": ("TiB", ""),
    r"GBs?|[Gg]iga?[Bb]ytes?|[Gg]bytes?|GBytes?|[Gg]igs?\b|ГБ|гигабайт\w*"
    r"|Go(?= (?:de\b|d['’]|HBM|GDDR|VRAM|et\b))|千兆字节": (
        "GB", ""),
    r"TB|[Tt]erabytes?|TBytes?|ТБ|терабайт\w*|太字节": ("TB", ""),
    r"MB|[Mm]egabytes?|МБ|兆字节": ("MB", ""),
    r"mm\s?2|mm²|mm\^2|sq(?:uare)? ?mm|square millimet(?:er|re)s?|平方毫米": ("mm2", ""),
    r"mm(?![\w²^/])": ("mm2", "length"),
    r"nm|nanomet(?:er|re)s?|-nm|-nanomet(?:er|re)|纳米": ("", "nm"),
    r"GW(?:[·-]?h|/h)|[Gg]igawatt[- ]?hours?|吉瓦时": ("GWh", ""),
    r"TW(?:[·-]?h|/h)|[Tt]erawatt[- ]?hours?|太瓦时": ("TWh", ""),
    r"MW(?:[·-]?h|/h)|[Mm]egawatt[- ]?hours?|兆瓦时": ("MWh", ""),
    r"[kK][wW](?:[·-]?h|/h| h(?![\w]))|[Kk]ilowatt[- ]?hours?|[Kk]ilowattstunden|千瓦时|度电": (
        "kWh", ""),
    r"Wh|[Ww]att[- ]?hours?": ("Wh", ""),
    r"[kK][wW]|[Kk]ilo[wv]at(?:t|io)s?|[Qq]uilowatts?|кВт|千瓦": ("kW", ""),
    r"MW|[Mm]ega[wv]at(?:t|io)s?|МВт|兆瓦": ("MW", ""),
    r"GW|[Gg]iga[wv]at(?:t|io)s?|ГВт|吉瓦": ("GW", ""),
    r"[Ww](?![A-Za-z0-9_/]|\s?[张片块颗枚卡台])|[Ww]atts?|-watt|vatios|Вт|瓦特?": ("W", ""),
    r"GHz|[Gg]igahertz|ГГц": ("GHz", ""),
    r"MHz|[Mm]egahertz|МГц": ("MHz", ""),
    r"%|percent|per cent|percentage points?|％": ("%", ""),
    r"days?|天|日内": ("day", ""),
    r"hours?|小时": ("h", ""),
    r"months?|个月": ("month", ""),
    r"[- ]?bits?(?= (?:memory|bus|interface|wide))|[- ]bit|bits|bit(?![A-Za-z/])"
    r"|位": ("bit", ""),
    r"(?:CUDA|[Ss]hader|[Ss]tream)[- ]?(?:[Cc]ores?|[Pp]rocessors?|核心?)|[Ss]haders\b"
    r"|个?CUDA核心?": ("", "lanes"),
    r"(?:(?:[a-z]+-gen(?:eration)?|\d(?:st|nd|rd|th)[- ][Gg]en(?:eration)?) )?"
    r"(?:[Tt]ensor|[Mm]atrix|RT)[- ]?[Cc]ores?|个?[Tt]ensor ?[核内][心芯]": ("", "units"),
    r"SMs?\b|[Ss]treaming [Mm]ultiprocessors?|[Cc]ompute [Uu]nits?|CUs\b|[组个]?流式?多处理器"
    r"|[组个]SM": (
        "", "cores"),
    r"(?:AI|DaVinci|processor|compute|CDNA ?\d) ?cores?|cores?|AI Cores?|核心|个核心": (
        "", "cores"),
    r"transistors?|(?:个)?晶体管": ("", "transistors"),
    r"parameters?|params|参数": ("", "parameters"),
    r"(?:[A-Z]\w+ )?(?:GPU|chip|card|accelerator)[- ]hours?|(?:GPU|卡)时": ("", "chip-hours"),
    r"(?:active |enabled )?(?:(?:HBM\w{0,2} |memory )?stacks?|HBM\w{0,2} sites)"
    r"(?: of (?:\w+-high )?HBM\w{0,2})?\b|[个颗]?(?:HBM\w{0,2} ?)?堆[栈叠]|颗HBM\w{0,2}": (
        "", "stacks"),
    r"(?:(?:second|third|fourth|fifth|sixth|\dth|\drd)[- ]gen(?:eration)? |bidirectional "
    r"|high-speed )?(?:NVLinks\b|(?:NVLinks?|Infinity Fabric|xGMI|HCCS|ICI|scale-up)"
    r"(?: ?v?\d(?:\.\d)?)?[- ](?:links?|connections?|lanes?|ports?))|条(?:NVLink|链路)"
    r"|links(?= (?:per|of NVLink))": ("", "links"),
    r"wafers?(?: (?:per|a) month| monthly|/month)?\b|wpm\b|kwpm\b|片晶圆|片?/月": ("", "wafers"),
    r"(?:[\w-]+ ){0,2}(?:chips?|GPUs?|cards?|accelerators?|units|NPUs|processors?)\b|(?:张|片|颗"
    r"|块|枚)"
    r"(?:芯片|卡|GPU|加速卡)?|(?:čip[ůy]?|Karten|Beschleuniger|puces|cartes|accélérateurs"
    r"|aceleradores|procesadores|tarjetas|placas|schede|acceleratori|układów|чипов|ускорителей"
    r"|akselerator)\b": ("", "chips"),
    r"(?:(?:[A-Z]\w+|compute|identical|reticle-sized?|reticle-limited|GPU|logic|silicon|separate"
    r"|interconnected|mirrored)[- ]){0,2}(?:dies?|dice|chiplets?|XCDs?)\b|[个颗]?(?:计算)?裸片"
    r"|[个颗]?芯粒|个die": ("", "dies"),
    r"times|-?fold\b|[xX]\b|×|倍|veces\b|vezes\b|fois\b|-?mal\b|kali\b|krát\b"
    r"|раза?\b": ("", "times"),
    r"TPP": ("TPP", ""),
    rf"(?:output |input |generated )?(?:[Tt]oken[s]?|词元)\s?{_PER_S}|tok/s(?:ec)?|TPS\b"
    r"|(?:output )?tokens?(?:/| per )s(?:ec)?\b": ("", "tokens/s"),
    r"[Tt]okens?(?:/| per )(?:[Ww]atts?|W|[Jj]oules?|J|dollars?|\$|kWh|MW)": ("", "tokens/W"),
    rf"(?:images?|img|samples?|sequences?|queries|requests?|frames?|videos?|inferences){_PER_S}"
    r"|img/s(?:ec)?|QPS\b|FPS\b|张图?/秒|帧/秒|samples/s|images?/s(?:ec)?": ("", "items/s"),
    r"tokens?": ("", "tokens"),
    r"(?:US )?cents?\b|¢|美分": ("", "cents"),
    r"failures?|interruptions?|faults?|errors?|次(?:故障|中断)": ("", "events"),
}  # fmt: skip
_UNIT_GROUPS = list(_SPELLINGS.values())
_UNITS = "|".join(f"(?P<u{i}>{pattern})" for i, pattern in enumerate(_SPELLINGS))
_LETTERED = r"(?:(?:[kKMB]|bn|mn|tn)(?![A-Za-z/])|w(?=\s?[张片块颗枚卡台]))"
_SIGNS = r"US\$ ?|USD ?|\$|RMB ?|CNY ?|¥|￥|€"
_PAIR = rf"(?:\s?(?:-|–|—|~|～|to|至|到)\s?(?:{_SIGNS})?(?P<second>{NUMBER}))?"
_MONEY_BEFORE = rf"(?P<money>{_SIGNS})?"
_FORMAT = (
    r"(?:(?:dense |sparse |peak )?(?:MX|NV)?(?:FP|BF|TF|INT)-?\d{1,2}"
    r"(?: dense| sparse| [Tt]ensor(?: [Cc]ore)?| [Mm]atrix)?\s)?"
)
"""A format between a number and its unit: "20.8 FP8 PetaFLOPS"."""
_QUANTITY = re.compile(
    rf"(?<![A-Za-z0-9_.$/-]){_MONEY_BEFORE}(?P<number>{NUMBER}){_PAIR}(?![\d,]*\d)"
    rf"(?:(?:\s|-)?(?P<scale>(?i:{SCALE_WORDS})\.?|{_LETTERED})(?![a-z]))?"
    rf"(?:\s?(?P<dollars>(?:US )?dollars|USD|yuan|美元|人民币|元|RMB"
    r"|(?:(?:de|di) )?(?:US-)?(?:d[oó]lares|Dollars?|dollari|dolarů|dolarów|долларов)|dolar AS"
    r"|(?:(?:de|di) )?yuan(?:es|i)?|juan[óů]w?|юаней)"
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
_MONEY = {"$": "USD", "US$": "USD", "USD": "USD", "dollars": "USD", "US dollars": "USD",
          "美元": "USD", "¥": "CNY", "￥": "CNY", "RMB": "CNY", "CNY": "CNY", "yuan": "CNY",
          "人民币": "CNY", "元": "CNY"}  # fmt: skip
_YUAN = re.compile(r"[yj]uan|юан|CN|RMB|元|¥|￥", re.I)
BINARY = ("GiB", "TiB")


def quantities(text: str, start: int, end: int, masked: Sequence[Mention]) -> list[Amount]:
    """The quantities of a sentence, in order, outside the names in it."""
    taken = bytearray(end - start)
    for mention in masked:
        taken[mention.start - start : mention.end - start] = b"x" * (mention.end - mention.start)
    found: list[Amount] = []
    continental = is_continental(text[start:end])
    for amount in (
        *listed(text, start, end, masked),
        *shared(text, start, end),
        *led(text, start, end),
        *counted(text, start, masked),
        *performances(text, start, end),
        *named(text, start, end),
        *before_another(text, start, end),
        *_written(text, start, end, bytes(taken), continental),
        *_fractions(text, start, end),
        *_of_dies(text, start, end),
        *_worded(text, start, end),
        *carried(text, start, end),
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


def _written(text: str, start: int, end: int, masked: bytes, continental: bool) -> Iterator[Amount]:
    for match in _QUANTITY.finditer(text, start, end):
        unit = _unit(match)
        if unit is None:
            continue
        group = None
        if _is_torn(text, match.start(), start, masked):
            group = _GROUP.search(text[max(start, match.start() - 6) : match.start()])
            if not (continental and group):
                continue
        if unit[1] == "bare":
            if _RATED.search(text[max(start, match.start() - 24) : match.start()]) is None:
                continue
            unit = unit[0], ""
        if unit[1] == "length":
            if _AREA.search(text[max(start, match.start() - 60) : match.start()]) is None:
                continue
            unit = unit[0], ""
        if unit[1] in _WHOLE and _LISTED.fullmatch(match["number"]):
            continue
        scale = (match["scale"] or "").removesuffix(".")
        before = group["lead"] if group else ""
        first = numeral(before + match["number"], scale, continental=continental)
        second = match["second"]
        last = numeral(second, scale, continental=continental) if second else None
        made = _amount(text, start, match, first, last, unit)
        left = match.start() - len(before) - 1
        yield replace(made, start=left, written=text[left : made.end]) if before else made


def _is_torn(text: str, at: int, start: int, masked: bytes) -> bool:
    """Whether a number is the rest of a longer one: "000" of "x10,000" or of "10 000"; not the
    96 behind a name and a comma."""
    if at - start < 2 or not text[at - 2].isdigit():
        return False
    if text[at - 1] == " ":
        head = _GROUP.search(text[max(start, at - 6) : at])
        return head is not None and bool(_THOUSANDS.match(text, at)) and not masked[at - 2 - start]
    return text[at - 1] == "," and not masked[at - 2 - start]


_GROUP = re.compile(r"(?:^|[\s(（:])(?P<lead>\d{1,3}) $")
_THOUSANDS = re.compile(r"\d{3}(?![\d.,])")
_LISTED = re.compile(r"\d+,\d{1,2}")
_RATED = re.compile(
    r"(?:算力|FLOPS|(?:FP|BF|TF|INT)-?\d{1,2}(?:性能)?|计算性能)\s?(?:[（(][^（）()]{0,12}[）)])?"
    r"(?:高达|仅为|约为|达到?|可达|[为是约仅:：=])?\s?~?$"
)
"""Before "148T": a letter that stands for a rate."""
_AREA = re.compile(r"\bdie\b|\barea\b|面积|silicon", re.I)
"""Before "814 mm": a page whose raised 2 was lost."""
_PARTS = ("dies", "stacks", "links")
"""What is counted and never rounded."""
_WHOLE = ("chips", "dies", "stacks", "links", "cores", "lanes", "units")
"""What comes in whole numbers: a comma between its digits parts a list."""


def _unit(match: re.Match[str]) -> tuple[str, str] | None:
    """The spelling and noun of the unit; money counts as a unit; None for a bare number."""
    groups = match.groupdict()
    money = groups.get("money") or groups.get("dollars")
    if money:
        currency = _MONEY.get(money.strip()) or ("CNY" if _YUAN.search(money) else "USD")
        return (currency, "") if money.strip() != "€" else None
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
    elif noun in _PARTS:
        low, high = value, value
    before = text[max(start, match.start() - 24) : match.start()]
    return Amount(
        value * factor, low * factor, high * factor,
        units.si_unit(spelling) if spelling else "1", noun,
        match.start(), match.end(), match.group().strip(),
        manner_of(before, text[match.end() : match.end() + 4]), role_of(before), spelling in BINARY,
    )  # fmt: skip


_DIES = re.compile(
    r"\b(?P<one>monolithic|single-die)\b|\b(?P<two>dual|two|twin)-(?:die|chiplet)\b|单die|双die"
    r"|双芯粒|双裸片|\b(?P<count>two|four|six|eight)"
    r"(?=\s\d{1,2}[ -]?nm\s(?:chiplets?|dies?|XCDs?)\b)", re.I,
)  # fmt: skip


def _of_dies(text: str, start: int, end: int) -> Iterator[Amount]:
    """One die, or two, in a word."""
    for match in _DIES.finditer(text, start, end):
        count = 1.0 if match["one"] or match.group().startswith("单") else 2.0
        count = float(WORDS[match["count"].lower()]) if match["count"] else count
        yield Amount(count, count, count, "1", "dies", match.start(), match.end(), match.group())


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


_AFTER = re.compile(r"[TG]B(?:/s)?(?![A-Za-z/])|[TP]FLOPS|TOPS|k?W(?![A-Za-z/])")


def _in_characters(text: str, match: re.Match[str]) -> Amount:
    after = text[match.end() : match.end() + 1]
    value = chinese(match.group()) * SCALES.get(after, 1.0)
    stop = match.end() + (after in "万萬亿億" and bool(after))
    unit = _AFTER.match(text, stop)
    if unit is not None:
        spelling = unit.group().strip()
        value *= units.factor(spelling)
        return Amount(
            value, value, value, units.si_unit(spelling), "", match.start(), unit.end(),
            text[match.start() : unit.end()],
        )  # fmt: skip
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
                     manner_of(before, ""))  # fmt: skip
