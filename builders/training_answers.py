"""Worked answers of `train`: four models on five chips, 512 to 32,768 of them, as a page.

    .venv/bin/python -m builders.training_answers docs/training-answers.md

Each row is what `chipassay train MODEL --chip CHIP --chips N --search` says, in 16 bits.
"""

from __future__ import annotations

import sys
from pathlib import Path

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
HEAD = """# Worked answers: what it takes to train

Made by `python -m builders.training_answers docs/training-answers.md`; each row is
`chipassay train MODEL --chip CHIP --chips N --tokens T --batch 16M --search` in 16 bits, with the
stack that the chip's maker usually trains with. Days hold failures and restarts; bands are 80 %.
How wrong such figures have been is in [training.md](training.md). A dash: no plan fits or divides.

| model | chip | chips | step, s | MFU | memory, GB | days (80 %) | energy, GWh | plan |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |
"""


def row(model: str, tokens: str, chip: str, count: int) -> str:
    """One line of the table."""
    try:
        answer = ask(
            task="train",
            model=model,
            chip=chip,
            chips=count,
            tokens=tokens,
            batch="16M",
            search=True,
        )
    except QuestionError:
        return f"| {model} | {chip} | {count} | - | - | - | - | - | - |"
    if answer.refusal:
        size = answer.memory_per_chip.value / factor("GB")
        return f"| {model} | {chip} | {count} | - | - | {size:.0f}, does not fit | - | - | - |"
    day = factor("day")
    days = answer.days
    span = f"{days.value / day:.4g} ({days.low / day:.4g} to {days.high / day:.4g})"
    cells = (
        model, chip, str(count), f"{answer.step_time.value:.4g}", f"{answer.mfu.value:.3f}",
        f"{answer.memory_per_chip.value / factor('GB'):.0f}", span,
        f"{answer.energy.value / factor('GWh'):.3g}", f"`{answer.plan_text}`",
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
    write_text(path, HEAD + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
