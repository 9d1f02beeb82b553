"""What a chip is made of, in words: its architecture or die, the generation of its link and of its
PCIe, the name of its process. Read by nearness to a chip; which words fit is left to the verdict.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from chipassay.claims.claim import Amount, Claim, Mention
from chipassay.claims.text.attributes import DESIGN
from chipassay.claims.text.gated import Gated
from chipassay.claims.text.sentences import Sentence, looks_back
from chipassay.claims.warrant import uncompared, unwarranted

_CHINESE = {"安培": "ampere", "霍珀": "hopper", "布莱克韦尔": "blackwell", "伏特": "volta",
            "图灵": "turing", "达芬奇": "davinci"}  # fmt: skip
_MAKERS = r"(?:(?:NVIDIA|Nvidia|AMD|Huawei|Intel|Cambricon|英伟达|华为)(?:['’]s?)?\s?(?:的)?)?"
_BEFORE = re.compile(
    r"(?:\b(?:based|built|base) (?:up)?on|\bbuilt (?:around|using|with|from)|\bderived from"
    r"|\b(?:belongs?|belonging) to|\b(?:powered|driven) by|\busing|\buses?|\bfeatur(?:es|ing)"
    r"|\bemploy(?:s|ing)|\bleverag(?:es|ing)"
    r"|\barchitecture\s?(?:is|[:：|])?|\b(?:is|are) (?:a|an|of)|\bcodenamed|\bwith|\bon|基于|采用"
    r"|使用|搭载|架构\s?(?:为|是|[:：|])?|属于|\bbasad[oa] en|\bbasead[oa] n[ao]|\bbasiert auf"
    r"|\bbasée? sur|\bbasata? su)\s*(?:(?:the|its|an?|same|new|newer|latest|older|full|own"
    r"|advanced|powerful|previous-generation|next-generation|proprietary|la|architecture|arquitectura|arquitetura"
    r"|l['’]architettura|der|die)\s){0,4}"
    + _MAKERS
    + r"\s*(?:(?:latest|new|advanced|最新的?|的)\s?)?$",
    re.I,
)
_SURELY = re.compile(
    r"based|built|derived|basad|basead|basiert|basé|basata|architecture|基于|架构|采用", re.I
)
_AFTER = re.compile(
    r"(?:['’]s)?[\s-]?(?:(?:GPU|AI|compute|computing|graphics|accelerator|chip|tensor"
    r"|data[- ]cent\w+)[\s-]){0,2}(?:(?:micro-?)?architecture\b|(?:微)?架构|based\b|Architektur"
    r"|arquitectura|arquitetura|architettura)|-based\b|-architecture\b|[\s-]generation\b"
    r"|\s(?:GPU )?(?:die|silicon)\b",
    re.I,
)
_AGAINST = re.compile(
    r"(?:\bthan|\bover|\bversus|\bvs\.?|compared (?:to|with)|\bunlike|\bfrom|\breplac\w+"
    r"|successor to|\bsucceed\w*|\bfollow\w*|predecessor|\bnot"
    r"|n['’]t|\bnext|\bupcoming|rather than|instead of|比|较|取代|上一代|前代|下一代|而非"
    r"|不是|不再)"
    r"[\s,]*(?:(?:the|its|an?|based|built|on|of|using|generation|same|chips|GPUs|cards|those"
    r"|that)\s){0,4}" + _MAKERS + r"\s*$",
    re.I,
)
_EARLIER = re.compile(
    r"(?:\bprevious|\bprior|\bolder|\blast|\bearlier)[\s-]*(?:generation\s)?" + _MAKERS + r"\s*$",
    re.I,
)
"""What is said of another design, unless the chip uses it or is based on it."""
_GENERATIONS = {"second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
                "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7}  # fmt: skip
_NTH = (
    r"(?:(?P<nth>second|third|fourth|fifth|sixth|\dth|3rd|2nd)[- ]gen(?:eration)?"
    r"|第(?P<cn>[二三四五六\d])代)"
)
_LINK = Gated(
    rf"(?:{_NTH}\s?(?:NVIDIA\s)?NVLink(?!\d)"
    r"|NVLink\s?[(（](?P<own>[2-6])(?:nd|rd|th)[- ][Gg]en(?:eration)?[)）]"
    r"|NVLink[\s-]?(?:v|Gen(?:eration)?[\s-]?)?(?P<n>[1-6])(?:\.0)?)"
    r"(?![\d.]*\d|[\s-]?(?:C2C|Switch|way|links|bridges|ports|connections|x\b)|\s?-)",
    "nvlink",
)
_PCIE = Gated(
    r"PCI(?:e|[- ]Express)\s?(?:(?:Gen(?:eration)?|v)[\s-]?)?(?P<n>[3-7])(?:\.0)?"
    r"(?![\d.]*\d|\s?-|\s?(?:slots|cards|lanes))",
    "pci",
)
_TENSOR = Gated(rf"{_NTH}[\s-]?(?:NVIDIA\s)?(?:[Tt]ensor[\s-]?[Cc]ores?|张量核心)", "tensor|张量")
_PROCESS = re.compile(r"(?<![\w-])(?:N\d[A-Z]?|\dNP?|N\+\d|\d{1,2}FF\+?|\d{1,2}LPP)(?![\w+])")
_OF_FABS = re.compile(r"TSMC|SMIC|Samsung|process|node|台积电|中芯|工艺|制程", re.I)
_REACH = 130
_OTHER = re.compile(r"[;；。]|\bwhile\b|\bwhereas\b|\bbut\b|而(?!且)", re.I)
_AND = re.compile(r"\s*(?:,\s*and|and|&|/|,|和|与|、|及|or)\s*(?:the\s+)?", re.I)
_ADJECTIVE = re.compile(
    r"\s?(?:(?:NVIDIA|Nvidia|AMD|GPU|AI|chips?|data[- ]cent\w+|的|flagship|powered)\s?){0,3}"
)


def designs(sentence: Sentence) -> Iterator[Claim]:
    """Every word for what a chip is made of, given to the chip beside it."""
    seen: set[tuple[str, str, int]] = set()
    for claim in (*_architectures(sentence), *_generations(sentence), *_processes(sentence)):
        subject = claim.subject
        key = (claim.field, claim.words, subject.start if subject else -1)
        if key not in seen:
            seen.add(key)
            yield claim


def link_named(sentence: Sentence) -> str:
    """The one generation of a link that a sentence names: "NVLink4"; "" for none or several."""
    found = {_words_of(match) for match in _LINK.finditer(sentence.said)}
    return f"NVLink{found.pop()}" if len(found) == 1 else ""


def _words_of(match: re.Match[str]) -> str:
    """The generation's digit."""
    groups = match.groupdict()
    told = (
        groups.get("n")
        or groups.get("own")
        or groups.get("cn")
        or (groups.get("nth") or "").lower()
    )
    return told[:1] if told[:1].isdigit() else str(_GENERATIONS.get(told, ""))


def key_of(word: str) -> str:
    """A name of an architecture as it is compared: `key_of("Ada Lovelace") == "ada"`."""
    bare = re.sub(r"[\s-]", "", word).casefold()
    return _CHINESE.get(bare, bare.replace("adalovelace", "ada"))


def _architectures(sentence: Sentence) -> Iterator[Claim]:
    text = sentence.text
    if _RESPECTIVELY.search(sentence.said):
        yield from _paired(sentence)
        return
    for match in DESIGN.finditer(text, sentence.start, sentence.end):
        head = text[max(sentence.start, match.start() - 70) : match.start()]
        yield from _bracketed(sentence, match)
        before, after = _BEFORE.search(head), _AFTER.match(text, match.end(), sentence.end)
        after = after or (_IS_A.search(head) and _THING.match(text, match.end(), sentence.end))
        named = before is not None and _SURELY.search(before.group()) is not None
        if _AGAINST.search(head) or not (named or after):
            continue
        if _EARLIER.search(head) and before is None:
            continue
        if any(_is_product(each, match, after is not None) for each in sentence.mentions):
            continue
        end = after.end() if after else match.end()
        begin = match.start() - len(before.group()) if before and named else match.start()
        yield from _claims(sentence, "design", match.group(), begin, match, end)


_IS_A = re.compile(rf"\b(?:is|are|as|being) (?:an?|the) (?:new |modern |full )?{_MAKERS}\s*$", re.I)
_THING = re.compile(
    r"(?:\sLovelace)?[\s-](?:GPU|chip|card|part|accelerator|product|processor|silicon|die)s?\b",
    re.I,
)
"""What makes an architecture's name an adjective: "is an Ampere card"."""
_RESPECTIVELY = re.compile(r"\brespectively\b|分别")


def _paired(sentence: Sentence) -> Iterator[Claim]:
    """As many architectures as chips, in the same order: "… are based on …, … respectively"."""
    found = list(DESIGN.finditer(sentence.text, sentence.start, sentence.end))
    found = [match for match in found if not _stands_in(sentence, match)]
    chips = [e for e in sentence.chips() if e.kind in _OWNERS]
    if len(found) == len(chips) and re.search(r"architecture|based|架构", sentence.said):
        for match, chip in zip(found, chips, strict=True):
            if chip.end <= found[0].start():
                yield _claim(sentence, "design", match.group(), match.span(), match, chip)


_OPENS = re.compile(r"\s?[(（]\s?")
_JOINS = re.compile(r"\s?(?:[/,，、&]|\band\b|\bor\b|和|与|及)\s?(?:and )?")
_INSIDE = re.compile(
    r"(?:[\s-]?(?:architecture|generation|based|GPU|架构|系列))?\s?[)）,，;；]", re.I
)
_CLOSES = re.compile(r"\s?(?:GPUs?|chips?)?\s?[)）]")


def _bracketed(sentence: Sentence, match: re.Match[str]) -> Iterator[Claim]:
    """The chips in brackets behind an architecture, and nothing else: "Hopper (X1, X2)"; an
    architecture in brackets behind a chip: "X1 (Hopper)"."""
    text, at, gap = sentence.text, match.end(), _OPENS
    owner = next(
        (e for e in sentence.chips() if _OPENS.fullmatch(text, e.end, max(e.end, match.start()))),
        None,
    )
    if owner is not None and owner.kind in _OWNERS and _INSIDE.match(text, match.end()):
        made = _claim(sentence, "design", match.group(), match.span(), match, owner)
        yield replace(made, facts={"unsure": ""})
    chips: list[Mention] = []
    for each in sentence.chips():
        if each.start >= at and each.kind in _OWNERS:
            if gap.fullmatch(text, at, each.start) is None:
                break
            chips.append(each)
            at, gap = each.end, _JOINS
    head = text[max(sentence.start, match.start() - 24) : match.start()]
    listed = re.search(rf"(?:{DESIGN.pattern})\s?(?:[/&,，、]|and|or|和|与|及)\s?$", head)
    if chips and _CLOSES.match(text, at) and not listed:
        for chip in chips:
            made = _claim(sentence, "design", match.group(), match.span(), match, chip)
            yield replace(made, facts={"unsure": ""})


def _stands_in(sentence: Sentence, match: re.Match[str]) -> bool:
    """Whether a word is a part of a chip's name."""
    return any(e.start <= match.start() < e.end and e.kind != "line" for e in sentence.mentions)


def _is_product(mention: Mention, word: re.Match[str], named: bool) -> bool:
    """Whether a word is a product's name here and not that of its architecture."""
    if not mention.start <= word.start() < mention.end or mention.kind == "line":
        return False
    return not (named and mention.start == word.start() and mention.end <= word.end())


_NUMBERED = (("scaleup_name", _LINK), ("pcie_generation", _PCIE), ("tensor_generation", _TENSOR))


def _generations(sentence: Sentence) -> Iterator[Claim]:
    for field, pattern in _NUMBERED:
        for match in pattern.finditer(sentence.text, sentence.start, sentence.end):
            head = sentence.text[max(sentence.start, match.start() - 70) : match.start()]
            if _AGAINST.search(head):
                continue
            digit = _words_of(match)
            words = f"NVLink{digit}" if field == "scaleup_name" else digit
            yield from _claims(sentence, field, words, match.start(), match, match.end())


def _processes(sentence: Sentence) -> Iterator[Claim]:
    """The name of a process without nanometres: "TSMC 4N", "the N3P node"."""
    for match in _PROCESS.finditer(sentence.text, sentence.start, sentence.end):
        near = sentence.text[max(sentence.start, match.start() - 24) : match.end() + 16]
        if _OF_FABS.search(near):
            yield from _claims(
                sentence, "process", match.group(), match.start(), match, match.end()
            )


def _claims(
    sentence: Sentence, field: str, words: str, begin: int, match: re.Match[str], end: int
) -> Iterator[Claim]:
    rest = tuple(e for e in sentence.mentions if not e.start <= match.start() < e.end)
    for subject in _subjects(replace(sentence, mentions=rest), begin, end):
        yield _claim(sentence, field, words, (begin, end), match, subject)


def _claim(
    sentence: Sentence,
    field: str,
    words: str,
    span: tuple[int, int],
    match: re.Match[str],
    subject: Mention,
) -> Claim:
    begin, end = span
    rest = tuple(e for e in sentence.mentions if not e.start <= match.start() < e.end)
    word = Amount(0, 0, 0, "", "type", begin, end, match.group())
    made = replace(sentence, mentions=rest, more=(word,))
    inside = sentence.start <= subject.start < sentence.end
    return Claim(
        "figure", min(begin, subject.start) if inside else begin,
        max(end, subject.end) if inside else end, (sentence.start, sentence.end), field,
        subject, words=words, voice=sentence.voice,
        facts={"unsure": _unsure(made, subject, word, field)},
    )  # fmt: skip


def _unsure(sentence: Sentence, subject: Mention, word: Amount, field: str) -> str:
    """Why a word may not be called wrong; of a chip behind it, all between must be known."""
    if sentence.start <= subject.start < sentence.end and subject.start >= word.end:
        return uncompared(sentence, (subject,), word.start, subject.end)
    return unwarranted(sentence, subject, word, field)


def _subjects(sentence: Sentence, begin: int, end: int) -> list[Mention]:
    """The chip behind an adjective ("the Hopper-based …"), else those named before the words,
    else the one that "it" means."""
    chips = [each for each in sentence.chips() if each.kind in _OWNERS]
    for each in chips:
        if 0 <= each.start - end <= 24 and _ADJECTIVE.fullmatch(sentence.text[end : each.start]):
            return [each]
        if each.start >= end and _OPENING.fullmatch(sentence.text[sentence.start : begin]):
            gap = sentence.text[end : each.start]
            return [each] if _COMMA.fullmatch(gap) else []
    before = [
        e for e in chips
        if e.end <= begin and (not sentence.is_yardstick(e) or sentence.is_part(e))
    ]  # fmt: skip
    if before and begin - before[-1].end <= _REACH:
        gap = sentence.text[before[-1].end : begin]
        return [] if _OTHER.search(gap) and not looks_back(gap) else _listed(sentence, before)
    back = sentence.antecedent
    return [back] if not chips and back is not None and looks_back(sentence.said) else []


_OWNERS = ("chip", "stranger", "system")
_OPENING = re.compile(r"\s*(?:While |Although |Being (?:of )?|Of |As it is )?(?:the |an? )?", re.I)
_COMMA = re.compile(
    r"[\s\w-]{0,20}[,，]\s?(?:(?:the|new|NVIDIA['’]?s?|Nvidia['’]?s?|AMD['’]?s?)\s?){0,3}"
)
"""Between a clause that opens a sentence and the chip it is about: "Built on …, the …"."""


def _listed(sentence: Sentence, chips: list[Mention]) -> list[Mention]:
    """The last chip, with those that "and" joins to it."""
    found = [chips[-1]]
    for each in reversed(chips[:-1]):
        if _AND.fullmatch(sentence.text[each.end : found[0].start]) is None:
            break
        found.insert(0, each)
    return found
