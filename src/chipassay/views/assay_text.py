"""The text of an assay: the verdict in sentences, then a few rows, then what it rests on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from chipassay import units
from chipassay.records.answer import Quantity
from chipassay.views.cuts_text import banded, cut_tables, what_if_table
from chipassay.views.ship_text import law_notes, paragraph_table, three_lines, verdict

MakeTable = Callable[..., Table]


def assay_lines(answer: Mapping[str, Any]) -> list[Text]:
    """The verdict: one sentence on shipping, one on what the chip can do."""
    lines = []
    name = answer["chip"]["name"]
    if "ship" in answer:
        ship = answer["ship"]
        lines.append(Text(verdict(ship, name), style="bold"))
    ability = _ability(answer)
    if ability:
        lines.append(Text(ability, style="bold"))
    if not lines and "against" in answer:
        lines.append(Text(f"{name} against {answer['against']['name']}", style="bold"))
    if not lines:
        lines.append(Text(f"{name}: nothing was asked of it yet.", style="bold"))
        lines.append(Text("Add --against CHIP, --to CC, --train MODEL or --serve MODEL."))
    return lines


def assay_tables(answer: Mapping[str, Any], table: MakeTable) -> list[Any]:
    """The rows under the verdict."""
    parts: list[Any] = []
    if "ship" in answer:
        parts += [three_lines(answer["ship"], table), paragraph_table(answer["ship"], table)]
        parts.append(law_notes(answer["ship"]))
    if "against" in answer:
        parts.append(_ratios(answer, table))
    if "train" in answer or "serve" in answer:
        parts.append(_work(answer, table))
        parts.append(_assumed(answer))
    if answer["cuts"]:
        parts += cut_tables(answer, table)
    if answer.get("what_if"):
        parts.append(what_if_table(answer, table))
    return parts


def _ability(answer: Mapping[str, Any]) -> str:
    clauses = []
    for use, verb in (("train", "trains"), ("serve", "serves")):
        share = answer.get(use, {}).get("throughput_ratio")
        if isinstance(share, Quantity):
            model = answer[use]["model"]["name"]
            clauses.append(f"{verb} {model} at {banded(share)} of its speed")
    if not clauses:
        return ""
    rest = " and ".join(clauses)
    return f"Against {answer['against']['name']}, chip for chip, it {rest}; roofline, assumed."


def _ratios(answer: Mapping[str, Any], table: MakeTable) -> Table:
    made = table("figure", f"{answer['chip']['id']} / {answer['against']['id']}", numbers=(1,))
    for precision, value in answer["peak_ratio"].items():
        made.add_row(f"{precision} matrix, dense", f"{units.number(value, 4)}×")
    for name in ("memory_bandwidth", "memory_capacity", "scaleup_bandwidth"):
        value = answer[f"{name}_ratio"]
        shown = "unknown" if value != value else f"{units.number(value, 4)}×"
        made.add_row(name.replace("_", " "), shown)
    return made


def _work(answer: Mapping[str, Any], table: MakeTable) -> Table:
    made = table("work", "this chip", "ratio", "bound by")
    if "train" in answer:
        part = answer["train"]
        rate = banded(part["tokens_per_s_per_chip"])
        ratio = banded(part.get("throughput_ratio"))
        made.add_row(
            f"train {part['model']['name']}, tokens a second", rate, ratio, part["bound_by"]
        )
    if "serve" in answer:
        part = answer["serve"]
        rate = banded(part["output_tokens_per_s_per_chip"])
        ratio = banded(part.get("throughput_ratio"))
        name = part["model"]["name"]
        made.add_row(f"serve {name}, output tokens a second", rate, ratio, part["bound_by"])
        made.add_row("  time per output token", banded(part["tpot"]), "", "")
        made.add_row("  prefill alone", "", banded(part.get("prefill_ratio")), "")
        made.add_row("  decode alone", "", banded(part.get("decode_ratio")), "")
    return made


def _assumed(answer: Mapping[str, Any]) -> Text:
    lines = []
    if "train" in answer:
        work = answer["train"]["workload"]
        group, sequence = units.number(work["tensor_parallel"]), units.number(work["sequence"])
        lines.append(f"Training: groups of {group} chips, sequences of {sequence} tokens.")
    if "serve" in answer:
        work = answer["serve"]["workload"]
        prompt, output = units.number(work["prompt"]), units.number(work["output"])
        crowd = units.number(work["in_flight"])
        group = units.number(work["group"])
        lines.append(
            f"Serving: groups of {group} chips, {crowd} requests in flight, {prompt} tokens in and "
            f"{output} out, 16-bit; the ratio's band also spans 8 to 256 in flight."
        )
        if answer["serve"]["fits"] is False:
            lines.append("The model does not fit into a group's memory.")
    needs = [each for use in ("train", "serve") for each in answer.get(use, {}).get("needs", [])]
    if needs:
        lines.append("Unknown figures that would settle it: " + ", ".join(dict.fromkeys(needs)))
    lines.append("Brackets are 80 % bands; basis assumed: roofline times a measured share of it.")
    return Text("\n".join(lines))
