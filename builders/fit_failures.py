"""Fit how often a chip of a large run stops it, from failures that published runs report.

python builders/fit_failures.py ../shared/measured/failures.csv src/chipassay/data/assumptions

A fleet counts once, however many rows it has: the geometric mean of its rows, which differ in what
they call a failure. The value is the geometric mean over fleets. The band is where the next fleet
lies with a chance of 80 %, its rate log-normal and the spread known from these few fleets alone
(Student's t). Leaving one fleet out tells how the band does.
"""

from __future__ import annotations

import csv
import math
import statistics
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import yaml
from scipy import stats

from chipassay.facts.compiled import write_text

SCRIPT = "builders/fit_failures.py"
PER = 1000.0
"""The table's rates are for a thousand chip-days."""
FLEETS = {
    "Llama-3.1-405B pretraining": "Llama 3, H100",
    "Meta RSC-1": "RSC-1, A100",
    "Meta RSC-2": "RSC-2, A100",
    "OPT-175B": "OPT, A100",
    "OPT-175B (talk)": "OPT, A100",
    "SKT/Upstage B200 cluster": "SKT, B200",
}
LEFT_OUT = {
    "Llama-3.1-405B GPU+HBM only": "part of another row",
    "Meta RSC projections": "projected, or for jobs of one size",
}
CONFIDENT = ("high", "medium")
Rates = dict[str, float]
"""Failures of a chip in a day, by fleet."""


class Band(NamedTuple):
    """An 80 % band and its middle."""

    low: float
    value: float
    high: float


def fleets(path: Path) -> tuple[Rates, int, Counter[str]]:
    """Rates by fleet, how many rows they rest on, and how many were left out, by reason."""
    found: dict[str, list[float]] = {}
    left_out: Counter[str] = Counter()
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            reason = _reason(row)
            if reason:
                left_out[reason] += 1
                continue
            rate = float(row["fail_per_1000_accel_days"]) / PER
            found.setdefault(FLEETS[row["run"]], []).append(rate)
    rates = {fleet: statistics.geometric_mean(rows) for fleet, rows in found.items()}
    return rates, sum(map(len, found.values())), left_out


def _reason(row: dict[str, str]) -> str:
    """Why a row is left out, or ""."""
    if not row["fail_per_1000_accel_days"]:
        return "no rate"
    if row["confidence"] not in CONFIDENT:
        return "weak: inferred, or a vendor's target"
    return LEFT_OUT.get(row["run"], "")


def band(rates: Rates) -> Band:
    """Geometric mean, and where the next fleet lies with a chance of 80 %."""
    logs = [math.log(rate) for rate in rates.values()]
    n, middle, spread = len(logs), statistics.mean(logs), statistics.stdev(logs)
    reach = float(stats.t.ppf(0.9, n - 1)) * spread * math.sqrt(1 + 1 / n)
    return Band(*(float(f"{math.exp(middle + each):.3g}") for each in (-reach, 0.0, reach)))


def main(table: Path, output: Path) -> None:
    """Fit the rate, write its file and print what it rests on."""
    rates, rows, left_out = fleets(table)
    found = band(rates)
    low, value, high = (each * PER for each in found)
    print(f"{value:.3g} per 1000 chip-days ({low:.3g} to {high:.3g})")
    for fleet, rate in rates.items():
        others = band({name: each for name, each in rates.items() if name != fleet})
        inside = "in" if others.low <= rate <= others.high else "outside"
        print(f"  {fleet} {rate * PER:.3f}; left out, {inside} the band of the others")
    said = ", ".join(f"{count} ({reason})" for reason, count in sorted(left_out.items()))
    each = ", ".join(f"{fleet} {rate * PER:.2f}" for fleet, rate in rates.items())
    because = (
        "unplanned stops of published runs and fleets, all causes; geometric mean over fleets and "
        f"the 80 % range of the next one; per 1000 chip-days: {each}; rows left out: {said}"
    )
    written = {
        "id": "failure-rate",
        "title": "Unplanned stops of a run for each of its chips",
        **{name: getattr(found, name) for name in ("value", "low", "high")},
        "unit": "1/day",
        "because": because,
        "script": SCRIPT,
        "rows": rows,
        "sources": ["failure_rows"],
    }
    text = yaml.safe_dump(written, sort_keys=False, allow_unicode=True, width=100)
    write_text(output / "failure-rate.yaml", text)
    print(f"  {because}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
