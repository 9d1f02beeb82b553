"""Statements of law and policy: who may ship what, since when."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chipassay.claims.claim import Claim, Mention
from chipassay.claims.dates import Day, days
from chipassay.claims.sentences import Sentence

_CONTROL = re.compile(
    r"export (?:control|curb|rule|restriction|licen[cs]|ban|permit|measure)\w*|\blicen[cs](?:e|es"
    r"|ed|ing)\b"
    r"|trade permit|blockade|trans-?s?hip\w*|Entity List|\bsanction\w*|trade war|\b3A090\b|\bECCN"
    r"\b|\bTPP\b"
    r"|\bbans?\b|\bbanned\b|\bcurbs?\b|embargo|niche metals|rare earths?|chip-?making software"
    r"|zero-sum"
    r"|block\w* (?:high|advanced)|must notify|presumption of denial|出口管制|出口限制|许可证?"
    r"|禁令|禁运|制裁"
    r"|禁售", re.I,
)  # fmt: skip
_ACTOR = re.compile(
    r"\b(?:US|U\.S\.|United States|Washington|American|China|Chinese|Beijing|Malaysian?|Thailand"
    r"|Singapore|BIS"
    r"|Commerce|government|Trump|Biden|Netherlands|Japan|Hong Kong|Companies|He)\b|美国|中国|商务部"
    r"|政府", re.I,
)  # fmt: skip
_ACT = re.compile(
    r"\b(?:requir\w+|resum\w+|allow\w*|enabl\w+|eas(?:e|ed|es|ing)|lift\w*|relax\w*|grant\w*"
    r"|approv\w+|bann?\w*"
    r"|prohibit\w*|curb\w*|restrict\w*|halt\w*|block\w*|unveil\w*|announc\w*|impos\w*|agree\w*"
    r"|inform\w*|urg\w+"
    r"|abandon|notif\w+|tighten\w*|permit\w*|limit\w*|maintain\w*|need\w*|exempt\w*|cover\w*"
    r"|control\w*|part of"
    r"|subject to|falls? under|appl(?:y|ies|ied))\b|要求|批准|允许|禁止|限制|恢复|需要", re.I,
)  # fmt: skip
_SHIP = re.compile(
    r"\b(?:ship|ships|shipping|sell|selling|sales?|export\w*)\b|出口|销售|出货", re.I
)
_FREE = re.compile(
    r"\b(?:resum\w+|allow\w*|enabl\w+|let|lift\w*|relax\w*|eas(?:e|ed|ing)|grant\w*|approv\w+"
    r"|clear\w*|permit(?:s|ted)?)\b"
    r"|恢复|批准|允许|解禁", re.I,
)  # fmt: skip
_NEEDS = re.compile(
    r"licen[cs]e\w* (?:is|are|was|were|would be|will be|being) (?:now )?(?:required|needed)"
    r"|\brequir\w+ (?:an? |export |special ){0,3}licen[cs]|\bneeds? (?:an? |export ){0,2}licen[cs]"
    r"|licens\w+ requirement|without (?:an? )?(?:export )?licen[cs]e|需要?(?:出口)?许可", re.I,
)  # fmt: skip
_FREE_OF = re.compile(
    r"\bno (?:export )?licen[cs]e (?:is|was|were)|(?:does|did|do) not (?:need"
    r"|require) (?:an? )?(?:export )?licen[cs]e"
    r"|without (?:needing |an? ){0,2}(?:export )?licen[cs]e|无需许可|不需要许可", re.I,
)  # fmt: skip
_BANNED = re.compile(
    r"\b(?:bann?(?:ed|s)?|prohibit\w*|block\w*|restrict\w*|barred|halted)\b|禁止|禁售|禁令", re.I
)
_APPLY = re.compile(
    r"\b(?:submitt\w+|submit|fil\w+) (?:\w+ ){0,2}applications?|\bapplications? (?:for|to)\b", re.I
)
_COUNTRIES = {
    "HK": r"Hong Kong|香港", "MO": r"\bMacau|澳门", "MY": r"Malaysia"
        r"|马来西亚", "TH": r"Thailand|泰国",
    "SG": r"Singapore|新加坡", "CN": r"\bChina\b|\bChinese\b|\bBeijing\b|中国",
}  # fmt: skip
_SOFTWARE = re.compile(
    r"\b(?:CUDA|MindSpore|CANN|ROCm|MUSA)\b.{0,80}\b(?:more advanced|better|superior|behind|ahead"
    r"|mature|rival"
    r"|ecosystem|market share|dominat\w+)", re.I,
)  # fmt: skip


def policies(sentence: Sentence, first_year: int, topic: Mention | None) -> Iterator[Claim]:
    """What the sentence says of licences, bans and their lifting, or of policy at large."""
    said = sentence.said
    chips = [each for each in sentence.chips() if each.kind == "chip"]
    control, act = _CONTROL.search(said), _ACT.search(said)
    ships = _SHIP.search(said) and _FREE.search(said) and chips and re.search("China|中国", said)
    applies = _APPLY.search(said) and chips
    software = _SOFTWARE.search(said)
    about = control and act and (_ACTOR.search(said) or chips or sentence.of_kind("maker"))
    if not (about or ships or applies or software):
        return
    if software and not about:
        yield _claim(sentence, "software", "opinion", None, [], "")
        return
    subject = chips[0] if chips else (sentence.antecedent or topic if _NEEDS.search(said) else None)
    relation = "policy"
    if _FREE_OF.search(said):
        relation = "licence not needed"
    elif _NEEDS.search(said):
        relation = "licence needed"
    elif applies:
        relation = "applied for"
    elif ships or (_FREE.search(said) and control and "licen" in control.group().lower() and chips):
        relation = "freed"
    elif _BANNED.search(said) and chips and _SHIP.search(said):
        relation = "licence needed"
    found = days(sentence.text, sentence.start, sentence.end, first_year)
    yield _claim(sentence, "licence", relation, subject, found, country(said))


_ANNOUNCES = re.compile(r"\bresum\w+|\bgrant\w*|licen[cs]|assur\w+|恢复|许可", re.I)


def _claim(
    sentence: Sentence,
    field: str,
    relation: str,
    subject: Mention | None,
    found: list[Day],
    to: str,
) -> Claim:
    return Claim(
        "law", sentence.start, sentence.end, (sentence.start, sentence.end), field, subject,
        words=found[0].iso if found else "", relation=relation, voice=sentence.voice,
        facts={"to": to, "announces": _ANNOUNCES.search(sentence.said) is not None,
               "said": sentence.said},
    )  # fmt: skip


def country(said: str) -> str:
    """The destination a sentence speaks of, as two letters; "" for none."""
    return next((code for code, words in _COUNTRIES.items() if re.search(words, said)), "")
