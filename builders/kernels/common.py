"""What every kernel fit shares: rows, robust fits in log space, leave-one-out, the fitted file.

How a fit script is made (see fit_gemm.py):
1. `src/chipassay/measured/<family>.py` has `groups(frame) -> Iterator[Group]`: the table's columns
   as the family's shape, one Group for each (precision, stack). `validate kernels` uses the same
   reader, so a row is never read in two ways. Keep rows of unknown chips: chip names stay text.
2. The script gates the groups (`gate`), names a `Family`, and calls `study` then `write`.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import least_squares
from scipy.sparse import csr_matrix, identity, kron, vstack
from scipy.sparse.linalg import lsqr

from chipassay.catalogue import chips as chip_numbers
from chipassay.catalogue.catalogue import Catalogue
from chipassay.measured.group import Group
from chipassay.model.kernels.correction import Correction, factor
from chipassay.model.kernels.silicon import silicon
from chipassay.records.silicon import Silicon

MEASURED = Path(
    "../shared/measured/kernels"
)  # from the repository; the scripts take another folder
SIZES = (
    (0.0, 10e-6, "<10us"),
    (10e-6, 50e-6, "10-50us"),
    (50e-6, 1e-3, "50us-1ms"),
    (1e-3, np.inf, ">1ms"),
)


@dataclass(frozen=True)
class Family:
    """One formula to fit: `time(silicon, shape, constants)`, where to start, and its table's axes."""

    name: str
    time: Any
    start: Any
    coordinates: Callable[[Any], tuple[Any, ...]]
    """log2 coordinates of a shape for the correction table; () -> no table."""
    knots: tuple[Sequence[float], ...] = ()
    starts: Mapping[str, Any] = field(default_factory=dict)
    """Other starting constants by precision."""
    smooth: float = 1.0
    """How strongly neighbouring knots of a table are tied to each other (in rows)."""
    shared_table: bool = False
    """Whether a pool of chips carries a table too (only if it helps left-out chips)."""
    sample: int = 4000
    """Most rows of one chip, precision and stack that a fit of constants looks at."""


CATALOGUE = Catalogue.shipped()


ALIASES: dict[str, str] = {}


def chip_id(name: str) -> str:
    """The catalogue's id of a table's chip name."""
    return str(CATALOGUE.chip(ALIASES.get(name, name)).entry.id)


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
    """Weights that make chips count alike, and size classes within a chip alike where they have rows."""
    size = np.digitize(group.time, [low for low, _, _ in SIZES][1:])
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


def fit_constants(
    family: Family, group: Group, start: Any, tie: float = 0.0, f_scale: float = 0.08
) -> Any:
    """Constants that fit a group's rows: soft-L1 on log time; `tie` pulls towards `start`."""
    about, weight = silicon_of(group), np.sqrt(size_weights(group))
    first = np.log(np.array(start, float))
    measured = np.log(group.time)

    def residual(x: Any) -> Any:
        with np.errstate(all="ignore"):
            found = family.time(about, group.shape, type(start)(*np.exp(x)))
            miss = np.nan_to_num(
                (np.log(found) - measured) * weight, nan=5.0, posinf=5.0, neginf=-5.0
            )
        pull = (x - first) * tie * np.sqrt(len(miss) / len(x)) if tie else np.zeros(0)
        return np.concatenate([miss, pull])

    found = least_squares(
        residual,
        first,
        loss="soft_l1",
        f_scale=f_scale,
        x_scale=1.0,
        max_nfev=60,
        bounds=(first - 6.0, first + 6.0),
    )
    return type(start)(*(float(v) for v in np.exp(found.x)))


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
    """Sparse multilinear weights of each row on each knot (times `values` = `factor`'s logarithm)."""
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


def error_table(time: Any, found: Any) -> dict[str, dict[str, float]]:
    """n, MAPE, median and bias by size class; "all" and ">50us" too."""
    classes = [*SIZES, (0.0, np.inf, "all"), (50e-6, np.inf, ">50us")]
    errors = {}
    for low, high, name in classes:
        keep = (time >= low) & (time < high)
        if keep.any():
            ape = found[keep] / time[keep] - 1
            errors[name] = {
                "n": int(keep.sum()),
                "mape": round(float(np.abs(ape).mean()), 4),
                "median": round(float(np.median(np.abs(ape))), 4),
                "bias": round(float(np.median(np.log(found[keep] / time[keep]))), 4),
            }
    return errors


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


def study(family: Family, groups: Sequence[Group], own: bool = True) -> list[dict[str, Any]]:
    """Every fit of a family: each chip's own, the pool of all, and each pool without one chip."""
    fits: list[dict[str, Any]] = []
    for group in groups:
        names = sorted(np.unique(group.chips).tolist())
        start = family.starts.get(group.precision, family.start)
        sample = spread_sample(group, family.sample)
        sets = [names] + (
            [[n for n in names if n != out] for out in names] if len(names) > 1 else []
        )
        pools = {}
        for chosen in sets:
            part = columns(sample, np.isin(sample.chips, chosen))
            constants = fit_constants(family, part, start)
            pools[tuple(chosen)] = constants
            if len(chosen) > 1:
                full = columns(group, np.isin(group.chips, chosen))
                table = fit_table(family, full, constants) if family.shared_table else None
                fits.append(_entry(family, group, chosen, constants, table, names))
        for name in names if own else ():
            part = columns(sample, sample.chips == name)
            constants = fit_constants(family, part, pools[tuple(names)], tie=0.05)
            full = columns(group, group.chips == name)
            table = fit_table(family, full, constants) if family.knots else None
            fits.append(_entry(family, group, [name], constants, table, names))
    return fits


def _entry(
    family: Family,
    group: Group,
    chosen: list[str],
    constants: Any,
    table: Correction | None,
    names: list[str],
) -> dict[str, Any]:
    """One fit as the file has it, with its errors inside and on chips it did not see."""
    errors = {}
    for name in names:
        part = columns(group, group.chips == name)
        key = ("in " if name in chosen else "out ") + chip_id(name)
        if name in chosen or len(chosen) > 1 or len(names) <= 2:
            errors[key] = error_table(part.time, predicted(family, part, constants, table))
    return {
        "precision": group.precision,
        "stack": group.stack,
        "chips": [chip_id(n) for n in chosen],
        "rows": int(np.isin(group.chips, chosen).sum()),
        "constants": {k: float(f"{v:.5g}") for k, v in constants._asdict().items()},
        "table": None if table is None else [round(float(v) * 1000) for v in table.values.ravel()],
        "errors": errors,
    }


def show(fits: Sequence[Mapping[str, Any]]) -> None:
    """Errors on the terminal: inside for single chips, outside for pools."""
    for fit in fits:
        for key, errors in fit["errors"].items():
            kind, chip = key.split(" ", 1)
            if (kind == "in") == (len(fit["chips"]) == 1):
                text = "  ".join(
                    f"{size} {100 * e['mape']:.1f}% ({100 * e['bias']:+.0f}, n {e['n']})"
                    for size, e in errors.items()
                )
                print(f"{fit['precision']:6} {fit['stack']:10} {kind:3} {chip:16} {text}")


def write(path: Path, family: Family, fits: Sequence[Any], gate: Gate, **about: Any) -> None:
    """The fitted file, written whole: temporary name, then renamed."""
    record = {
        "family": family.name,
        "fitted": datetime.date.today().isoformat(),
        **about,
        "gate": {"seen": gate.seen, "dropped": gate.dropped},
        "knots": [[float(x) for x in k] for k in family.knots],
        "fits": list(fits),
    }
    text = json.dumps(record, separators=(",", ":"))
    temporary = path.with_suffix(".tmp")
    temporary.write_text(text + "\n")
    temporary.rename(path)


def grouped(groups: Iterator[Group]) -> list[Group]:
    """Groups of the same precision and stack joined, e.g. from several tables."""
    found: dict[tuple[str, str], list[Group]] = {}
    for group in groups:
        found.setdefault((group.precision, group.stack), []).append(group)
    joined = []
    for same in found.values():
        shape = type(same[0].shape)(
            *(np.concatenate(c) for c in zip(*(g.shape for g in same), strict=True))
        )
        joined.append(
            same[0]._replace(
                chips=np.concatenate([g.chips for g in same]),
                shape=shape,
                time=np.concatenate([g.time for g in same]),
                row=np.concatenate([g.row for g in same]),
            )
        )
    return joined
