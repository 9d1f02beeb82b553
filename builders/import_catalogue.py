"""How the first catalogue came in: the research draft, rewritten into this project's own files.

Usage: python builders/import_catalogue.py DRAFT_FOLDER OUTPUT_FOLDER

Run once; from then on `src/chipassay/data` is the truth and is edited by hand. Corrections found
while confirming the draft's recalled figures lie in `builders/corrections/*.yaml` and are applied
here, so that what was changed, on whose word, stays visible.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import yaml

from chipassay.facts.compiled import write_text
from chipassay.facts.yaml_file import read_yaml

Draft = dict[str, Any]

# path in the draft -> (field here, unit of the draft's number)
CHIP_FIELDS: dict[str, tuple[str, str]] = {
    "process": ("process", ""),
    "announced": ("announced", ""),
    "released": ("released", ""),
    "form_factor": ("form_factor", ""),
    "marketed_for_datacenter": ("marketed_for_datacenter", ""),
    "die.compute_dies": ("compute_dies", "1"),
    "die.die_area_mm2_total": ("die_area", "mm2"),
    "die.die_area_mm2_per_compute_die": ("die_area_per_compute_die", "mm2"),
    "die.transistors_b": ("transistors", "billion"),
    "sfu.ops_per_clk_per_core": ("special_per_clock_per_core", "1"),
    "sfu.total_tops": ("special_rate", "TOPS"),
    "memory.type": ("memory_type", ""),
    "memory.capacity_gb": ("memory_capacity", "GB"),
    "memory.bandwidth_gbs": ("memory_bandwidth", "GB/s"),
    "cache.l2_llc_mb": ("l2_capacity", "MB"),
    "cache.on_chip_sram_mb": ("sram_capacity", "MB"),
    "cores.count": ("cores", "1"),
    "cores.boost_mhz": ("boost_clock", "MHz"),
    "scaleup.name": ("scaleup_name", ""),
    "scaleup.unidir_gbs": ("scaleup_bandwidth", "GB/s"),
    "scaleup.bidir_gbs": ("scaleup_bandwidth_both_ways", "GB/s"),
    "scaleup.domain_size": ("scaleup_domain", "1"),
    "scaleout.per_chip_gbps": ("scaleout_bandwidth", "Gb/s"),
    "host.pcie_gen": ("pcie_generation", "1"),
    "tdp_w": ("tdp", "W"),
    "fp8_engine": ("fp8_engine", ""),
}
for _name in ("fp64", "tf32", "fp32", "fp16", "bf16", "fp8", "fp6", "fp4"):
    CHIP_FIELDS[f"tensor_dense_tflops.{_name}"] = (f"dense_{_name}", "TFLOPS")
for _name in ("fp16_fp32_accumulate", "fp8_fp32_accumulate", "fp16_cube_only"):
    CHIP_FIELDS[f"tensor_dense_tflops.{_name}"] = (f"dense_{_name}", "TFLOPS")
for _name in ("int8", "int4"):
    CHIP_FIELDS[f"tensor_dense_tflops.{_name}"] = (f"dense_{_name}", "TOPS")
for _name in ("fp64", "fp32", "fp16"):
    CHIP_FIELDS[f"vector_tflops.{_name}"] = (f"vector_{_name}", "TFLOPS")

SYSTEM_FIELDS: dict[str, tuple[str, str]] = {
    "chips_per_node": ("chips_per_node", "1"),
    "scaleup_domain": ("scaleup_domain", "1"),
    "scaleup_topology": ("scaleup_topology", ""),
    "scaleup_per_chip_unidir_gbs": ("scaleup_bandwidth", "GB/s"),
    "nics": ("nics", "1"),
    "nic_gbps": ("nic_bandwidth", "Gb/s"),
    "fabric": ("fabric", ""),
    "host_cpu": ("host_cpu", ""),
    "host_mem_gb": ("host_memory", "GB"),
    "node_power_kw": ("node_power", "kW"),
    "price_usd": ("node_price", "USD"),
    "nodes": ("nodes", "1"),
    "nodes_per_rack": ("nodes_per_rack", "1"),
    "racks": ("racks", "1"),
    "rack_power_kw": ("rack_power", "kW"),
    "pod_power_kw": ("pod_power", "kW"),
    "bf16_pflops": ("pod_dense_bf16", "PFLOPS"),
    "fp8_eflops": ("pod_dense_fp8", "EFLOPS"),
    "fp4_eflops": ("pod_dense_fp4", "EFLOPS"),
    "hbm_bw_tbs": ("pod_memory_bandwidth", "TB/s"),
    "hbm_total_tb": ("pod_memory_capacity", "TB"),
}
NETWORK_FIELDS = {
    "port_gbps": ("port_bandwidth", "Gb/s"),
    "typical_latency_us": ("latency", "us"),
}
ALIASES: dict[str, list[str]] = read_yaml(Path(__file__).parent / "aliases.yaml").data
PRICE_WORDS = (
    ("list", "list"), ("msrp", "list"), ("ceo", "reported"), ("release", "release"),
    ("street", "street"), ("refurb", "used"), ("order", "contract"), ("analyst", "analyst"),
)  # fmt: skip
KINDS = (
    ("fx", "exchange rate"), ("rent_", "rental price"), ("price_", "unit price"),
    ("yield_", "yield"), ("share_", "share"), ("smuggled", "smuggling"), ("plan_", "plan"),
    ("production_", "production"), ("shipments", "shipments"), ("charge_", "charge"),
    ("orders_", "sales"), ("delivered_", "shipments"), ("revenue", "sales"), ("demand", "demand"),
    ("capacity", "capacity"), ("compute", "stock"), ("share", "share"), ("self_suff", "share"),
    ("tam", "demand"), ("fee", "charge"), ("deliveries", "shipments"), ("lost", "charge"),
    ("unshipped", "charge"), ("inventory", "charge"), ("market", "demand"), ("supply", "sales"),
    ("obtained", "stock"), ("stacks", "stock"), ("dies", "production"), ("output", "capacity"),
)  # fmt: skip
SUBJECTS = (
    ("h20", "h20-96gb"), ("h200", "h200-sxm"), ("h100", "h100-sxm5"), ("b200", "b200"),
    ("a100_80", "a100-sxm-80gb"), ("a100_40", "a100-sxm-40gb"), ("mi300x", "mi300x"),
    ("910b_910c", "Huawei"), ("910b", "ascend-910b2"), ("910c", "ascend-910c"),
    ("mlu590", "mlu590"), ("rtx6000d", "rtx6000d"), ("cambricon", "Cambricon"),
    ("huawei", "Huawei"), ("ascend", "Huawei"), ("nvidia", "NVIDIA"), ("amd", "AMD"),
    ("thead", "T-Head"), ("kunlunxin", "Kunlunxin"), ("smic", "SMIC"), ("samsung", "Samsung"),
    ("cloudmatrix384", "cloudmatrix384"), ("china", "China"), ("domestic", "China"),
)  # fmt: skip


def main(draft: Path, output: Path) -> None:
    """Read the draft and the corrections, write one file for each entry."""
    corrections, new_sources = _corrections(Path(__file__).parent / "corrections")
    sources = read_yaml(draft / "sources.yaml").data["sources"] | new_sources
    sources = {key: _source(source) for key, source in sources.items()}
    _write(output / "sources.yaml", {"sources": sources})
    systems = read_yaml(draft / "systems.yaml").data
    for chip in read_yaml(draft / "chips.yaml").data["chips"]:
        found = corrections.get(("chip", chip["id"]), {})
        _write_entry(output / "chips", _chip(chip | _renamed(found), found))
    for system in systems["systems"]:
        found = corrections.get(("system", system["id"]), {})
        _write_entry(output / "systems", _system(system | _renamed(found), found))
    for network in systems["networks"]:
        found = corrections.get(("network", network["id"]), {})
        _write_entry(output / "networks", _network(network, found))
    _write(output / "market.yaml", {"market": _market(draft / "market.csv", corrections)})


def _corrections(folder: Path) -> tuple[dict[tuple[str, str], Draft], Draft]:
    """Corrections by (kind, entry) and then by path; and the sources they bring."""
    found: dict[tuple[str, str], Draft] = {}
    sources: Draft = {}
    for path in sorted(folder.glob("*.yaml")):
        data = read_yaml(path).data
        sources |= data.get("sources") or {}
        for row in data["corrections"]:
            kind = next(k for k in ("chip", "system", "network", "market") if k in row)
            of_entry = found.setdefault((kind, str(row[kind])), {})
            of_entry.setdefault(str(row["path"]), []).append(row)
    return found, sources


def _renamed(corrections: Draft) -> Draft:
    """Corrections of an entry's own words."""
    return {
        word: corrections[word][0]["value"]
        for word in ("name", "status", "chip")
        if word in corrections and corrections[word][0]["verdict"] == "changed"
    }


def _source(source: Draft) -> Draft:
    source = {key: str(value) for key, value in source.items() if key != "attachment"}
    if source["url"].startswith("public code index record"):
        source["kind"] = "tertiary"  # read, but nobody can be sent there
    note = source.get("note", "")
    if licence := re.search(r"CC-BY(?:-SA)?(?:-\d\.\d)?|Apache-2\.0|\bMIT\b", note):
        source["licence"] = licence.group()
    return source


def _chip(chip: Draft, corrections: Draft) -> Draft:
    entry: Draft = {"id": chip["id"], "name": chip["name"], "vendor": chip["vendor"]}
    entry |= {"design": chip["architecture"], "status": chip["status"]}
    if chip["id"] in ALIASES:
        entry["aliases"] = ALIASES[chip["id"]]
    if chip.get("variant_of"):
        entry["variant_of"] = chip["variant_of"]
    if chip.get("cores", {}).get("unit"):
        entry["core_name"] = chip["cores"]["unit"]
    entry["figures"] = _figures(chip, CHIP_FIELDS, corrections)
    if chip.get("price"):
        entry["prices"] = [_price(price) for price in chip["price"]]
    if chip.get("notes"):
        entry["notes"] = [str(note) for note in chip["notes"]]
    return entry


def _system(system: Draft, corrections: Draft) -> Draft:
    entry: Draft = {"id": system["id"], "name": system["name"], "chip": system["chip"]}
    return entry | {"figures": _figures(system, SYSTEM_FIELDS, corrections)}


def _network(network: Draft, corrections: Draft) -> Draft:
    figures = {
        path: {"v": network[path], "src": network["src"], "conf": network["conf"]}
        for path in NETWORK_FIELDS
    }
    entry: Draft = {"id": network["id"], "name": network["name"]}
    return entry | {"figures": _figures(figures, NETWORK_FIELDS, corrections)}


def _figures(draft: Draft, fields: dict[str, tuple[str, str]], corrections: Draft) -> Draft:
    figures: Draft = {}
    for path, (field, unit) in fields.items():
        found = _at(draft, path)
        rows = corrections.get(path, [])
        if found is None and not any(row["verdict"] in ("confirmed", "changed") for row in rows):
            continue
        figures[field] = _figure(found, unit, rows)
    return figures


def _at(draft: Draft, path: str) -> Draft | None:
    part: Any = draft
    for key in path.split("."):
        part = part.get(key) if isinstance(part, dict) else None
    return part if isinstance(part, dict) else None


def _figure(found: Draft | None, unit: str, rows: list[Draft]) -> Draft:
    """One figure after its corrections: confirmations raise it, a change keeps the old as rival."""
    rivals: list[Draft] = [_rival(rival, unit) for rival in (found or {}).get("alt", [])]
    figure: Draft = {}
    if found is not None:
        figure = {"value": _written(found["v"], unit), "sources": _list(found["src"])}
        figure["confidence"] = found["conf"]
        for key in ("inherited_from", "note"):
            if found.get(key):
                figure[key] = str(found[key])
    for row in rows:
        verdict = row["verdict"]
        if verdict == "not_found" or row.get("value") is None:
            continue
        read: Draft = {"value": _written(row["value"], unit), "sources": _list(row["src"])}
        read["confidence"] = "seen"
        note = "; ".join(str(row[key]) for key in ("where", "note") if row.get(key))
        if note:
            read["note"] = note
        if verdict == "rival":
            rivals.append(read)
        elif figure and verdict == "changed":
            old: Draft = {
                key: figure[key]
                for key in ("value", "sources", "confidence", "note")
                if key in figure
            }
            rivals.append(old)
            figure = read
        else:
            kept = [key for key in figure.get("sources", []) if key not in read["sources"]]
            earlier = figure.get("confidence") == "seen"
            # A confirmation may print fewer digits (989 for 989.4): the figure keeps its own.
            read["value"] = figure.get("value", read["value"])
            figure = read | {"sources": read["sources"] + (kept if earlier else [])}
    rivals = [rival for rival in rivals if rival["value"] != figure["value"]]
    if rivals:
        figure["rivals"] = rivals
    return figure


def _rival(rival: Draft, unit: str) -> Draft:
    result = {"value": _written(rival["v"], unit), "sources": _list(rival["src"])}
    result["confidence"] = rival["conf"]
    note = rival.get("note") or (
        "found by comparing tables mechanically" if rival.get("auto") else ""
    )
    return result | ({"note": str(note)} if note else {})


def _price(price: Draft) -> Draft:
    what = str(price["what"])
    kind = next((kind for word, kind in PRICE_WORDS if word in what.lower()), "reported")
    result: Draft = {
        "value": f"{price['v']} {price['currency']}",
        "kind": kind,
        "date": str(price["date"]),
    }
    result |= {"sources": _list(price["src"]), "confidence": price["conf"]}
    return result | {"note": what}


def _market(path: Path, corrections: dict[tuple[str, str], Draft]) -> list[Draft]:
    import csv

    rows = []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name = row["quantity"]
            value = float(row["value"])
            figure: Draft = {"quantity": name, "kind": _first(KINDS, name, "sales")}
            figure |= {"subject": _subject(name), "period": row["period"]}
            figure |= {"value": int(value) if value.is_integer() else value, "unit": row["unit"]}
            figure |= {"sources": [row["source"]], "confidence": row["confidence"]}
            if row["note"]:
                figure["note"] = row["note"].strip('"')
            for found in corrections.get(("market", f"{name}@{row['period']}"), {}).values():
                for each in found:
                    if each["verdict"] in ("confirmed", "changed"):
                        figure |= {"sources": _list(each["src"]), "confidence": "seen"}
                        figure["value"] = each.get("value", figure["value"])
            rows.append(figure)
    return rows


def _subject(name: str) -> str:
    words = [
        (word, subject) for word, subject in SUBJECTS if re.search(rf"(^|[_x]){word}($|_)", name)
    ]
    return words[0][1] if words else "world"


def _first(table: tuple[tuple[str, str], ...], name: str, default: str) -> str:
    return next((kind for word, kind in table if word in name), default)


def _written(value: Any, unit: str) -> Any:
    if not unit or isinstance(value, bool):
        return value if isinstance(value, bool) else str(value)
    if unit == "billion":
        return round(float(value) * 1_000_000_000)
    return value if unit == "1" else f"{value} {unit}"


def _list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _write_entry(folder: Path, entry: Draft) -> None:
    _write(folder / f"{entry['id']}.yaml", entry)


class _Dumper(yaml.SafeDumper):
    """Lists of plain words on one line; everything else in block style."""


def _plain_list(dumper: yaml.SafeDumper, data: list[Any]) -> yaml.Node:
    flow = all(isinstance(item, str) and len(item) < 40 for item in data)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=flow)


_Dumper.add_representer(list, _plain_list)


def _write(path: Path, data: Draft) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    write_text(path, text)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
