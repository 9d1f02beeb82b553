"""How wrong predictions were: errors over all rows, and by the values of a column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

Columns = Mapping[str, Any]


def spread(off: Any) -> dict[str, float]:
    """n, mean, median and 90th percentile of the size of relative errors, and their median."""
    ape = np.abs(off)
    return {
        "n": len(ape),
        "mape": float(ape.mean()),
        "median_ape": float(np.median(ape)),
        "p90_ape": float(np.quantile(ape, 0.9)),
        "bias": float(np.median(off)),
    }


def error(columns: Columns, keep: Any = slice(None)) -> dict[str, float]:
    """The errors of `predicted` against `measured`, and the share of rows inside the band."""
    measured, predicted = columns["measured"][keep], columns["predicted"][keep]
    inside = (columns["low"][keep] <= measured) & (measured <= columns["high"][keep])
    return {**spread(predicted / measured - 1.0), "inside_band": float(inside.mean())}


def errors_by(columns: Columns, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The errors of the rows that share a value, for each value of each of these columns."""
    return {
        name: {
            str(value): error(columns, columns[name] == value) for value in np.unique(columns[name])
        }
        for name in names
    }


def parted(columns: Columns, of: Any) -> tuple[Columns, Columns]:
    """The rows that are and the rows that are not; {} where there are none."""
    return _where(columns, of), _where(columns, ~of)


def _where(columns: Columns, keep: Any) -> Columns:
    return {name: column[keep] for name, column in columns.items()} if keep.any() else {}
