"""What a sentence says of the trade in chips, of fleets and of training runs.

First: is the sentence about chips at all (`topic`)? Then each quantity that no other reader took is
a claim of the field whose words stand nearest (`trade_words`), or a plain `statement` where none
do; a quantity nearest to words such as "shares fell" is no claim.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from chipassay.claims.claim import Amount, Claim, Mention
from chipassay.claims.text.numerals import SCALES
from chipassay.claims.text.sentences import Sentence
from chipassay.claims.trade.amounts import may_have_own, trade_amounts
from chipassay.claims.trade.topic import MANY, Topic, plain, topic
from chipassay.claims.trade.words import COUNTS, FIELDS, MONEY, Field
from chipassay.units import parse

_PARTS = ("dies", "stacks", "wafers")
_OF_A_SITE = parse("10 kW", "W")
"""Less power than this is a card's or a server's."""
_REACH = 110.0
_STOP = re.compile(r"[;；。，、]|,(?!\d)|\s[–—-]\s|\bwhile\b|\bwhereas\b|\bbut\b|\bversus\b", re.I)
_PER_STOP, _PER_AMOUNT = 15.0, 30.0
"""What a comma, and another quantity, between words and a quantity add to their distance."""
_FEW = 8
"""Fewer chips than this are a server's, not a fleet's."""
_GUESSES = re.compile(
    r"\b(?:hope|sees?|expect\w*|forecast\w*|guid\w+|plus or minus|give or take|outlook|"
    r"project(?:s|ed)|target\w*|consensus|anticipat\w+|estimat\w+)\b|预计|预期|指引", re.I,
)  # fmt: skip
_TOLD = re.compile(
    r"\b(?:reported|posted|booked|recorded|generated|reached|earned|was|were|totall?ed|"
    r"came (?:in|to)|hit|rose|fell|grew)\b|达到|实现", re.I,
)  # fmt: skip
_KINDS_OF = re.compile(
    r"\b(?:classes|types|kinds|models|generations|famil(?:y|ies)|versions|variants|members|lines"
    r"|makers|vendors|suppliers|different|of the)\b|[种款代]", re.I,
)  # fmt: skip
_OF_SHARE = re.compile(
    r"\bfrom \d|of (?:\w+ ){0,4}(?:market|sales|revenues?|shipments|demand|supply)|market", re.I
)
_CHINA_OR_CHIPS = re.compile(r"China|Chinese|中国|AI (?:chips?|GPUs?|accelerators?)|\bCUDA\b")
_LEVEL = re.compile(r"\b(?:from|to)\s(?:(?:an?|about|around|some|roughly|only|just|nearly"
    r"|a? ?projected|a? ?forecast|a? ?record)\s){0,2}$|[从由至到]$", re.I)  # fmt: skip
"""Before a share that something came from or went to, which is no growth by itself."""
_HALF_YEAR = re.compile(r"\b(?:first|second|latter|last|other)[\s-]half$", re.I)
_IF = re.compile(r"\bif (?:an?|the|your|only|it)\b[^;,]{0,60}$|如果[^,，]{0,30}$", re.I)
_ALL = re.compile(
    r"\b(?:total\w*|in all|altogether|overall|mak(?:es?|ing)|giv(?:es?|ing)|(?:comes?|amount\w*"
    r"|adds? up) to|across|hold(?:s|ing)?)\b|共|合计|总计", re.I,
)  # fmt: skip
_USERS = re.compile(r"\busers?\b|用户", re.I)
_TARIFF = re.compile(r"tariff|\bdut(?:y|ies)\b|关税|關稅", re.I)
_MARGIN = re.compile(r"(?:give or take|plus or minus|plus/minus|±|\+/-)\s*$", re.I)
_RUN_FIELDS = ("gpu hours", "training cost", "duration", "tokens", "token rate", "utilisation",
               "failures", "interval", "electricity", "carbon", "deployment",
               "compute")  # fmt: skip


def markets(sentence: Sentence, taken: Sequence[tuple[int, int]] = ()) -> Iterator[Claim]:
    """The market figures, fleets and runs of a sentence; `taken`: where others read quantities."""
    if not (_free(sentence.amounts, taken) or may_have_own(sentence)):
        return
    about = topic(sentence)
    amounts = trade_amounts(sentence) if about is not None else []
    free = _free(amounts, taken)
    if about is None or not free:
        return
    wanted = {kind for each in free for kind in kinds(each)}
    said = plain(sentence.said)
    places = [
        (field, sentence.start + match.start(), sentence.start + match.end())
        for field in FIELDS if field.kinds & wanted and field.words.pattern != "."
        for match in field.words.finditer(said)
    ]  # fmt: skip
    for amount in free:
        name, start, end = _nearest(sentence, amount, amounts, places)
        if name is not None and _is_claim(sentence, about, amount, name):
            yield _claim(sentence, about, amount, name, start, end)


def _free(amounts: Sequence[Amount], taken: Sequence[tuple[int, int]]) -> list[Amount]:
    """The quantities that may be a market figure and that no other reader took."""
    return [
        each for each in amounts
        if kinds(each) and all(each.end <= start or end <= each.start for start, end in taken)
    ]  # fmt: skip


def kinds(amount: Amount) -> frozenset[str]:
    """What a quantity counts, as the fields name it; none for what no market figure is in."""
    if amount.unit != "1":
        known = (*MONEY, "W", "J", "s", "FLOP")
        return frozenset((amount.unit,)) if amount.unit in known else frozenset()
    if amount.noun == "times":
        return frozenset(("times", "%") if amount.value < 1 else ("times",))
    return frozenset(() if amount.noun in ("things", "cores", "nm") else (amount.noun or "%",))


def _nearest(
    sentence: Sentence,
    amount: Amount,
    amounts: Sequence[Amount],
    places: Sequence[tuple[Field, int, int]],
) -> tuple[str | None, int, int]:
    """The field whose words stand nearest, and from where to where words and quantity reach.

    None where those are the words of no claim; "statement" where there are none.
    """
    own, best, cost = kinds(amount), ("statement", amount.start, amount.end), _REACH
    for field in FIELDS:
        if field.words.pattern == "." and field.kinds & own:
            return field.name, amount.start, amount.end
    level = "%" in own and _LEVEL.search(sentence.text, sentence.start, amount.start)
    for field, start, end in places:
        if not field.kinds & own or (level and field.name == "growth"):
            continue
        each = _distance(sentence, amount, amounts, start, end) + field.cost
        if each < cost:
            cost = each
            best = (field.name, min(start, amount.start), max(end, amount.end))
    return (None, 0, 0) if not best[0] else best


def _distance(
    sentence: Sentence, amount: Amount, amounts: Sequence[Amount], start: int, end: int
) -> float:
    left, right = (end, amount.start) if end <= amount.start else (amount.end, start)
    if left >= right:
        return 0.0
    if right - left > _REACH:
        return math.inf
    stops = sum(1 for _ in _STOP.finditer(sentence.text, left, right))
    between = sum(left <= each.start and each.end <= right for each in amounts)
    return right - left + _PER_STOP * stops + _PER_AMOUNT * between


def _is_claim(sentence: Sentence, about: Topic, amount: Amount, name: str) -> bool:
    """Whether a quantity of a field is said of chips, in a sentence that is about them."""
    named = bool(about.chips) or about.trade
    if _HALF_YEAR.search(sentence.text, sentence.start, amount.end):
        return False
    if name == "utilisation" and _IF.search(sentence.text, sentence.start, amount.start):
        return False
    if name in ("utilisation", "interval", "failures", "overhead"):
        return about.machines or about.run
    if name == "compute":
        return True
    if name == "token rate" and _USERS.search(sentence.said):
        return False
    if name in ("gpu hours", "carbon", "electricity", "power", "token rate"):
        return named or about.run or about.fleet or name == "gpu hours"
    if name == "training cost":
        return about.run or named
    if name == "duration":
        return (about.run or about.fleet) and not _is_span(sentence, amount)
    if name == "profit":
        return about.firm
    if name == "tokens":
        trained = _TRAINED.search(sentence.said) is not None
        return bool(about.models) and about.run and bool(about.chips or trained)
    if name == "deployment":
        many = amount.value >= MANY and named and not _KINDS_OF.search(amount.written)
        return many or _counts_named(sentence, about, amount)
    if amount.noun in _PARTS and amount.value <= MANY:
        return False
    if name == "power" and amount.value < _OF_A_SITE:
        return False
    if name in ("unit price", "rent", "subsidy"):
        return named or (name == "subsidy" and about.machines)
    if name in ("yield", "capacity"):
        return named or about.fabs or about.firm
    return _is_trade(sentence, about, amount, name, named)


def _is_trade(sentence: Sentence, about: Topic, amount: Amount, name: str, named: bool) -> bool:
    """Whether a figure of trade is of chips or of a maker's results."""
    of_firm = not about.chips and not about.pointed
    if of_firm and name in ("sales", "orders", "statement", "growth", "lost sales", "demand"):
        known = _CHINA_OR_CHIPS.search(sentence.said) is not None and about.trade
        if is_guess(sentence, amount) and not known:
            return False
    if name == "growth" and not (about.traded and (about.period or named)):
        return False
    if name == "fee" and _TARIFF.search(sentence.said) and not (about.chips or about.trade):
        return False
    if name == "share" and about.machines:
        return True
    if _MARGIN.search(sentence.text, max(sentence.start, amount.start - 16), amount.start):
        return False
    if name == "statement":
        counts = kinds(amount) & set(COUNTS)
        if counts and (_KINDS_OF.search(amount.written) or 0 < amount.value < MANY):
            return False
        if "%" in kinds(amount) or "times" in kinds(amount):
            return (about.trade or about.firm) and _OF_SHARE.search(sentence.said) is not None
        return bool(kinds(amount) & {*MONEY, *counts}) and (named or about.firm or about.fleet)
    if kinds(amount) & set(COUNTS) and _KINDS_OF.search(amount.written):
        return False
    if name == "demand":
        return named
    return named or about.firm or (about.fabs and name != "growth")


BEATEN = re.compile(
    r"\b(?:beat(?:s|ing)?|topp\w+|exceed\w*|above|below|miss\w*|ahead of|short of|surpass\w*|versus"
    r"|vs\.?|against)\s(?:[\w'’]+\s){0,3}?(?:forecast|estimate|expectation|consensus|guidance"
    r"|projection|outlook)s?", re.I,
)  # fmt: skip
"""A guess that the figure is set against, so that it is none itself."""


def is_guess(sentence: Sentence, amount: Amount) -> bool:
    """Whether the verb that a figure hangs on foresees it: "forecast sales of $9.6 billion"."""
    guesses = [m.end() for m in _GUESSES.finditer(sentence.text, sentence.start, amount.start)]
    told = [m.end() for m in _TOLD.finditer(sentence.text, sentence.start, amount.start)]
    if guesses or told:
        return max(guesses, default=-1) > max(told, default=-1)
    behind = sentence.text[amount.end : min(amount.end + 50, sentence.end)]
    return _GUESSES.search(BEATEN.sub("", behind)) is not None


_SPAN = re.compile(
    r"\b(?:next|last|past|every|later|old|earlier|previous|least a|first)"
    r"\s*(?:the\s*)?$"
    r"|\b(?:next|last|past|first) $", re.I,
)  # fmt: skip


def _is_span(sentence: Sentence, amount: Amount) -> bool:
    """Whether a length of time is that of something else than a run: "in the past two years"."""
    before = sentence.text[max(sentence.start, amount.start - 16) : amount.start]
    return _SPAN.search(before) is not None


def _counts_named(sentence: Sentence, about: Topic, amount: Amount) -> bool:
    """Whether the chips or machines counted are a fleet's, or a run's."""
    if _KINDS_OF.search(amount.written):
        return False
    near = any(-2 <= each.start - amount.end <= 12 for each in about.chips)
    if about.fleet or about.run:
        return amount.value >= _FEW or amount.noun == "machines"
    systems = any(each.kind == "system" for each in about.chips)
    inside = any(amount.start <= each.start < amount.end for each in sentence.mentions)
    whole = bool(about.chips) and _ALL.search(sentence.said) and amount.value > _FEW**2
    return (near and amount.value >= _FEW) or inside or systems or bool(whole)


def _claim(
    sentence: Sentence, about: Topic, amount: Amount, name: str, start: int, end: int
) -> Claim:
    subject, other = _subjects(sentence, about, amount, name)
    clause, masked = _clause(sentence, amount)
    facts = {"clause": clause, "masked": masked, "alone": _is_alone(sentence, amount),
             "models": len({each.name for each in about.models}),
             "size": _size(sentence, subject), "makers": len(about.makers)}  # fmt: skip
    return Claim(
        "market", start, end, (sentence.start, sentence.end), name, subject, amount,
        words=sentence.said, other=other, voice=sentence.voice, facts=facts,
    )  # fmt: skip


_TRAINED = re.compile(r"\b(?:pre-?)?train(?:ed|s)\b|训练", re.I)
_SIZE = re.compile(r"\s?[-(]?\s?(?P<size>\d+(?:\.\d+)?)\s?[bB](?:illion)?\b")


def _size(sentence: Sentence, subject: Mention | None) -> float:
    """The parameters printed right behind a model's name, "Llama 3 (405B)"; nought for none."""
    if subject is None or subject.kind != "model":
        return 0.0
    match = _SIZE.match(sentence.text, subject.end, sentence.end)
    return float(match["size"]) * SCALES["billion"] if match else 0.0


def _subjects(
    sentence: Sentence, about: Topic, amount: Amount, name: str
) -> tuple[Mention | None, Mention | None]:
    """The model of a run, else the chip, else the maker; and the chip or maker beside it."""
    chip = _near(sentence, about.chips, amount)
    maker = _near(sentence, about.makers, amount)
    model = _near(sentence, about.models, amount)
    if model is not None and (about.run or name in _RUN_FIELDS):
        return model, chip or maker
    if chip is not None:
        return chip, maker
    return (maker, None) if maker is not None else (model, None)


def _near(sentence: Sentence, mentions: Sequence[Mention], amount: Amount) -> Mention | None:
    """The mention nearest before a quantity, else the first behind it."""
    before = [each for each in mentions if each.start < amount.end]
    plain = [each for each in before if not sentence.is_yardstick(each)]
    kept = plain or before
    return kept[-1] if kept else next(iter(mentions), None)


def _clause(sentence: Sentence, amount: Amount) -> tuple[str, str]:
    """The words between the stops around a quantity; the same without names and quantities."""
    left, right = sentence.start, sentence.end
    for stop in _STOP.finditer(sentence.text, sentence.start, amount.start):
        left = stop.end()
    following = _STOP.search(sentence.text, amount.end, sentence.end)
    right = following.start() if following else right
    bare = list(sentence.text[left:right])
    spans = [(each.start, each.end) for each in sentence.mentions]
    spans += [(each.start, each.end) for each in (*sentence.amounts, amount)]
    for start, end in spans:
        for at in range(max(start, left), min(end, right)):
            bare[at - left] = " "
    return sentence.text[left:right], "".join(bare)


def _is_alone(sentence: Sentence, amount: Amount) -> bool:
    """Whether no other quantity of its kind stands in the sentence."""
    return sum(kinds(each) == kinds(amount) for each in sentence.amounts) <= 1
