"""Fit what a serving chip draws, as a share of its rating, on measured prompts and tokens.

    .venv/bin/python -m builders.fit_power \
        power_splitwise_a100_h100.csv src/chipassay/data/assumptions

The table of splitwise-sim (Patel et al., ISCA 2024; MIT) has the peak power and the mean power of
runs of a batch of prompts and their answers, on 80 GB A100s; its rows of other chips have no power.
A run's mean is that of prefill and of decoding by their times, its peak that of prefill. Means of
runs with more than 2,048 prompt tokens are left out: they fall while prompts, at full draw, take
more of the time, so that they are no means over the run. Each value's ends are what the fits give
that leave out one model on one number of chips. Prints the error on what was left out.
"""

from __future__ import annotations

import csv
import itertools
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import yaml
from scipy.optimize import least_squares

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.models import find_model
from chipassay.facts.compiled import write_text
from chipassay.formulas import transformer as f
from chipassay.formulas.power import computing_share, drawn_share, reading_share
from chipassay.units import factor

CHIP = "a100-sxm-80gb"
SCRIPT = "builders/fit_power.py"
FITTED_ON = {
    "tdp": ("chip-power-fitted-rating", "Rating of the chip whose power was fitted", "W"),
    "memory_bandwidth": ("chip-power-fitted-bandwidth", "Its memory bandwidth", "GB/s"),
    "dense_fp16": ("chip-power-fitted-rate", "Its peak rate in 16 bits", "TFLOPS"),
}
"""What carries the fit to another chip by energy: figures of the one it was made on."""
LONGEST = 2048
SIXTEEN = 2.0
NAMES = {
    "chip-power-floor": "What a busy chip draws beside traffic and arithmetic, of its rating",
    "chip-power-memory": "What memory traffic adds at full bandwidth, of a chip's rating",
    "chip-power-arithmetic": "What arithmetic adds at full rate, of a chip's rating",
}


class Point(NamedTuple):
    """A run: utilisations of prefill and decoding, how long each took, and what was measured."""

    group: tuple[str, str]
    prefill: tuple[float, float]
    decode: tuple[float, float]
    share: float
    """Of the run that is prefill."""
    peak: float
    mean: float


def points(path: Path) -> list[Point]:
    """Rows with power, repeats averaged."""
    runs: dict[tuple[str, ...], list[list[float]]] = {}
    numbers = ("peak_power", "average_power", "prompt_time", "token_time", "e2e_time")
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if float(row["peak_power"]) > 0:
                key = tuple(
                    row[k]
                    for k in ("model", "tensor_parallel", "prompt_size", "batch_size", "token_size")
                )
                runs.setdefault(key, []).append([float(row[k]) for k in numbers])
    return [_point(key, np.median(rows, axis=0).tolist()) for key, rows in runs.items()]


def _point(key: tuple[str, ...], measured: list[float]) -> Point:
    catalogue = Catalogue.shipped()
    model = find_model(catalogue, key[0]).numbers()
    chip = catalogue.chip_entry(CHIP)
    chips, prompt, batch, answer = (float(each) for each in key[1:])
    peak, mean, fill, token, whole = measured
    ms = factor("ms")
    weights = model.parameters * SIXTEEN / chips
    cached = f.cache_bytes(
        model.cached_values_per_token, model.windowed_cached_values_per_token, model.window,
        prompt + answer / 2, SIXTEEN,
    ) * batch / chips  # fmt: skip

    def use(read: float, tokens: float, time: float) -> tuple[float, float]:
        work = f.forward_flop_per_token(
            model.active_without_input_embedding, model.attention_flop_per_pair,
            model.windowed_attention_flop_per_pair, model.window, model.state_flop_per_token,
            prompt / 2,
        )  # fmt: skip
        return (
            float(reading_share(read, time, chip.number("memory_bandwidth"))),
            float(computing_share(work * tokens, 1 / time, chips, chip.number("dense_fp16"))),
        )

    return Point(
        (key[0], key[1]), use(float(weights), prompt * batch, fill * ms),
        use(float(weights + cached), batch, token * ms), fill / whole,
        peak, mean if prompt <= LONGEST else float("nan"),
    )  # fmt: skip


def _drawn(constants: np.ndarray, use: tuple[float, float]) -> Any:
    floor, memory, arithmetic = constants
    return drawn_share(floor, memory, arithmetic, *use)


def misfit(constants: np.ndarray, chosen: list[Point]) -> np.ndarray:
    """Logarithms of predicted over measured: peaks, then means."""
    peaks, means = [], []
    for each in chosen:
        fill = _drawn(constants, each.prefill)
        decode = _drawn(constants, each.decode)
        peaks.append(np.log(np.maximum(fill, decode) / min(each.peak, 1.0)))
        if not np.isnan(each.mean):
            mixed = each.share * fill + (1 - each.share) * decode
            means.append(np.log(mixed / each.mean))
    return np.array([*peaks, *means])


def fitted(chosen: list[Point]) -> np.ndarray:
    """The floor, memory's and arithmetic's part."""
    start = np.array([0.3, 0.5, 1.0])
    found = least_squares(misfit, start, args=(chosen,), bounds=(0.0, 4.0), loss="soft_l1",
                          f_scale=0.1)  # fmt: skip
    return np.asarray(found.x)


def main(path: Path, output: Path) -> None:
    """Fit, cross-validate, write and print."""
    found = points(path)
    groups = sorted({each.group for each in found})
    best = fitted(found)
    others, errors = [], []
    for group in groups:
        rest = [each for each in found if each.group != group]
        others.append(fitted(rest))
        errors.append(misfit(others[-1], [each for each in found if each.group == group]))
        median = float(np.median(np.abs(np.expm1(errors[-1]))))
        print(f"without {group[0]} on {group[1]}: {np.round(others[-1], 3)}, off {median:.1%}")
    left_out = np.abs(np.expm1(np.concatenate(errors)))
    off = float(np.median(left_out))
    print(f"{len(found)} runs: {np.round(best, 3)}; left out: median {off:.1%}, "
          f"90th percentile {float(np.quantile(left_out, 0.9)):.1%}")  # fmt: skip
    ends = np.array([best, *others])
    for place, (id_, title) in enumerate(NAMES.items()):
        low, high = float(ends[:, place].min()), float(ends[:, place].max())
        written = {
            "id": id_, "title": title, "value": round(float(best[place]), 3),
            "low": round(low, 3), "high": round(high, 3), "unit": "1",
            "because": (
                f"runs of two models on 2 to 8 A100 of 80 GB; the ends are fits that leave out a "
                f"model on a number of chips, whose runs they meet within {off:.0%} at the median; "
                "no other chip's power was in the table"
            ),
            "script": SCRIPT, "rows": len(found), "sources": ["splitwise_power"],
        }  # fmt: skip
        _write(output, written)
    _write_chip(output, len(found))


def _write_chip(output: Path, rows: int) -> None:
    """The figures of the chip that was measured, from the catalogue."""
    chip = Catalogue.shipped().chip_entry(CHIP)
    for field, (id_, title, unit) in FITTED_ON.items():
        value = round(chip.number(field) / factor(unit), 6)
        written = {
            "id": id_, "title": title, "value": value, "low": value, "high": value, "unit": unit,
            "because": f"{chip.name} in this catalogue: what the shares of chip-power-* are of",
            "script": SCRIPT, "rows": rows, "sources": ["splitwise_power"],
        }  # fmt: skip
        _write(output, written)


def _write(output: Path, written: dict[str, Any]) -> None:
    text = yaml.safe_dump(written, sort_keys=False, allow_unicode=True, width=100)
    write_text(output / f"{written['id']}.yaml", text)


if __name__ == "__main__":
    main(*(Path(each) for each in itertools.islice(sys.argv, 1, 3)))
