"""Worked answers of `train`: four models on five chips, 512 to 32,768 of them, as a page.

    .venv/bin/python -m builders.training_answers docs/training-answers.md

Each row is what `chipassay train MODEL --chip CHIP --chips N --search` says, in 16 bits; before
them stand published runs with their own plans, and by how much the answer is off.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from chipassay.errors import QuestionError
from chipassay.facts.compiled import write_text
from chipassay.inquiry import ask
from chipassay.units import factor

MODELS = {
    "gpt3-175b": "300B",
    "llama3.1-405b": "15.6T",
    "deepseek-v3": "14.8T",
    "megatron-1t": "20T",
}
"""Each model, and the tokens it is to see."""
CHIPS = ("h100-sxm5", "h800-sxm5", "h20-96gb", "a100-sxm-80gb", "ascend-910b2")
COUNTS = (512, 2048, 8192, 32768)


class Published(NamedTuple):
    """A figure that somebody printed about a run, and the question that asks for it."""

    run: str
    words: dict[str, Any]
    what: str
    figure: Callable[[Any], float]
    printed: float
    source: str


def _chip_hours(answer: Any) -> float:
    return float(answer.run["chip_time"].value) / factor("h") / factor("MB")


def _share(answer: Any) -> float:
    return float(answer.mfu_by_convention["full"])


def _step(answer: Any) -> float:
    return float(answer.step_time.value)


def _hours_between(answer: Any) -> float:
    return float(answer.run["between_failures"].value) / factor("h")


LLAMA = {
    "model": "llama3.1-405b", "chip": "h100-sxm5", "chips": 16384, "batch": 2048, "seq": 8192,
    "tokens": "15.6T", "stack": "llama3-trainer", "plan": "tp=8,pp=16,vp=8,zero=1,embedding=yes",
}  # fmt: skip
DEEPSEEK = {
    "model": "deepseek-v3", "chip": "h800-sxm5", "chips": 2048, "batch": 15360, "seq": 4096,
    "tokens": "14.8T", "stack": "hai-llm", "precision": "fp8_block",
    "plan": "pp=16,ep=64,zero=1,schedule=dualpipe,recompute=selective,mtp=1,last=1",
}  # fmt: skip


def _megatron(model: str, chips: int, batch: int, plan: str) -> dict[str, Any]:
    return {
        "model": model, "chip": "a100-sxm-80gb", "chips": chips, "batch": batch, "seq": 2048,
        "tokens": "300B", "stack": "megatron-lm", "plan": plan, "precision": "fp16",
    }  # fmt: skip


LLAMA_PAPER, CARD = "arXiv:2407.21783", "model card, Llama 3.1 405B"
KORTHIKANTI = "arXiv:2205.05198, table 5"
PUBLISHED = (
    Published("Llama 3.1 405B, 16,384 H100", LLAMA, "MFU (`full`)", _share, 0.41, LLAMA_PAPER),
    Published("", {**LLAMA, "chips": 8192}, "MFU on 8,192", _share, 0.43, LLAMA_PAPER),
    Published("", LLAMA, "million chip hours", _chip_hours, 30.84, CARD),
    Published("", LLAMA, "hours between stops", _hours_between, 54 * 24 / 419, LLAMA_PAPER),
    Published("DeepSeek-V3, 2,048 H800, 14.8 T tokens", DEEPSEEK, "million chip hours",
              _chip_hours, 2.664, "arXiv:2412.19437"),
    Published("GPT-3 175B, 64 A100", _megatron("megatron-175b", 64, 64,
              "tp=8,pp=8,vp=3,recompute=selective,sp=yes"),
              "seconds a step", _step, 13.75, KORTHIKANTI),
    Published("", _megatron("megatron-175b", 64, 64, "tp=8,pp=8,vp=3,recompute=full,sp=no"),
              "all recomputed", _step, 18.13, KORTHIKANTI),
    Published("GPT 530B, 280 A100", _megatron("megatron-530b", 280, 280,
              "tp=8,pp=35,vp=3,recompute=selective,sp=yes"),
              "seconds a step", _step, 37.83, KORTHIKANTI),
    Published("GPT 1T, 512 A100", _megatron("megatron-1t", 512, 512,
              "tp=8,pp=64,recompute=selective,sp=yes"),
              "seconds a step", _step, 71.49, KORTHIKANTI),
)  # fmt: skip
HEAD = """# Worked answers: what it takes to train

Made by `python -m builders.training_answers docs/training-answers.md`.

## Beside published runs

Each is one command with the plan that was printed, as far as it was:

    {llama}

    {deepseek}

(`vp=8` there, and `last=1` here, are ours: they level the stages.)

| run | what | printed | here (80 %) | off | memory, GB | source |
| --- | --- | ---: | ---: | ---: | ---: | --- |
{published}

The fit has seen these steps; what it says of models it has not seen is in
[training.md](training.md). Chip hours hold failures and restarts at this model's own rates; what a
publication counts among its hours is seldom said. Memory is that of the fullest chip by this model,
of the 85.9 GB that a chip of "80 GB" holds. DeepSeek's report has norms and up-projections computed
again, which is `recompute=selective` here.

## Any of them on any of five chips

Each row is `chipassay train MODEL --chip CHIP --chips N --tokens T --batch 16M --search` in 16
bits, with the stack that the chip's maker usually trains with. Tokens:
{tokens}.
Days hold failures and restarts; bands are 80 %. Words that are as the stack has them are left out
of a plan. A dash: no plan fits or divides. †: nobody measured that stack on that core design, so
that constants of its kin stand in and bands are wider.

| model | chip | chips | step, s | MFU | memory, GB | days (80 %) | GWh | M USD | plan |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |
"""
USUAL = ("zero=1", "sp=yes", "recompute=none", "schedule=1f1b", "embedding=yes", "mbs=1")


def command(words: dict[str, Any]) -> str:
    """The question as it is typed."""
    rest = {name: value for name, value in words.items() if name != "model"}
    options = " ".join(f"--{name} {value}" for name, value in rest.items())
    return f"chipassay train {words['model']} {options}"


def published() -> list[str]:
    """One line for each printed figure."""
    lines = []
    for one in PUBLISHED:
        answer = ask(task="train", **one.words)
        here = one.figure(answer)
        low, high = (one.figure(_End(answer, end)) for end in ("low", "high"))
        off = f"{100 * (here / one.printed - 1):+.1f} %"
        band = f"{here:.3g} ({min(low, high):.3g} to {max(low, high):.3g})"
        size = f"{answer.memory_per_chip.value / factor('GB'):.0f}"
        cells = (one.run, one.what, f"{one.printed:.3g}", band, off, size, one.source)
        lines.append("| " + " | ".join(cells) + " |")
    return lines


class _End:
    """An answer whose quantities are the ends of their bands."""

    def __init__(self, answer: Any, end: str) -> None:
        step = answer.step_time.value / getattr(answer.step_time, end)
        self.step_time = _One(getattr(answer.step_time, end))
        self.mfu_by_convention = {k: v * step for k, v in answer.mfu_by_convention.items()}
        names = ("chip_time", "between_failures")
        self.run = {name: _One(getattr(answer.run[name], end)) for name in names}


class _One(NamedTuple):
    value: float


def _days(seconds: float) -> str:
    days = seconds / factor("day")
    return f"{days:,.0f}" if days >= 100.0 else f"{days:.3g}"


def row(model: str, tokens: str, chip: str, count: int) -> str:
    """One line of the table."""
    words = {"model": model, "chip": chip, "chips": count, "tokens": tokens, "batch": "16M"}
    try:
        answer = ask(task="train", search=True, **words)
    except QuestionError:
        return f"| {model} | {chip} | {count} | - | - | - | - | - | - | - |"
    if answer.refusal:
        size = answer.memory_per_chip.value / factor("GB")
        return f"| {model} | {chip} | {count} | - | - | {size:.0f}, too much | - | - | - | - |"
    days, cost = answer.days, answer.cost
    middle, low, high = (_days(each) for each in (days.value, days.low, days.high))
    span = f"{middle} ({low} to {high})"
    money = f"{cost.value / factor('MB'):.3g}" if cost.value > 0 else "unknown"
    plan = ",".join(word for word in answer.plan_text.split(",") if word not in USUAL)
    mark = "" if answer.step_time.basis == "interpolated" else " †"
    cells = (
        model, f"{chip}{mark}", f"{count:,}", f"{answer.step_time.value:.4g}",
        f"{answer.mfu.value:.3f}", f"{answer.memory_per_chip.value / factor('GB'):.0f}", span,
        f"{answer.energy.value / factor('GWh'):.3g}", money, f"`{plan}`",
    )  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def main(path: Path) -> None:
    """Write the page."""
    lines = [
        row(model, tokens, chip, count)
        for model, tokens in MODELS.items()
        for chip in CHIPS
        for count in COUNTS
    ]
    tokens = ", ".join(f"{count} for {model}" for model, count in MODELS.items())
    head = HEAD.format(
        llama=command(LLAMA), deepseek=command(DEEPSEEK), published="\n".join(published()),
        tokens=tokens,
    )  # fmt: skip
    write_text(path, head + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
