"""One chip of an assay, and the stated work, as numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chipassay.catalogue.chips import matrix_field, numbers
from chipassay.catalogue.models import FoundModel
from chipassay.facts.fact import Entry
from chipassay.records.chip import Chip
from chipassay.records.workload import Workload
from chipassay.trace import leaf
from chipassay.units import FlopRate

TRAIN_FIELDS = ("memory_bandwidth", "scaleup_bandwidth")
SERVE_FIELDS = (*TRAIN_FIELDS, "memory_capacity")


@dataclass(frozen=True, slots=True)
class Side:
    """A chip as numbers; `rate` is its 16-bit matrix rate, `rate_field` where that stands."""

    entry: Entry
    chip: Chip
    rate: FlopRate
    rate_field: str

    def unknown(self, fields: tuple[str, ...]) -> list[str]:
        """Which figures the work needs and nobody gives."""
        needed = (self.rate_field, *fields)
        return [f"{self.entry.id}.{name}" for name in needed if name not in self.entry.facts]

    def figure(self, field: str) -> float:
        """A figure by its field, "matrix_rate" for the 16-bit rate."""
        return float(self.rate if field == "matrix_rate" else getattr(self.chip, field))

    def having(self, field: str, value: float) -> Side:
        """The same chip with one figure changed."""
        if field == "matrix_rate":
            return replace(self, rate=value)
        return replace(self, chip=self.chip._replace(**{field: value}))


def side_of(entry: Entry) -> Side:
    """An entry as a side of the comparison."""
    chip, field = numbers(entry), matrix_field(entry)
    return Side(entry, chip, getattr(chip, field), field)


def stated_work(**changed: float) -> Workload:
    """The workload, each number tagged while somebody watches."""
    named = Workload()._replace(**changed)._asdict()
    return Workload(**{name: leaf(f"workload.{name}", value) for name, value in named.items()})


def training_sequence(model: FoundModel) -> float:
    """The workload's sequence, or the model's last learned position if that comes first."""
    learned = model.architecture.learned_positions
    usual = float(Workload().sequence)
    return min(usual, float(learned)) if learned else usual
