"""The words in which law is spoken of: instruments, verbs of their days, and what is none of it."""

from __future__ import annotations

import re

from chipassay.claims.known_words import LATIN, strange_word

INSTRUMENT = re.compile(
    r"\b(?:rules?|rulemakings?|regulations?|framework|IFR|(?:export|trade|AI|chip)?[ -]?controls"
    r"|restrictions?|curbs?|bans?\b|embargo|sanctions?|licen[cs]\w+|letters?|guidance|Entity List"
    r"|blacklists?|tariffs?|dut(?:y|ies)|levy|proclamation|executive order|directive|measures"
    r"|amendments?|update[sd]?|approval|limits|regime)\b"
    r"|规则|新规|规定|条例|管制|禁令|限制|清单|框架|指南|关税|许可|措施|黑名单",
    re.I,
)
ACTOR = re.compile(
    r"\b(?:BIS|Bureau of Industry|(?:Department of )?Commerce|US|U\.S\.|United States|America"
    r"|Washington|White House|Biden|Trump|administration|government|officials?|authorities)\b"
    r"|美国|商务部|拜登|特朗普|政府|当局|美方",
    re.I,
)
TOPIC = re.compile(
    r"\b(?:AI|GPUs?|(?:micro)?chips?|chipmak\w+|semiconductors?|accelerators?|BIS"
    r"|Bureau of Industry"
    r"|export (?:control|rule|restriction|curb|ban|licen)\w*|3A090|4A090|HBM|advanced computing"
    r"|Entity List|Nvidia|AMD|Huawei)\b"
    r"|芯片|半导体|算力|英伟达|出口管制|实体清单|人工智能|华为",
    re.I,
)
FOREIGN = re.compile(
    r"\b(?:EU(?:['’]s)?|European|Dutch|Netherlands|Japan\w*|Korea\w*|Taiwan\w*|Beijing(?:['’]s)?"
    r"|MOFCOM|Cyberspace|India\w*|Russia\w*|rare earths?|gallium|germanium|TikTok|solar|steel"
    r"|aluminum|copper|cars?|autos?|batter(?:y|ies)|pharma\w*|soybeans?)\b|稀土|欧盟|荷兰|日本|韩国"
    r"|网信办|北京方面|中国商务部",
    re.I,
)
"""Whose acts, or on what, these are not."""
NO_ACT = re.compile(
    r"\b(?:comments?|hearing|testif\w+|meeting|summit|conference|webinar|lawsuit|court|trial|bill"
    r"|Congress|Senate|House|lawmakers|senators?|CHIPS (?:and Science )?Act|AI Act|NDAA|earnings"
    r"|fiscal|filing|quarter|shares?|stock|keynote|petition|deadline for|read(?:ing)? time)\b"
    r"|听证|法案|国会|参议|众议|会议|征求意见|财报|股价",
    re.I,
)
"""Days that are none of an act: of comments, hearings, bills, filings."""
VERBS = {
    "registered": r"(?:publish\w*|print\w*|appear\w*)(?: \w+){0,2} (?:in|to) the Federal Register"
    r"|Federal Register publication",
    "planned": r"(?:was|were|is|are|had been|been) (?:originally |initially |previously |already )?"
    r"(?:due|set|scheduled|slated|supposed|expected|about|meant|planned|to) (?:to )?(?:take effect"
    r"|go into (?:effect|force)|come into (?:effect|force)|kick in|become effective|begin|start"
    r"|enter into force|be enforced|apply)|(?:would|will) (?:have )?(?:take|taken|go|gone|come"
    r"|enter|entered|become) (?:in)?to? ?(?:effect|force|effective)|will take effect"
    r"|would (?:have )?taken? effect|将于|原定|定于",
    "effective": r"(?:takes?|took|taking|taken) effect|effective|(?:c[ao]mes?|coming|goes|going"
    r"|went|gone|go|put|brought|entere?d?|enters?|entering) into (?:force|effect)|in (?:force|effect)"
    r"|kick(?:s|ed|ing)? in|has applied|have applied|applie[sd]|生效|施行",
    "compliance": r"compliance|comply by|to comply from|must comply",
    "ended": r"rescind\w*|rescission|repeal\w*|revok\w*|revocation|withdr[ae]w\w*|scrapp?\w*|suspen\w+"
    r"|paus\w+|lifted|lifts|lifting|stay(?:ed|s)\b|shelv\w+|dropped|axed|abandon\w*|cancel\w*"
    r"|abolish\w*|toss\w*|threw out|killed|撤销|废除|废止|暂停|取消|解除|撤回",
    "published": r"publish\w*|publication|刊登",
    "released": r"releas\w*|issu(?:e[sd]?|ing|ance)|announc\w*|unveil\w*|introduc\w*|impos\w*"
    r"|adopt\w*|expand\w*|tighten\w*|updat\w*|upgrad\w*|revis\w*|amend\w*|broaden\w*|widen\w*"
    r"|strengthen\w*|toughen\w*|restrict(?:s|ed|ing)\b|bann(?:ed|ing)|bans\b|added|adds|adding"
    r"|beg[au]n\w*|started|rolled out|rolls? out|enact\w*|promulgat\w*|finali[sz]\w*|launch\w*"
    r"|placed|put in place|instituted|implement\w*|establish\w*|came out|bar(?:red|s)\b|block(?:ed|s)"
    r"|limited|extended|closed|replaced|followed|dates? (?:back )?(?:to|from)|sign(?:ed|s)\b"
    r"|appli(?:ed|es)\b|set\b|发布|公布|颁布|出台|宣布|更新|升级|收紧|扩大|加强|实施|推出|启动|列入|加入"
    r"|新增|限制|禁止",
}
VERB = re.compile(
    "|".join(rf"(?P<{kind}>(?<![A-Za-z])(?:{words}))" for kind, words in VERBS.items()), re.I
)
_WORDS = """
rule rules rulemaking regulation regulations framework ifr interim final export exports exported
controls control controlled restrictions restriction restricted curbs curb ban bans banned embargo
sanctions license licence licenses licences licensing licensed requirement requirements required
requires require needed needs need letter letters guidance entity list blacklist tariff tariffs
duty order directive measures policy us u.s united states america washington white house biden
trump administration administration's government bureau industry security bis department commerce
department's officials authorities issued issue issues released release releases published publish
publishes announced announce announces unveiled unveils introduced introduces imposed imposes
imposing adopted expanded expands tightened tightens updated updates revised amended strengthened
took takes take taking taken effect effective came come comes into force went go goes entered enter
enters rescinded rescinds rescind repealed revoked withdrawn scrapped suspended suspends paused
lifted lifts barred blocked began begin begins started start since until date day month year years
chips semiconductors semiconductor artificial intelligence diffusion ai advanced most powerful
shipment shipments shipping ship shipped sale sales sell selling sold supply supplied china chinese
beijing country countries worldwide global new sweeping broad so-called known so called january
february march april may june july august september october november december late early mid
will would was were being been more than further again after before under when federal register
framework's nvidia's amd's buyers customers without no not any longer because due special
mainland hong kong macau subject covered exempt complies comply compliant current
""".split()
LAWFUL = frozenset(LATIN | frozenset(_WORDS))
"""The words a statement of law may be made of before it is called wrong."""
_CLAUSE = re.compile(r"[;；。:：—]|\s[–-]\s|\b(?:while|whereas|although|but|though|despite)\b", re.I)


def misread(text: str, start: int, end: int, gone: list[tuple[int, int]]) -> str:
    """Why what stands between `start` and `end` and beside it may not be called wrong; "" where
    each word of its clause is known. `gone`: names and days, which are."""
    left, right = start, end
    for stop in _CLAUSE.finditer(text, max(0, start - _REACH), start):
        left = stop.end()
    begin = max(left if left != start else start - _REACH, 0)
    following = _CLAUSE.search(text, end, end + _REACH)
    right = following.start() if following else min(end + _REACH, len(text))
    letters = list(text[begin:right])
    for one, other in gone:
        for at in range(max(one, begin), min(other, right)):
            letters[at - begin] = " "
    word = strange_word("".join(letters), LAWFUL)
    return f"the reader does not know what “{word}” does to it" if word else ""


_REACH = 160
