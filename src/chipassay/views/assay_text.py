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
        if answer.get("serve", {}).get("by_load"):
            parts.append(_loads(answer, table))
        parts.append(Text("\n".join(work_lines(answer))))
    if answer["cuts"]:
        parts += cut_tables(answer, table)
    if answer.get("what_if"):
        parts.append(what_if_table(answer, table))
    return parts


def _ability(answer: Mapping[str, Any]) -> str:
    clauses, unknown = [], []
    for use, verb in (("train", "trains"), ("serve", "serves")):
        share = answer.get(use, {}).get("throughput_ratio")
        if not isinstance(share, Quantity):
            continue
        model = answer[use]["model"]["name"]
        if share.value != share.value:
            unknown.append(f"{verb} {model}")
        else:
            clauses.append(f"{verb} {model} at {banded(share)} of its speed ({share.basis})")
    told = []
    if clauses:
        against = answer["against"]["name"]
        told.append(f"Against {against}, chip for chip, it {' and '.join(clauses)}.")
    if unknown:
        told.append(f"How well it {' and '.join(unknown)} beside it is unknown.")
    return " ".join(told)


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
        made.add_row("  time to the first token", banded(part["ttft"]), "", "")
        made.add_row("  time per output token", banded(part["tpot"]), "", "")
        for phase, told in (("prefill", "prompt tokens"), ("decode", "output tokens")):
            rate = banded(part[f"{phase}_tokens_per_s_per_chip"])
            ratio = banded(part.get(f"{phase}_ratio"))
            made.add_row(f"  {phase} alone, {told} a second", rate, ratio, "")
    return made


def _loads(answer: Mapping[str, Any], table: MakeTable) -> Table:
    """The serving ratio under other loads: it moves with how many ask at once."""
    made = table("clients", "serving ratio", "decode alone")
    for row in answer["serve"]["by_load"]:
        cells = (banded(row["throughput_ratio"]), banded(row["decode_ratio"]))
        made.add_row(units.number(row["concurrency"]), *cells)
    return made


def work_lines(answer: Mapping[str, Any]) -> list[str]:
    """Fleets, loads and plans behind the figures, and what would settle unknown ones."""
    lines = []
    for use, told in (("train", _train_load), ("serve", _serve_load)):
        part = answer.get(use)
        if part and part["workload"]:
            lines.append(told(part["workload"]))
            lines.append(f"  best plans: {_plans(part['plan_text'])}")
        if part and part["fits"] is False:
            name, more = part["model"]["name"], f"--{use}-chips asks for more of them"
            late = ", or none meets the objective" if use == "serve" else ""
            lines.append(f"  No plan of so many chips holds {name}{late}; {more}.")
    needs = [each for use in ("train", "serve") for each in answer.get(use, {}).get("needs", [])]
    if needs:
        unique = ", ".join(dict.fromkeys(needs))
        lines.append(f"Unknown; these figures would settle it (--but CHIP.FIELD=VALUE): {unique}")
    return [*lines, "Brackets are 80 % bands."] if lines else []


def _train_load(load: Mapping[str, Any]) -> str:
    return (
        f"Training: {load['chips']} chips, steps of {load['batch']} sequences of "
        f"{units.number(load['sequence'])} tokens, {load['precision']}, {load['stack']}."
    )


def _serve_load(load: Mapping[str, Any]) -> str:
    clients = f"{units.number(load['concurrency'])} clients" if "concurrency" in load else (
        "as many clients as meet the objective"
    )  # fmt: skip
    named = [name for name in ("ttft", "tpot") if name in load]
    limits = ", ".join(f"{name} {units.text(load[name], 's')}" for name in named)
    objective = f", objective {limits}" if limits else ""
    return (
        f"Serving: {load['chips']} chips, {clients}, {units.number(load['input'])} tokens in and "
        f"{units.number(load['output'])} out, {load['precision']}, {load['engine']}{objective}."
    )


def _plans(plans: Mapping[str, str]) -> str:
    return "; ".join(f"{chip} {text or 'none fits'}" for chip, text in plans.items())
