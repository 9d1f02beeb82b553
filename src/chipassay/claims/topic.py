"""Whether a sentence is about chips, their trade, their makers, fabs, fleets or training runs.

Only then are its quantities read as market figures, whichever words stand beside them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from chipassay.claims.claim import Mention
from chipassay.claims.sentences import Sentence, looks_back

_CHIP_WORD = (
    r"(?:chips?|GPUs?|accelerators?|NPUs?|TPUs?|AI processors?|graphics (?:cards?|processors?)"
    r"|semiconductors?)"
)
_TRADE = re.compile(
    rf"{_CHIP_WORD}(?:['’]s)?[- ](?:market|makers?|making|suppliers?|vendors?|designers?|shipments?"
    rf"|sales|revenues?|output|production|exports?|imports?|business|orders?|prices?|industry"
    rf"|smuggl\w+|demand|supply|rental|hours?|fleet|clusters?|licen[cs]\w*)"
    rf"|\b(?:AI|domestic|local|Chinese|China['’]s|homegrown|home-grown|foreign|imported|restricted"
    rf"|banned|export-controlled|advanced|leading-edge|Nvidia['’]s|Huawei['’]s|AMD['’]s)"
    rf" (?:AI |data[- ]cent(?:er|re) )?{_CHIP_WORD}\b"
    rf"|(?:shipments?|sales|output|production|exports?|stockpiles?|deliver(?:y|ies)) of [^.;]{{0,40}}"
    rf"{_CHIP_WORD}"
    rf"|\bdata[- ]?cent(?:er|re) (?:revenues?|sales|segment|business|GPUs?|products?|division)"
    rf"|\b(?:per|each) (?:GPU|chip|card|accelerator|rack|NPU)\b"
    rf"|\bHBM\w{{0,2}}\b|\bAI servers?\b|\bcompute and networking\b"
    r"|国产(?:AI|算力|芯片|加速|GPU)|(?:AI|人工智能|算力|智能|本土|高端)芯片|芯片(?:市场|销|出货|业务|出口|订单)"
    r"|加速卡|算力卡|显卡|顯卡|智算卡|晶片|卡时",
    re.I,
)
_FABS = re.compile(
    r"\b(?:SMIC|TSMC|Samsung|SK ?Hynix|Micron|CXMT|YMTC|Hua ?Hong|Sophgo|SiCarrier|Broadcom)\b"
    r"|台积电|台積電|中芯|长鑫|長鑫|三星|海力士|华虹|博通",
    re.I,
)
_FAB_TRADE = re.compile(
    r"\bwafers?\b|\bwpm\b|\byields?\b|\bdies?\b|\bHBM\w{0,2}\b|\bstacks\b|良率|晶圆|产能", re.I
)
_FIRM_TRADE = re.compile(
    r"\b(?:revenues?|sales|sold|market share|share of|shipp\w+|shipments?|charges?|wr(?:ite|ote)\w*"
    r"[- ]?(?:downs?|offs?)|gross margins?|order book|market|backlog|fees?|tariffs?|licen[cs]\w+"
    r"|turnover|yields?|wafers?|output|produc\w+|capacity|units)\b|营收|營收|收入|市场|份额|出货|产能|市场份额"
    r"|[计計]提|ricavi|ingresos|receita|Umsatz|chiffre d['’]affaires|omzet",
    re.I,
)
_PERIOD = re.compile(
    r"\b(?:fiscal|quarters?|Q[1-4]|[1-4]Q\d*|H[12]|[12]H\d*|FY ?\d*|(?:first|second) half|full[- ]year"
    r"|(?:three|six|nine|twelve) months|20[12]\d|semestre|trimestre|Quartal|Halbjahr|annual\w*)\b"
    r"|20\d\d ?年|财年|財年|季度|上半年|下半年|年度",
    re.I,
)
_MODELS = re.compile(
    r"\b(?:GPT-?\d(?:\.\d)?o?|Grok[- ]?\d|Gemini|Claude|ERNIE|Kimi|Qwen[\d.]*|Llama[- ]?\d?|DeepSeek"
    r"|R1(?:[- ]Zero)?|PanGu|Pangu|Hunyuan|Mistral|Falcon|BLOOM|PaLM|Gopher|Chinchilla)\b|盘古|盤古|文心|混元", re.I,
)  # fmt: skip
_A_MODEL = re.compile(
    r"\b(?:LLMs?|(?:large )?(?:language|AI) models?)\b[^.;]{0,80}(?:[kMG]Wh|watt|electricity)"
    r"|\btokens?(?:/| per | a )s(?:ec(?:ond)?)?\b|大模型.{0,40}(?:瓦时|度电)", re.I,
)  # fmt: skip
"""A model without a name whose training took so much energy; a rate of serving."""
_TRAINING = re.compile(r"\b(?:pre-?)?train(?:ed|ing|s)?\b|训练|訓練", re.I)
_FLEET = re.compile(
    r"\b(?:clusters?|data[- ]?cent(?:er|re)s?|super-?computers?|super-?(?:pods?|nodes?)|fleets?"
    r"|campus|facilit(?:y|ies)|AI factor(?:y|ies))\b|集群|叢集|数据中心|智算中心|超节点",
    re.I,
)
_MACHINES = re.compile(
    r"\b(?:GPUs?|NPUs?|TPUs?|HBM\w{0,2}|chips?|accelerators?|servers?|racks?|training|hardware|NICs?"
    r"|switch\w*|cables?|cards|nodes?|clusters?|components?)\b|集群|芯片|训练|算力|卡",
    re.I,
)
_WORK = re.compile(
    r"\b(?:MFU|PUE|goodput|MTB[FI]|MTTF|failures?|failed|interruptions?|faults?|outages?|crash\w*)\b"
    r"|utili[sz]ation|effective training time|mean time (?:between|to)|availability|uptime|linearity"
    r"|scaling efficiency|利用率|故障|中断|线性度|可用度",
    re.I,
)
_RESULTS = re.compile(
    r"\b(?:total |record |quarterly |data[- ]?cent(?:er|re) |net |fiscal |the company (?:\w+ )?"
    r"(?:reported|posted|generated|booked) [^;]{0,40})(?:revenues?|sales)\b|\brevenues? (?:of|was"
    r"|were|reached|rose|grew|came|hit|headwind|impact)|\b(?:one-time|inventory) [^;]{0,20}(?:charge"
    r"|write-?down)|\bricavi\b|\bingresos\b|\breceitas?\b|\bUmsatz|chiffre d['’]affaires|tržby"
    r"|przychod\w+",
    re.I,
)
_OF_ANOTHER = re.compile(
    r"\b(?!(?:Q[1-4]|FY|USD|US|RMB|CNY|GAAP|YoY|China|Chinese|The|Total|Revenue|Data|Center|Centre"
    r"|In|For|It|Its|We|Our|And|Inc|Corp|AI|Q|H1|H2|January|February|March|April|May|June|July"
    r"|August|September|October|November|December|Hong|Kong|Quarter|Fiscal|Year|Record|Net|Sales"
    r"|GPU|GPUs|Automotive|Gaming|This|That|Meanwhile|However|On|A|An|At|With|Of|During)\b)"
    r"[A-Z][A-Za-z&]+(?!\d)"
)
"""A capital word that is none of a report of results: another firm may be meant."""
_THIS_CHIP = re.compile(
    r"\b(?:this|that|the|its|these|those|such) (?:[\w-]+ ){0,2}(?:chips?|GPUs?|accelerators?|cards?)\b",
    re.I,
)
_DASHES = str.maketrans("\u2010\u2011\u2012", "---")
_POLL = re.compile(
    r"\b(?:survey\w*|polls?|polled|respondents?|questionnaire)\b|\bsay they\b|调查|受访", re.I
)
_SUPPOSED = re.compile(
    r"\b(?:hypothetical\w*|suppose|imagine|let['’]s (?:say|assume)|for example, (?:if|a)|assuming you"
    r"|budget of)\b|假设|假如|例如", re.I,
)  # fmt: skip
_HOSTS = re.compile(
    r"\bXeon\b|\bEPYC\b|\bUbuntu\b|\bCentOS\b|Intel\(R\)|\bdriver version|\bPyTorch \d|\bLTS\b"
)


@dataclass(frozen=True, slots=True)
class Topic:
    """What a sentence is about."""

    chips: tuple[Mention, ...]
    makers: tuple[Mention, ...]
    models: tuple[Mention, ...]
    trade: bool
    """It speaks of chips in the plural, of a market of them, of what is made of them."""
    fabs: bool
    firm: bool
    """It gives results of a maker, or of the company just spoken of, and the period they are of."""
    run: bool
    """It speaks of training a model that has a name, or of so many chips at it."""
    fleet: bool
    machines: bool
    """It speaks of how well chips, nodes or clusters run: failures, utilisation."""


def plain(text: str) -> str:
    """The same letters with every dash inside a word as typed on a keyboard."""
    return text.translate(_DASHES)


def topic(sentence: Sentence) -> Topic | None:
    """What a sentence is about; None where that is no chip, no trade in them and no work of them."""
    said = plain(sentence.said)
    if _POLL.search(said) or _SUPPOSED.search(said) or _HOSTS.search(said):
        return None
    chips = tuple(e for e in sentence.chips() if e.kind != "stranger") or _meant(sentence)
    strange = any(e.kind == "stranger" for e in sentence.mentions)
    makers, models = tuple(sentence.of_kind("maker")), tuple(sentence.of_kind("model"))
    counted = any(e.noun == "chips" and e.value > 1 for e in sentence.amounts)
    pointed = strange or _THIS_CHIP.search(said) is not None
    trade = _TRADE.search(said) is not None or (
        pointed and _FIRM_TRADE.search(said) is not None
    )
    fabs = _FABS.search(said) is not None and _FAB_TRADE.search(said) is not None
    training = _TRAINING.search(said) is not None
    named = bool(models) or _MODELS.search(said) is not None
    machines = _MACHINES.search(said) is not None and _WORK.search(said) is not None
    found = Topic(
        chips, makers, models, trade, fabs, _is_result(sentence, makers, chips, fabs),
        (named and (training or counted)) or (training and counted) or _has_rate(said, training),
        _FLEET.search(said) is not None and (counted or bool(chips)), machines or (named and
        _WORK.search(said) is not None),
    )  # fmt: skip
    told = (found.chips, found.trade, found.fabs, found.firm, found.run, found.fleet,
            found.machines)  # fmt: skip
    return found if any(told) else None


def _meant(sentence: Sentence) -> tuple[Mention, ...]:
    """The chip that "it" costs, or draws in a year, as long as no other maker is named."""
    back = sentence.antecedent
    wanted = any(each.unit in ("USD", "CNY", "J") for each in sentence.amounts)
    if back is None or not wanted or sentence.of_kind("maker") or not looks_back(sentence.said):
        return ()
    return (back,)


def _has_rate(said: str, training: bool) -> bool:
    match = _A_MODEL.search(said)
    return match is not None and (training or "tok" in match.group().lower())


def _is_result(
    sentence: Sentence, makers: tuple[Mention, ...], chips: tuple[Mention, ...], fabs: bool
) -> bool:
    """Whether a sentence gives results: of a maker it names, or of no other firm at least."""
    said = plain(sentence.said)
    traded, period = _FIRM_TRADE.search(said), _PERIOD.search(said)
    if makers or chips or fabs or _FABS.search(said):
        share = re.search(r"market share|% of|market|份额|market-leading|fees?\b|charge", said)
        return traded is not None and (period is not None or share is not None)
    if _RESULTS.search(said) is None or period is None:
        return False
    names = (match.start() for match in _OF_ANOTHER.finditer(sentence.text, sentence.start + 1,
                                                             sentence.end))  # fmt: skip
    return next(names, None) is None
