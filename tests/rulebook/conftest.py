"""Engines that answer the printed queries, each started once for many of them.

Without Java or pyspark the tests that need Spark are skipped by name.
"""

from __future__ import annotations

import os
import shutil
import sys

import duckdb
import pytest

#: For Java that lives for a minute: what collects memory on many threads, and a second compiler
#: that repays itself after an hour, took more of the cores than the work. Read by every process
#: that Spark starts: driver, master, workers and theirs.
SHORT_LIVED = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"


def need_spark():
    """Skip with a clear line where Spark cannot run."""
    pytest.importorskip("pyspark", reason="pyspark is not installed (make env-cluster)")
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        pytest.skip("Java is not installed, and Spark needs it")
    os.environ["JAVA_TOOL_OPTIONS"] = SHORT_LIVED


@pytest.fixture(scope="module")
def engine():
    """A DuckDB that is started already."""
    with duckdb.connect() as connection:
        yield connection


@pytest.fixture(scope="session")
def spark():
    """A small Spark session on this machine."""
    need_spark()
    os.environ["PYSPARK_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession  # noqa: PLC0415  an optional extra

    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.shuffle.partitions": "1",
    }
    builder = SparkSession.builder.master("local[1]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()
