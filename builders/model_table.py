"""Write docs/models.md: every model's size under three conventions, beside what its maker prints.

    python -m builders.model_table src/chipassay/data/models docs/models.md

A test compares the page with what this prints, so the page is never older than the data.
"""

from __future__ import annotations

import sys
from pathlib import Path

from builders.import_models import write_text

from chipassay.catalogue.architectures import architecture, numbers
from chipassay.catalogue.hugging_face.families import FAMILIES, SAME_AS
from chipassay.facts.model_file import ModelFile, PublishedFile, read_model
from chipassay.facts.yaml_file import read_yaml
from chipassay.records.model import Model

BILLION = 1e9
TOLERANCE = 0.01
HEADINGS = (
    "model", "total", "printed", "difference", "active", "without input embedding",
    "without embeddings", "printed", "difference",
)  # fmt: skip
# What each convention is called in the table, and the field of `Model` that follows it.
CONVENTIONS = {
    "all": ("all", "active_parameters"),
    "without_input_embedding": ("without input embedding", "active_without_input_embedding"),
    "without_embeddings": ("without embeddings", "active_without_embeddings"),
}

INTRODUCTION = """\
# Language models

Written by `builders/model_table.py` from `src/chipassay/data/models`; a test keeps it current.

Parameters in billions, computed from each model's config by `formulas/transformer.py`. Three
conventions, because makers use all three and rarely say which:

- **active**: all weights that one token touches, both embeddings counted whole. For a dense
  model that is its total.
- **without input embedding**: less the tables that are only looked up (input embedding, learned
  positions). A tied matrix stays, because it is the head. This is the N of 6N.
- **without embeddings**: less the language-model head as well.

The printed active count is compared under the convention named beside it: the one its maker
states or, failing that, the one that fits best. Vision towers and layers for multi-token
prediction are not counted.
"""

CONFIGS = """\
## Reading a `config.json`

Wherever a model is asked for, the path of a Hugging Face `config.json` does as well; of a
multimodal one the text section is read. Keys that the transformers class of a family defaults are
defaulted alike, and the answer names each default taken. Anything else that is missing, of the
wrong type, absurd or at odds with another key is refused with the file and the field.

Families (`model_type`): {families}. Read alike: {same}.

A model without a public config is written as `model_type: decoder`, with `hidden_size`,
`num_hidden_layers`, `num_attention_heads`, `num_key_value_heads`, `vocab_size`, `gated`,
`tie_word_embeddings` and `intermediate_size`; where it has them also `head_dim`,
`sliding_window`, `learned_positions`, `norms_per_layer` (2), `norm_bias`, `embedding_norm`,
`qkv_bias`, `output_bias`, `ffn_bias`, `relative_positions`, `parallel`; for experts
`num_experts`, `num_experts_per_tok`, `moe_intermediate_size`, `num_shared_experts`,
`first_k_dense_replace` and `router_bias`.
"""


def page(folder: Path) -> str:
    """The whole page, from the folder of model files."""
    models = [read_model(read_yaml(path)) for path in sorted(folder.glob("*.yaml"))]
    counted = [(model, _numbers(model)) for model in models]
    rule = ["---", *["---:"] * (len(HEADINGS) - 1)]
    rows = [_row(model, figures) for model, figures in counted]
    table = "\n".join("| " + " | ".join(row) + " |" for row in [list(HEADINGS), rule, *rows])
    within = sum(_is_close(model, figures) for model, figures in counted)
    checkable = sum(model.published.total_parameters is not None for model in models)
    summary = f"{within} of {checkable} printed totals are met within 1 %."
    families = ", ".join(f"`{name}`" for name in sorted(FAMILIES))
    same = ", ".join(f"`{name}` as `{family}`" for name, family in sorted(SAME_AS.items()))
    parts = [INTRODUCTION, summary, "", table, "", _exceptions(models), ""]
    return "\n".join([*parts, CONFIGS.format(families=families, same=same)])


def difference(computed: float, published: PublishedFile) -> float:
    """How far the computed count lies above the printed one, as a fraction of it."""
    return computed / published.value - 1


def _numbers(model: ModelFile) -> Model:
    return numbers(architecture(model.config, model.id))


def _is_close(model: ModelFile, figures: Model) -> bool:
    total = model.published.total_parameters
    return total is not None and abs(difference(float(figures.parameters), total)) <= TOLERANCE


def _row(model: ModelFile, figures: Model) -> list[str]:
    total, active = model.published.total_parameters, model.published.active_parameters
    row = [f"`{model.id}`", _billions(figures.parameters)]
    row += _printed(total, float(figures.parameters), "")
    row += [_billions(getattr(figures, field)) for _, field in CONVENTIONS.values()]
    if active is None:
        return [*row, "", ""]
    name, field = CONVENTIONS[active.convention]
    return row + _printed(active, float(getattr(figures, field)), f" ({name})")


def _printed(published: PublishedFile | None, computed: float, convention: str) -> list[str]:
    if published is None:
        return ["", ""]
    mark = " [why](#exceptions)" if published.exception else ""
    value = f"{published.value / BILLION:g}{convention}"
    return [value, f"{difference(computed, published):+.1%}{mark}"]


def _exceptions(models: list[ModelFile]) -> str:
    lines = ["## Exceptions", "", "Further than 1 % from the printed count, and why:", ""]
    for model in models:
        published = model.published
        counts = {"total": published.total_parameters, "active": published.active_parameters}
        for kind, count in counts.items():
            if count is not None and count.exception:
                lines.append(f"- `{model.id}`, {kind}: {count.exception}.")
    return "\n".join(lines)


def _billions(value: object) -> str:
    return f"{float(str(value)) / BILLION:,.2f}"


if __name__ == "__main__":
    write_text(Path(sys.argv[2]), page(Path(sys.argv[1])))
