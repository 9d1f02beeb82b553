"""How a model is served: over which chips, in which number formats, by which engine's habits."""

from __future__ import annotations

from typing import NamedTuple


class ServePlan(NamedTuple):
    """One replica's degrees of parallelism, and how many replicas.

    `tensor * pipeline * attention_data` chips make a replica. Experts are spread over
    `tensor * attention_data` chips: `expert` groups of `expert_tensor` chips that split each one.
    """

    tensor: int = 1
    pipeline: int = 1
    attention_data: int = 1
    expert: int = 1
    replicas: int = 1

    @property
    def expert_tensor(self) -> int:
        """Chips that share each expert."""
        return max(self.tensor * self.attention_data // self.expert, 1)

    @property
    def replica_chips(self) -> int:
        """Chips of one replica."""
        return self.tensor * self.pipeline * self.attention_data

    @property
    def chips(self) -> int:
        """Chips of all replicas."""
        return self.replica_chips * self.replicas


class Formats(NamedTuple):
    """Number formats by what they hold; words of `model.serve_formats.WEIGHTS`."""

    attention: str = "bf16"
    """Projections of attention."""
    dense: str = "bf16"
    """Feed-forward blocks that every token passes, shared experts among them."""
    experts: str = "bf16"
    head: str = "bf16"
    cache: str = "bf16"
    """Keys and values, or the latent: bf16 or fp8."""


class EngineKernels(NamedTuple):
    """Which stacks' kernels an engine calls, by names of the fitted families."""

    gemm: str = ""
    attention: str = ""
    latent: str = ""
    experts: tuple[str, ...] = ()
    """In order of preference: the first that was measured on a relative of the chip."""
    spread_experts: tuple[str, ...] = ()
    """The same where experts lie on attention-data ranks; none: as elsewhere."""
    reduce: str = ""
    narrow: str = "+kv8"
    """What attention's stack ends with where the cache is in 8 bits."""
    fused_static: float = 0.0
    """Share of quantising by a fixed scale for a tensor that norms and activations do."""
    fused_dynamic: float = 0.0
    """Share of quantising by scales of rows and blocks that they do."""
    fused_norm: float = 0.0
    """Share of the norms that an all-reduce does on its way."""


class EngineHabits(NamedTuple):
    """What an engine does to time beside its kernels, in seconds, tokens and shares."""

    host: float
    """Host time of a step that the chip waits for."""
    host_sequence: float
    """The same for each sequence of the step."""
    admission: float
    """Time of a request outside the chip's queue: tokenising, sending, the first token's way."""
    launch: float
    """Host time to launch one kernel outside a captured graph."""
    glue: float
    """Chip time of a layer in small kernels that no family covers."""
    chunk: float
    """Tokens of a step at most."""
    sequences: float
    """Sequences at once at most."""
    graph_rows: float
    block: float
    """Tokens of a block of the cache."""
    memory_fraction: float
    """Share of a chip's memory that the engine takes; of the free memory where `of_free` is 1."""
    of_free: float
    reserves: float
    """1 where a sequence is admitted only if its cache has room to its end, 0 where it grows."""
    mixes: float
    """1 where prompt tokens and decoding sequences share a step, 0 where prompts go first."""
    chunks: float = 1.0
    """1 where a prompt is cut to what is left of a step's tokens, 0 where it goes in whole."""
    prefix_cache: float = 1.0
    """1 where blocks of old prompts are kept until their room is needed, and shared."""
    overlaps: float = 0.0
    """1 where two half batches take turns between nodes, one exchanging while one computes."""
    hand_over: float = 0.0
    """Time of a request outside the steps that two pools add to that of one."""
    pool_waves: float = 10.0
    """One of so many requests to two pools meets the crowd of the first wave, in benchmarks."""
