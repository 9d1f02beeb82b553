"""A measured row as a question of training: its model, its plan complete, what was measured.

What a row leaves out is filled by its stack's documented defaults, and each filling is named.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.chips import numbers
from chipassay.catalogue.model_numbers import numbers as model_numbers
from chipassay.errors import QuestionError
from chipassay.inquiry.plans import experts_of
from chipassay.inquiry.training_bench import FORMATS
from chipassay.inquiry.training_shapes import architecture_of
from chipassay.inquiry.training_work import SLACK, Setting
from chipassay.measured.training import Row
from chipassay.model.kernels.silicon import silicon
from chipassay.records.architecture import Architecture
from chipassay.records.plan import Plan
from chipassay.units import factor as unit_factor

DEFAULT_STACK = "megatron-core"
USUAL_LENGTH = 4096.0
USUAL_NODE = 8.0
STEP_TOKENS = (4194304.0, 16777216.0)
"""Tokens of a step where nobody says: below `MANY_CHIPS`, and from there on."""
MANY_CHIPS = 1025
CHIP_TOKENS = 65536.0
"""Tokens of a step and chip at most: enough to keep any pipeline busy."""
UNMEASURED = "the row has neither a step time nor a throughput"


@dataclass(frozen=True, slots=True)
class Case:
    """One row ready to be predicted."""

    row: Row
    stack: str
    chip: str
    precision: str
    architecture: Architecture
    plan: Plan
    sequence: float
    setting: Setting
    chips: float
    step: float
    """Measured seconds of a step, or what the measured throughput makes of this batch."""
    memory: float
    filled: tuple[str, ...]
    links: dict[str, float]


def stack_of(row: Row, stacks: dict[str, Any], model: str, precision: str) -> str:
    """The stack that a row's source names for this model; Megatron-Core where none does."""
    for text in (row.word("source").lower(), row.word("notes").lower()):
        named = [
            (text.index(word.lower()), -len(word), not stack["only_models"], name)
            for name, stack in stacks.items()
            for word in stack["named_in"]
            if word.lower() in text and _meant(stack, model, precision)
        ]
        if named:
            return min(named)[3]
    return DEFAULT_STACK


def _meant(stack: dict[str, Any], model: str, precision: str) -> bool:
    """Whether a stack is for this model at this precision."""
    models, precisions = stack["only_models"], stack["only_precisions"]
    return (not models or model.startswith(tuple(models))) and (
        not precisions or precision in precisions
    )


def precision_of(row: Row) -> str:
    """The matrix products' format: rows say it in several spellings."""
    word = row.word("precision").lower()
    if "nvfp4" in word:
        return "nvfp4"
    if "mx" in word:
        return "mxfp8"
    if any(name in word for name in ("fp8", "float8", "e4m3")):
        return "fp8"
    return "fp16" if "fp16" in word else "bf16"


def setting_of(stack: dict[str, Any], row: Row) -> Setting:
    """The stack's fixed habits; what the row's notes say of them counts."""
    predicts = "w/ mtp" in row.word("notes").lower()
    usual = usual_setting(stack, precision_of(row))
    return replace(usual, predictors=float(predicts), frozen=float(_adapts(row)))


def usual_setting(stack: dict[str, Any], precision: str) -> Setting:
    """The stack's fixed habits at a precision."""
    return Setting(
        fused=float(stack["fused_attention"]),
        dropout=float(stack["dropout"]),
        gradient=float(stack["gradient_bytes"]),
        held=_held_gradient(stack, precision),
        selective=float(stack["selective_kept"]),
        vocabulary_multiple=float(stack["vocabulary_multiple"]),
        light=float(stack["light_kept"]),
        state=float(stack["state_bytes"]),
        narrow_kept=float(stack["narrow_kept"]),
        slack=0.0 if stack["old_allocator"] else SLACK,
    )


def _adapts(row: Row) -> bool:
    """Whether only low-rank adapters learn."""
    return "lora" in row.word("row_kind").lower()


def _held_gradient(stack: dict[str, Any], precision: str) -> float:
    """Bytes of a gradient in memory."""
    wide = stack["bf16_gradient_bytes"]
    return float(wide if wide and precision == "bf16" else stack["gradient_bytes"])


def case(row: Row, catalogue: Catalogue) -> Case:
    """The row as a case. Raises `QuestionError` with the reason where it cannot be predicted."""
    kind = row.word("row_kind")
    if kind in ("time_to_train",):
        raise QuestionError("time to a target, not of a step", where=row.word("id"))
    if not row.number("n_chips") >= 1:
        raise QuestionError("the row does not say how many chips", where=row.word("id"))
    stacks = catalogue.stacks()
    architecture = architecture_of(row, catalogue)
    name = stack_of(row, stacks, architecture.id.lower(), precision_of(row))
    stack = stacks[name]
    chip = row.word("chip").split("(")[0].strip()
    sequence = row.number("seq_len")
    filled: list[str] = []
    if math.isnan(sequence):
        sequence = USUAL_LENGTH
        filled.append("seq_len")
    plan = _plan(row, stack, architecture, filled)
    peak = float(numbers(catalogue.chip(chip).entry).dense_bf16)
    measured = _step(row, architecture, sequence, plan, peak)
    _refuse_impossible(row, catalogue, architecture, (plan, sequence, measured))
    gigabytes = unit_factor("GB/s")
    links = {
        "node": row.number("chips_per_node"),
        "link": row.number("intra_node_bw") * gigabytes,
        "port": row.number("inter_node_bw") * gigabytes,
        "reach": float(stack["node_limit"] or math.inf),
    }
    memory = row.number("measured_mem_gib_per_gpu") * unit_factor("GiB")
    return Case(
        row, name, chip, precision_of(row), architecture, plan, sequence, setting_of(stack, row),
        row.number("n_chips"), measured, memory, tuple(filled), links,
    )  # fmt: skip


def _refuse_impossible(
    row: Row, catalogue: Catalogue, architecture: Architecture, step: tuple[Plan, float, float]
) -> None:
    """A row that has a chip do more than its full rate is of another model, or another unit."""
    plan, sequence, measured = step
    chip = numbers(catalogue.chip(row.word("chip").split("(")[0].strip()).entry)
    peak = float(silicon(chip, FORMATS.get(precision_of(row), precision_of(row))).matrix)
    active = float(model_numbers(architecture).active_without_embeddings)
    passes = 4.0 if _adapts(row) else 6.0
    flop = passes * active * float(plan.batch) * sequence / row.number("n_chips")
    if flop > peak * measured:
        raise QuestionError("measured above the chip's full rate", where=row.word("id"))


def _plan(row: Row, stack: dict[str, Any], architecture: Architecture, filled: list[str]) -> Plan:
    """The row's plan; what it does not say as its stack has it."""
    chips = row.number("n_chips")
    tensor, pipeline, context = _degrees(row, architecture, chips, filled)
    data = float(max(round(chips / (tensor * pipeline * context)), 1))
    micro, batch = _sizes(row, stack, data, pipeline, filled)
    expert = row.number("ep")
    if math.isnan(expert):
        expert = _expert(architecture, data * tensor * context)
    virtual = _virtual(row, stack, architecture, pipeline)
    spread = stack["expert_tensor"] == "tensor" and expert * tensor <= chips
    split = row.word("sequence_parallel").lower()
    parallel = split.startswith("y") if split else bool(stack["sequence_parallel"])
    return Plan(
        tensor=tensor, pipeline=pipeline, data=data, context=context, expert=expert,
        expert_tensor=tensor if spread else 1.0, virtual=virtual, micro_batch=micro,
        batch=max(batch, data * micro), zero=_zero(row, stack), shard=_shard(row),
        sequence=float(parallel and tensor > 1), recompute=_recompute(row, stack, filled),
        schedule=4.0 if "dualpipe" in row.word("notes").lower() else 1.0,
        exchange=float(stack["ulysses"]),
        embedding_layers=float(_dealt_with_embedding(architecture, pipeline, virtual)),
    )  # fmt: skip


def _sizes(
    row: Row, stack: dict[str, Any], data: float, pipeline: float, filled: list[str]
) -> tuple[float, float]:
    """Sequences of a micro-batch and of a step; fully sharded stacks take one micro-batch."""
    micro, batch = row.number("micro_batch"), row.number("global_batch")
    if math.isnan(micro):
        filled.append("micro_batch")
        whole = stack["zero"] == 3 and not math.isnan(batch)
        micro = batch / data if whole else float(stack["micro_batch"])
    if math.isnan(batch):
        filled.append("global_batch")
        usual = _usual_batch(row) if "plan" in filled else data * micro * max(16.0, 4.0 * pipeline)
        batch = float(stack["batch"] or usual)
    return micro, batch


def _usual_batch(row: Row) -> float:
    """Sequences of a step as published runs have them, shared evenly by the nodes."""
    chips, length = row.number("n_chips"), row.number("seq_len")
    length = USUAL_LENGTH if math.isnan(length) else length
    tokens = min(STEP_TOKENS[chips >= MANY_CHIPS], chips * CHIP_TOKENS)
    node = row.number("chips_per_node")
    nodes = max(round(chips / (USUAL_NODE if math.isnan(node) else node)), 1)
    each = 2.0 ** round(math.log2(max(tokens / length / nodes, 1.0)))
    return float(nodes * each)


def _virtual(row: Row, stack: dict[str, Any], architecture: Architecture, pipeline: float) -> float:
    """Chunks of a stage; some rows tell a chunk's layers instead."""
    virtual = row.number("vp")
    if math.isnan(virtual):
        layers = math.ceil(architecture.layers / pipeline)
        return float(layers) if stack["virtual"] == "layers" else 1.0
    if "layers per virtual stage" in row.word("notes"):
        return max(architecture.layers / pipeline / virtual, 1.0)
    return virtual


def _shard(row: Row) -> float:
    """Data ranks that share a set of shards: `1-hier8` is eight; 0 where all do."""
    _, told, size = row.word("zero_stage").partition("hier")
    return float(size) if told and size.isdigit() else 0.0


def _zero(row: Row, stack: dict[str, Any]) -> float:
    """The stage of ZeRO: `fsdp` is 3, `fsdp (2-like)` 2."""
    word, stage = row.word("zero_stage").lower(), row.number("zero_stage")
    if word.startswith(("fsdp", "hsdp")):
        # weights stay gathered between the micro-batches of a pipeline (TorchTitan's default)
        return 2.0 if "2-like" in word or row.number("pp") > 1 else 3.0
    return float(stack["zero"]) if math.isnan(stage) else stage


def _degrees(
    row: Row, architecture: Architecture, chips: float, filled: list[str]
) -> tuple[float, float, float]:
    tensor, pipeline, context = (row.number(name) for name in ("tp", "pp", "cp"))
    if math.isnan(context):
        context = 1.0
    if not math.isnan(tensor) and not math.isnan(pipeline):
        return tensor, pipeline, context
    filled.append("plan")
    n = model_numbers(architecture)
    experts = float(n.expert_parameters)
    spread = min(8.0, chips) if experts > 0.0 else 1.0
    usable = 45.0 * unit_factor("GB")

    def need(split: float) -> float:
        return 18.0 * (float(n.parameters) - experts + experts / spread) / split

    tensor = 1.0 if math.isnan(tensor) else tensor
    pipeline = 1.0 if math.isnan(pipeline) else pipeline
    while tensor < min(8.0, chips) and need(tensor * pipeline) > usable:
        tensor *= 2.0
    while tensor * pipeline * 2.0 <= chips and need(tensor * pipeline) > usable:
        pipeline *= 2.0
    return tensor, pipeline, context


def _expert(architecture: Architecture, ranks: float) -> float:
    experts = max(experts_of(architecture), 1)
    expert = 1.0
    while expert * 2 <= min(ranks, experts) and expert < 8.0 and experts % (expert * 2) == 0:
        expert *= 2.0
    return expert


def _recompute(row: Row, stack: dict[str, Any], filled: list[str]) -> float:
    word = row.word("recompute").lower()
    if not word:
        filled.append("recompute")
        word = stack["recompute"]
    if "full" in word:
        return 2.0
    return 1.0 if any(part in word for part in ("selective", "rmsnorm", "sac")) else 0.0


def _dealt_with_embedding(architecture: Architecture, pipeline: float, virtual: float) -> bool:
    """Layers that do not divide by the chunks, but with the embedding and head do."""
    chunks = pipeline * (1.0 if math.isnan(virtual) else virtual)
    layers = architecture.layers
    return pipeline > 1 and layers % chunks > 0 and (layers + 2) % chunks == 0


def _step(row: Row, architecture: Architecture, sequence: float, plan: Plan, peak: float) -> float:
    """Seconds of a step: measured, or by tokens a second, or by a rate under its convention."""
    given = row.number("measured_step_time_s")
    if not math.isnan(given):
        return given
    chips = row.number("n_chips")
    tokens = row.number("measured_tokens_per_s_per_gpu")
    if not math.isnan(tokens):
        return float(plan.batch) * sequence / (tokens * chips)
    rate = row.number("measured_tflops_per_gpu") * unit_factor("TFLOP/s")
    if math.isnan(rate):
        rate = row.number("measured_mfu") * peak
    if math.isnan(rate):
        raise QuestionError(UNMEASURED, where=row.word("id"))
    return (
        float(plan.batch) * sequence * convention_flop(row, architecture, sequence) / (rate * chips)
    )


def convention_flop(row: Row, architecture: Architecture, sequence: float) -> float:
    """FLOP of a token under the convention that a row names."""
    n = model_numbers(architecture)
    said = row.word("flops_convention").lower()
    active = float(n.active_without_input_embedding)
    causal = ("causal" in said and "non-causal" not in said) or "llama" in said
    pairs = sequence / 2.0 if causal else sequence
    passes = 4.0 if _adapts(row) else 6.0
    flop = passes * active + 3.0 * float(n.attention_flop_per_pair) * pairs
    return flop * (4.0 / 3.0 if "hardware" in said and "llama" not in said else 1.0)
