"""The words of comparisons, over a sentence whose chips and quantities are one character each.

English and Chinese in full; the commonest words of Spanish, Portuguese, German, French,
Indonesian, Czech and Russian.
"""

from __future__ import annotations

import re

from chipassay.claims.text.attributes import LINK, RATE
from chipassay.claims.text.gated import Small

CHIPS, AMOUNTS, ROOM = 0xE000, 0xE800, 0x800
PRIVATE = re.compile("[\ue000-\uefff]")
C = "[\ue000-\ue7ff]"
Q = "[\ue800-\uefff]"
W = "[^\ue000-\uefff.;。；]"
_QUICK = "faster|quicker|slower|powerful|speedier|speed"
MORE = (
    "higher|more|faster|greater|better|stronger|larger|bigger|quicker|additional|longer|denser"
    "|extra|wider|increased|improved"
    "|mais|maior|más|mayor|superior|schneller|höhere?[rsn]?|größere?[rsn]?|mehr|plus"
    "|lebih (?:cepat|tinggi|besar|banyak|kuat)"
    "|rychlejší|vyšší|větší|výkonnější|více|быстрее|выше|больше|мощнее"
)
LESS = (
    "lower|less|slower|fewer|smaller|weaker|worse|cheaper|shorter|narrower|reduced|decreased"
    "|menos|menor|inferior|langsamer|niedriger|weniger|geringer|moins"
    "|lebih (?:lambat|rendah|kecil|sedikit|lemah)"
    "|pomalejší|nižší|menší|slabší|méně|медленнее|ниже|меньше|слабее"
)
GAIN = (
    "increase|improvement|boost|gain|uplift|jump|rise|advantage|lead|bump|edge|step[ -]up"
    "|speed-?up|upgrade|headroom|surplus"
)
LOSS = (
    "reduction|decrease|drop|cut|decline|deficit|loss|penalty|disadvantage|shortfall|haircut"
    "|saving|savings|slowdown"
)
_APART = "ratio|difference|gap|disparity|spread|multiple|delta"
THAN = (
    r"than|as|of|over|versus|vs\.?|compared (?:to|with|against)|relative to|against|from|to"
    r"|in comparison (?:to|with)|do que|que|als|wie|daripada|dari|než|чем|de la|du|des?|do|da"
)
_PLAIN = r"(?:(?!of\b|than\b|as\b|to\b|over\b|and\b|while\b|but\b)[\w-]+ )"
RIGHT = (  # what stands right behind a share or a multiple, and the relation it makes of it
    ("share", re.compile(r"(?: times)? (?:as|so) (?:[\w-]+ ){0,5}?as\b", re.I)),
    ("apart", re.compile(rf"(?: times)?[ -]{_PLAIN}{{0,3}}?(?:{_APART})\b", re.I)),
    ("more", re.compile(rf"(?: times)?[ -]{_PLAIN}{{0,4}}?(?:{GAIN})s?\b", re.I)),
    ("less", re.compile(rf"(?: times)?[ -]{_PLAIN}{{0,4}}?(?:{LOSS})s?\b", re.I)),
    ("less", re.compile(rf"(?: times)?[ -](?:\w+ly )?(?:{LESS})\b", re.I)),
    ("more", re.compile(rf"(?: times)?[ -](?:\w+ly )?(?:{MORE})\b", re.I)),
    ("share", re.compile(
        r"(?: times)?,? ?(?:(?:of |over |versus |vs\.? |compared (?:to|with) |relative to )"
        r"|(?:the|that|its|what) )", re.I)),
)  # fmt: skip
OVER = re.compile(r" (?:up )?(?:over|above|beyond|on top of|up on|ahead of|north of)\b", re.I)
UNDER = re.compile(r" (?:under|below|beneath|short of|down on|off|behind|south of)\b", re.I)
"""What stands behind a percentage that is added or taken away."""
_APPROX = (
    r"(?:about|around|roughly|approximately|nearly|almost|over|more than|less than|up to|only"
    r"|as much as|as many as|some|just|at least|an estimated|another|an?|the|under|close to|a"
    r"|whopping|full|~|≈|约|大约|近|将近|超过|高达|仅|达|了|大概|逾|超|出|整整|足足|至少)"
)
APPROX = re.compile(rf"(?:[\s(]*{_APPROX})*[\s(]*$", re.I)
LEFT = (  # what stands right before it, the words for "about" taken away
    ("share", re.compile(r"(?:提升|提高|增加|增长|下降|降|降低|减少|压缩|限制|算力)[^，,。]{0,6}"
        r"(?:至|到|为)(?:原来的)?$")),
    ("less", re.compile(r"(?:下降|降低|减少|缩减|缩水|削减|砍掉|阉割|节省|节约|省|落后|低|少|慢"
        r"|弱|差)"
        r"(?:了|出)?$")),
    ("more", re.compile(r"(?:提升|提高|增加|增长|高出|超出|超过|领先|跃升|高|多|快|强|大|涨)(?:了"
        r"|出)?$")),
    ("share", re.compile(r"(?:为|是|仅|只有|只|相当于|达到?|不到|不足|接近|至|到|的|有|等于)$")),
    ("less", re.compile(rf"\b(?:{LOSS}) (?:{W}{{0,20}} )?of$", re.I)),
    ("more", re.compile(rf"\b(?:{GAIN}) (?:{W}{{0,20}} )?of$", re.I)),
    ("less", re.compile(rf"\b(?:reduc|cut|slash|lower|decreas|saves?"
        rf"|saving)\w*{W}{{0,30}}$", re.I)),
    ("more", re.compile(rf"\b(?:increas|improv|boost|rais|uplift|accelerat)\w*{W}{{0,30}}$", re.I)),
    ("apart", re.compile(rf"\b(?:{_APART})\b[^.;。；]{{0,70}}?\b(?:is|was|of|at|equals"
        rf"|comes to)$", re.I)),
)  # fmt: skip
LOSES = re.compile(
    r"\b(?:los(?:es?|ing|t)|g(?:iv(?:es?|ing|en)|ave) up|shed(?:s|ding)?|sacrific\w+|forfeit\w*"
    r"|lack(?:s|ing)?|remov\w+|strip\w*(?: (?:out|away|off))?|disabl\w+|drop(?:s|ped|ping)?)$"
    r"|(?:失去|损失|屏蔽|砍去)了?$", re.I,
)  # fmt: skip
"""A verb whose share is what is taken away: "loses 41% of the cores"."""
UP_OR_DOWN = re.compile(r"\b(?:(?P<less>down|minus)|up)(?: by)?$", re.I)
WAYS = re.compile(
    r"\b(?:(?P<less>behind|trail\w*|lag\w*|falls? short|fell short|below|inferior|reduc\w*|cut\w*"
    r"|slash\w*|drop\w*|fell|declin\w*|lower\w*|decreas\w*|shrink\w*|shrank)"
    r"|exceed\w*|outperform\w*|surpass\w*|ahead|beat\w*|above|leads?|outpac\w*|increas\w*"
    r"|improv\w*|boost\w*|rais\w*|outstrip\w*|tops?|grew|grow\w*|rose|outruns?|uplifts?)\b", re.I,
)  # fmt: skip
"""What a "by" behind it tells the measure of; the last one counts."""
OVERTAKES = (
    r"exceed(?:s|ed|ing)?|surpass(?:es|ed|ing)?|outperform(?:s|ed|ing)?|beats?|outpaces?|outstrips?"
    r"|outruns?|tops|supera|übertrifft|surpasse|mengungguli|překonává|превосходит"
)
LAGS = (
    r"trail(?:s|ed|ing)?|lags?(?: behind)?|falls? (?:[\w-]+ )?(?:short of|behind)|fell short of"
    r"|inferior to|behind|pales? (?:beside|against)"
)
_FIGURE_OF = rf"(?:{Q} (?:of|on|in|for) (?:the |an? )?(?:\w+['’]s )?)?"
_IS = r"(?:is|are|was|were|runs?|remains?|being)"
DIRECTIONS = (  # the second operand stands behind
    ("same", Small(rf"\b(?:as|just as|every bit as) (?:[\w-]+ ){{0,4}}?as\b{W}{{0,30}}?"
        rf"(?P<b>{C})")),
    ("below", Small(rf"\b(?P<w>{LESS})\b{W}{{0,40}}?\b(?:than|compared (?:to|with)"
        rf"|(?:do )?que|als|daripada|dari|než|чем)\b{W}{{0,40}}?"
        rf"(?:{Q} (?:of|on|in|for) (?:the )?)?(?P<b>{C})")),
    ("above", Small(rf"\b(?P<w>{MORE})\b{W}{{0,40}}?\b(?:than|compared (?:to|with)"
        rf"|(?:do )?que|als|daripada|dari|než|чем)\b{W}{{0,40}}?"
        rf"(?:{Q} (?:of|on|in|for) (?:the )?)?(?P<b>{C})")),
    ("below", Small(rf"(?P<w>\b(?:{LAGS}|below|inferior a"
        rf"|inférieure?s? à)(?!\w)){W}{{0,60}}?{_FIGURE_OF}(?P<b>{C})")),
    ("above", Small(rf"(?P<w>\b(?:{OVERTAKES}|above|superior to|superior a|supérieure?s? à"
        rf"|ahead of)(?!\w)){W}{{0,40}}?{_FIGURE_OF}(?P<b>{C})")),
    ("same", Small(rf"(?P<w>\b(?:unchanged from|(?:the )?same{W}{{0,30}}? as|identical to"
        rf"|equal to|on (?:a )?par with|comparable (?:to|with)|match(?:es|ed|ing)?|similar to"
        rf"|equivalent to|in line with|equals|rivals|level with)\b){W}{{0,30}}?(?P<b>{C})")),
    ("below", Small(rf"(?P<w>低于|不如|弱于|不及|逊于|逊色于|落后于?|少于|慢于|小于|比不上)"
        rf"{W}{{0,25}}?(?P<b>{C})")),
    ("above", Small(rf"(?P<w>高于|超过|超越|优于|强于|领先于?|大于|多于|快于|胜过|碾压)"
        rf"{W}{{0,25}}?(?P<b>{C})")),
    ("same", Small(rf"(?P<w>等同于|持平于|媲美|看齐|接近|相当于){W}{{0,12}}?(?P<b>{C})")),
    ("same", Small(rf"(?P<w>[与和跟同])\s?(?:英伟达的?\s?)?(?P<b>{C})"
        rf"[^\ue000-\uefff，。]{{0,8}}?"
        rf"(?:相同|一致|持平|相当|一样|相等)")),
    ("below", Small(rf"(?P<w>(?<!相)[比较])\s?[^\ue000-\uefff.;。；，,]{{0,12}}?(?P<b>{C})"
        rf"[^\ue000-\uefff，。]{{0,12}}?"
        rf"更?(?:低|少|慢|弱|差|小)(?!于)(?:\s?(?:得多|很多|一些|不少))?")),
    ("above", Small(rf"(?P<w>(?<!相)[比较])\s?[^\ue000-\uefff.;。；，,]{{0,12}}?(?P<b>{C})"
        rf"[^\ue000-\uefff，。]{{0,12}}?"
        rf"更?(?:高|多|快|强|好|大)(?!于)(?:\s?(?:得多|很多|一些|不少))?")),
)  # fmt: skip
NEGATED = re.compile(
    r"(?:\bnot|n['’]t|\bno|\bnever|\bneither|\bcannot|\bnor|\bhardly|不|并非|并不|没有|未)\s?"
    r"(?:\w+ly |any |even |quite |be |much )?$", re.I,
)  # fmt: skip
FAR = re.compile(r"\b(?:far|vastly|dramatically|massively|well|way)\s(?:\w+ )?$|远", re.I)
QUICK = re.compile(rf"\b(?:{_QUICK})\b|[快慢]", re.I)
"""Adjectives of rates; a capacity is not faster."""
LONE = Small(
    rf"\b{_IS} (?:also |even |far |much |significantly |slightly |considerably |notably "
    rf"|likewise ){{0,2}}"
    rf"(?P<w>(?P<less>{LESS})|(?P<more>{MORE}))\b(?! than| to)|(?<=\w )(?P<bare>(?:{LESS}|{MORE}))"
    r"(?=\s?(?:$|[.,;]|and\b))"
    rf"|\b{_IS} (?:\w+ )?(?P<same>the same|identical|unchanged)(?=\s?(?:$|[.,;]|and\b))"
    r"|(?P<samezh>相同|持平|一样|不变|一致)(?=$|[，,。；])"
    rf"|\b(?P<noun>(?P<nounless>{LESS}|weakened|halved|slashed|lowered|crippled)"
    rf"|(?:{MORE}))\b(?= (?:[\w-]+ ){{0,2}}?(?:memory|bandwidth"
    rf"|compute"
    r"|capacity|cores|SMs|VRAM|power|interconnect\w*|NVLink|computing|TDP)\b(?![^,;.]*\b(?:than"
    r"|per|of)\b))"
    rf"|\b(?P<label>(?P<labless>{LESS})|{MORE}) (?=(?:[\w-]+ ?){{1,3}}[:：—])"
    r"|(?P<zh>更?(?:(?P<zhless>低|弱|差|少|慢|小)|(?P<zhmore>高|强|好|多|快|大))(?=$"
    r"|[，,。；]))")  # fmt: skip
"""A comparative with nothing behind it: its second operand was named before."""
FRONTED = re.compile(
    rf"(?:\b(?:compared (?:to|with|against)|relative to|in comparison (?:to|with)|versus|vs\.?"
    rf"|unlike|against|measured against|falls? {W}{{0,20}}?short of|next to|beside)\b"
    rf"(?: {Q} for)?{W}{{0,60}}?"
    rf"|(?:相比于?|相较于?|对比|相对于?|与|和|跟|较"
    rf"|比)[^\ue000-\uefff，,。；]{{0,12}}?)(?P<b>{C})", re.I,
)  # fmt: skip
"""A second operand that is named before, or at the end, of what is compared."""
CHAIN = re.compile(
    rf"(?P<a>{C}|[A-Z]?[\w-]{{2,10}})(?:\s?[(（](?P<abit>[^()（）]{{0,50}})[)）])?\s?"
    rf"(?P<sign>[>＞≳≥]|[<＜≲≤](?![A-Za-z/]))\s?"
    rf"(?=(?P<b>{C}|[A-Z]?[\w-]{{2,10}})(?:\s?[(（](?P<bbit>[^()（）]{{0,50}})[)）])?)"
)
"""Names set in order by signs, each with its figure in brackets or none."""
PAIR = re.compile(
    rf"(?P<first>{Q})(?:,?\s?(?:vs\.?|versus|against|compared (?:to|with)|/|对比|对)\s?)(?:the\s)?"
    rf"(?:{C}(?:['’]s)?\s)?(?P<second>{Q})", re.I,
)  # fmt: skip
"""Two figures set against each other."""
BETTER = re.compile(
    rf"(?P<a>{C}){W}{{0,30}}?\b(?:perform\w*|is|are) (?:\w+ )?(?P<way>better|worse|faster"
    rf"|slower|more powerful|stronger|weaker)\b(?! than)", re.I,
)  # fmt: skip
MEASURED = Small(
    r"\binference|(?<!compute )(?<!FP8 )(?<!FP16 )\bthroughput"
    r"|Geekbench|benchmark\w*|MLPerf|\btraining|\btests?\b|\btesting|real[- ]world"
    r"|tokens"
    r"|latency|\bper[- ](?:dollar|watt|joule|token)|/W\b|\bsome (?:key )?(?:metrics|tasks)"
    r"|workloads?"
    r"|\benergy\b|electricity|\bsav(?:es?|ed|ing)\b|能耗|省电|节能|\bprice|cost|推理|训练|实测"
    r"|跑分|性价比|每瓦|每美元|能效|吞吐|efficien\w+|\bcheaper|sales"
    r"|shipments?|supply|demand|certain (?:AI )?tasks")  # fmt: skip
ATTRIBUTES = (
    ("memory_bandwidth", Small(
        r"(?:memory|HBM\w*|显存|内存|VRAM|DRAM)[\s-]?(?:data )?(?:bandwidth|speed|throughput|带宽"
        r"|transfer)"
        r"|(?:largura|ancho) de banda (?:de|da) mem[oó]ria|Speicherbandbreite"
        r"|bande passante mémoire|bandwidth memori|пропускн\w+ способност\w+ памяти")),
    (LINK, Small(
        r"(?:NVLink|inter-?connect\w*|HCCS|scale-?up|\blinks?\b(?! up)|互联|互连|互聯"
        r"|(?:chip|data|card)[\w\s-]{0,9}"
        r"transfer (?:rate|speed)s?|chip-to-chip|GPU-to-GPU|inter-(?:chip|GPU|card)|片间|卡间"
        r"|transferência de informações|interconex\w+)(?: ?[\d.]+)?(?: ?(?:bandwidth|speed"
        r"|capacity|带宽"
        r"|频宽))?")),
    ("pcie_bandwidth", Small(r"PCI-?e(?:xpress)?(?: ?[\d.x]+)?(?: ?(?:bandwidth"
        r"|带宽))")),
    ("network_bandwidth", Small(
        r"(?:Ethernet|InfiniBand|RDMA|network\w*|RoCE)(?: (?:bandwidth|speed))?"
        r"|网络(?:带宽)?")),
    ("performance_density", Small(r"(?:performance|compute) density|性能密度|算力密度")),
    ("efficiency", Small(
        r"(?:energy|power)[- ]?efficien\w+|per[- ](?:watt|dollar|joule|W\b)|能效|能耗比|每瓦|性价比"
        r"|efficien\w+")),
    ("l2_capacity", Small(r"(?:\bL2\b|\bcache\b|缓存)(?: ?(?:bandwidth|带宽))?")),
    ("memory_bus", Small(r"\bbus\b|位宽")),
    ("boost_clock", Small(r"\bclocks?\b|frequency|主频|频率")),
    ("memory_capacity", Small(
        r"(?:memory|HBM\w{0,2}|VRAM) (?:capacity|size|pool)"
        r"|(?<!ing )(?<!ion )(?<!compute )\bcapacity|\bVRAM\b|显存容量|容量"
        r"|\bmemory\b|\bmem[oó]ria\b|\bSpeicher\w*|\bmémoire\b|\bmemori\b|\bpaměť\w*|\bпамят\w+"
        r"|\bHBM\w{0,2}\b|显存|内存|记忆体")),
    ("memory_bandwidth", Small(
        r"bandwidth|带宽|频宽|largura de banda|ancho de banda|Bandbreite|bande passante|propustnost"
        r"|пропускн\w+ способност\w+")),
    ("tdp", Small(
        r"\bTDP|power (?:consumption|draw|limit|envelope|requirement|usage|budget)s?|功耗|能耗"
        r"|功率|thermal design|(?:draws?|drawing|consum\w+|uses?|using|more|less|lower|higher)"
        r" (?:total |overall )?(?:power|electricity|energy|watts?)\b|energy (?:use|consumption)"
        r"|Stromverbrauch|consumo|consommation|konsumsi daya|spotřeb\w+|энергопотреблени\w+"
        r"|(?<=[\ue800-\uefff] )(?:of (?:the )?)?(?:power|electricity|energy)\b(?! of)")),
    ("cores", Small(r"\bSMs?\b|(?<!tensor )\bcores\b|core count|核心数|内核|核心")),
    ("die_area", Small(r"die (?:size|area)|\bdie\b(?= of| is)|(?:silicon|logical|logic) area"
        r"|面积")),
    ("transistors", Small(r"\btransistors?\b|晶体管")),
    (RATE, Small(
        r"comput(?:ing|ational|e) (?:power|performance|capacit\w+|capabilit\w+|throughput)"
        r"|\b(?:AI|peak|tensor|theoretical|raw) performance"
        r"|comput(?:e|ing)\b|\w?FLOPS?\b|\w?FLOP/s|TOPS|算力|计算能力|計算能力|processing power"
        r"|computational power|throughput|poder computacional|potencia de cálculo|Rechenleistung"
        r"|puissance de calcul|daya komputasi|výpočetní\w* výkon\w*|вычислительн\w+ мощност\w+")),
    ("performance", Small(
        r"performan\w+|powerful|\bfast(?:er)?\b|slow(?:er)?\b|quick(?:er)?\b|性能|capab\w+"
        r"|perform\w*|效率|水平|speed\w*|快|慢|rápid\w+|schnell\w*|lambat|cepat|rychl\w+"
        r"|desempenho|rendimiento|Leistung\b|kinerja|výkon\w*|производительност\w+|быстрее")),
)  # fmt: skip
EARLIER = re.compile(
    r"predecessor|(?:previous|prior|last|preceding)[ -](?:generation|model|gen)|前代|上一代|前一代"
    r"|\brivals?\b|competitor|competing|竞品|对手", re.I,
)  # fmt: skip
"""A second operand without a name."""
