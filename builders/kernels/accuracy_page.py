"""Make docs/kernels.md and its picture: how wrong kernel times are, seen and unseen.

python -m builders.kernels.accuracy_page ../shared/measured/kernels docs
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from chipassay.catalogue.catalogue import Catalogue
from chipassay.facts.compiled import write_text
from chipassay.facts.kernel_file import load
from chipassay.inquiry.validation import predicted

TABLES = (
    "gemm", "attn_prefill", "attn_decode", "mla_prefill", "mla_decode", "moe", "nccl", "allreduce",
    "oneccl", "deepep_ll", "deepep_normal", "vidur_mlp",
)  # fmt: skip
LONG = 50e-6
KEPT = 4000
"""Points of each panel of the picture."""
Columns = dict[str, Any]


def main(measured: Path, docs: Path) -> None:
    """Predict every table with every chip seen, then with each left out in turn; write the page."""
    catalogue = Catalogue.shipped()
    seen, unseen = [], []
    for name in TABLES:
        path = measured / f"{name}.parquet"
        columns = predicted(path, catalogue)[1].joined()
        seen.append(columns)
        for chip in np.unique(columns["chip"]):
            id_ = catalogue.chip(str(chip)).entry.id
            if any(_leaves(load(op), id_) for op in np.unique(columns["operator"])):
                left = predicted(path, catalogue, id_)[1].joined()
                unseen.append(_only(left, (left["chip"] == chip) & (left["basis"] != "measured")))
        print(name, len(columns["measured"]), flush=True)
    inside, outside = _joined(seen), _joined(unseen)
    picture(inside, outside, docs / "kernels.png")
    write_text(docs / "kernels.md", HEAD + "\n".join(page(inside, outside)) + "\n")


def _leaves(file: Any, chip: str) -> bool:
    """Whether some format of a family saw this chip and another one."""
    return any(chip in fit["chips"] and len(fit["chips"]) > 1 for fit in file["formats"].values())


def _only(columns: Columns, keep: Any) -> Columns:
    return {name: column[keep] for name, column in columns.items()}


def _joined(parts: list[Columns]) -> Columns:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def page(inside: Columns, outside: Columns) -> Iterator[str]:
    """The tables: by operator, by operator and chip, by format and stack, and the gates."""
    yield "## By operator\n"
    yield from _head("operator")
    for operator in np.unique(inside["operator"]):
        yield _line([str(operator)], inside, outside, {"operator": operator})
    yield "\n## By operator and chip\n"
    yield from _head("operator", "chip")
    for operator in np.unique(inside["operator"]):
        for chip in np.unique(inside["chip"][inside["operator"] == operator]):
            where = {"operator": operator, "chip": chip}
            yield _line([str(operator), str(chip)], inside, outside, where)
    yield "\n## By operator, format and stack\n"
    yield from _head("operator", "format", "stack")
    cells = np.unique(
        np.stack([inside["operator"], inside["precision"], inside["stack"]], 1), axis=0
    )
    for operator, form, stack in cells.tolist():
        where = {"operator": operator, "precision": form, "stack": stack}
        yield _line([operator, form, stack], inside, outside, where)
    yield "\n## Rows dropped before the fits\n"
    yield "| operator | rows seen | dropped | reasons |"
    yield "| --- | --- | --- | --- |"
    for operator in np.unique(inside["operator"]):
        gate = load(str(operator))["gate"]
        reasons: dict[str, int] = {}
        for key, count in gate["dropped"].items():
            reason = key.split(" | ")[0]
            reasons[reason] = reasons.get(reason, 0) + count
        told = "; ".join(f"{reason} {count:,}" for reason, count in reasons.items())
        yield f"| {operator} | {gate['seen']:,} | {sum(reasons.values()):,} | {told} |"


def _head(*names: str) -> Iterator[str]:
    """The first two lines of a table of errors."""
    errors = ("in the fit", "over 50 us", "left out", "over 50 us", "roofline")
    titles = (*names, "rows", *errors, "inside the band, left out")
    yield "| " + " | ".join(titles) + " |"
    yield "| " + " | ".join("---" for _ in titles) + " |"


def _line(names: list[str], inside: Columns, outside: Columns, where: dict[str, str]) -> str:
    seen, left = _where(inside, where), _where(outside, where)
    cells = [*names, f"{len(seen['measured']):,}"]
    for columns in (seen, left):
        cells += [_mape(columns), _mape(_only(columns, columns["measured"] > LONG))]
    bare = np.abs(seen["roofline"] / seen["measured"] - 1)
    cells.append(f"{100 * bare.mean():.0f} %" if len(bare) else "-")
    held = (left["low"] <= left["measured"]) & (left["measured"] <= left["high"])
    cells.append(f"{100 * held.mean():.0f} %" if len(held) else "-")
    return "| " + " | ".join(cells) + " |"


def _where(columns: Columns, where: dict[str, str]) -> Columns:
    keep = np.ones(len(columns["measured"]), bool)
    for name, value in where.items():
        keep &= columns[name] == value
    return _only(columns, keep)


def _mape(columns: Columns) -> str:
    if not len(columns["measured"]):
        return "-"
    error = np.abs(columns["predicted"] / columns["measured"] - 1).mean()
    return f"{100 * error:.1f} %"


def picture(inside: Columns, outside: Columns, path: Path) -> None:
    """Parity: predicted over measured, a panel for each operator, seen above and left out below."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt
    from matplotlib.lines import Line2D

    operators = [o for o in np.unique(inside["operator"]) if (outside["operator"] == o).any()]
    figure, axes = plt.subplots(
        2, len(operators), figsize=(2.6 * len(operators), 5.6), sharex=True, sharey=True
    )
    random = np.random.default_rng(0)
    chips = np.unique(inside["chip"]).tolist()
    for row, (columns, word) in enumerate(((inside, "in the fit"), (outside, "left out"))):
        for axis, operator in zip(axes[row], operators, strict=True):
            part = _where(columns, {"operator": operator})
            pick = random.permutation(len(part["measured"]))[:KEPT]
            for chip in np.unique(part["chip"]):
                of = pick[part["chip"][pick] == chip]
                colour = f"C{chips.index(chip)}"
                ratio = part["predicted"][of] / part["measured"][of]
                axis.plot(part["measured"][of] * 1e6, ratio, ".", ms=1.5, alpha=0.4, color=colour)
            axis.set(
                xscale="log",
                yscale="log",
                ylim=(0.25, 4),
                title=f"{operator}\n{word}" if not row else word,
            )
            axis.title.set_fontsize(8)
            axis.axhline(1, color="black", lw=0.6)
            axis.set_yticks([0.25, 0.5, 1, 2, 4], ["1/4", "1/2", "1", "2", "4"])
            axis.minorticks_off()
    marks = [Line2D([], [], marker="o", ls="", color=f"C{i}", label=c) for i, c in enumerate(chips)]
    figure.legend(handles=marks, loc="lower center", ncol=len(chips), fontsize=8, frameon=False)
    figure.supxlabel("measured, us", fontsize=9, y=0.05)
    figure.supylabel("predicted over measured", fontsize=9)
    figure.tight_layout(rect=(0.01, 0.05, 1, 1))
    figure.savefig(path, dpi=110)


HEAD = """# Kernel times: how right they are

Made by `python -m builders.kernels.accuracy_page ../shared/measured/kernels docs` from the
measured tables that THIRD_PARTY.md names; they are not shipped. The same for any such table:

    chipassay validate kernels FILE [--leave-out CHIP] [--rows OUT.csv]

With `--leave-out` the metrics are those of that chip's rows; the other chips' rows, which the fit
has seen, are predicted too and have a line of their own (`others`).

"In the fit": the chip's own rows were fitted. "Left out": the chip is predicted with none of its
rows in the fit, from its relatives (docs/decisions/0010). Errors are mean absolute percentage
errors over rows that the physics gate lets pass. "Roofline" is arithmetic at the peak against
traffic at the full bandwidth. An 80 % band should hold 80 %. In the fit means what it says: those
rows were looked at; the forms were chosen while looking at all four chips' residuals, so left-out
figures are somewhat optimistic too.

Where it is bad, and why:

- **L40S left out.** Its limit of 350 W covers GDDR memory, and it spends about twice the power of
  the others for each FLOP; its 96 MB cache keeps what the others read again; its host's bridge
  joins more than two of them. No other measured chip tells any of the three.
- **Decode attention, left out.** Under 1 ms the time is latency and the library's choice of kernel
  (packed groups, split sequences), which changes with the generation of the core.
- **Block-scaled FP8 under vLLM.** Timed outside a captured graph: floors of 55 to 280 us are the
  host's, not the chip's.
- **Experts and attention from kernels that one chip alone has** (generated ones on the B200, an
  untuned CUTLASS on the H100, Triton with other tiles): nobody else's rows tell their constants.
- **Less than 10 us.** A launch costs 1.7 to 2.6 us by chip, for reasons its figures do not show.

![predicted over measured](kernels.png)

"""

if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
