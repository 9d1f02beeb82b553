"""Worked answers of `serve`: two models on four chips, 8 and 16 of them, as a page.

    .venv/bin/python -m builders.serving_answers docs/serving-answers.md

Each row is what `chipassay serve … --frontier` says; the best point under an objective is asked
again with its plan and its clients, for energy and money. Then the winners, counted from the rows,
and published figures of H20 beside what is predicted for their own plan and load.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from chipassay.errors import QuestionError
from chipassay.facts.compiled import write_text
from chipassay.inquiry import ask

MODELS = {"llama3.1-70b": "Llama-3.1-70B", "deepseek-r1": "DeepSeek-R1"}
CHIPS = ("h20-96gb", "h100-sxm5", "h200-sxm", "ascend-910b2")
EIGHT_BITS = {"ascend-910b2": "int8"}
"""What a chip without 8-bit floating point serves in 8 bits."""
COUNTS = (8, 16)
INPUT, OUTPUT, PROMPT, SHORT = 2048, 1024, 4096, 32
NAN = math.nan
FIRST = 5.0
OBJECTIVES = (0.1, 0.05, 0.025)
"""Seconds a token; the first token within five seconds."""
LEVEL = 1.05
SHOWN = {"tokens": "a chip", "dollar": "a dollar", "joule": "a joule"}


class Row(NamedTuple):
    """The best of a chip under an objective; NaN where none holds."""

    model: str
    chip: str
    chips: int
    precision: str
    tpot: float
    tokens: float
    low: float
    high: float
    clients: float
    plan: str
    dollar: float
    """Million output tokens for a dollar."""
    joule: float
    """Output tokens for a joule at the meter."""


def precision_of(chip: str, wide: bool) -> str:
    """The weights' format on a chip."""
    return "bf16" if wide else EIGHT_BITS.get(chip, "fp8")


def asked(model: str, chip: str, chips: int, precision: str, **more: Any) -> Any:
    """An answer of `serve`; None where the model does not fit or no plan is possible."""
    words = {"input": str(INPUT), "output": str(OUTPUT), **more}
    try:
        answer = ask(task="serve", model=model, chip=chip, chips=str(chips), precision=precision,
                     **words)  # fmt: skip
    except QuestionError:
        return None
    return answer if answer.fits else None


def rows(model: str, wide: bool, tokens: int = INPUT) -> Iterator[Row]:
    """Every chip, number of chips and objective, for prompts of so many tokens."""
    for chips in COUNTS:
        for chip in CHIPS:
            form, size = precision_of(chip, wide), {"input": str(tokens)}
            answer = asked(model, chip, chips, form, frontier=True, **size)
            points = answer.answer["points"] if answer is not None else []
            for tpot in OBJECTIVES:
                blank = Row(model, chip, chips, form, tpot, NAN, NAN, NAN, NAN, "-", NAN, NAN)
                yield _best(blank, points, size)


def _best(blank: Row, points: Any, size: dict[str, str]) -> Row:
    """The point with the most tokens a chip within the objective, asked again; else a blank."""
    good = [p for p in points if p["tpot"] <= blank.tpot and p["ttft"] <= FIRST]
    if not good:
        return blank
    best = max(good, key=lambda p: p["tokens_per_s_per_chip"])
    clients, plan = best["concurrency"], best["plan"]
    words = {**size, "plan": plan, "concurrency": f"{clients:g}"}
    answer = asked(blank.model, blank.chip, blank.chips, blank.precision, **words)
    rate = answer.output_tokens_per_s_per_chip
    return blank._replace(
        tokens=rate.value, low=rate.low, high=rate.high, clients=clients, plan=plan,
        dollar=1.0 / answer.cost_per_million_output_tokens.value,
        joule=1.0 / answer.energy_per_output_token.value,
    )  # fmt: skip


def prefill(model: str, wide: bool) -> Iterator[Row]:
    """Prompts whose answer is one token, per input token."""
    for chips in COUNTS:
        for chip in CHIPS:
            form = precision_of(chip, wide)
            blank = Row(model, chip, chips, form, NAN, NAN, NAN, NAN, NAN, "-", NAN, NAN)
            answer = asked(model, chip, chips, form, input=str(PROMPT), output="1")
            if answer is None:
                yield blank
                continue
            rate, each = answer.requests_per_s, PROMPT / answer.chips
            yield blank._replace(
                tokens=each * rate.value, low=each * rate.low, high=each * rate.high,
                clients=answer.load["concurrency"], plan=answer.plan_text,
                dollar=PROMPT / answer.cost_per_million_output_tokens.value,
                joule=PROMPT / answer.energy_per_output_token.value,
            )  # fmt: skip


def number(value: float, digits: int = 3) -> str:
    """Three digits; a dash for what is unknown or does not fit."""
    if math.isnan(value):
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.{digits}g}"


def coded(plan: str) -> str:
    """A plan as code; a dash as it is."""
    return plan if plan == "-" else f"`{plan}`"


def decode_table(found: list[Row]) -> Iterator[str]:
    """One line for each chip, number of chips and objective."""
    yield (
        "| chips | chip | format | TPOT within | tokens/s/chip (80 %) | clients | USD a million | "
        "J a token | plan |"
    )
    yield "| ---: | --- | --- | ---: | ---: | ---: | ---: | ---: | --- |"
    for each in found:
        span = "-"
        if not math.isnan(each.tokens):
            span = f"{number(each.tokens)} ({number(each.low)} to {number(each.high)})"
        cells = (
            str(each.chips), each.chip, each.precision, f"{each.tpot * 1e3:g} ms", span,
            number(each.clients), number(1 / each.dollar), number(1 / each.joule), coded(each.plan),
        )  # fmt: skip
        yield "| " + " | ".join(cells) + " |"


def winners(found: list[Row]) -> Iterator[str]:
    """Who is first, and how far before H20, the first of the list."""
    for chips in COUNTS:
        for tpot in dict.fromkeys(row.tpot for row in found):
            same = [r for r in found if r.chips == chips and r.tpot is tpot]
            same = [r for r in same if not math.isnan(r.tokens)]
            if same:
                parts = [_winner(same, field) for field in SHOWN]
                within = "" if math.isnan(tpot) else f", {tpot * 1e3:g} ms"
                yield f"- {chips} chips{within}: {'; '.join(filter(None, parts))}."


def _winner(same: list[Row], field: str) -> str:
    known = [row for row in same if not math.isnan(getattr(row, field))]
    if not known:
        return ""
    first = max(known, key=lambda row: float(getattr(row, field)))
    base = next((row for row in known if row.chip == CHIPS[0]), None)
    if base is None:
        return f"{SHOWN[field]} {first.chip} (H20 holds it not)"
    if first is base:
        rest = sorted(
            (float(getattr(row, field)) for row in known if row is not base), reverse=True
        )
        ahead = f", {float(getattr(base, field)) / rest[0]:.2g} times the next" if rest else ""
        return f"{SHOWN[field]} {first.chip}{ahead}"
    times = float(getattr(first, field)) / float(getattr(base, field))
    if times < LEVEL:
        return f"{SHOWN[field]} {first.chip}, hardly before H20"
    return f"{SHOWN[field]} {first.chip}, {times:.2g} times H20"


def prefill_table(found: list[Row]) -> Iterator[str]:
    """Prompts alone."""
    yield "| chips | chip | input tokens/s/chip (80 %) | USD a million | J a token | plan |"
    yield "| ---: | --- | ---: | ---: | ---: | --- |"
    for each in found:
        span = "-"
        if not math.isnan(each.tokens):
            span = f"{number(each.tokens)} ({number(each.low)} to {number(each.high)})"
        cells = (
            str(each.chips), each.chip, span, number(1 / each.dollar), number(1 / each.joule),
            coded(each.plan),
        )  # fmt: skip
        yield "| " + " | ".join(cells) + " |"


class Published(NamedTuple):
    """A public figure of H20, and the words that ask for the same."""

    what: str
    source: str
    value: float
    unit: str
    words: dict[str, str]
    take: str


BLOG = "SGLang with Ant Group, lmsys.org, 26 September 2025"
WIDE = "prefill=h20-96gb*256:tp=8,decode=h20-96gb*16:dp=16:ep=16"
RUNS = {"input": "4096", "output": "1536", "engine": "sglang", "chips": "272", "precision": "fp8"}


def decoding(clients: int, drafts: int, value: float) -> Published:
    """A figure of the pool that decodes, on 16 chips."""
    what = f"decode, ep=16, {clients // 16} clients a chip, mtp={drafts}, tokens/s/chip"
    words = RUNS | {"plan": f"{WIDE},mtp={drafts}", "concurrency": str(clients)}
    return Published(what, BLOG, value, "1/s", words, "decode")


PUBLISHED = (
    Published("prefill, tp=8, tokens in a second of a node", BLOG, 16500.0, "1/s",
              {"input": "4096", "output": "1", "chips": "8", "plan": "tp=8", "engine": "sglang",
               "concurrency": "64", "precision": "fp8"}, "input"),
    *(decoding(*each) for each in ((768, 1, 714.0), (512, 1, 675.0), (192, 2, 423.0))),
    Published("11 clients, tp=8, 4-bit weights, tokens/s", "bytedance-iaas/vllm issue 93", 183.6,
              "1/s", {"input": "3500", "output": "1500", "chips": "8", "plan": "tp=8,kv=fp8",
                      "engine": "vllm", "concurrency": "11", "precision": "w4a16"}, "output"),
    Published("the same, time per token", "bytedance-iaas/vllm issue 93", 0.0519, "s",
              {"input": "3500", "output": "1500", "chips": "8", "plan": "tp=8,kv=fp8",
               "engine": "vllm", "concurrency": "11", "precision": "w4a16"}, "tpot"),
)  # fmt: skip


def taken(of: Published) -> Any:
    """The predicted figure as low, value, high."""
    answer = ask(task="serve", model="deepseek-r1", chip="h20-96gb", **of.words)
    if of.take == "tpot":
        found, times = answer.tpot.mean, 1.0
    elif of.take == "decode":
        found, times = answer.answer["pools"][1]["output_tokens_per_s_per_chip"], 1.0
    elif of.take == "input":
        found, times = answer.requests_per_s, float(of.words["input"])
    else:
        found, times = answer.output_tokens_per_s_per_chip, float(of.words["chips"])
    return times * found.low, times * found.value, times * found.high


def command(words: dict[str, str]) -> str:
    """The question as it is typed."""
    options = " ".join(f"--{name} {value}" for name, value in words.items())
    return f"chipassay serve deepseek-r1 --chip h20-96gb {options}"


def published_table() -> Iterator[str]:
    """Public figures of H20 beside what is predicted for their plan and load."""
    yield "| what | published | predicted (80 %) | over published | source |"
    yield "| --- | ---: | ---: | ---: | --- |"
    for each in PUBLISHED:
        low, value, high = taken(each)
        scale, unit = (1e3, " ms") if each.unit == "s" else (1.0, "")
        span = f"{number(scale * value)}{unit} ({number(scale * low)} to {number(scale * high)})"
        yield (f"| {each.what} | {number(scale * each.value)}{unit} | {span} | "
               f"{value / each.value:.2f} | {each.source} |")  # fmt: skip
    yield ""
    yield from (f"    {command(each.words)}" for each in PUBLISHED)


PUBLISHED_HEAD = """DeepSeek-R1. No kernel and no host time was fitted to these figures; the chances
that guessed tokens are taken come from the same post. Its decode figures are of a pool that prompts
are fed to from elsewhere: so many prefill workers are asked for that they never bind."""

HEAD = f"""# Worked answers: who serves what best

Made by `python -m builders.serving_answers docs/serving-answers.md`. Prompts of {INPUT} tokens,
answers of {OUTPUT}, a closed loop of clients, the engine that the chip's maker usually runs. Each
row is the point of

    chipassay serve MODEL --chip CHIP --chips N --input {INPUT} --output {OUTPUT} \\
        --precision FORMAT --frontier

with the most tokens a chip while a token comes within the objective and the first within
{FIRST:g} seconds, asked again with `--plan PLAN --concurrency CLIENTS` for energy and money. Bands
are 80 %. A dash: it does not fit, or no number of clients meets the objective. Money is rent where
a quote with a date is known, else a share of a server; energy is at the meter. How wrong such
figures have been is in [serving.md](serving.md); power was fitted on one kind of chip
([simulation.md](simulation.md)).
"""


def section(model: str, wide: bool) -> Iterator[str]:
    """One model in one width of weights."""
    found, fills = list(rows(model, wide)), list(prefill(model, wide))
    yield f"## {MODELS[model]}, {'16' if wide else '8'} bits"
    parts = {
        f"Prompts of {INPUT} tokens and their answers:": decode_table(found),
        "First by what is counted:": winners(found),
        f"Prompts alone ({PROMPT} tokens, `--output 1`, 16 clients a chip):": prefill_table(fills),
        "First at prompts:": winners(fills),
        f"First at decoding (the same with prompts of {SHORT} tokens):": winners(
            list(rows(model, wide, SHORT))
        ),
    }
    for title, lines in parts.items():
        yield from ("", title, "", *lines)
    yield ""


def main(path: Path) -> None:
    """Write the page."""
    lines = [HEAD]
    for model, wide in (("llama3.1-70b", True), ("llama3.1-70b", False), ("deepseek-r1", False)):
        lines += section(model, wide)
    lines += ["## Published figures of H20", "", PUBLISHED_HEAD, ""]
    write_text(path, "\n".join([*lines, *published_table()]) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
