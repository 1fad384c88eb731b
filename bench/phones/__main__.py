"""An evening of phones:  python -m bench.phones [--phones 7000] [--home FOLDER] [--people 347162]

A made county is kept in the folder of its database and written in: each run adds its entries; on
SQLite it is a copy of the one bench.desk made, where there is one. On PostgreSQL:
tools/on_postgresql.sh python -m bench.phones (YIHU_DATABASE names the database).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from bench import machine
from bench.desk import __main__ as desk
from bench.desk.clients import Ask, load
from bench.desk.pages import core_seconds, served
from bench.desk.running import run
from bench.phones.phone import Evening, Phone, Took

#: The file a made county is written with last.
MADE = "demo-people.json"
DESK = ("/", "/households/", "/ledger/")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print and write; 1 where an entry or photo is not where it must be, else 0."""
    asked = _asked(arguments)
    made = desk.MADE / f"county-{asked.people}"
    if not (asked.home / MADE).exists() and not asked.database and (made / MADE).exists():
        desk.copied(made, asked.home)
    if not (asked.home / MADE).exists():
        _run(asked, "yihu.commands", "demo", "make", "--people", str(asked.people))
    ready = _said(_run(asked, "bench.phones.inside", "prepare", str(asked.phones)))
    office = _said(_run(asked, "bench.desk.inside", "prepare"))
    found: dict[str, Any] = {"machine": machine.described(), "phones": len(ready["phones"])}
    found["database"] = "postgresql" if asked.database else "sqlite"
    with served(asked.home, asked.database) as (port, server):
        took = _evening(asked, ready["phones"], office, port, server, found)
    found["verified"] = _verified(asked, took)
    if asked.audit:
        found["audit"] = _run(asked, "yihu.commands", "audit").strip().splitlines()[-3:]
    found["load_after"] = machine.load()
    text = json.dumps(found, indent=1, ensure_ascii=False, default=str)
    (asked.home / "phones.json").write_text(text + "\n", encoding="utf-8")
    print(text)
    return 1 if found["verified"]["fault_count"] or found["faults"] else 0


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.phones", description=__doc__)
    parser.add_argument("--phones", type=int, default=7_000)
    parser.add_argument("--people", type=int, default=347_162, help="of the county, if made anew")
    parser.add_argument("--home", type=Path, default=Path("build/bench/phones"))
    parser.add_argument("--at-once", type=int, default=100, help="phones that sync at one time")
    parser.add_argument("--desk", type=int, default=5, help="people at the desk, 1 s pause each")
    for name, kind in (("entries", int), ("photos", int), ("photo", int), ("piece", int)):
        usual = Evening.__dataclass_fields__[name].default
        parser.add_argument(f"--{name}", type=kind, default=usual)
    parser.add_argument("--lost", type=float, default=0.1, help="share of answers that get lost")
    parser.add_argument("--new", action="store_true", help="phones that hold nothing yet")
    parser.add_argument("--no-audit", dest="audit", action="store_false", help="for a look")
    parser.add_argument("--database", default=os.environ.get("YIHU_DATABASE", ""))
    asked = parser.parse_args(arguments)
    asked.home = asked.home.resolve() / ("postgresql" if asked.database else "sqlite")
    return asked


def _run(asked: argparse.Namespace, module: str, *words: str) -> str:
    return run(asked.home, module, *words, database=asked.database).said


def _said(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text.splitlines()[-1])
    return found


def _evening(
    asked: argparse.Namespace, phones: list[dict[str, str]], desk: dict[str, Any], port: int,
    server: psutil.Process, found: dict[str, Any],
) -> Took:  # fmt: skip
    """All phones sync, so many at one time; the desk is asked meanwhile. Fills `found`."""
    brings = Evening(asked.entries, asked.photos, asked.photo, asked.piece, asked.lost)
    all_took = Took()
    made = [
        Phone(port, each["key"], each["cookie"], random.Random(n)) for n, each in enumerate(phones)
    ]
    if not asked.new:
        begun = time.perf_counter()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(Phone.morning, made))
        found["morning_seconds"] = round(time.perf_counter() - begun, 1)
    with _watched(server) as peak, _at_the_desk(asked, desk, port) as waited:
        before, begun = _core(server), time.perf_counter()
        with ThreadPoolExecutor(asked.at_once) as pool:
            for took in pool.map(lambda phone: phone.evening(brings), made):
                all_took.add(took)
        found["seconds"] = round(time.perf_counter() - begun, 1)
        core = {who: seconds - before[who] for who, seconds in _core(server).items()}
    found |= {
        "core_ms_a_phone": {who: round(of / len(phones) * 1000) for who, of in core.items()},
        "peak_mb": round(max(peak)),
        "up_kb_a_phone": round(all_took.up / len(phones) / 1000, 1),
        "down_kb_a_phone": round(all_took.down / len(phones) / 1000, 1),
        "sent_again": all_took.again, "told_to_come_back": all_took.away,
        "ms": {kind: _figures(ms) for kind, ms in sorted(all_took.milliseconds.items())},
        "desk_ms": _figures(waited), "faults": all_took.faults[:20],
        "fault_count": len(all_took.faults),
    }  # fmt: skip
    return all_took


def _core(server: psutil.Process) -> dict[str, float]:
    """Processor seconds of the server, of PostgreSQL, and of the clients, which are all here."""
    found = {"server": core_seconds(server), "database": 0.0, "clients": time.process_time()}
    for each in psutil.process_iter(["name", "cpu_times"]):
        if each.info["name"] == "postgres" and (took := each.info["cpu_times"]):
            # With those that served a connection which has ended since.
            found["database"] += took.user + took.system + took.children_user + took.children_system
    return found


def _figures(milliseconds: Sequence[float]) -> dict[str, float]:
    """Count, median, and what 95 of 100 waited at most."""
    ordered = sorted(milliseconds)
    if not ordered:
        return {"count": 0}
    p95 = ordered[max(0, -(-len(ordered) * 95 // 100) - 1)]
    return {"count": len(ordered), "p50": round(median(ordered), 1), "p95": round(p95, 1)}


@contextmanager
def _at_the_desk(
    asked: argparse.Namespace, ready: dict[str, Any], port: int
) -> Iterator[list[float]]:
    """People who look at pages for as long as it lasts; milliseconds of each page."""
    homes, headers = ready["households"], {"Cookie": ready["cookie"]}
    paths = [*DESK, *(f"/households/{home}/" for home in homes[:200])]

    def ask(chance: random.Random) -> Ask:
        return Ask(chance.choice([*DESK, paths[chance.randrange(3, len(paths))]]), headers=headers)

    waited: list[float] = []
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            found = load(port, ask, clients=asked.desk, seconds=2, pause=1.0)
            found.figures()  # raises where a page was none
            waited.extend(found.milliseconds)

    looking = ThreadPoolExecutor(1)
    job = looking.submit(look)
    try:
        yield waited
    finally:
        over.set()
        looking.shutdown()
    job.result()


@contextmanager
def _watched(server: psutil.Process) -> Iterator[list[float]]:
    """Megabytes the server and all below it hold for themselves, looked at each second."""
    seen = [0.0]
    over = threading.Event()

    def watch() -> None:
        while not over.wait(1.0):
            below = (server, *server.children(recursive=True))
            seen.append(sum(each.memory_info().rss for each in below) / 1e6)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield seen
    finally:
        over.set()
        watching.join()


def _verified(asked: argparse.Namespace, took: Took) -> dict[str, Any]:
    path = asked.home / "phones-sent.json"
    answers = {id: sorted(told, key=str) for id, told in took.answers.items()}
    said = {"answers": answers, "photos": list(took.photos)}
    path.write_text(json.dumps(said), encoding="utf-8")
    return _said(_run(asked, "bench.phones.inside", "verify", str(path)))


if __name__ == "__main__":
    sys.exit(main())
