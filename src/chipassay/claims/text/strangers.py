"""Names of products that the catalogue does not hold: found by their shape and by the names of
the lines that it does hold, so that their figures are given to no other chip.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from chipassay.claims.claim import Mention

NO_CHIP = re.compile(
    r"(?:FP|BF|TF|INT|HBM|DDR|GDDR|LPDDR|SXM|NVL|CX|FY|CY|Q|H|US|USD|RMB|CNY|HK|ISO|IEEE|SC|CES"
    r"|GTC|GPT|GLM|MT|PCI|PCIE|IB|GEN|SM|TP|PP|DP|EP|AIME|MMLU|WAIC|CFR|ECCN|EAR|HR|SB|AB|TOP|X|ARM"
    r"|USB|RFC|UTC|GMT|MIT|GB|TB|MB|W|OAM|PUE|TPP|CUDA|AI|COVID|UL|GPQA|NM|NC|ND|CSI|BIS|AVX)",
    re.I,
)
"""Letters before a number that name a format, an event, a currency: anything but a chip."""
_ENGINE = re.compile(r"V(?:6|8|10|12|16)")
_SHAPE = re.compile(
    r"(?<![\w$€¥&./-])(?:(?P<letters>[A-Z]{1,4})-?(?!20[12]\d\b)\d{2,4}[A-Z]{0,3}"
    r"|(?P<dashed>[A-Z]{2,4})-\d[A-Z]?)(?![\w%]|-?bit|[.,]\d)"
)
"""Capitals and digits in one word: what makers call their chips."""
_BARE = re.compile(
    r"(?<![\w$€¥&.,/-])"
    r"(?:[3-9]0[5-9]0(?: ?(?:Ti|Super|SUPER)\b)?|[12]0[5-9]0 ?(?:Ti|Super|SUPER)\b)"
    r"(?![\w%]|[.,]\d)(?!\s?(?:GB|MB|TB|[kM]?W\b|TFLOPS|TOPS|GPUs?|chips|cards|units|tokens|US"
    r"|million|yuan|dollars|元|万|张|片|颗|块|年|readers|people))"
)
"""A card of a line that goes by its number alone, beside the name of another chip."""
_ANOTHER = re.compile(r"[\s-](?:Ultra|Ti|Super|SUPER|Max-Q|Next|Workstation)\b")
"""What makes another product of a known name."""
_NUMBERED = re.compile(r"(?:[A-Z]{0,3}|v)\d")
_NO_LINE = re.compile(rf"{NO_CHIP.pattern}|Pro|Max|Ultra|Super", re.I)
_DIGITS = re.compile(r"\d.*")


def series(names: Iterable[str], makers: Iterable[str]) -> re.Pattern[str]:
    """What a name of a known line looks like, whichever its number: "RTX 9999", "TPU v3"."""
    words: set[str] = set()
    for name in names:
        parts = re.sub(r"\([^)]*\)", "", name).split()
        for word, following in zip(parts, [*parts[1:], ""], strict=True):
            bare = _DIGITS.sub("", word)
            numbered = bare != word or _NUMBERED.match(following) is not None
            if bare.isalpha() and len(bare) > 2 and numbered and not _NO_LINE.fullmatch(bare):
                words.add(bare)
    words -= set(makers)
    told = "|".join(sorted(words, key=len, reverse=True))
    return re.compile(
        rf"(?<![\w-])(?:{told})(?:\s|-)?(?:[A-Z]{{1,3}}-?|v)?\d{{1,4}}[A-Za-z]{{0,3}}(?![\w%])"
        if told
        else r"(?!)"
    )


def strangers(
    text: str,
    start: int,
    end: int,
    known: list[Mention],
    lines: re.Pattern[str],
    designs: frozenset[str],
) -> Iterator[Mention]:
    """The unknown names of a stretch of text that overlap no known one, each once."""
    taken = [(each.start, each.end) for each in known if each.kind != "maker"]
    beside = any(each.kind == "chip" for each in known)
    for pattern in (lines, _SHAPE, _BARE) if beside else (lines, _SHAPE):
        for match in pattern.finditer(text, start, end):
            if any(match.start() < stop and begin < match.end() for begin, stop in taken):
                continue
            groups = match.groupdict()
            letters = groups.get("letters") or groups.get("dashed") or ""
            if (
                NO_CHIP.fullmatch(letters)
                or _ENGINE.fullmatch(match.group())
                or match.group() in designs
            ):
                continue
            taken.append(match.span())
            yield Mention("stranger", (), match.group(), *match.span())


def grown(text: str, known: list[Mention]) -> list[Mention]:
    """The names, where a known one with "Ultra" or "Ti" behind it is a stranger's."""
    return [_stranger(text, each) if each.kind == "chip" else each for each in known]


def _stranger(text: str, mention: Mention) -> Mention:
    more = _ANOTHER.match(text, mention.end)
    if more is None:
        return mention
    name = text[mention.start : more.end()]
    return Mention("stranger", (), name, mention.start, more.end())
