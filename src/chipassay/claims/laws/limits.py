"""Figures of law: limits, shares for a government, duties, quotas, numbers of parties listed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chipassay.claims.claim import Amount, Claim
from chipassay.claims.laws.days import acts_named
from chipassay.claims.laws.words import FOREIGN, TOPIC, is_plain, misread
from chipassay.claims.text.acts import Act
from chipassay.claims.text.gated import Gated, Small
from chipassay.claims.text.numerals import WORDS
from chipassay.claims.text.sentences import Sentence
from chipassay.units import parse

_DUTY = Small(r"\btariffs?\b|\bdut(?:y|ies)\b|Section 232|关税")
_PAYS = Small(
    r"\bpa(?:y|ys|id|ying)\b|\bhand(?:s|ed|ing)?\b|\bremit\w*|\bgiv(?:e|es|ing)\b|\bgave\b"
    r"|\bcuts?\b|in (?:exchange|return)|\bcede\w*|\bcollect\w*|\btak(?:e|es|ing)\b|\btook\b"
    r"|\breceiv\w*|kick ?back|\bfees?\b|\blevy\b|revenue[- ]shar\w+|\bshar(?:e|ing)\b"
    r"|\bsurrender\w*"
    r"|\bgo(?:es|ing)? to\b|turn(?:ed|ing)? over|commission|surcharge|抽成|分成|上[缴繳交贡]|交给"
    r"|收取|支付"
)
_PAYEE = Small(
    r"\bgovernment\b|Treasury|Washington|\bU\.?S\.?(?:\b|(?=\s))|United States|\bTrump\b"
    r"|administration|\bfederal\b|Uncle Sam|White House|美国|美方|政府|财政部|特朗普"
)
_OF_SALES = Small(
    r"\brevenues?\b|\bsales?\b|proceeds|\bsold\b|\bchips?\b|收入|销售|营收|\bfees?\b|\bcut\b"
    r"|\bexport"
)
_CAPPED = Small(
    r"\bcap(?:s|ped|ping)?\b|\blimit(?:s|ed)?\b|ceiling|at most|no more than|not (?:to )?exceed"
    r"|\bmaximum\b|restricted to|cannot exceed|can['’]?t exceed|may not exceed|上限|不得超过"
    r"|不超过|不能超过"
)
_VOLUME = Small(
    r"\bvolumes?\b|shipments?|shipped|\bunits\b|\bexports?\b|quantit\w+|\bsales\b|\bsold\b|数量"
    r"|总量"
    r"|出货|销量|出口量"
)
_OWNED = Small(r"\bown(?:ed|s|ership|ing)?\b|\bstakes?\b|持股|股权|控股")
_LISTED = Small(
    r"affiliat\w+|subsidiar\w+|Entity List|\blisted\b|blacklist\w*|\bBIS\b|关联|子公司|实体清单"
)
_QUOTA = Small(
    r"\bcap(?:s|ped|ping)?\b|\bquotas?\b|\blimit(?:s|ed)?\b|ceiling|allocation|allowed|allotment"
    r"|per[- ]country|each country|exempt\w*|without (?:an? )?licen|threshold|\bup to\b|上限|配额"
    r"|限额"
)
_QUOTA_OF = Small(
    r"\bcountr(?:y|ies)\b|\bnations?\b|\btier\b|diffusion|\bUAE\b|Emirates|Saudi|Gulf|licen[cs]"
    r"|国家"
    r"|阿联酋|沙特"
)
_LIMIT = Small(
    r"\bthresholds?\b|\blimit(?:s|ed)?\b|\bcap(?:s|ped)?\b|ceiling|cut-?offs?|red line|\bor more\b"
    r"|or (?:above|higher|greater|faster)|at least|exceed\w*|more than|above|over|at or above|below"
    r"|less than|under|门槛|阈值|上限|红线|以上|超过|达到或超过|限制在|低于"
)
_RULE = Gated(
    r"\brules?\b|regulat\w+|\bBIS\b|export[- ](?:control|restriction|curb|licen|ban)\w*|Commerce"
    r"|\b3A090|\bcontrols\b|threshold|October (?:7,? )?2022|restrict\w*|sanction\w*|licen[cs]\w+"
    r"|case-by-case|presumption|规则|规定|管制|禁令|新规|门槛|阈值|红线|限制",
    "rule|regulat|bis|export|commerce|3a090|control|threshold|october|restrict|sanction|licen"
    "|case-by-case|presumption|规|管制|禁令|门槛|阈值|红线|限制",
)
_LINKS = Small(
    r"interconnect\w*|chip-to-chip|inter-chip|transfer rate|I/O|input/output|NVLink|communicat\w+"
    r"|link|互联|互连|传输|通信"
)
_MEMORY = Small(r"memory|DRAM|HBM|GDDR|显存|内存")
_PRESUMES = Small(
    r"presum\w+|foundr\w+|threshold|below|fewer|less than|or more|approximated|代工|以下"
)
_PARTNERS = Gated(
    r"\b(?P<n>\d{1,2}|[Ee]ighteen) (?:(?:close|key|trusted|favou?red|allied|partner|top-tier"
    r"|tier[- ]1"
    r"|US|U\.S\.|American) ){0,3}(?:countries|allies|nations|partners|jurisdictions|economies)"
    r"|(?P<c>\d{1,2})个(?:盟友|伙伴|国家)",
    "countries|allies|nations|partners|jurisdictions|economies|个盟友|个伙伴|个国家",
    0,
)
_FREE = Small(
    r"\balli|partner|exempt|unrestricted|(?:no|without) (?:limit|cap|restriction)"
    r"|tier[- ](?:1|one)|friendly|盟友|伙伴|豁免"
)
_TENS = "|".join(word for word, value in WORDS.items() if value >= 20 and value % 10 == 0)
_ONES = "|".join(word for word, value in WORDS.items() if value < 20 and word not in ("a", "an"))
_COUNT = re.compile(
    rf"(?<![\w.,$-])(?:(?P<n>\d{{1,3}})|(?P<w>(?:{_TENS})(?:-(?:{_ONES}))?|{_ONES}))"
    r" (?:(?:more|new|additional|other|further|Chinese|China-based|PRC|mainland|foreign|tech"
    r"|technology"
    r"|AI|chip|semiconductor|entities and) ){0,4}(?:entities|entity|companies|firms"
    r"|organi[sz]ations"
    r"|parties|businesses|groups|names|institutions|subsidiaries|affiliates|additions)\b"
    r"|(?P<c>\d{1,3})\s?[家个](?:中国|中資|中资)?(?:实体|企业|公司|机构)",
    re.I,
)
_LISTS = Gated(
    r"Entity List|blacklist\w*|Unverified List|export[- ]control list|trade list|\bBIS (?:listed"
    r"|added|adds|blacklisted)\b|实体清单|黑名单"
    r"|未经核实清单",
    "list|名单|清单|bis",
)
_ADDED = Small(
    r"\b(?:add(?:ed|s|ing|itions?)|plac(?:ed|es|ing)|put|blacklist\w*|listed|includ\w+|joins?)\b"
    r"|列入"
    r"|加入|新增|添加"
)
_DENSITY = re.compile(
    r"(?P<n>\d+(?:\.\d+)?) ?(?:GB/s|gigabytes per second)\s?(?:/|per) ?(?:mm2|mm²|mm\^2"
    r"|square millimet(?:er|re))", re.I,
)  # fmt: skip
_CHINA = Small(r"China|Chinese|H\d\d|licen[cs]|中国|对华")


def law_figures(sentence: Sentence, acts: Sequence[Act]) -> Iterator[Claim]:
    """The figures of law that a sentence states."""
    said, text = sentence.said, sentence.text
    wanted = [each for each in sentence.amounts if _may_be(each)]
    lists = _LISTS.search(said) is not None and _ADDED.search(said) is not None
    partners = list(_PARTNERS.finditer(text, sentence.start, sentence.end))
    if not (wanted or lists or partners or "mm" in said or "square" in said):
        return
    own = acts_named(sentence, acts)
    foreign = bool(sentence.amounts) and not own and FOREIGN.search(said) is not None
    for amount in wanted:
        field = "" if foreign else _field(sentence, amount, own)
        if field:
            yield _claim(sentence, amount, field, acts, own)
    if lists:
        for match in _COUNT.finditer(sentence.text, sentence.start, sentence.end):
            yield _claim(sentence, _counted(match), "listed", acts, own)
    for match in partners:
        near = sentence.text[max(sentence.start, match.start() - 60) : match.end() + 60]
        if any(act.id == _DIFFUSION for act in own) and _FREE.search(near):
            yield _claim(sentence, _counted(match), "partners", acts, own)
    for match in _DENSITY.finditer(sentence.text, sentence.start, sentence.end):
        value = parse(f"{match['n']} GB/s/mm2", "B/s/m2")
        amount = Amount(value, value, value, "B/s/m2", "", *match.span(), match.group())
        yield _claim(sentence, amount, "density_limit", acts, own)


def _may_be(amount: Amount) -> bool:
    """Whether a quantity may be a figure of law at all."""
    if amount.unit == "1":
        return amount.noun in ("", "chips", "transistors")
    return amount.unit == "B/s" and not amount.noun


def is_of_law(claim: Claim, law: Sequence[Claim]) -> bool:
    """Whether a claim of a chip is the law's: its limit, or the day of a rule on it."""
    if claim.field in ("announced", "released"):
        return any(each.field == "rule_date" for each in law)
    compared = claim.kind == "comparison"
    if claim.amount is None or (
        not compared and claim.subject is not None and "limit" not in claim.conventions
    ):
        return False
    starts = {each.amount.start for each in law if each.amount is not None}
    return claim.amount.start in starts


_DIFFUSION = "us-diffusion-2025"


def _field(sentence: Sentence, amount: Amount, own: list[Act]) -> str:
    """Which figure of law an amount is; "" for none."""
    near = sentence.text[max(sentence.start, amount.start - _NEAR) : amount.end + _NEAR]
    near = near[: sentence.end - max(sentence.start, amount.start - _NEAR)]
    if amount.unit == "1" and not amount.noun:
        return _share(sentence, near, own)
    if amount.noun == "chips":
        ours = _QUOTA.search(near) and _QUOTA_OF.search(sentence.said)
        diffusion = any(act.id == _DIFFUSION for act in own)
        return "quota" if ours and (diffusion or _COUNTRY.search(near)) else ""
    if amount.unit == "B/s" and not amount.noun:
        return _bandwidth(sentence, amount, near)
    if amount.noun == "transistors":
        rule = _RULE.search(sentence.said) or own
        return "transistor_limit" if rule and _PRESUMES.search(near) else ""
    return ""


_NEAR = 90
_COUNTRY = Small(
    r"\bcountr(?:y|ies)\b|\bnations?\b|\btier\b|\bUAE\b|Emirates|Saudi|licen[cs]|国家|阿联酋"
)


def _share(sentence: Sentence, near: str, own: list[Act]) -> str:
    said = sentence.said
    chips = TOPIC.search(said) or sentence.chips() or sentence.of_kind("maker")
    if _DUTY.search(near) and (chips or own) and (own or not _THREAT.search(said)):
        return "duty"
    if _OWNED.search(near) and _LISTED.search(said):
        return "ownership"
    if (
        _CAPPED.search(near)
        and _VOLUME.search(near)
        and _CHINA.search(said)
        and not _RATE.search(near)
    ):
        return "volume"
    pays = _PAYS.search(near) and _PAYEE.search(said) and _OF_SALES.search(near)
    return "fee" if pays and chips and not _GROWTH.search(near) else ""


_THREAT = Small(
    r"threat\w*|propos\w*|\bcould\b|\bmight\b|consider\w*|\bplans?\b|vow\w*|威胁|考虑|计划"
)
_RATE = Small(r"\bTPP|performance|bandwidth|market share|份额|性能|tariff")
_GROWTH = Small(
    r"market share|\bmarket\b|account\w* for|year[- ]over|year[- ]on|\bYoY\b|compared|\bgrew|\brose"
    r"|\bfell|\bdown\b|increas\w+|decreas\w+|margin|市场份额|同比|环比|占比"
)


def _bandwidth(sentence: Sentence, amount: Amount, near: str) -> str:
    """A limit on a bandwidth: said as one right beside the number, in a sentence of rules."""
    text = sentence.text
    if _RULE.search(sentence.said) is None or _DENSITY.match(text, amount.start):
        return ""
    words = _SURE_LIMIT if sentence.chips() else _LIMIT
    head = text[max(sentence.start, amount.start - 40) : amount.start]
    tail = text[amount.end : min(sentence.end, amount.end + 24)]
    before = re.search(rf"(?:{words.pattern})[^,;，。]*$", head, re.I)
    after = re.match(rf"[^,;.，。\d]*?(?:{words.pattern})", tail, re.I)
    if before is None and after is None:
        return ""
    memory = _MEMORY.search(near)
    if _LINKS.search(near):
        return "bandwidth_limit" if memory else "io_limit"
    return "memory_limit" if memory else "bandwidth_limit"


_SURE_LIMIT = Small(
    r"\bthresholds?\b|\blimits?\b|\bcaps?\b|ceiling|cut-?offs?|red line|门槛|阈值|上限|红线"
)


def _claim(
    sentence: Sentence, amount: Amount, field: str, acts: Sequence[Act], own: list[Act]
) -> Claim:
    ids = {id_ for each in sentence.chips() for id_ in each.ids}
    by_chip = [act for act in acts if act.chips & ids and _has(act, field)]
    dated = _of_its_day(sentence, acts, field) if field in ("listed", "fee") else []
    chips = [each for each in sentence.chips() if each.kind == "chip"]
    subject, other = (*chips[:2], None, None)[:2]
    subject = subject or next(iter(sentence.of_kind("maker")), None)
    chosen = [act for act in own if _has(act, field) or field.endswith("limit")]
    chosen = chosen or by_chip or dated
    return Claim(
        "law", amount.start, amount.end, (sentence.start, sentence.end), field, subject, amount,
        relation="figure", voice=sentence.voice, other=other if field == "fee" else None,
        facts={"acts": tuple(chosen), "said": sentence.said, "sure": _is_sure(sentence, field),
               "unsure": _unsure(sentence, amount, field, chosen)},
    )  # fmt: skip


_SETTLED = ("volume", "partners", "io_limit", "listed")
"""Figures on which the sources do not differ."""


def _unsure(sentence: Sentence, amount: Amount, field: str, chosen: list[Act]) -> str:
    """Why another figure than the one held may not be called wrong."""
    settled = field in _SETTLED or (field == "fee" and (sentence.stamps or sentence.chips()))
    if not settled or len(chosen) != 1:
        return "sources differ, or no single rule is named"
    forecast = sentence.voice.forecast and field != "fee"
    bound = field == "volume" and amount.manner in ("under", "up to")
    if (amount.manner and not bound) or not is_plain(sentence.said, forecast=forecast):
        return "it is no plain statement"
    found = sentence.stamps
    gone = [(each.start, each.end) for each in sentence.mentions]
    gone += [(each.start, each.end) for each in sentence.amounts]
    gone += [(each.start, each.end) for each in found] + [(amount.start, amount.end)]
    name = chosen[0].names
    words = name.search(sentence.text, sentence.start, sentence.end) if name else None
    gone += [words.span()] if words else []
    within = (sentence.start, sentence.end)
    return misread(sentence.text, within, amount.start, amount.end, gone)


def _has(act: Act, field: str) -> bool:
    return any(figure["kind"] == field for figure in act.figures)


def _of_its_day(sentence: Sentence, acts: Sequence[Act], field: str) -> list[Act]:
    """The listings of a day, month or year that the sentence prints."""
    days = sentence.stamps
    return [
        act for act in acts if _has(act, field)
        and any(not day.iso.startswith("-") and act.on(day.iso, "named") for day in days)
    ]  # fmt: skip


def _is_sure(sentence: Sentence, field: str) -> bool:
    """Whether a figure says of itself which rule it is of."""
    if field in ("ownership", "density_limit", "transistor_limit"):
        return True
    if field in ("io_limit", "bandwidth_limit", "memory_limit"):
        return _RULE.search(sentence.said) is not None
    if field == "fee":
        return bool(_CHINA.search(sentence.said) or sentence.of_kind("maker"))
    if field == "quota":
        return _EACH.search(sentence.said) is not None
    if field in ("volume", "duty"):
        return _CHINA.search(sentence.said) is not None or TOPIC.search(sentence.said) is not None
    return False


_EACH = Small(
    r"most countr|(?:each|per|every|a|middle|tier[- ](?:2|two)) countr|countries (?:to|at)"
    r"|tier[- ](?:2|two)"
)


def _counted(match: re.Match[str]) -> Amount:
    """A number of parties, in digits or in words."""
    written = next(part for part in match.groupdict().values() if part)
    value = float(written) if written.isdigit() else _spelled(written.lower())
    half = _HALF
    name = match.lastgroup or "n"
    return Amount(value, value - half, value + half, "1", "parties", match.start(name),
                  match.end(), match.group())  # fmt: skip


_HALF = 0.5
"""Parties are counted whole."""


def _spelled(written: str) -> float:
    return float(sum(WORDS[part] for part in written.split("-")))
