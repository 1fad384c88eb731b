"""Many people at the desk at once: clients that ask a server over HTTP, and how long they waited.

A client is a thread with one connection that stays open. They share the machine with the server,
so a server of its own answers sooner than what is measured here.
"""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: where, and how."""

    path: str
    method: str = "GET"
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Load:
    """What came of a load: milliseconds of each answer, answers by status, seconds it lasted."""

    milliseconds: list[float]
    statuses: Counter[int]
    seconds: float

    @property
    def p95(self) -> float:
        """So many milliseconds or fewer waited 95 of 100."""
        ordered = sorted(self.milliseconds)
        return ordered[max(0, -(-len(ordered) * 95 // 100) - 1)]

    def figures(self) -> dict[str, float]:
        """As plain numbers. Raises RuntimeError where an answer was none."""
        bad = {status: n for status, n in self.statuses.items() if status not in (200, 201)}
        if bad or not self.milliseconds:
            raise RuntimeError(f"answers other than 200 and 201: {bad or 'none at all'}")
        return {
            "p50_ms": round(median(self.milliseconds), 1),
            "p95_ms": round(self.p95, 1),
            "answers": len(self.milliseconds),
            "per_second": round(len(self.milliseconds) / self.seconds, 1),
        }


def load(
    port: int, ask: Callable[[random.Random], Ask], *, clients: int, seconds: float, pause: float
) -> Load:
    """Let clients ask for so many seconds.

    ask     what to ask for next
    pause   seconds a client waits between an answer and its next question, on average; 0: none
    """
    found = Load([], Counter(), 0.0)
    lock = threading.Lock()
    begun = time.perf_counter()
    end = begun + seconds

    def client(number: int) -> None:
        chance = random.Random(number)
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        times, statuses = [], Counter[int]()
        # Not all at the same moment: people do not come in step.
        time.sleep(chance.random() * (pause or 0.2))
        while time.perf_counter() < end:
            took, status = _asked(line, ask(chance))
            times.append(took)
            statuses[status] += 1
            if pause:
                time.sleep(chance.expovariate(1 / pause))
        line.close()
        with lock:
            found.milliseconds += times
            found.statuses += statuses

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found.seconds = time.perf_counter() - begun
    return found


def _asked(line: http.client.HTTPConnection, ask: Ask) -> tuple[float, int]:
    begun = time.perf_counter()
    line.request(ask.method, ask.path, body=ask.body, headers=dict(ask.headers))
    answer = line.getresponse()
    answer.read()
    return (time.perf_counter() - begun) * 1000, answer.status
