"""The step times of an engine: kernels looked up, called once for each kind, added into tables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.fabrics import fabric, port_and_node
from chipassay.facts.fact import Entry
from chipassay.facts.kernel_file import load
from chipassay.inquiry.kernels import Kernel, kernel
from chipassay.model.serve_blocks import model_operations
from chipassay.model.serve_work import (
    DECODE,
    HEAD,
    PASSED,
    PROMPT,
    Grids,
    Operation,
    Setting,
)
from chipassay.records.architecture import Architecture
from chipassay.records.serve_plan import EngineKernels, Formats, ServePlan
from chipassay.units import parse


def halves(first: int, last: int, dense: range = range(0)) -> Any:
    """Powers of two from 2^first to 2^last, and in the octaves of `dense` the middle as well."""
    powers = 2.0 ** np.arange(first, last + 1)
    return np.unique(np.concatenate([powers, 1.5 * 2.0 ** np.array(dense, float)]))


TOKENS = halves(0, 15, range(1, 15))
ROWS = halves(0, 12)
NEW = halves(4, 16, range(7, 14))
CACHED = np.concatenate([[0.0], 2.0 ** np.arange(9, 18, 2)])
BATCH = halves(0, 12, range(1, 12))
CONTEXT = np.concatenate([[1.0], halves(7, 17, range(9, 15))])
DEFAULT_PORT = parse("50 GB/s", "B/s")
NETWORK_HOP = parse("30 us", "s")
"""A hop of an engine's all-reduce between nodes: sixteen ranks of two nodes take 40 to 170 us for a
small one, by what rows of such plans are over those of one node (docs/serving.md)."""


class Tables(NamedTuple):
    """A step's parts in seconds, before an engine's habits are laid over them."""

    passed: Any
    head: Any
    prompt: Any
    decode: Any
    launches: float
    layers: float
    basis: tuple[str, ...]
    """How each kernel's constants were found, of all kernels that count."""
    shares: dict[str, Any]
    """Seconds by family and part, for what binds."""


class Subject(NamedTuple):
    """Whose steps are wanted."""

    chip: Entry
    catalogue: Catalogue
    model: Architecture
    plan: ServePlan
    formats: Formats
    kernels: EngineKernels
    verified: float = 1.0


def grids(attention_data: float = 1.0) -> Grids:
    """The knots on which kernels are evaluated; batches grow with the ranks that share them."""
    new, cached = (each.ravel() for each in np.meshgrid(NEW, CACHED, indexing="ij"))
    scaled = BATCH * attention_data
    batch, context = (each.ravel() for each in np.meshgrid(scaled, CONTEXT, indexing="ij"))
    return Grids(TOKENS, ROWS, new, cached, batch, context)


def setting(about: Subject) -> Setting:
    """What the layers of this engine share."""
    joined = fabric(about.chip)
    systems = about.catalogue.systems_of(about.chip.id)
    port, _ = port_and_node(systems, DEFAULT_PORT)
    cores = about.chip.number("cores")
    return Setting(
        float(about.model.hidden), about.plan, about.formats, about.kernels, joined, port,
        float(joined.domain), cores, grids(about.plan.attention_data), about.verified, NETWORK_HOP,
    )  # fmt: skip


def tables(about: Subject, without: str = "") -> Tables:
    """All parts of a step on their grids: each kind of kernel is called once."""
    at = setting(about)
    operations = model_operations(at, about.model)
    size = {PASSED: len(TOKENS), HEAD: len(ROWS), PROMPT: len(NEW) * len(CACHED)}
    size[DECODE] = len(BATCH) * len(CONTEXT)
    timed = _timed(operations, size, about, without)
    parts = {name: np.zeros(length) for name, length in size.items()}
    shares: dict[str, Any] = {}
    ways: dict[str, dict[str, Any]] = {}
    for operation, seconds, _ in timed:
        whole = operation.repeat * seconds
        if operation.way:
            crossing, way = operation.way.split("/")
            found = ways.setdefault(crossing, {})
            found[way] = found.get(way, 0.0) + whole
            continue
        parts[operation.part] = parts[operation.part] + whole
        key = f"{operation.part}.{operation.family}"
        shares[key] = shares.get(key, 0.0) + whole
    for crossing, found in ways.items():
        best = np.minimum.reduce(list(found.values()))
        parts[PASSED] = parts[PASSED] + best
        shares[f"{PASSED}.{crossing}"] = best
    launches = sum(each.repeat * each.launches for each in operations if each.part != HEAD)
    basis = tuple(sorted({f"{o.family} {how}" for o, _, how in timed}))
    return Tables(
        parts[PASSED], parts[HEAD], parts[PROMPT].reshape(len(NEW), len(CACHED)),
        parts[DECODE].reshape(len(BATCH), len(CONTEXT)), launches, float(about.model.layers),
        basis, shares,
    )  # fmt: skip


def _kinds(operations: Iterable[Operation]) -> list[tuple[str, str, str]]:
    return list(dict.fromkeys((o.family, o.form, o.stack) for o in operations))


def _kernel(family: str, form: str, stack: str, about: Subject, without: str) -> Kernel:
    """The kernel of the first stack on offer that was measured on a relative of the chip."""
    offered = stack.split("|")
    cells = {cell for fit in load(family)["formats"].values() for cell in fit["cells"]}
    for each in offered:
        one = kernel(family, about.chip, about.catalogue, form, each, without=without)
        if any(f"{chip}|{each}" in cells for chip in one.choice.relatives):
            measured = load(family)["formats"][one.choice.format]["cells"]
            if any(f"{chip}|{each}" in measured for chip in one.choice.relatives):
                return one
    return kernel(family, about.chip, about.catalogue, form, offered[0], without=without)


def _timed(
    operations: list[Operation], size: dict[str, int], about: Subject, without: str
) -> list[tuple[Operation, Any, str]]:
    """Each operation with its seconds on its grid, and how its kernel's constants were found."""
    found: list[tuple[Operation, Any, str]] = []
    for family, form, stack in _kinds(operations):
        same = [o for o in operations if (o.family, o.form, o.stack) == (family, form, stack)]
        one = _kernel(family, form, stack, about, without)
        lengths = [size[o.part] for o in same]
        columns = [
            np.concatenate(
                [np.broadcast_to(value, n) for value, n in zip(field, lengths, strict=True)]
            )
            for field in zip(*(o.shape for o in same), strict=True)
        ]
        seconds = one.time(type(same[0].shape)(*columns))
        split = np.split(seconds, np.cumsum(lengths)[:-1])
        found += [(o, part, one.choice.basis) for o, part in zip(same, split, strict=True)]
    return found
