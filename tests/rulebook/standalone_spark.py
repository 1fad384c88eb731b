"""A Spark standalone cluster on this machine: a master and workers on loopback, on free ports."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

ADDRESS = "127.0.0.1"
#: A worker must offer at least what a session asks for, 1 GB unless told otherwise.
MEMORY = "1200m"


@contextmanager
def standalone(folder: Path, workers: int = 2):
    """The master's address, once every worker has joined."""
    with ExitStack() as stack:
        log = folder / "master.log"
        master = ["master.Master", "--host", ADDRESS, "--port", "0", "--webui-port", "0"]
        stack.enter_context(_running(master, log))
        address = _found(log, r"(spark://[\d.]+:\d+)")
        for number in range(workers):
            one = ["worker.Worker", "--host", ADDRESS, "--webui-port", "0", "--cores", "1"]
            one += ["--memory", MEMORY, "--work-dir", str(folder / f"work-{number}"), address]
            stack.enter_context(_running(one, folder / f"worker-{number}.log"))
        for number in range(workers):
            _found(folder / f"worker-{number}.log", r"(Successfully registered with master)")
        yield address


@contextmanager
def _running(arguments: list[str], log: Path):
    import pyspark  # noqa: PLC0415  an optional extra

    home = Path(pyspark.__file__).parent
    command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{arguments[0]}"]
    environment = {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": ADDRESS,
                   "PYSPARK_PYTHON": sys.executable, "SPARK_DAEMON_MEMORY": "256m"}  # fmt: skip
    with log.open("w") as file:
        process = subprocess.Popen(
            [*command, *arguments[1:]], env=environment, stdout=file, stderr=file
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def _found(log: Path, pattern: str) -> str:
    for _ in range(1800):  # three minutes: a busy machine starts Java slowly
        match = re.search(pattern, log.read_text(errors="replace"))
        if match:
            return match.group(1)
        time.sleep(0.1)
    raise TimeoutError(f"{pattern} not in {log}:\n{log.read_text(errors='replace')}")
