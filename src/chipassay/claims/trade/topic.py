"""Whether a sentence is about chips, their trade, their makers, fabs, fleets or training runs.

Only then are its quantities read as market figures, whichever words stand beside them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from chipassay.claims.claim import Mention
from chipassay.claims.text.gated import Gated, Small
from chipassay.claims.text.numerals import SCALES
from chipassay.claims.text.sentences import Sentence, looks_back
from chipassay.units import parse

_CHIP_WORD = (
    r"(?:chips?|GPUs?|accelerators?|NPUs?|TPUs?|AI processors?|graphics (?:cards?|processors?)"
    r"|semiconductors?)"
)
_OF_TRADE = (
    "chip|gpu|accelerator|npu|tpu|processor|graphics|semiconductor|data|rack|per card|each card"
    "|hbm|ai server|compute and|compute advantage|compute lead|compute gap|yield|vendor|supplier"
    "|designer|export|cuda|ascend|electricity|kilowatt|china|国产|芯片|加速卡|算力卡|显卡|顯卡"
    "|智算卡|晶片|卡时|昇|良率|服务器|推理卡|训练卡|万卡"
)
_TRADE = Gated(
    rf"{_CHIP_WORD}(?:['’]s)?[- ](?:market|makers?|making|suppliers?|vendors?|designers?|shipments?"
    rf"|sales|revenues?|output|production|exports?|imports?|business|orders?|prices?|industry"
    rf"|smuggl\w+|demand|supply|rental|hours?|fleet|clusters?|licen[cs]\w*)"
    rf"|\b(?:AI|artificial[- ]intelligence|domestic|local|Chinese|China['’]s|homegrown|home-grown"
    rf"|restricted|banned|export-controlled|(?:Nvidia|Huawei|AMD)(?:['’]s)?)"
    rf" (?:AI |data[- ]cent(?:er|re) )?{_CHIP_WORD}\b|\bsmuggled (?:[\w-]+ ){{0,2}}{_CHIP_WORD}\b"
    rf"|(?:shipments?|sales|output|production|exports?|stockpiles?|deliver(?:y"
    rf"|ies)) of [^;]{{0,40}}"
    rf"{_CHIP_WORD}"
    rf"|\bdata[- ]?cent(?:er|re) (?:revenues?|sales|segment|business|GPUs?|products?|division)"
    rf"|\b(?:per|each) (?:GPU|chip|card|accelerator|rack|NPU)\b"
    rf"|\bHBM\w{{0,2}}\b|\bAI servers?\b|\bcompute and networking\b|\byield (?:rates?|levels?)\b"
    r"|(?:domestic|local|Chinese|China['’]s|imported|foreign|overseas) (?:AI )?(?:suppliers?"
    r"|vendors?|chip-?makers?|designers?"
    r"|chips?)"
    r"|\bexport (?:tariff|levy|tax|fee|cut)\b|\bCUDA\b[^;]{0,60}market share|\bAscend\b"
    r"|electricity[^;]{0,60}(?:per kilowatt|/ ?kWh|per kWh)|\bkilowatt-hour (?:costs?|for)\b"
    r"|国产(?:AI|算力|芯片|加速|GPU)|(?:AI|人工智能|算力|智能|本土|高端)芯片|芯片(?:市场|销|出货"
    r"|业务|出口|订单)"
    r"|加速卡|算力卡|显卡|顯卡|智算卡|晶片|卡时|昇腾|昇騰|良率|国产化率|加速(?:计算)?服务器"
    r"|AI服务器|(?:推理|训练|万)卡"
    r"|\bcompute (?:advantage|lead|gap)\b"
    r"|\bChina\b[^;]{0,40}\d ?% of (?:[\w'’]+ ){0,2}(?:sales|revenues?)\b"
    r"|\bfrom \d[\d.]* ?(?:%|per ?cent) [^;]{0,20}?\bto [^;]{0,40}\bChina\b"
    r"|\bChina\b[^;]{0,60}\bfrom \d[\d.]* ?(?:%|per ?cent)",
    _OF_TRADE,
)
_FABS = Small(
    r"\b(?:SMIC|TSMC|Samsung|SK ?Hynix|Micron|CXMT|YMTC|Hua ?Hong|Sophgo|SiCarrier|Broadcom)\b"
    r"|\bN\+[1-3]\b|\b(?:Iluvatar|Enflame|Cerebras|Groq|SambaNova|Graphcore|Tenstorrent)\b"
    r"|台积电|台積電|中芯|长鑫|長鑫|三星|海力士|华虹|博通|天数智芯|燧原|龙芯|景嘉微"
)
_FAB_TRADE = Small(
    r"\bwafers?\b|\bwpm\b|\byields?\b|\bdies?\b|\bHBM\w{0,2}\b|\bstacks\b|良率|晶圆|产能"
)
_FIRM_TRADE = Small(
    r"\b(?:revenues?|sales|sold|share|shipp\w+|shipments?|charges?|wr(?:ite|ote)\w*"
    r"[- ]?(?:downs?|offs?)|gross margins?|order book|market|backlog|fees?|tariffs?|licen[cs]\w+"
    r"|turnover|yields?|net (?:income|loss(?:es)?)|profits?|loss(?:es)?|lost|slice|portion"
    r"|wafers?|output|produc\w+|capacity|units|brought in|took in|earned|booked"
    r"|orders|billion quarter"
    r"|(?:curbs?|restrictions?|bans?|controls|rules?)\b[^;]{0,24}\bcost(?:s|ing)?"
    r"|suppl(?:y|ies|ied)|inventor(?:y|ies)|stockpil\w+|export tax|deliver\w*|bought"
    r"|purchas\w+)\b|营收|營收|收入|市场|份额|出货|产能|市场份额"
    r"|quota di mercato|cuota de mercado|parts? de marché|Marktanteil|participação|udział w rynku"
    r"|采购|购买|占(?=\s?\d|据|比)|净利|利润|盈利|亏损|[计計]提|ricavi|ingresos|receita"
    r"|Umsatz|chiffre d['’]affaires|omzet"
)
_PERIOD = Small(
    r"\b(?:fiscal|quarters?|Q[1-4]|[1-4]Q\d*|H[12]|[12]H\d*|FY ?\d*|(?:first|second) half"
    r"|full[- ]year"
    r"|(?:three|six|nine|twelve) months|20[12]\d|semestre|trimestre|Quartal|Halbjahr|annual\w*)\b"
    r"|20\d\d ?年|财年|財年|季度|上半年|下半年|年度"
)
_MODELS = re.compile(
    r"\b(?:GPT-?\d(?:\.\d)?o?|Grok[- ]?\d|Gemini|Claude|ERNIE|Kimi|Qwen[\d.]*|Llama[- ]?\d?"
    r"|DeepSeek"
    r"|R1(?:[- ]Zero)?|PanGu|Pangu|Hunyuan|Mistral|Falcon|BLOOM|PaLM|Gopher|Chinchilla)\b|盘古"
    r"|盤古|文心|混元", re.I,
)  # fmt: skip
_A_MODEL = re.compile(
    r"\b(?:LLMs?|(?:large )?(?:language|AI) models?)\b[^;]{0,80}(?:[kMG]Wh|watt|electricity)"
    r"|\btokens?(?:/| per | a )s(?:ec(?:ond)?)?\b|\bCO2\w*|大模型.{0,40}(?:瓦时|度电)", re.I,
)  # fmt: skip
"""A model without a name whose training took so much energy; a rate of serving."""
_TRAINING = Small(
    r"\b(?:pre-?)?train(?:ed|ing|s)?\b|reinforcement learning|\bin compute\b|\bcompute (?:bill"
    r"|cost|budget)|训练|訓練|强化学习|\b(?:run|runs)\b"
)
_FLEET = Small(
    r"\b(?:(?:super-?)?clusters?|data[- ]?cent(?:er|re)s?|super-?computers?|super-?(?:pods?"
    r"|nodes?)|fleets?"
    r"|campus|facilit(?:y|ies)|AI factor(?:y|ies))\b|集群|叢集|数据中心|智算中心|超节点"
)
_A_RUN = re.compile(
    r"\btrain(?:ing|ed)\b[^;]{0,24}\b(?:took|takes|lasted|ran for|finished (?:in|after)|was (?:done"
    r"|completed))\b[^;]{0,40}\b(?:days?|weeks?|hours?|months?)\b[^;]{0,80}"
    r"\b(?:faults?|interruptions?|run|model|failures?)\b|训练.{0,12}(?:耗时|历时|用时)", re.I,
)  # fmt: skip
"""A run that is told by how long it took, whatever was trained."""
_SITES = re.compile(r"\b(?:Colossus|Stargate|Hyperion|Prometheus|Project Rainier|Fairwater)\b")
_GPU_HOURS = re.compile(r"(?:GPU|NPU|TPU|卡)\s?(?:小时|时|[\s-]?hours)", re.I)
_REAL_CHIPS = re.compile(r"GPUs?|NPUs?|TPUs?|accelerators|[AH]\d00|AI chips|昇|加速", re.I)
_MACHINES = Small(
    r"\b(?:GPUs?|NPUs?|TPUs?|HBM\w{0,2}|chips?|accelerators?|servers?|racks?|training|hardware"
    r"|NICs?"
    r"|switch\w*|cables?|cards|nodes?|clusters?|components?|jobs?|links?|[MH]FU)\b|集群|芯片|训练|算力|卡"
)
_WORK = Small(
    r"(?<![A-Za-z])(?:MFU|HFU|PUE|goodput|MTB[FI]|MTTF|failures?|failed|fails|loses? an?"
    r"|lost an?|interruptions?"
    r"|faults?|outages?|crash\w*"
    r"|busy|stops)(?![A-Za-z])"
    r"|utili[sz]ation|effective training time|mean time (?:between|to)|availability|uptime"
    r"|linearity"
    r"|scaling efficiency|利用率|无故障|故障|中断|线性度|可用度"
)
_RESULTS = Small(
    r"\b(?:total |record |quarterly |data[- ]?cent(?:er|re) |net |fiscal |the company (?:\w+ )?"
    r"(?:reported|posted|generated|booked) [^;]{0,40})(?:revenues?|sales)\b|\brevenues? (?:of|was"
    r"|were|reached|rose|grew|came|hit|headwind|impact)|\b(?:one-time"
    r"|inventory) [^;]{0,20}(?:charge"
    r"|write-?down)|\bricavi\b|\bingresos\b|\breceitas?\b|\bUmsatz|chiffre d['’]affaires|tržby"
    r"|przychod\w+|[计計]提"
)
_OF_ANOTHER = re.compile(
    r"\b(?!(?:Q[1-4]|FY|USD|US|RMB|CNY|GAAP|YoY|China|Chinese|The|Total|Revenue|Data|Center|Centre"
    r"|In|For|It|Its|We|Our|And|Inc|Corp|AI|Q|H1|H2|January|February|March|April|May|June|July"
    r"|August|September|October|November|December|Hong|Kong|Quarter|Fiscal|Year|Record|Net|Sales"
    r"|GPU|GPUs|Automotive|Gaming|This|That|Meanwhile|However|On|A|An|At|With|Of|During)\b)"
    r"[A-Z][A-Za-z&]+(?!\d)"
)
"""A capital word that is none of a report of results: another firm may be meant."""
_THIS_CHIP = Small(
    r"\b(?:this|that|the|its|these|those|such) (?:[\w-]+ ){0,2}(?:chips?|GPUs?|accelerators?"
    r"|cards?)\b"
)
_DASHES = str.maketrans("\u2010\u2011\u2012", "---")
_OF_A_SITE = parse("1 MW", "W")
MANY = SCALES["thousand"]
"""Fewer dies or stacks are those of one chip; more are made, stocked or sold."""
_POLL = Small(r"\b(?:survey\w*|polls?|polled|respondents?|questionnaire)\b|\bsay they\b|调查|受访")
_SUPPOSED = Small(
    r"\b(?:hypothetical\w*|suppose|imagine|let['’]s (?:say|assume)|for example, (?:if|a)"
    r"|assuming you"
    r"|budget of)\b|假设|假如|例如")  # fmt: skip
_OTHER_GOODS = Small(
    r"\b(?:(?:smart)?phones?|handsets?|cars|vehicles|laptops?|PCs|notebooks|watch(?:es)?|tablets?"
    r"|routers?|televisions|TVs|consoles?|iPhones?|Mate \d+|Pura \d+|movies?|games?)\b|手机|汽车"
    r"|平板")  # fmt: skip
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
    """It gives figures of a maker's trade, or results of the company just spoken of."""
    traded: bool
    """It has a word of trade: revenue, shipments, units, orders."""
    period: bool
    """It says of which year, quarter or months."""
    pointed: bool
    """It speaks of "this chip", without a name."""
    run: bool
    """It speaks of training a model that has a name, or of so many chips at it."""
    fleet: bool
    machines: bool
    """It speaks of how well chips, nodes or clusters run: failures, utilisation."""


def plain(text: str) -> str:
    """The same letters with every dash inside a word as typed on a keyboard."""
    return text.translate(_DASHES)


def is_about_chips(sentence: Sentence) -> bool:
    """Whether a sentence may speak of chips in earnest: no poll, no supposition, no list of parts
    of a host."""
    said = plain(sentence.said)
    return not (_POLL.search(said) or _SUPPOSED.search(said) or _HOSTS.search(said))


def topic(sentence: Sentence) -> Topic | None:
    """What a sentence is about; None where that is no chip, no trade and no work of chips."""
    if not is_about_chips(sentence):
        return None
    said = plain(sentence.said)
    chips = tuple(e for e in sentence.chips() if e.kind != "stranger") or _meant(sentence)
    strange = any(e.kind == "stranger" for e in sentence.mentions)
    makers, models = tuple(sentence.of_kind("maker")), tuple(sentence.of_kind("model"))
    counted = any(e.noun == "chips" and e.value > 1 for e in sentence.amounts)
    pointed = strange or counted or _THIS_CHIP.search(said) is not None
    traded = _FIRM_TRADE.search(said) is not None
    many = any(e.noun in ("dies", "stacks", "wafers") and e.value > MANY for e in sentence.amounts)
    trade = _TRADE.search(said) is not None or (pointed and traded) or many
    fabs = _FABS.search(said) is not None and _FAB_TRADE.search(said) is not None
    period = _PERIOD.search(said) is not None
    named = bool(models) or _MODELS.search(said) is not None
    at_work = _WORK.search(said) is not None
    machines = named or bool(chips) or _MACHINES.search(said) is not None
    trade = trade and not (not chips and _OTHER_GOODS.search(said))
    found = Topic(
        chips, makers, models, trade, fabs,
        _is_result(sentence, makers, chips, fabs, traded, period),
        traded, period, pointed,
        _is_run(sentence, said, named=named, counted=counted),
        _is_fleet(sentence, said, counted=counted or bool(chips)), machines and at_work,
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


def _is_run(sentence: Sentence, said: str, *, named: bool, counted: bool) -> bool:
    """Whether a sentence is of a training run: a model's, of so many chips, of so much work."""
    training = _TRAINING.search(said) is not None
    units = {each.unit for each in sentence.amounts}
    spent = bool(units & {"FLOP", "J"}) or _GPU_HOURS.search(said) is not None
    if (named and (training or counted or spent)) or (training and counted) or "FLOP" in units:
        return True
    return _A_RUN.search(said) is not None or _has_rate(said, training)


def _is_fleet(sentence: Sentence, said: str, *, counted: bool) -> bool:
    """Whether a sentence is of a site: a cluster with chips, a known site, thousands of GPUs."""
    large = any(each.unit == "W" and each.value > _OF_A_SITE for each in sentence.amounts)
    if large and (counted or _SITES.search(said)):
        return True
    many = (e for e in sentence.amounts if e.noun == "chips" and e.value >= MANY)
    if any(_REAL_CHIPS.search(said, each.start - sentence.start) for each in many):
        return True
    return counted and _FLEET.search(said) is not None


def _has_rate(said: str, training: bool) -> bool:
    match = _A_MODEL.search(said)
    return match is not None and (training or match.group().lower()[:3] in ("tok", "co2"))


_CLOUDS = re.compile(
    r"Amazon|AWS|Google|Microsoft|Meta|Baidu|Alibaba|Tencent|谷歌|微软|百度|阿里|腾讯|亚马逊", re.I
)
"""Makers most of whose sales are no chips."""
_CHIPS = re.compile(rf"\b{_CHIP_WORD}\b|芯片|加速卡", re.I)


def _is_result(
    sentence: Sentence,
    makers: tuple[Mention, ...],
    chips: tuple[Mention, ...],
    fabs: bool,
    traded: bool,
    period: bool,
) -> bool:
    """Whether a sentence gives results: of a maker it names, or of no other firm at least."""
    said = plain(sentence.said)
    if not chips and _OTHER_GOODS.search(said):
        return False
    sold = [e for e in makers if not _CLOUDS.match(sentence.text, e.start, e.end)]
    if makers and not (sold or chips or fabs) and _CHIPS.search(said) is None:
        return False
    if makers or chips or fabs:
        return traded
    if period and _FABS.search(said):
        return traded
    if not period or _RESULTS.search(said) is None:
        return False
    names = (match.start() for match in _OF_ANOTHER.finditer(sentence.text, sentence.start + 1,
                                                             sentence.end))  # fmt: skip
    return next(names, None) is None
