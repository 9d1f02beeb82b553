"""The words in which law is spoken of: instruments, verbs of their days, and what is none of it."""

from __future__ import annotations

import re

from chipassay.claims.known_words import CHINESE, LATIN, strange_word
from chipassay.claims.text.gated import Small
from chipassay.claims.text.sentences import FORECAST

INSTRUMENT = Small(
    r"(?<![A-Za-z])(?:rules?|rulemakings?|regulations?|framework|IFR|(?:export|trade|AI"
    r"|chip)?[ -]?controls"
    r"|restrictions?|polic(?:y|ies)|curbs?|bans?\b|embargo|sanctions?|licen[cs]\w+|letters?"
    r"|guidance|Entity List"
    r"|blacklist\w*|tariffs?|dut(?:y|ies)|levy|proclamation|executive order|directive|measures"
    r"|amendments?|updates?|approval|limits|regime|ECCN|[34]A090)(?![A-Za-z])"
    r"|规则|新规|规定|条例|管制|禁令|限制|清单|框架|指南|关税|许可|措施|黑名单"
)
ACTOR = Small(
    r"(?<![A-Za-z])(?:BIS|Bureau of Industry|(?:Department of )?Commerce|US|U\.S\.|United States"
    r"|America"
    r"|Washington|White House|Biden|Trump|administration|government|officials?"
    r"|authorities)(?![A-Za-z])"
    r"|美国|商务部|拜登|特朗普|政府|当局|美方"
)
TOPIC = Small(
    r"(?<![A-Za-z])(?:AI|GPUs?|(?:micro)?chips?|chipmak\w+|semiconductors?|accelerators?|BIS"
    r"|Bureau of Industry"
    r"|export (?:control|rule|restriction|curb|ban|licen)\w*|3A090|4A090|HBM|advanced computing"
    r"|Entity List|Nvidia|AMD|Huawei)(?![A-Za-z])"
    r"|芯片|半导体|算力|英伟达|出口管制|实体清单|人工智能|华为"
)
FOREIGN = Small(
    r"(?<![A-Za-z])(?:EU(?:['’]s)?|European|Dutch|Netherlands|Japan\w*|Korea\w*|Taiwan\w*"
    r"|Beijing(?:['’]s)?"
    r"|MOFCOM|Cyberspace|India\w*|Russia\w*|rare earths?|gallium|germanium|TikTok|solar|steel"
    r"|aluminum|copper|cars?|autos?|batter(?:y|ies)|pharma\w*|soybeans?)(?![A-Za-z])|稀土|欧盟"
    r"|荷兰|日本|韩国"
    r"|网信办|北京方面|中国商务部"
)
"""Whose acts, or on what, these are not."""
NO_ACT = Small(
    r"(?<![A-Za-z])(?:comments?|hearing|testif\w+|meeting|summit|conference|webinar|lawsuit|court"
    r"|trial|bill"
    r"|Congress|Senate|House|lawmakers|senators?|CHIPS (?:and Science )?Act|AI Act|NDAA|earnings"
    r"|fiscal|filing|quarter|shares?|stock|keynote|petition|deadline for"
    r"|read(?:ing)? time)(?![A-Za-z])"
    r"|听证|法案|国会|参议|众议|会议|征求意见|财报|股价"
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
    r"|would (?:have )?taken? effect|原定于|将于|定于",
    "effective": r"(?:takes?|took|taking|taken) effect|effective|(?:c[ao]mes?|coming|goes|going"
    r"|went|gone|go|put|brought|entere?d?|enters?|entering) into (?:force|effect)|in (?:force"
    r"|effect)"
    r"|kick(?:s|ed|ing)? in|has applied|have applied|applie[sd]|生效|施行",
    "compliance": r"compliance|comply by|to comply from|must comply",
    "ended": r"rescind\w*|rescission|repeal\w*|revok\w*|revocation|withdr[ae]w\w*|scrapp?\w*"
    r"|suspen\w+"
    r"|paus\w+|lifted|lifts|lifting|stay(?:ed|s)\b|shelv\w+|dropped|axed|abandon\w*|cancel\w*"
    r"|abolish\w*|(?:not|never|stop\w*) enforc\w+|toss\w*|threw out|killed|撤销|废除|废止|暂停"
    r"|取消|解除|撤回",
    "published": r"publish\w*|publication|刊登",
    "issued": r"releas\w*|issu(?:e[sd]?|ing|ance)|announc\w*|unveil\w*|introduc\w*|发布|公布|颁布"
    r"|出台|宣布",
    "told": r"told|tells|inform(?:s|ed)|notif(?:y|ies|ied)|disclos(?:es|ed)|agree[ds]|struck|said"
    r"|says|warn(?:s|ed)|通知|告知|透露|表示|警告",
    "changed": r"expand\w*|tighten\w*|updat\w*|upgrad\w*|revis\w*|amend\w*|broaden\w*|widen\w*"
    r"|strengthen\w*|toughen\w*|extended|replaced|更新|升级|收紧|扩大|加强",
    "released": r"impos\w*|formulat\w*|creat(?:ed|es)|passed|blacklisted|on (?:the|its"
    r"|a)(?: \w+){0,3} (?:list|blacklist) since|adopt\w*|restrict(?:s|ed|ing)\b|bann(?:ed|ing)"
    r"|bans\b|added|adds|adding|beg[au]n\w*|join(?:ed|s)|went on|landed on|started|rolled out"
    r"|rolls? out|enact\w*|promulgat\w*|finali[sz]\w*|launch\w*|placed|put in place|instituted"
    r"|implement\w*|establish\w*|came out|bar(?:red|s)\b|block(?:ed|s)|limited|closed"
    r"|followed|dates? (?:back )?(?:to|from)|sign(?:ed|s)\b|appli(?:ed|es)\b"
    r"|put(?= [^.;]{0,60}(?:list|blacklist))|实施|推出|启动|列入|加入|新增",
}
VERB = re.compile(
    "|".join(
        rf"(?P<{kind}>(?:(?<![A-Za-z])|(?=[一-鿿]))(?:{words}))" for kind, words in VERBS.items()
    ),
    re.I,
)
ENDS_IT = re.compile(rf"[^,;.，。]{{0,40}}?(?:(?<![A-Za-z])|(?=[一-鿿]))(?:{VERBS['ended']})", re.I)
"""Behind "announced": its end is what was announced."""
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
took takes take taking taken effect effective came come comes into force went go goes entered
enter enters rescinded rescinds rescind repealed revoked withdrawn scrapped suspended suspends
paused lifted lifts barred blocked began begin begins started start since until date day month
year years chips semiconductors semiconductor artificial intelligence diffusion ai advanced most
powerful shipment shipments shipping ship shipped sale sales sell selling sold supply supplied
china chinese beijing country countries worldwide global new sweeping broad so-called known so
called january february march april may june july august september october november december late
early mid will would was were being been more than further again after before under when federal
register framework's nvidia's amd's buyers customers without no not any longer because due special
did does do mainland allies partners friendly volume units interconnect exceed above below
threshold thresholds caught catches caps exempts exempt leaves left hong kong macau subject
covered complies comply compliant current told tells informs informed notified notifies disclosed
discloses said says warned warns warning against that it its would could should get obtain
received receives letter notice round rounds first second initial original update replace replaces
replaced replacing resume resumes resumed resuming deal agreement agreed agrees share revenue
revenues pay pays paying give gives giving hand hands percent closed close closes door loophole
loopholes earlier previous existing latest officially formally put puts added adds join joined
joins placed places blacklisted units firms companies company makers maker designers designer
start-ups startups developers their its they subsidiaries affiliates entities parties
memory hbm high-bandwidth computing advanced-computing bandwidth semiconductors gpu gpus ai
case review reviewed reviews let lets letting allow allows allowed allowing president
month's enforce enforced enforcing enforcement hit hits policy time times cover covers
all stacks gave tpp get gets volume year's back reversed reversal
"""
LAWFUL = LATIN | frozenset(_WORDS.split())
"""The words a statement of law may be made of before it is called wrong."""
_CHINESE = re.compile(
    "美国|中国|政府|商务部|工业与安全局|拜登|特朗普|当局|禁止|限制|出口|许可证|许可|管制|规则|新规|规定|条例|措施|实施|宣布|发布|公布|颁布|出台|要求|需要|需"
    "|须|获得|申请|批准|禁令|禁售|被|列入|加入|清单|实体|生效|对华|向|对|将|已|起|开始|自|从|销售|供应|先进|半导体|首次|正式|通知|告知|企业|公司|国家|科技|集团|股份|智能|新的|新"
    f"|{CHINESE.pattern}"
)
HEDGED = re.compile(
    r"\b(?:(?-i:may)|might|could(?! (?:now |again |still |then )?(?:be )?(?:sell|ship"
    r"|export|resume|sold))"
    r"|reportedly|allegedly|rumou?r\w*|said to|believed|appears?|seems?"
    r"|likely|possibly|perhaps|estimate\w*|supposedly|apparently)\b|据说|据称|传闻|或将|可能", re.I,
)  # fmt: skip
"""Doubts of the writer; the month is none of them."""
_GUIDANCE = re.compile(r"\bguidance\b|\bplans?\b", re.I)


def is_plain(said: str, *, forecast: bool) -> bool:
    """Whether a statement of law is neither hedged nor a forecast; guidance is an act here."""
    foreseen = forecast and FORECAST.search(_GUIDANCE.sub(" ", said)) is not None
    return not foreseen and HEDGED.search(_MAY.sub(" ", said)) is None


_MAY = re.compile(r"\bmay (?:not|only|get|be|sell|buy|ship|export|receive|import)\b", re.I)
"""What is allowed, and no doubt."""


_CLAUSE = re.compile(
    r"[;；。:：—]|\s[–-]\s|\b(?:while|whereas|although|but|though|despite)\b", re.I
)


def misread(
    text: str, within: tuple[int, int], start: int, end: int, gone: list[tuple[int, int]]
) -> str:
    """Why what stands between `start` and `end` and beside it may not be called wrong; "" where
    each word of its clause is known. `within`: the sentence; `gone`: names and days, which are."""
    begin = max(within[0], start - _REACH)
    for stop in _CLAUSE.finditer(text, begin, start):
        begin = stop.end()
    right = min(within[1], end + _REACH)
    following = _CLAUSE.search(text, end, right)
    right = following.start() if following else right
    letters = list(text[begin:right])
    for one, other in gone:
        for at in range(max(one, begin), min(other, right)):
            letters[at - begin] = " "
    word = strange_word("".join(letters), LAWFUL, _CHINESE)
    return f"the reader does not know what “{word}” does to it" if word else ""


_REACH = 160
