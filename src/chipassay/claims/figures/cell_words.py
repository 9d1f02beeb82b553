"""A table's cell as a sentence: "head of row, head of column: cell", with what the heads tell."""

from __future__ import annotations

import re

from chipassay.claims.text.attributes import DESIGN
from chipassay.claims.text.names import Index

_UNIT = re.compile(r"[(（\[]\s*([A-Za-z0-9/²]{1,10})\s*[)）\]]")
_BARE = re.compile(r"[\d,.~≈]+")
_COUNTED = re.compile(
    r"CUDA[ -]?cores?|Tensor[ -]?cores?|\bSMs?\b|Streaming Multiprocessors?|Compute Units?|\bCUs\b"
    r"|CUDA ?核心|Tensor ?核心|transistors|晶体管|HBM stacks", re.I,
)  # fmt: skip
"""Heads whose cells hold a number and no unit."""
_DESIGNED = re.compile(
    r"architectur\w*|arquite[ct]+ura|Architektur|架构|\bdie\b|code ?name|design|generation", re.I
)
_PCIE = re.compile(r"PCIe|PCI[- ]Express|\bbus\b|interface|host", re.I)
_GEN = re.compile(r"(?:Gen ?)?\d(?:\.0)?(?: ?x ?16)?", re.I)
_LANES = re.compile(r"(?:PCIe|Gen) ?\d(?:\.0)? ?[x×] ?16", re.I)
_FEATURE = re.compile(
    r"NVLink|\bFP[468]\b|BF16|TF32|\bMIG\b|\bECC\b|transformer engine|sparsity", re.I
)
_NO = re.compile(r"(?:no|none|not (?:supported|available)|unsupported|✗|❌|×|无|不支持|否)", re.I)
_YES = re.compile(r"(?:yes|supported|✓|✔|✅|支持|是|有)", re.I)
_OBLIQUE = re.compile(r"[|\t]")


_PRODUCT = re.compile(r"\d ?[A-Za-z/]{0,5} ?[×x*] ?\d")
"""A sum in a cell, "192 GB × 72 = 13.8 TB": its parts are of other things than its result."""


def short(head: str) -> str:
    """The head of a row or column in one line."""
    return " ".join(_OBLIQUE.sub(" ", head).split())[:100]


def worth_reading(value: str) -> bool:
    """Whether a cell may hold a figure, a kind of memory, a design or a yes or no."""
    if not value or len(value) > 120 or (_PRODUCT.search(value) and not _LANES.search(value)):
        return False
    told = re.search(r"\d|HBM|GDDR", value) or DESIGN.search(value)
    return bool(told or _NO.fullmatch(value) or _YES.fullmatch(value))


def cell_words(row: str, column: str, value: str) -> tuple[str, int]:
    """What a cell says, and where its own words begin in it."""
    heads = f"{short(row)} {short(column)}: "
    if DESIGN.search(value) and _DESIGNED.search(heads):
        heads += "architecture "
    elif _PCIE.search(heads) and _GEN.fullmatch(value):
        heads += "PCIe "
    unit = _UNIT.search(heads) or _COUNTED.search(heads)
    if unit is None or _BARE.fullmatch(value) is None:
        return heads + value, len(heads)
    return f"{heads}{value} {unit.group(unit.lastindex or 0)}", len(heads)


def feature_words(row: str, column: str, value: str, index: Index) -> str:
    """What a yes or no says of a feature; "" where the heads name no chip and feature."""
    verb = "does not support" if _NO.fullmatch(value) else "supports"
    if verb == "supports" and _YES.fullmatch(value) is None:
        return ""
    for chip, feature in ((row, column), (column, row)):
        named = [e for e in index.mentions(chip, 0, len(chip)) if e.kind == "chip"]
        words = _FEATURE.search(feature)
        if len(named) == 1 and words is not None and _FEATURE.search(chip) is None:
            return f"The {chip[named[0].start : named[0].end]} {verb} {words.group()}."
    return ""
