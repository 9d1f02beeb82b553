"""What the first assay assumes of the work when nobody says."""

from __future__ import annotations

from typing import NamedTuple

from chipassay.units import Byte, Count, Ratio


class Workload(NamedTuple):
    """A stated workload: shown with every answer that rests on it. Any field may be a column."""

    group: Count = 8.0
    """Chips that share one copy of the model, tensor-parallel: an eight-chip node."""
    sequence: Count = 4096.0
    """Tokens in a training sequence."""
    prompt: Count = 1024.0
    """Input tokens of a request."""
    output: Count = 1024.0
    """Output tokens of a request."""
    in_flight: Count = 32.0
    """Requests that a group decodes together, where they fit: the middle of what public closed-loop
    tables of serving use."""
    bytes_per_value: Byte = 2.0
    """Weights, activations and cache in 16-bit numbers."""
    usable_memory: Ratio = 0.9
    """Share of memory that a server gives to weights and cache (vLLM's default)."""
