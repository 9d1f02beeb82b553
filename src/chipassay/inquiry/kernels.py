"""A kind of kernel on a chip: whose constants it has, the time it takes, and how sure that is."""

from __future__ import annotations

import bisect
import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from chipassay.catalogue import chips
from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.kernel_fits import Choice, Request, chosen
from chipassay.errors import QuestionError, UnknownNameError
from chipassay.facts.fact import Entry
from chipassay.facts.kernel_file import load, load_without
from chipassay.model.kernels.correction import Correction, correction, factor, factor_of_one
from chipassay.model.kernels.families import Family, family
from chipassay.model.kernels.floors import floor_time, impossible, least, roofline
from chipassay.model.kernels.silicon import MATRIX_RATES, silicon
from chipassay.records.answer import Basis, Quantity
from chipassay.records.silicon import Silicon
from chipassay.units import factor as unit

SIZE_EDGES = (10 * unit("us"), 50 * unit("us"), unit("ms"))
"""Bands are told for kernels up to 10 us, 50 us, 1 ms, and longer ones."""
WITHOUT_MATRIX = ("pointwise", "collectives", "direct_all_reduce", "dispatch")
"""Families that move numbers and multiply no matrices: any chip does them in any format."""
NEITHER = (-0.7, 0.7)
"""Logarithmic band where no chip was ever left out of a fit: a factor of two either way."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """One kind of kernel on one chip at one format under one software stack."""

    family: Family
    silicon: Silicon
    constants: Any
    table: Correction | None
    choice: Choice
    bands: tuple[tuple[float, float], ...]
    """[low, high] of log(measured / predicted) by size class."""

    def time(self, shape: Any) -> Any:
        """Seconds; numbers or columns, as the shape has them."""
        seconds = self.family.time(self.silicon, shape, self.constants)
        if self.table is not None:
            seconds = seconds * factor(self.table, self.family.coordinates(shape))
        return np.maximum(seconds, self.floor(shape))

    def one(self, shape: Any) -> float:
        """As `time`, for a shape of plain numbers: no columns, a few microseconds."""
        seconds: float = self.family.time.scalar(self.silicon, shape, self.constants)
        if self.table is not None:
            seconds *= factor_of_one(self.table, self.family.coordinates(shape))
        floor = floor_time.scalar(self._rates(), least(self.family.name, shape))
        return max(seconds, float(floor))

    def impossible(self, shape: Any, seconds: Any) -> Any:
        """Whether measured times are shorter than the chip's published figures allow."""
        return impossible(self._rates(), least(self.family.name, shape), seconds)

    def _rates(self) -> Silicon:
        """The chip's rates; one without a matrix rate may still move numbers."""
        if self.family.name in WITHOUT_MATRIX:
            return self.silicon._replace(matrix=np.inf)
        return self.silicon

    def least(self, shape: Any) -> Any:
        """What there is to do: FLOP; bytes or seconds on the links where it multiplies nothing."""
        found = least(self.family.name, shape)
        if self.family.name not in WITHOUT_MATRIX:
            return found.work
        return np.maximum(found.size, found.links)

    def roofline(self, shape: Any) -> Any:
        """What a plain roofline says of the shape: the peer to compare with."""
        return roofline(self._rates(), least(self.family.name, shape)) + 0.0 * self.floor(shape)

    def floor(self, shape: Any) -> Any:
        """What no kernel of this shape can beat on this chip."""
        return floor_time(self._rates(), least(self.family.name, shape))

    def band(self, seconds: Any) -> tuple[Any, Any]:
        """The 80 % band around predicted seconds."""
        place = np.digitize(seconds, SIZE_EDGES)
        low, high = (np.exp(np.array(side))[place] for side in zip(*self.bands, strict=True))
        return seconds * low, seconds * high

    def quantity(self, shape: Any) -> Quantity:
        """One shape's time as an answer has it."""
        seconds = float(self.one(shape))
        low, high = self.bands[bisect.bisect_right(SIZE_EDGES, seconds)]
        basis = cast(Basis, self.choice.basis)
        return Quantity(seconds, seconds * math.exp(low), seconds * math.exp(high), "s", basis)


def kernel(
    name: str,
    chip: Entry,
    catalogue: Catalogue,
    form: str,
    stack: str = "",
    *,
    without: str = "",
) -> Kernel:
    """The kernel of a family. `without`: a chip's id whose rows must not have been looked at.

    Raises `QuestionError` where the chip has no units for the format, or nobody knows it.
    """
    if form not in MATRIX_RATES:
        known = ", ".join(MATRIX_RATES)
        raise UnknownNameError("number format", form, MATRIX_RATES, hint=f"known: {known}")
    numbers = chips.numbers(chip)
    about = silicon(numbers, form)
    if name not in WITHOUT_MATRIX:
        _refuse_missing(about, chip, form)
    file = load(name)
    formats = file["formats"]
    if without:
        formats = formats | load_without(name)["formats"].get(without, {})
        formats = {key: fit for key, fit in formats.items() if without not in fit["chips"]}
    choice = chosen({**file, "formats": formats}, form, Request(stack, chip, catalogue))
    kind = family(name)
    table = None
    if choice.table:
        table = correction(choice.knots, choice.table_values())
    if choice.level in SAME_CORE:
        about = about._replace(fed=_pace(choice.relatives, form))
    bands = bands_of(file["bands"].get(choice.format, {}), choice.level)
    return Kernel(kind, about, kind.constants(**choice.constants), table, choice, bands)


SAME_CORE = ("own", "stack", "design")
"""Levels at which constants come from cores of the same design."""


@functools.cache
def _pace(relatives: tuple[str, ...], form: str) -> float:
    """FLOP of a core in a clock on the chips that constants come from, as those really are."""
    shipped = Catalogue.shipped()
    each = [silicon(chips.numbers(shipped.chip_entry(id_)), form) for id_ in relatives]
    found = [math.log(float(s.matrix / (s.cores * s.clock))) for s in each if s.matrix > 0]
    return math.exp(math.fsum(found) / len(found)) if found else 0.0


def bands_of(found: dict[str, Sequence[float]], level: str) -> tuple[tuple[float, float], ...]:
    """A level's bands. Between a chip's own and those of chips left out stands the core's twin.

    No table has two chips of one core design, so that band is the geometric mean of the two.
    """
    own, far = found.get("own"), found.get("far")
    wide = far or [*NEITHER] * (len(SIZE_EDGES) + 1)
    if level == "own" and own:
        flat = own
    elif level in ("design", "stack") and own:
        flat = [(a + b) / 2 for a, b in zip(own, wide, strict=True)]
    else:
        flat = wide
    return tuple(zip(flat[0::2], flat[1::2], strict=True))


def _refuse_missing(about: Silicon, chip: Entry, form: str) -> None:
    if np.isnan(about.matrix):
        has = ", ".join(f for f in MATRIX_RATES if not np.isnan(_rate(chip, f)))
        problem = f"{chip.id} has no published matrix rate in {form}"
        raise QuestionError(problem, where=chip.id, hint=f"it has {has or 'none at all'}")
    if np.isnan(about.memory) or np.isnan(about.cores):
        lacking = "memory_bandwidth" if np.isnan(about.memory) else "cores"
        words = {"memory_bandwidth": "memory bandwidth", "cores": "number of cores"}
        problem = f"nobody published the {words[lacking]} of {chip.id}"
        hint = f"set it with --but {chip.id}.{lacking}=…"
        raise QuestionError(problem, where=chip.id, hint=hint)


def _rate(chip: Entry, form: str) -> float:
    return float(silicon(chips.numbers(chip), form).matrix)
