"""The desk under load: `yihu serve` over a made county, and clients at it."""

from __future__ import annotations

import http.client
import json
import random
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil

from bench.desk.clients import Ask, load
from bench.desk.running import environment, run

Asking = Callable[[random.Random], Ask]
#: An address that is there once the desk answers.
HEALTH = "/health"
#: Seconds between an answer and the next question: of somebody in a great hurry, and at work.
PAUSES = (1, 5)
#: Pages somebody of the county office opens, beside those that are measured under load.
EVERY = (
    "/", "/households/", "/ledger/", "/ledger/zero/", "/visits/", "/visits/calendar/",
    "/visits/rates/", "/burden/", "/notices/", "/sync/", "/sync/phones/", "/imports/", "/compare/",
    "/duplicates/", "/statistics/", "/map/", "/map/?level=township", "/rulebook/",
    "/rulebook/simulate/", "/exports/", "/people/", "/villages/{county}/", "/villages/{village}/",
    "/villages/{village}/then/?known={{day}}", "/villages/{village}/then/?as_of={{day}}",
)  # fmt: skip
#: The first past day a village is opened as of; each time a day before, so that nothing is kept.
THEN = date(2020, 10, 9)
#: How often each of them is opened.
TIMES = 20


@contextmanager
def served(home: Path, database: str = "") -> Iterator[tuple[int, psutil.Process]]:
    """`yihu serve` over a folder, on a free port, for as long as it is needed."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    with (home / "serve.log").open("w") as said:
        server = subprocess.Popen(
            [sys.executable, "-m", "yihu.commands", "serve", "--port", str(port)],
            env=environment(home, database), stdout=said, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            _wait(server, port, home)
            yield port, psutil.Process(server.pid)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)


def _wait(server: subprocess.Popen[bytes], port: int, home: Path) -> None:
    for _ in range(600):
        if server.poll() is not None:
            break
        try:
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            line.request("GET", HEALTH)
            line.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError((home / "serve.log").read_text()[-600:])


def measured(home: Path, *, clients: int, seconds: float) -> dict[str, Any]:
    """Household page, search and an appended entry: waiting times, at once and as people work."""
    ready = json.loads(run(home, "bench.desk.inside", "prepare").said.splitlines()[-1])
    asked = {
        "household page": _page(ready),
        "search": _search(ready),
        "append an entry": _entry(ready),
    }
    found: dict[str, Any] = {}
    with served(home) as (port, server):
        for name, ask in asked.items():
            load(port, ask, clients=4, seconds=3, pause=0)  # warm: each process compiles the rules
            one = load(port, ask, clients=1, seconds=min(seconds, 5), pause=0)
            before = core_seconds(server)
            most = load(port, ask, clients=clients, seconds=seconds, pause=0)
            core_ms = round((core_seconds(server) - before) / len(most.milliseconds) * 1000, 1)
            found[name] = {
                "alone": one.figures(), "no pause": {**most.figures(), "core_ms": core_ms},
            }  # fmt: skip
            for pause in PAUSES:
                work = load(port, ask, clients=clients, seconds=seconds + 3 * pause, pause=pause)
                found[name][f"pause {pause}"] = work.figures()
    return found


def every_page(home: Path) -> dict[str, Any]:
    """Each page opened again and again by one person of the county office; milliseconds."""
    ready = json.loads(run(home, "bench.desk.inside", "prepare").said.splitlines()[-1])
    found: dict[str, Any] = {}
    with served(home) as (port, server):
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        for path in (each.format(**ready["places"]) for each in EVERY):
            # Before: each process compiles the rules once, and makes what it keeps.
            for n in range(6):
                opened(line, _on(path, n), ready["cookie"])
            before = core_seconds(server)
            took = sorted(opened(line, _on(path, n + 6), ready["cookie"]) for n in range(TIMES))
            core_ms = (core_seconds(server) - before) / TIMES * 1000
            found[path] = {
                "p50_ms": round(took[TIMES // 2], 1), "p95_ms": round(took[-TIMES // 20 - 1], 1),
                "core_ms": round(core_ms, 1),
            }  # fmt: skip
    return found


def _on(path: str, before: int) -> str:
    return path.replace("{day}", (THEN - timedelta(days=before)).isoformat())


def opened(line: http.client.HTTPConnection, path: str, cookie: str) -> float:
    """Milliseconds until a page is there. Raises RuntimeError where it is none."""
    begun = time.perf_counter()
    line.request("GET", path, headers={"Cookie": cookie})
    answer = line.getresponse()
    answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path} answered {answer.status}")
    return (time.perf_counter() - begun) * 1000


def core_seconds(server: psutil.Process) -> float:
    """Processor seconds of the server and of all that serve below it."""
    times = [each.cpu_times() for each in (server, *server.children(recursive=True))]
    return float(sum(each.user + each.system for each in times))


def _page(ready: dict[str, Any]) -> Asking:
    homes, headers = ready["households"], {"Cookie": ready["cookie"]}
    return lambda chance: Ask(f"/households/{chance.choice(homes)}/", headers=headers)


def _search(ready: dict[str, Any]) -> Asking:
    words, headers = ready["words"], {"Cookie": ready["cookie"]}
    return lambda chance: Ask(f"/households/?q={quote(chance.choice(words))}", headers=headers)


def _entry(ready: dict[str, Any]) -> Asking:
    homes = ready["households"]
    headers = {"Authorization": f"Bearer {ready['token']}", "Content-Type": "application/json"}

    def ask(chance: random.Random) -> Ask:
        litres = chance.randrange(20, 90)
        body = {
            "id": str(uuid.uuid4()), "kind": "visit", "seen_on": "2020-10-16", "source": "visit",
            "says": {"household": {"water_litres": litres}, "words": "入户走访"},
        }  # fmt: skip
        path = f"/api/v1/households/{chance.choice(homes)}/entries"
        return Ask(path, "POST", json.dumps(body).encode(), headers)

    return ask
