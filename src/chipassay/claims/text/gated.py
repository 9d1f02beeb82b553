"""Patterns that are tried only where a bit of one of their words stands.

A long list of alternatives costs a hundred times what it costs to look for a few letters; most
sentences hold none of them.
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Iterable, Iterator


@functools.lru_cache(maxsize=32)
def lowered(text: str) -> str:
    """The text in small letters, each in its place; kept, since many ask for the same one."""
    return text.replace("İ", "I").lower()


_KEPT = re.compile(r"\\.|\(\?P[<=]\w+[>)]")


class Small:
    """A pattern whatever the letters' size, tried on the text in small letters: in half the time
    that `re.I` takes. Its matches tell where words stand, not how they are written."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        parts = zip([*_KEPT.split(pattern)], [*_KEPT.findall(pattern), ""], strict=True)
        self.words = re.compile("".join(part.lower() + kept for part, kept in parts))

    def search(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """The first match."""
        return self.words.search(lowered(text), start, end)

    def finditer(
        self, text: str, start: int = 0, end: int = sys.maxsize
    ) -> Iterator[re.Match[str]]:
        """Every match."""
        return self.words.finditer(lowered(text), start, end)


class Gated:
    """A pattern, and bits in small letters of which each of its matches holds one."""

    def __init__(self, pattern: str, bits: str | Iterable[str], flags: int = re.I) -> None:
        self.words = re.compile(pattern, flags)
        self.bits = tuple(bits.split("|") if isinstance(bits, str) else bits)

    def may(self, text: str, start: int = 0, end: int = sys.maxsize) -> bool:
        """Whether any of the bits stands there."""
        find = lowered(text).find
        for bit in self.bits:
            if find(bit, start, end) >= 0:
                break
        else:
            return False
        return True

    def search(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """The first match, as `re` finds it."""
        return self.words.search(text, start, end) if self.may(text, start, end) else None

    def finditer(
        self, text: str, start: int = 0, end: int = sys.maxsize
    ) -> Iterator[re.Match[str]]:
        """Every match, as `re` finds them."""
        return self.words.finditer(text, start, end) if self.may(text, start, end) else iter(())

    def sub(self, instead: str, text: str) -> str:
        """The text with every match replaced."""
        return self.words.sub(instead, text) if self.may(text) else text
