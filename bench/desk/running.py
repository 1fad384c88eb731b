"""Runs a command of yihu over a data folder and measures it: seconds, memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds by the clock and of processors (all below it too), and the most resident memory."""

    seconds: float
    core: float
    peak_mb: float
    said: str


def environment(home: Path, database: str = "") -> dict[str, str]:
    """What a command over that folder is called with.

    database  address of a PostgreSQL database; SQLite without, whatever else the caller uses
    """
    kept = {k: v for k, v in os.environ.items() if not k.startswith("YIHU_")}
    asked = {"YIHU_HOME": str(home), "YIHU_TODAY": "2020-10-17", "PYTHONUTF8": "1"}
    return {**kept, **asked, **({"YIHU_DATABASE": database} if database else {})}


def yihu(home: Path, *words: str) -> Cost:
    """`yihu WORDS` over a folder. Raises RuntimeError with what it said."""
    return run(home, "yihu.commands", *words)


def run(home: Path, module: str, *words: str, database: str = "") -> Cost:
    """`python -m MODULE WORDS` over a folder. Raises RuntimeError with what it said."""
    home.mkdir(parents=True, exist_ok=True)
    log = home / "bench.log"
    begun = time.perf_counter()
    with log.open("w+", encoding="utf-8") as said:
        child = subprocess.Popen(
            [sys.executable, "-m", module, *words],
            env=environment(home, database), stdout=said, stderr=subprocess.STDOUT,
        )  # fmt: skip
        _, code, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(code)
    seconds = time.perf_counter() - begun
    text = log.read_text(encoding="utf-8")
    if child.returncode:
        raise RuntimeError(f"{module} {' '.join(words)}: {text.strip()[-600:]}")
    # ru_maxrss is in KB on Linux.
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, text)
