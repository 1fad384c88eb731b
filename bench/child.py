"""One engine, one run, in a process of its own:  python -m bench.child ENGINE DATA WARM OUT

The engine is imported and run once on the small data set WARM; then one line, `ready`, is printed
and the measured run on DATA begins. A second line gives its figures as JSON. So imports, starting a
virtual machine, compiling and first-use costs are not in the figures; they are told apart.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import resource
import shutil
import sys
import time
from pathlib import Path

import psutil

from bench.data import opened


def core_seconds() -> float:
    """User and system time of this process and all below it, ended ones included."""
    own = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    spent = sum(usage.ru_utime + usage.ru_stime for usage in own)
    for child in psutil.Process().children(recursive=True):
        times = child.cpu_times()
        spent += times.user + times.system + times.children_user + times.children_system
    return spent


def peak_megabytes() -> float:
    """Most memory held at once since `forget_peak`, this process and those below it."""
    everyone = [psutil.Process(), *psutil.Process().children(recursive=True)]
    return sum(_high_water(process.pid) for process in everyone) / 1024


def _high_water(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return next((int(s.split()[1]) for s in status.splitlines() if s.startswith("VmHWM")), 0)


def forget_peak() -> None:
    """Give back what is free and begin the high-water mark anew."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    for process in (psutil.Process(), *psutil.Process().children(recursive=True)):
        Path(f"/proc/{process.pid}/clear_refs").write_text("5")


def clear(target: Path) -> None:
    """Remove what an earlier run wrote."""
    if target.is_dir():
        shutil.rmtree(target)
    else:
        target.unlink(missing_ok=True)


def main(engine: str, data: str, warm: str, out: str) -> None:
    """Run and print."""
    peer = importlib.import_module(f"bench.peers.{engine}")
    target, first = Path(out), Path(f"{out}.warm")
    clear(target)
    clear(first)
    for _ in range(getattr(peer, "WARM_RUNS", 1)):
        peer.ready(opened(Path(warm)))(first)
        clear(first)
    work = peer.ready(opened(Path(data)))
    forget_peak()
    print("ready", flush=True)
    core, wall = core_seconds(), time.perf_counter()
    work(target)
    wall, core = time.perf_counter() - wall, core_seconds() - core
    whole = {"whole_core": core_seconds(), "peak_mb": peak_megabytes()}
    print(json.dumps({"wall": wall, "core": core} | whole), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:5])
