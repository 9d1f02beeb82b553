"""Language models by their structure: from the catalogue's files and from `config.json`.

Both speak Hugging Face's keys, so one reader serves both: `architecture` takes the keys, finds
the family by `model_type` and reads it. What a config leaves to its transformers class is taken
as that class does and written into the architecture's `notes`; whatever else changes the size and
is missing is refused by name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from chipassay.catalogue.hugging_face.families import FAMILIES, SAME_AS, TEXT_SECTIONS
from chipassay.catalogue.hugging_face.fields import Fields
from chipassay.catalogue.model_numbers import numbers
from chipassay.errors import QuestionError, UnknownNameError, shown
from chipassay.records.architecture import Architecture

__all__ = ["architecture", "numbers", "read_config"]

_EXAMPLE = "give the config.json of a language model"
# What a multimodal config says once, outside the part that describes the language model.
_OUTER_KEYS = ("tie_word_embeddings",)


def architecture(
    config: Mapping[str, Any], where: str, *, id: str = "", name: str = ""
) -> Architecture:
    """The architecture that a config in Hugging Face's keys describes.

    `where` names the file in refusals. Raises `QuestionError` for a field that is missing, of the
    wrong type, absurd or at odds with another; `UnknownNameError` for an unknown `model_type`.
    """
    text = _language_part(config, where)
    fields = Fields(text, where)
    written = fields.text("model_type")
    family = SAME_AS.get(written, written)
    if family not in FAMILIES:
        hint = "or describe it as model_type decoder, see docs/models.md"
        known = {*FAMILIES, *SAME_AS}
        raise UnknownNameError("model_type", written, known, where=where, hint=hint)
    found = FAMILIES[family](fields, family)
    return replace(found, id=id or written, name=name or id or written)


def read_config(path: Path) -> Architecture:
    """The architecture of a `config.json`, or of the one in a folder; named after its folder.

    Raises `QuestionError` in one line for a file that is missing, unreadable or no JSON object.
    """
    file = path / "config.json" if path.is_dir() else path
    where = str(file)
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise QuestionError(str(error.strerror), where=where, hint=_EXAMPLE) from None
    except UnicodeDecodeError:
        raise QuestionError("is no UTF-8 text", where=where, hint=_EXAMPLE) from None
    except json.JSONDecodeError as error:
        problem = f"broken JSON at line {error.lineno}: {error.msg}"
        raise QuestionError(problem, where=where, hint=_EXAMPLE) from None
    except (RecursionError, ValueError) as error:
        raise QuestionError(f"broken JSON: {error}", where=where, hint=_EXAMPLE) from None
    name = file.parent.name if file.name == "config.json" else file.stem
    return architecture(config, where, id=name or file.stem)


def _language_part(config: object, where: str) -> Mapping[str, Any]:
    """The keys of the language model: the config, or the text section of a multimodal one."""
    if not isinstance(config, Mapping):
        kind = "a list" if isinstance(config, list) else f"{shown(config)}"
        raise QuestionError(f"holds {kind}, not an object", where=where, hint=_EXAMPLE)
    for section in TEXT_SECTIONS:
        if config.get(section) is None:
            continue
        inner = config[section]
        if not isinstance(inner, Mapping):
            problem = f"{section} is {shown(inner)}, not an object"
            raise QuestionError(problem, where=where, hint=_EXAMPLE)
        outer = {key: config[key] for key in (*_OUTER_KEYS, "model_type") if key in config}
        return {**outer, **inner}
    return config
