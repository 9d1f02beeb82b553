"""The quantities of trade and of machines at work that no data sheet has: racks, energy, tokens a
second, interruptions, money as other languages print it, none at all.

They are read only of sentences that are about chips, so that no other reader meets them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from chipassay import units
from chipassay.claims.bare_numbers import NUMBER, SCALE_WORDS
from chipassay.claims.claim import Amount
from chipassay.claims.manners import manner_of
from chipassay.claims.numerals import SCALES, WORDS, Numeral, numeral
from chipassay.claims.sentences import Sentence

_HOURS = re.compile(
    r"[\s\u2010\u2011-]{0,2}(?:(?:GPU|NPU|TPU|XPU|chip|card|accelerator)s?[\s\u2010\u2011-]{0,2})?"
    r"hours?\b|\s?(?:GPU|卡)?(?:卡时|小时|时)", re.I,
)  # fmt: skip
_A_SECOND = re.compile(r"\s?(?:/|per |a |each )\s?s(?:ec(?:ond)?)?\b|/秒|每秒", re.I)
_WATT_HOURS = re.compile(r"[\s\u2010\u2011-]?hours?\b|时", re.I)
_ENGLISH = re.compile(r"\b(?:the|of|and|is|are|was|with|its|has)\b|[一-鿿]", re.I)
_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3})+")

_LARGE = {
    "miliard": "billion", "mld": "billion", "mrd": "billion", "milliard": "billion",
    "miljard": "billion", "milyar": "billion", "bilh": "billion", "mil millones": "billion",
    "mio": "million", "million": "million", "millon": "million", "milion": "million",
    "miljoen": "million", "milh": "million", "billion": "trillion", "thousand": "thousand",
    "mil": "thousand", "tausend": "thousand",
}  # fmt: skip
"""How other languages begin the words for large numbers; their "Billion" is a million millions."""
_SIGN = r"(?P<sign>US\$|USD|U\$S|EUR|CNY|RMB|[$€¥￥£])"
_CURRENCIES = {"€": "EUR", "EUR": "EUR", "£": "GBP", "¥": "CNY", "￥": "CNY", "RMB": "CNY",
               "CNY": "CNY", "yuan": "CNY", "euro": "EUR", "dol": "USD", "dól": "USD",
               "usd": "USD", "元": "CNY"}  # fmt: skip
_ABROAD = r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+,\d+|\d+"
_FOREIGN = re.compile(
    rf"(?<![A-Za-z0-9_.,])(?:{_SIGN}\s?)?(?P<number>{_ABROAD})(?![\d.]*\d)"
    r"(?:\s?(?P<scale>mil millones|mil milh\w+|[Mm]il(?:i|li|j|h|y)?[a-zõóñé]*|[Mm]ld|[Mm]rd|[Mm]io"
    r"|[Bb]ilh\w+|[Tt]ausend)\b\.?)?"
    r"(?:\s?(?P<percent>%|Prozent|por ciento|por cento|pour cent|per cento|procent)"
    r"|\s(?:di |de |d['’])?(?P<money>(?i:yuan|euros?|d[oóò]l[al][a-z]*|USD|EUR))\b|\s?(?P<behind>€))?"
)
_EUROS = re.compile(
    rf"€\s?(?P<number>{NUMBER})(?:\s?(?P<scale>{SCALE_WORDS}|bn|[kKMB]))?(?![\w,.]*\d)"
    rf"|(?<![A-Za-z0-9_.,$])(?P<number2>{NUMBER})\s?(?P<scale2>{SCALE_WORDS}|bn|k)?\s?(?:€|euros?\b)", re.I,
)  # fmt: skip
_COUNTED = re.compile(
    rf"(?<![A-Za-z0-9_.,$€¥])(?P<number>{NUMBER}|(?:{'|'.join(w for w in WORDS if w not in ('a', 'an'))}))"
    rf"(?:[\s-]?(?P<scale>{SCALE_WORDS}|[kKM])(?![a-z]))?\+?[\s-]"
    r"(?:(?!and\b|or\b|to\b|of\b|in\b)[A-Za-z][\w-]{0,14}\s){0,2}?"
    r"(?:(?P<machines>racks?|cabinets?|servers?|nodes?|boxes|supernodes?|superpods?|clusters?"
    r"|(?:computer |compute )?systems)"
    r"|(?P<events>interruptions?|failures?|faults?|outages?|crashes|restarts?|repairs)"
    r"|(?P<carbon>(?:metric )?ton(?:ne)?s (?:of )?(?:CO2\w*|carbon|greenhouse))"
    r"|(?P<weeks>weeks?)|(?P<years>years?))\b"
)
_ELLIPTIC = re.compile(
    rf"(?<![A-Za-z0-9_.,$])(?P<number>{NUMBER})\s(?=(?:were |was )?(?:un)?(?:planned|expected|scheduled))"
)
_ENERGY = re.compile(
    rf"(?<![A-Za-z0-9_.,$])(?P<number>{NUMBER})(?:[\s-]?(?P<scale>{SCALE_WORDS}))?\s?"
    r"(?P<unit>[kMGT]Wh\b|[Kk]ilowatt[\s-]hours?|[Mm]egawatt[\s-]hours?|[Gg]igawatt[\s-]hours?"
    r"|千瓦时|兆瓦时|度电)"
)
_WATTS = re.compile(
    rf"(?<![A-Za-z0-9_.,$])(?P<number>{NUMBER})[\s-]?(?P<unit>GW|gigawatts?|吉瓦)(?!h)\b", re.I
)
_CHINESE = re.compile(
    r"(?<![A-Za-z0-9_.,$])(?P<number>\d[\d,]*(?:\.\d+)?)\s?(?P<scale>万|萬|千|亿|億)?[多余餘]?\s?"
    r"(?:(?P<chips>[塊顆張枚颗张片块]|[个個](?=\s?(?:昇|芯|NPU|GPU|AI|加速|[A-Z])))"
    r"|(?P<machines>[个個]?(?:机柜|機櫃|节点|節點|机架)|台|套)|(?P<events>[次起](?=.{0,8}[中故])))"
)
_NONE = re.compile(
    r"\b(?:no|zero)\s(?:[\w-]+\s){0,3}?(?P<what>sales|revenues?|shipments|deliveries|orders)\b"
    r"|(?:没有|沒有|无|未)(?:任何)?\w{0,8}(?P<cn>销售|收入|出货)", re.I,
)  # fmt: skip
_WATTH = {"kwh": "kWh", "mwh": "MWh", "gwh": "GWh", "kil": "kWh", "meg": "MWh", "gig": "GWh",
          "千瓦时": "kWh", "兆瓦时": "MWh", "度电": "kWh"}  # fmt: skip


def trade_amounts(sentence: Sentence) -> list[Amount]:
    """The sentence's quantities, renamed by what follows them, and those of trade, in order."""
    known = [_renamed(sentence, each) for each in sentence.amounts]
    taken = bytearray(sentence.end - sentence.start)
    for each in (*sentence.mentions, *known):
        _take(taken, each.start - sentence.start, each.end - sentence.start)
    found = list(_none(sentence))
    for amount in _own(sentence):
        left, right = amount.start - sentence.start, amount.end - sentence.start
        if not any(taken[left:right]):
            found.append(amount)
            _take(taken, left, right)
    return sorted([*known, *found], key=lambda each: each.start)


def _take(taken: bytearray, start: int, end: int) -> None:
    start, end = max(start, 0), min(end, len(taken))
    taken[start:end] = b"x" * max(end - start, 0)


def _renamed(sentence: Sentence, amount: Amount) -> Amount:
    """Cards whose hours are counted, tokens a second, watts for hours, "$12.000" of Lisbon."""
    after = amount.end
    if amount.noun == "chips":
        named = (e.end for e in sentence.mentions if 0 <= e.start - after <= 2)
        for at in (after, *named):
            hours = _HOURS.match(sentence.text, at, sentence.end)
            if hours is not None:
                return replace(amount, noun="chip-hours", end=hours.end())
    second = _A_SECOND.match(sentence.text, after, sentence.end)
    if amount.noun == "tokens" and second is not None:
        return replace(amount, noun="tokens/s", end=second.end())
    hours = _WATT_HOURS.match(sentence.text, after, sentence.end)
    if amount.unit == "W" and hours is not None:
        hour = units.factor("h")
        return replace(
            amount, unit="J", end=hours.end(), value=amount.value * hour, low=amount.low * hour,
            high=amount.high * hour,
        )  # fmt: skip
    grouped = amount.unit in ("USD", "CNY") and _GROUPED.search(amount.written)
    if grouped and not _ENGLISH.search(sentence.said):
        k = SCALES["k"]
        return replace(amount, value=amount.value * k, low=amount.low * k, high=amount.high * k)
    return amount


def _own(sentence: Sentence) -> Iterator[Amount]:
    text, start, end = sentence.text, sentence.start, sentence.end
    if _ENGLISH.search(sentence.said) is None:
        yield from _foreign(sentence)
    for match in _EUROS.finditer(text, start, end):
        first = numeral(match["number"] or match["number2"],
                        match["scale"] or match["scale2"] or "")  # fmt: skip
        yield _made(sentence, match, first, "EUR")
    for match in _ENERGY.finditer(text, start, end):
        spelling = _WATTH[match["unit"].lower()[:3]]
        yield _scaled(sentence, match, match["scale"] or "", spelling)
    for match in _WATTS.finditer(text, start, end):
        yield _scaled(sentence, match, "", "GW")
    for match in _COUNTED.finditer(text, start, end):
        yield from _things(sentence, match)
    for match in _ELLIPTIC.finditer(text, start, end):
        yield _made(sentence, match, numeral(match["number"]), "1", "events")
    for match in _CHINESE.finditer(text, start, end):
        noun = next(name for name in ("chips", "machines", "events") if match[name])
        yield _made(sentence, match, numeral(match["number"], match["scale"] or ""), "1", noun)


def _none(sentence: Sentence) -> Iterator[Amount]:
    """ "No H20 sales" is nought."""
    for match in _NONE.finditer(sentence.text, sentence.start, sentence.end):
        what = (match["what"] or match["cn"]).lower()
        money = what in ("sales", "revenue", "revenues", "销售", "收入")
        yield _made(sentence, match, Numeral(0.0, 0.0, 0.0), "USD" if money else "1",
                    "" if money else "chips")  # fmt: skip


def _things(sentence: Sentence, match: re.Match[str]) -> Iterator[Amount]:
    """Racks, interruptions, tonnes of carbon dioxide, weeks, years."""
    written = match["number"].lower()
    first = numeral(str(WORDS.get(written, written)), match["scale"] or "")
    for name in ("weeks", "years"):
        if match[name]:
            long = units.factor("day") * 7 if name == "weeks" else units.factor("year")
            first = Numeral(first.value * long, first.low * long, first.high * long)
            yield _made(sentence, match, first, "s")
            return
    noun = next(name for name in ("machines", "events", "carbon") if match[name])
    yield _made(sentence, match, first, "1", noun)


def _scaled(sentence: Sentence, match: re.Match[str], scale: str, spelling: str) -> Amount:
    first, factor = numeral(match["number"], scale), units.factor(spelling)
    scaled = Numeral(first.value * factor, first.low * factor, first.high * factor)
    return _made(sentence, match, scaled, units.si_unit(spelling))


def _foreign(sentence: Sentence) -> Iterator[Amount]:
    """Money and percentages of languages that part thousands by points and write 4347,82 %."""
    for match in _FOREIGN.finditer(sentence.text, sentence.start, sentence.end):
        unit = "1" if match["percent"] else _currency(match)
        if not unit:
            continue
        number = match["number"].replace(".", "").replace(",", ".")
        first = numeral(number, _large(match["scale"] or ""))
        if match["percent"]:
            part = units.factor("%")
            first = Numeral(first.value * part, first.low * part, first.high * part)
        yield _made(sentence, match, first, unit)


def _currency(match: re.Match[str]) -> str:
    written = (match["sign"] or match["money"] or match["behind"] or "").lower()
    found = (code for word, code in _CURRENCIES.items() if written.startswith(word.lower()))
    return next(found, "USD" if "$" in written else "") if written else ""


def _large(word: str) -> str:
    """The English word of a scale: `_large("miliardi") == "billion"`."""
    folded = word.lower()
    return next((scale for begin, scale in _LARGE.items() if folded.startswith(begin)), "")


def _made(
    sentence: Sentence, match: re.Match[str], first: Numeral, unit: str, noun: str = ""
) -> Amount:
    text, start = sentence.text, match.start()
    before = text[max(sentence.start, start - 24) : start]
    return Amount(*first, unit, noun, start, match.end(), match.group().strip(),
                  manner_of(before, text[match.end() : match.end() + 4]))  # fmt: skip

