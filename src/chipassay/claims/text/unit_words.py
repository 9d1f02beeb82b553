"""How units are written, in the languages of the articles: patterns, each with its spelling in
units.py and what it counts.
"""

from __future__ import annotations

_CORES = r"(?:n[úu]cleos?|c(?:œ|oe)urs?|rdzeni\w*|яд[ер]\w*|jader|core|unità|kernen|unidades)"
_ACTIVE = (
    r"(?:(?:active|enabled|usable|programmable|full|aktiven?|activ[oe]s|ativos|actifs|attivi"
    r"|активн\w+|aktywn\w+|FP32|NVIDIA) )?"
)
"""Cores, before the name of what kind they are."""
_OF_DATA = r"(?: of data| of memory traffic| (?:de|di) (?:données|datos|dados|dati))?"
PER_S = (
    r"(?:/\s?(?:s(?:ec(?:ond)?|ek(?:unde)?|eg(?:undo)?|ekundu|ekund[ae]|econde)?|с|秒|detik)"
    r"| per sec(?:ond)?| a second| (?:each|every) second| pro Sekunde| por segundo| par seconde"
    r"| al secondo| per detik"
    r"| za sekundu| na sekundę| в секунду|每秒)"
)
_FLOP = r"(?:FLOP[Ss]?|[Ff]lops?)"
_OPS = (
    rf"[- ]?(?:floating[- ]point )?(?:{_FLOP}|[Oo][Pp][Ss]?|operations|флопс)"
    rf"(?:{PER_S}|/s)?"
)
SPELLINGS = {  # a pattern for how it is written -> (spelling of units.py, noun)
    r"T(?:FLOPS?|OPS)/W(?:att)?|(?:TFLOPS?|TOPS|teraflops) per [Ww]att": ("", "TFLOPS/W"),
    rf"[Tt]era{_OPS}|[Tt][- ]?[Ff](?:LOP|lop)[Ss]?(?:{PER_S})?|TF(?![A-Za-z0-9_-])|терафлопс"
    r"|万亿次(?:浮点)?(?:运算)?(?:每秒|/秒)?": ("TFLOPS", ""),
    rf"[Pp]eta{_OPS}|[Pp][- ]?[Ff](?:LOP|lop)[Ss]?(?:{PER_S})?|PF(?![A-Za-z0-9_-])|петафлопс"
    r"|千万亿次(?:浮点)?(?:运算)?(?:每秒|/秒)?": ("PFLOPS", ""),
    rf"[Ee]xa{_OPS}|[Ee]-?[Ff](?:LOP|lop)[Ss]?(?:{PER_S})?|EF(?![A-Za-z0-9_-])|эксафлопс|EOPS"
    r"|百亿亿次(?:浮点)?(?:运算)?(?:每秒|/秒)?": ("EFLOPS", ""),
    rf"[Gg]iga{_OPS}|GFLOPS": ("GFLOPS", ""),
    r"T(?:OPS|ops|OPs|OP/s)|[Tt]era-?[Oo][Pp][Ss]": ("TOPS", ""),
    rf"(?:floating[- ]point )?(?:operations|calculations){PER_S}": ("FLOPS", ""),
    r"POPS|POPs": ("POPS", ""),
    r"T(?![\w/-])|T(?=[一-鿿])": ("TFLOPS", "bare"),
    r"P(?![\w/-])|P(?=[一-鿿])": ("PFLOPS", "bare"),
    rf"(?:TB|T[Bb]ytes?|[Tt]erabytes?(?: \(TB\))?|ТБ|太字节){_OF_DATA}{PER_S}|TBps"
    rf"|To/s": ("TB/s", ""),
    rf"(?:GB|G[Bb]ytes?|[Gg]igabytes?(?: \(GB\))?|ГБ|千兆字节){_OF_DATA}{PER_S}|GBps|Go/s|G/s": (
        "GB/s", ""),
    r"MB/s|MBps": ("MB/s", ""),
    r"Tb/s|Tbps|Tbit/s|Tb/sec|terabits? per second": ("Tb/s", ""),
    r"Gb/s|Gbps|Gbit/s|Gb/sec|gigabits? per second": ("Gb/s", ""),
    r"GiB|gibibytes?": ("GiB", ""),
    r"TiB": ("TiB", ""),
    r"GBs?|[Gg]iga?[Bb]ytes?|[Gg]bytes?|GBytes?|[Gg]igs?\b|ГБ|гигабайт\w*"
    r"|Go(?= (?:de\b|d['’]|HBM|GDDR|VRAM|et\b))|千兆字节": (
        "GB", ""),
    r"TB|[Tt]erabytes?|T[Bb]ytes?|ТБ|терабайт\w*|太字节": ("TB", ""),
    r"MB|[Mm]egabytes?|МБ|兆字节": ("MB", ""),
    r"mm\s?2|mm²|mm\^2|sq(?:uare)? ?mm|square millimet(?:er|re)s?|平方毫米": ("mm2", ""),
    r"mm(?![\w²^/])": ("mm2", "length"),
    r"nm|nanomet(?:er|re)s?|-nm|-nanomet(?:er|re)|纳米": ("", "nm"),
    r"GW(?:[·-]?h|/h)|[Gg]igawatt[- ]?hours?|吉瓦时": ("GWh", ""),
    r"TW(?:[·-]?h|/h)|[Tt]erawatt[- ]?hours?|太瓦时": ("TWh", ""),
    r"MW(?:[·-]?h|/h)|[Mm]egawatt[- ]?hours?|兆瓦时": ("MWh", ""),
    r"[kK][wW](?:[·-]?h|/h| h(?![\w]))|[Kk]ilowatt[- ]?hours?|[Kk]ilowattstunden|千瓦时|度电": (
        "kWh", ""),
    r"Wh|[Ww]att[- ]?hours?": ("Wh", ""),
    r"[kK][wW]|[Kk]ilo[wv]at(?:t|io)s?|[Qq]uilowatts?|кВт|千瓦": ("kW", ""),
    r"MW|[Mm]ega[wv]at(?:t|io)s?|МВт|兆瓦": ("MW", ""),
    r"GW|[Gg]iga[wv]at(?:t|io)s?|ГВт|吉瓦": ("GW", ""),
    r"[Ww](?![A-Za-z0-9_/]|\s?[张片块颗枚卡台])|[Ww]atts?|-watt|vatios|Вт|瓦特?": ("W", ""),
    r"GHz|[Gg]igahertz|ГГц": ("GHz", ""),
    r"MHz|[Mm]egahertz|МГц": ("MHz", ""),
    r"%|percent|per cent|percentage points?|％": ("%", ""),
    r"days?|天|日内": ("day", ""),
    r"hours?|小时": ("h", ""),
    r"months?|个月": ("month", ""),
    r"[- ]?bits?(?= (?:memory|bus|interface|wide))|[- ][Bb]it|[Bb]its|[Bb]it(?![A-Za-z/])|бит\w*"
    r"|位": ("bit", ""),
    rf"{_ACTIVE}(?:(?:CUDA|[Ss]hader|[Ss]tream)[- ]?(?:[Cc]ores?|[Pp]rocessors?|核心?|内核"
    rf"|[Kk]erne\w*|jader\w*)"
    rf"|FP32 (?:CUDA )?(?:cores?|units?|lanes?|ALUs?)"
    rf"|[Ss]haders?\b|{_CORES} CUDA)|个?CUDA(?:核心?|内核)": ("", "lanes"),
    rf"(?:(?:[a-z]+-gen(?:eration)?|\d(?:st|nd|rd|th)[- ][Gg]en(?:eration)?) )?"
    rf"(?:[Tt]ensor|[Mm]atrix|RT)[- ]?(?:[Cc]ores?|[Kk]erne\w*)|{_CORES} [Tt]ensor"
    rf"|тензорн\w+ яд\w+|个?(?:[Tt]ensor ?|张量)[核内][心芯]": ("", "units"),
    rf"{_ACTIVE}SMs?(?![A-Za-z0-9])|{_ACTIVE}[Ss]treaming [Mm]ultiprocessors?"
    rf"|[Cc]ompute [Uu]nits?|CUs\b"
    r"|[组个]?(?:串?流式?|串流式?)多?[处處]理器(?:簇)?|[组个]?计算单元|[组个](?:SM"
    r"|CU)(?![A-Za-z])|(?:потоков\w+ )?мультипроцессор\w*"
    r"|multipro[cz]es[soa]+\w*(?: (?:de |di )?streaming| de flux)?|Streaming-Multiprozessor\w*": (
        "", "cores"),
    r"(?:AI|DaVinci|processor|compute|CDNA ?\d) ?cores?|cores?|AI Cores?|核心|个核心": (
        "", "cores"),
    r"[Tt]ransistors?|(?:个)?(?:晶体管|晶體管|電晶體)|[Tt]ransistor(?:en|es|ů|y|i)\b"
    r"|tran[sz][iy]stor\w*|транзистор\w*": ("", "transistors"),
    r"parameters?|params|参数": ("", "parameters"),
    r"(?:[A-Z]\w+ )?(?:GPU|chip|card|accelerator)[- ]hours?|(?:GPU|卡)时": ("", "chip-hours"),
    r"(?:active |enabled )?(?:(?:HBM\w{0,2} |memory )?stacks?|HBM\w{0,2} sites)"
    r"(?: of (?:\w+-high )?HBM\w{0,2})?\b|[个颗]?(?:HBM\w{0,2} ?)?堆[栈叠]|颗HBM\w{0,2}": (
        "", "stacks"),
    r"(?:(?:second|third|fourth|fifth|sixth|\dth|\drd)[- ]gen(?:eration)? |bidirectional "
    r"|high-speed )?(?:NVLinks\b|(?:NVLinks?|Infinity Fabric|xGMI|HCCS|ICI|scale-up)"
    r"(?: ?v?\d(?:\.\d)?)?[- ](?:links?|connections?|lanes?|ports?))|条(?:NVLink|链路)"
    r"|(?:(?:RoCE|RDMA|Ethernet|\d+ ?GbE) )+(?:links|ports|NICs)"
    r"|(?:links|ports) of (?:\d+ ?(?:Gb|GbE|Gbps|G) )?Ethernet"
    r"|links(?= (?:per|of NVLink))": ("", "links"),
    r"wafers?(?: (?:per|a) month| monthly|/month)?\b|wpm\b|kwpm\b|片晶圆|片?/月": ("", "wafers"),
    r"(?:(?!and\b|to\b|that\b|which\b|of\b|with\b)[\w-]+ ){0,2}(?:chips?|GPUs?|cards?"
    r"|accelerators?|units|NPUs|processors?)\b(?! (?:dies?|dice|chiplets?|cores?)\b)|(?:张|片|颗"
    r"|块|枚)"
    r"(?:芯片|卡|GPU|加速卡)?|(?:čip[ůy]?|Karten|Beschleuniger|puces|cartes|accélérateurs"
    r"|aceleradores|procesadores|tarjetas|placas|schede|acceleratori|układów|чипов|ускорителей"
    r"|akselerator)\b": ("", "chips"),
    r"(?:(?:[A-Z]\w+|compute|identical|reticle-sized?|reticle-limited|GPU|logic|silicon|separate"
    r"|interconnected|mirrored)[- ]){0,2}(?:dies?|dice|chiplets?|XCDs?)\b|[个颗]?(?:计算)?裸片"
    r"|[个颗]?芯粒|个die": ("", "dies"),
    r"times|-?fold\b|[xX]\b|×|倍|veces\b|vezes\b|fois\b|-?mal\b|kali\b|krát\b"
    r"|раза?\b": ("", "times"),
    r"TPP": ("TPP", ""),
    rf"(?:output |input |generated )?(?:[Tt]oken[s]?|词元)\s?{PER_S}|tok/s(?:ec)?|TPS\b"
    r"|(?:output )?tokens?(?:/| per )s(?:ec)?\b": ("", "tokens/s"),
    r"[Tt]okens?(?:/| per )(?:[Ww]atts?|W|[Jj]oules?|J|dollars?|\$|kWh|MW)": ("", "tokens/W"),
    rf"(?:images?|img|samples?|sequences?|queries|requests?|frames?|videos?|inferences){PER_S}"
    r"|img/s(?:ec)?|QPS\b|FPS\b|张图?/秒|帧/秒|samples/s|images?/s(?:ec)?": ("", "items/s"),
    r"tokens?": ("", "tokens"),
    r"(?:US )?cents?\b|¢|美分": ("", "cents"),
    r"failures?|interruptions?|faults?|errors?|次(?:故障|中断)": ("", "events"),
}  # fmt: skip
