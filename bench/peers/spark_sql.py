"""Spark on this machine alone, running the SQL that yihu prints for it."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql.functions import col

from bench.data import Data
from bench.equal import entitlements, rules
from bench.peers.yihu_snapshot import program
from bench.peers.yihu_sql import view
from yihu.rulebook import sql

PLACE = "array_position(array({0}), {1}) - 1"


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
    spark, bound = session(), program()
    text = sql.query(bound, "spark")["household"]
    views = {name: view(bound, name, place=PLACE) for name in ("person", "household", "county")}
    asked = [*rules(), *(f"`{rule}.amount`" for rule in entitlements())]

    def run(out: Path) -> None:
        for name in ("households", "persons"):
            spark.read.parquet(str(getattr(data, name))).createOrReplaceTempView(name)
        for name, query in views.items():
            spark.sql(query).createOrReplaceTempView(name)
        ids = col("id").cast("bigint").alias("household_id")
        spark.sql(text).select(ids, *asked).write.mode("overwrite").parquet(str(out))

    return run
