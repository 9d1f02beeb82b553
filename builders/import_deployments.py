"""Deployments of a public nightly sweep, from its own configurations, to `data/deployments.json`.

    .venv/bin/python -m builders.import_deployments CLONE src/chipassay/data/deployments.json

The sweep (SemiAnalysisAI/InferenceX, Apache-2.0) keeps what it runs in files of configurations that
change from day to day: for each chip, engine, format, lengths and number of clients the workers of
both pools, their ranks, and whether tokens are guessed. Tables of its results often leave that out.
Taken over are those numbers alone, of every state of the files, with the days on which each stood
there. How many tokens are guessed is in the name of a recipe, or follows the sweep's own scripts
for one pool: three, one with attention-data ranks; two under SGLang.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from chipassay.catalogue.catalogue import Catalogue
from chipassay.errors import ChipassayError
from chipassay.facts.compiled import write_text
from chipassay.inquiry.serving_names import chip_of, model_of

FILE = ".github/configs/nvidia-master.yaml"
LAST_DAY = "2026-05-05"
NAMES = ("clients", "prompt workers", "chips", "data ranks", "expert ranks", "decode workers",
         "chips", "data ranks", "expert ranks", "seats", "guesses")  # fmt: skip
ENGINES = {"trt": "trtllm", "sglang": "sglang", "vllm": "vllm"}
RACK_NODE = 4
"""Chips of a node of the rack-scale systems, whose first configurations count nodes."""
MTP = re.compile(r"mtp(\d)|MTP_SIZE=(\d)")
SEATS = re.compile(r"batch(\d+)|MAX_BATCH_SIZE=(\d+)|/bs(\d+)-")
"""A decode worker's largest batch, of each attention-data rank; in a recipe's name or a setting."""
NODES = re.compile(r"_NODES=(\d+)")
CATALOGUE = Catalogue.shipped()
Key = tuple[Any, ...]


def states(clone: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every state of the file with its day, the newest first."""
    told = _git(clone, "log", "--format=%H %cs", f"--until={LAST_DAY}", "--", FILE)
    for line in told.splitlines():
        commit, day = line.split()
        try:
            yield day, yaml.load(_git(clone, "show", f"{commit}:{FILE}"), yaml.CSafeLoader)
        except yaml.YAMLError:
            continue


def _git(clone: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(clone), *words],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


def runs(day: str, state: dict[str, Any]) -> Iterator[tuple[str, Key, tuple[int, ...]]]:
    """(day, what is measured, one deployment) of every entry with two pools."""
    for name, entry in state.items():
        if not entry.get("disagg") or "runner" not in entry:
            continue
        try:
            chip = chip_of(CATALOGUE, entry["runner"].split("-")[0]).id
            model = model_of(CATALOGUE, re.sub(r"-\d{4}.*$", "", entry["model"])).id
        except ChipassayError:
            continue
        engine = next(id_ for word, id_ in ENGINES.items() if word in entry["framework"])
        version = re.split(r"[:]v?", entry["image"])[-1]
        for lengths in entry.get("seq-len-configs", []):
            shape = (lengths["isl"], lengths["osl"])
            key = (chip, engine, model, entry["precision"], name, version, *shape)
            for point in lengths["search-space"]:
                if "prefill" not in point or not point["decode"]["num-worker"]:
                    continue
                for clients in point["conc-list"]:
                    yield day, key, (clients, *deployment(point, engine))


def deployment(point: dict[str, Any], engine: str) -> tuple[int, ...]:
    """Workers, chips, attention-data ranks and expert ranks of both pools, seats, and guesses."""
    found: list[int] = []
    for side in (point["prefill"], point["decode"]):
        nodes, workers = NODES.search(_settings(side)), side["num-worker"]
        chips = side["tp"]
        if nodes and chips == 1:
            chips = int(nodes[1]) * RACK_NODE // workers
        data = chips if side["dp-attn"] else 1
        expert = chips if side["ep"] > 1 or (side["tp"] == 1 and data > 1) else 1
        found += [workers, chips, data, expert]
    told = f"{_settings(point['decode'])} {_recipe(_settings(point['prefill']))}"
    seats, guess = _first(SEATS, told) * found[6], _first(MTP, told)
    if point.get("spec-decoding", "none") == "none":
        return (*found, seats, 0)
    usual = 2 if engine == "sglang" else 1 if found[6] > 1 else 3
    return (*found, seats, guess or usual)


def _settings(side: dict[str, Any]) -> str:
    return " ".join(side.get("additional-settings") or [])


def _recipe(told: str) -> str:
    """The recipe alone, without the settings of prompt workers."""
    return " ".join(word for word in told.split() if word.startswith("CONFIG"))


def _first(pattern: re.Pattern[str], told: str) -> int:
    """The first number that a pattern finds; 0 where it finds none."""
    found = pattern.search(told)
    return int(next(each for each in found.groups() if each)) if found else 0


def main(clone: str, out: str) -> None:
    """Read all states, write what was seen once, with its first and last day."""
    seen: dict[tuple[Key, tuple[int, ...]], list[str]] = {}
    for day, state in states(Path(clone)):
        for when, key, point in runs(day, state):
            seen.setdefault((key, point), []).append(when)
    grouped: dict[Key, list[Any]] = {}
    for (key, point), days in seen.items():
        grouped.setdefault(key, []).append([*point, min(days), max(days)])
    entries = [
        {"chip": k[0], "engine": k[1], "model": k[2], "precision": k[3], "run": k[4],
         "version": k[5], "input": k[6], "output": k[7], "points": sorted(points)}
        for k, points in sorted(grouped.items())
    ]  # fmt: skip
    head = {"source": "inferencex_configurations", "columns": [*NAMES, "first day", "last day"]}
    lines = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in entries)
    write_text(Path(out), json.dumps(head)[:-1] + ',\n"entries": [\n' + lines + "\n]}\n")
    print(len(entries), "entries,", sum(len(each["points"]) for each in entries), "deployments")


if __name__ == "__main__":
    main(*sys.argv[1:3])
