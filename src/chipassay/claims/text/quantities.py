"""Quantities in a sentence: a closed list of units, read after the names are masked.

Everything comes out in SI units through `units.factor`; what is counted keeps its noun.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from chipassay import units
from chipassay.claims.claim import Amount, Mention
from chipassay.claims.text.bare_numbers import (
    NUMBER,
    SCALE_WORDS,
    before_another,
    carried,
    counted,
    named,
    performances,
)
from chipassay.claims.text.compute_amounts import operations
from chipassay.claims.text.fractions import fractions
from chipassay.claims.text.gapped import gapped
from chipassay.claims.text.gated import Gated
from chipassay.claims.text.list_numbers import led, listed, shared
from chipassay.claims.text.manners import manner_of, role_of
from chipassay.claims.text.numerals import (
    CHINESE,
    COMMA,
    SCALES,
    WORDS,
    Numeral,
    chinese,
    is_continental,
    numeral,
)
from chipassay.claims.text.unit_words import SPELLINGS

_UNIT_GROUPS = list(SPELLINGS.values())
_UNITS = "|".join(f"(?P<u{i}>{pattern})" for i, pattern in enumerate(SPELLINGS))
_LETTERED = r"(?:(?:[kKMB]|bn|mn|tn)(?![A-Za-z/])|w(?=\s?[张片块颗枚卡台]))"
_SIGNS = r"US\$ ?|USD ?|\$|RMB ?|CNY ?|¥|￥|€"
_PAIR = rf"(?:\s?(?:-|–|—|~|～|to|至|到)\s?(?:{_SIGNS})?(?P<second>{NUMBER}))?"
_MONEY_BEFORE = rf"(?P<money>{_SIGNS})?"
_FORMAT = (
    r"(?:(?:dense |sparse |peak )?(?:MX|NV)?(?:FP|BF|TF|INT)-?\d{1,2}"
    r"(?: dense| sparse| [Tt]ensor(?: [Cc]ore)?| [Mm]atrix)?\s(?!cores?\b|units\b|lanes?\b"
    r"|ALUs?\b))?"
)
"""A format between a number and its unit: "20.8 FP8 PetaFLOPS"."""
_QUANTITY = re.compile(
    rf"(?<![A-Za-z0-9_.$/-]){_MONEY_BEFORE}(?P<number>{NUMBER}){_PAIR}(?![\d,]*\d)"
    rf"\+?(?:(?:\s|-)?(?P<scale>(?i:{SCALE_WORDS})\.?|{_LETTERED})(?![a-z])(?:\s(?:de|di)(?=\s))?)?"
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
    rf"\b(?P<word>(?i:{'|'.join(WORDS)}))[\s-](?P<scale>thousand |million |billion |trillion )?"
    rf"(?:{_UNITS})\b"
)
_MONEY = {"$": "USD", "US$": "USD", "USD": "USD", "dollars": "USD", "US dollars": "USD",
          "美元": "USD", "¥": "CNY", "￥": "CNY", "RMB": "CNY", "CNY": "CNY", "yuan": "CNY",
          "人民币": "CNY", "元": "CNY"}  # fmt: skip
_YUAN = re.compile(r"[yj]uan|юан|CN|RMB|元|¥|￥", re.I)
BINARY = ("GiB", "TiB")


_MEASURED = re.compile(r"\d\s?(?:[TP](?:FLOPS|flops|OPS)|TeraFLOPS|T[BF]|GB|W|kW|SM)(?![a-rt-z])")
"""A figure with one of the units that two numbers may share."""


def quantities(text: str, start: int, end: int, masked: Sequence[Mention]) -> list[Amount]:
    """The quantities of a sentence, in order, outside the names in it."""
    taken = bytearray(end - start)
    for mention in masked:
        taken[mention.start - start : mention.end - start] = b"x" * (mention.end - mention.start)
    found: list[Amount] = []
    continental = is_continental(text[start:end])
    beside = _MEASURED.search(text, start, end) is not None
    for amount in (
        *operations(text, start, end),
        *listed(text, start, end, masked),
        *(shared(text, start, end) if beside else ()),
        *led(text, start, end),
        *counted(text, start, masked),
        *performances(text, start, end),
        *named(text, start, end),
        *(before_another(text, start, end) if beside else ()),
        *_written(text, start, end, bytes(taken), continental),
        *_fractions(text, start, end),
        *_of_dies(text, start, end),
        *_worded(text, start, end),
        *carried(text, start, end),
    ):
        _keep(amount, start, taken, found)
    found.sort(key=lambda each: each.start)
    for amount in list(gapped(text, start, end, found, masked)):
        _keep(amount, start, taken, found)
    found.sort(key=lambda each: each.start)
    return _ranges(text, [*_of_which(text, start, end, found, masked)])


def _keep(amount: Amount, start: int, taken: bytearray, found: list[Amount]) -> None:
    """Add a quantity to those found, unless another one, or a name, has its place."""
    left, right = amount.start - start, amount.end - start
    if not any(taken[left:right]):
        found.append(amount)
        taken[left:right] = b"x" * (right - left)


_WHICH = re.compile(
    r"\b(?:of (?:which|those|them|these)|dos quais|das quais|de los cuales|de las cuales|davon|dont"
    r"|di cui|waarvan|z czego|из (?:которых|них))\b|其中"
)
_OF_WHICH = re.compile(
    rf"(?:{_WHICH.pattern})[^\d.;。；]{{0,48}}?"
    rf"(?P<number>{NUMBER})(?![\w%/]|[.,]\d|\s?(?:%|[kKMGT]?[BW]\b))"
)


_NEXT = 8
"""Characters at most between what was counted and "of which"."""


def _of_which(
    text: str, start: int, end: int, found: Sequence[Amount], masked: Sequence[Mention]
) -> Iterator[Amount]:
    """The quantities, with a bare number that counts some of what was counted before it."""
    counted = any(each.noun in _WHOLE for each in found)
    if not counted or _WHICH.search(text, start, end) is None:
        yield from found
        return
    said = text[start:end]
    for name in masked:
        left, right = name.start - start, name.end - start
        said = said[:left] + "x" * (right - left) + said[right:]
    matches = list(_OF_WHICH.finditer(said))
    told = {each.start - start for each in found}
    for each in found:
        yield each
        for match in matches if each.noun in _WHOLE else ():
            near = 0 <= match.start() + start - each.end <= _NEXT
            if near and match.start("number") not in told:
                yield _some_of(each, match, start)


def _some_of(whole: Amount, match: re.Match[str], start: int) -> Amount:
    """The number behind "of which", which counts the same things."""
    written = match["number"]
    first = numeral(written, continental=_GROUPS.fullmatch(written) is not None)
    left, right = match.start("number"), match.end("number")
    manner = manner_of(match.string[max(0, left - 24) : left], "")
    return Amount(*first, "1", whole.noun, start + left, start + right, written, manner)


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


_OWNED = re.compile(r"\bfrom (?:the )?[A-Z][\w -]{1,15}['’]s $")
"""What stands before a figure that is left behind: "from the X1's 2 TB/s to 4 TB/s"."""


def _are_bounds(text: str, first: Amount, second: Amount) -> bool:
    gap = text[first.end : second.start]
    if not _BETWEEN.fullmatch(gap) or (first.unit, first.noun) != (second.unit, second.noun):
        return False
    if first.value >= second.value or re.search(r"\d\s?(?:-|–|to)\s?", first.written):
        return False
    before = text[max(0, first.start - 24) : first.start]
    if re.search(r"\band\b", gap):
        return re.search(r"\bbetween\s*(?:about |roughly )?$|介于$", before, re.I) is not None
    if _OWNED.search(before):
        return False
    return first.role != "from" and first.unit in ("USD", "CNY", "W", "B/s", "FLOP/s", "1")


def _written(text: str, start: int, end: int, masked: bytes, continental: bool) -> Iterator[Amount]:
    for match in _QUANTITY.finditer(text, start, end):
        unit = _by_second(text, start, match, _unit(match))
        if unit is None:
            continue
        group = None
        if _is_torn(text, match.start(), start, masked):
            group = _GROUP.search(text[max(start, match.start() - 6) : match.start()])
            if not (group and (continental or unit[1] in _APART)):
                continue
        if unit[1] == "bare":
            if _RATED.search(text[max(start, match.start() - 24) : match.start()]) is None:
                continue
            unit = unit[0], ""
        if unit[1] == "length":
            if _AREA.search(text[max(start, match.start() - 60) : match.start()]) is None:
                continue
            unit = unit[0], ""
        if unit[1] in _WHOLE and COMMA.fullmatch(match["number"]):
            continue
        scale = (match["scale"] or "").removesuffix(".")
        before = group["lead"] if group else ""
        pointed = unit in _POINTED or unit[1] in _WHOLE
        pointed = pointed and _GROUPS.fullmatch(match["number"]) is not None
        first = numeral(before + match["number"], scale, continental=continental or pointed)
        second = match["second"]
        last = numeral(second, scale, continental=continental) if second else None
        made = _amount(text, start, match, first, last, unit)
        left = match.start() - len(before) - 1
        yield replace(made, start=left, written=text[left : made.end]) if before else made


def _by_second(
    text: str, start: int, match: re.Match[str], unit: tuple[str, str] | None
) -> tuple[str, str] | None:
    """The unit of a rate whose time stands in front: 每秒3.2 TB."""
    if unit is None or unit[0] not in ("TB", "GB"):
        return unit
    near = text[max(start, match.start() - 12) : match.start()]
    return (f"{unit[0]}/s", "") if _EVERY_SECOND.search(near) else unit


_EVERY_SECOND = re.compile(r"每秒(?:钟|鐘)?(?:[高可约仅只达為为到传输處处理]|[\s~≈])*$")


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
_RATED = re.compile(
    r"(?:算力|FLOPS|(?:FP|BF|TF|INT)-?\d{1,2}(?:性能)?|计算性能)\s?(?:[（(][^（）()]{0,12}[）)])?"
    r"(?:高达|仅为|约为|达到?|可达|[为是约仅:：=])?\s?~?$"
)
"""Before "148T": a letter that stands for a rate."""
_AREA = re.compile(r"\bdie\b|\barea\b|面积|silicon", re.I)
"""Before "814 mm": a page whose raised 2 was lost."""
_PARTS = ("dies", "stacks", "links")
"""What is counted and never rounded."""
_APART = ("lanes", "transistors")
"""What is counted in thousands: a blank between its digits parts these in any language."""
_GROUPS = re.compile(r"\d{1,3}(?:\.\d{3})+")
_POINTED = (("bit", ""), ("GB/s", ""), ("W", ""))
"""Units of which nobody prints three decimals: a point parts thousands."""
_WHOLE = ("chips", "dies", "stacks", "links", "cores", "lanes", "units")
"""What comes in whole numbers: a comma between its digits parts a list."""


def _unit(match: re.Match[str]) -> tuple[str, str] | None:
    """The spelling and noun of the unit; money counts as a unit; None for a bare number."""
    money = (match["money"] or match["dollars"]) if match.re is _QUANTITY else None
    if money:
        currency = _MONEY.get(money.strip()) or ("CNY" if _YUAN.search(money) else "USD")
        return (currency, "") if money.strip() != "€" else None
    name = match.lastgroup or ""
    return _UNIT_GROUPS[int(name[1:])] if name[:1] == "u" else None


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


_DIES = Gated(
    r"\b(?P<one>monolithic|single-die)\b|\b(?P<two>dual|two|twin)-(?:die|chiplet)\b|单die|双die"
    r"|双芯粒|双裸片|\b(?P<count>two|four|six|eight)"
    r"(?=\s\d{1,2}[ -]?nm\s(?:chiplets?|dies?|XCDs?)\b)", "die|chiplet|monolithic|芯粒|裸片"
    "|xcd")  # fmt: skip


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
        word = match["word"].lower()
        alone = word == "one" and unit is not None and unit[1] in _PARTS
        if unit is not None and word not in ("a", "an") and not alone:
            first = numeral(str(WORDS[word]), (match["scale"] or "").strip())
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
