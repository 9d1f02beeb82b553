"""An inference engine's file: whose kernels it calls and how it schedules, and who says so."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chipassay.facts.entry_file import Id, Line, SourceFile, Strict, check_sources
from chipassay.facts.validate import validated
from chipassay.facts.yaml_file import Document


class EngineKernelsFile(Strict):
    """Names of stacks in the fitted kernels; "" where none of them was measured."""

    gemm: str = ""
    attention: str = ""
    latent: str = ""
    experts: list[str] = Field(default_factory=list)
    spread_experts: list[str] = Field(default_factory=list)
    """Where experts lie on attention-data ranks, and other kernels take the rows that arrive."""
    reduce: str = ""


class EngineFile(Strict):
    """One engine. `fitted` names the engine whose host times it takes (`data/serving.json`)."""

    id: Id
    name: Line
    named_in: list[str]
    """Words in the name of a measured row's software that tell this engine."""
    makers: list[str] = Field(default_factory=list)
    """Makers of chips that it serves by default."""
    kernels: EngineKernelsFile
    fused_static: float
    """Share of quantising by one known scale that norms and activations do on their way."""
    fused_dynamic: float
    """The same for scales of rows and blocks."""
    fused_norm: float
    """Share of the norms that an all-reduce does on its way."""
    chunk_tokens: int
    sequences: int
    graph_rows: int
    block_tokens: int
    memory_fraction: float
    fraction_of: Literal["total", "free"]
    schedule: Literal["mixed", "prompts first"]
    reserves: bool = False
    """Whether a sequence waits until its cache has room to its end."""
    chunks: bool = True
    """Whether a prompt is cut to what is left of a step's tokens."""
    prefix_cache: bool = True
    """Whether blocks of old prompts are kept and shared unless it is told otherwise."""
    overlaps: bool = False
    """Whether two half batches take turns between nodes: one exchanges while the other computes."""
    fitted: Id
    narrow_cache: list[str]
    """Formats of weights beside which the cache is in 8 bits by default."""
    because: Line
    sources: list[Id]


def read_engine(document: Document, sources: dict[str, SourceFile]) -> EngineFile:
    """One engine, its sources checked."""
    engine = validated(EngineFile, document)
    check_sources(engine.sources, sources, document, ("sources",))
    return engine
