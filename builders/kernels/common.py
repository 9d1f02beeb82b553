"""What every kernel fit shares: a family, its rows and their chips, correction tables, the gate.

How a fit script is made (see fit_gemm.py):
1. `src/chipassay/measured/<family>.py` has `groups(frame) -> Iterator[Group]`: the table's columns
   as the family's shape, one Group for each (precision, stack). `validate kernels` uses the same
   reader, so a row is never read in two ways.
2. The script gates the groups (`Gate`), names a `Family`, and calls `study` and `write` of
   `hierarchy`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, identity, kron, vstack
from scipy.sparse.linalg import lsqr

from chipassay.catalogue import chips as chip_numbers
from chipassay.catalogue.catalogue import Catalogue
from chipassay.measured.group import Group
from chipassay.model.kernels.correction import Correction, factor
from chipassay.model.kernels.silicon import silicon
from chipassay.records.silicon import Silicon

SIZE_EDGES = (10e-6, 50e-6, 1e-3)
"""Seconds that part size classes."""


@dataclass(frozen=True)
class Family:
    """One formula to fit: `time(silicon, shape, constants)`, where to start, its table's axes."""

    name: str
    time: Any
    start: Any
    coordinates: Callable[[Any], tuple[Any, ...]]
    """log2 coordinates of a shape for the correction table; () -> no table."""
    knots: tuple[Sequence[float], ...] = ()
    smooth: float = 1.0
    """How strongly neighbouring knots of a table are tied to each other (in rows)."""


CATALOGUE = Catalogue.shipped()


def chip_id(name: str) -> str:
    """The catalogue's id of a table's chip name."""
    return str(CATALOGUE.chip(name).entry.id)


def columns(group: Group, keep: Any) -> Group:
    """Some of a group's rows; `keep` is a mask or row numbers."""
    shape = type(group.shape)(*(np.asarray(c)[keep] if np.ndim(c) else c for c in group.shape))
    return group._replace(
        chips=group.chips[keep], shape=shape, time=group.time[keep], row=group.row[keep]
    )


def silicon_of(group: Group) -> Silicon:
    """Each row's chip as the kernel sees it, as columns."""
    names, index = np.unique(group.chips, return_inverse=True)
    each = [
        silicon(chip_numbers.numbers(CATALOGUE.chip(chip_id(str(n))).entry), group.precision)
        for n in names
    ]
    return Silicon(*(np.array(c, float)[index] for c in zip(*each, strict=True)))


def spread_sample(group: Group, most: int, seed: int = 0) -> Group:
    """At most `most` rows of each chip, drawn evenly over size classes of the logarithm of time."""
    random = np.random.default_rng(seed)
    keep = []
    for chip in np.unique(group.chips):
        rows = np.flatnonzero(group.chips == chip)
        bins = np.floor(np.log2(group.time[rows]) * 2).astype(int)
        weight = 1.0 / np.bincount(bins - bins.min())[bins - bins.min()]
        count = min(most, len(rows))
        keep.append(random.choice(rows, count, replace=False, p=weight / weight.sum()))
    return columns(group, np.sort(np.concatenate(keep)))


def size_weights(group: Group) -> Any:
    """Weights that make chips count alike, and a chip's size classes alike where it has rows."""
    size = np.digitize(group.time, SIZE_EDGES)
    _, cell, count = np.unique(
        np.char.add(group.chips.astype(str), size.astype(str)),
        return_inverse=True,
        return_counts=True,
    )
    weight = 1.0 / count[cell]
    for chip in np.unique(group.chips):
        of = group.chips == chip
        weight[of] /= weight[of].sum()
    return weight * len(weight) / weight.sum()


def predicted(family: Family, group: Group, constants: Any, table: Correction | None = None) -> Any:
    """Seconds of each row."""
    with np.errstate(all="ignore"):
        time = np.asarray(family.time(silicon_of(group), group.shape, constants), float)
        return time if table is None else time * factor(table, family.coordinates(group.shape))


def fit_table(family: Family, group: Group, constants: Any) -> Correction:
    """The smooth table that takes up what constants leave, robust against stray rows."""
    miss = np.log(group.time) - np.log(predicted(family, group, constants))
    knots = tuple(np.asarray(k, float) for k in family.knots)
    basis = _basis(knots, family.coordinates(group.shape))
    rough = _roughness([len(k) for k in knots]) * np.sqrt(family.smooth)
    ridge = identity(basis.shape[1]) * np.sqrt(family.smooth * 0.02)
    weight = np.ones(len(miss))
    values = np.zeros(basis.shape[1])
    for _ in range(4):
        root = np.sqrt(weight)
        system = vstack([basis.multiply(root[:, None]), rough, ridge]).tocsr()
        right = np.concatenate([miss * root, np.zeros(rough.shape[0] + ridge.shape[0])])
        values = lsqr(system, right, atol=1e-6, btol=1e-6, iter_lim=400, x0=values)[0]
        weight = 1 / np.sqrt(1 + ((basis @ values - miss) / 0.05) ** 2)
    return Correction(knots, np.round(values, 3).reshape([len(k) for k in knots]))


def _basis(knots: tuple[Any, ...], at: tuple[Any, ...]) -> Any:
    """Sparse multilinear weights of each row on each knot; times `values`: `factor`'s logarithm."""
    count = len(np.asarray(at[0]))
    place, share = np.zeros((1, count), int), np.ones((1, count))
    for one, x in zip(knots, at, strict=True):
        inside = np.clip(x, one[0], one[-1])
        low = np.clip(np.searchsorted(one, inside, side="right") - 1, 0, max(len(one) - 2, 0))
        if len(one) > 1:
            up = (inside - one[low]) / (one[low + 1] - one[low])
            place = np.concatenate([place * len(one) + low, place * len(one) + low + 1])
            share = np.concatenate([share * (1 - up), share * up])
    rows = np.broadcast_to(np.arange(count), place.shape)
    size = int(np.prod([len(k) for k in knots]))
    return csr_matrix((share.ravel(), (rows.ravel(), place.ravel())), shape=(count, size))


def _roughness(lengths: list[int]) -> Any:
    """First differences along every axis."""
    parts = []
    for axis, length in enumerate(lengths):
        if length < 2:
            continue
        step = csr_matrix(np.diff(np.eye(length), axis=0))
        before = identity(int(np.prod(lengths[:axis], dtype=int)))
        after = identity(int(np.prod(lengths[axis + 1 :], dtype=int)))
        parts.append(kron(kron(before, step), after))
    return vstack(parts).tocsr()


@dataclass
class Gate:
    """Counts of rows dropped, by reason, chip and stack."""

    seen: int = 0
    dropped: dict[str, int] = field(default_factory=dict)

    def keep(self, group: Group, reasons: Mapping[str, Any]) -> Group:
        """The group's rows that no reason (a mask of bad rows) drops; counts the rest."""
        self.seen += len(group.time)
        good = np.ones(len(group.time), bool)
        for reason, bad in reasons.items():
            for chip in np.unique(group.chips[good & bad]):
                key = f"{reason} | {chip} | {group.precision} | {group.stack}"
                self.dropped[key] = int((good & bad & (group.chips == chip)).sum())
            good &= ~np.asarray(bad)
        return columns(group, good)
