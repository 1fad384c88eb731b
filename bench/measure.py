"""Runs an engine in a child process and measures it: wall, core-seconds, memory."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import psutil

from bench.data import Data

#: Seconds between two looks at the memory of a run.
LOOK_EVERY = 0.02


@dataclass(frozen=True, slots=True)
class Run:
    """One measured run.

    wall, core   seconds of the work itself; core is user and system time of the process tree
    whole_core   core-seconds of the whole process, start and warm-up included
    peak_mb      most resident memory, pages of mapped files included
    private_mb   most memory of its own (anonymous and shared), mapped files left out
    """

    wall: float
    core: float
    whole_core: float
    peak_mb: float
    private_mb: float


@dataclass(slots=True)
class Engine:
    """All runs of one engine over one data set; `absent` says why there are none."""

    name: str
    runs: list[Run] = field(default_factory=list)
    absent: str = ""
    difference: dict[str, int] = field(default_factory=dict)

    def median(self, figure: str) -> float:
        """Median of a figure over the runs."""
        return float(median(getattr(run, figure) for run in self.runs))

    def figures(self) -> dict[str, object]:
        """As plain numbers."""
        if not self.runs:
            return {"absent": self.absent}
        names = ("wall", "core", "whole_core", "peak_mb", "private_mb")
        rounded = {name: round(self.median(name), 4) for name in names}
        every = [round(run.core, 4) for run in self.runs]
        return {**rounded, "core_of_each_run": every, "difference": self.difference}


def run(engine: str, data: Data, warm: Data, out: Path) -> Run:
    """One run. Raises RuntimeError with the last line the engine said."""
    command = [sys.executable, "-W", "ignore", "-m", "bench.child", engine]
    out.parent.mkdir(parents=True, exist_ok=True)
    errors = out.with_suffix(".errors")
    with errors.open("w") as said:
        child = subprocess.Popen(
            [*command, str(data.folder), str(warm.folder), str(out)],
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        )
        assert child.stdout is not None
        with child.stdout, _watched(child.pid) as memory:
            lines = [line.strip() for line in child.stdout if _is_ours(line, memory)]
        _, code, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(code)
    if child.returncode or len(lines) < 2:
        raise RuntimeError(_last_line(errors))
    errors.unlink()
    found = json.loads(lines[-1])
    # Spark's virtual machine is not among what this process waited for.
    whole = max(usage.ru_utime + usage.ru_stime, found["whole_core"])
    return Run(found["wall"], found["core"], whole, found["peak_mb"], memory.most)


def _is_ours(line: str, memory: _Memory) -> bool:
    if line.startswith("ready"):
        memory.most = 0.0
    return line.startswith(("ready", "{"))


def _last_line(errors: Path) -> str:
    lines = [line for line in errors.read_text().splitlines() if line.strip()]
    return lines[-1].strip() if lines else "ended without a word"


class _Memory:
    """Looks at the private memory of a process tree from time to time."""

    def __init__(self, pid: int) -> None:
        self.process = psutil.Process(pid)
        self.most = 0.0
        self.over = threading.Event()

    def look(self) -> None:
        """Until `over`."""
        below: list[int] = []
        looked = 0.0
        while not self.over.wait(LOOK_EVERY):
            with contextlib.suppress(psutil.Error, OSError):
                if time.monotonic() - looked > 1:
                    below = [child.pid for child in self.process.children(recursive=True)]
                    looked = time.monotonic()
                now = sum(_private_kilobytes(pid) for pid in (self.process.pid, *below))
                self.most = max(self.most, now / 1024)


def _private_kilobytes(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    wanted = ("RssAnon:", "RssShmem:")
    return sum(int(line.split()[1]) for line in status if line.startswith(wanted))


@contextlib.contextmanager
def _watched(pid: int) -> Iterator[_Memory]:
    memory = _Memory(pid)
    watcher = threading.Thread(target=memory.look, daemon=True)
    watcher.start()
    try:
        yield memory
    finally:
        memory.over.set()
        watcher.join()
