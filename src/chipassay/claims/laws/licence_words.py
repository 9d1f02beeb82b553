"""What is said of a chip's export: barred, licensed, free, freed, built to the rules."""

from __future__ import annotations

import re

from chipassay.claims.text.gated import Gated, Small

_LICENCE = r"(?:licen[cs]es?|permits?|licen[cs]ing)"
_A = (
    r"(?:an? |any |the |new |special |specific |individual |US |U\.S\. |government |export |trade "
    r"|prior ){0,4}"
)
FREE_OF = Gated(
    rf"\bno (?:longer )?(?:export |special |US |U\.S\. )?{_LICENCE} (?:is|was|were|are|has|needed"
    rf"|required)"
    rf"|(?:does|did|do|would|will)(?: not|n['’]t) (?:need|require) {_A}{_LICENCE}"
    rf"|(?:no longer (?:needs?|requires?)|needs? no|requires? no|needed no"
    rf"|required no) {_A}{_LICENCE}"
    rf"|without (?:needing |requiring |having to (?:get|obtain) ){_A}{_LICENCE}"
    r"|\bexempt(?:ed)? from (?:the |US |U\.S\. |these |those |all )*(?:export "
    r"|licen[cs]\w+ )?(?:controls?"
    r"|licen[cs]\w*|restrictions?|curbs|rules?|ban)"
    r"|(?:is|are|was|were)(?: not|n['’]t|n['’]t yet| never| not yet| not then) (?:subject to"
    r"|covered by|affected by|restricted|controlled|banned|barred|blocked|prohibited|caught by"
    r"|under)"
    r"|(?:did|does|do|has|have|had)(?: not|n['’]t| never)(?: yet)? (?:ban|bar|restrict|block"
    r"|prohibit)\w*"
    r"|(?:falls?|fell|sits?|stays?|stayed|remain\w*) (?:below|under|outside) (?:the |US |U\.S\. "
    r"|BIS )*(?:export[- ]control )?"
    r"(?:thresholds?|limits?|scope)"
    r"|(?:can|could|may) (?:still )?(?:be )?(?:freely|legally) (?:be )?(?:sold|exported|shipped)"
    r"|(?:can(?!not)|could|may|allowed to|able to) (?:still |legally |freely )?(?:be )?(?:sold|sell"
    r"|exported?|shipped|ship|supply|supplied)\b[^.;]{0,60}\bwithout (?:an? |any )?(?:export |US "
    r"|special )?licen[cs]e"
    r"|无需(?:出口)?许可|不需要(?:出口)?许可|不受(?:出口)?(?:管制|限制)",
    "licen|permit|exempt| not|n't|n’t| never|threshold|limit|scope|freely|legally|需|不受",
)
NEEDS = Gated(
    rf"{_LICENCE} (?:is|are|was|were|would be|will be|being|had been) (?:now |also )?(?:required"
    rf"|needed|mandatory)"
    rf"|\b(?:requir\w+|needs?|needed|needing|mandat\w+|demand\w*) {_A}{_LICENCE}"
    rf"|(?:require|need|get|obtain|secure|seek|apply for) {_A}{_LICENCE} (?:to|for|before)"
    r"|licen[cs]\w+ requirements?|subject to (?:\w+ ){0,3}(?:licen[cs]\w+|export controls?"
    r"|restrictions?|curbs)"
    rf"|(?:not|n['’]t|never|barred|bann\w+|restrict\w*|prohibit\w*|block\w*|halt\w*"
    rf"|stop\w*)\b.{{0,70}}"
    rf"\bwithout {_A}{_LICENCE}"
    r"|(?:under|falls? under|fell under|covered by|caught by) (?:\w+ ){0,3}export (?:controls?"
    r"|restrictions?)"
    r"|需要?(?:申请|取得|获得)?(?:美国)?(?:出口)?许可|须(?:申请|取得|获得)?(?:出口)?许可"
    r"|许可证?(?:要求|才能)",
    "licen|permit|control|restrict|curb|许可",
)
BARRED = re.compile(
    r"(?:stop|halt|ceas|suspend|paus)\w* (?:the |all |its )?(?:sell\w*|sales|shipp?\w*|export\w*"
    r"|suppl\w+|deliver\w*) ?|"
    r"\b(?:bann?(?:ed|s|ing)?|prohibit\w*|block(?:ed|s|ing)?|restrict(?:ed|s|ing)?|barr(?:ed|ing)"
    r"|bars|halted"
    r"|outlaw\w*|forbid\w*|forbade|forbidden|stopped|blacklisted|embargo\w*|cut off|curbed"
    r"|curtail\w*"
    r"|controlled|off[- ]limits|illegal)\b"
    r"|(?:placed|put|brought) (?:\w+ ){0,3}under (?:\w+ ){0,3}(?:controls?|restrictions?|curbs)"
    r"|(?:added|adds) (?:\w+ ){0,6}to (?:\w+ ){0,4}(?:list|controls)"
    r"|(?:extended|expanded|tightened|applied) (?:\w+ ){0,5}to (?:cover|includ\w+|the)?"
    r"|(?:impos\w+|introduc\w+|slapp\w+|plac\w+) (?:\w+ ){0,5}(?:restrictions?|controls?|curbs"
    r"|ban|limits)"
    r"|(?:cannot|can['’]?t|can no longer|could no longer|could not|couldn['’]t|may not"
    r"|no longer) (?:be )?(?:legally )?(?:sold|sell"
    r"|shipped|ship|exported|export)"
    r"|(?:fell|fall|falls|came|come) (?:under|within) (?:\w+ ){0,4}(?:rules?|controls?"
    r"|restrictions?|ban|curbs)"
    r"|(?:not|n['’]t|never|refus\w+ to|declin\w+ to) (?:be )?(?:allow\w*|permit\w*|approv\w*|let"
    r"|grant\w*|clear\w*)"
    r"|停止(?:向|对|出口|供)|(?:不能|无法|不得)再?(?:向|对|出口|销售)|禁止|禁售|被禁|封禁|限制|禁令|断供|禁运|纳入(?:出口)?管制"
    r"|列入(?:出口)?管制",
    re.I,
)
FREED = re.compile(
    r"\b(?:resum\w+|allow(?:s|ed|ing)?|enabl\w+|let|lift(?:s|ed|ing)?|relax\w*|eas(?:e|ed|es|ing)"
    r"|grant\w*"
    r"|approv\w+|clear(?:s|ed|ing)|loosen\w*|soften\w*|roll(?:s|ed|ing)? back|scrapp?\w*"
    r"|permit(?:s|ted|ting)?|green[- ]?li(?:ght|t)\w*|re-?open\w*|reinstat\w*"
    r"|revers(?:e|ed|es|ing)|unblock\w*|assur\w+)\b"
    r"|\bissu(?:e|ed|es|ing) (?:\w+ ){0,3}(?:licen[cs]es?|permits?)"
    r"|恢复|批准|允许|解禁|放行|放宽|获批|准许|松绑",
    re.I,
)
COMPLIES = re.compile(
    r"\bcompl(?:y|ies|ied|ying) with (?:\w+[ -]){0,5}(?:rules?|controls?|restrictions?"
    r"|regulations?|curbs|limits|laws?|ban)"
    r"|\bcomplian(?:t|ce) with (?:\w+[ -]){0,5}(?:rules?|controls?|restrictions?|regulations?"
    r"|curbs|limits|laws?)"
    r"|(?:export|sanctions?|regulation|rule)[- ]compliant|to (?:meet|satisfy|fit|conform to"
    r"|adhere to|get around"
    r"|sidestep|skirt|circumvent|bypass|stay (?:within|below|under)"
    r"|slip under) (?:\w+[ -]){0,5}(?:rules?|controls?"
    r"|restrictions?|regulations?|curbs|limits|thresholds?|ban|sanctions?)"
    r"|符合(?:美国)?(?:出口)?(?:管制|限制|规定|禁令)|规避(?:美国)?(?:出口)?(?:管制|限制|禁令)|合规",
    re.I,
)
APPLY = Small(
    r"\b(?:submitt\w+|submit|fil\w+) (?:\w+ ){0,2}applications?|\bapplications? (?:for|to)\b"
    r"|提交.{0,6}申请|申请(?:购买|采购|许可)"
)
SHIP = Small(
    r"\b(?:ship|ships|shipping|shipped|shipments?|sell|selling|sold|sales?|export\w*|buy\w*"
    r"|bought|suppl(?:y|ies|ied))\b"
    r"|出口|销售|出货|供货|售"
)
NOT_FREED = Small(
    r"(?:\bnot|n['’]t|\bnever|refus\w+ to|declin\w+ to|\bno) (?:yet |be |been )?(?:allow\w*"
    r"|permit\w*|approv\w*"
    r"|let|grant\w*|clear\w*|eas\w+|lift\w*|resum\w*)|未批准|不允许|未获批")  # fmt: skip
BEIJING = Small(
    r"(?:\bBeijing|\bCAC\b|Cyberspace Administration|\bMOFCOM|\bSAMR\b|Chinese (?:regulators?"
    r"|authorities|government|officials"
    r"|customs|ministr\w+)|\bChina(?:['’]s (?:regulators?|government|customs|cyberspace \w+"
    r"|commerce ministry|authorities))?)"
    r" (?:has |have |had |also |later |then |reportedly |quietly ){0,3}(?:bann\w*|bans|block\w*"
    r"|discourag\w*|told|urg\w+|order\w*"
    r"|instruct\w*|summon\w*|warn\w*|bar(?:red|s)|halt\w*|prohibit\w*|tell\w*|direct\w*"
    r"|restrict\w*|ask\w*|advis\w*"
    r"|customs)|网信办|约谈|中国(?:政府|监管|海关)"
)
"""Where the Chinese side acts; what it does is no ruling of the export law."""
ATTRIBUTE = re.compile(
    r"(?:\b(?:the|a|an|these|those|now|previously|formerly|already|currently|recently|since|of"
    r"|using|for|with"
    r"|its|their|once|such as|and|or|than|to)[\s-])(?:banned|restricted|controlled|barred"
    r"|prohibited|blacklisted)"
    r"(?: (?:[\w-]+ ){0,3})?$",
    re.I,
)
"""What stands before a chip that is only called banned, with no word on when or by whom."""
COUNTRIES = {
    "HK": r"Hong Kong|香港", "MO": r"\bMacau|澳门", "MY": r"Malaysia|马来西亚", "TH": r"Thailand"
    r"|泰国",
    "SG": r"Singapore|新加坡", "AE": r"\bUAE\b|Emirates|阿联酋", "SA": r"Saudi"
    r"|沙特", "RU": r"Russia|俄罗斯",
    "IN": r"\bIndia\b|印度", "VN": r"Vietnam|越南", "IR": r"\bIran\b|伊朗",
    "CN": r"\bChina\b|\bChinese\b|\bBeijing\b|中国|对华|中國",
}  # fmt: skip
