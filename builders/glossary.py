"""Write docs/glossary.md: the words of the project, and every field an entry may have.

    python builders/glossary.py docs/glossary.md

The tables are made from `src/chipassay/data/fields/*.yaml`, so the page cannot name another field.
"""

from __future__ import annotations

import sys
from pathlib import Path

from chipassay.facts.compiled import write_text
from chipassay.facts.fields import Field, read_fields

FIELDS = Path(__file__).resolve().parent.parent / "src" / "chipassay" / "data" / "fields"
KINDS = {
    "chip": "Fields of a chip",
    "system": "Fields of a system",
    "network": "Fields of a network",
}
WORDS = """\
# Glossary

Written by `builders/glossary.py`: the words stand there, the tables come from
`src/chipassay/data/fields`.

## Words

| word | meaning here |
| --- | --- |
| chip | one package as it is sold: all its dies and its memory. Not a die, not a card with two packages |
| system | what chips are sold in: a server, a rack or a pod |
| node | one server: the chips that share a host |
| group | the chips that hold one copy of a model between them, tensor-parallel |
| plan | how a model is laid over chips: tensor, pipeline, data and expert parallel sizes and what is recomputed. The first assay knows one plan, a group of eight |
| step | in training, one update of the weights; in serving, one pass that gives each request in flight its next token |
| prefill, decode | reading a prompt; producing the tokens after it, one a step |
| in flight | requests that a group decodes together |
| TPP | total processing performance, the measure of 3A090: 2 × MacTOPS × bit length, so a dense data-sheet rate in TOPS or TFLOPS × the bit length of the inputs; the greatest over all operations, for the whole package |
| PD | performance density: TPP divided by applicable die area in mm² |
| dense, sparse | dense counts every multiplication; sparse is a rate quoted on weights with half of them zero, usually twice the dense one. All rates here are dense |
| one way, both ways | a link's rate in one direction; the sum of both directions, usually twice that. They are different fields, never converted in silence |
| matrix, vector | the rate of the tensor, cube or matrix units; the rate of the general arithmetic units |
| basis | of a figure: what it counts (dense, one way, per package). Of a prediction: measured, interpolated, transferred or assumed |
| standing | how far a figure can be trusted, in one word: see below |
| rival | another value that a source gives for the same figure; shown, not used |
| what-if | a figure the asker sets with `--but`; the chip is then named "(modified)" |
| band | low to high of a prediction: meant to hold in 80 cases of 100 |

## Standing

| standing | meaning |
| --- | --- |
| primary | read in the maker's own document, a device's printout or the law itself |
| secondary | read in somebody's own work on it: a measurement, a curated table, a report |
| tertiary | read in a copy of a copy: a shop, a comparison site |
| estimate | derived from other figures, or somebody's guess |
| unverified | recalled from a document that was not read again: no evidence |
| assumed by the asker | set in the question |
"""  # noqa: E501


def main(out: Path) -> None:
    """Write the page."""
    write_text(out, page())


def page() -> str:
    """The whole page."""
    tables = [_table(title, read_fields(FIELDS / f"{kind}.yaml")) for kind, title in KINDS.items()]
    return "\n".join([WORDS, *tables])


def _table(title: str, fields: dict[str, Field]) -> str:
    lines = [f"## {title}", "", "| name | unit | basis | meaning |", "| --- | --- | --- | --- |"]
    lines += [
        f"| `{field.name}` | {_unit(field)} | {field.basis} | {field.title} |"
        for field in fields.values()
    ]
    return "\n".join([*lines, ""])


def _unit(field: Field) -> str:
    """The unit it is shown in; a count has none, and what is no number says what it is."""
    if field.kind != "number":
        return field.kind
    return "count" if field.unit == "1" else field.unit


if __name__ == "__main__":
    main(Path(sys.argv[1]))
