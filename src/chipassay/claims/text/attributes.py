"""The attributes a chip may be said to have: a closed list, the words for each, its unit.

The names are those of the catalogue's fields; a few that the catalogue does not hold are read
too, so that a reader is told they cannot be checked.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from chipassay.claims.claim import Amount
from chipassay.claims.text.gated import Gated, Small
from chipassay.units import parse

RATE, BANDWIDTH, LINK = "rate", "bandwidth", "link"
"""A rate at no stated precision, a bandwidth of no stated part, a link: asked of several fields."""


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that name an attribute, and where they stand."""

    field: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute: the unit of its quantity (or its noun), and the words for it."""

    field: str
    unit: str
    words: Small


_MEMORY = (
    r"(?:memory|HBM\w{0,3}|GDDR\w{0,3}|LPDDR\w{0,3}|VRAM|DRAM|\bRAM\b|显存|内存|記憶體|顯存"
    r"|memori[ae]?\b|memória|mémoire|Speicher\w{0,10}|geheugen|pamě[tť]\w{0,2}|pamięci?\b"
    r"|памят\w{1,2})"
)
ATTRIBUTES = (
    Attribute("memory_bandwidth", "B/s", Small(
        rf"{_MEMORY}[\s-]{{0,2}}(?:subsystem )?(?:bandwidth|speed|throughput|带宽|頻寬|速率)"
        rf"|bandwidth (?:of|from|to) (?:its |the )?{_MEMORY}|{_MEMORY}|memory")),
    Attribute(LINK, "B/s", Small(
        r"NVLink\w?|NVSwitch|interconnect\w*|inter-(?:chip|GPU|card)|chip-to-chip|GPU-to-GPU"
        r"|card-to-card|scale-?up|HCCS|Infinity Fabric|xGMI|MLU-?Link|BLink|MTLink|MetaXLink"
        r"|XPU Link|UALink|NeuronLink|Xe Link|\bICI\b|互联|互连|片间|卡间"
        r"|(?:chip|data)[\s-]transfer (?:rate|speed)s?|communication bandwidth|UB bandwidth")),
    Attribute("pcie_bandwidth", "B/s", Small(
        r"(?:PCIe|PCI[- ]Express)(?= ?(?:Gen|\d|x\d|link|bus|interface|bandwidth|lane))"
        r"|host interface")),
    Attribute("network_bandwidth", "B/s", Small(
        r"Ethernet|InfiniBand|RoCE|NICs?\b|network\w*|optical|transceivers?|busbw|NCCL|网卡|网络")),
    Attribute(BANDWIDTH, "B/s", Small(
        r"bandwidth|带宽|頻寬|bandbreedte|Bandbreite|ancho de banda|largura de banda|bande passante"
        r"|larghezza di banda|propustnost\w*|przepustowo\w+|пропускн\w+|throughput")),
    Attribute("l2_capacity", "B", Small(
        r"(?<![A-Za-z0-9])L[23](?![A-Za-z0-9])(?: cache|缓存|快取)?|(?:last[- ]level|Infinity"
        r"|on-die|on-chip) cache"
        r"|(?<!KV )(?<!KV-)(?<!L1 )\bcache\b(?! (?:hit|line|miss))|片上缓存|[二三]级缓存|无限缓存"
        r"|\bMALL\b")),
    Attribute("sram_capacity", "B", Small(r"SRAM|on-chip memory|scratchpad")),
    Attribute("memory_capacity", "B", Small(rf"{_MEMORY}|capacity|容量|memory")),
    Attribute("tdp", "W", Small(
        r"TDP|thermal design power|power|consum\w+|draws?|功耗|board power|watt\w*|energy"
        r"|功率|Leistungsaufnahme|Verbrauch|consommation|spotřeb\w+|pobór mocy|daya|potencia"
        r"|potência|энергопотреблени\w")),
    Attribute("die_area", "m2", Small(r"\bdies?\b|area|silicon|chip size|芯片面积|面积|reticle")),
    Attribute("boost_clock", "Hz", Small(r"(?<!memory )clock\w*|boost|frequency|主频|频率")),
    Attribute(RATE, "FLOP/s", Small(
        r"compute|computing|performance|throughput|FLOPS|算力|性能|rate|peak|power"
        r"|Rechenleistung|Leistung|rendimiento|desempenho|puissance|prestazioni|výkon\w*|kinerja"
        r"|wydajno\w+|производительност\w")),
    Attribute("performance_density", "bit.FLOP/s/m2", Small(
        r"performance density|\bPD\b|性能密度")),
    Attribute("performance", "bit.FLOP/s", Small(r"TPP|total processing performance|performance")),
    Attribute("memory_bus", "bit", Small(
        r"\bbus|interface|memory|位宽|位寬|显存|顯存|总线|總線|breite|bus\b|ancho de bus|largura"
        r"|barramento"
        r"|шин\w{1,2}\b|sběrnic\w|magistral\w|szyn\w")),
)  # fmt: skip
COUNTED = {
    "cores": "cores",
    "lanes": "lanes",
    "units": "matrix_units",
    "transistors": "transistors",
    "nm": "process",
    "TFLOPS/W": "efficiency",
    "parameters": "parameters",
    "dies": "compute_dies",
    "stacks": "memory_stacks",
    "links": "scaleup_links",
}
PRECISION = Gated(
    r"(?<![A-Za-z])(?:(?P<tf32>TF-?32)|(?P<bf16>BF-?16|bfloat16)|(?P<fp64>FP-?64"
    r"|double[- ]precision|64[- ]bit floating[- ]point|双精度)"
    r"|(?P<fp32>FP-?32|single[- ]precision|32[- ]bit floating[- ]point|单精度)"
    r"|(?P<fp16>FP-?16|half[- ]precision|16[- ]bit floating[- ]point|半精度)"
    r"|(?P<fp8>FP-?8|MXFP8|8[- ]bit floating[- ]point|quarter[- ]precision)"
    r"|(?P<fp6>FP-?6)|(?P<fp4>(?:NV|MX)?FP-?4|4[- ]bit floating[- ]point)"
    r"|(?P<int8>INT-?8|8[- ]bit int(?:eger)?s?\b|8位整[数型])"
    r"|(?P<int4>INT-?4|4[- ]bit int(?:eger)?s?\b))"
    r"(?![0-9])",
    "fp|bf|tf|int|precision|bit|精度|位整",
)
MEMORY_TYPE = re.compile(
    r"(?<![A-Za-z0-9])(?:HBM\s?\d\s?[eE]?|LPDDR\d[xX]?|GDDR\d[xX]?)(?![A-Za-z0-9]|\([eE]\))"
)
DESIGN = re.compile(
    r"(?<![A-Za-z])(?:Ada(?:[ -]Lovelace)?|Ampere|Hopper|Blackwell(?: Ultra)?|Volta|Turing|Pascal"
    r"|Maxwell|Kepler|Feynman|Rubin|[CR]DNA(?:[ -]?\d)?|Da ?Vinci|Xe-?HPC|MLUarch(?:\d\d)?"
    r"|G[AHBVRP]\d{3}|AD\d{3}|TU\d{3})(?![A-Za-z0-9])|安培|霍珀|布莱克韦尔|伏特|图灵|达芬奇"
)
"""Names of architectures and of dies; no chips."""
CONVENTIONS = {
    "sparse": Small(r"sparse|sparsity|稀疏"),
    "dense": Small(r"\bdense\b|without sparsity|no sparsity|non-sparse|稠密"),
    "one way": Small(
        r"unidirectional|uni-directional|one[- ]way|one direction|(?:per|each)[- ]"
        r"(?:way|direction)|simplex|单向|单工|unidireccional|unidirecional"
    ),
    "both ways": Small(
        r"bidirectional|bi-directional|two[- ]way|(?:both|two) (?:ways|directions)"
        r"|full[- ]duplex|双向|双工|bidireccional|bidirecional"
    ),
    "per link": Small(
        r"(?:per|each|a single|every) (?:NVLink|link|connection|port)\b|/link\b"
        r"|每[条个根](?:NVLink|链路|通道)|单条(?:NVLink|链路)"
    ),
    "per stack": Small(
        r"(?:per|each|every) (?:HBM\w* )?stack|stacks? of \d|GB (?:HBM\w* )?stacks"
        r"|stacks?,? each|每[个颗](?:堆栈|HBM)"
    ),
    "level 2": Small(r"(?<![A-Za-z0-9])L2(?![A-Za-z0-9])|二级缓存"),
    "level 3": Small(
        r"(?<![A-Za-z0-9])L3(?![A-Za-z0-9])|三级缓存|(?:last[- ]level|Infinity) cache|无限缓存"
        r"|\bMALL\b"
    ),
    "per die": Small(r"per die|each die|每个die|单die"),
    "matrix": Small(r"tensor|matrix|cube|张量"),
    "vector": Small(r"vector|CUDA core|non-tensor|shader|向量"),
}
DENSE = ("fp16", "bf16", "fp8", "int8", "tf32", "fp32", "fp64", "fp4", "fp6", "int4")


def cues(text: str, start: int, end: int) -> list[Cue]:
    """Every attribute's words in a stretch of text; the same words may name several."""
    found = []
    for attribute in ATTRIBUTES:
        for match in attribute.words.finditer(text, start, end):
            found.append(Cue(attribute.field, match.start(), match.end()))
    return found


_UNIT_OF = {attribute.field: attribute.unit for attribute in ATTRIBUTES}
_FALLBACK = {
    "FLOP/s": RATE,
    "B/s": BANDWIDTH,
    "W": "tdp",
    "bit.FLOP/s": "performance",
    "bit.FLOP/s/m2": "performance_density",
}


_OF_WAFERS = re.compile(r"wafer|yield|晶圆|良率", re.I)
"""What dies are cut from; those are counted and no part of a package."""


def attribute_of(
    text: str, amount: Amount, found: list[Cue], amounts: Sequence[Amount] = ()
) -> tuple[str, bool]:
    """The attribute a quantity belongs to, and whether its own words are there; "" for none."""
    if amount.noun == "dies" and _OF_WAFERS.search(
        text[max(0, amount.start - 80) : amount.end + 60]
    ):
        return "", False
    if amount.noun in COUNTED:
        return COUNTED[amount.noun], True
    if amount.noun:
        return "", False
    best, cost = "", math.inf
    for cue in found:
        if _UNIT_OF[cue.field] != amount.unit or _is_of_another_size(cue.field, amount):
            continue
        each = _distance(text, amount, cue)
        if any(amount.end <= a.start < cue.start and a.unit == amount.unit for a in amounts):
            each += _TOO_FAR
        if each > 1 and _names_next(text, amount, cue, amounts):
            each += _TOO_FAR
        if cue.field == BANDWIDTH:
            each += 30
        if each < cost:
            best, cost = cue.field, each
    if best and cost < _TOO_FAR:
        return best, True
    if amount.unit == "m2":
        near = text[max(0, amount.start - 60) : amount.end + 40]
        return ("", False) if _NO_DIE.search(near) else ("die_area", True)
    if amount.unit == "bit" and not _is_of_another_size("memory_bus", amount):
        near = text[max(0, amount.start - 60) : amount.end + 40]
        return ("memory_bus", True) if _BY_MEMORY.search(near) else ("", False)
    return _FALLBACK.get(amount.unit, ""), False


_NO_DIE = re.compile(
    r"interposer|package|substrate|wafer|reticle|\bper\b|CoWoS|/ ?mm|board|中介层|基板", re.I
)
"""What else is measured in square millimetres."""
_BY_MEMORY = re.compile(r"\d ?G[Bo]\b|HBM|GDDR|ГБ|\d ?[TG]B/s")
"""What a width in bits stands beside where it is that of a memory."""


def _names_next(text: str, amount: Amount, cue: Cue, amounts: Sequence[Amount]) -> bool:
    """Whether words behind a quantity stand right before the next one of its unit and name that."""
    return cue.start >= amount.end and any(
        a.unit == amount.unit and _LEADS.fullmatch(text, cue.end, a.start)
        for a in amounts
        if cue.end <= a.start
    )


_LEADS = re.compile(r"[\s:：=]{0,3}(?:of |at |is |为)?")
_CACHE = parse("2 GB", "B")


_SMALLEST = parse("1 GB", "B")
_NARROWEST = 128
"""Bits of a memory's bus; fewer are those of a number format, or of one chip of memory."""


def _is_of_another_size(field: str, amount: Amount) -> bool:
    """Whether no cache is that large, no bus that narrow: the words beside it mean another."""
    if field == "memory_bus":
        return amount.value < _NARROWEST
    if field == "memory_capacity":
        return amount.value < _SMALLEST
    return field in ("l2_capacity", "sram_capacity") and amount.value > _CACHE


_TOO_FAR = 200.0
"""Words that stand behind another quantity of the same unit belong to that one."""


def _distance(text: str, amount: Amount, cue: Cue) -> float:
    """How far words stand from a quantity; a comma between counts for forty characters."""
    if cue.start >= amount.end:
        gap, after = text[amount.end : cue.start], True
    elif cue.end <= amount.start:
        gap, after = text[cue.end : amount.start], False
    else:
        return 0.0
    if len(gap) > 2 * _TOO_FAR:
        return 3 * _TOO_FAR + len(gap)
    close = after and len(gap) <= 4 and not re.search(r"[,;.()，；、]", gap)
    stops = len(re.findall(r"[,;:()，；、：（）]|\band\b|\bwhile\b|\bbut\b|\bwhereas\b", gap))
    return 0.5 if close else len(gap) + 40.0 * stops + (35.0 if after else 0.0)


def precision_of(text: str, amount: Amount, start: int, end: int) -> str:
    """The precision nearest to a rate: `dense_fp16`, or `rate` where none is said."""
    best, cost = RATE, math.inf
    for match in PRECISION.finditer(text, start, end):
        each = _distance(text, amount, Cue("", match.start(), match.end()))
        if each < cost:
            best, cost = f"dense_{match.lastgroup}", each
    return best


_COMPUTES = re.compile(r"compute|GPU|XCD|reticle|logic|monolithic|计算|-die|两|双", re.I)
"""Dies that are surely all of one kind: a package has others beside those that compute."""


def of_parts(amount: Amount, said: frozenset[str]) -> frozenset[str]:
    """The conventions of a number of parts, which are no part themselves."""
    if amount.noun == "stacks":
        return said - {"part", "together", "counted"}
    if amount.noun == "dies" and not _COMPUTES.search(amount.written):
        return said | {"part"}
    return said - {"part"} if "per link" in said else said


def conventions_of(text: str, start: int, end: int) -> frozenset[str]:
    """Which conventions a stretch of text names."""
    return frozenset(name for name, words in CONVENTIONS.items() if words.search(text, start, end))
