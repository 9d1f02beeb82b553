"""The words that a figure may be said in without any doubt: a closed list, and nothing besides.

A figure that agrees with the catalogue hardly agrees by chance; one that differs may as well have
been misread. It is called wrong only where each word of its clause is one of these, so that a word
nobody thought of (" stack", "the pair", "once patched") leaves a doubt and not an accusation.
"""

from __future__ import annotations

import re

_SMALL = """
you get there too much w kw per through out down into onto across well yes as a an the its it
this that these each one all of in on at to for with and or plus by from is are was were be has
have had which who also now so up than about around roughly approximately approx nearly almost
over under only just merely still even some exactly typically usually officially both
respectively while but whereas namely i.e e.g here same
"""
_VERBS = """
does do managed manages achieve achieves packed brings brought bring bumps bumped employs employ
employing sustains promises released unveiled announced introduced launched debuted arrives
arrived ships shipped connects connect manage squeezes crams pushes pushed climbs jumps jumped
rises rose grows grew reads writes lands landed clocking moves has have had having offers offer
offering delivers deliver delivering delivered provides provide providing provided features
feature featuring featured reaches reach reaching carries carry carrying packs pack packing boasts
boast boasting sports gets get includes include including comes come coming equipped supports
support supporting supported uses use using used runs run running rated rating claimed claims
listed lists stated states quoted quotes specified advertised holds hold houses integrates
integrate integrating contains contain enables enable enabled enabling allows gives give giving
given hits tops peaks stands sits consumes consume consuming draws draw drawing dissipates
efficiency energy power-efficiency measures measuring sized set fixed kept keeps retains retain
retaining remains offered made built based fabricated manufactured produced backed coupled
combines combined clocked clocks yields yielding maintains maintain equals totals drops dropped
reduced reduces cut cuts lowered limited capped boasted connected linked joined combining
comprising comprises stacks chiplets chiplet boost frequency boosts boosted increased increases
raised doubles pairs paired pairing couples takes taking wants makes gains gained received
receives receive goes ships shows puts put  counts counted being moved moving swaps swapped keeps
owes owing thanks can say says said saying notes noted showing shows shown see
"""
_NOUNS = """
column row table entry list total aggregate combined count number numbers units video graphics ecc
tsmc smic samsung hynix micron tpu tpus gcd gcds xpu capabilities capability connection
connectivity processing density beast monster monstrosity workhorse powerhouse flagship offering
most scale scales mig multi-instance partitioned partition partitions split splits isolated
instances virtual slices many can fits mounts joins join hold needs need sm slot slots dual-slot
single-slot two-slot double-slot triple-slot full-height full-length half-height half-length
low-profile heatsink heat sink cooler fan fans fanless blower connector connectors pin 16-pin
8-pin 12vhpwr x16 x8 lane lanes mezzanine socket socketed board boards air air-cooled water liquid
passive active  gen3 gen4 gen5 gen6 server servers workstation desktop gaming gamer professional
pro studio creator creators ls llm llms language models large 4n 4np n3 n3p n4 n4p n5 n6 n7 n7+
cowos cowos-l cowos-s foundry load buffer pool onboard chiplets chiplet tile tiles module modules
board consumer server-grade market customers export exports sanctions restrictions rules
compliance compliant inter-card card-to-card chip2chip reading name tb gb mb s tb/s gb/s gpu gpus
chip chips card cards accelerator accelerators processor processors npu npus asic part parts
product products device devices version variant variants model models edition package memory
capacity bandwidth size type amount interface bus width vram ram dram gpu-memory on-board onchip
on-package hbm high-bandwidth high performance compute computing computational power powers rate
rates speed speeds throughput precision half-precision single-precision double-precision tensor
core cores matrix vector cuda floating-point floating point operations operation math arithmetic
peak theoretical maximum max dense sparse sparsity tdp thermal design consumption draw limit
envelope budget watts watt interconnect link links nvlink nvswitch hccs infinity fabric xgmi ici
scale-up scaleup gpu-to-gpu chip-to-chip inter-gpu inter-chip bidirectional unidirectional
bi-directional communication transfer data die dies process technology transistors transistor area
streaming multiprocessor multiprocessors cache sram specs spec specifications specification
spec-sheet datasheet sheet figure figures value generation architecture silicon training inference
ai ml hpc deep learning workloads workload data-center datacenter data-centre center centre flops
tflops teraflops pflops petaflops tops tf32 fp32 fp16 bf16 fp8 fp64 fp4 int8 int4 mxfp4 nvfp4
mxfp8 fp6 sxm sxm2 sxm3 sxm4 sxm5 pcie nvl oam hgx level format formats mode
"""
_ADJECTIVES = """
multi-die dual-die single-die multi-chip chiplet-based older bigger versatile on-chip top top-end
top-of-the-range top-tier midrange mid-tier high-bandwidth low-power full-power lower-power
stripped-down scaled-down watered-down crippled neutered hobbled gutted trimmed tailored designed
developed aimed intended meant purpose-built optimized optimised popular famous same good great
best solid decent strong weak balanced global shared stated claimed gen generation
quarter-precision eighth-generation trillion-transistor massive huge large larger big whopping
impressive substantial significant generous full fully first second third fourth fifth new newer
newest latest next-generation next-gen third-generation fourth-generation fifth-generation
second-generation stacked 3d-stacked fast faster ultra-fast blazing-fast high-speed
high-performance high-end ultra enterprise-grade advanced modern powerful dedicated unified local
physical native standard regular base flagship chinese china china-specific export-compliant
cut-down cutdown entry-level mid-range current own official staggering remarkable mere modest
quick quicker slim slimmer compact coherent familiar affordable pricey costly rare scarce mighty
hefty hungry power-hungry bare plain simple ordinary low lower higher highest greater considerable
ample state-of-the-art cutting-edge china-only domestic homegrown export-restricted actual real
theoretical-peak nominal maximum-rated
"""
_ABROAD = """
der die das den dem des ein eine einen einem mit und hat besitzt bietet verfügt über von für ist
sind liegt beträgt erreicht kommt auf bei zu zum zur im an rund etwa knapp nur auch wird
speicher grafikspeicher speicherbandbreite bandbreite rechenleistung leistung leistungsaufnahme
verbraucht transistoren grafikkarte beschleuniger maximal bis insgesamt le la les une de du et
avec dispose possède offre propose embarque intègre atteint consomme est mémoire bande passante
puce carte consommation puissance jusqu au aux en sur pour environ seulement el los las con del
y tiene ofrece cuenta incluye alcanza consume es para hasta unos solo memoria ancho banda
potencia consumo tarjeta rendimiento o os um uma com do da dos tem possui oferece inclui atinge
consome é até cerca apenas memória largura potência energia desempenho il lo gli di della ha
dispone integra raggiunge consuma è per fino circa larghezza potenza scheda ma posiada dysponuje
oferuje z w na pamięci pamięć przepustowość układ karta pobiera wynosi má nabízí disponuje s v
paměť paměti propustnost čip spotřeba имеет обладает оснащен оснащён оснащена и в на с до памяти
память пропускная способность количество техпроцесс карта чип потребляет энергопотребление
составляет нм всего у но снижен транзисторов ядер ядра ядрами шина шиной шину памятью бит
tranzystorów rdzeni rdzeniami transistores transistor núcleos kerne cœurs coeurs bits estão
ativos quais acelerador accélérateur activos jader
"""
"""Articles, copulas and nouns of the other languages that articles are written in."""
_PRAISE = """
efficient ideal suited leads leading dominates shines excels great hot cheap expensive famed
tbp tgp air-cooled liquid-cooled passively actively apiece computes
known respected announced scalable compatible aging ageing
"""
_MONTHS = """
january february march april may june july august september october november december jan feb
mar apr jun jul aug sep sept oct nov dec q1 q2 q3 q4 early late mid
"""
_COMPARED = """
through completely entirely totally te been no not without does do support lacks lack removed
deleted disabled missing present absent supporting engine transformer launch launched released
unveiled announced introduced debuted higher lower more less faster slower greater fewer smaller
larger better worse weaker stronger times x fold compared versus vs than relative against behind
ahead above below inferior superior equal same identical unchanged match matches matching exceeds
exceed exceeding surpasses outperforms beats trails lags falls fall short half twice double triple
third quarter fifth percent reduction decrease cut drop increase improvement boost gain advantage
much far slightly significantly similar comparable par equivalent roughly that of what as its
predecessor previous prior original sibling counterpart rival delivering achieving leading
improves improving improved lead count counts cores difference gap ratio when factor saves save
saving savings uplift jump rise edge rivals older prior-generation previous-generation twofold
threefold fourfold tenfold exceeded surpass surpassing outperform outperforming outpaces triples
halves quadruples wider narrower shortfall disadvantage deficit many going moving raises raised
raising sms cus units loses lose losing lost gives giving up sheds sacrifices keeps keep keeping
next increasing reducing lowers lowering doubling halving leap bump bumps nearly rise rises rose
falls fell down from onward bridges bridge scale scales across outward targets targeting serving
half-size quarter third-party jumps beats beating beat tops topping edges trailing ahead
outclasses likewise but every terms measured interconnection unlike next beside bring brings
brought weakened compares comparison
"""
LATIN = frozenset(f"{_SMALL} {_VERBS} {_NOUNS} {_ADJECTIVES} {_ABROAD} {_PRAISE} {_MONTHS}".split())
COMPARING = LATIN | frozenset(_COMPARED.split())
CHINESE = re.compile(
    "总线宽度|总线|链路|条|调整|增至|减至|降至|增加|减少|每秒|内存|显存|带宽|容量|位宽|算力|计算能力|计算性能|计算|运算|浮点|性能|理论|峰值|稠密|稀疏|精度|半精度|单精度|双精度|张量|核心|功耗"
    "|热设计|互联|互连|通信|双向|单向|片间|卡间|芯片|单卡|加速卡|显卡|计算卡|处理器|工艺|制程|晶体管|采用|配备|搭载|拥有|具有|具备|提供"
    "|支持|达到|高达|可达|最高|最大|仅为|仅有|仅|只有|只|约为|约|大约|为|是|有|的|达|在|和|与|及|以及|其|它|该|这款|这颗|此|款|颗|张"
    "|单|型号|版本|参数|规格|下|上|方面|中|也|则|而|了|可|能|不过|但|同时|并|并且|到|至|高|速|大|新一代|代|升级|数据|传输|速率|速度|技术"
    "|总|基于|架构|英伟达|华为|国产|制造|台积电|中芯国际|训练|推理|人工智能|实现|输出|型|芯|之间|间"
    "|使用|用|加速|加|数量|数|视频|顯存|記憶體|頻寬|帶寬|晶片|顯卡|加速卡|採用|搭載|擁有|達到|達|僅|為|與|種|組|個|各|功耗|能|從|標稱|标称|厂商|官方"
    "|发布|推出|旗舰|中国|市场|出口|特供|合规|定制|阉割|以上|以下|第一|第二|第三|第四|第五|一|二|三|四|五|六|七|八|两|才|先看|原来|变成|顶|高端|集成|内置|通过$|容纳|高端|显示|宽度|内|由|组成|构成|构|组|多处理器|流式|处|一|二|两|个|种|组|最多|整|每|张|片|卡|能够|能力|拥|强大|惊人"
    "|庞大|单颗|之|所|被|限制|于|年|月|日"
)
_COMPARED_CHINESE = re.compile(
    f"不支持|没有|取消|移除|删除|未配备|不具备|去掉|砍掉|缺少|剔除|保留|相比|相较|相当于|对比|不及|不如|失去|损失|等同于|比|较|高于|低于|超过|超越|优于|弱于|强于|不如|高|低|多|少|快|慢|强|弱|提升|提高|增加|减少|下降|降低|左右|以上|倍|一半"
    f"|三分之一|五分之一|上一代|前一代|前代|上代|两倍|翻倍|翻番|逊色|媲美|相当|相同|一致|持平|一样|落后|领先|出|于|不到|不足|{CHINESE.pattern}"
)
_WORD = re.compile(r"(?![一-鿿])[^\W\d_](?:(?![一-鿿])[\w’'-])*(?:\.[eg]\b)?|\d[\w.,-]*|[一-鿿]+")
_ENDING = re.compile(r"['’]s?$")


_HARMLESS = re.compile(
    r"(?!(?:collectively|jointly|effectively|previously|originally|formerly|initially|supposedly"
    r"|reportedly|allegedly|potentially|possibly|probably|hardly|respectively|previous|various"
    r"|numerous|effective|collective|respective|cumulative|comparable|passive|multiple)$)"
    r"(?:[a-z-]{3,}(?:ly|ous|ful|ive|ish|able|ible)|(?:19|20)\d\d|\d(?:st|nd|rd|th)(?:-gen(?:eration)?)?"
    r"|gen-?\d|[\w-]+-(?:gen|generation|class|grade|level|speed|core|based|specific|ready|only))"
)
"""Adverbs, adjectives, years and ordinals: they colour a figure and do not move it."""
SIMPLE = str.maketrans(
    "較與為於達僅約強帶寬顯記憶體頻優過超漲慢獨顆僅隻張裝雙條勝減單從與點訓練總線內處數據傳輸規號參國產發聯電場版備計種採用擁實現構組構設",
    "较与为于达仅约强带宽显记忆体频优过超涨慢独颗仅只张装双条胜减单从与点训练总线内处数据传输规号参国产发联电场版备计种采用拥实现构组构设",
)
"""Traditional characters of comparisons, as the simple ones that the patterns have."""


def strange_word(
    masked: str, known: frozenset[str] = LATIN, chinese: re.Pattern[str] | None = None
) -> str:
    """The first word of a stretch that is none of these; "" where all of them are."""
    chinese = chinese or (CHINESE if known is LATIN else _COMPARED_CHINESE)
    for match in _WORD.finditer(masked.translate(SIMPLE)):
        word = match.group()
        if "一" <= word[0] <= "鿿":
            rest = chinese.sub("", word)
            if rest:
                return rest
        elif not _is_known(_ENDING.sub("", word.lower()), known):
            return word
    return ""


def _is_known(word: str, known: frozenset[str]) -> bool:
    return word in known or _HARMLESS.fullmatch(word) is not None
