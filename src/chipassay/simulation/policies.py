"""Scheduling policies, as switches of one loop (`batching`)."""

from __future__ import annotations

from typing import NamedTuple

from chipassay.errors import UnknownNameError
from chipassay.units import Count, Ratio

ENDLESS = 2**62
"""A token budget that binds nobody."""


class Policy(NamedTuple):
    """How a replica decides what its next step computes."""

    mixes: bool = True
    """Prompts and decoding share a step; else prompts go first and decoding waits."""
    chunks: bool = True
    """A prompt is cut to what is left of the token budget."""
    reserves: bool = False
    """Blocks for prompt and answer are taken at admission; nobody is preempted."""
    static: bool = False
    """Nobody is admitted before all are done."""
    swaps: bool = False
    """A preempted request's cache goes to the host and comes back; else it is computed again."""
    budget: Count = 0.0
    """Tokens of a step at most; 0: what the step times say."""
    watermark: Ratio = 0.0
    """Share of the blocks that an admission leaves free."""
    prefix_cache: bool = True
    """Blocks of old prompts are kept until their room is needed, and shared."""


POLICIES = {
    "vllm": Policy(),
    "sarathi": Policy(watermark=0.01, prefix_cache=False),
    "vllm-0": Policy(mixes=False, chunks=False, watermark=0.01, prefix_cache=False),
    "sglang": Policy(mixes=False),
    "tensorrt-llm": Policy(reserves=True),
    "orca": Policy(chunks=False, reserves=True, budget=ENDLESS, prefix_cache=False),
    "static": Policy(
        mixes=False, chunks=False, reserves=True, static=True, budget=ENDLESS, prefix_cache=False
    ),
}
"""vLLM since version 1, and before; Sarathi-Serve as Vidur has it (OSDI 2024); SGLang's default;
TensorRT-LLM with chunked context and no eviction; Orca (OSDI 2022); FasterTransformer.
"""


def policy(name: str) -> Policy:
    """A policy by its name; `UnknownNameError` with the names there are."""
    if name not in POLICIES:
        raise UnknownNameError("scheduling policy", name, POLICIES)
    return POLICIES[name]
