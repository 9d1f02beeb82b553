"""Chips and models by the names that tables of measured serving write."""

from __future__ import annotations

import functools
import re

from chipassay.catalogue.catalogue import Catalogue
from chipassay.catalogue.models import FoundModel, find_model
from chipassay.errors import ChipassayError, QuestionError
from chipassay.facts.fact import Entry

_NOISE = (r"\(.*?\)", r"[-\s]\d+\s?GB.*$", r"[-\s]\d+G$", r"-NPS1.*$", r"[-\s]CTS$", "Instinct",
          "Virtualized", "Grace Hopper Superchip", "MS-Intel", r"\[MAXSUN\]",
          "Dual.*$", r"[_-]nvl\d+$")  # fmt: skip
_QUANTISED = re.compile(r"[-_](NVFP4|MXFP4|FP8|FP4|AWQ|INT8|W8A8|BF16)$", re.IGNORECASE)
_DATED = re.compile(r"(-(Instruct|Thinking|Chat))?-\d{4}$", re.IGNORECASE)
"""The month of a checkpoint, at the end of its name, and what it was trained for."""


def chip_of(catalogue: Catalogue, name: str) -> Entry:
    """A chip by the name that a table writes, its form and memory left out if need be."""
    tried = name
    for noise in ("", *_NOISE):
        tried = re.sub(noise, "", tried).strip() if noise else tried
        try:
            return catalogue.chip(tried).entry
        except ChipassayError:
            continue
    raise QuestionError(f"no chip is called {name}", where="chip")


@functools.lru_cache(maxsize=256)
def model_of(catalogue: Catalogue, name: str) -> FoundModel:
    """A model by the name that a table writes, its maker and format left out if need be."""
    bare = name.split("/")[-1]
    plain = _QUANTISED.sub("", bare)
    for tried in (name, bare, plain, re.sub(r"-\d{4}$", "", plain), _DATED.sub("", plain)):
        try:
            return find_model(catalogue, tried)
        except ChipassayError:
            continue
    raise QuestionError(f"no model is called {name}", where="model")
