"""The parts that families share: shapes of heads, windows by layer, layers gathered into groups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from chipassay.catalogue.hugging_face.fields import Fields
from chipassay.records.architecture import Architecture, Attention, FeedForward, LayerGroup

LAYER_KINDS = {
    "full_attention": "full", "attention": "full", "global": "full",
    "sliding_attention": "near", "chunked_attention": "near", "local": "near",
    "linear_attention": "linear",
}  # fmt: skip


class Heads(NamedTuple):
    """How many query heads, how many key-value heads, and how wide a head."""

    query: int
    key_value: int
    width: int


def heads(
    fields: Fields, hidden: int, config: str, kv_heads: int | None = None, width: int | None = None
) -> Heads:
    """Head counts under the usual keys, defaults as the transformers class `config` takes them.

    `kv_heads` and `width` are that class's own defaults; None stands for "as many as query heads"
    and "hidden size over heads". Refuses heads that do not divide.
    """
    query = fields.count("num_attention_heads", limit="heads")
    if fields.mentions("num_key_value_heads") or kv_heads is None:
        # null means "as many", in every family, even where the class has a default of its own
        reason = "as many as num_attention_heads"
        key_value = fields.count_or(query, reason, "num_key_value_heads", limit="heads")
    else:
        key_value = fields.count_or(kv_heads, f"default of {config}", "num_key_value_heads")
    if width is not None and not fields.mentions("head_dim"):
        own = fields.count_or(width, f"default of {config}", "head_dim")
    else:
        own = head_width(fields, hidden, query)
    return checked(fields, Heads(query, key_value, own))


def head_width(fields: Fields, hidden: int, query: int, key: str = "head_dim") -> int:
    """The width of a head: given, or hidden size over heads where that divides."""
    if fields.has(key):
        return fields.count(key)
    if hidden % query:
        problem = f"is absent and {hidden} (hidden size) does not divide by {query} heads"
        raise fields.refusal(key, problem, f"give {key} or another number of heads")
    return fields.count_or(hidden // query, "hidden size over heads", key)


def checked(fields: Fields, found: Heads, key: str = "num_key_value_heads") -> Heads:
    """The same heads, refused where key-value heads cannot share the query heads evenly."""
    if found.query % found.key_value:
        problem = f"is {found.key_value}, which does not divide {found.query} query heads"
        raise fields.refusal(key, problem, "check both head counts")
    return found


def near_layers(fields: Fields, layers: int, fallback: Iterable[bool]) -> tuple[bool, ...]:
    """For each layer, whether its window is short: by `layer_types`, else by the family's rule."""
    if fields.has("layer_types"):
        return tuple(kind == "near" for kind in fields.words("layer_types", layers, LAYER_KINDS))
    return tuple(fallback)


def windows(fields: Fields, near: Sequence[bool], width: int) -> tuple[int, ...]:
    """Each layer's window in tokens. One as wide as the longest context is none."""
    context = fields.optional("max_position_embeddings", limit="tokens")
    limited = 0 if context and width >= context else width
    return tuple(limited if short else 0 for short in near)


def gathered(
    attention: Sequence[Attention], feed_forward: Sequence[FeedForward], norms: int
) -> tuple[tuple[LayerGroup, ...], tuple[int, ...]]:
    """Equal layers as groups, in order of first appearance, and each layer's group."""
    layers = list(zip(attention, feed_forward, strict=True))
    kinds = list(dict.fromkeys(layers))
    place = {kind: index for index, kind in enumerate(kinds)}
    order = tuple(place[layer] for layer in layers)
    groups = tuple(
        LayerGroup(order.count(index), attends, feeds, norms)
        for index, (attends, feeds) in enumerate(kinds)
    )
    return groups, order


def assembled(
    fields: Fields,
    family: str,
    hidden: int,
    attention: Sequence[Attention],
    feed_forward: Sequence[FeedForward],
    *,
    config: str,
    tied: bool = False,
    norms: int = 2,
    **structure: Any,
) -> Architecture:
    """The architecture, with what every family reads alike: vocabulary, context, tied embeddings.

    `tied` is the default of the transformers class `config`; `structure` goes to the record.
    """
    groups, order = gathered(attention, feed_forward, norms)
    vocabulary = fields.count("vocab_size", limit="rows")
    structure.setdefault("context", fields.optional("max_position_embeddings", limit="tokens"))
    tied = fields.flag("tie_word_embeddings", tied, f"default of {config}")
    fields.refuse_leftovers(family)
    return Architecture(
        id="",
        name="",
        family=family,
        hidden=hidden,
        vocabulary=vocabulary,
        groups=groups,
        order=order,
        tied_embeddings=tied,
        notes=tuple(fields.notes),
        **structure,
    )
