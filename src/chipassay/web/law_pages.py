"""The page of the law, and the ruling through time that other pages show too."""

from __future__ import annotations

import datetime
from typing import Any

from chipassay.inquiry.law_picture import law_picture
from chipassay.records.question import FIRST_DAY
from chipassay.views import charts_law, said
from chipassay.views.strip import stretches, strip
from chipassay.web.asking import Json, answered
from chipassay.web.page import Page
from chipassay.web.words import for_task, offered


def law(given: Json) -> Page:
    """The ruling of a day, its paragraphs, and the picture of the law."""
    answer, picture = answered(for_task("ship", given), law_picture)
    told = answer["answer"]
    found = through(given | {"chip": told["chip"]["id"], "on": told["on"]})
    whole = found["picture"] | {"performance": picture["performance"]}
    drawn = {
        "limits": charts_law.limits(whole, found["on"], found["last"]),
        "plane": charts_law.plane(picture),
    }
    tables = {"paragraphs": told["paragraphs"], "timeline": found["rows"],
              "chips": picture["chips"]}  # fmt: skip
    if told.get("ceilings"):
        tables["ceilings"] = told["ceilings"]
    place = place_of(told["to"])
    lines = said.ship_said(told, told["chip"]["name"], place)
    return Page(lines, answer, drawn, tables, {"through": found})


def through(given: Json) -> dict[str, Any]:
    """The ruling on every day the rulebook knows, up to today, and a strip of it."""
    asked = for_task("ship", given)
    on = str(asked.get("on") or today())
    last = max(on, today())
    asked |= {"since": FIRST_DAY.isoformat(), "on": last}
    answer, picture = answered(asked, law_picture)
    told = answer["answer"]
    place = place_of(told["to"])
    title = f"{told['chip']['name']} to {place}: what was enforced, by day"
    rows = told["timeline"]
    return {
        "on": on, "last": last, "rows": rows, "stretches": stretches(rows, last),
        "strip": strip(rows, on, last, title), "name": told["chip"]["name"], "place": place,
        "first": FIRST_DAY.isoformat(), "picture": picture, "title": title,
    }  # fmt: skip


def place_of(code: str) -> str:
    """A country's name, by its code; the code where it has none."""
    return str(offered().countries.get(code, code))


def today() -> str:
    """The day it is, in universal time."""
    return datetime.datetime.now(datetime.UTC).date().isoformat()
