"""Reading texts for claims: CPU-seconds of one reading, with verdicts, in a warm process.

    python -m benchmarks.bench_claims

A page of plain news, a page of claims, and texts made to be slow: each of 60,000 characters. What
is found in each is checked; what is asked of the models of training and serving is no part of it.
"""

from __future__ import annotations

import functools
import sys

from benchmarks.timing import least_seconds

from chipassay.catalogue.catalogue import Catalogue
from chipassay.claims.check import judged
from chipassay.claims.text.document import Document
from chipassay.claims.text.names import index

LONG = 60_000
NEWS = """The council met on Tuesday to discuss the new library, which is expected to cost 4.5
million dollars and to open in the spring. Residents said that the old one, put up in 1962, had
served them well. A spokesman told reporters that 12 of the 15 members were in favour of it.

"""
PAGE = """The H100 has 80 GB of HBM3 and a bandwidth of 3.35 TB/s. At 700 W it draws more than the
A100. Deliveries take some weeks, and the price has not moved since the summer. Its successor, the
H200, offers 141 GB of HBM3e. Nobody at the fair wanted to speak about the months ahead.

"""
TEXTS = {  # name: (a text that is repeated, CPU-seconds at most, claims at least and at most)
    "news without chips": (NEWS, 0.8, 0, 0),
    "a page of figures": (PAGE, 1.5, 800, 2000),
    "a list of ones": ("1,", 3.0, 0, 0),
    "no stops": (
        "the chip has a wide bus and its memory is fast while the link is slow ", 3.0, 0, 0,
    ),
    "figures without stops": (
        "the H100 has 80 GB and the H20 has 96 GB while the H200 has 141 GB at 4.8 TB/s ",
        3.0, 100, 5000),
    "vs vs": ("vs ", 3.0, 0, 0),
    "Chinese without stops": ("这款芯片的显存带宽比上一代产品提升了两倍而且功耗更低", 3.0, 0, 5000),
    "names": ("H100 H20 MI300X A100 H800 ", 3.0, 0, 1000),
    "lines of one digit": ("1\n", 3.0, 0, 0),
}  # fmt: skip


def main() -> None:
    catalogue = Catalogue.shipped()
    names = index(catalogue)
    reached = True
    for name, (words, most, least_found, most_found) in TEXTS.items():
        text = (words * (LONG // len(words) + 1))[:LONG]
        document = Document(name, text, text)
        seconds, found = least_seconds(functools.partial(judged, document, names, catalogue), 3)
        assert least_found <= len(found) <= most_found, (name, len(found))
        reached &= seconds < most
        print(f"{seconds:6.2f} CPU-s (at most {most})   {len(found):5,} claims   {name}")
    sys.exit(0 if reached else 1)


if __name__ == "__main__":
    main()
