"""Statements without a figure of a chip: features and capability."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chipassay.claims.claim import Amount, Claim, Mention
from chipassay.claims.text.gated import Gated, Small
from chipassay.claims.text.sentences import Sentence, looks_back
from chipassay.claims.warrant import uncompared

FEATURES = (
    ("fp8_engine", re.compile(r"transformer engines?(?: \(TE\))?|\bFP8(?: (?:support|cores|engine"
        r"|units))?\b|Transformer引擎", re.I | re.A)),
    ("scaleup_bandwidth", re.compile(r"\bNVLink\b|\bNVSwitch\b|\bHCCS\b"
        r"|chip-to-chip interconnect", re.I | re.A)),
    ("dense_fp64", re.compile(r"\bFP64(?: support)?\b|double[- ]precision", re.I | re.A)),
    ("dense_fp4", re.compile(r"\b(?:NV)?FP4(?: support)?\b", re.I | re.A)),
    ("dense_int8", re.compile(r"\bINT8(?: support)?\b", re.I | re.A)),
    ("dense_bf16", re.compile(r"\bBF16(?: support)?\b", re.I | re.A)),
    ("dense_fp6", re.compile(r"\b(?:MX)?FP6(?: support)?\b", re.I | re.A)),
    ("dense_tf32", re.compile(r"\bTF32(?: support)?\b|\bTensorFloat-?32\b", re.I | re.A)),
    ("mig", re.compile(r"\bMIG(?: support)?\b|Multi-Instance GPU|多实例GPU", re.A)),
    ("ecc", re.compile(r"\bECC(?: (?:support|memory))?\b", re.A)),
    ("sparsity", re.compile(r"(?:structured|2:4|hardware) sparsity|结构化稀疏", re.I | re.A)),
)  # fmt: skip
_NAMED = Gated(
    r"FP\d|BF16|TF32|INT8|TensorFloat|NVLink|NVSwitch|HCCS|interconnect|precision|transformer"
    r"|MIG|Multi|ECC|sparsity|多实例|稀疏", "fp|bf16|tf32|int8|tensorfloat|nvlink|nvswitch|hccs"
    "|interconnect|precision|transformer|mig|multi|ecc|sparsity|多实例|稀疏")  # fmt: skip
"""One of the features may be named at all."""
_ABSENT = re.compile(
    r"\b(?:delet\w+|remov\w+|lack\w*|without|disabl\w+|stripped|absent|missing|eliminat\w+"
    r"|omit\w*|drops?(?! (?:from|to|by)\b)|dropped(?! (?:from|to|by)\b)"
    r"|(?:does|do|did) not (?:support|have|include|offer)|doesn['’]t (?:support|have)"
    r"|no longer (?:has|supports)"
    r"|cannot (?:use|run)|not support\w*|unsupported|unavailable"
    r"|not (?:be )?(?:available|present|included)|absence of)\b|移除|删除|不支持|没有|取消|缺少"
    r"|缺乏"
    r"|未配备|不具备|不包含|砍掉|去掉|剔除", re.I,
)  # fmt: skip
_NO = re.compile(
    r"(?:\bno\b(?! (?:less|fewer|more|longer|doubt|other|way|need|reason|change)\b)"
    r"|(?<![A-Za-z])w/o|无|無|未支持|不含|不带|不帶)"
    r"\s?(?:(?:(?!and\b|but\b|ha[sd]\b|have\b|supports?\b(?! for)|is\b|with\b)[\w-]+)\s){0,3}$",
    re.I,
)
"""What stands right before a feature that is not there: "and no NVLink"."""
_NONE = re.compile(r"\b(?:no|neither|nor|none of the|hardly any)\s$", re.I)
"""Before a chip that a statement is denied of: "no X1 has NVLink"."""
_CUT = re.compile(r"阉割")
_PRESENT = re.compile(
    r"\b(?:supports?|supporting|retain\w*|keeps|includes?|features?|equipped with|comes with)\b"
    r"|支持|具备|保留",
    re.I,
)
_HAS = re.compile(
    r"\b(?:has|have|with|offers?|provides?|adds?|brings?|gets?|uses?|enables?|allows?|native(?:ly)?"
    r"|built-in)\b|采用|配备|搭载|拥有", re.I,
)  # fmt: skip
"""Verbs of having: of a feature only where it is named as one, since figures are had too."""
_AS_ONE = re.compile(r"engine|support|MIG|Multi-Instance|ECC|NVLink|NVSwitch|sparsity|引擎", re.I)
_DENIED = re.compile(
    r"\b(?:not(?! (?:only|just|merely))|never|neither|nor|cannot)\b|n['’]t\b|(?<![了分])[不未]",
    re.I,
)
"""What turns a verb of having round, wherever it stands before the feature."""
_TWICE = re.compile(r"(?:\b(?:not|never)|n['’]t)\s+(?:\w+\s)?$|[不没未]$", re.I)
"""Before a word of lacking: "does not lack"."""
_CANNOT = re.compile(
    r"\b(?:cannot|can['’]?t|can not|could not|unable to|impossible to|not be (?:used|able)"
    r"|incapable of)\b"
    r"|无法|不能|不可", re.I,
)  # fmt: skip
_NEEDS = re.compile(r"\b(?:need(?:s|ed)?|requir(?:es?|ed)|takes?|took|necessary)\b|需要", re.I)
_CAN = Small(r"\b(?:can|could|able to|capable of|suffices?|enough to|use)\b|可以|能够|足以")
_TRAIN = Gated(r"\btrain(?:ing|ed|s)?\b|训练", "train|训练")
_SERVE = Gated(
    r"\binference|\binferenc\w+|\bserv(?:e|ing)\b|\brun\b|推理", "inferenc|serv|run|推理"
)
_MODEL = Small(
    r"\b(?:LLMs?|(?:large )?language models?|AI models?|trillion-parameter|models?\b)|大模型"
    r"|万亿参数"
)
_SIZE = re.compile(
    r"(?P<n>\d+(?:\.\d+)?)?[\s-]?(?P<s>trillion|billion|T|B)[\s-]?(?:-?parameters?|参数)?(?= |-|$"
    r"|\W)|(?P<cn>万亿)参数",
    re.I,
)


_TRADED = re.compile(
    r"\breduc\w+ (?:its |the )?(?:AI )?training (?:capabilit|performance|abilit|power)", re.I
)


def statements(sentence: Sentence) -> Iterator[Claim]:
    """Features and capabilities that the sentence states."""
    yield from _features(sentence)
    yield from _capability(sentence)


def subject_near(sentence: Sentence, at: int) -> Mention | None:
    """The chip a statement is about: named before it, else after it, else looked back to."""
    chips = sentence.chips()
    before = [each for each in chips if each.end <= at and not sentence.is_yardstick(each)]
    if before:
        return before[-1]
    if sentence.antecedent is not None and looks_back(sentence.said):
        return sentence.antecedent
    return chips[0] if chips else None


_STOP = re.compile(r"[,;，；。]|\bbut\b|\bwhile\b|\bwhereas\b|\balthough\b|\bthough\b|但", re.I)


def _features(sentence: Sentence) -> Iterator[Claim]:
    """Each feature with the verb of its clause; what is merely counted is a figure, no feature."""
    if _NAMED.search(sentence.said) is None:
        return
    seen: set[tuple[str, str, str]] = set()
    for field, words in FEATURES:
        for match in words.finditer(sentence.text, sentence.start, sentence.end):
            number = re.search(r"(?<![A-Za-z\d])\d", sentence.text[match.end() : match.end() + 12])
            verb, relation = _verb(sentence, match)
            subject = subject_near(sentence, match.start())
            key = (field, relation, subject.name if subject is not None else "")
            if subject is not None and _NONE.search(
                sentence.text[max(sentence.start, subject.start - 12) : subject.start]
            ):
                continue
            if verb is None or key in seen or (number and field != "fp8_engine"):
                continue
            if subject is None and field != "fp8_engine":
                continue
            seen.add(key)
            ends = [match.start(), verb.start(), match.end(), verb.end()]
            if subject is not None and sentence.start <= subject.start < match.start():
                ends.append(subject.start)
            yield Claim(
                "feature", min(ends), max(ends),
                (sentence.start, sentence.end), field, subject, words=match.group(),
                relation=relation, voice=sentence.voice,
                facts={"unsure": uncompared(sentence, (subject,), min(ends), max(ends))},
            )  # fmt: skip


def _verb(sentence: Sentence, feature: re.Match[str]) -> tuple[re.Match[str] | None, str]:
    """The verb that says whether a feature is there: of its clause, the absent ones first."""
    left, right = max(sentence.start, feature.start() - 45), feature.end() + 40
    for stop in _STOP.finditer(sentence.text, left, feature.start()):
        left = stop.end()
    following = _STOP.search(sentence.text, feature.end(), min(right, sentence.end))
    right = following.start() if following else min(right, sentence.end)
    absent = _ABSENT.search(sentence.text, left, right)
    absent = absent or _NO.search(
        sentence.text, max(sentence.start, feature.start() - 32), feature.start()
    )
    absent = absent or _CUT.search(sentence.text, feature.end(), min(feature.end() + 8, right))
    if absent is not None:
        twice = _TWICE.search(sentence.text[left : absent.start()])
        return absent, "present" if twice else "absent"
    denied = _DENIED.search(sentence.text, left, feature.start())
    if denied is not None:
        return denied, "absent"
    present = _PRESENT.search(sentence.text, left, right)
    if present is None and _AS_ONE.search(feature.group()):
        present = _HAS.search(sentence.text, left, feature.start())
    return present, "present"


def _capability(sentence: Sentence) -> Iterator[Claim]:
    said = sentence.said
    work = _TRAIN.search(said) or _SERVE.search(said)
    if work is None:
        return
    trains = _TRAIN.search(said) is not None
    model = next(iter(sentence.of_kind("model")), None)
    size = model_size(said)
    generic = _MODEL.search(said)
    needs, cannot = _NEEDS.search(said), _CANNOT.search(said)
    counted = next((a for a in sentence.amounts if a.noun == "chips"), None)
    relation = ""
    if cannot is not None and (size or model or generic):
        relation = "cannot"
    elif needs is not None and counted is not None and (model or generic):
        relation = "needs"
    elif _TRADED.search(said):
        relation = "traded"
    elif (
        _CAN.search(said)
        and generic
        and re.search(r"\b(?:slower|older|graphics|GPUs?|chips?)\b", said)
    ):
        relation = "can"
    if not relation or (relation == "cannot" and subject_near(sentence, work.start()) is None):
        return
    subject = subject_near(sentence, sentence.end)
    yield Claim(
        "capability", sentence.start, sentence.end, (sentence.start, sentence.end),
        "train" if trains and relation != "can" else "serve",
        sentence.antecedent if relation == "traded" and not sentence.chips() else subject,
        _chips(counted, relation), words=said, other=model, relation=relation,
        voice=sentence.voice, facts={"parameters": size},
    )  # fmt: skip


def _chips(counted: Amount | None, relation: str) -> Amount | None:
    return counted if relation == "needs" else None


def model_size(said: str) -> float:
    """The number of parameters a sentence speaks of; 0 where it gives none."""
    from chipassay.claims.text.numerals import SCALES

    for match in _SIZE.finditer(said):
        if match["cn"]:
            return SCALES["trillion"]
        if "parameter" not in said[match.start() : match.end() + 12].lower() and not match["n"]:
            continue
        if match["n"] is None and match["s"] in ("T", "B", "t", "b"):
            continue
        scale = {"t": "trillion", "b": "billion"}.get(match["s"].lower(), match["s"].lower())
        return float(match["n"] or 1) * SCALES[scale]
    return 0.0
