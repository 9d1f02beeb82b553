"""The warrant for calling a figure wrong: proof that it was said of this chip and attribute.

A figure differs from the catalogue far more often because it was misread than because a page is
wrong. So a call of wrong asks for a clause that is understood to the last word: one chip, a known
way of having something, no second attribute that the quantity may be of.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from chipassay.claims.claim import Amount, Mention
from chipassay.claims.known_words import COMPARING, LATIN, strange_word
from chipassay.claims.text.attributes import BANDWIDTH, DESIGN, LINK, MEMORY_TYPE, PRECISION, RATE
from chipassay.claims.text.sentences import Sentence
from chipassay.claims.text.subjects import is_beside, paired

_STOP = re.compile(
    r"—|\s[–-]\s|[;；。:：|，,、](?!\d)|\.\s|\b(?:while|whereas|but|although|versus|vs|against)\b",
    re.I,
)
_TAIL = re.compile(
    r"—|\s[–-]\s|[;；。:：|，,、)）](?!\d)|\.(?:\s|$)|\b(?:and|while|whereas|but|although|versus"
    r"|vs|against|compared|up from|down from|rather|instead|making|which|as well)\b|和|与|以及",
    re.I,
)
_SPEAKER = re.compile(r"^.{0,80}\b(?:sa(?:ys|id)|according to [^,]{2,40},|that)\s+", re.I | re.S)
_OWNS = re.compile(r"\s?(?:['’]s?(?=\s)|[(（]|的)")
_NAMES_FIELD = {BANDWIDTH: {BANDWIDTH, "memory_bandwidth"}, LINK: {LINK, BANDWIDTH}}


def unwarranted(sentence: Sentence, subject: Mention, amount: Amount, field: str) -> str:
    """Why a figure may not be called wrong; "" where each word around it is understood."""
    inside = sentence.start <= subject.start < sentence.end
    begin = _pronoun(sentence, subject, amount) if inside else sentence.start
    pointed = inside and begin > subject.start
    if not inside and not _points_back(sentence):
        return "the sentence names no chip and points back to none for sure"
    if not inside and _has_another(sentence, amount):
        return "another figure of its kind stands before it"
    if inside and not pointed:
        begin = min(subject.start, amount.start)
        owns = _OWNS.match(sentence.text, subject.end) is not None
        if _is_shared(sentence, subject, amount) or (sentence.is_yardstick(subject) and not owns):
            return "the chip is only what another one is compared with"
        gap = sentence.text[min(subject.end, amount.end) : max(subject.start, amount.start)]
        behind = subject.start >= amount.end and not is_beside(sentence, amount, gap)
        bare = amount.unit == "B" and _OF_MEMORY.match(gap) is None
        if behind and (bare or not leads_in(sentence, amount, gap)):
            return "the chip is named only behind the figure"
        if _KIN.match(sentence.text, subject.end):
            return "what is derived of the chip is another one"
        if _APART.search(gap):
            return "another subject may stand between the chip and the figure"
    reach = amount.end if pointed or not inside else max(subject.end, amount.end)
    left, right = _around(sentence, begin, reach)
    if inside and not pointed and _TAKES.match(sentence.text, subject.end):
        left = max(left, subject.start)
    joined = _joined(sentence, subject, amount) if inside else []
    shared = joined and any(_is_alike(each, amount) for each in sentence.amounts)
    if shared and paired(sentence, amount, sentence.chips()) is None:
        return "several chips share several figures"
    own = [subject, *joined]
    within = (amount.start, amount.end)
    return _misunderstood(sentence, own, left, right, LATIN, within) or (
        "two attributes stand beside the figure"
        if _is_of_several(sentence, amount, field, left, right)
        else ""
    )


_KIN = re.compile(
    r"[\s-](?:variant|derivative|sibling|spin-?off|refresh|successor|replacement|follow-?up|killer"
    r"|rival|competitor|clone|challenger|alternative|equivalent|predecessor)\b", re.I,
)  # fmt: skip
"""Behind a chip's name: what makes another chip of it."""
_OPENS = re.compile(
    r"\s*(?:And |But |Yet )?(?:With|Featuring|Boasting|Offering|Packing|Sporting|Carrying"
    r"|Equipped with"
    r"|Armed with|At|Drawing|Rated at)\s(?:[\w.,-]+\s){0,3}",
    re.I,
)
_THEN = re.compile(
    r"(?P<of>[^,;.。()]{0,36}),\s(?:(?:the|an?|Nvidia['’]s|NVIDIA['’]s|AMD['’]s|Nvidia|NVIDIA|AMD"
    r"|Intel)\s){0,2}"
)
_OF_MEMORY = re.compile(r"\s?(?:of )?(?:\w+ )?(?:HBM|GDDR|LPDDR|memory|V?RAM)", re.I)


def leads_in(sentence: Sentence, amount: Amount, gap: str) -> bool:
    """Whether a sentence opens with the figure and goes on with its chip: "With 80 GB of memory,
    the X1 …"."""
    opens = _OPENS.fullmatch(sentence.text, sentence.start, amount.start)
    return opens is not None and _THEN.fullmatch(gap) is not None


def unplain(cell: str, amounts: Sequence[Amount]) -> str:
    """Why a cell of a table is more than a figure; "" where it is a figure and no more."""
    units = [each.unit for each in amounts if each.unit]
    if len(units) > len(set(units)):
        return "several figures of a kind stand in the cell"
    rest = "" if _BARE.fullmatch(cell) else cell
    for amount in amounts:
        rest = rest.replace(amount.written, " ")
    for pattern in (DESIGN, PRECISION, MEMORY_TYPE, _COUNTED, _NOTE):
        rest = pattern.sub(" ", rest)
    word = strange_word(rest, _BESIDE_A_FIGURE)
    return f"“{word}” stands in the cell too" if word else ""


_DENSELY = re.compile(r"\b(?:without|no|excluding) (?:structured |2:4 )?sparsity\b", re.I)
_NOTE = re.compile(r"\[[^\]]{0,12}\]")
"""A mark of a footnote."""
_BARE = re.compile(r"[\d,.~≈\s]+")
_BESIDE_A_FIGURE = frozenset((
    "up", "to", "about", "approx", "dense", "sparse", "tensor", "core", "cores", "of", "memory",
    "gpu", "nvlink", "ecc", "with", "w", "per", "chip", "card", "max", "and", "at", "the", "s",
    "gen",
))  # fmt: skip


def uncompared(
    sentence: Sentence,
    operands: tuple[Mention | None, ...],
    start: int,
    end: int,
    words: frozenset[str] = COMPARING,
    told: tuple[int, int] = (0, 0),
) -> str:
    """Why a comparison between `start` and `end` may not be called wrong; "" where it may.

    `words`: those that are harmless there; `told`: a stretch that is read otherwise.
    """
    left, right = _around(sentence, start, end)
    named = [each for each in operands if each is not None]
    return _misunderstood(sentence, named, left, right, words, told)


def unread(sentence: Sentence, left: int, right: int) -> str:
    """The first word of a list's entry or label that is not known; "" where all of them are."""
    return strange_word(_masked(sentence, left, right), _LISTED)


_AT_WORK = {"inference", "training", "workload", "workloads", "learning", "actual", "real", "runs",
            "run", "running", "use", "uses", "used", "using"}  # fmt: skip
_LISTED = (LATIN | {"per", "number", "count", "counts", "spec", "gen", "vs", "versus"}) - _AT_WORK


def _misunderstood(
    sentence: Sentence,
    own: list[Mention],
    left: int,
    right: int,
    words: frozenset[str],
    told: tuple[int, int] = (0, 0),
) -> str:
    """What in a stretch may change its meaning: another name, a word that is not known."""
    ids = {id_ for each in own for id_ in each.ids}
    whole = any(each.kind == "system" for each in own)
    for each in sentence.mentions:
        part = each.kind == "maker" or (whole and sentence.is_part(each))
        if left <= each.start < right and not part and not ids & set(each.ids):
            return f"{each.name} is named in the same clause"
    word = strange_word(_masked(sentence, left, right, told), words)
    return f"the reader does not know what “{word}” does to it" if word else ""


_AND = re.compile(r"\s?(?:\band\b|&|/|和|与|及)\s?(?:the )?", re.I)


def _is_alike(other: Amount, amount: Amount) -> bool:
    """Whether another quantity is of the same unit."""
    same = (other.unit, other.noun) == (amount.unit, amount.noun)
    return same and other.start != amount.start


def _joined(sentence: Sentence, subject: Mention, amount: Amount) -> list[Mention]:
    """The chips that an "and" joins to a chip, so that one figure is said of all of them."""
    return [
        each for each in sentence.chips()
        if each.end <= amount.start and subject.end <= amount.start and each.start != subject.start
        and _AND.fullmatch(sentence.text, min(each.end, subject.end),
                           max(each.start, subject.start))
    ]  # fmt: skip


def _has_another(sentence: Sentence, amount: Amount) -> bool:
    """Whether a quantity of the same unit, which is not what it was before, stands before it."""
    return any(
        each.end <= amount.start and (each.unit, each.noun) == (amount.unit, amount.noun)
        and each.role != "from"
        for each in sentence.amounts
    )  # fmt: skip


_TAKES = re.compile(
    r"['’]s\s|,? with\s"
    r"|\s(?:has|have|had|offers?|delivers?|provides?|features?|packs?|carries|comes with"
    r"|boasts?|sports?|supports?|reaches|is rated|draws?|consumes?|gets|does|runs)\s"
    r"|\s?[:：]|\s?(?:拥有|配备|采用|搭载|具有|具备|提供|有|达到?|为)"
)
"""A verb, or the like, that makes the chip before it the one that has something, whatever stands
before the chip."""
_SHARE_OF = 16
"""Characters between a share and the chip it is a share of."""


def _is_shared(sentence: Sentence, subject: Mention, amount: Amount) -> bool:
    """Whether a chip is what a share is of, "15% of the X (148 TFLOPS)" or X的15%, so that the
    figure behind it is another's."""
    shares = [e for e in sentence.amounts if e.unit == "1" and e.noun in ("", "times")]
    before = subject.start - _SHARE_OF
    return any(
        (sentence.is_yardstick(subject) and before <= each.end <= subject.start)
        or subject.end <= each.start <= min(subject.end + 3, amount.start)
        for each in shares
    )  # fmt: skip


_APART = re.compile(r"[;；。]|\bits?\b|[它其]|\bthe (?:chip|GPU|card|former|latter)\b", re.I)
_CLAUSE_OF_ITS = re.compile(
    r"(?:[,，;；]\s*(?:(?:and|but|while|whereas|although|with|yet) )?"
    r"|\b(?:and|but|while|whereas) )(?P<it>its?)\b|[,，;；](?:但|而|同时)?(?P<qi>[其它])", re.I,
)  # fmt: skip


def _pronoun(sentence: Sentence, subject: Mention, amount: Amount) -> int:
    """Where a later clause takes the subject up again as "it"; else where the subject stands."""
    plain = [e for e in sentence.chips() if not sentence.is_yardstick(e) and e.end <= amount.start]
    rest = [
        each for each in plain
        if each.name != subject.name and not _OWNS.match(sentence.text, each.end)
    ]  # fmt: skip
    found = list(_CLAUSE_OF_ITS.finditer(sentence.text, subject.end, amount.start))
    if sentence.is_yardstick(subject):
        return subject.start
    return found[-1].start(found[-1].lastgroup or 0) if found and not rest else subject.start


def _around(sentence: Sentence, left: int, right: int) -> tuple[int, int]:
    """A stretch, widened to the stops on either side of it."""
    begin = sentence.start
    for stop in _STOP.finditer(sentence.text, sentence.start, left):
        begin = stop.end()
    end = _TAIL.search(sentence.text, right, sentence.end)
    said = _SPEAKER.match(sentence.text[begin:left])
    return begin + (said.end() if said else 0), end.start() if end else sentence.end


_HEAD = r"[\s\-•*–·]*(?:(?:and|with|also|additionally|in addition|but|however),? )?"
_IT = re.compile(rf"{_HEAD}its?\b|[其它]", re.I)
_THE_CHIP = re.compile(
    rf"{_HEAD}(?:the|this|that) (?:chip|GPU|card|accelerator|processor|NPU)\b|该芯片|该卡", re.I
)


def _points_back(sentence: Sentence) -> bool:
    """Whether a sentence without a chip is surely about the one named before it."""
    if _IT.match(sentence.said):
        return sentence.rivals <= 1
    return sentence.headed or (sentence.rivals <= 0 and _THE_CHIP.match(sentence.said) is not None)


_COUNTED = re.compile(
    r"\b(?:two|dual|three|four|six|eight|twelve|\d{1,3})[ -](?:[\w-]+ )?"
    r"(?:dies|chiplets|tiles|stacks|cores|SMs)\b|\b(?:NVLink|PCIe|Infinity Fabric)[ -]?\d(?:\.\d)?",
    re.I,
)
"""How many parts a chip has, and the generation of a link."""
_POSSESSIVE = re.compile(r"(?<=[A-Za-z0-9])['’]s\b")


def _masked(sentence: Sentence, left: int, right: int, told: tuple[int, int] = (0, 0)) -> str:
    """The words of a stretch without names, quantities, formats and kinds of memory."""
    text = sentence.text
    gone = [told, *((each.start, each.end) for each in sentence.mentions)]
    gone += [(each.start, each.end) for each in sentence.amounts]
    gone += [(each.start, each.end) for each in sentence.cues if each.field == "l2_capacity"]
    for pattern in (PRECISION, MEMORY_TYPE, DESIGN, _COUNTED, _NOTE, _DENSELY):
        gone += sentence.within(pattern, left, right)
    gone += sentence.within(_POSSESSIVE, left, right)
    letters = list(text[left:right])
    for start, end in gone:
        for at in range(max(start, left), min(end, right)):
            letters[at - left] = " "
    return "".join(letters)


def _is_of_several(sentence: Sentence, amount: Amount, field: str, left: int, right: int) -> bool:
    """Whether words of two attributes of the quantity's kind, or two formats, stand beside it."""
    before = max((a.end for a in sentence.amounts if a.end <= amount.start), default=left)
    after = min((a.start for a in sentence.amounts if a.start >= amount.end), default=right)
    left, right = max(left, before), min(right, after)
    if field == RATE or field.startswith("dense_"):
        own = _ITS_FORMAT.match(sentence.text, left, right) if left == before else None
        left = own.end() if own is not None else left
        kinds = {match.lastgroup for match in PRECISION.finditer(sentence.text, left, right)}
        return len(kinds - {"bf16"} if "fp16" in kinds else kinds) > 1
    if amount.unit != "B/s":
        return False
    wanted = _NAMES_FIELD.get(field, {field, BANDWIDTH})
    return any(
        each.field not in wanted and each.field in _RIVALS
        for each in sentence.cues if left <= each.start < right
    )  # fmt: skip


_ITS_FORMAT = re.compile(
    r"\s?(?:\(|（|at |in |of |for |@ ?)?(?:the )?(?:dense |sparse |peak )?[A-Z]{2,3}\d{1,2}\b"
    r"(?: precision| dense| sparse| compute| performance)?"
    r"(?=\s?(?:,|and\b|while\b|plus\b|\)|;|和|与|、))"
)
"""The format of the figure before, right behind it: "800 at FP16 and …"."""
_RIVALS = ("memory_bandwidth", LINK, "pcie_bandwidth", "network_bandwidth")
