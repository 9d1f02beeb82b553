"""The text of what else is asked of training: plans found, numbers of chips, another chip."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from chipassay import units
from chipassay.views.cuts_text import banded
from chipassay.views.train_text import PARTS, bar, count, days, money

MakeTable = Callable[..., Table]
_PARETO = 8
"""Plans of the frontier that a text shows."""


def search_parts(answer: Mapping[str, Any], table: MakeTable) -> Iterator[Any]:
    """The best plans, why the runner-up lost, the frontier of time and memory."""
    if "search" not in answer:
        return
    search = answer["search"]
    speed = f"{search['plans']:,} plans, {search['fitting']:,} fit"
    yield Text(f"\n{speed}, {search['cpu_seconds']:.2f} CPU-s; the best:")
    yield _plans(search["best"], table)
    if "runner_up" in search:
        other = search["runner_up"]
        yield Text(
            f"the runner-up is {100 * other['slower_by']:.2g} % slower, most of it in "
            f"{PARTS[other['loses_in']]}"
        )
    kept = search["pareto"]
    if len(kept) > 2:
        step = max(1, -(-len(kept) // _PARETO))
        yield Text(f"\n{len(kept)} plans that none beats in both time and memory, some of them:")
        yield _plans(kept[::step], table)


def _plans(lines: Any, table: MakeTable) -> Table:
    made = table("plan", "batch", "step", "tokens/s/chip", "memory", numbers=(1, 2, 3, 4))
    for each in lines:
        size = units.text(each["memory_per_chip"], "B", as_="GB", digits=3)
        rate = f"{each['tokens_per_s_per_chip']:.4g}"
        step = units.text(each["step_time"], "s", as_="s", digits=4)
        made.add_row(each["plan_text"], f"{each['batch']:,}", step, rate, size)
    return made


def range_parts(answer: Mapping[str, Any], table: MakeTable) -> Iterator[Any]:
    """A line for each number of chips; what a time limit comes to."""
    if "by_chips" in answer:
        yield from _chips(answer, table)
    if "within" in answer:
        yield Text("\n" + _in_time(answer))


def _chips(answer: Mapping[str, Any], table: MakeTable) -> Iterator[Any]:
    lines = answer["by_chips"]
    best = max(
        (line["tokens_per_s_per_chip"].value for line in lines if "refused" not in line), default=1
    )
    title = f" (best at {answer['goal']}: {answer['chips']:,})" if "goal" in answer else ""
    yield Text(f"\nby number of chips{title}; bars are tokens a second and chip")
    made = table("chips", "time (80 % band)", "MFU", "energy", "cost", "", "plan",
                 numbers=(0, 1, 2, 3, 4))  # fmt: skip
    for line in lines:
        chips = f"{line['chips']:,}"
        if "refused" in line:
            made.add_row(chips, "-", "", "", "", "", line["refused"])
            continue
        if not line["fits"]:
            made.add_row(chips, "does not fit", "", "", "", "", line["plan_text"])
            continue
        energy, cost = line["energy"], line["cost"]
        made.add_row(
            chips, days(line["days"]), units.number(line["mfu"].value, 3),
            units.text(energy.value, "J", as_="GWh", digits=3) if energy.value > 0 else "unknown",
            f"{count(cost.value)} USD" if cost.value > 0 else "unknown",
            bar(line["tokens_per_s_per_chip"].value / best, 12), line["plan_text"],
        )  # fmt: skip
    yield made


def _in_time(answer: Mapping[str, Any]) -> str:
    limit = units.text(answer["within"], "s", as_="day", digits=3)
    if "compute_optimal_parameters" in answer:
        dense = count(answer["compute_optimal_parameters"])
        name, size = answer["model"]["name"], count(answer["model"]["parameters"])
        chips = f"{answer['chips']:,} {answer['chip']['name']}"
        return (
            f"the largest of the catalogue that {chips} train in {limit}: {name} ({size}); at that "
            f"speed, a dense model of {dense} on 20 tokens a parameter"
        )
    said = f"within {limit}: {answer['chips']:,} chips"
    if answer.get("chips_to_be_sure") is not None:
        return f"{said}; {answer['chips_to_be_sure']:,} for the upper end of the band to be in time"
    return f"{said}; no number of them brings the upper end of the band in time"


def against_parts(answer: Mapping[str, Any], table: MakeTable) -> Iterator[Any]:
    """The gap to another chip, its two parts, measured pairs, what a move costs."""
    if "against" not in answer:
        return
    other = answer["against"]
    mine, theirs = answer["chip"]["name"], other["chip"]["name"]
    yield Text(f"\n{mine} against {theirs} ({other['stack_used']}, {other['plan_text']})")
    made = table("tokens a second and chip, as a ratio", "value (80 % band)", "", numbers=(1,))
    made.add_row("all", banded(other["throughput_ratio"]), _basis(other["throughput_ratio"]))
    made.add_row("= silicon, at the data sheets' rates", units.number(other["silicon_ratio"], 3))
    same = other["stack_used"] == answer["stack"]
    rest = "x what the same stack gets of it" if same else "x software, as measured rows have it"
    made.add_row(rest, banded(other["stack_ratio"]))
    flat = other["at_full_rate"]
    if flat["silicon_ratio"] == flat["silicon_ratio"]:
        silicon, stack = (units.number(flat[f"{n}_ratio"], 3) for n in ("silicon", "stack"))
        made.add_row("or, by matrix rates alone", f"{silicon} x {stack}")
    yield made
    yield from _pairs(other, table)
    yield Text(_lost(other))
    if "move" in other:
        yield Text(_moved(other["move"]))


def _basis(quantity: Any) -> str:
    return str(getattr(quantity, "basis", ""))


def _pairs(other: Mapping[str, Any], table: MakeTable) -> Iterator[Any]:
    pairs = other.get("measured")
    if pairs is None:
        return
    if not pairs:
        yield Text("no measured pair of like work in that file")
        return
    made = table("measured, as deep and wide", "all", "silicon", "software", "MFU",
                 numbers=(1, 2, 3, 4))  # fmt: skip
    for pair in pairs:
        names = " : ".join(f"{row['model']} x {row['chips']:g}" for row in pair["rows"])
        ratios = (pair[f"{name}_ratio"] for name in ("throughput", "silicon", "stack"))
        shares = " : ".join(units.number(row["mfu"], 2) for row in pair["rows"])
        made.add_row(names, *(units.number(each, 3) for each in ratios), shares)
    yield made


def _lost(other: Mapping[str, Any]) -> str:
    lost = other["lost"]
    if not lost["throughput"] > 0.0:
        return "the software takes nothing of the run that the other's would not"
    time = count(units.convert(lost["chip_time"], "day"))
    share = f"{100 * lost['throughput']:.0f} %"
    return f"its software takes {share} of the run: {time} chip-days, {money(lost['cost'])}"


def _moved(move: Mapping[str, Any]) -> str:
    work = units.number(units.convert(move["people_time"], "year"), 3)
    people, total = (money(move[name]) for name in ("people_cost", "total"))
    needs = "".join(f"; would settle it: {each}" for each in move["needs"])
    return f"moving takes {work} years of work, {people}; with the lost speed {total}{needs}"
