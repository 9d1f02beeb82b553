"""Measured tables of kernels: a file is opened, recognised by its columns, and read into groups.

The formats are those of two public collections; `THIRD_PARTY.md` says where to get them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from chipassay.errors import MissingPartError, QuestionError
from chipassay.measured.group import Group
from chipassay.records.fabric import Fabric

if TYPE_CHECKING:
    from chipassay.measured.dispatch import Place


class Facts(NamedTuple):
    """What readers need to know of chips, by the table's names for them."""

    cache: Callable[[str], float]
    fabric: Callable[[str], Fabric]
    dispatch: Callable[[str], Place]


class Table(NamedTuple):
    """One kind of table: the columns that tell it, and its reader."""

    name: str
    columns: tuple[str, ...]
    read: Callable[[Any, Facts], Iterator[Group]]


def groups(path: Path, facts: Facts) -> tuple[str, list[Group]]:
    """The kind of table and its rows by formula, format and stack.

    Raises `QuestionError` for a file that cannot be read, or whose columns are no known table's.
    """
    frame = opened(path)
    table = recognised(tuple(frame.columns), path)
    if not len(frame):
        raise QuestionError("the table has no rows", where=str(path), hint="give one with rows")
    import numpy as np
    import polars

    words = [name for name in _WHO if name in table.columns]
    frame = frame.with_columns(polars.col(*words).cast(str).fill_null("")).with_row_index("row")
    try:
        with np.errstate(all="ignore"):  # zeros in shapes: such rows are passed over later
            return table.name, list(table.read(frame, facts))
    except (TypeError, ValueError, polars.exceptions.PolarsError) as error:
        problem = f"a column holds something else than a table of {table.name} has: {error}"
        raise QuestionError(
            problem.splitlines()[0], where=str(path), hint=_expected(table)
        ) from None


def opened(path: Path) -> Any:
    """A parquet or CSV file as a polars frame."""
    try:
        import polars
    except ImportError:
        hint = 'pip install "chipassay[tables]"'
        raise MissingPartError("polars is not installed", where=str(path), hint=hint) from None
    if not path.is_file():
        raise QuestionError("there is no such file", where=str(path), hint="check the path")
    try:
        if path.suffix == ".csv":
            return polars.read_csv(path)
        return polars.read_parquet(path)
    except Exception as error:  # polars raises kinds of its own for each way a file is broken
        problem = f"this is no parquet or CSV table: {error}".splitlines()[0]
        raise QuestionError(problem, where=str(path), hint="give a .parquet or .csv file") from None


def recognised(columns: tuple[str, ...], path: Path) -> Table:
    """The kind of table that has these columns."""
    for table in tables():
        if set(table.columns) <= set(columns):
            return table
    nearest = max(tables(), key=lambda t: len(set(t.columns) & set(columns)) / len(t.columns))
    missing = [name for name in nearest.columns if name not in columns]
    if len(missing) == len(nearest.columns):
        known = ", ".join(table.name for table in tables())
        problem = "these columns are no kernel table's"
        raise QuestionError(problem, where=str(path), hint=f"known tables: {known}")
    problem = f"a table of {nearest.name} lacks the column {', '.join(missing)}"
    raise QuestionError(problem, where=str(path), hint=_expected(nearest))


def _expected(table: Table) -> str:
    return f"its columns are {', '.join(table.columns)}"


def tables() -> tuple[Table, ...]:
    """Every kind of table, the more special before the more general."""
    return (
        Table("gemm", (*_WHO, "gemm_dtype", "m", "n", "k", "latency"), _gemm),
        Table("prefill or decode attention", _WHO + _ATTENTION, _attention),
        Table("latent attention", _WHO + _LATENT, _latent),
        Table("experts", _WHO + _EXPERTS, _experts),
        Table("exchange of experts' tokens", (*_WHO, *_EXCHANGE), _exchange),
        Table("collectives", (*_WHO, "op_name", "nccl_dtype", *_GROUP), _collectives),
        Table("all-reduce", (*_WHO, "op_name", "allreduce_dtype", *_GROUP), _all_reduce),
        Table("low-latency dispatch", _WHO + _LOW_LATENCY, _low_latency),
        Table("throughput dispatch", _WHO + _THROUGHPUT, _throughput),
        Table("operators of a layer", _LAYER, _pointwise),
        Table("collectives by bytes", _NETWORK, _network),
    )


_WHO = ("system", "backend_name")
_GROUP = ("num_gpus", "message_size", "kernel_source", "backend_version", "latency")
_ATTENTION = (
    "op_name", "batch_size", "isl", "step", "num_heads", "num_key_value_heads", "head_dim",
    "window_size", "attn_dtype", "kv_cache_dtype", "kernel_source", "latency",
)  # fmt: skip
_LATENT = ("op_name", "num_heads", "batch_size", "isl", "step", "tp_size", "latency")
_EXPERTS = (
    "moe_dtype", "num_tokens", "hidden_size", "inter_size", "topk", "num_experts", "moe_tp_size",
    "moe_ep_size", "distribution", "kernel_source", "backend_version", "latency",
)  # fmt: skip
_EXCHANGE = (
    "op_name", "moe_dtype", "num_tokens", "hidden_size", "topk", "num_experts", "moe_ep_size",
    "latency",
)  # fmt: skip
_DISPATCH = ("node_num", "hidden_size", "num_token", "num_topk", "num_experts")
_LOW_LATENCY = (*_DISPATCH, "dispatch_avg_t_us", "combine_avg_t_us")
_THROUGHPUT = (
    *_DISPATCH, "dispatch_sms", "dispatch_transmit_us", "combine_sms", "combine_transmit_us",
)  # fmt: skip
_NETWORK = (
    "system", "num_workers", "size_bytes", "collective", "devices_per_node", "median_ms",
)  # fmt: skip
_LAYER = ("system", "n_head", "n_embd", "num_tokens", "input_layernorm_ms", "mlp_act_ms")


def _gemm(frame: Any, facts: Facts) -> Iterator[Group]:
    from chipassay.measured import gemm

    return gemm.groups(frame, facts.cache)


def _attention(frame: Any, facts: Facts) -> Iterator[Group]:  # noqa: ARG001
    from chipassay.measured import attention

    return _by_operator(frame, "generation", attention.prefill_groups, attention.decode_groups)


def _latent(frame: Any, facts: Facts) -> Iterator[Group]:  # noqa: ARG001
    from chipassay.measured import latent

    return _by_operator(frame, "generation", latent.prefill_groups, latent.decode_groups)


def _by_operator(
    frame: Any,
    word: str,
    prefill: Callable[[Any], Iterator[Group]],
    decode: Callable[[Any], Iterator[Group]],
) -> Iterator[Group]:
    """Rows of decode steps say so in their operator's name; the others are prompts."""
    steps = frame["op_name"].cast(str).str.contains(word)
    if steps.any():
        yield from decode(frame.filter(steps))
    if not steps.all():
        yield from prefill(frame.filter(~steps))


def _experts(frame: Any, facts: Facts) -> Iterator[Group]:  # noqa: ARG001
    from chipassay.measured import experts

    return experts.groups(frame)


def _collectives(frame: Any, facts: Facts) -> Iterator[Group]:
    from chipassay.measured import collectives

    return collectives.library_groups(frame, facts.fabric)


def _all_reduce(frame: Any, facts: Facts) -> Iterator[Group]:
    from chipassay.measured import collectives

    return collectives.engine_groups(frame, facts.fabric)


def _low_latency(frame: Any, facts: Facts) -> Iterator[Group]:
    from chipassay.measured import dispatch

    return dispatch.low_latency_groups(frame, facts.dispatch)


def _exchange(frame: Any, facts: Facts) -> Iterator[Group]:
    from chipassay.measured import dispatch

    return dispatch.exchange_groups(frame, facts.dispatch)


def _throughput(frame: Any, facts: Facts) -> Iterator[Group]:
    from chipassay.measured import dispatch

    return dispatch.throughput_groups(frame, facts.dispatch)


def _pointwise(frame: Any, facts: Facts) -> Iterator[Group]:  # noqa: ARG001
    from chipassay.measured import pointwise

    return pointwise.groups(frame)


def _network(frame: Any, facts: Facts) -> Iterator[Group]:
    from chipassay.measured import network

    return network.groups(frame, facts.fabric)
