"""The model of a measured row: by its name, else built from the row's numbers."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.model_numbers import numbers as model_numbers
from chipassay.catalogue.models import find_model
from chipassay.errors import QuestionError, UnknownNameError
from chipassay.measured.training import Row
from chipassay.records.architecture import (
    Architecture,
    Attention,
    Dense,
    FeedForward,
    GroupedQuery,
    Latent,
    LayerGroup,
    Mixture,
)  # fmt: skip
from chipassay.units import factor as unit_factor

PLAIN = ("gpt", "mpt", "bloom", "opt", "megatron", "mt-nlg", "turing", "palm")
"""Names of models whose feed-forward blocks have two matrices where a row says no more."""
TIED = ("gpt-", "gpt3", "mpt", "bloom", "opt", "megatron", "gemma", "minicpm")
LATENT = (1536, 512, 128, 64, 128)
"""Ranks and widths of latent attention where a row says no more than MLA: DeepSeek-V3's."""
LARGER = 1.3
"""A mixture so much larger than its name has some other width in its row than an expert's."""
_NAMED = re.compile(r"(?<![0-9x.])([0-9]+(?:\.[0-9]+)?)B(?:[-_ ]?A([0-9]+(?:\.[0-9]+)?)B)?", re.I)


def architecture_of(row: Row, catalogue: Catalogue) -> Architecture:
    """By name, where the catalogue knows it and the row says nothing else; else by its numbers."""
    found = _named(row, catalogue)
    given = {name: row.number(name) for name in ("hidden", "layers", "heads", "ffn_hidden")}
    if found is not None and _agrees(found, given["hidden"]):
        return _cut(found, given["layers"])
    if math.isnan(given["hidden"]) or math.isnan(given["layers"]):
        raise QuestionError(f"nobody says the shape of {row.word('model')}", where=row.word("id"))
    return _built(row, given)


def _named(row: Row, catalogue: Catalogue) -> Architecture | None:
    try:
        return find_model(catalogue, row.word("model")).architecture
    except (UnknownNameError, QuestionError):
        return None


def _agrees(found: Architecture, hidden: float) -> bool:
    return math.isnan(hidden) or hidden == found.hidden


def _cut(found: Architecture, layers: float) -> Architecture:
    """The model with so many layers, of each kind its share: benchmarks cut models short."""
    if math.isnan(layers) or layers == found.layers:
        return found
    count = max(int(layers), 1)
    order = tuple(found.order[place * found.layers // count] for place in range(count))
    groups = tuple(replace(g, count=order.count(i)) for i, g in enumerate(found.groups))
    return replace(found, order=order, groups=groups)


def _built(row: Row, given: dict[str, float]) -> Architecture:
    name = row.word("model").lower()
    hidden, layers = int(given["hidden"]), int(given["layers"])
    heads = int(given["heads"]) if not math.isnan(given["heads"]) else max(hidden // 128, 1)
    shared = row.number("kv_heads")
    kv_heads = heads if math.isnan(shared) else int(shared)
    width = max(hidden // heads, 1)
    attention: Attention = GroupedQuery(heads, kv_heads, width, width)
    latent = row.word("kv_heads").upper() == "MLA"
    if latent:
        attention = Latent(heads, *LATENT)
    gated = not name.startswith(PLAIN) or name.startswith("gpt oss")
    inner = int(given["ffn_hidden"]) if not math.isnan(given["ffn_hidden"]) else 4 * hidden
    experts, visited = row.number("experts"), row.number("topk")
    block: FeedForward = Dense(inner, gated=gated)
    if experts > 1:
        widths = row.numbers("ffn_hidden")
        own = int(widths[-1]) if widths else inner
        block = Mixture(
            int(experts), int(visited), own, gated=gated, shared_width=own if latent else 0
        )
    vocabulary = row.number("vocab")
    built = Architecture(
        id=row.word("model"), name=row.word("model"), family="row", hidden=hidden,
        vocabulary=int(vocabulary) if not math.isnan(vocabulary) else 65024,
        groups=(LayerGroup(layers, attention, block),), order=(0,) * layers,
        tied_embeddings=name.startswith(TIED),
    )  # fmt: skip
    return _as_named(built) if isinstance(block, Mixture) else built


def _as_named(built: Architecture) -> Architecture:
    """A mixture as large as its name says: rows give the dense width of some, not an expert's.

    `57B-A14B` names all weights and those a token visits; what visits lack is a shared expert's.
    """
    named = _NAMED.search(built.name)
    n = model_numbers(built)
    if named is None:
        return built
    billion = unit_factor("GB")
    whole, routed = float(named[1]) * billion, float(n.expert_parameters)
    group = built.groups[0]
    block = group.feed_forward
    if not isinstance(block, Mixture) or float(n.parameters) < LARGER * whole:
        return built
    rest = float(n.parameters) - routed
    visited = float(named[2]) * billion if named[2] else whole
    each = block.experts / block.per_token
    # whole = rest + routed + shared, visited = rest + routed / each + shared
    experts = max((whole - visited) / (1.0 - 1.0 / each) if named[2] else whole - rest, 0.0)
    shared = max(whole - rest - experts, 0.0)
    one = built.hidden * built.layers * (2.0 + block.gated)
    width = max(round(experts / (one * block.experts)), 1)
    resized = replace(block, width=width, shared_width=round(shared / one))
    return replace(built, groups=(replace(group, feed_forward=resized),))
