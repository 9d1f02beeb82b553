"""On which chips a model was trained, as a sentence tells it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chipassay.claims.claim import Claim
from chipassay.claims.known_words import LATIN
from chipassay.claims.text.gated import Small
from chipassay.claims.text.sentences import Sentence
from chipassay.claims.warrant import uncompared

HARDWARE = "training hardware"
_RUN_WORDS = """
train trained training trains run runs ran took takes take cost costs spent spend final full
complete entire whole model models hours hour gpu-hours gpu days using needed required requires
require cluster clusters million billion thousand dollars dollar usd total totalling totaling
consumed utilization utilisation mfu tokens second per sec company team startup chinese meta
electricity energy power compute flop flops operations floating point floating-point budget overall
come comes came amount amounted needed need drew burned burnt reached reach worth put
huawei pre-training pretraining failures interruptions unexpected during trillion across lab
"""
RUNNING = LATIN | frozenset(_RUN_WORDS.split())
"""The words a figure of a run may stand among before it is called wrong."""
BESIDE = Small(
    r"\b(?:per|each|every|stage|phase|step|first|fine-?tun\w*|post-?train\w*|context|ablation\w*"
    r"|distill\w*|infer\w*|serv\w+|estimat\w*|equivalent|comparable|similar|rumou?r\w*|base|other"
    r"|research|own\w*|has|have|than|versus|vs|compar\w+|instead|if|would)\b|推理|微调|后训练"
    r"|估")  # fmt: skip
"""Words that make a figure one of something else than the run, or nobody's report."""
_TRAINED = re.compile(r"\b(?:pre-?)?train(?:ed|s|ing)\b|训练", re.I)
_GAP = r"(?:[^.;,，；。]|(?<=\d)[.,](?=\d))"
_ON = re.compile(
    rf"\b(?:on|using|with|across|used|over|took|takes|needed|required)\b{_GAP}{{0,50}}$"
    rf"|(?:用|使用|在|采用){_GAP}{{0,20}}$", re.I,
)  # fmt: skip
_DENIED = re.compile(
    r"\b(?:not|never|without|rather|smuggl\w*|denied|banned)\b|n['’]t\b|没有|未", re.I
)
_HEAD = 70


def run_chips(sentence: Sentence) -> Iterator[Claim]:
    """The chips that a sentence says one named model was trained on."""
    models = {each.ids: each for each in sentence.of_kind("model")}
    chips = [each for each in sentence.chips() if each.kind == "chip"]
    if len(models) != 1 or not chips or _TRAINED.search(sentence.said) is None:
        return
    if BESIDE.search(sentence.said) or _DENIED.search(sentence.said):
        return
    (model,) = models.values()
    for chip in chips:
        head = sentence.text[max(sentence.start, chip.start - _HEAD) : chip.start]
        if _ON.search(head) is None:
            continue
        start, end = min(model.start, chip.start), max(model.end, chip.end)
        doubt = uncompared(sentence, (model, chip), start, end, RUNNING)
        hedged = sentence.voice.hedged or sentence.voice.forecast
        yield Claim(
            "market", chip.start, chip.end, (sentence.start, sentence.end), HARDWARE, model,
            words=sentence.said, other=chip, relation="on", voice=sentence.voice,
            facts={"unsure": "it is no plain statement" if hedged else doubt},
        )  # fmt: skip
