"""Write docs/catalogue.md: how facts are stored, what was corrected, what nobody could confirm.

    python builders/unverified.py docs/catalogue.md

The counts and the table are made from the shipped catalogue; the prose stands here.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from chipassay.catalogue.catalogue import Catalogue
from chipassay.facts.compiled import write_text
from chipassay.facts.fact import Entry, Fact

STANDINGS = ("primary", "secondary", "tertiary", "estimate", "unverified")
RECALLED_BEFORE = 673
INTRODUCTION = """\
# The catalogue

Written by `builders/unverified.py` from the shipped facts.

## How facts are stored

One file an entry: `chips/`, `systems/`, `networks/` and `models/` under `src/chipassay/data`.
A figure is a value with its unit, the keys of its sources, a confidence and, where sources
disagree, its rivals. What each field counts stands in `data/fields` and in the
[glossary](glossary.md); a field that is not there is refused. Sources stand in
`data/sources.yaml`: title, address, date, kind. A figure without a source does not load; the
message names file and line. The files are compiled into one JSON
([decision 4](decisions/0004-compiled-facts.md)).

`confidence` says what was done: `seen` (read in the source), `estimate` (derived, or a guess),
`memory` (recalled, not read again). With the kind of the source it makes the *standing* that is
shown. Only `seen` counts as evidence. Where sources differ the first value is used and the others
are shown as rivals by `chipassay show`.
"""
CORRECTIONS = """\
## What was corrected

Each recalled figure was looked for in sources that can be opened. The verdicts are kept, one by
one, in `builders/corrections`: `confirmed`, `changed`, `rival` or `not_found`, with where it was
read. The changes that matter most:

| entry | figure | before | now | why |
| --- | --- | --- | --- | --- |
| `h20-96gb` | power limit | 400 W | 500 W | driver printouts of two unrelated servers; 400 W comes from the sheet leaked in November 2023 and stays as a rival |
| `mi308x` | compute dies | 8 | 4 | 80 compute units are four dies of twenty; area and transistors of the MI300X do not carry over |
| `ascend-950pr-atlas350` | scale-up link, one way | 1,000 GB/s | 212 GB/s | the card has a bridge over two or four cards, not the links of the bare chip |
| `ascend-950pr-atlas350` | scale-up domain | 8,192 | 4 | the same bridge |
| `ascend-950dt` | FP16 and BF16 matrix | 500 TFLOPS | 547 TFLOPS | 500 was half of the FP8 label |
| `ascend-950pr` | FP16 and BF16 matrix | 500 TFLOPS | 486 TFLOPS | white paper: 432 of the cube and 54 of the vector units |
| `gh200-96gb` | L2 | 50 MB | 60 MB | the driver's figure for the six-stack part |
| `maia100` | FP8 matrix | 1,600 TFLOPS | 1,500 TFLOPS | printed as 1.5 POPS; 1,600 was twice BF16 |
| `mi455x` | memory bandwidth | 19,600 GB/s | 23,300 GB/s | the older figure is the announcement's |
| `mi455x` | FP4 matrix | 40,000 TFLOPS | 40,265 TFLOPS | brochure; whether it is dense is unsettled |
| `metax-c500-oam` | name | C500 OAM | C550 (OAM) | the published 280 TFLOPS are the C500's |
| `enflame-l600` | status | shipped | announced | prospectus of September 2026: no volume shipments |
| `mlu-x1000` | chips | eight MLU590 | four MLU290 | that is what carries the name |
| `atlas-800-a3` | power of a node | 9 kW | 14.6 kW | nameplate maximum; 9 was an estimate |
| `gb300` | cores | 160 | 152 | the driver's count; 160 is the full chip |
| `gb200` | cores | 148 | 152 | the driver's count; 148 is the HGX B200 |
| `gb200` | FP32 vector | 90 TFLOPS | 80 TFLOPS | 90 stood in the first table of 2024; 152 cores at 2.062 GHz give 80 |
| `gaudi2` | FP32 vector | 11 TFLOPS | 5.5 TFLOPS | 11 is the BF16 rate; estimated as half of it |
| `l40s` | FP16 and BF16 matrix | 362.05 TFLOPS | 366 TFLOPS | NVIDIA's sheet prints 362.05 beside 733 with sparsity; cores and clock give 366 |
"""  # noqa: E501


def main(out: Path) -> None:
    """Write the page."""
    write_text(out, page(Catalogue.shipped()))


def page(catalogue: Catalogue) -> str:
    """The whole page."""
    chips = catalogue.chips()
    counts = Counter(fact.standing for chip in chips for fact in chip.facts.values())
    return "\n".join([INTRODUCTION, _counts(len(chips), counts), CORRECTIONS, _unverified(chips)])


def _counts(chips: int, counts: Counter[str]) -> str:
    rows = [f"| {standing} | {counts[standing]:,} |" for standing in STANDINGS]
    heading = ["## How much of it is evidence", "", "| standing | figures of chips |"]
    total = f"{chips} chips, {counts.total():,} figures."
    now = counts["unverified"]
    before = (
        f"Before the search {RECALLED_BEFORE} of them were recalled from documents not read again; "
        f"now {now} are."
    )
    return "\n".join([*heading, "| --- | ---: |", *rows, "", total, before, ""])


def _unverified(chips: Iterable[Entry]) -> str:
    found = {chip.id: _of(chip) for chip in chips}
    total = sum(map(len, found.values()))
    having = sum(map(bool, found.values()))
    lines = ["## What could not be confirmed", ""]
    lines += [f"{total} figures of {having} chips. Read each as a claim.", ""]
    lines += ["| chip | count | figures |", "| --- | ---: | --- |"]
    lines += [
        f"| `{id_}` | {len(facts)} | {'; '.join(map(_shown, facts))} |"
        for id_, facts in found.items()
        if facts
    ]
    return "\n".join([*lines, ""])


def _of(chip: Entry) -> list[Fact]:
    return [fact for fact in chip.facts.values() if fact.standing == "unverified"]


def _shown(fact: Fact) -> str:
    return f"{fact.field.title} {fact.shown}".replace("|", "/")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
