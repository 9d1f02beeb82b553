"""Constants of many chips and stacks at once: what is common, what is a chip's, what is a stack's.

The logarithm of each constant of a cell (a chip under a stack) is a sum: a value common to all, a
part of the chip, a part of the stack, and a small rest of the cell. Each part is drawn to zero as
strongly as its spread says, so that a constant which the rows cannot tell stays where physics put
it. A chip without rows gets the common value, the stack's part, and its relatives' chip parts.
"""

from __future__ import annotations

import base64
import datetime
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from builders.kernels import common

from chipassay.catalogue.kernel_fits import Request, chosen
from chipassay.measured.group import Group
from chipassay.model.kernels.correction import Correction


@dataclass(frozen=True)
class Spread:
    """How far (in log units) a constant may lie from its start, or differ by chip, stack, cell."""

    start: float = 0.3
    chip: float = 0.3
    stack: float = 0.3
    cell: float = 0.15


@dataclass
class Fitted:
    """Log-constants of every cell, and their parts."""

    kind: Any
    chips: list[str]
    stacks: list[str]
    base: Any
    chip: Any
    stack: Any
    cell: Any

    def own(self, chip: str, stack: str) -> Any:
        """The constants of a measured chip under a stack."""
        i, j = self.chips.index(chip), self.stacks.index(stack)
        return self._exp(self.base + self.chip[i] + self.stack[j] + self.cell[i, j])

    def only(self, form: str) -> Fitted:
        """The part of a fit of all formats (stacks are called "format stack") that is one's own."""
        at = [j for j, name in enumerate(self.stacks) if name.split(" ")[0] == form]
        names = [self.stacks[j].split(" ", 1)[1] for j in at]
        return Fitted(
            self.kind, self.chips, names, self.base, self.chip, self.stack[at], self.cell[:, at]
        )

    def _exp(self, x: Any) -> Any:
        return self.kind(*(float(v) for v in np.exp(x)))


def fit(
    family: Any,
    groups: Sequence[Group],
    spreads: Mapping[str, Spread],
    start: Any,
    rows: int = 700,
    rounds: int = 25,
    scale: float = 0.08,
    trust: float = 0.02,
    known: Mapping[str, Mapping[str, float]] | None = None,
) -> Fitted:
    """Levenberg-Marquardt on soft-L1 residuals of log time, cells weighted alike.

    `trust`: weight of the spreads against the rows; a cell's rows together count 1 / trust².
    `known`: constants of a stack that its source tells, where the fit then starts.
    """
    kind, count = type(start), len(start)
    parts = [common.spread_sample(g, rows) for g in groups]
    chips = sorted({str(c) for g in parts for c in np.unique(g.chips)})
    stacks = [g.stack for g in parts]
    cells = []
    for j, g in enumerate(parts):
        for i, chip in enumerate(chips):
            part = common.columns(g, g.chips == chip)
            if len(part.time):
                cells.append((i, j, part, common.silicon_of(part), common.size_weights(part)))
    blocks = _Blocks(len(chips), len(stacks), count)
    pull = _pulls(kind, spreads, blocks)
    x = np.zeros(blocks.size)
    x[:count] = np.log(np.array(start, float))
    for j, stack in enumerate(stacks):
        for name, value in (known or {}).get(stack, {}).items():
            k = kind._fields.index(name)
            x[count * (1 + len(chips) + j) + k] = np.log(value / start[k])
    home = x.copy()
    damp, cost = 1e-3, np.inf
    grams: list[Any] = []
    for _ in range(rounds):
        now, found = _cost(family, kind, cells, blocks, x, scale)
        now += 0.5 * trust**2 * float(((x - home) / pull) @ ((x - home) / pull))
        if now < cost:
            gain, cost, best, damp = cost - now, now, x.copy(), damp / 3
            grams = [
                _gram(family, kind, c, blocks.at(x, c[0], c[1]), f, scale)
                for c, f in zip(cells, found, strict=True)
            ]
            if gain < 1e-5 * cost:
                break
        else:
            damp *= 8
        hess, grad = np.zeros((blocks.size, blocks.size)), np.zeros(blocks.size)
        for (i, j, *_), (h, g) in zip(cells, grams, strict=True):
            blocks.add(hess, grad, i, j, h, g)
        hess[np.diag_indices(blocks.size)] += (trust / pull) ** 2
        grad = grad + (trust / pull) ** 2 * (best - home)
        step = np.linalg.solve(hess + damp * np.diag(np.diag(hess)), -grad)
        x = best + np.clip(step, -0.7, 0.7)
    base, chip, stack, cell = blocks.parts(best)
    return Fitted(kind, chips, stacks, base, chip, stack, cell)


class _Blocks:
    """Where the parts stand in the vector of unknowns."""

    def __init__(self, chips: int, stacks: int, count: int) -> None:
        self.chips, self.stacks, self.count = chips, stacks, count
        self.size = count * (1 + chips + stacks + chips * stacks)

    def places(self, i: int, j: int) -> list[slice]:
        k, c = self.count, self.chips
        starts = [0, 1 + i, 1 + c + j, 1 + c + self.stacks + i * self.stacks + j]
        return [slice(s * k, (s + 1) * k) for s in starts]

    def at(self, x: Any, i: int, j: int) -> Any:
        return sum(x[p] for p in self.places(i, j))

    def add(self, hess: Any, grad: Any, i: int, j: int, h: Any, g: Any) -> None:
        places = self.places(i, j)
        for p in places:
            grad[p] += g
            for q in places:
                hess[p, q] += h

    def parts(self, x: Any) -> tuple[Any, Any, Any, Any]:
        k, c, s = self.count, self.chips, self.stacks
        y = x.reshape(-1, k)
        return y[0], y[1 : 1 + c], y[1 + c : 1 + c + s], y[1 + c + s :].reshape(c, s, k)


def _pulls(kind: Any, spreads: Mapping[str, Spread], blocks: _Blocks) -> Any:
    of = [spreads.get(name, Spread()) for name in kind._fields]
    rows = [[s.start for s in of]]
    rows += [[s.chip for s in of]] * blocks.chips
    rows += [[s.stack for s in of]] * blocks.stacks
    rows += [[s.cell for s in of]] * (blocks.chips * blocks.stacks)
    return np.array(rows).ravel()


def _miss(family: Any, kind: Any, cell: Any, x: Any) -> Any:
    _, _, part, about, _ = cell
    with np.errstate(all="ignore"):
        found = family.time(about, part.shape, kind(*np.exp(x)))
        return np.nan_to_num(np.log(found) - np.log(part.time), nan=3.0, posinf=3.0, neginf=-3.0)


def _cost(
    family: Any, kind: Any, cells: Any, blocks: _Blocks, x: Any, scale: float
) -> tuple[float, list[Any]]:
    total, found = 0.0, []
    for cell in cells:
        miss = _miss(family, kind, cell, blocks.at(x, cell[0], cell[1]))
        found.append(miss)
        weight = cell[4] / len(miss)
        total += float((weight * (np.sqrt(1 + (miss / scale) ** 2) - 1)).sum()) * scale**2
    return total, found


def _gram(family: Any, kind: Any, cell: Any, x: Any, miss: Any, scale: float) -> tuple[Any, Any]:
    weight = cell[4] / len(miss) / np.sqrt(1 + (miss / scale) ** 2)
    slope = np.empty((len(miss), len(x)))
    for k in range(len(x)):
        y = x.copy()
        y[k] += 1e-3
        slope[:, k] = (_miss(family, kind, cell, y) - miss) / 1e-3
    return slope.T @ (slope * weight[:, None]), slope.T @ (weight * miss)


# --- studying a family: every fit, every leave-one-out, the bands, the file -----------------------


@dataclass(frozen=True)
class Rules:
    """How chip parts travel: by which trait of a chip each constant finds its relatives."""

    by: Mapping[str, str]
    """Trait for a constant: "memory" where relatives are those with the same kind of memory."""
    carried: float = 0.75
    """Share of a relative's correction table that a chip of another design takes over."""
    kin: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Stacks, by a word for kernels, that run the same kernels without saying so in their name."""


SKETCH = np.linspace(0.025, 0.975, 20)
"""Quantiles that stand for a cell's residuals."""


def study(
    family: Any,
    groups: Sequence[Group],
    spreads: Mapping[str, Spread],
    rules: Rules,
    joint: bool = False,
    known: Mapping[str, Mapping[str, float]] | None = None,
) -> tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]:
    """(fits of all chips, fits without each chip, errors) of a family, by format.

    Errors are lists of rows: format, stack, chip, level ("own", or how far the relatives were),
    size class, n, mape, median, bias, and the 10th and 90th percentile of log(measured/predicted).
    """
    formats: dict[str, Any] = {}
    without: dict[str, dict[str, Any]] = {}
    errors: list[dict[str, Any]] = []
    together = [_renamed(g) for g in groups]
    fits = _Fits(family, together, spreads, joint, known or {})
    for form in dict.fromkeys(g.precision for g in groups):
        same = [g for g in together if g.precision == form]
        fitted = fits.of(form, "")
        formats[form] = _record(family, same, fitted)
        for group, chip in _cells(same):
            part = common.columns(group, group.chips == chip)
            cell = formats[form]["cells"][f"{chip}|{group.stack}"]
            found = common.predicted(
                family, part, fitted.own(chip, group.stack), _table(family, cell)
            )
            errors += _errors(form, group.stack, chip, "own", part.time, found)
        for chip in fitted.chips if len(fitted.chips) > 1 else ():
            rest = [common.columns(g, g.chips != chip) for g in same]
            rest = [g for g in rest if len(g.time)]
            if not rest:
                continue
            left = fits.of(form, chip)
            record = _record(family, rest, left)
            without.setdefault(chip, {})[form] = record
            for group in same:
                part = common.columns(group, group.chips == chip)
                if len(part.time):
                    found, level = transferred(family, part, record, chip, rules)
                    errors += _errors(form, group.stack, chip, level, part.time, found)
    return formats, without, errors


class _Fits:
    """Fits by format and chip left out: each format alone, or all at once with parts in common."""

    def __init__(
        self,
        family: Any,
        groups: Sequence[Group],
        spreads: Mapping[str, Spread],
        joint: bool,
        known: Mapping[str, Mapping[str, float]],
    ) -> None:
        self.family, self.groups, self.spreads = family, groups, spreads
        self.joint, self.known = joint, known
        self.whole: dict[str, Fitted] = {}

    def of(self, form: str, out: str) -> Fitted:
        """The fit of a format without a chip ("" leaves none out)."""
        groups = [common.columns(g, g.chips != out) for g in self.groups]
        groups = [g for g in groups if len(g.time)]
        if not self.joint:
            same = [g for g in groups if g.precision == form]
            return fit(self.family, same, self.spreads, self.family.start, known=self.known)
        if out not in self.whole:
            named = [g._replace(stack=f"{g.precision} {g.stack}") for g in groups]
            self.whole[out] = fit(self.family, named, self.spreads, self.family.start, rows=400)
        return self.whole[out].only(form)


def transferred(
    family: Any, part: Group, record: Mapping[str, Any], chip: str, rules: Rules
) -> tuple[Any, str]:
    """Seconds of a chip without rows, as the program itself will predict them."""
    request = Request(part.stack, common.CATALOGUE.chip(chip).entry, common.CATALOGUE)
    file = {
        "constants": list(type(family.start)._fields),
        "by": dict(rules.by),
        "carried": rules.carried,
        "kin": dict(rules.kin),
        "knots": [list(map(float, k)) for k in family.knots],
        "formats": {"x": record},
    }
    choice = chosen(file, "x", request)
    table = (
        Correction(tuple(np.array(k) for k in choice.knots), choice.table_values())
        if choice.table
        else None
    )
    return common.predicted(
        family, part, type(family.start)(**choice.constants), table
    ), choice.level


def _renamed(group: Group) -> Group:
    names, index = np.unique(group.chips, return_inverse=True)
    return group._replace(chips=np.array([common.chip_id(str(n)) for n in names])[index])


def _cells(groups: Sequence[Group]) -> list[tuple[Group, str]]:
    return [(g, str(c)) for g in groups for c in np.unique(g.chips)]


def _record(family: Any, groups: Sequence[Group], fitted: Fitted) -> dict[str, Any]:
    """One format's fit as the file has it: parts of log-constants, and a table for each cell."""
    cells = {}
    for group, chip in _cells(groups):
        i, j = fitted.chips.index(chip), fitted.stacks.index(group.stack)
        part = common.columns(group, group.chips == chip)
        cell: dict[str, Any] = {"rows": len(part.time), "part": _plain(fitted.cell[i, j])}
        if family.knots:
            table = common.fit_table(family, part, fitted.own(chip, group.stack))
            cell["table"] = packed(table.values)
        cells[f"{chip}|{group.stack}"] = cell
    return {
        "base": _plain(fitted.base),
        "chips": {c: _plain(fitted.chip[i]) for i, c in enumerate(fitted.chips)},
        "stacks": {s: _plain(fitted.stack[j]) for j, s in enumerate(fitted.stacks)},
        "cells": cells,
    }


def packed(values: Any) -> str:
    """Logarithms of factors as signed bytes (1/200 each, so up to +-0.63), in base 64."""
    steps = np.clip(np.round(np.asarray(values).ravel() * 200), -127, 127).astype(np.int8)
    return base64.b64encode(steps.tobytes()).decode()


def _table(family: Any, cell: Mapping[str, Any]) -> Any:
    if "table" not in cell:
        return None
    shape = [len(k) for k in family.knots]
    steps = np.frombuffer(base64.b64decode(cell["table"]), np.int8).astype(float) / 200
    return Correction(tuple(np.array(k, float) for k in family.knots), steps.reshape(shape))


def _plain(x: Any) -> list[float]:
    return [round(float(v), 4) for v in x]


def _errors(
    form: str, stack: str, chip: str, level: str, time: Any, found: Any
) -> list[dict[str, Any]]:
    rows = []
    size = np.digitize(time, common.SIZE_EDGES)
    for k in (*range(4), "all", ">50us"):
        keep = size == k if isinstance(k, int) else (size >= 2 if k == ">50us" else size >= 0)
        if keep.any():
            log = np.log(time[keep] / found[keep])
            ape = np.abs(np.exp(-log) - 1)
            rows.append(
                {
                    "format": form,
                    "stack": stack,
                    "chip": chip,
                    "level": level,
                    "size": str(k),
                    "n": int(keep.sum()),
                    "mape": round(float(ape.mean()), 4),
                    "median": round(float(np.median(ape)), 4),
                    "bias": round(float(np.median(-log)), 4),
                    "p10": round(float(np.quantile(log, 0.1)), 4),
                    "p90": round(float(np.quantile(log, 0.9)), 4),
                    "sketch": np.quantile(log, SKETCH).tolist(),
                }
            )
    return rows


def bands(errors: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, list[float]]]:
    """80 % bands of log(measured/predicted), by format and level, one [low, high] a size class.

    The tenth and ninetieth percentile over rows, chips counting alike. "own" is what a chip's own
    constants leave; any other level is pooled over the chips left out, since four chips are too few
    to tell near relatives from far ones.
    """
    found: dict[str, dict[str, list[float]]] = {}
    for form in dict.fromkeys(e["format"] for e in errors):
        for level in ("own", "far"):
            of = [e for e in errors if e["format"] == form]
            rows = [e for e in of if (e["level"] == "own") == (level == "own")]
            if rows:
                whole = [e for e in rows if e["size"] == "all"]
                sizes = [[e for e in rows if e["size"] == str(k)] or whole for k in range(4)]
                found.setdefault(form, {})[level] = [v for cells in sizes for v in _band(cells)]
    return found


def _band(cells: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    """Percentiles of a mixture of cells, told by their sketches."""
    rows = {c: sum(e["n"] for e in cells if e["chip"] == c) for c in {e["chip"] for e in cells}}
    values = np.concatenate([e["sketch"] for e in cells])
    weight = np.concatenate([np.full(len(SKETCH), e["n"] / rows[e["chip"]]) for e in cells])
    order = np.argsort(values)
    share = np.cumsum(weight[order]) - weight[order] / 2
    low, high = np.interp((0.1, 0.9), share / weight.sum(), values[order])
    return round(float(low), 4), round(float(high), 4)


def write(
    folder: Path,
    family: Any,
    rules: Rules,
    gate: Any,
    formats: Any,
    without: Any,
    errors: Sequence[Any],
    **about: Any,
) -> None:
    """The fitted file, the fits without one chip, and the errors (for the accuracy page)."""
    head = {
        "family": family.name,
        **about,
        "fitted": datetime.date.today().isoformat(),
        "gate": {"seen": gate.seen, "dropped": gate.dropped},
        "constants": list(type(family.start)._fields),
        "by": dict(rules.by),
        "carried": rules.carried,
        "kin": dict(rules.kin),
        "knots": [[round(float(x), 5) for x in k] for k in family.knots],
        "bands": bands(errors),
    }
    kept = [{k: v for k, v in e.items() if k != "sketch"} for e in errors]
    _write(folder / f"{family.name}.json", {**head, "formats": formats, "errors": kept})
    _write(folder / f"{family.name}.without.json", {**head, "formats": without})


def _write(path: Path, record: Any) -> None:
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(record, separators=(",", ":")) + "\n")
    temporary.rename(path)


def show(errors: Sequence[Mapping[str, Any]]) -> None:
    """Errors on the terminal, a line for each cell and level."""
    lines: dict[tuple[str, ...], list[str]] = {}
    for e in errors:
        key = (e["format"], e["stack"], e["level"], e["chip"])
        size = {"0": "<10us", "1": "10-50us", "2": "50us-1ms", "3": ">1ms"}.get(
            e["size"], e["size"]
        )
        lines.setdefault(key, []).append(f"{size} {100 * e['mape']:.1f}({100 * e['bias']:+.0f})")
    for name, texts in sorted(lines.items(), key=lambda item: (item[0][2], item[0])):
        form, stack, level, chip = name
        print(f"{form:10} {stack:8} {level:7} {chip:14}", "  ".join(texts))
