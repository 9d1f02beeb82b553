"""The step times of an engine: kernels looked up, called once for each kind, added into tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.chips import numbers
from chipassay.catalogue.fabrics import fabric, port_and_node
from chipassay.facts.fact import Entry
from chipassay.facts.kernel_file import load
from chipassay.inquiry.kernels import Kernel, kernel
from chipassay.model.kernels.silicon import silicon
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
from chipassay.records.silicon import Silicon
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
    port, _ = port_and_node(systems, DEFAULT_PORT, about.chip)
    cores = about.chip.number("cores")
    return Setting(
        float(about.model.hidden), about.plan, about.formats, about.kernels, joined, port,
        float(joined.domain), cores, grids(about.plan.attention_data), about.verified, NETWORK_HOP,
    )  # fmt: skip


def tables(about: Subject, without: str = "") -> Tables:
    """All parts of a step on their grids: each kind of kernel is called once."""
    return all_tables([about], without)[0]


def all_tables(subjects: Sequence[Subject], without: str = "") -> list[Tables]:
    """The tables of several subjects: each kind of kernel is called once for all of them.

    Their chips may differ in figures alone: kernels' constants are those of the first one's chip.
    """
    listed = [
        (place, operation)
        for place, about in enumerate(subjects)
        for operation in model_operations(setting(about), about.model)
    ]
    timed: list[list[tuple[Operation, Any, str]]] = [[] for _ in subjects]
    for place, *one in _timed(listed, subjects, without):
        timed[place].append((one[0], one[1], one[2]))
    return [_added(about, found) for about, found in zip(subjects, timed, strict=True)]


_SIZE = {
    PASSED: len(TOKENS), HEAD: len(ROWS), PROMPT: len(NEW) * len(CACHED),
    DECODE: len(BATCH) * len(CONTEXT),
}  # fmt: skip


def _added(about: Subject, timed: list[tuple[Operation, Any, str]]) -> Tables:
    """One subject's operations added up, by part."""
    parts = {name: np.zeros(length) for name, length in _SIZE.items()}
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
    launches = sum(o.repeat * o.launches for o, _, _ in timed if o.part != HEAD)
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
    listed: list[tuple[int, Operation]], subjects: Sequence[Subject], without: str
) -> list[tuple[int, Operation, Any, str]]:
    """Each subject's operations with their seconds on their grids, and how constants were found."""
    found: list[tuple[int, Operation, Any, str]] = []
    for family, form, stack in _kinds(operation for _, operation in listed):
        same = [(n, o) for n, o in listed if (o.family, o.form, o.stack) == (family, form, stack)]
        one = _kernel(family, form, stack, subjects[0], without)
        lengths = [_SIZE[o.part] for _, o in same]
        one = _of_each(one, form, [subjects[n] for n, _ in same], lengths)
        columns = [
            np.concatenate(
                [np.broadcast_to(value, n) for value, n in zip(field, lengths, strict=True)]
            )
            for field in zip(*(o.shape for _, o in same), strict=True)
        ]
        seconds = one.time(type(same[0][1].shape)(*columns))
        split = np.split(seconds, np.cumsum(lengths)[:-1])
        found += [(n, o, part, one.choice.basis) for (n, o), part in zip(same, split, strict=True)]
    return found


def _of_each(one: Kernel, form: str, subjects: list[Subject], lengths: list[int]) -> Kernel:
    """The kernel with each subject's own silicon, where their chips differ."""
    chips = {id(about.chip): about.chip for about in subjects}
    if len(chips) == 1:
        return one
    fed = one.silicon.fed
    each = {key: silicon(numbers(chip), form)._replace(fed=fed) for key, chip in chips.items()}
    columns = zip(*(each[id(about.chip)] for about in subjects), strict=True)
    return replace(one, silicon=Silicon(*(np.repeat(column, lengths) for column in columns)))
