"""Spark on this machine alone, running the hand-written DuckDB query in Spark's words.

SQLGlot translates it. It costs Spark about half of the query that yihu prints.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlglot
from pyspark.sql import SparkSession

from bench.data import Data
from bench.peers import duckdb_query

#: Runs on the small data set before the measured one: Java compiles what is run often.
WARM_RUNS = 3


def session() -> Any:
    """Spark with a task for each processor; started before anything is measured."""
    # Workers take another Python otherwise.
    os.environ["PYSPARK_PYTHON"] = sys.executable
    cores = os.cpu_count() or 1
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": "6g",
        "spark.sql.shuffle.partitions": str(4 * cores),
        "spark.sql.parquet.compression.codec": "snappy",
    }
    builder = SparkSession.builder.master(f"local[{cores}]").appName("bench")
    for name, value in settings.items():
        builder = builder.config(name, value)
    found = builder.getOrCreate()
    found.sparkContext.setLogLevel("OFF")
    atexit.register(found.stop)
    return found


def ready(data: Data) -> Callable[[Path], None]:
    """The measured work."""
    spark = session()
    (text,) = sqlglot.transpile(
        duckdb_query.query(duckdb_query.grouped()), read="duckdb", write="spark"
    )

    def run(out: Path) -> None:
        for name in ("households", "persons"):
            spark.read.parquet(str(getattr(data, name))).createOrReplaceTempView(name)
        spark.sql(text).write.mode("overwrite").parquet(str(out))

    return run
