"""The text of a serving answer: how fast, does it fit; then pools, memory, the frontier."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from chipassay import units
from chipassay.records.answer import Quantity

MakeTable = Callable[..., Table]


def serve_parts(answer: Mapping[str, Any], table: MakeTable) -> Iterator[Any]:
    """Verdict, figures, pools, what fills the memory, the frontier."""
    yield Text(_verdict(answer), style="bold" if answer["fits"] else "bold red")
    if answer["fits"]:
        yield _figures(answer, table)
    if "pools" in answer:
        yield _pools(answer["pools"], table)
    else:
        yield _memory(answer, table)
    if answer.get("curve"):
        yield _curve(answer["curve"], table)
    if answer.get("points"):
        yield _points(answer["points"], table)


def _verdict(answer: Mapping[str, Any]) -> str:
    who = f"{answer['model']['name']} on {_whose(answer)}"
    if not answer["fits"]:
        poorest = min(_memories(answer), key=lambda each: each[1] - each[0])
        size, room = (units.text(each, "B", digits=3) for each in poorest)
        return f"{who}: does not fit, {size} of {room} a chip; it would {answer['would_fit']}"
    rate = _span(answer["output_tokens_per_s_per_chip"])
    found = f"{who}: {rate} output tokens a second and chip; bound by {answer['bound_by']}"
    smallest = answer.get("smallest")
    if smallest and smallest["carried"]:
        return f"{answer['chips']} chips are the fewest that carry the load\n{found}"
    if smallest:
        most = smallest["to"]
        return f"no fleet of up to {most} chips carries the load; the nearest:\n{found}"
    return found


def _whose(answer: Mapping[str, Any]) -> str:
    if "pools" not in answer:
        return f"{answer['chips']} {answer['chip']['name']}"
    return ", ".join(
        f"{each['chips']} {each['chip']['name']} ({each['role']})" for each in answer["pools"]
    )


def _memories(answer: Mapping[str, Any]) -> list[tuple[float, float]]:
    """Bytes that a chip must hold beside the cache, and its capacity, pool by pool."""
    places = answer.get("pools") or [answer]
    return [
        (sum(v for k, v in each["memory_parts"].items() if k != "cache"), each["memory_capacity"])
        for each in places
    ]


def _figures(answer: Mapping[str, Any], table: MakeTable) -> Table:
    made = table("", "value (80 % band)", "basis", numbers=(1,))
    rows = (
        *_latency("time to first token", answer["ttft"]),
        *_latency("time per output token", answer["tpot"]),
        *_latency("whole answer", answer["end_to_end"]),
        ("output tokens a second and chip", answer["output_tokens_per_s_per_chip"]),
        ("output tokens a second of a user", answer["tokens_per_s_per_user"]),
        ("requests a second, all chips", answer["requests_per_s"]),
        ("power of a chip", answer["power_per_chip"]),
        ("energy of an output token, at the meter", answer["energy_per_output_token"]),
        (f"a million output tokens{_money(answer)}", answer["cost_per_million_output_tokens"]),
    )
    for title, quantity in rows:
        made.add_row(title, _span(quantity), quantity.basis if _known(quantity) else "")
    for title, words, about in _words(answer):
        made.add_row(title, words, about)
    return made


def _words(answer: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What is no prediction: the load, the plan, how the run went."""
    yield "load", _load(answer["load"]), ""
    text = answer["plan_text"]
    yield "plan", "two pools, below" if "pools" in answer else text, answer["engine"]["name"]
    if "simulation" in answer:
        house = answer["simulation"]
        yield "simulated", _simulated(house), house["routing"] if house["replicas"] > 1 else ""
        yield "requests queued, running", f"{house['queued']:.1f}, {house['running']:.1f}", ""
        if house["prefix_hits"]:
            yield "prompt tokens found in the cache", f"{100 * house['prefix_hits']:.1f} %", ""
        if house["preemptions"]:
            yield "preempted", f"{house['preemptions']} times", ""
        if "attainment" in house:
            yield "requests within the objective", f"{100 * house['attainment']:.1f} %", ""
    if "goodput" in answer:
        holds = answer["goodput"]["requests_per_s"]
        yield "objective holds up to, requests a second", _span(holds), holds.basis
    formats = answer["formats"]
    yield "formats", f"weights {formats['experts']}, cache {formats['cache']}", ""
    if answer["needs"]:
        yield "would settle what is unknown", "; ".join(answer["needs"]), ""
    if answer["speculation"]["drafts"]:
        each = answer["speculation"]
        yield (
            "tokens of a step, guessed",
            f"{each['tokens_per_step']:.2f} of {each['drafts'] + 1:.0f}",
            "",
        )


def _load(load: Mapping[str, Any]) -> str:
    asked = (
        f"{load['rate']:.4g} requests/s" if "rate" in load else f"{load['concurrency']:g} clients"
    )
    found = f"{asked}, {load['input']:.4g} in, {load['output']:.4g} out"
    if "turns" in load:
        found += f", {load['turns']:g} turns"
    if "known" in load:
        found += f", {load['known']:.4g} known"
    return found + (f", bursts {load['burst']:g}" if "burst" in load else "")


def _simulated(house: Mapping[str, Any]) -> str:
    part = f"{house['requests']} requests"
    if house["whole"] > 1:
        part += f", {house['replicas']} replicas of {house['replicas'] * house['whole']:.0f}"
    return part


def _money(answer: Mapping[str, Any]) -> str:
    basis = answer["cost_basis"]
    if basis["kind"] == "unknown":
        return ""
    dates = [each["date"] for each in basis["quotes"] if each and each["date"]]
    name = "rented" if basis["kind"] == "rent" else "owned"
    return f", {name}" + (f" ({', '.join(dict.fromkeys(dates))})" if dates else "")


def _latency(name: str, of: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The mean, and where requests were simulated the percentiles; else without the first wave."""
    shares = (("p50", "median"), ("p90", "90 of 100"), ("p99", "99 of 100"))
    tail = [(f"… {word}", of[key]) for key, word in shares if key in of]
    steady = [("… after the first wave", of["steady"])] if "steady" in of and not tail else []
    return [(f"{name}, mean", of["mean"]), *steady, *tail]


def _known(quantity: Quantity) -> bool:
    return quantity.value == quantity.value


def _span(quantity: Quantity) -> str:
    """A value with its band in one unit: `44 ms (33 to 67)`."""
    if not _known(quantity):
        return "unknown"
    value, low, high = quantity.value, quantity.low, quantity.high
    if quantity.unit == "1/s":
        return f"{_three(value)} ({_three(low)} to {_three(high)})"
    unit = _unit(quantity.value, quantity.unit)
    shown = (_three(each / units.factor(unit)) for each in (value, low, high))
    return "{} {} ({} to {})".format(next(shown), unit, *shown)


def _unit(value: float, unit: str) -> str:
    """Milliseconds below ten seconds, then seconds; watts, joules and dollars as they are."""
    return "ms" if unit == "s" and value < 10.0 else unit


def _three(value: float) -> str:
    return f"{value:,.0f}" if value >= 100.0 else f"{value:.3g}"


def _pools(pools: Any, table: MakeTable) -> Table:
    made = table("pool", "chips", "plan", "bound by", "tokens/s/chip", "in use", numbers=(4, 5))
    for each in pools:
        fills = each["role"] == "prefill"
        rate = each["input_tokens_per_s_per_chip" if fills else "output_tokens_per_s_per_chip"]
        done = f"{_span(rate)} {'in' if fills else 'out'}" if _known(rate) else "unknown"
        used = f"{100 * each['busy' if fills else 'seats_taken']:.0f} %"
        used += f" of {'time' if fills else 'seats'}"
        degrees = ",".join(f"{k}={v}" for k, v in each["plan"].items() if v > 1) or "tp=1"
        made.add_row(
            each["role"], f"{each['chips']} {each['chip']['name']}, {each['engine']['name']}",
            degrees, each["bound_by"], done, used if _known(rate) else "",
        )  # fmt: skip
    return made


def _memory(answer: Mapping[str, Any], table: MakeTable) -> Table:
    made = table("memory of a chip", "", numbers=(1,))
    for name, value in answer["memory_parts"].items():
        made.add_row(name, units.text(value, "B", digits=3))
    made.add_row("cache holds", f"{answer['cache']['capacity_tokens']:,.0f} tokens")
    made.add_row("in use", f"{answer['cache']['held_tokens']:,.0f} tokens")
    return made


def _curve(points: Any, table: MakeTable) -> Table:
    heads = ("TTFT, median", "99 of 100", "TPOT, median", "99 of 100")
    made = table("requests/s", *heads, numbers=(0, 1, 2, 3, 4))
    for point in points:
        each = [point[name][share] for name in ("ttft", "tpot") for share in ("p50", "p99")]
        made.add_row(f"{point['rate']:.3g}", *(units.text(t, "s", digits=3) for t in each))
    return made


def _points(points: Any, table: MakeTable) -> Table:
    made = table("tokens/s/user", "tokens/s/chip", "clients", "TTFT", "plan", numbers=(0, 1, 2, 3))
    for point in points:
        made.add_row(
            f"{point['tokens_per_s_per_user']:.1f}",
            f"{point['tokens_per_s_per_chip']:.1f}",
            f"{point['concurrency']:.0f}",
            units.text(point["ttft"], "s", digits=3),
            point["plan"],
        )
    return made
