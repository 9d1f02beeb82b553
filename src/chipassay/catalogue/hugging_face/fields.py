"""One config's fields: each read with its type and limits, every default taken written down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chipassay.errors import QuestionError, shown

# Far above any model built, far below what would overflow or hang a loop over layers.
LIMITS = {
    "layers": 4_096, "heads": 65_536, "rows": 50_000_000, "width": 4_000_000,
    "experts": 65_536, "tokens": 2_000_000_000,
}  # fmt: skip
# Keys that make a model far larger than a family without them could know.
MIXTURE_KEYS = ("num_experts", "num_local_experts", "n_routed_experts", "moe_num_experts")
STRUCTURE_KEYS = (*MIXTURE_KEYS, "kv_lora_rank", "index_n_heads")


class Fields:
    """The keys of one config, and the notes on what had to be assumed."""

    def __init__(
        self,
        config: Mapping[str, Any],
        where: str,
        *,
        within: str = "",
        outer: Fields | None = None,
    ) -> None:
        self._config = config
        self.where = where
        self._within = within
        self._used: set[str] = outer._used if outer else set()
        self.notes: list[str] = outer.notes if outer else []

    def has(self, key: str) -> bool:
        """Whether the key is there with a value; null counts as absent, as in transformers."""
        return self._config.get(key) is not None

    def mentions(self, key: str) -> bool:
        """Whether the key is there at all, be it null: some families mean "none" by it."""
        return key in self._config

    def is_list(self, key: str) -> bool:
        """Whether the key holds a list: some are one number for all layers or one for each."""
        return isinstance(self._config.get(key), list)

    def count(self, *keys: str, limit: str = "width", least: int = 1) -> int:
        """A whole number that must be there, under the first of several spellings."""
        key = next((key for key in keys if self.has(key)), keys[0])
        if not self.has(key):
            also = f" (or {', '.join(keys[1:])})" if len(keys) > 1 else ""
            raise self.refusal(key, f"is missing{also}", "add it: the size depends on it")
        return self._checked(key, self._take(key), limit, least)

    def count_or(
        self, default: int, reason: str, *keys: str, limit: str = "width", least: int = 1
    ) -> int:
        """A whole number; where it is absent the default is taken, and a note says why."""
        if any(self.has(key) for key in keys):
            return self.count(*keys, limit=limit, least=least)
        self.notes.append(f"{self._full(keys[0])} absent: {default} taken ({reason})")
        return default

    def optional(self, *keys: str, limit: str = "width") -> int:
        """A whole number whose absence means that the model has no such part: 0."""
        found = any(self.has(key) for key in keys)
        return self.count(*keys, limit=limit, least=0) if found else 0

    def flag(self, key: str, default: bool, reason: str) -> bool:
        """true or false; where it is absent the default is taken, and a note says why."""
        if not self.has(key):
            word = "true" if default else "false"
            self.notes.append(f"{self._full(key)} absent: {word} taken ({reason})")
            return default
        value = self._take(key)
        if not isinstance(value, bool):
            raise self.refusal(key, f"is {shown(value)}, not true or false", "write true or false")
        return value

    def said(self, key: str) -> bool:
        """true or false that must be there."""
        if not self.has(key):
            raise self.refusal(key, "is missing", "write true or false")
        return self.flag(key, False, "")

    def assume(self, key: str, value: int, reason: str) -> None:
        """Let an absent key have the value that its family's class gives it; a note says so."""
        if not self.has(key):
            self._config = {**self._config, key: value}
            self.notes.append(f"{self._full(key)} absent: {value} taken ({reason})")

    def text(self, key: str) -> str:
        """Text that must be there."""
        if not self.has(key):
            raise self.refusal(key, "is missing", "copy it from the model's config.json")
        value = self._take(key)
        if not isinstance(value, str):
            raise self.refusal(key, f"is {shown(value)}, not text", 'write e.g. "llama"')
        return value

    def counts(self, key: str, layers: int, limit: str = "width") -> tuple[int, ...]:
        """A list with one whole number for each layer; more are ignored, fewer refused."""
        return tuple(
            self._checked(f"{key}[{index}]", value, limit, 0)
            for index, value in enumerate(self._per_layer(key, layers))
        )

    def indices(self, key: str, layers: int) -> tuple[int, ...]:
        """A list of layer numbers, counted from 0; absent is the empty list."""
        values = self._list(key) if self.has(key) else []
        found = [self._checked(f"{key}[{i}]", value, "layers", 0) for i, value in enumerate(values)]
        if any(index >= layers for index in found):
            raise self.refusal(key, f"names a layer beyond the last, {layers - 1}", "count from 0")
        return tuple(found)

    def words(self, key: str, layers: int, known: Mapping[str, str]) -> tuple[str, ...]:
        """A list with one word for each layer, each translated by `known`."""
        words = self._per_layer(key, layers)
        for index, word in enumerate(words):
            if not isinstance(word, str) or word not in known:
                name = f"{key}[{index}]"
                raise self.refusal(name, f"is {shown(word)}", f"known are {', '.join(known)}")
        return tuple(known[word] for word in words)

    def section(self, key: str) -> Fields:
        """The fields of a nested object."""
        value = self._take(key) if self.has(key) else None
        if not isinstance(value, Mapping):
            problem = "is missing" if value is None else f"is {shown(value)}, not an object"
            raise self.refusal(key, problem, "copy it from the model's config.json")
        return Fields(value, self.where, within=self._full(key), outer=self)

    def refusal(self, key: str, problem: str, hint: str) -> QuestionError:
        """The error that names the file, the field, what is wrong and what to try."""
        return QuestionError(f"{self._full(key)} {problem}", where=self.where, hint=hint)

    def refuse_leftovers(self, family: str) -> None:
        """Refuse a config whose experts or latents the family would silently leave out."""
        for key in STRUCTURE_KEYS:
            value = self._config.get(key)
            if isinstance(value, (int, float)) and value > 1 and self._full(key) not in self._used:
                problem = f"is {value}, which model_type {family} does not use"
                raise self.refusal(key, problem, "check model_type: the size would be wrong")

    def _full(self, key: str) -> str:
        return f"{self._within}.{key}" if self._within else key

    def _take(self, key: str) -> Any:
        self._used.add(self._full(key))
        return self._config[key]

    def _list(self, key: str) -> list[Any]:
        value = self._take(key)
        if not isinstance(value, list):
            raise self.refusal(key, f"is {shown(value)}, not a list", "write one entry a layer")
        return value

    def _per_layer(self, key: str, layers: int) -> list[Any]:
        values = self._list(key) if self.has(key) else []
        if len(values) < layers:
            problem = f"has {len(values)} entries for {layers} layers"
            raise self.refusal(key, problem, "write one entry a layer")
        return values[:layers]

    def _checked(self, key: str, value: Any, limit: str, least: int) -> int:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value % 1 != 0:
            problem = f"is {shown(value)}, not a whole number"
            raise self.refusal(key, problem, "write it as in 4096, without quotes")
        if not least <= value <= LIMITS[limit]:
            figure = shown(value).strip("'")
            problem = f"is {figure}: it must lie between {least} and {LIMITS[limit]}"
            raise self.refusal(key, problem, "check the figure")
        return int(value)
