"""Pictures in files: rooflines as SVG or PNG."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from chipassay.errors import MissingPartError, QuestionError
from chipassay.units import convert

KINDS = (".svg", ".png")
_COLOURS = ("#b3541e", "#1f5a8a", "#4a7c3a", "#7a4a8a", "#8a7a1f", "#555555")
_LOWEST, _HIGHEST = 0.25, 4096.0  # FLOP/B: decode of one request to a large training GEMM


def write_rooflines(chips: list[dict[str, Any]], path: Path) -> None:
    """Draw the rooflines of some chips over one another; the file is written whole or not at all.

    Raises `QuestionError` for a folder that is not there or an ending that is neither .svg nor
    .png, `MissingPartError` without matplotlib.
    """
    check_path(path)
    write_figure(_figure(chips), path)


def check_path(path: Path) -> None:
    """Refuse a path that no picture can be written to."""
    if path.suffix.lower() not in KINDS:
        hint = f"end the name in {' or '.join(KINDS)}"
        raise QuestionError("no picture format", where=f"--plot {path}", hint=hint)
    if not path.parent.is_dir():
        raise QuestionError("no such folder", where=f"--plot {path}", hint="make it first")


def write_figure(figure: Any, path: Path) -> None:
    """Write a figure whole or not at all."""
    check_path(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    try:
        figure.savefig(name, format=path.suffix.lower().lstrip("."), dpi=150)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def new_figure(size: tuple[float, float]) -> Any:
    """An empty figure. Raises `MissingPartError` without matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        hint = "install chipassay[plot]"
        raise MissingPartError("matplotlib is not installed", where="--plot", hint=hint) from None
    return Figure(figsize=size, layout="constrained")


def _figure(chips: list[dict[str, Any]]) -> Any:
    figure = new_figure((8, 5))
    axes = figure.add_subplot()
    for chip, colour in zip(chips, _cycle(len(chips)), strict=True):
        rate, bandwidth = convert(chip["rate"], "TFLOPS"), convert(chip["bandwidth"], "TB/s")
        ridge = rate / bandwidth
        low, high = min(_LOWEST, ridge / 2), max(_HIGHEST, ridge * 2)
        axes.plot([low, ridge, high], [low * bandwidth, rate, rate], color=colour, lw=2.2,
                  label=f"{chip['name']}: {rate:,.0f} TFLOPS, {bandwidth:.3g} TB/s")  # fmt: skip
        axes.plot([ridge], [rate], "o", color=colour, ms=6)
        axes.annotate(f"ridge {ridge:.0f} FLOP/B", (ridge, rate), (10, -14), color=colour,
                      textcoords="offset points", fontsize=9)  # fmt: skip
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xlabel("arithmetic intensity, FLOP per byte of memory traffic")
    axes.set_ylabel("attainable rate, TFLOPS (16-bit, dense)")
    axes.set_title("Rooflines: decode lives on the left slope, training under the flat roof")
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend(loc="lower right", frameon=False)
    return figure


def _cycle(count: int) -> list[str]:
    return [_COLOURS[index % len(_COLOURS)] for index in range(count)]
