"""What a sentence says of the market of chips: sales, prices, shares, yields, stocks, fleets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chipassay.claims.claim import Amount, Claim, Mention
from chipassay.claims.sentences import Sentence


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.I)


_CUES = {
    "lost sales": _words(r"could not ship|unable to ship|lost (?:sales|revenue)|unshipped"
        r"|missed out|未能出货"),
    "charge": _words(r"\bcharges?\b|wr(?:ite|ote|itten)[- ]?(?:down|off)s?|impairments?|\bhit\b"
        r"|inventory loss\w*|[计計]提|[减減][记記值]"),
    "fee": _words(r"\bfees?\b|\blevy\b|\bcuts?\b|surcharge|tariff[- ]like|export tariff|royalt\w+"
        r"|hand(?:s|ed)? over|\bremit\w*|\bpay(?:s|ing)?\b|\bgiv(?:e|ing)\b|抽成|分成|上[缴繳贡]"
        r"|\bgovernment\b"),
    "rent": _words(r"per hour|an hour|/ ?hr\b|/ ?hour|hourly|\brent\w*|\bleas(?:e|ing)"
    r"|per GPU[- ]hour"
        r"|租金|租赁|每小时"),
    "training cost": _words(r"(?:\btrain\w*|训练).{0,60}?(?:\bcost\w*|\bspen[dt]\w*|成本|费用)"
        r"|(?:\bcost\w*|成本).{0,40}?(?:\btrain\w*|训练)"),
    "sales": _words(r"\brevenues?\b|\bsales\b|\bsold\b|turnover|\bearned\b|\bgenerated\b|营收"
    r"|[销銷]售[额額]|收入|[销銷]售金[额額]"),
    "unit price": _words(r"\bpric\w+|\bcost(?:s|ing)?\b|apiece|\beach\b|per (?:chip|card|GPU|unit"
    r"|rack|server|node"
        r"|accelerator)|\bretail\w*|\btag\b|\bMSRP\b|sells? for|售价|单价|价格|每[张片块颗]"),
    "share": _words(r"market share|\bshare\b|share of|of (?:the|its|their|total|global|all"
    r"|\w+['’]s)"
        r" (?:[\w-]+ ){0,3}(?:market|sales|revenues?|shipments|units|volume)|account\w* for"
        r"|ma(?:de|kes?) up|represent\w*|captur\w+|\bhold(?:s|ing)?\b|retain\w*|\bcommand\w*"
        r"|\bcontrol(?:s|led)?\b"
        r"|dominat\w+|of (?:the |its )?(?:local|domestic|Chinese|China['’]s|total|overall) demand"
        r"|\bof (?:total )?(?:sales|revenue)\b|控制|市场份额|份额|市占率|占比"
        r"|self-sufficien\w+|自给率|国产化率"),
    "yield": _words(r"\byields?\b|良率|良品率"),
    "cap": _words(r"\bcapp?(?:ed)?\b.{0,20}\bvolume|\blimited to\b.{0,30}\bvolume"),
    "capacity": _words(r"wafers?|wpm|capacity|晶圆|产能"),
    "shipments": _words(r"\bshipp?(?:ed|ments?|ing)?\b|\bsold\b|\bsell\b|\bsales\b|deliver\w*"
    r"|\bunits"
        r"\b|出货|交付|销量|卖出"),
    "production": _words(r"\bproduc\w+|\bmake\b|\bmade\b|manufactur\w+|\boutput|fabricat\w+|产量"
    r"|生产"
        r"|\bturn out\b|assembl\w+"),
    "stock": _words(r"stockpil\w+|\bobtain\w*|\bsuppl\w+|\bdispatch\w*|\bsent\b|\breceiv\w+"
    r"|\bprovid\w+|\bbank\b|inventor\w+|smuggl\w+"
        r"|acquir\w+|\bbought\b|\bpurchas\w+|库存|囤积|走私|采购"),
    "orders": _words(r"\border(?:s|ed|ing)?\b|订单|订购"),
    "demand": _words(r"\bmarket\b|\bdemand\b|\bworth\b|市场规模|需求"),
    "deployment": _words(r"\b(?:us(?:es|ed|ing)|deploy\w*|run(?:s|ning)?|install\w*|operat\w+"
    r"|cluster\w*"
        r"|train(?:ed|ing|s)?|compris\w+|contain\w*|consist\w*|integrat\w+|combin\w+|equipped"
        r"|hous\w+"
        r"|link(?:s|ed)?|connect\w*|powered by|pods?|super-?(?:pod|node|cluster|computer)s?|fleet"
        r"|packs?"
        r"|employ\w*|featur\w+|boasts?|has|have|with|built (?:with|from|on))\b|部署|集群|搭载|使用"
        r"|组成|训练"),
    "gpu hours": _words(r"(?:GPU|chip|card|accelerator)[- ]hours?|卡时|GPU时"),
    "tokens": _words(r"\btokens?\b|词元"),
}  # fmt: skip
_WANTED = {
    "USD": ("lost sales", "charge", "rent", "training cost", "sales", "unit"
    " price", "orders", "demand"),
    "CNY": ("lost sales", "charge", "rent", "training cost", "sales", "unit"
    " price", "orders", "demand"),
    "chips": ("shipments", "production", "orders", "stock", "deployment"),
    "dies": ("shipments", "production", "orders", "stock"),
    "stacks": ("shipments", "production", "orders", "stock"),
    "wafers": ("capacity", "production"),
    "chip-hours": ("gpu hours",),
    "tokens": ("tokens",),
    "%": ("share", "fee", "yield", "cap"),
}  # fmt: skip
_REACH = 110
_GUESS = re.compile(
    r"\b(?:hope|see|sees|expect\w*|forecast\w*|guid\w+|plus or minus|outlook|target\w*)\b|预计"
    r"|预期",
    re.I,
)
_TRADE = re.compile(
    r"(?:\bAI |\bsemi)?(?:chip|GPU|accelerator)s?[- ](?:market|makers?|suppliers?|vendors?"
    r"|shipments?|sales|output|production|exports?)"
    r"|(?:domestic|local|Chinese|China['’]s) (?:AI )?(?:chip\w*|suppliers?|vendors?|makers?"
    r"|accelerators?"
    r"|GPUs?)|\bAI (?:chips|GPUs|accelerators)\b|(?:shipments|sales|output) .{0,40}(?:cards|chips"
    r"|GPUs"
    r"|accelerators)\b|\bHBM stacks|国产|本土|芯片市场|\bHBM\w?\b|\bH20s?\b",
    re.I,
)
_FABS = re.compile(
    r"\b(?:SMIC|TSMC|Samsung|SK ?Hynix|Micron|CXMT|wafers?|\d ?nm|die|dies|node|yield rates?)\b"
    r"|台积电|中芯|长鑫|三星|海力士", re.I,
)  # fmt: skip
_NOT_SALES = re.compile(
    r"\b(?:stock|shares|valuation|market (?:cap|value)\w*|invest\w*|fund\w*"
    r"|raised|IPO|debt|bonds?|salar\w+|lawsuit|fine[sd]?|dividend|buyback)\b|股价|融资|市值",
    re.I,
)
_TRAINING = re.compile(r"\btrain(?:ed|ing|s)?\b|训练", re.I)


def markets(sentence: Sentence) -> Iterator[Claim]:
    """Sales, charges, shipments, prices, shares, yields and fleets of a chip or of its maker."""
    said = sentence.said
    if _NOT_SALES.search(said):
        return
    chips = [each for each in sentence.chips() if each.kind in ("chip", "line")]
    systems = [each for each in sentence.chips() if each.kind == "system"]
    makers = sentence.of_kind("maker")
    models = sentence.of_kind("model")
    software = re.search(r"\bCUDA\b", said) is not None
    trade = _TRADE.search(said) is not None or software
    fabs = _FABS.search(said) is not None
    guess = _GUESS.search(said) is not None
    for amount in sentence.amounts:
        cue = _cue(sentence, amount)
        of_fabs = amount.noun in ("dies", "stacks", "wafers") or cue == "yield"
        named = chips or systems or makers or trade or _names_one(said)
        if not cue or not (named or (of_fabs and fabs) or _run(sentence, cue)):
            continue
        if cue in ("unit price", "rent") and not (chips or systems or _names_one(said)):
            continue
        if cue == "deployment" and not _counts_named(sentence, amount, chips):
            continue
        if guess and not chips and cue in ("sales", "demand", "orders") and not software:
            continue
        if cue == "demand" and not trade:
            continue
        if cue == "tokens" and not _run(sentence, cue):
            continue
        ran = models if cue in _RUNS or _TRAINING.search(said) else []
        subject = next(iter(ran or chips or systems or makers or models), None)
        yield _market(sentence, amount, cue, subject)


_RUNS = ("tokens", "gpu hours", "training cost")


def _run(sentence: Sentence, cue: str) -> bool:
    """Whether a sentence tells what a training run took."""
    if cue == "tokens":
        return bool(sentence.of_kind("model")) and _TRAINING.search(sentence.said) is not None
    return cue == "gpu hours" or (
        cue == "training cost" and bool(sentence.of_kind("model") or "GPU" in sentence.said)
    )


def _names_one(said: str) -> bool:
    return (
        re.search(r"(?:per|each) (?:GPU|chip|card|accelerator|rack|server|node)\b", said)
        is not None
    )


def _counts_named(sentence: Sentence, amount: Amount, chips: list[Mention]) -> bool:
    """Whether the chips counted are named right behind the number, or a system's."""
    if any(0 <= each.start - amount.end <= 12 for each in chips):
        return True
    fleet = re.search(r"cluster|super-?(?:node|pod)|集群|超节点", sentence.said, re.I)
    if chips and fleet:
        return True
    inside = any(amount.start <= each.start < amount.end for each in sentence.mentions)
    return inside or any(each.kind == "system" for each in sentence.chips())


def _market(sentence: Sentence, amount: Amount, cue: str, subject: Mention | None) -> Claim:
    near = [
        match for match in _CUES[cue].finditer(sentence.text, sentence.start, sentence.end)
        if min(abs(match.start() - amount.end), abs(amount.start - match.end())) < _REACH
    ]  # fmt: skip
    start = min([amount.start, *(match.start() for match in near)])
    end = max([amount.end, *(match.end() for match in near)])
    return Claim(
        "market", start, end, (sentence.start, sentence.end), cue, subject,
        amount, words=sentence.said, voice=sentence.voice,
    )  # fmt: skip


def _cue(sentence: Sentence, amount: Amount) -> str:
    """Which market figure an amount is; "" for none."""
    kind = amount.unit if amount.unit in ("USD", "CNY") else amount.noun
    if amount.unit == "1" and not amount.noun:
        kind = "%"
    best, cost = "", float(_REACH)
    for name in _WANTED.get(kind, ()):
        for match in _CUES[name].finditer(sentence.text, sentence.start, sentence.end):
            each = float(min(abs(match.start() - amount.end), abs(amount.start - match.end())))
            if match.start() < amount.end and match.end() > amount.start:
                each = 0.0
            if name == "deployment":
                each += 20.0
            if each < cost - (30 if best and name != "rent" else 0):
                best, cost = name, each
    counts = amount.noun == "chips" and any(
        0 <= m.start - amount.end <= 2 for m in sentence.chips()
    )
    return best or ("deployment" if counts else "")
