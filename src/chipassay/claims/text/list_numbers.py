"""Numbers without a unit in a list of chips: the unit stands in the list's label ("TFLOPS: X1 918,
X2 989", "HBM bandwidth (GB/s): X1 7380") or behind another entry ("X1 312 TFLOPS, X2 156")."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from chipassay import units
from chipassay.claims.claim import CHIPS, Amount, Mention
from chipassay.claims.text.bare_numbers import NUMBER
from chipassay.claims.text.gated import Gated
from chipassay.claims.text.manners import manner_of
from chipassay.claims.text.numerals import numeral

JOINED = re.compile(
    r"(?:\s(?:in|at|of|for) (?:dense |sparse )?(?:FP|BF|TF"
    r"|INT)-?\d{1,2})?\s*[)）]?\s*(?:[,，、;；/|·•>＞<＜≳≲≥≤≈=→\n-]|\band\b|\bvs\.?|\bversus\b"
    r"|\bagainst\b|\bthan\b"
    r"|\bfollowed by\b|\bwhile\b|\bto\b|\bcompared (?:to|with)\b|\bup from\b|\bdown from\b|和|与|及"
    r"|而|对)\s*(?:and |but |while |versus |vs |the |on |for |against ){0,2}"
    r"(?:NVIDIA |Nvidia |AMD |Google |Intel |Huawei |华为|英伟达)?",
)
"""What stands between the entries of a list."""
_SPELLED = (  # how a label spells a unit -> (spelling of units.py, noun)
    (r"PFLOPS?|PFLOP/s|petaflops", ("PFLOPS", "")),
    (r"TFLOPS?|TFLOP/s|teraflops|TOPS|\bTF\b", ("TFLOPS", "")),
    (r"TB/s|TBps", ("TB/s", "")),
    (r"GB/s|GBps", ("GB/s", "")),
    (r"GB(?!ps|/)", ("GB", "")),
    (r"(?<![\w/])W(?![\w/])|watts?", ("W", "")),
    (r"mm²|mm2", ("mm2", "")),
    (r"MHz", ("MHz", "")),
    (r"GHz", ("GHz", "")),
    (r"transistors?|晶体管", ("", "transistors")),
    (r"CUDA cores?|stream processors?|shaders|CUDA核心", ("", "lanes")),
    (r"tensor cores?|张量核心", ("", "units")),
    (r"\bSMs?\b|streaming multiprocessors?|compute units?|\bCUs?\b|流式多?处理器", ("", "cores")),
)
_IMPLIED = (
    (r"(?:FP|BF|TF|INT|NVFP|MXFP)-?(?:64|32|16|8|6|4)(?!\d)", ("TFLOPS", "")),
    (r"\bTDP\b|功耗", ("W", "")),
    (r"(?:memory|VRAM|显存|内存)(?: (?:capacity|size))?(?:容量)?\s*$", ("GB", "")),
)
_UNIT = re.compile("|".join(f"(?P<s{i}>{p})" for i, (p, _) in enumerate(_SPELLED)), re.I)
_TACIT = re.compile("|".join(f"(?P<t{i}>{p})" for i, (p, _) in enumerate(_IMPLIED)), re.I)
LABEL = re.compile(
    r"(?:^|[\n;；。|•]|\.\s)(?P<label>[^:：;；。|•\n—]{2,70}?)(?:\s?[:：|]|\s?—|\s–\s)", re.M
)
_HEAD = re.compile(r"(?:^|[\n;；。|•]|\.\s)(?P<label>[^:：;；。|•\n—.]{2,60}[)）\]])\s*$", re.M)
"""A label without a colon: its unit stands in brackets right before the first chip."""
VERB = (
    r"(?:\b(?:(?:is|are|was)(?: (?:rated|quoted|listed|specified|given|put|capped|shown))?(?: at)?"
    r"|at|ha[sd]|have|hits|lists?|gets?|offers?|delivers?|draws?|provides?|reaches|manages|posts"
    r"|claims|boasts|consumes|needs|with|(?:comes in|tops out|sits|stands) at|comes with)\b"
    r"|[为為是有]|达到?)"
)
"""What may stand between a chip and its figure in an enumeration."""
_MANNER = r"(?:about |around |roughly |up to |only |~|≈|约|高达)?\s?"
_VALUE = rf"(?P<number>{NUMBER})(?P<scale>\s?(?:bn|billion|million|B|M|亿|万)(?![A-Za-z/]))?"
_WITH = (
    r"(?P<unit>\s?(?:T(?:FLOPS|OPS|F)|PFLOPS|TB/s|GB/s|GB|W|SMs?|CUs?|CUDA cores?"
    r"|transistors)(?![\w/]))?"
)
_FORMAT = r"(?:\s(?:FP|BF|TF|INT)-?\d{1,2})?"
_BEHIND = re.compile(
    rf"[)）]?(?:\s?(?:GPU|chip|card))?(?:\s?[(（][^()（）\d]{{0,24}}[)）])?{_FORMAT}\s?"
    rf"(?:[:：=~≈(（-]|{VERB})?\s?{_MANNER}{_VALUE}{_WITH}"
    r"(?![\w%/]|[.,:]\d|\s?(?:[kKMGTPE]i?[BWHb]\b|[kKMGTPE]?[Ww]att|%|x\b|×|nm|mm|bit|\w*FLOP|TOPS"
    r"|tokens?|US|hours?|million|billion|percent|times|nodes?|GPUs?\b|cards?\b|chips?\b)"
    r"|\s(?!(?:and|vs|versus|while|whereas|against|compared|for|on|in|to|but|with|the|per|at|apiece"
    r"|each|up|down|than|followed|NVIDIA|AMD)\b)[a-z])"
)
_BEFORE = re.compile(
    rf"(?<![\w.,/$€¥-]){_VALUE}{_WITH}\s?[(（](?:the |on |for )?(?:NVIDIA |Nvidia |AMD )?$"
)
_CLOSES = re.compile(r"(?:\s(?:GPU|SXM\d?|PCIe|card))?[)）]")


class _Entry(NamedTuple):
    """A chip with a number beside it; `unit` is None where the number has none."""

    start: int
    end: int
    number: re.Match[str]
    shift: int
    unit: tuple[str, str] | None


def listed(text: str, start: int, end: int, masked: Sequence[Mention]) -> Iterator[Amount]:
    """The numbers of a list of chips that have their unit elsewhere."""
    entries = [
        entry for mention in masked if mention.kind in CHIPS
        if (entry := _entry(text, start, end, mention)) is not None
    ]  # fmt: skip
    if all(entry.unit is not None for entry in entries):
        return
    labels = [(m.end(), unit_of(m["label"])) for m in LABEL.finditer(text, start, end)]
    for run in _runs(text, entries):
        told = [unit for at, unit in labels if at <= run[0].start]
        head = head_before(text, start, run[0].start)
        told += [unit_of(text[slice(*head)])] if head else []
        own = {entry.unit for entry in run if entry.unit is not None}
        unit = told[-1] if told and told[-1] else (own.pop() if len(own) == 1 else None)
        scaled = list(_SCALED.finditer(text, start, run[0].start))
        scale = (scaled[-1]["scale"] or scaled[-1]["plain"]) if scaled else ""
        for entry in run:
            if entry.unit is None and unit is not None:
                yield _amount(text, start, entry, unit, scale)


def shared(text: str, start: int, end: int) -> Iterator[Amount]:
    """The numbers of an enumeration whose last one has the unit: "80, 141 and 180 GB"."""
    for match in _SHARED.finditer(text, start, end):
        numbers = list(_NUMBER.finditer(text, match.start(), match.start("unit")))
        unit = unit_of(match["unit"])
        dated = any(_YEAR.fullmatch(each["number"]) for each in numbers)
        if (
            unit is None
            or dated
            or _NUMBERED.search(text[max(0, match.start() - 12) : match.start()])
        ):
            continue
        for each in numbers:
            yield _amount(text, start, _Entry(each.start(), each.end(), each, 0, None), unit)


def led(text: str, start: int, end: int) -> Iterator[Amount]:
    """The numbers whose unit stands before them, as in a list of one chip: "TFLOPS 148"."""
    for match in _LED.finditer(text, start, end):
        unit = unit_of(match["unit"])
        if unit is not None:
            yield _amount(text, start, _Entry(match.start(), match.end(), match, 0, None), unit)


_LED = Gated(
    rf"(?<![A-Za-z0-9/])(?<!\d\s)_?(?P<unit>[TP]FLOPS|TOPS)\s?[:：=]?\s?{_VALUE}"
    r"(?![\w%/]|[.,:]\d|\s?(?:[kKMGTPE]i?[BWHb]\b|%|x\b|×|nm\b|\w*FLOP|TOPS))",
    "flops|tops",
)
_SHARED = re.compile(
    rf"(?<![\w.,/$€¥-]){NUMBER}(?:\s?[,，、/]\s?{NUMBER}){{0,5}}"
    rf"\s?(?:、|/|,? ?(?:and|or|vs\.?)\b|或|和|与)\s?{NUMBER}"
    r"\s?(?P<unit>T(?:FLOPS|OPS)|PFLOPS|TB/s|GB/s|GB|W|SMs?)(?![\w/])"
)
_NUMBERED = re.compile(
    r"(?:NVLink|Gen|PCIe|CUDA|HBM|[Ff]ig(?:ure|\.)|[Tt]able|[Vv]ersion|top|[Pp]age)\s?$"
)
"""What is numbered: the number behind it begins no enumeration."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_NUMBER = re.compile(rf"(?P<number>{NUMBER})(?P<scale>)")


def unit_of(label: str) -> tuple[str, str] | None:
    """The unit that a label gives to the bare numbers behind it: spelled, or meant."""
    for pattern, known, letter in ((_UNIT, _SPELLED, "s"), (_TACIT, _IMPLIED, "t")):
        match = pattern.search(label)
        if match is not None and match.lastgroup is not None:
            return known[int(match.lastgroup.removeprefix(letter))][1]
    return None


def head_before(text: str, start: int, at: int) -> tuple[int, int] | None:
    """Where the label lies that ends right before the first chip of a list, and in brackets."""
    begin = max(start, at - 80)
    match = _HEAD.search(text[begin:at])
    if match is None or not is_spelled(match["label"]):
        return None
    return begin + match.start("label"), begin + match.end("label")


def is_spelled(label: str) -> bool:
    """Whether a label spells its unit and does not only let it be guessed."""
    return _UNIT.search(label) is not None


def _entry(text: str, start: int, end: int, mention: Mention) -> _Entry | None:
    match = _BEHIND.match(text, mention.end, end)
    if match is not None:
        unit = unit_of(match["unit"]) if match["unit"] else None
        return _Entry(mention.start, match.end(), match, 0, unit)
    begin = max(start, mention.start - 40)
    match = _BEFORE.search(text[begin : mention.start])
    closes = _CLOSES.match(text, mention.end)
    if match is None or closes is None:
        return None
    unit = unit_of(match["unit"]) if match["unit"] else None
    return _Entry(begin + match.start(), closes.end(), match, begin, unit)


def _runs(text: str, entries: list[_Entry]) -> Iterator[list[_Entry]]:
    run: list[_Entry] = []
    for entry in sorted(entries, key=lambda each: each.start):
        if run and JOINED.fullmatch(text, run[-1].end, max(entry.start, run[-1].end)) is None:
            yield run
            run = []
        run.append(entry)
    if run:
        yield run


_SCALED = re.compile(
    r"[(（](?:in )?(?P<scale>billion|million|bn|B|M|亿|万)s?[)）]|\bin (?P<plain>billion"
    r"|million)s\b"
)
"""The scale that a label gives to the bare numbers behind it: "Transistors (billions): X1 80"."""


def _amount(
    text: str, start: int, entry: _Entry, unit: tuple[str, str], scaled: str = ""
) -> Amount:
    spelling, noun = unit
    begin, stop = entry.number.start("number"), entry.number.end("number")
    scale = (entry.number["scale"] or "").strip()
    first = numeral(entry.number["number"], scale or scaled)
    if scale:
        stop = entry.number.end("scale")
    begin, stop = begin + entry.shift, stop + entry.shift
    factor = units.factor(spelling) if spelling else 1.0
    return Amount(
        first.value * factor, first.low * factor, first.high * factor,
        units.si_unit(spelling) if spelling else "1", noun, begin, stop, text[begin:stop],
        manner_of(text[max(start, begin - 24) : begin], ""),
    )  # fmt: skip
