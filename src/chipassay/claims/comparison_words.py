"""The words of comparisons, over a sentence whose chips and quantities are one character each."""

from __future__ import annotations

import re

from chipassay.claims.attributes import LINK, RATE

CHIPS, AMOUNTS, ROOM = 0xE000, 0xE800, 0x800
PRIVATE = re.compile("[\ue000-\uefff]")
C = "[\ue000-\ue7ff]"
Q = "[\ue800-\uefff]"
W = "[^\ue000-\uefff.;。；]"
MORE = (
    "higher|more|faster|greater|better|stronger|larger|bigger|above|quicker|increased?|additional"
    "|longer|denser|extra|improved"
)
LESS = "lower|less|slower|fewer|smaller|weaker|worse|below|cheaper|reduced|cut"
_GAIN = "increase|improvement|boost|gain|uplift|jump|rise|advantage|lead|bump|edge|step up"
_LOSS = "reduction|decrease|drop|cut|decline|deficit|loss|penalty|gap"
_AGAINST = (
    r"(?:compared (?:to|with)|over|versus|vs\.?|relative to|against|than|from|in comparison"
    r" (?:to|with))"
)
RATIOS = (
    ("share", re.compile(rf"(?P<b>{C})\s?(?:[(（][^()（）]{{0,20}}[)）])?\s?(?:的)?"
        rf"(?:算力|性能|带宽|显存|计算能力|規模|规模){{1,2}}的\s?(?P<q>{Q})")),
    ("share", re.compile(rf"(?P<q>{Q})(?: the)?(?:{W}{{0,45}}?)\b(?:of"
        rf"|as)\b{W}{{0,40}}?(?P<b>{C})")),
    ("less", re.compile(rf"(?P<q>{Q}) (?:{LESS}|reduction){W}{{0,45}}?(?:than|to|from|of)"
        rf"{W}{{0,30}}?(?P<b>{C})", re.I)),
    ("more", re.compile(rf"(?P<q>{Q})(?: times)?(?: as)? (?:{MORE}){W}{{0,45}}?{_AGAINST}"
        rf"{W}{{0,30}}?(?P<b>{C})", re.I)),
    ("more", re.compile(rf"(?P<q>{Q}) (?:\w+ ){{0,2}}?(?:{_GAIN}){W}{{0,45}}?\b{_AGAINST}"
        rf"{W}{{0,30}}?(?P<b>{C})", re.I)),
    ("less", re.compile(rf"(?P<q>{Q}) (?:\w+ ){{0,2}}?(?:{_LOSS}){W}{{0,45}}?\b{_AGAINST}"
        rf"{W}{{0,30}}?(?P<b>{C})", re.I)),
    ("share", re.compile(rf"(?P<q>{Q})(?: times)? (?:the|that of(?: the)?"
        rf"|an?){W}{{0,24}}?(?P<b>{C})")),
    ("share", re.compile(rf"(?P<q>{Q}) (?:times )?{W}{{1,45}}?\bthan{W}{{0,30}}?(?P<b>{C})")),
    ("share", re.compile(rf"(?P<q>{Q})(?: times)? (?:over|versus|vs\.?|compared (?:to|with)"
        rf"|against)"
        rf"{W}{{0,24}}?(?P<b>{C})")),
    ("share", re.compile(rf"ratio{W}{{0,24}}?{C} (?:to|over|vs\.?|versus) (?:the )?(?P<b>{C})"
        rf"{W}{{0,24}}?(?P<q>{Q})")),
    ("more", re.compile(rf"(?:exceed\w*|outperform\w*|surpass\w*|ahead of|beat\w*|above|leads?)"
        rf"{W}{{0,30}}?(?P<b>{C}){W}{{0,30}}?\bby{W}{{0,20}}?(?P<q>{Q})", re.I)),
    ("less", re.compile(rf"(?:behind|trail\w*|lag\w*|falls? short of|below|slower than|inferior to)"
        rf"{W}{{0,30}}?(?P<b>{C}){W}{{0,30}}?\bby{W}{{0,20}}?(?P<q>{Q})", re.I)),
    ("share", re.compile(rf"(?:为|是|相当于|仅|只有|约|至|达到?|不到"
        rf"|不足){{1,3}}\s?(?P<b>{C})\s?(?:架构)?"
        rf"[^\ue000-\uefff，。]{{0,10}}?(?P<q>{Q})")),
    ("less", re.compile(rf"[比较]\s?(?P<b>{C})[^\ue000-\uefff。]{{0,14}}?(?:低|少|慢|弱|下降|减少"
        rf"|降低)"
        rf"[了约]{{0,2}}\s?(?P<q>{Q})")),
    ("more", re.compile(rf"[比较]\s?(?P<b>{C})[^\ue000-\uefff。]{{0,14}}?(?:高|多|快|强|提升|提高)"
        rf"[了出约]{{0,2}}\s?(?P<q>{Q})")),
)  # fmt: skip
BEHIND = re.compile(rf"(?:falls? behind|trails?|lags?|is behind){W}{{0,12}}\bby{W}{{0,12}}$", re.I)
"""What may stand before a multiple that tells how far the sentence's chip is behind another."""
DIRECTIONS = (
    ("below", re.compile(rf"(?:{LESS})\s?(?:than|\bto)?{W}{{0,40}}?(?P<b>{C})", re.I)),
    ("below", re.compile(rf"(?:inferior to|behind|trails?|falls? short of|低于|不如|弱于|不及"
        rf"|逊于){W}{{0,25}}?(?P<b>{C})", re.I)),
    ("above", re.compile(rf"(?:(?:{MORE}) than|above|exceed(?:s|ing|ed)?|surpass\w*"
        rf"|outperform\w*|beats?|superior to|ahead of|高于|超过|优于|强于"
        rf"|领先){W}{{0,40}}?(?P<b>{C})", re.I)),
    ("same", re.compile(rf"(?:unchanged from|(?:the )?same as|identical to|equal to|on par with"
        rf"|comparable (?:to|with)|matche?s|similar to|equivalent to"
        rf"|in line with){W}{{0,30}}?(?P<b>{C})", re.I)),
    ("same", re.compile(rf"与\s?(?P<b>{C})[^\ue000-\uefff，。]{{0,8}}?(?:相同|一致|持平|相当"
        rf"|一样)")),
)  # fmt: skip
MEASURED = re.compile(
    r"\binference|Geekbench|benchmark\w*|MLPerf|\btraining|\btests?\b|real[- ]world|tokens"
    r"|latency|per dollar"
    r"|\bprice|cost|推理|训练|实测|跑分|efficien\w+|\bcheaper|sales|shipments?|supply|demand", re.I,
)  # fmt: skip
ATTRIBUTES = (
    ("memory_bandwidth", re.compile(r"(?:memory|HBM\w*|显存|内存)[\s-]?(?:bandwidth|speed"
        r"|带宽)", re.I)),
    (LINK, re.compile(r"NVLink|interconnect\w*|HCCS|scale-?up|互联|互连|(?:chip|data"
        r"|card)[\w\s-]{0,9}"
        r"transfer (?:rate|speed)s?|chip-to-chip", re.I)),
    ("memory_capacity", re.compile(r"memory capacity|capacity|VRAM|显存容量|容量|\bmemory\b"
        r"|\bHBM\w{0,2}\b|显存", re.I)),
    ("memory_bandwidth", re.compile(r"bandwidth|带宽", re.I)),
    ("tdp", re.compile(r"\bTDP|power (?:consumption|draw|limit)|功耗|能耗|thermal design"
        r"|(?:draws?|consum\w+|uses?|using|more|less) (?:power|electricity|energy)\b|energy (?:use"
        r"|consumption)", re.I)),
    ("efficiency", re.compile(r"(?:energy|power)[- ]?efficien\w+|per[- ]watt|能效", re.I)),
    ("cores", re.compile(r"\bSMs?\b|\bcores?\b|core count|核心数|内核", re.I)),
    ("die_area", re.compile(r"die (?:size|area)|(?:silicon|logical|logic) area|面积", re.I)),
    ("transistors", re.compile(r"\btransistors?\b|晶体管", re.I)),
    (RATE, re.compile(r"computing power|comput(?:e|ing)\b|\w?FLOPS?\b|TOPS|算力|processing power"
        r"|throughput", re.I)),
    ("performance", re.compile(r"performan\w+|powerful|fast(?:er)?\b|slow(?:er)?\b|性能|capab\w+"
        r"|perform\w*|效率|水平|speed", re.I)),
)  # fmt: skip
BARE = re.compile(
    rf"(?P<before>(?:increas|improv|boost|rais|reduc|cut|slash|drop|fell|declin|lower|higher|halv"
    rf"|提升"
    rf"|提高|下降|减少|增加|降低|增长)\w*{W}{{0,40}}?)?(?P<q>{Q})"
    rf"(?P<after>(?: times)?(?: as)? (?:{MORE}|{LESS}|the |its |that |of |as |reduction|{_GAIN}"
    rf"|{_LOSS}"
    rf"|ratio|performance|compute|memory|capacity|bandwidth|aggregate|total)|[，,]?\s?(?:的|以上"
    rf"|左右))?", re.I,
)  # fmt: skip
"""A share or multiple with a word of comparison on either side of it."""
