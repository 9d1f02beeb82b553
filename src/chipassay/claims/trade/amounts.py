"""The quantities of trade and of machines at work that no data sheet has: racks, hours of cards,
interruptions, euros, tonnes of carbon, none at all.

They are read only of sentences that are about chips, so that no other reader meets them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from chipassay import units
from chipassay.claims.claim import Amount
from chipassay.claims.text.bare_numbers import HOURS_OF, NUMBER, SCALE_WORDS
from chipassay.claims.text.gated import Small
from chipassay.claims.text.manners import manner_of, role_of
from chipassay.claims.text.numerals import SCALES, SPELT, WORDS, Numeral, numeral
from chipassay.claims.text.sentences import Sentence

_GROUPED = re.compile(r"(?<![\d.])\d{1,3}\.\d{3}(?![\d.])")
_ENGLISH = re.compile(r"\b(?:the|of|and|is|are|was|with|its|has|at|each|per)\b|[一-鿿]", re.I)
_BEFORE = r"(?<![A-Za-z0-9_.,$€¥])"
_EUROS = re.compile(
    rf"(?:€|\bEUR)\s?(?P<number>{NUMBER})(?:\s?[-–]\s?(?:€|EUR )?(?P<to>{NUMBER}))?"
    rf"(?:\s?(?P<scale>{SCALE_WORDS}|bn|[kKMB]))?(?![\w,.]*\d)"
    rf"|{_BEFORE}(?P<number2>{NUMBER})\s?(?P<scale2>{SCALE_WORDS}|bn|k)?\s?(?:€|euros?\b)", re.I,
)  # fmt: skip
_COUNTED = re.compile(
    rf"{_BEFORE}(?P<number>{NUMBER}|\b(?:{SPELT}|an?(?= (?:million|billion|thousand|hundred))))"
    rf"(?:[\s-]?(?P<scale>{SCALE_WORDS}|[kKM])(?![a-z]))?\+?[\s-]"
    r"(?:(?P<cards>(?:card|GPU|chip|NPU)\b(?!s| cores?))|(?P<words>(?:(?!and\b|or\b|to\b|of\b"
    r"|in\b|that\b|which\b|with\b|from\b|for\b|on\b|by\b)(?:[A-Za-z]|\d{1,2}\s?nm)[\w-]{0,14}\s"
    r"(?:and\s)?){0,5}?)"
    r"(?:(?P<machines>racks?|cabinets?|servers?|nodes?|boxes|supernodes?|superpods?|clusters?"
    r"|(?:computer |compute )?systems)"
    r"|(?P<chips>(?:chips|GPUs|accelerators|processors|[NTXPID][PC]Us|boards)(?!-))"
    r"|(?P<wafers>wafers?)|(?P<events>interruptions?|failures?|faults?|outages?|crashes|restarts?"
    r"|repairs)"
    r"|(?P<carbon>(?:metric )?ton(?:ne)?s (?:of )?(?:CO2\w*|carbon|greenhouse))"
    r"|(?P<weeks>weeks?)|(?P<years>years?)))\b"
)
_MONEY_WORDS = re.compile(
    r"\b(?P<word>half a|quarter of a|an?|one|two|three|four|five|six|seven|eight|nine|ten|twenty"
    r"|fifty"
    r"|(?:a )?hundred)\s(?P<scale>thousand|million|billion|trillion)\s(?P<unit>(?:US )?dollars|yuan"
    r"|euros)", re.I,
)  # fmt: skip
_PARTS_OF = {"half a": 0.5, "quarter of a": 0.25, "hundred": 100.0, "a hundred": 100.0}
_ELLIPTIC = re.compile(
    rf"{_BEFORE}(?P<number>{NUMBER})\s(?=(?:were |was )?(?:un)?(?:planned|expected|scheduled))"
)
_CHINESE = re.compile(
    r"(?<![A-Za-z0-9_.,$])(?P<number>\d[\d,]*(?:\.\d+)?)\s?(?P<scale>万|萬|千|亿|億)?[多余餘]?\s?"
    r"(?:(?P<chips>[塊顆張枚颗张片块]|卡(?![时時]|小时)|[个個](?=\s?(?:昇|芯|NPU|GPU|AI|加速|[A-Z])))"
    r"|(?P<machines>[个個]?(?:机柜|機櫃|节点|節點|机架)|台|套)|(?P<events>[次起](?=.{0,8}[中故])))"
)
_NOUNS = ("machines", "events", "carbon", "chips", "wafers")
_NEAR_WORDS = 2
"""How many words may stand between a number and the racks or failures that it counts."""
_NONE = re.compile(
    r"\b(?:no|zero)\s(?:[\w-]+\s){0,3}?(?P<what>sales|revenues?|shipments|deliveries|orders)\b"
    r"|(?:没有|沒有|无|未)(?:任何)?\w{0,8}(?P<cn>销售|收入|出货)", re.I,
)  # fmt: skip


_MORE = re.compile(
    rf"{_BEFORE}(?P<number>{NUMBER})\s(?:more|further|additional|extra|straight|consecutive"
    rf"|calendar)"
    r"\s(?P<unit>day|week|month|hour)s?\b", re.I,
)  # fmt: skip
_ELLIPTIC_MONEY = re.compile(
    rf"(?:\b(?:to|into|of|from|and|against|versus|vs\.?|than|about|around|roughly|nearly)\s)"
    rf"(?P<number>{NUMBER})\s?(?P<scale>billion|million|bn|mn|trillion)(?=\s?(?:[.,;)]|$|in "
    rf"|a year|the|this|last|from|for|over))"
)
"""A sum without its currency, behind one that has it: "from $4 billion to 5 billion"."""
_MINUTES = re.compile(rf"{_BEFORE}(?P<number>{NUMBER})\s?(?:minutes?\b|分钟)", re.I)
_IN_ALL = re.compile(
    rf"{_BEFORE}(?P<number>{NUMBER})\s(?:in all|in total|altogether|all told)\b", re.I
)
_OUTPUT = re.compile(
    r"\b(?:(?:chips|GPUs|cards)(?= at)|shipments?|output|production|deliver(?:y|ies)|volumes?|sales"
    r"|orders)\b(?:\s[\w'’-]+){0,6}?\s"
    rf"(?:to|reach\w*|hit\w*|total\w*|exceed\w*|of|at|top\w*|surpass\w*|be|was|were|are)\s"
    r"(?:(?:about|around|roughly|some|nearly|over|only|just|up to|more than|as many as)\s){0,2}"
    rf"(?P<number>{NUMBER})(?:\s?(?P<scale>{SCALE_WORDS}))?"
    r"(?=\s?(?:[.,;)](?!\d)|$|(?:in|this|next|last|by|from|for|a year|per year|annually|packages"
    r"|parts"
    r"|pieces|boards|modules)\b))", re.I,
)  # fmt: skip
"""A bare number of what is shipped or made."""
_ZERO = re.compile(
    r"\b(?:to|at|near|with|is|was|now|has)\s(?:(?:now|virtually|practically|almost|nearly"
    r"|effectively|essentially|just"
    r"|about|basically)\s)?(?P<z>zero|nothing|nil|none)\b(?!\s(?:on|by)\b)"
    r"|(?:降至|降到|跌至|跌到|变为|变成|几乎为|接近于?|归到?|清)\s?(?P<c>零|0(?![\d.%万亿]))", re.I,
)  # fmt: skip
_PERCENT = re.compile(r"\d\s?(?:%|per ?cent)|\bshare\b|份额|占比", re.I)
_HOURS = re.compile(
    rf"{_BEFORE}(?:between\s)?(?P<number>{NUMBER})(?:\s?(?P<scale>{SCALE_WORDS}"
    rf"|[kKM])(?!(?-i:[a-z])))?"
    rf"(?:\s?(?:and|to|-|–)\s?(?P<to>{NUMBER})(?:\s?(?P<scale2>{SCALE_WORDS}"
    rf"|[kKM])(?!(?-i:[a-z])))?)?\s?"
    r"(?:[A-Z]\w{1,6}\s)?(?:(?:GPU|NPU|TPU|chip|card|accelerator)s?[\s-]hours?\b"
    r"|(?:个)?(?:GPU|NPU|卡)\s?(?:小时|时))", re.I,
)  # fmt: skip
_OWN = Small(
    r"€|\bEUR|euros?\b|\d[\w,.]*[\s-](?:[\w-]+ ){0,5}(?:racks?|cabinets?|servers?|nodes?|boxes"
    r"|systems"
    r"|super(?:nodes?|pods?)|clusters?|chips|GPUs|accelerators|processors|[NTXPID][PC]Us|card"
    r"|wafers?|tons?"
    r"|tonnes?|interruptions?|failures?|faults?|outages?|crashes|restarts?|repairs|weeks?|years?)"
    r"|million|expected|planned|scheduled|[塊顆張枚颗张片块个個台套次起机卡]|\b(?:no|zero)\b|没|沒"
    r"|\d{4,}|\d,\d{3}|in all|altogether|all told|more|further|minutes?|分钟|无|未|零|小时|hours"
    r"|\b(?:nothing|nil"
    r"|none)\b"
)


def may_have_own(sentence: Sentence) -> bool:
    """Whether any quantity may be read of a sentence that no other reader knows."""
    return _OWN.search(sentence.text, sentence.start, sentence.end) is not None


def trade_amounts(sentence: Sentence) -> list[Amount]:
    """The sentence's quantities, renamed by what follows them, and those of trade, in order."""
    hours = list(_hours(sentence))
    known = [
        _renamed(sentence, each) for each in sentence.amounts
        if not any(e.start <= each.start and each.end <= e.end for e in hours)
    ]  # fmt: skip
    known += hours
    taken = bytearray(sentence.end - sentence.start)
    spans = [(each.start, each.end) for each in sentence.mentions]
    spans += [(each.start, each.end) for each in known if each.noun not in ("nm", "times")]
    for start, end in spans:
        _take(taken, start - sentence.start, end - sentence.start)
    found = list(_none(sentence))
    for amount in _own(sentence):
        left, right = amount.start - sentence.start, amount.end - sentence.start
        if not any(taken[left:right]):
            found.append(amount)
            _take(taken, left, right)
    kept = [
        each for each in known
        if each.noun != "times" or all(e.end <= each.start or each.end <= e.start for e in found)
    ]  # fmt: skip
    return sorted([*kept, *found], key=lambda each: each.start)


def _take(taken: bytearray, start: int, end: int) -> None:
    start, end = max(start, 0), min(end, len(taken))
    taken[start:end] = b"x" * max(end - start, 0)


def _renamed(sentence: Sentence, amount: Amount) -> Amount:
    """Cards whose hours are counted, "2.788 million H800 GPU hours"; "12.000 Dollar" of Berlin."""
    after = amount.end
    if amount.noun in ("chips", "chip-hours"):
        named = (e.end for e in sentence.mentions if 0 <= e.start - after <= 2)
        for at in (after, *named):
            hours = HOURS_OF.match(sentence.text, at, sentence.end)
            if hours is not None:
                return replace(amount, noun="chip-hours", end=hours.end())
    money = amount.unit in ("USD", "CNY") and amount.value < SCALES["k"]
    if money and _GROUPED.search(amount.written) and not _ENGLISH.search(sentence.said):
        k = SCALES["k"]
        return replace(amount, value=amount.value * k, low=amount.low * k, high=amount.high * k)
    return amount


def _own(sentence: Sentence) -> Iterator[Amount]:
    text, start, end = sentence.text, sentence.start, sentence.end
    for match in _EUROS.finditer(text, start, end):
        first = numeral(match["number"] or match["number2"],
                        match["scale"] or match["scale2"] or "")  # fmt: skip
        if match["to"]:
            last = numeral(match["to"], match["scale"] or "")
            first = Numeral((first.value + last.value) / 2, first.low, last.high)
        yield _made(sentence, match, first, "EUR")
    for match in _MONEY_WORDS.finditer(text, start, end):
        word = match["word"].lower()
        value = _PARTS_OF.get(word, WORDS.get(word, 1)) * SCALES[match["scale"].lower()]
        unit = {"yuan": "CNY", "euros": "EUR"}.get(match["unit"].lower(), "USD")
        yield _made(sentence, match, Numeral(value, value * 0.95, value * 1.05), unit)
    for match in _MORE.finditer(text, start, end):
        long = units.factor("day") * 7 if match["unit"] == "week" else units.factor(match["unit"])
        first = numeral(match["number"])
        yield _made(sentence, match, Numeral(*(each * long for each in first)), "s")
    for match in _MINUTES.finditer(text, start, end):
        minute = units.factor("min")
        first = numeral(match["number"])
        yield _made(sentence, match, Numeral(*(each * minute for each in first)), "s")
    for match in _IN_ALL.finditer(text, start, end):
        yield _made(sentence, match, numeral(match["number"]), "1", "chips")
    for match in _COUNTED.finditer(text, start, end):
        yield from _things(sentence, match)
    for match in _ELLIPTIC.finditer(text, start, end):
        yield _made(sentence, match, numeral(match["number"]), "1", "events")
    for match in _CHINESE.finditer(text, start, end):
        noun = next(name for name in ("chips", "machines", "events") if match[name])
        yield _made(sentence, match, numeral(match["number"], match["scale"] or ""), "1", noun)
    yield from _bare(sentence)
    yield from _elliptic(sentence)


def _elliptic(sentence: Sentence) -> Iterator[Amount]:
    """A sum in the currency of the one before it; of sales without any, in dollars."""
    for match in _SALES_OF.finditer(sentence.text, sentence.start, sentence.end):
        begin, stop = match.start("number"), match.end("scale")
        yield Amount(*numeral(match["number"], match["scale"]), "USD", "", begin, stop,
                     sentence.text[begin:stop])  # fmt: skip
    for match in _ELLIPTIC_MONEY.finditer(sentence.text, sentence.start, sentence.end):
        begin, stop = match.start("number"), match.end("scale")
        money = [e for e in sentence.amounts if e.unit in ("USD", "CNY") and e.end <= begin]
        if money and not any(e.start < stop and begin < e.end for e in sentence.amounts):
            first = numeral(match["number"], match["scale"])
            before = sentence.text[max(sentence.start, begin - 24) : begin]
            yield Amount(*first, money[-1].unit, "", begin, stop, sentence.text[begin:stop],
                         manner_of(before, ""), role_of(before))  # fmt: skip


def _hours(sentence: Sentence) -> Iterator[Amount]:
    """Hours of cards, a range of them as one."""
    for match in _HOURS.finditer(sentence.text, sentence.start, sentence.end):
        first = numeral(match["number"], match["scale"] or match["scale2"] or "")
        if match["to"]:
            last = numeral(match["to"], match["scale2"] or "")
            first = Numeral((first.value + last.value) / 2, first.low, last.high)
        yield _made(sentence, match, first, "1", "chip-hours")


def _bare(sentence: Sentence) -> Iterator[Amount]:
    """ "Output should reach 900,000": what is counted stands before the number."""
    for match in _OUTPUT.finditer(sentence.text, sentence.start, sentence.end):
        first = numeral(match["number"], match["scale"] or "")
        if first.value >= SCALES["thousand"] and not _A_YEAR.fullmatch(match["number"]):
            begin, stop = match.start("number"), match.end()
            before = sentence.text[max(sentence.start, begin - 24) : begin]
            yield Amount(*first, "1", "chips", begin, stop, sentence.text[begin:stop].strip(),
                         manner_of(before, ""))  # fmt: skip


_SALES_OF = re.compile(
    rf"\b(?:revenues?|sales|turnover)\s(?:(?:of|at|was|were|reached|hit|about|around|roughly"
    rf"|some|nearly)\s){{0,2}}"
    rf"(?P<number>{NUMBER})\s?(?P<scale>billion|million|bn|mn|trillion)\b", re.I,
)  # fmt: skip
"""A sum whose currency nobody prints; dollars, as such tables are."""
_A_YEAR = re.compile(r"20\d\d")


def _none(sentence: Sentence) -> Iterator[Amount]:
    """ "No H20 sales" is nought."""
    for match in _NONE.finditer(sentence.text, sentence.start, sentence.end):
        what = (match["what"] or match["cn"]).lower()
        money = what in ("sales", "revenue", "revenues", "销售", "收入")
        yield _made(sentence, match, Numeral(0.0, 0.0, 0.0), "USD" if money else "1",
                    "" if money else "chips")  # fmt: skip
    if _PERCENT.search(sentence.said):
        for match in _ZERO.finditer(sentence.text, sentence.start, sentence.end):
            yield _made(sentence, match, Numeral(0.0, 0.0, 0.0), "1")


def _things(sentence: Sentence, match: re.Match[str]) -> Iterator[Amount]:
    """Racks, interruptions, tonnes of carbon dioxide, weeks, years."""
    written = match["number"].lower()
    first = numeral(str(WORDS.get(written, written)), match["scale"] or "")
    for name in ("weeks", "years"):
        if match[name] and not match["words"]:
            long = units.factor("day") * 7 if name == "weeks" else units.factor("year")
            first = Numeral(first.value * long, first.low * long, first.high * long)
            yield _made(sentence, match, first, "s")
            return
    if match["cards"] and first.value > 1:
        yield _made(sentence, match, first, "1", "chips")
        return
    noun = next((name for name in _NOUNS if match[name]), "")
    if not noun:
        return
    if noun in ("chips", "wafers") or match["words"].count(" ") <= _NEAR_WORDS:
        yield _made(sentence, match, first, "1", noun)


def _made(
    sentence: Sentence, match: re.Match[str], first: Numeral, unit: str, noun: str = ""
) -> Amount:
    text, start = sentence.text, match.start()
    before = text[max(sentence.start, start - 24) : start]
    return Amount(*first, unit, noun, start, match.end(), match.group().strip(),
                  manner_of(before, text[match.end() : match.end() + 4]))  # fmt: skip
