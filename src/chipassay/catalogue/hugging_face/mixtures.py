"""Feed-forward blocks by layer: dense, or routed experts in one of the families' spellings."""

from __future__ import annotations

from chipassay.catalogue.hugging_face.fields import Fields
from chipassay.records.architecture import Dense, FeedForward, Mixture

Blocks = tuple[FeedForward, ...]
_MLP_KINDS = {"dense": "dense", "sparse": "sparse"}


def experts(fields: Fields, *keys: str, visited: str = "num_experts_per_tok") -> tuple[int, int]:
    """How many routed experts there are, and how many of them a token visits."""
    total = fields.count(*keys, limit="experts")
    active = fields.count(visited, "experts_per_token", limit="experts")
    if active > total:
        problem = f"is {active}, more than the {total} experts there are"
        raise fields.refusal(visited, problem, "check both figures")
    return total, active


def dense(fields: Fields, layers: int) -> Blocks:
    """Gated blocks throughout; `mlp_bias` where the family knows it."""
    bias = fields.has("mlp_bias") and fields.flag("mlp_bias", False, "")
    return (Dense(fields.count("intermediate_size"), bias=bias),) * layers


def everywhere(fields: Fields, layers: int) -> Blocks:
    """Mixtral's way: every layer routes, `intermediate_size` is the width of one expert."""
    total, visited = experts(fields, "num_local_experts", "num_experts")
    return (Mixture(total, visited, fields.count("intermediate_size")),) * layers


def gpt_oss(fields: Fields, layers: int) -> Blocks:
    """Every layer routes; experts and router have biases."""
    total, visited = experts(fields, "num_local_experts", "num_experts")
    width = fields.count("intermediate_size")
    return (Mixture(total, visited, width, bias=True, router_bias=True),) * layers


def minimax_m2(fields: Fields, layers: int) -> Blocks:
    """Every layer routes; one balancing number an expert unless switched off."""
    total, visited = experts(fields, "num_local_experts")
    width = fields.count("intermediate_size")
    shared = fields.optional("shared_intermediate_size")
    bias = fields.flag("use_routing_bias", True, "default of MiniMaxM2Config")
    return (Mixture(total, visited, width, shared_width=shared, router_bias=bias),) * layers


def qwen(fields: Fields, layers: int) -> Blocks:
    """Qwen's way: every `decoder_sparse_step`-th layer routes, but for those in `mlp_only_layers`.

    A shared expert, where its width is given, has a scalar gate.
    """
    total, visited = experts(fields, "num_experts", "num_local_experts")
    width = fields.count("moe_intermediate_size")
    shared = fields.optional("shared_expert_intermediate_size")
    step = fields.count("decoder_sparse_step") if fields.has("decoder_sparse_step") else 1
    plain = fields.indices("mlp_only_layers", layers)
    routed = [i not in plain and (i + 1) % step == 0 for i in range(layers)]
    mixture = Mixture(total, visited, width, shared_width=shared, shared_gate=shared > 0)
    return _mixed(fields, routed, mixture)


def llama4(fields: Fields, layers: int) -> Blocks:
    """Every `interleave_moe_layer_step`-th layer routes, beside one shared expert as wide.

    Here `intermediate_size` is the width of an expert and `intermediate_size_mlp` the dense one.
    """
    total, visited = experts(fields, "num_local_experts")
    width = fields.count("intermediate_size")
    if fields.has("moe_layers"):
        chosen = fields.indices("moe_layers", layers)
        routed = [i in chosen for i in range(layers)]
    else:
        step = fields.count_or(1, "default of Llama4TextConfig", "interleave_moe_layer_step")
        routed = [(i + 1) % step == 0 for i in range(layers)]
    mixture = Mixture(total, visited, width, shared_width=width)
    return _mixed(fields, routed, mixture, "intermediate_size_mlp")


def deepseek(fields: Fields, layers: int, *, balanced: bool) -> Blocks:
    """DeepSeek's way: the first layers dense, then routed experts beside shared ones.

    `balanced` families keep one number an expert that evens out the load.
    """
    total, visited = experts(fields, "n_routed_experts")
    width = fields.count("moe_intermediate_size")
    shared = fields.optional("n_shared_experts", limit="experts") * width
    mixture = Mixture(total, visited, width, shared_width=shared, router_bias=balanced)
    return _mixed(fields, _routed(fields, layers), mixture)


def _routed(fields: Fields, layers: int) -> list[bool]:
    if fields.has("mlp_layer_types"):
        return [kind == "sparse" for kind in fields.words("mlp_layer_types", layers, _MLP_KINDS)]
    if fields.is_list("moe_layer_freq"):
        return [value > 0 for value in fields.counts("moe_layer_freq", layers)]
    plain = fields.count("first_k_dense_replace", limit="layers", least=0)
    step = fields.count("moe_layer_freq") if fields.has("moe_layer_freq") else 1
    return [i >= plain and i % step == 0 for i in range(layers)]


def _mixed(
    fields: Fields, routed: list[bool], mixture: Mixture, width: str = "intermediate_size"
) -> Blocks:
    """The mixture where a layer routes, else a dense block, whose width is read only if used."""
    if all(routed):
        return (mixture,) * len(routed)
    plain = Dense(fields.count(width))
    return tuple(mixture if routes else plain for routes in routed)
