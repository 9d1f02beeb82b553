"""Power, energy and money of a serving answer."""

from __future__ import annotations

from typing import Any

from chipassay.inquiry.footnotes import Footnotes
from chipassay.inquiry.serving_options import Option, Wanted
from chipassay.records.answer import Reason


def worth(
    best: Option, about: Wanted, fields: dict[str, Any], notes: Footnotes
) -> tuple[Reason, ...]:
    """Put power, energy and cost into the fields; how they came about."""
    return ()
