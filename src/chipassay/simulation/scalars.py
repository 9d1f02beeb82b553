"""Units of plain numbers: what a simulation gives is never a column."""

from __future__ import annotations

from typing import Annotated

from chipassay.units import Unit

Count = Annotated[float, Unit("1")]
Ratio = Annotated[float, Unit("1")]
Second = Annotated[float, Unit("s")]
PerSecond = Annotated[float, Unit("1/s")]
