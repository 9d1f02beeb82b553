"""Sums that a sentence carries in itself: shares of a total, failures in days, a model's size."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from chipassay.claims.claim import Amount, Claim, Mention
from chipassay.claims.text.gated import Small
from chipassay.claims.text.numerals import half_digit
from chipassay.claims.text.sentences import Sentence
from chipassay.units import factor

_N = r"(?<![\d.,])(?:\d{1,3}(?:,\d{3})+|\d+)(?![\d,.]*\d)"
_ABOUT = Small(
    r"\b(?:chips?|GPUs?|NPUs?|accelerators?|failures?|interruptions?|faults?|HBM\w*|nodes?"
    r"|cards?)\b|故障|芯片"
)
_SHARES = (
    re.compile(rf"\b(?P<part>{_N})(?:\s[A-Za-z-]+){{0,4}}?\s?[,(]?\s?(?:or|about|roughly|some"
    rf"|i\.e\.,?)?\s?"
               rf"(?P<share>\d+(?:\.\d+)?)\s?(?:%|percent|per cent)\)?,?\sof\s(?:the |all "
               rf"|a total of )?(?P<all>{_N})\b", re.I),
    re.compile(rf"\b(?:out )?of\s(?:the |all |a total of )?(?P<all>{_N})(?:\s[A-Za-z-]+){{0,4}}?,\s"
               rf"(?P<part>{_N})(?:\s[A-Za-z-]+){{0,3}}?\s?[,(]\s?(?:or |about |some )?"
               rf"(?P<share>\d+(?:\.\d+)?)\s?(?:%|percent|per cent)", re.I),
    re.compile(rf"\b(?P<part>{_N})\s(?:[A-Za-z-]+\s){{0,4}}?(?:out )?of\s(?:the |all "
    rf"|a total of )?(?P<all>{_N})\b"
               rf"[^.;\d]{{0,60}}?(?P<share>\d+(?:\.\d+)?)\s?(?:%|percent|per cent)", re.I),
)  # fmt: skip
_PARTIAL = re.compile(
    rf"\b(?P<part>{_N})\s(?:[A-Za-z-]+\s){{0,3}}?(?:failures?|interruptions?|faults?|errors?)"
    rf"\s?[,(]\s?(?:or |about |i\.e\.,? )?(?P<share>\d+(?:\.\d+)?)\s?(?:%|percent|per cent)",
    re.I,
)
"""A count with its share of a total that the sentence leaves out."""
_RHYTHM = re.compile(
    rf"\b(?P<count>{_N})\s(?:[A-Za-z-]+\s){{0,4}}?(?:in|over|during)\s(?:the "
    rf"|a )?(?P<days>\d+)[\s-]days?\b"
    r"[^.;\d]{0,80}?\b(?:every|each)\s(?P<hours>[\d.]+|one|two|three|four|five|six|seven"
    r"|eight)\s?hours?", re.I,
)  # fmt: skip
_WORDS = {w: i for i, w in enumerate(
    ("one", "two", "three", "four", "five", "six", "seven", "eight"), 1)}  # fmt: skip


def sums(sentence: Sentence) -> Iterator[Claim]:
    """Every sum the sentence states with all its parts."""
    said = sentence.said
    if _ABOUT.search(said):
        for pattern in _SHARES:
            for match in pattern.finditer(said):
                yield _share(sentence, match)
        for match in _PARTIAL.finditer(said):
            if not any(pattern.search(said) for pattern in _SHARES):
                yield _share(sentence, match)
        for match in _RHYTHM.finditer(said):
            yield _rhythm(sentence, match)
    yield from _sizes(sentence)


def _share(sentence: Sentence, match: re.Match[str]) -> Claim:
    total = match.groupdict().get("all")
    part, whole = _number(match["part"]), _number(total) if total else 0.0
    written = match["share"]
    half = half_digit(written)
    stated = float(written)
    return _claim(
        sentence, match, "share",
        Amount(stated / 100, (stated - half) / 100, (stated + half) / 100, "1", "",
               sentence.start + match.start("share"), sentence.start + match.end("share"),
               match["share"] + " %"),
        part / whole if whole else math.nan, f"{match['part']} / {total or 'an unsaid total'}",
    )  # fmt: skip


def _rhythm(sentence: Sentence, match: re.Match[str]) -> Claim:
    hour = factor("h")
    stated = float(_WORDS.get(match["hours"].lower(), 0) or match["hours"]) * hour
    known = float(match["days"]) * factor("day") / max(_number(match["count"]), 1.0)
    start = sentence.start
    amount = Amount(stated, stated * 0.9, stated * 1.1, "s", "", start + match.start("hours"),
                    start + match.end("hours"), match["hours"] + " h")  # fmt: skip
    return _claim(
        sentence, match, "interval", amount, known, f"{match['days']} days / {match['count']}"
    )


def _claim(
    sentence: Sentence, match: re.Match[str], field: str, amount: Amount, known: float, told: str
) -> Claim:
    start, end = sentence.start + match.start(), sentence.start + match.end()
    return Claim(
        "arithmetic", start, end, (sentence.start, sentence.end), field, None, amount, words=told,
        voice=sentence.voice, facts={"known": known},
    )  # fmt: skip


_TRAINS = Small(r"\btrain(?:ed|ing|s)?\b|\bGPUs?\b|\bNPUs?\b|训练|訓練")


def _sizes(sentence: Sentence) -> Iterator[Claim]:
    """A named model's number of parameters, where its training or its chips are spoken of."""
    models = sentence.of_kind("model")
    if not (sentence.chips() or _TRAINS.search(sentence.said)):
        return
    for amount in sentence.amounts:
        if amount.noun == "parameters" and len(models) == 1:
            model = models[0]
            yield Claim(
                "arithmetic", min(amount.start, model.start), max(amount.end, model.end),
                (sentence.start, sentence.end), "parameters", model, amount, voice=sentence.voice,
                facts={"beside": _is_beside(sentence, model, amount)},
            )  # fmt: skip


_LIKE = re.compile(r"(?:such as|like|including|e\.g\.|compared to|than|as)\s*$", re.I)


def _is_beside(sentence: Sentence, model: Mention, amount: Amount) -> bool:
    """Whether a size is said of a model, which is no example of others and stands right by it."""
    gap = max(model.start - amount.end, amount.start - model.end)
    head = sentence.text[max(sentence.start, model.start - 14) : model.start]
    return gap <= 30 and amount.manner != "up to" and _LIKE.search(head) is None


def _number(written: str) -> float:
    return float(written.replace(",", ""))
