"""A training framework's file: what it does by default, in words of a plan, and who says so."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chipassay.facts.entry_file import Id, Line, SourceFile, Strict, check_sources
from chipassay.facts.validate import validated
from chipassay.facts.yaml_file import Document


class StackFile(Strict):
    """One software stack. Overlap is 1 where the framework hides an exchange behind arithmetic."""

    id: Id
    name: Line
    named_in: list[str]
    """Words in the source of a measured row that tell this stack."""
    kin: str = ""
    """The stack whose measured constants stand in while nobody measured this one."""
    recipes: str = ""
    """The name its recipes go by, where it ships one for each model; releases may share them."""
    usual_for: list[str] = Field(default_factory=list)
    """Makers whose chips are usually trained with it."""
    only_models: list[str] = Field(default_factory=list)
    """Beginnings of model ids that it is meant for, where not for all."""
    only_precisions: list[str] = Field(default_factory=list)
    elementwise: float = 1.0
    """Traffic of elementwise kernels against fused ones."""
    selective_again: float = 0.0
    """Share of a forward pass that its selective recomputing repeats, beyond attention."""
    selective_kept: float = 1.0
    """Share of stored activations that its selective recomputing keeps."""
    state_bytes: float = 12.0
    """Bytes of a weight's master and its optimiser's moments."""
    narrow_kept: bool = False
    """Inputs of activation functions are kept in 8 bits where products run in 8 bits."""
    light_kept: float = 1.0
    """Share kept of outputs of norms and activations, which are cheap to make again."""
    old_allocator: bool = False
    """Memory is held as PyTorch's allocator of 2022 did, with ZeRO's flat buffers beside it."""
    fused_attention: bool = True
    dropout: bool = False
    gradient_bytes: float
    """Bytes of a gradient as it is reduced, and as it is kept in 16-bit training."""
    bf16_gradient_bytes: float = 0.0
    """Bytes of a gradient that training in bf16 keeps; 0: as above."""
    vocabulary_multiple: int = 128
    zero: int
    recompute: Literal["none", "selective", "full"]
    sequence_parallel: bool
    expert_tensor: Literal["one", "tensor"] = "one"
    virtual: Literal["one", "layers"] = "one"
    """Chunks of a pipeline stage where nobody says: one, or one for each layer."""
    ulysses: bool = False
    """Context ranks exchange heads by default, instead of passing keys and values round."""
    node_limit: int = 0
    """Nodes that the experts of one token may lie in; 0: any."""
    schedules: list[str] = Field(default_factory=lambda: ["1f1b"])
    """Pipeline schedules that it runs, which a search tries; 1f1b may be interleaved."""
    micro_batch: int = 1
    batch: int = 0
    """Sequences of a step where nobody says; 0: enough to keep a pipeline busy."""
    overlap_tensor: bool = False
    overlap_context: bool = True
    overlap_expert: bool = False
    overlap_pipeline: bool = False
    overlap_data: bool
    fused_optimizer: bool = True
    because: Line
    sources: list[Id]


def read_stack(document: Document, sources: dict[str, SourceFile]) -> StackFile:
    """One stack, its sources checked."""
    stack = validated(StackFile, document)
    check_sources(stack.sources, sources, document, ("sources",))
    return stack
