"""Nemotron-H and Nemotron 3: state-space, attention, feed-forward and expert blocks in a string.

`hybrid_override_pattern` has a letter for each block: M Mamba-2, * attention, - feed-forward,
E experts. A block that mixes tokens and the feed-forward block after it make one layer here; one
without such a follower is a layer with a feed-forward block of no width.
"""

from __future__ import annotations

from chipassay.catalogue.hugging_face import mixtures
from chipassay.catalogue.hugging_face.blocks import assembled, heads
from chipassay.catalogue.hugging_face.fields import Fields
from chipassay.records.architecture import (
    Architecture,
    Attention,
    Dense,
    FeedForward,
    GroupedQuery,
    Linear,
    Mixture,
)  # fmt: skip

NOTHING = Dense(0, gated=False)


def read(fields: Fields, family: str) -> Architecture:
    """A hybrid read letter by letter."""
    hidden = fields.count("hidden_size")
    pattern = fields.text("hybrid_override_pattern")
    if set(pattern) - set("M*E-"):
        problem = "holds another letter than M, *, E and -"
        raise fields.refusal("hybrid_override_pattern", problem, "give the pattern of the config")
    own = heads(fields, hidden, "NemotronHConfig", 8)
    full = GroupedQuery(own.query, own.key_value, own.width, own.width)
    groups = fields.count("n_groups")
    mamba = Linear(
        "mamba2", groups, fields.count("mamba_num_heads", limit="heads"),
        fields.count("ssm_state_size"), fields.count("mamba_head_dim"), fields.count("conv_kernel"),
    )  # fmt: skip
    mixers: list[Attention] = []
    blocks: list[FeedForward] = []
    feeds = {letter: _block(fields, letter) for letter in "E-" if letter in pattern}
    for letter in pattern:
        if letter in "M*":
            mixers.append(mamba if letter == "M" else full)
            blocks.append(NOTHING)
        elif blocks and blocks[-1] is NOTHING:
            blocks[-1] = feeds[letter]
        else:
            problem = "has a feed-forward block that follows no other block"
            raise fields.refusal("hybrid_override_pattern", problem, "check its order")
    return assembled(fields, family, hidden, mixers, blocks, config="NemotronHConfig")


def _block(fields: Fields, letter: str) -> FeedForward:
    """Squared-ReLU blocks have two matrices; experts may work in a latent of their own."""
    if letter == "-":
        return Dense(fields.count("intermediate_size"), gated=False)
    total, visited = mixtures.experts(fields, "n_routed_experts")
    return Mixture(
        total,
        visited,
        fields.count("moe_intermediate_size"),
        gated=False,
        shared_width=fields.optional("moe_shared_expert_intermediate_size"),
        router_bias=True,
        latent_width=fields.optional("moe_latent_size"),
    )
