"""Days that a sentence gives an act of law: which day, of which act, and what happened on it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chipassay.claims.claim import Claim
from chipassay.claims.laws.words import (
    ACTOR,
    ENDS_IT,
    FOREIGN,
    INSTRUMENT,
    NO_ACT,
    TOPIC,
    VERB,
    is_plain,
    misread,
)
from chipassay.claims.text.acts import Act, named
from chipassay.claims.text.dates import Day
from chipassay.claims.text.sentences import Sentence

_REACH = 120
_NAMED = re.compile(
    r"[,)]?(?:['’]s)?(?: \(?(?:interim|final|US|U\.S\.|export|BIS|AI|chip|advanced|computing"
    r"|semiconductor|Commerce"
    r"|round of|licen[cs](?:ing|e)|China|IFR|initial|original|first)\)?){0,4} \(?(?:rules?"
    r"|regulations?"
    r"|controls|restrictions|IFRs?"
    r"|curbs|ban|bans|measures|letters?|package|framework|sanctions|updates?|regime|licensing"
    r"|licen[cs]e requirements?)\b|的?(?:出口)?(?:规则|新规|管制|禁令|规定|限制|禁售)",
    re.I,
)
_OF = re.compile(
    r"(?:rules?|regulations?|controls|restrictions|IFRs?|curbs|bans?|measures|letters?|package"
    r"|framework"
    r"|sanctions|updates?)(?: first)? (?:of|from|dated|issued in|issued on|(?P<loose>in"
    r"|on)) (?:the )?$",
    re.I,
)
"""A day that is part of an act's name: "the October 2023 rules", "controls of October 2023"."""
_LISTS = re.compile(
    r"Entity List|blacklist|restricted[- ]entit|export[- ]control list|实体清单|黑名单|未经核实清单"
    r"|Unverified List", re.I,
)  # fmt: skip
_ADDED = re.compile(
    r"\b(?:add(?:ed|s|ing|itions?)|plac(?:ed|es|ing)|put|blacklist\w*|listed|join\w*|went|land\w*"
    r"|landed|sanctioned)\b|列入|加入|新增",
    re.I,
)
_NOT_ITS = re.compile(
    r"(?:comments?|until|through|before|after|by the|quarter|ended|ending|following|prior to"
    r"|ahead of"
    r"|(?<!effective )as of|截至|此前|之前|之后)\s*(?:the )?$",
    re.I,
)
_COMMA = 20
"""How much nearer a verb before a day is than one behind a comma."""
_NEXT = re.compile(r"\b(?:and|but|while|which|then)\b|并|而", re.I)
_GAP = re.compile(r"[;；。]|\.\s")


def rule_dates(sentence: Sentence, first_year: int, acts: Sequence[Act]) -> Iterator[Claim]:
    """The days of acts that the sentence states, each as a claim of its own."""
    said = sentence.said
    found = sentence.stamps
    topical = [act for act in acts if act.is_topic(said)] if found else []
    if not found or (INSTRUMENT.search(said) is None and not topical):
        return
    by_name = _by_name(sentence, acts)
    own = by_name or _identified(sentence, acts, found, topical)
    by_word = bool(by_name) or bool(topical)
    chips = [*(each for each in sentence.chips() if each.kind == "chip"), None, None]
    comments = _COMMENTS.search(said) is not None and _BUREAU.search(said) is not None
    if not by_word and not comments and (NO_ACT.search(said) or FOREIGN.search(said)):
        return
    about = bool(own) or TOPIC.search(said) is not None
    for day in found:
        verb = _comments(sentence, day) or _verb(sentence, day, telling=by_word)
        if verb is None:
            continue
        kind, at = verb
        meant = _meant(acts, own, day, kind, by_word=by_word)
        certain = by_word or any(act.broad for act in meant)
        printed = dated(day, first_year, meant, kind)
        plain = kind in _TAKES_EFFECT and _RULES.search(said) and len(printed) == _FULL
        if not about and not (plain and _held(acts, printed, kind)):
            continue
        if not certain and not meant and not _is_ours(sentence, acts, printed, kind):
            continue
        if kind == "comments" and not comments:
            continue
        start, end = min(day.start, at[0]), max(day.end, at[1])
        yield Claim(
            "law", start, end, (sentence.start, sentence.end), "rule_date",
            chips[0], words=printed, other=chips[1], relation=kind, voice=sentence.voice,
            facts={"acts": tuple(meant), "by name": certain, "said": said, "month": day.iso,
                   "of chips": _is_of_chips(sentence),
                   "unsure": _unsure(sentence, meant, found, start, end)},
        )  # fmt: skip


def _meant(acts: Sequence[Act], own: list[Act], day: Day, kind: str, *, by_word: bool) -> list[Act]:
    """The acts that a day is one of: a day in an act's name is that act's, and what came out as
    its successor is none of those named by their month."""
    if kind == "named":
        return by_month(acts, day) or own
    of_month = not by_word and any(act.broad for act in own)
    return [] if of_month and kind in ("released", "issued", "changed") else own


_TAKES_EFFECT = ("effective", "planned", "registered", "comments", "compliance")
_RULES = re.compile(r"\b(?:rules?|regulations?)\b|规则|规定|新规", re.I)
_FULL = 10
"""The length of a whole day's ISO text."""


_OF_CHIPS = re.compile(
    r"(?<![A-Za-z])(?:AI|GPUs?|Nvidia|AMD|advanced[- ]computing|supercomput\w+)(?![A-Za-z])"
    r"|英伟达|人工智能|先进计算", re.I,
)  # fmt: skip
_OF_OTHERS = re.compile(r"Huawei|SMIC|equipment|Fujian|ZTE|华为|中芯|设备", re.I)


def _is_of_chips(sentence: Sentence) -> bool:
    """Whether a sentence speaks of controls on AI chips and on no other thing or firm."""
    ours = _OF_CHIPS.search(sentence.said) or sentence.chips()
    return bool(ours) and _OF_OTHERS.search(sentence.said) is None


def _identified(
    sentence: Sentence, acts: Sequence[Act], found: list[Day], topical: list[Act]
) -> list[Act]:
    """The acts a sentence that names none is about: listings, else those of the month it calls
    them by, else by topic, else by chip."""
    if _is_listing(sentence):
        return [act for act in acts if act.listing]
    called = _called(sentence, acts, found)
    if called or topical:
        return called or topical
    ids = {id_ for each in sentence.chips() for id_ in each.ids}
    return [act for act in acts if act.chips & ids]


def _is_listing(sentence: Sentence) -> bool:
    said = sentence.said
    return _LISTS.search(said) is not None and _ADDED.search(said) is not None


def _by_name(sentence: Sentence, acts: Sequence[Act]) -> list[Act]:
    """The acts a sentence names; those that put parties on a list only where it tells of that."""
    found = named(acts, sentence.said)
    listing = bool(found) and _is_listing(sentence)
    return [act for act in found if listing or not act.listing]


def without_names_of_acts(claims: list[Claim]) -> list[Claim]:
    """The claims, without a day that is only part of an act's name where something is told of
    another thing: "sales fell 20% after the October 2022 ban" says nothing of the ban."""
    told = any(claim.kind != "law" and claim.field != "rule_date" for claim in claims)
    return [claim for claim in claims if not (told and claim.relation == "named")]


def acts_named(sentence: Sentence, acts: Sequence[Act]) -> list[Act]:
    """The acts that a sentence names, by a name or by the month they go by."""
    by_word = named(acts, sentence.said)
    return by_word or _called(sentence, acts, sentence.stamps)


def _called(sentence: Sentence, acts: Sequence[Act], found: list[Day]) -> list[Act]:
    days = [day for day in found if _is_name(sentence, day)]
    return list({act.id: act for day in days for act in by_month(acts, day)}.values())


def _is_name(sentence: Sentence, day: Day) -> bool:
    """Whether a day is part of an act's name: "the October 2023 rules"."""
    before = sentence.text[max(sentence.start, day.start - 60) : day.start]
    of = _OF.search(before)
    return _NAMED.match(sentence.text, day.end, sentence.end) is not None or (
        of is not None and of["loose"] is None
    )


def by_month(acts: Sequence[Act], day: Day) -> list[Act]:
    """The acts that go by a month or day: "the October 2023 rules"."""
    return [act for act in acts if act.broad and _is_of(act, day)]


def _is_of(act: Act, day: Day) -> bool:
    """Whether a month or day is one of an act's; the year left out where none is printed."""
    if len(day.iso) < len("2022-10") and not day.iso.startswith("-"):
        return False
    days = act.days["released"] | act.days["published"]
    return any((each[4:] if day.iso.startswith("-") else each).startswith(day.iso) for each in days)


def _is_ours(sentence: Sentence, acts: Sequence[Act], day: str, kind: str) -> bool:
    """Whether a sentence that names no act speaks of one on AI chips: by its day, or by who acts
    on what."""
    said = sentence.said
    if len(day) == _FULL and _held(acts, day, kind):
        return True
    chips = re.search(r"chip|GPU|HBM|semiconductor|\bAI\b|accelerator|advanced[- ]computing|芯片"
                      r"|半导体", said, re.I)  # fmt: skip
    export = re.search(r"export|BIS\b|ship|licen[cs]|China|出口|对华", said, re.I)
    if kind == "named" and re.search(r"export (?:control|rule|restriction|curb)", said, re.I):
        return True
    traded = re.search(r"\bexports?\b|出口", said, re.I)
    acted = ACTOR.search(said) is not None and export is not None
    return chips is not None and (acted or traded is not None)


def _held(acts: Sequence[Act], day: str, kind: str) -> bool:
    return any(act.on(day, fitting(kind)) for act in acts)


def fitting(kind: str) -> str:
    """The kind of day that a verb is held against: what was planned may be either day."""
    return "effective" if kind == "planned" else kind


_COMMENTS = re.compile(r"\bcomments?\b|征求意见", re.I)
_BUREAU = re.compile(
    r"(?<![A-Za-z])(?:BIS|Bureau of Industry|Commerce|interim final rule|IFRs?)(?![a-z])"
)
_UNTIL = re.compile(
    r"(?:until|through|by|before|no later than|due(?: on| by)?|clos\w+(?: on)?|deadline(?: of| is)?"
    r"|end(?:s|ed)?(?: on)?|截至|截止)\s*(?:the )?$", re.I,
)  # fmt: skip


def _comments(sentence: Sentence, day: Day) -> tuple[str, tuple[int, int]] | None:
    """Whether a day is the last on which the public may comment; None where it is not."""
    words = _COMMENTS.search(sentence.text, sentence.start, day.start)
    head = sentence.text[max(sentence.start, day.start - 30) : day.start]
    return ("comments", words.span()) if words and _UNTIL.search(head) else None


def _verb(sentence: Sentence, day: Day, *, telling: bool) -> tuple[str, tuple[int, int]] | None:
    """What happened on a day, and where the words for it stand; None where nothing did.

    `telling`: whether that somebody was told or said so counts.
    """
    text = sentence.text
    match = _NAMED.match(text, day.end, sentence.end)
    if match is not None:
        return "named", match.span()
    before = text[max(sentence.start, day.start - 100) : day.start]
    of = _OF.search(before)
    name = ("named", (day.start - len(before) + of.start(), day.start)) if of else None
    if of is not None and of["loose"] is None:
        return name
    if _COMPLY.search(before):
        return "compliance", (day.start - len(before), day.start)
    if _NOT_ITS.search(before):
        return None
    left, right = max(sentence.start, day.start - _REACH), min(sentence.end, day.end + _REACH)
    for stop in _GAP.finditer(text, left, day.start):
        left = stop.end()
    following = _GAP.search(text, day.end, right)
    right = following.start() if following else right
    best: tuple[int, str, tuple[int, int]] | None = None
    for verb in VERB.finditer(text, left, right):
        if verb.lastgroup == "told" and not telling:
            continue
        gap = day.start - verb.end() if verb.end() <= day.start else verb.start() - day.end
        if gap >= 0 and _NEXT.search(text, day.end, max(verb.start(), day.end)):
            gap += _REACH
        elif verb.start() >= day.end and "," in text[day.end : verb.start()]:
            gap += _COMMA
        if gap >= 0 and (best is None or gap < best[0]):
            ends = verb.lastgroup == "issued" and any(
                ENDS_IT.match(text, at, sentence.end) for at in (verb.end(), day.end)
            )
            kind = "ended" if ends else verb.lastgroup or "released"
            best = gap, kind, verb.span()
    since = _SINCE.search(before) if best is None and name is None else None
    if since is not None:
        return "planned", (day.start - len(before) + since.start(), day.start)
    return (best[1], best[2]) if best else name


_COMPLY = re.compile(
    r"\bcompl(?:y|iance)\b.{0,60}\b(?:until|by|from|till|through)\s(?:the )?$|合规.{0,20}$", re.I
)
_SINCE = re.compile(r"\b(?:from|starting|beginning|effective|as of)\s(?:on )?$", re.I)


def dated(day: Day, first_year: int, own: list[Act], kind: str) -> str:
    """The day in ISO; a year that is not printed is that of the act's day that fits, else of the
    text; "" where neither is known."""
    if not day.iso.startswith("-"):
        return day.iso
    fits = [
        each for act in own for kind_ in (fitting(kind), "released")
        for each in sorted(act.ever()) if each[4 : 4 + len(day.iso)] == day.iso
        and act.on(each, kind_)
    ]  # fmt: skip
    alone = min(own[0].ever())[:4] if len({act.id for act in own}) == 1 else ""
    year = fits[0][:4] if fits else alone or str(first_year or "")
    return year + day.iso if year else ""


_SHARED = re.compile(r"Section|50|fifty|due dil", re.I)
"""How names begin that other rules bear as well."""


def _unsure(sentence: Sentence, own: list[Act], found: list[Day], start: int, end: int) -> str:
    """Why a day that differs may not be called wrong."""
    if not is_plain(sentence.said, forecast=sentence.voice.forecast):
        return "it is no plain statement"
    gone = [(each.start, each.end) for each in sentence.mentions]
    gone += [(each.start, each.end) for each in found]
    names = own[0].names if own else None
    name = names.search(sentence.text, sentence.start, sentence.end) if names else None
    if name is not None and _SHARED.match(name.group()) and not _BUREAU.search(sentence.said):
        return "other rules go by that name too"
    if name is not None:
        gone.append(name.span())
        start, end = min(start, name.start()), max(end, name.end())
    gone += [(each.start, each.end) for each in sentence.amounts]
    return misread(sentence.text, (sentence.start, sentence.end), start, end, gone)
