"""Whose fitted constants a chip gets: its own, or its nearest measured relatives', by rule.

The rule, nearest first: the chip itself; chips of the same core design; chips whose matrix unit is
fed the same way; chips of the same vendor; all. A constant that belongs to the memory (see the
fit's "by") looks for relatives with the same kind of memory instead.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from chipassay.catalogue.catalogue import Catalogue
from chipassay.errors import QuestionError
from chipassay.facts.fact import Entry

STEPS = 200.0
"""A table's bytes are logarithms in steps of 1/200."""
LEVELS = ("own", "design", "feed", "vendor", "all")
BASIS = {"own": "measured", "stack": "interpolated", "all": "assumed"}
"""What an answer calls a level; any other is "transferred"."""
STAND_INS = {
    "fp16": ("bf16",),
    "bf16": ("fp16",),
    "tf32": ("bf16",),
    "fp32": ("bf16",),
    "mxfp8": ("fp8_block", "fp8"),
    "mxfp4": ("nvfp4", "fp8"),
    "int8": ("fp8",),
    "fp8_block": ("fp8",),
    "nvfp4": ("fp8",),
    "fp8": ("bf16",),
    "w8a16": ("w4a16", "bf16"),
    "w4a16": ("w8a16", "bf16"),
}
"""Formats whose constants stand in where a format was never measured, the nearest first."""


class Request(NamedTuple):
    """Who asks: the software stack ("" for none in particular) and the chip."""

    stack: str
    chip: Entry
    catalogue: Catalogue


@dataclass(frozen=True, slots=True)
class Choice:
    """Constants, a correction table, and how far away they were found."""

    constants: dict[str, float]
    knots: tuple[Sequence[float], ...]
    table: tuple[tuple[float, str], ...]
    """Packed tables with their weights; their weighted logarithms add up."""
    level: str
    relatives: tuple[str, ...]
    format: str
    """The format that was measured: another than the one asked where that had no rows."""
    stacks: tuple[str, ...]

    @property
    def basis(self) -> str:
        """measured, interpolated, transferred or assumed."""
        return BASIS.get(self.level, "transferred")

    def table_values(self) -> Any:
        """The logarithms of the correction factor, one axis for each array of knots."""
        import numpy as np

        total = np.zeros([len(k) for k in self.knots])
        for weight, packed in self.table:
            steps = np.frombuffer(base64.b64decode(packed), np.int8).astype(float)
            total += weight / STEPS * steps.reshape(total.shape)
        return total


def chosen(file: Mapping[str, Any], form: str, request: Request) -> Choice:
    """The constants of a family's file for a chip at a format.

    Raises `QuestionError` where neither the format nor a stand-in for it was ever measured.
    """
    used = _format(file["formats"], form, request)
    record = file["formats"][used]
    level, relatives = _relatives(record, request)
    stacks = _stacks(record, request.stack, relatives, file.get("kin", {}))
    log = _common(record, stacks)
    for place, name in enumerate(file["constants"]):
        near = relatives
        if level not in ("own", "stack", "design") and file["by"].get(name) == "memory":
            near = _same_memory(record, request) or relatives
        log[place] += _mean(record["chips"][chip][place] for chip in near)
    cells = [record["cells"].get(f"{chip}|{stack}") for chip in relatives for stack in stacks]
    found = [cell for cell in cells if cell]
    if level in ("own", "stack", "design") and found:
        for place in range(len(log)):
            log[place] += _mean(cell["part"][place] for cell in found)
    constants = {name: math.exp(value) for name, value in zip(file["constants"], log, strict=True)}
    share = 1.0 if level in ("own", "stack", "design") else file["carried"]
    share = 0.0 if level == "all" else share
    tables = [cell["table"] for cell in found if "table" in cell]
    table = tuple((share / len(tables), packed) for packed in tables) if share else ()
    return Choice(constants, tuple(file["knots"]), table, level, relatives, used, stacks)


def _format(formats: Mapping[str, Any], form: str, request: Request) -> str:
    """The format asked, or the nearest that was measured."""
    queue = [form]
    for at in queue:
        if at in formats:
            return at
        queue += [other for other in STAND_INS.get(at, ()) if other not in queue]
    known = ", ".join(formats)
    problem = f"no kernel was measured in {form} or a format near it"
    raise QuestionError(problem, where=request.chip.id, hint=f"measured formats: {known}")


def _relatives(record: Mapping[str, Any], request: Request) -> tuple[str, tuple[str, ...]]:
    """The nearest level at which measured chips are found, and those chips."""
    catalogue, chip = request.catalogue, request.chip
    chips = list(record["chips"])
    if chip.id in chips and not chip.modified:
        has = not request.stack or f"{chip.id}|{request.stack}" in record["cells"]
        return ("own" if has else "stack"), (chip.id,)
    if chip.id in chips:
        return "design", (chip.id,)
    core, feed = catalogue.core_design(chip)
    entries = {id_: catalogue.chip_entry(id_) for id_ in chips}
    designs = {id_: catalogue.core_design(entry) for id_, entry in entries.items()}
    tests: list[tuple[str, Callable[[str], bool]]] = [
        ("design", lambda id_: bool(core) and designs[id_][0] == core),
        ("feed", lambda id_: bool(feed) and designs[id_][1] == feed),
        ("vendor", lambda id_: entries[id_].vendor == chip.vendor),
    ]
    for level, same in tests:
        near = tuple(id_ for id_ in chips if same(id_))
        if near:
            return level, near
    return "all", tuple(chips)


def _same_memory(record: Mapping[str, Any], request: Request) -> tuple[str, ...]:
    """Measured chips with the same kind of memory."""
    kind = memory_kind(request.chip)
    entries = {id_: request.catalogue.chip_entry(id_) for id_ in record["chips"]}
    return tuple(id_ for id_, entry in entries.items() if kind and memory_kind(entry) == kind)


def memory_kind(chip: Entry) -> str:
    """HBM, GDDR or LPDDR: the letters that the memory's name begins with; "" where unknown."""
    name = chip.text("memory_type").upper()
    return next((kind for kind in ("LPDDR", "GDDR", "HBM") if name.startswith(kind)), "")


def _stacks(
    record: Mapping[str, Any],
    stack: str,
    relatives: tuple[str, ...],
    kin: Mapping[str, Sequence[str]],
) -> tuple[str, ...]:
    """The stack asked where any chip ran under it; else those with the same kernels, else with the
    same software, else all that the relatives ran under.
    """
    known = tuple(record["stacks"])
    if stack in known:
        return (stack,)
    _, _, kernels = stack.partition("-")
    same = tuple(
        name
        for name in known
        if kernels and (name.endswith("-" + kernels) or name in kin.get(kernels, ()))
    )
    software = _software(stack)
    same = same or tuple(name for name in known if stack and _software(name) == software)
    if same:
        return same
    pairs = [(chip, name) for name in known for chip in relatives]
    under = tuple(
        dict.fromkeys(name for chip, name in pairs if f"{chip}|{name}" in record["cells"])
    )
    return under or known


def _software(stack: str) -> str:
    """The software of a stack's name, whatever kernels or cache it names besides."""
    return stack.replace("+", "-").split("-")[0].split("_")[0]


def _common(record: Mapping[str, Any], stacks: tuple[str, ...]) -> list[float]:
    """Base and stack parts."""
    return [
        base + _mean(record["stacks"][stack][place] for stack in stacks)
        for place, base in enumerate(record["base"])
    ]


def _mean(values: Any) -> float:
    numbers = list(values)
    return math.fsum(numbers) / len(numbers) if numbers else 0.0
