"""The engines, in the order in which they take turns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Meaning(StrEnum):
    """What an engine's answers are worth.

    REFERENCE  the answers all others are held against
    STRICT     must be equal to the reference, cell by cell
    PLAIN      as usually written; how many unknown answers it settles is counted
    NONE       gives no answers
    """

    REFERENCE = "reference"
    STRICT = "strict"
    PLAIN = "plain"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Peer:
    """An engine as bench/peers/<name>.py runs it.

    bytes_a_person   memory it needs, from runs at 10 million; 0 where it does not grow
    once             too slow to be run more than once for each size
    """

    name: str
    title: str
    meaning: Meaning
    bytes_a_person: int = 0
    once: bool = False


REFERENCE = "yihu_snapshot"
#: Both hand-written DuckDB queries; goals are held against the cheaper one.
DUCKDB = ("duckdb_packed", "duckdb_query")

PEERS = (
    Peer(REFERENCE, "yihu, from a snapshot", Meaning.REFERENCE),
    Peer("yihu_packed", "yihu, answers packed", Meaning.STRICT),
    Peer("yihu_answers", "yihu, answers only", Meaning.NONE),
    Peer("scan", "DuckDB, bare scan", Meaning.NONE),
    Peer("yihu_build", "yihu, making the snapshot", Meaning.NONE),
    Peer("yihu_parquet", "yihu, from Parquet", Meaning.STRICT),
    Peer("duckdb_packed", "DuckDB, packed by an expert", Meaning.STRICT, 100),
    Peer("duckdb_query", "DuckDB, one query by hand", Meaning.STRICT, 160),
    Peer("yihu_sql", "DuckDB, printed by yihu", Meaning.STRICT, 300),
    Peer("polars_lazy", "Polars, lazy and streaming", Meaning.STRICT, 200),
    Peer("pandas_arrow", "pandas, Arrow types", Meaning.STRICT, 800),
    Peer("openfisca_known", "OpenFisca, made three-valued", Meaning.STRICT, 900),
    Peer("spark_sql", "Spark, the same query", Meaning.STRICT, 300, once=True),
    Peer("plain_sql", "DuckDB, plain SQL", Meaning.PLAIN, 160),
    Peer("plain_polars", "Polars, plain", Meaning.PLAIN, 200),
    Peer("plain_pandas", "pandas, plain", Meaning.PLAIN, 800),
    Peer("openfisca_natural", "OpenFisca, as it is", Meaning.PLAIN, 600),
)
BY_NAME = {peer.name: peer for peer in PEERS}
