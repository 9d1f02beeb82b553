"""Which chip a quantity is said of, and which names stand in the way."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence

from chipassay.claims.claim import Amount, Mention
from chipassay.claims.text.sentences import Sentence, looks_back

CLAUSE = re.compile(
    r"[;；。，、(（)）]|,(?!\d)|\bwhile\b|\bwhereas\b|\bbut\b|\balthough\b|\bversus\b|\bvs\b", re.I
)
_AND = re.compile(r"\s*(?:and|&|/|,|和|与|、|及|or)\s*(?:the\s+)?", re.I)
_AFTER = re.compile(
    r"\s{0,2}(?:(?:of )?(?:HBM\w{0,2}|GDDR\w{0,2}|memory|VRAM|RAM)\s)?"
    r"(?:of|for|on|into|inside|onto|within|in|per|with|from|at|by|у|von|beim?|du|des?|del|della|d[ao]|dla|(?:(?:achieved|offered|consumed|delivered|provided"
    r"|reached|found|seen|drawn|used|needed|listed|quoted|claimed|available|supported|enjoyed|held"
    r"|rated|boasted|present|possible)(?: (?:by|in|on|for|with))?))\s+"
    r"(?:the|each|an?|every|one|both|l[ae]|der|die|dem|el|il)?\s*(?:(?:larger|older|newer|existing|current|full|single"
    r"|standard|regular|original|flagship|top|export|Chinese|US|banned)\s){0,2}(?:\w+['’]s?\s)?",
    re.I,
)
_VARIANT = re.compile(
    r"\s{0,2}[(（]?(?:(?:on|for|in|as) )?(?:the |its )?(SXM\d?|PCIe|NVL|OAM)\b", re.I
)
_RELATIVE = re.compile(r",? (?:which|that|whose)\b", re.I)


def clause(sentence: Sentence, amount: Amount) -> tuple[int, int]:
    """The stretch between the commas around a quantity."""
    before = sentence.stops(CLAUSE, sentence.start, amount.start)
    behind = sentence.stops(CLAUSE, amount.end, sentence.end)
    left = before[-1][1] if before else sentence.start
    return left, behind[0][0] if behind else sentence.end


_KIN = re.compile(
    r"\b(?:its?|the|their|whose)(?: [\w'’-]+){0,2}? (?:rivals?|competitors?|predecessors?"
    r"|successors?|siblings?|counterparts?|brothers?|cousins?|forerunners?|stablemates?)(?:['’]s?)?\b"
    r"(?! (?:of|to|from)\b)|前代|上一代|竞品|对手",
    re.I,
)
"""A chip that is told by its kinship and not named."""


def _is_of_kin(sentence: Sentence, amount: Amount) -> bool:
    """Whether "its rival" is the last that a sentence speaks of before a quantity."""
    found = list(_KIN.finditer(sentence.text, sentence.start, amount.start))
    if not found:
        return False
    owned = (each for each in sentence.chips() if each.start >= amount.end)
    if any(is_beside(sentence, amount, sentence.text[amount.end : e.start]) for e in owned):
        return False
    if any(found[-1].start() < each.start for each in sentence.chips()
                        if each.end <= amount.start):  # fmt: skip
        return False
    return not looks_back(sentence.text[found[-1].end() : amount.start])


def subjects_of(sentence: Sentence, amount: Amount) -> list[Mention]:
    """The chips a quantity is said of: named beside it, joined by "and", or looked back to."""
    if _is_of_kin(sentence, amount):
        return []
    chips = _owners(sentence)
    former = _was_of(sentence, amount, chips)
    if former is not None:
        found = [each for each in chips if each.end <= former.start][:1]
        return found or ([sentence.antecedent] if sentence.antecedent is not None else [])
    best, cost = None, _DEAREST
    for position, mention in enumerate(chips):
        each = _cost(sentence, mention, amount)
        if each < cost:
            best, cost = position, each
    own = paired(sentence, amount, chips)
    if own is not None:
        return [own]
    if best is None and len(chips) == 1 and _is_caption(sentence, chips[0]):
        return chips
    if best is None:
        back = sentence.antecedent
        return [back] if back is not None and _may_look_back(sentence, amount) else []
    found = [chips[best]]
    behind = chips[best].start >= amount.end
    gap = sentence.text[amount.end : chips[best].start]
    beside = is_beside(sentence, amount, gap)
    head = sentence.text[sentence.start : amount.start]
    if behind and not beside and looks_back(head) and not _AHEAD.match(head):
        return [sentence.antecedent] if sentence.antecedent is not None else []
    between = sentence.text[chips[best].end : amount.start]
    if _is_object(sentence, chips[best], between) and looks_back(between):
        plain = [e for e in chips if not sentence.is_yardstick(e) and e.end <= amount.start]
        first = plain[0] if plain else sentence.antecedent
        found = [first] if first is not None else found
    while (
        best > 0
        and _AND.fullmatch(sentence.text[chips[best - 1].end : chips[best].start])
        and not sentence.is_yardstick(chips[best - 1])
    ):
        best -= 1
        found.insert(0, chips[best])
    return found


_FROM = re.compile(r"\bfrom (?:the )?$", re.I)


def _was_of(sentence: Sentence, amount: Amount, chips: list[Mention]) -> Mention | None:
    """The chip that a change starts from: "from the X1's 40 GB to 80 GB" is 80 GB of another."""
    text = sentence.text
    for each, chip in itertools.product(sentence.amounts, chips):
        changed = text[each.end : amount.start].strip() == "to" and each.end < amount.start
        if changed and text[chip.end : each.start] in ("'s ", "’s "):
            return chip if _FROM.search(text[max(0, chip.start - 12) : chip.start]) else None
    return None


_AHEAD = re.compile(r"\s*(?:With|Thanks to|Given|Despite|Because of|Due to|Owing to) its\b", re.I)
"""An opening whose "its" is the chip named next."""


def _is_caption(sentence: Sentence, chip: Mention) -> bool:
    """Whether a chip's name stands in brackets at the end of a sentence that is about it."""
    before, after = (
        sentence.text[sentence.start : chip.start],
        sentence.text[chip.end : sentence.end],
    )
    return before.rstrip().endswith(("(", "（")) and after.strip(" .。") in (")", "）")


def _owners(sentence: Sentence) -> list[Mention]:
    """The chips and systems named, without the counted parts of a system named with them."""
    chips = sentence.chips()
    if all(each.kind != "system" for each in chips):
        return chips
    return [each for each in chips if each.kind == "system" or not sentence.is_part(each)]


def _is_object(sentence: Sentence, mention: Mention, between: str) -> bool:
    """Whether "its" behind a chip's name looks past it: "the A's memory, but its link …"."""
    return sentence.is_yardstick(mention) or between[:2] in ("'s", "’s")


_ADJECTIVE = re.compile(r" (?:[A-Z]\w+ )?")
"""What stands between a quantity that is used as an adjective and its chip: "a 141-GB H200"."""
_ARTICLE = re.compile(r"(?:\b(?:the|an?|its)|['’]s) (?:[a-z]+ )?$", re.I)


def is_adjective(sentence: Sentence, amount: Amount, gap: str) -> bool:
    """Whether a quantity describes the chip named right behind it: "the 1,000 W A200"."""
    head = sentence.text[max(sentence.start, amount.start - 24) : amount.start]
    marked = "-" in amount.written or _ARTICLE.search(head) is not None
    return marked and _ADJECTIVE.fullmatch(gap) is not None


def is_beside(sentence: Sentence, amount: Amount, gap: str) -> bool:
    """Whether a chip named right behind a quantity owns it: "80 GB of the X", "the 80-GB X"."""
    return _AFTER.fullmatch(gap) is not None or is_adjective(sentence, amount, gap)


_THEN_DOES = re.compile(r"\band (?:also )?(?:\w+s|boasts|comes with) ")
"""A second verb of the sentence: its subject is not the chip that the first one compared with."""


_GOES_ON = re.compile(r"(?!的)[一-鿿]")
"""Right behind a yardstick in Chinese: the sentence goes on about what is compared with it."""
_DEAREST = 170.0
_FARTHEST = _DEAREST / 0.6
"""Characters beyond which no name owns a quantity: the cost of a gap is too high by then."""


def _cost(sentence: Sentence, mention: Mention, amount: Amount) -> float:
    if mention.end <= amount.start:
        gap = sentence.text[mention.end : amount.start]
        if _RELATIVE.match(gap) and sentence.is_yardstick(mention):
            return 0.3 * len(gap)
        if len(gap) > _FARTHEST:
            return math.inf
        cost = (
            0.6 * len(gap)
            + 12.0 * _parts(sentence, mention.end, amount.start)
            + 60.0 * (";" in gap)
        )
        far = (
            any(stop in gap for stop in (",", "，", ": ", " / ", " | "))
            or len(gap) > 40
            or gap.startswith(" with")
        )
        far = far or _GOES_ON.match(gap) is not None
        far = far or _THEN_DOES.search(gap) is not None or _is_shared(sentence, mention, amount)
        return cost + (220.0 if sentence.is_yardstick(mention) and far else 0.0)
    gap = sentence.text[amount.end : mention.start]
    if len(gap) > _FARTHEST:
        return math.inf
    if is_adjective(sentence, amount, gap):
        return 0.5
    between = sum(amount.end <= each.start < mention.start for each in sentence.amounts)
    if _AFTER.fullmatch(gap):
        return 1.0 + 100.0 * between
    if sentence.is_yardstick(mention):
        return math.inf
    return (
        0.6 * len(gap) + 60.0 + 40.0 * _parts(sentence, amount.end, mention.start) + 60.0 * between
    )


def _parts(sentence: Sentence, left: int, right: int) -> int:
    """How many stops part a name from a quantity."""
    return len(sentence.stops(CLAUSE, left, right))


def _is_shared(sentence: Sentence, mention: Mention, amount: Amount) -> bool:
    """Whether a share of a chip stands before a quantity: "15% of X1 (148 TFLOPS)"."""
    return any(
        each.unit == "1" and each.noun in ("", "times")
        for each in sentence.amounts
        if mention.end <= each.start < amount.start
    )


def _are_joined(sentence: Sentence, each: Sequence[Mention | Amount]) -> bool:
    """Whether "and" and commas are all that stands between names, or between quantities."""
    return all(
        _JOINS.fullmatch(sentence.text, first.end, second.start)
        for first, second in itertools.pairwise(each)
    )


_JOINS = re.compile(r"\s*(?:,|，|、|/|(?:,\s*)?(?:and|&)|和|与|及|以及)\s*(?:the\s+)?", re.I)
_VERSUS = re.compile(r"\s*(?:\bvs\.?|\bversus\b|\bagainst\b|对|/)\s*(?:the )?", re.I)


def paired(sentence: Sentence, amount: Amount, chips: list[Mention]) -> Mention | None:
    """The chip of the same place where as many chips as quantities are set side by side."""
    alike = [e for e in sentence.amounts if (e.unit, e.noun) == (amount.unit, amount.noun)]
    if len(alike) < 2 or len(alike) != len(chips):
        return None
    between = sentence.text[chips[0].end : chips[-1].start]
    apart = sentence.text[alike[0].end : alike[-1].start]
    bracketed = (
        len(chips) == 2
        and sentence.text[alike[0].start - 1] in "(（"
        and (chips[1].end <= alike[0].start and _VERSUS.search(apart) is not None)
    )
    side_by_side = (
        bracketed
        or (_are_joined(sentence, chips) and _are_joined(sentence, alike))
        or re.search(r"\brespectively\b|分别", sentence.said)
        or (_VERSUS.fullmatch(between) and _VERSUS.search(apart))
    )
    return chips[alike.index(amount)] if side_by_side else None


def _may_look_back(sentence: Sentence, amount: Amount) -> bool:
    head = sentence.text[sentence.start : amount.start]
    return looks_back(head) or (not sentence.of_kind("maker") and len(head) < 160)


def variant(sentence: Sentence, amount: Amount, subject: Mention) -> Mention:
    """The mention, narrowed by a form factor that stands right behind the quantity."""
    match = _VARIANT.match(sentence.text, amount.end)
    if match is None or len(subject.ids) < 2:
        return subject
    form = match.group(1).lower().rstrip("0123456789")
    kept = tuple(each for each in subject.ids if form in each)
    return Mention(subject.kind, kept or subject.ids, subject.name, subject.start, subject.end)


"""A line of a list, "Memory bandwidth: …": it goes on about what its heading names."""
