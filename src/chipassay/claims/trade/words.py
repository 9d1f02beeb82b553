"""The words that say what a quantity of trade, or of machines at work, is a quantity of.

One line a field: the kinds of quantity it takes, how far its words count (a cost in characters
that is added to their distance; the smallest sum wins), and the words. A field without a name is
no claim about chips: a quantity that stands nearest to its words is left alone.
"""

from __future__ import annotations

from typing import NamedTuple

from chipassay.claims.text.gated import Small


class Field(NamedTuple):
    """A field, the kinds of quantity it takes, how loosely its words are tied to it, the words."""

    name: str
    kinds: frozenset[str]
    cost: float
    words: Small


MONEY = ("USD", "CNY", "EUR", "GBP")
COUNTS = ("chips", "dies", "stacks", "wafers", "machines")


def _field(name: str, kinds: str, cost: float, pattern: str) -> Field:
    told: set[str] = set()
    for kind in kinds.split():
        told |= set({"money": MONEY, "counts": COUNTS}.get(kind, (kind,)))
    return Field(name, frozenset(told), cost, Small(pattern))


FIELDS = (
    _field("", "money %", 0, (
        r"\bshares\b(?=[^;]{0,24}\b(?:fell|rose|slid|jump\w*|surg\w+|climb\w*|drop\w*|plung\w+"
        r"|gain\w*|slip\w*|tumbl\w+|trad\w+|clos\w+|slump\w*|soar\w*|down|up|declin\w+|ris\w+|add))"
        r"|\b(?:stock|share) (?:price|split|market)s?\b|\bstocks?\b|\bshares (?:of|in)\b(?! the)"
        r"|pre-?market|after-?hours|\bmarket (?:cap\w*|value)\b|capitali[sz]ation|Nasdaq"
        r"|Hang Seng|\bS&P\b|\bindex\b|price target|股价|股價|市值|涨停|涨幅|收盘|盘前|盘后|跌幅")),
    _field("", "money %", 0, (
        r"\bEPS\b|earnings per share|\bper share\b|(?:operating|profit|net) margins?|\bcash flow"
        r"|\bnet cash|EBIT\w*|dividend\w*|buy-?backs?|repurchas\w+|returned (?:YTD|to share)"
        r"|每股|回购")),
    _field("", "%", 0, r"\bprofits?\b|\b(?:income|earnings)\b|净利|淨利|利润"),
    _field("profit", "money", -5, (
        r"\b(?:net|operating|pre-?tax|annual|quarterly) (?:income|earnings|loss(?:es)?)\b"
        r"|\bprofits?\b"
        r"|\ba (?:record )?loss of\b|\bloss(?:es)? (?:widen\w*|narrow\w*|of|for the)\b"
        r"|\b(?:lost|losing)\b(?=\W+(?:[\w.,$¥-]+ ){1,5}(?:in|during|for) (?:the|its|[HQ12]))"
        r"|净利润?|淨利|利润|盈利|亏损|虧損")),
    _field("", "money %", 0, (
        r"\bvaluation|\bvalu(?:ed|es|ing)\b|\bfunding\b|\braised\b|\bIPO\b|\binvest\w*|\bstakes?\b"
        r"|cap(?:ital )?ex\w*|capital expenditure\w*|\bseries [A-F]\b|\bdebts?\b|\bbonds?\b"
        r"|\bloans?\b|\bbought (?:for|by)\b|acqui(?:sition|red (?:by|for|through))"
        r"|\bpurchase in\b|\btakeover|\bmerger"
        r"|\bsalar\w+|\bfine[sd]?\b(?!-)|\blawsuit\w*|\bpenalt\w+|\bbudget\b|\bpledg\w+|\bdonat\w+"
        r"|\bplans? to (?:build|spend|put|make|pour)\b|over (?:the )?(?:next |coming )?(?:two"
        r"|three|four|five|ten"
        r"|several|\d+) years|\bsubscription|\bwycenia|融资|估值|投资|注资|收购|募资")),
    _field("", "% chips", 0, (
        r"\b(?:employees|staff|workforce|people|workers|engineers|researchers|students|developers"
        r"|users|respondents|patents?|authors)\b|员工|人员|研究人员|开发者|用户|专利")),
    _field("", "% times", 0, (
        r"accuracy|\bscor(?:e|es|ed|ing)\b|\bbenchmark\w*|MMLU|\bAIME|\bSWE|\bpass@|\bcache\b"
        r"|compress\w+|latency|speed-?up|faster|slower|performance|throughput|bandwidth|memory"
        r"|transfer rate"
        r"|efficien\w+(?! in clusters)|准确率|得分|性能|算力")),
    _field("lost sales", "money", -10, (
        r"lost (?:business|orders)|(?:curbs?|restrictions?|bans?|controls"
        r"|rules?)\b[^;]{0,24}\bcost(?:s|ing)?\b|"
        r"\bloss(?:es)? (?:in|of) (?:[\w-]+ ){0,3}(?:revenues?|sales)|could not ship"
        r"|unable to ship|lost (?:sales|revenues?)|unshipped|missed out|forgone"
        r"|(?:sales|revenues?) (?:hit|loss|headwind)|(?:slic|shav|wip|cut)\w* [^;]{0,30}\b"
        r"(?:revenue|sales)|未能出货")),
    _field("charge", "money", -10, (
        r"\bcharges?\b|\bwr(?:ite|ote|itten|iting)\b[^.;]{1,40}?\b(?:off|down)\b"
        r"|wr(?:ite|ote|itten|iting)[- ]?(?:down|off)s?|impairments?|\bhit\b"
        r"|provisions?"
        r"|inventory (?:loss\w*|reserves?)|take a (?:hit|loss)|[计計]提|[減减][记記值]|損失|损失"
        r"|Abschreibung\w*|amortissement|svalutazion\w*|depreciaci\w+")),
    _field("fee", "money %", 0, (
        r"\bfees?\b|\blevy\b|surcharge|tariffs?\b|dut(?:y|ies)\b|royalt\w+|\bremit\w*|\btax(?:es"
        r"|a|e)?\b"
        r"|\bimp(?:ue|o)sto|\bSteuer|\bAbgabe|revenue[- ]sharing|share (?:of )?(?:its "
        r"|the )?revenue|\bsection 232\b|抽成|分成|上[缴繳贡]"
        r"|关税|關稅|\b(?:to|by|for) the (?:US |U\.S\. )?(?:government|Treasury)\b")),
    _field("fee", "%", 0, (
        r"\bcuts?\b(?= of)|\b(?:a|the) (?:[\w.%-]+ )?cut\b|hand(?:s|ed|ing)? over|\bpay(?:s|ing)?\b"
        r"|\bgiv(?:e|es|ing)\b(?! or take)|in exchange for|\bgovernment\b|\bTreasury\b"
        r"|\bcollects?\b"
        r"|\bpass(?:es|ing)?\b[^;]{0,40}\bon to\b|\bWashington\b")),
    _field("rent", "money cents", -25, (
        r"\b(?:per|an?|each)[\s\u2010\u2011-](?!kilo|mega)(?:\w+[\s\u2010\u2011-]){0,2}hours?"
        r"|/ ?(?:GPU"
        r"|chip)?[- ]?"
        r"h(?:r|our)?\b|hourly|\brent\w*|\bleas(?:e|es|ed|ing)\b|\bon[- ]demand|租金|租赁|每小时"
        r"|每卡时")),
    _field("training cost", "money", -10, (
        r"(?:reinforcement learning|fine-?tuning|强化学习|微调)"
        r"(?=[^;]{0,24}\b(?:cost|took|spen)|花费|成本)"
        r"|compute (?:bill|cost|budget)s?\b|\bcost\w*(?=[^;]{0,28}\bin compute)"
        r"|training (?:cost|run|expen\w+|bill|budget)\w*|(?:cost|bill)s? (?:of|to"
        r"|for) (?:\w+ ){0,3}"
        r"?(?:pre-?)?train\w*|\btrain(?:ed|ing)?\b[^;]{0,60}?\b(?:cost\w*|for (?:just|only|about"
        r"|under|less|some|roughly|around)?\s?(?=\$|US)|spen[dt]\w*|at a cost)|(?:spen[dt]|cost"
        r"|expenditure)[^;]{0,40}?\btrain\w*|训练(?:成本|费用|花费|总成本)|(?:成本|费用).{0,12}训练"
        r"|训练.{0,20}(?:成本|费用|花费)")),
    _field("gross margin", "%", -10, r"gross margins?|毛利率"),
    _field("growth", "% times", 0, (
        r"year[- ]on[- ]year|year[- ]over[- ]year|\byoy\b|\by/y\b|\bqoq\b|quarter[- ]on[- ]quarter"
        r"|sequential\w*|from (?:a|the) (?:year|quarter) (?:earlier|ago)|\b(?:up"
        r"|down)\b(?=\s?(?:by "
        r"|about |some |nearly |over )?\d)|\b(?:rose|fell|grew|grow\w*|surg\w+|jump\w+|climb\w*"
        r"|increas\w+|decreas\w+|declin\w+|slump\w*|soar\w*|doubl\w+|tripl\w+|quadrupl\w+)\b|同比"
        r"|环比"
        r"|增长|增長|下滑|aumento|anno su anno|interanual|ano a ano|Anstieg|gestiegen|hausse")),
    _field("sales", "money", 0, (
        r"\brevenues?\b|\bsales\b|\bsold\b|turnover|\bearned\b|\bgenerat\w+|\bbrought(?: in)?\b"
        r"|\btook in\b|营收"
        r"|營收"
        r"|[销銷]售[额額]?|收入|ricavi|ingresos|receitas?|Umsatz|chiffre d['’]affaires|omzet")),
    _field("unit price", "money", 10, (
        r"\bpric\w+|\bcost(?:s|ing)?\b|\bchanges? hands\b|gr[ea]y[- ]market|apiece|\beach\b"
        r"|per (?:chip|card|GPU|unit|rack|server|node"
        r"|accelerator|board)|\bretail\w*|\btag\b|\bMSRP\b|sell(?:s|ing)? (?:for|at)|\bfetch\w*"
        r"|\boffer(?:ing|ed)?\b|\bquot\w+|\bbuy(?:s|ing)?\b|\bpaid\b|\bpay\b|\bserver\b|售价|单价"
        r"|价格"
        r"|價格|售價|报价|每[张片块颗台塊張顆]|预计.{0,6}价|\bpreço|\bprecio|\bprezzo|\bPreis"
        r"|\bkostet"
        r"|\bkosten|\bcustam?\b|\bcuesta\w*|\bcosta(?:no)?\b|\bprix\b|\bcoûte\w*|\bgoes for\b"
        r"|\bat over\b")),
    _field("share", "%", 0, (
        r"market share|\bshare\b|share of|\bslice\b|\bportion\b|proportion|\bof (?:(?:the|its"
        r"|their|total|global|all|\w+['’]s) )?"
        r"(?:[\w-]+ ){0,3}?(?:market|sales|revenues?|shipments|units|volume|supply|output|chips"
        r"|dies|capacity|demand|spending|servers|purchases)|account\w* for|ma(?:de|kes?|king) up"
        r"|represent\w*"
        r"|captur\w+|\bhold(?:s|ing)?\b|\bheld\b|retain\w*|\bcommand\w*|\bcontrol(?:s|led)?\b"
        r"|dominat\w+|\bof (?:total )?(?:sales|revenue)\b|\bsupply\b|\bcame from\b"
        r"|self-sufficien\w+"
        r"|控制|市场份额|份额|市占率|占[比据到]?|佔|自给率|国产化率|\bquota\b|\bcuota\b"
        r"|participação|udział|Marktanteil|\bparts?"
        r" de marché")),
    _field("yield", "%", -10, (
        r"\byield(?:s|ed|ing)?\b|defect\w*|良率|良品率|\busable\b|\bgood (?:[\w-]+ ){0,2}(?:dies"
        r"|chips)\b"
        r"|\boff the line\b|thành phẩm|rendimiento|Ausbeute|taux de rendement|rendimento")),
    _field("cap", "% counts", -5, (
        r"\bcapp?(?:ed)?\b|\blimited to\b|no more than|not exceed\w*|\bceiling\b|\bquota\b|上限")),
    _field("capacity", "counts", 5, (
        r"wafers?|wpm|\bcapacity|starts\b|per month|a month|monthly|晶圆|产能|月产")),
    _field("shipments", "counts", 0, (
        r"\bshipp?(?:ed|ments?|ing|s)?\b|\bsold\b|\bsell\b|\bsales\b|\bdeliver\w*|\bexport\w*"
        r"|出货|交付|销量|卖出|出貨")),
    _field("production", "counts", 0, (
        r"\bproduc\w+|\bmakes?\b|\bmade\b|\bmaking\b|manufactur\w+|\boutput|fabricat\w+"
        r"|\bturn out\b"
        r"|assembl\w+|\bbuil[dt]\w*|产量|生产|量产|制造")),
    _field("stock", "counts money", 0, (
        r"stockpil\w+|\bobtain\w*|\bsuppl\w+|\bdispatch\w*|\bsent\b|\breceiv\w+|\bsmuggl\w+"
        r"|\binventor\w+|\bacquir\w+|\bbought\b|\btook in\b(?! \$)|\bpurchas\w+|\bprocur\w+"
        r"|\bdivert\w+"
        r"|\bbank\b"
        r"|\bseiz\w+|库存|囤积|走私|采购|\bworth of\b")),
    _field("orders", "counts money", 0,
        r"\border(?:s|ed|ing)?\b|\bbacklog|\bbookings\b|\bbooked orders"
        r"|订单|订购"),
    _field("demand", "money counts", 20, (
        r"(?<!grey-)(?<!gray-)(?<!grey )(?<!gray )(?<!black )\bmarkets?\b|\bdemand\b|\bworth\b"
        r"|\bopportunity\b|\bTAM\b|市场规模|需求|市場")),
    _field("deployment", "chips machines", 30, (
        r"\b(?:scal(?:ed?|es|ing)|cramm\w*|stuff\w*|fill\w*|expand\w*|activat\w*|switch\w* on"
        r"|online)\b|"
        r"\b(?:us(?:es|ed|e|ing)|deploy\w*|run(?:s|ning)?|install\w*|operat\w+|cluster\w*"
        r"|train(?:ed|ing|s)?|compris\w+|contain\w*|consist\w*|integrat\w+|combin\w+|equipped"
        r"|hous\w+|link(?:s|ed)?|connect\w*|powered by|pods?|super-?(?:pod|node|cluster|computer)s?"
        r"|fleet|packs?|employ\w*|featur\w+|boasts?|has|have|with|built (?:with|from|on)|total\w*"
        r"|distribut\w+|requir\w+|need\w*|giv(?:es|ing)|(?:comes?|amount\w*|adds? up) to"
        r"|in (?:all|total)|altogether"
        r"|all told|across|data cent(?:er|re)s?|on)\b|共计?|合计|总计|部署|集群|叢集|搭载"
        r"|使用"
        r"|组成|训练|訓練|互联|配备")),
    _field("gpu hours", "chip-hours", 0, r"."),
    _field("compute", "FLOP", 0, r"."),
    _field("tokens", "tokens", 0, r"\btokens?\b|词元"),
    _field("token rate", "tokens/s items/s", 0, r"."),
    _field("electricity", "J", 0, r"."),
    _field("electricity", "money cents", -20, (
        r"per (?:kilowatt|kWh)|/ ?kWh|a kilowatt|每度|/度|(?:electricity|power) (?:bills?|prices?"
        r"|rates?|costs?)|电价|电费")),
    _field("power", "W", 0, (
        r"\b(?:draw\w*|drew|consum\w+|pull\w*|reach\w*)\b|"
        r"data[- ]?cent(?:er|re)s?|\bclusters?\b|campus|facilit\w+|\bfleet|\bsites?\b"
        r"|super-?computer"
        r"|\bgrid\b|集群|数据中心|智算")),
    _field("utilisation", "%", 0, (
        r"(?<![A-Za-z])[MH]FU(?![A-Za-z])|\bbusy\b|of (?:the|its|their) time\b|utili[sz]ation"
        r"|effective training time|goodput"
        r"|availability|uptime|linearity"
        r"|scaling efficiency|linear(?:ity)? (?:scaling|speed-?up)|利用率|可用度|线性度|可用性")),
    _field("share", "%", 0, (
        r"\b(?:failures?|interruptions?|faults?|outages?|crash\w*|incidents?|stops|halts)\b"
        r"|\bfailed\b|\bfailing\b"
        r"|故障|中断")),
    _field("subsidy", "% money", -10, r"subsid\w+|(?:electricity|power) bills?|补贴|電費"),
    _field("failures", "events", 0, r"."),
    _field("failures", "chips machines", -20, (
        r"\bfail(?:s|ed|ing|ures?)\b|\bdied\b|\bbroke\b|\bwas lost\b|故障")),
    _field("interval", "s", -10, (
        r"\b(?:every|mean time|MTBF|MTTF|between failures|without (?:a )?(?:failure"
        r"|interruption"
        r"|crash)\w*)\b|每.{0,4}[次就]|平均无故障")),
    _field("duration", "s", 0, (
        r"\btrain\w*|\btook\b|\blast(?:s|ed|ing)?\b|\bruns?\b|\bsnapshot|\bfor\b|\bover\b"
        r"|\bduring\b"
        r"|\bcomplet\w+|\bperiod\b|\bin (?:just |only |under |about |a mere )?(?=\d)|\bfinish\w*"
        r"|\bwithin\b|\bbuil[dt]\w*|\bassembl\w+|\bneed\w*|训练|訓練|耗时|历时|用时")),
    _field("carbon", "carbon", 0, r"."),
    _field("overhead", "PUE", 0, r"\bPUE\b|power usage"),
)  # fmt: skip
