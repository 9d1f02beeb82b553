"""What a system is made of: how many chips one link joins, how many racks and hosts it has."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chipassay.claims.claim import Claim
from chipassay.claims.figure_claim import figure_claim
from chipassay.claims.sentences import Sentence

_JOINS = re.compile(
    r"\b(?:connect|link|join|domain|scal|support|contain|hous|compris|consist|integrat|combin|pack"
    r"|bundl|up to|employ|us(?:e|es|ing)\b|has\b|featur)|互联|集成|组成|包含|配备|搭载",
    re.I,
)


_POD = re.compile(
    r"\b(?:pods?|racks?|super[- ]?(?:nodes?|pods?)|clusters?)\b|超节点|机柜|集群", re.I
)


_HOSTS = re.compile(r"\bGrace\b|\bVera\b|\bCPUs?\b|processors|鲲鹏")


_LINKED = re.compile(r"NVLink|HCCS|scale-up domain|\bICI\b|UnifiedBus|\bUB\b", re.I)


def domains(sentence: Sentence) -> Iterator[Claim]:
    """How many of a chip one link joins, or a pod holds."""
    chips = sentence.chips()
    systems = [each for each in chips if each.kind == "system"]
    linked, pod = _LINKED.search(sentence.said), _POD.search(sentence.said)
    for amount in sentence.amounts:
        hosts = _HOSTS.search(amount.written)
        if amount.noun != "chips" or hosts or not _JOINS.search(sentence.said):
            continue
        if systems:
            yield figure_claim(sentence, amount, "scaleup_domain", systems[0], frozenset())
        elif (linked and len(chips) == 1) or (pod and not chips and amount.value > 8):
            yield figure_claim(
                sentence, amount, "scaleup_domain", next(iter(chips), None), frozenset()
            )
