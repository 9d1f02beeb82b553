"""Statements of law and policy: who may ship what, since when."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from chipassay.claims.claim import Claim, Mention
from chipassay.claims.laws.days import by_month, dated
from chipassay.claims.laws.licence_words import (
    APPLY,
    ATTRIBUTE,
    BARRED,
    BEIJING,
    COMPLIES,
    COUNTRIES,
    FREE_OF,
    FREED,
    NEEDS,
    NOT_FREED,
    SHIP,
)
from chipassay.claims.laws.words import TOPIC, is_plain, misread
from chipassay.claims.text.acts import Act
from chipassay.claims.text.dates import Day
from chipassay.claims.text.gated import Gated, Small
from chipassay.claims.text.sentences import Sentence

_CONTROL = Gated(
    r"export (?:control|curb|rule|restriction|licen[cs]|ban|permit|measure)\w*|\blicen[cs](?:e|es"
    r"|ed|ing)\b"
    r"|trade permit|blockade|trans-?s?hip\w*|Entity List|\bsanction\w*|trade war|\b3A090\b|\bECCN"
    r"\b|\bTPP\b"
    r"|\bbans?\b|\bbanned\b|\bcurbs?\b|embargo|niche metals|rare earths?|chip-?making software"
    r"|zero-sum"
    r"|(?:rules?|restrictions?|limits?|controls?|curbs?) on (?:[\w-]+ ){0,4}(?:exports?|chips?"
    r"|sales"
    r"|shipments?)"
    r"|\bchip (?:rules?|curbs?|restrictions?|controls?|bans?)|block\w* (?:high|advanced)"
    r"|must notify|presumption of denial|出口管制|出口限制|许可证?"
    r"|禁令|禁运|制裁"
    r"|禁售",
    "licen|permit|blockade|ship|trans|entity list|sanction|trade war|3a090|eccn|tpp|ban|curb"
    "|embargo|measure|niche metal|rare earth|software|zero-sum|rule|restric|limit|control"
    "|block|notify|presumption|出口|许可|禁|制裁"
)  # fmt: skip
_ACTOR = Small(
    r"\b(?:US|U\.S\.|United States|Washington|American|China|Chinese|Beijing|Malaysian?|Thailand"
    r"|Singapore|BIS"
    r"|Commerce|government|Trump|Biden|Netherlands|Japan|Hong Kong|Companies|He)\b|美国|中国|商务部"
    r"|政府")  # fmt: skip
_ACT = re.compile(
    r"\b(?:requir\w+|resum\w+|allow\w*|enabl\w+|eas(?:e|ed|es|ing)|lift\w*|relax\w*|grant\w*"
    r"|approv\w+|bann?\w*"
    r"|prohibit\w*|curb\w*|restrict\w*|halt\w*|block\w*|unveil\w*|announc\w*|impos\w*|agree\w*"
    r"|inform\w*|urg\w+"
    r"|abandon|notif\w+|tighten\w*|permit\w*|limit\w*|maintain\w*|need\w*|exempt\w*|cover\w*"
    r"|control\w*|part of"
    r"|subject to|falls? under|appl(?:y|ies|ied))\b|要求|批准|允许|禁止|限制|恢复|需要", re.I,
)  # fmt: skip
_SOFTWARE = re.compile(
    r"\b(?:CUDA|MindSpore|CANN|ROCm|MUSA)\b.{0,80}\b(?:more advanced|better|superior|behind|ahead"
    r"|mature|rival"
    r"|ecosystem|market share|dominat\w+)", re.I,
)  # fmt: skip


def policies(
    sentence: Sentence,
    first_year: int,
    topic: Mention | None,
    acts: Sequence[Act] = (),
    law: Sequence[Claim] = (),
) -> Iterator[Claim]:
    """What the sentence says of licences, bans and their lifting, or of policy at large.

    `law`: what was read of rules in it already; policy at large is not told beside it.
    """
    said = sentence.said
    chips = [each for each in sentence.chips() if each.kind == "chip"]
    ids = {id_ for each in chips for id_ in each.ids}
    ruled = any(act.eases and act.chips & ids for act in acts)
    relation, span = _relation(sentence, chips, ruled=ruled)
    if relation:
        subjects: Sequence[Mention | None] = _shared(sentence, chips, span)
        if not chips:
            here = country(said) in ("", "CN")
            subjects = [sentence.antecedent or topic if here and NEEDS.search(said) else None]
        shared = {each.ids for each in subjects if each is not None}
        for subject in subjects:
            claim = _licence(sentence, relation, subject, span, first_year, acts)
            alone = shared >= {each.ids for each in chips}
            if not alone and not claim.facts["unsure"]:
                told = "several chips are named, and not in one breath"
                claim = replace(claim, facts={**claim.facts, "unsure": told})
            yield claim
        return
    control = _CONTROL.search(said)
    if control is not None and _ADJECTIVE.search(said[: control.end()]):
        control = None
    acted = control is not None and (
        control.group().lower().startswith(_VERBS)
        or any(match.end() <= control.start() or match.start() >= control.end()
               for match in _ACT.finditer(said))
    )  # fmt: skip
    about = acted and (_ACTOR.search(said) or chips or sentence.of_kind("maker"))
    if about and not law and not _IS_TITLE.search(said):
        yield _licence(sentence, "policy", chips[0] if chips else None, None, first_year, acts)
    elif _SOFTWARE.search(said) and not law:
        yield _claim(sentence, "software", "opinion", None, "", {})


_VERBS = ("must", "block", "presumption", "trans")
"""Words for a control that say what is done by themselves."""
_ADJECTIVE = re.compile(
    r"(?:the|a|an|these|those|previously|formerly|already|of|using|now)[\s-](?:banned|restricted"
    r"|controlled)$", re.I,
)  # fmt: skip
_IS_TITLE = re.compile(r"\([A-Z]{0,3}\d{4,}\)\s*$|^(?:By|Source|Photo|Image)\b")
Span = tuple[int, int]


def _relation(
    sentence: Sentence, chips: list[Mention], *, ruled: bool = False
) -> tuple[str, Span | None]:
    """What is said of the export of chips, and where; "" for nothing. `ruled`: whether a rule on
    a chip was eased, so that its sale alone speaks of that."""
    text, start, end = sentence.text, sentence.start, sentence.end
    said = sentence.said
    needs, free = NEEDS.search(text, start, end), FREE_OF.search(text, start, end)
    if needs and free and not (free.end() <= needs.start() or needs.end() <= free.start()):
        needs = None if free.start() <= needs.start() else needs
        free = free if needs is None else None
    if needs and free:
        return "policy", None
    about = chips or _CONTROL.search(said) or TOPIC.search(said)
    if chips and BEIJING.search(said):
        spoken = BARRED.search(said) or FREED.search(said) or SHIP.search(said)
        return ("policy", None) if spoken else ("", None)
    if free and chips:
        return "licence not needed", free.span()
    if needs and about and (chips or _LICENCE.search(said)):
        return "licence needed", needs.span()
    if not chips:
        return "", None
    complies = COMPLIES.search(text, start, end)
    if complies:
        built = any(each.end <= complies.start() for each in chips)
        return ("complies", complies.span()) if built else ("", None)
    freed = None if NOT_FREED.search(said) else FREED.search(text, start, end)
    control = _CONTROL.search(said)
    export = SHIP.search(said) or control
    again = ruled and freed is not None and freed.group().lower().startswith("resum")
    if freed and export and (control or country(said) or _LICENCE.search(said) or again):
        return "freed", freed.span()
    if APPLY.search(said):
        return "applied for", None
    barred = _barred(sentence, chips)
    plain = _PLAINLY.search(text, start, end)
    lawful = country(said) or _GOVERNMENT.search(said) or (control and SHIP.search(said))
    if barred and (lawful or plain):
        return "barred", barred
    return "", None


_LICENCE = re.compile(r"licen[cs]|permit|许可", re.I)
_PLAINLY = re.compile(
    r"\b(?:was|were|been|being|is|are|got)(?: also| then| later| first)? (?:banned|barred"
    r"|restricted|prohibited)"
    r"(?! (?:to|by|at|for)\b)\b|被禁|被限制", re.I,
)  # fmt: skip
_GOVERNMENT = re.compile(
    r"(?<![A-Za-z])(?:US|U\.S\.|United States|Washington|BIS|Commerce|government|Trump|Biden"
    r"|White House|export (?:control|rule|ban|restriction|curb)\w*)(?![A-Za-z])|美国|商务部|管制"
)


def _barred(sentence: Sentence, chips: list[Mention]) -> Span | None:
    """Where a sentence says that chips came under a ban; not where it merely calls them banned."""
    for match in BARRED.finditer(sentence.text, sentence.start, sentence.end):
        following = [each for each in chips if each.start >= match.end()]
        if following:
            head = sentence.text[max(sentence.start, match.start() - 40) : following[0].start]
            if ATTRIBUTE.search(head):
                continue
        return match.span()
    return None


_JOINED = re.compile(
    r"(?:\s?(?:,|，|、|/|and|or|as well as|along with|alongside|together with|plus|&|以及|和|与"
    r"|及|或)\s?"
    r"|\s|\b(?:the|its|also|Nvidia(?:['’]s)?|NVIDIA(?:['’]s)?|AMD(?:['’]s)?|chips?|GPUs?"
    r"|accelerators?"
    r"|cards?|both|英伟达|芯片)\b|[’']s)*",
    re.I,
)


def _shared(sentence: Sentence, chips: list[Mention], span: Span | None) -> list[Mention]:
    """The chip a verb is about, with those that are named in one breath with it."""
    if not chips:
        return []
    at = span[0] if span else sentence.start
    chips = [each for each in chips if not _apart(sentence, each, at)]
    if not chips:
        return []
    before = [each for each in chips if each.end <= at and not sentence.is_yardstick(each)]
    first = before[-1] if before else chips[0]
    kept = [first]
    index = chips.index(first)
    for step in (-1, 1):
        last, at = first, index + step
        while 0 <= at < len(chips):
            left, right = sorted((last, chips[at]), key=lambda each: each.start)
            joined = _JOINED.fullmatch(sentence.text, left.end, right.start)
            if joined is None or sentence.is_yardstick(chips[at]):
                break
            kept.append(chips[at])
            last, at = chips[at], at + step
    return sorted({each.ids: each for each in kept}.values(), key=lambda each: each.start)


def _apart(sentence: Sentence, chip: Mention, at: int) -> bool:
    """Whether a chip stands in another part of the sentence than the word for what befell it."""
    return _PART.search(sentence.text, min(chip.end, at), max(chip.start, at)) is not None


_PART = re.compile(r"[;；。]")


def _licence(
    sentence: Sentence,
    relation: str,
    subject: Mention | None,
    span: Span | None,
    first_year: int,
    acts: Sequence[Act],
) -> Claim:
    """A claim on a chip's licence, with the day nearest to what is said."""
    found = sentence.stamps
    at = span[0] if span else sentence.start
    near = min(found, key=lambda day: min(abs(day.start - at), abs(day.end - at)), default=None)
    ids = set(subject.ids) if subject is not None else set()
    own = [act for act in acts if act.chips & ids]
    day = dated(near, first_year, by_month(acts, near) or own, "released") if near else ""
    head = sentence.text[max(sentence.start, near.start - 16) : near.start + 8] if near else ""
    before = _BEFORE.search(head) is not None
    if before and relation != "licence not needed":
        day = ""
    facts = {
        "before": before,
        "acts": tuple(own),
        "all": tuple(acts),
        "unsure": _unsure(sentence, relation, subject, span, found),
    }
    return _claim(sentence, "licence", relation, subject, day, facts)


_BEFORE = re.compile(r"\b(?:before|until|till|prior to|ahead of)\b|之前|以前|此前", re.I)


def _unsure(
    sentence: Sentence,
    relation: str,
    subject: Mention | None,
    span: Span | None,
    found: list[Day],
) -> str:
    """Why what is said of a licence may not be called wrong."""
    if subject is None or span is None or relation in ("policy", "complies"):
        return "what is meant is open"
    if not sentence.start <= subject.start < sentence.end:
        return "the sentence names no chip"
    if not is_plain(sentence.said, forecast=sentence.voice.forecast):
        return "it is no plain statement"
    if len(_named_countries(sentence.said)) > 1:
        return "several countries are named"
    if len(found) > 1:
        return "several days are named"
    gone = [(each.start, each.end) for each in sentence.mentions]
    gone += [(each.start, each.end) for each in found]
    start, end = min(span[0], subject.start), max(span[1], subject.end)
    return misread(sentence.text, (sentence.start, sentence.end), start, end, gone)


_ANNOUNCES = re.compile(r"\bresum\w+|\bgrant\w*|licen[cs]|assur\w+|恢复|许可", re.I)


def _claim(
    sentence: Sentence,
    field: str,
    relation: str,
    subject: Mention | None,
    day: str,
    facts: dict[str, Any],
) -> Claim:
    said = sentence.said
    return Claim(
        "law", sentence.start, sentence.end, (sentence.start, sentence.end), field, subject,
        words=day, relation=relation, voice=sentence.voice,
        facts={"to": country(said), "announces": _ANNOUNCES.search(said) is not None,
               "said": said, **facts},
    )  # fmt: skip


def _named_countries(said: str) -> list[str]:
    return [code for code, words in COUNTRIES.items() if re.search(words, said)]


def country(said: str) -> str:
    """The destination a sentence speaks of, as two letters; "" for none."""
    found = _named_countries(said)
    return "CN" if "CN" in found else found[0] if found else ""
