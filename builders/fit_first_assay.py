"""Fit the two constants of the first assay to measured rows, and say how far they carry.

python builders/fit_first_assay.py ../shared/measured src/chipassay/data/assumptions

Every chip weighs the same, however many rows it has. The value is the weighted median, the band
the weighted 10th to 90th percentile, moved apart by how far chips differ. Leaving one chip out
tells how a chip without rows may fare.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import yaml

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.chips import numbers
from chipassay.catalogue.models import find_model
from chipassay.facts.compiled import write_text
from chipassay.model.first_serve import serving
from chipassay.records.workload import Workload

SCRIPT = "builders/fit_first_assay.py"
GROUP = "8.0"
"""Smaller groups reach more of the roofline, so only groups as large as the workload's count."""
SIXTEEN_BIT = ("bf16", "fp16", "amp_bf16")
CHIPS = {"h100_sxm": "h100-sxm5", "h200_sxm": "h200-sxm", "b200_sxm": "b200", "b300_sxm": "b300"}
MODELS = {
    "meta-llama/Llama-3.1-70B": "llama3.1-70b",
    "meta-llama/Llama-3.1-8B-Instruct": "llama3.1-8b",
    "Qwen/Qwen3-32B": "qwen3-32b",
}
Shares = dict[str, list[float]]
"""The share of the ideal that each row reached, by chip."""
Row = dict[str, str]


class Band(NamedTuple):
    """An 80 % band and its middle."""

    low: float
    value: float
    high: float


def main(measured: Path, output: Path) -> None:
    """Fit both constants, write their files and print what they rest on."""
    shares = training_shares(measured / "training.csv")
    because = (
        "measured model FLOP utilisation of 16-bit training runs; each chip weighs the same; "
        "weighted median; 10th to 90th percentile, moved apart by how far the chips' medians differ"
    )
    title = "Model FLOP utilisation that published training runs reach"
    _write(output, "training-efficiency", title, because, shares, "training_rows")
    shares, left_out = serving_shares(measured / "serving_closed_loop.csv")
    because = (
        "roofline time per output token, interleaved prompts counted in, over the measured one; "
        "closed loop, groups of eight chips as the workload has them, dense models in FP8 (one "
        "byte a value), applied to 16 bit; each chip weighs the same; weighted median; 10th to "
        "90th percentile, moved apart by how far the chips' medians differ; "
        f"left out: {_counted(left_out)}"
    )
    title = "Share of roofline speed that serving reaches"
    _write(output, "serving-efficiency", title, because, shares, "serving_rows")


def training_shares(path: Path) -> Shares:
    """Measured MFU of 16-bit throughput rows; notes behind a chip's name are dropped."""
    shares: Shares = {}
    for row in _rows(path):
        fits = row["row_kind"] == "throughput" and row["precision"] in SIXTEEN_BIT
        if fits and row["measured_mfu"] and row["confidence"] == "seen":
            chip = row["chip"].partition(" (")[0]
            shares.setdefault(chip, []).append(float(row["measured_mfu"]))
    return shares


def serving_shares(path: Path) -> tuple[Shares, Counter[str]]:
    """Roofline over measured time per token, and how many rows were left out, by reason."""
    shares: Shares = {}
    left_out: Counter[str] = Counter()
    catalogue = Catalogue.shipped()
    for row in _rows(path):
        wanted = row["mode"] == "agg" and row["precision"] == "fp8" and row["tp_size"] == GROUP
        if not (wanted and row["system"] in CHIPS and row["model_path"] in MODELS):
            continue
        share = _share(row, catalogue)
        if share is None:
            left_out["the model does not fit"] += 1
        elif share > 1.0:
            left_out["impossible, faster than the roofline"] += 1
        else:
            shares.setdefault(CHIPS[row["system"]], []).append(share)
    return shares, left_out


def _share(row: Row, catalogue: Catalogue) -> float | None:
    chip = numbers(catalogue.chip_entry(CHIPS[row["system"]]))
    model = find_model(catalogue, MODELS[row["model_path"]]).numbers()
    work = Workload(
        group=float(row["tp_size"]),
        in_flight=float(row["batch_size"]),
        prompt=float(row["isl"]),
        output=float(row["osl"]),
        bytes_per_value=1.0,
    )
    ideal = serving(chip.dense_fp8, chip, model, work)
    if not ideal.in_flight >= 1.0:
        return None
    # In a steady state each request gains a token while all of them gain one and prompts are read.
    ideal_tpot = float(work.in_flight) / (float(ideal.tokens_per_second) * float(work.group))
    return ideal_tpot / (float(row["silicon_tpot_ms"]) / 1000.0)


def _rows(path: Path) -> Iterator[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def band(shares: Shares) -> Band:
    """Weighted median with a band for a chip that is not among these.

    Each chip has the same weight. The 10th and 90th percentile are moved apart by the ratio of
    the highest to the lowest chip's median: an unseen chip may lie as far off as these do.
    """
    values = [share for of_chip in shares.values() for share in of_chip]
    weights = [1.0 / len(of_chip) for of_chip in shares.values() for _ in of_chip]
    cuts = np.quantile(values, (0.1, 0.5, 0.9), weights=weights, method="inverted_cdf")
    medians = [float(np.median(of_chip)) for of_chip in shares.values()]
    apart = max(medians) / min(medians)
    low, value, high = (float(cut) for cut in cuts)
    return Band(round(low / apart, 3), round(value, 3), round(min(high * apart, 1.0), 3))


def left_out_chips(shares: Shares) -> dict[str, float]:
    """For each chip, the share of its rows inside the band of all the others."""
    inside = {}
    for chip, own in shares.items():
        others = band({name: rows for name, rows in shares.items() if name != chip})
        inside[chip] = sum(others.low <= share <= others.high for share in own) / len(own)
    return inside


def _write(output: Path, id_: str, title: str, because: str, shares: Shares, source: str) -> None:
    found, rows = band(shares), sum(map(len, shares.values()))
    print(f"{id_}: {found.value} ({found.low} to {found.high}), {rows} rows")
    inside = left_out_chips(shares)
    by_chip = []
    for chip, own in sorted(shares.items()):
        by_chip.append(f"{chip} {np.median(own):.2f} ({len(own)} rows)")
        print(f"  {by_chip[-1]}; left out, {inside[chip]:.0%} in the band of the others")
    print(f"  {because}")
    written: dict[str, Any] = {
        "id": id_,
        "title": title,
        **{name: getattr(found, name) for name in ("value", "low", "high")},
        "unit": "1",
        "because": f"{because}; medians: {', '.join(by_chip)}",
        "script": SCRIPT,
        "rows": rows,
        "sources": [source],
    }
    text = yaml.safe_dump(written, sort_keys=False, allow_unicode=True, width=100)
    write_text(output / f"{id_}.yaml", text)


def _counted(left_out: Counter[str]) -> str:
    said = [f"{count} rows ({reason})" for reason, count in sorted(left_out.items())]
    return ", ".join(said) or "none"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
