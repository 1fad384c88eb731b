"""Two lanes through a serving process, so that phones coming home do not stand before the desk.

In each lane one request is worked on at a time; threads that compute only take the interpreter from
each other. Of an evening thousands of phones come at once. Were they served in the order they come,
a page of the desk would wait for all that came before it. So the desk has a lane of its own, a
phone begins when no page is being made, and one that greets while others stand in line is told to
come back in some seconds: nothing it holds has left it yet. Who was let in finishes.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Condition, Lock
from typing import Any

from yihu.problems import Problem

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
PHONES = "/api/v1/sync/"
GREETING = PHONES + "hello"
#: Phones in a process's lane past which one that greets is sent away, and for how many seconds.
MOST, AWAY = 4, (1, 4)
#: Seconds a phone lets pages go first: a desk that is never idle does not shut phones out.
PATIENCE = 1.0
#: Threads of a process: phones in line, pages in line, and those that stream a file.
THREADS = 8


class Lane:
    """One at a time; the others stand in line."""

    def __init__(self) -> None:
        self._turn, self._changed = Lock(), Condition()
        self.there = 0

    @contextmanager
    def turn(self, after: Lane | None = None) -> Iterator[None]:
        """Stand in line, let those of another lane go first, and have the lane."""
        self._count(1)
        try:
            with self._turn:
                if after is not None:
                    after.let_go_first()
                yield
        finally:
            self._count(-1)

    def _count(self, by: int) -> None:
        with self._changed:
            self.there += by
            self._changed.notify_all()

    def let_go_first(self) -> None:
        """Wait until nobody is in this lane, but not for ever."""
        with self._changed:
            self._changed.wait_for(lambda: self.there == 0, PATIENCE)


class Lanes:
    """The desk as a web server calls it, each request in its lane."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self.desk, self.phones = Lane(), Lane()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """The answer, whole unless it is a stream: a slow reader keeps no lane from others."""
        path = environ.get("PATH_INFO", "")
        lane, after = self.desk, None
        if path.startswith(PHONES):
            lane, after = self.phones, self.desk
        if path == GREETING and self.phones.there >= MOST:
            return busy(environ, start_response)
        with lane.turn(after):
            answer: Any = self._application(environ, start_response)
            if getattr(answer, "streaming", False):
                return answer  # type: ignore[no-any-return]
            try:
                return [b"".join(answer)]
            finally:
                answer.close()


def busy(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """Come back in some seconds, not all in the same."""
    seconds = random.randint(*AWAY)  # noqa: S311  no secret
    problem = Problem("sync.busy", status=503, seconds=seconds)
    accepted = environ.get("HTTP_ACCEPT_LANGUAGE", "")
    message = problem.sentence("en") if accepted.startswith("en") else problem.sentence()
    body = json.dumps({"code": problem.code, "message": message}, ensure_ascii=False).encode()
    start_response(
        "503 Service Unavailable",
        [
            ("Content-Type", "application/json; charset=utf-8"),
            ("Content-Length", str(len(body))), ("Retry-After", str(seconds)),
            ("Cache-Control", "no-store"),
        ],
    )  # fmt: skip
    return [body]
