"""The files that pages load: our sheet and script, and plotly's from its own package."""

from __future__ import annotations

import functools
import hashlib
import re
from importlib import resources

KINDS = {"pages.js": "text/javascript", "pages.css": "text/css", "plotly.js": "text/javascript"}
"""What may be asked for, and what it is."""


@functools.cache
def static(name: str) -> bytes:
    """The bytes of one of `KINDS`."""
    if name == "plotly.js":
        place = resources.files("plotly").joinpath("package_data", "plotly.min.js")
    else:
        place = resources.files("chipassay.web").joinpath("static", name)
    return place.read_bytes()


@functools.cache
def tag(name: str) -> str:
    """What changes when a static file changes."""
    return hashlib.sha256(static(name)).hexdigest()[:16]


@functools.cache
def marks() -> str:
    """Styles that plotly would put into the page and that a strict policy forbids, by their ids.

    Elements of these ids, made beforehand, tell it that they are there; they belong to maps, which
    no page draws.
    """
    script = static("plotly.js").decode("utf-8", "replace")
    return " ".join(sorted(set(re.findall(r'getElementById\("([0-9a-f]{64})"\)', script))))
