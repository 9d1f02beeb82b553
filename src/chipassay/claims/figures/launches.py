"""When a chip was announced, launched or shipped, as a sentence tells it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chipassay.claims.claim import Claim, Mention
from chipassay.claims.known_words import COMPARING
from chipassay.claims.text.dates import Day, times
from chipassay.claims.text.gated import Gated
from chipassay.claims.text.sentences import Sentence
from chipassay.claims.warrant import uncompared

_VERBS = Gated(
    r"\b(?:(?P<announced>announc\w+|unveil\w*|introduc\w*|reveal(?:s|ed)?|presented|first shown)"
    r"|(?P<debut>debut\w*)"
    r"|(?P<released>launch\w*|releas\w*|shipp?(?:ed|ing|s)|(?:went|goes|go) on sale|came out"
    r"|c[ao]mes?(?= in )|arriv(?:es|ed)|hit the market|(?:mass|volume) production|on the market"
    r"|(?:became |become |generally )?available|dat(?:es|ing) (?:back to|from)|is from))\b"
    r"|(?P<cn_announced>发布|亮相|公布)|(?P<cn_released>推出|上市|面世|量产|出货)",
    "announc|unveil|introduc|reveal|presented|first shown|debut|launch|releas|ship|on sale"
    "|came out|come|came|arriv|market|production|available|dating|dates|is from|发布|亮相|公布"
    "|推出|上市|面世|量产|出货",
)
_NO_LAUNCH = re.compile(
    r"licen[cs]e|\bexport|\border|letter|\brules?\b|benchmark|driver|software|record|results?\b"
    r"|write-?(?:off|down)|\bcharge|\bfiling|\bsales\b|revenue|\bhalt|\bsuspen|\bwaiver"
    r"|price|shortage|delay\w*|许可|出口|管制|订单", re.I,
)  # fmt: skip
"""Other things that are announced or released on a day, in a sentence that names a chip."""
_IT = re.compile(r"(?:It|The (?:chip|card|GPU|accelerator|part))\b|它|该芯片|该卡|这款芯片")
"""Only so a chip named before is meant: "its first chip" is another one's."""
_STOP = re.compile(r"[;；。]|\.\s")
_REACH = 60


def launches(sentence: Sentence, first_year: int) -> Iterator[Claim]:
    """The days, months, quarters and years that a sentence gives the launch of a chip."""
    chips = [each for each in sentence.chips() if each.kind == "chip"]
    back = sentence.antecedent if _IT.match(sentence.said) else None
    if not chips and (back is None or back.kind != "chip"):
        return
    may = sentence.text.find("20", sentence.start, sentence.end) >= 0 or sentence.stamps
    if not may or _NO_LAUNCH.search(sentence.said) or sentence.of_kind("model"):
        return
    for time in times(sentence.text, sentence.start, sentence.end, first_year):
        chip = _beside(sentence, chips, time)
        if chip is not None:
            yield _claim(sentence, chip, time, "released", (time.start, time.end))
            continue
        verb = _verb(sentence, time)
        subject = _subject(sentence, chips, verb, time) if verb is not None else None
        if verb is not None and subject is not None:
            kind = (verb.lastgroup or "released").removeprefix("cn_")
            yield _claim(sentence, subject, time, kind, verb.span())


def _claim(sentence: Sentence, chip: Mention, time: Day, kind: str, verb: tuple[int, int]) -> Claim:
    inside = sentence.start <= chip.start < sentence.end
    places = [*verb, time.start, time.end, *((chip.start, chip.end) if inside else ())]
    start, end = min(places), max(places)
    return Claim(
        "figure", start, end, (sentence.start, sentence.end),
        "announced" if kind == "announced" else "released", chip, words=time.iso,
        voice=sentence.voice, relation="on" if kind != "debut" else "debut",
        facts={"unsure": uncompared(sentence, (chip,), start, end, _WORDS, time.span)},
    )  # fmt: skip


_TOLD = """
went go goes on sale dating dates date back from mid early late first second third fourth quarter
shown presented debut debuted debuts unveils unveiled unveiling introduced introducing announced
announces shipping shipped ships ship launch launched launches launching release released releases
arrived arrives came come hit market available became become since already keynote gtc computex
event show conference professional graphics card year years generation successor architecture
revealed mass volume production general entered start started starts began begins deliveries
customers public publicly officially initially originally was at time
"""
_WORDS = COMPARING | frozenset(_TOLD.split())
"""Words of launches that are harmless beside those of comparisons."""


def _beside(sentence: Sentence, chips: list[Mention], time: Day) -> Mention | None:
    """The chip whose year stands right beside its name: "X1 (2022)", "the 2022 X1"."""
    text = sentence.text
    for chip in chips:
        if time.start >= chip.end:
            behind = _BRACKET.fullmatch(text, chip.end, time.start) is not None
            if behind and _CLOSES.match(text, time.end):
                return chip
        elif len(time.iso) == _YEAR and text[time.end : chip.start] in (" ", "-era "):
            head = text[max(sentence.start, time.start - 20) : time.start]
            return chip if _OF_YEAR.search(head) else None
    return None


_YEAR = 4
_BRACKET = re.compile(r"\s?(?:GPU|chip|accelerator|card)?\s?[(（\[](?:launched |released |from )?")
_CLOSES = re.compile(r"[)）\],;]")
_OF_YEAR = re.compile(r"(?:\b(?:the|a|an|its|their)|['’]s)\s$", re.I)


def _verb(sentence: Sentence, time: Day) -> re.Match[str] | None:
    """The verb of a launch nearest to a time, in its clause; one before it goes first."""
    text = sentence.text
    left, right = max(sentence.start, time.start - _REACH), min(sentence.end, time.end + _REACH)
    for stop in _STOP.finditer(text, left, time.start):
        left = stop.end()
    following = _STOP.search(text, time.end, right)
    right = following.start() if following else right
    found = [m for m in _VERBS.finditer(text, left, right)
             if m.end() <= time.start or m.start() >= time.end]  # fmt: skip
    return min(found, key=lambda m: _gap(m.span(), (time.start, time.end)), default=None)


def _gap(one: tuple[int, int], other: tuple[int, int]) -> int:
    return max(other[0] - one[1], one[0] - other[1])


def _subject(
    sentence: Sentence, chips: list[Mention], verb: re.Match[str], time: Day
) -> Mention | None:
    """The chip nearest to the verb; none where another name stands between them or it is one
    that something is compared with, or where the time stands between other things."""
    open_ = [each for each in chips if not sentence.is_yardstick(each)]
    if not open_:
        return sentence.antecedent if not chips else None
    chip = min(open_, key=lambda each: _gap((each.start, each.end), verb.span()))
    if _gap((chip.start, chip.end), verb.span()) > _REACH:
        return None
    left, right = min(chip.end, verb.end(), time.end), max(chip.start, verb.start(), time.start)
    between = any(
        each.kind != "maker" and each is not chip and left <= each.start < right
        for each in sentence.mentions
    )
    return None if between else chip
