"""Two lanes through a serving process, so that phones coming home do not stand before the desk.

In each lane one request is worked on at a time; threads that compute only take the interpreter from
each other. Of an evening thousands of phones come at once. Were they served in the order they come,
a page of the desk would wait for all that came before it. So the desk has a lane of its own, a
phone begins when no page is being made, and one that greets waits at the door while others stand
in line: nothing it holds has left it yet. Who was let in finishes, and is never kept waiting by
those at the door. Where too many wait there, or for too long, a phone is told to come back.

What is sent is read before the lane is taken, or one slow line would keep everybody waiting. That
takes a thread, and threads are many; each lane has the one connection to the database that its
requests share.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from threading import Condition, Lock, RLock
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import get_language_from_request

from yihu.databases import keep_plans
from yihu.problems import Problem

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
PHONES = "/api/v1/sync/"
GREETING = PHONES + "hello"
#: Phones in a process's lane past which one that greets waits at the door; so many wait there, for
#: so many seconds at most; the others are sent away, for so many.
MOST, DOOR, WAITS, AWAY = 4, 48, 20.0, (1, 4)
#: Seconds a phone lets pages go first: a desk that is never idle does not shut phones out.
PATIENCE = 1.0
#: Threads of a process: most wait in line, for a slow line, or stream a file.
THREADS = 112
#: Bytes of what is sent that stay in memory; more go to a file without a name. Bytes of one read.
IN_MEMORY, PIECE = 2**20, 2**16


class Lane:
    """One at a time; the others stand in line.

    same    whether nearly all that is asked of the database in it is the same few questions
    """

    def __init__(self, *, same: bool = False) -> None:
        self._same = same
        self._turn, lock = Lock(), RLock()
        self._changed = Condition(lock)
        # Who stands at the door, and how many of them were called in and count as being there.
        self._door, self._at_door, self._called = Condition(lock), 0, 0
        self._connections: dict[str, BaseDatabaseWrapper] = {}
        self.there = 0

    def comes_in(self) -> bool:
        """Wait at the door until few are in the lane and be one of them; False: come back later."""
        with self._door:
            if self.there < MOST:
                self.there += 1
                return True
            if self._at_door >= DOOR:
                return False
            self._at_door += 1
            called = self._door.wait_for(lambda: self._called > 0, WAITS)
            self._at_door -= 1
            self._called -= called
            return called

    @contextmanager
    def turn(self, after: Lane | None = None, *, is_in: bool = False) -> Iterator[None]:
        """Stand in line, let those of another lane go first, and have the lane.

        is_in  by `comes_in`
        """
        if not is_in:
            self._count(1)
        try:
            with self._turn:
                if after is not None:
                    after.let_go_first()
                with self._connected():
                    yield
        finally:
            self._count(-1)

    @contextmanager
    def _connected(self) -> Iterator[None]:
        """The lane's connections are those of this thread for as long as it has the lane.

        A caller inside of a transaction of its own, as a test is, asks about what it wrote there.
        """
        if any(each.in_atomic_block for each in connections.all(initialized_only=True)):
            yield
            return
        own = _laid_aside()
        for alias, connection in self._connections.items():
            connections[alias] = connection
        try:
            yield
        finally:
            for alias, connection in _laid_aside().items():
                if alias not in self._connections:
                    connection.inc_thread_sharing()
                    self._connections[alias] = connection
                if self._same:
                    # Each time: Django opens it anew when it was lost.
                    keep_plans(connection)
            for alias, connection in own.items():
                connections[alias] = connection

    def let_go(self) -> None:
        """Close the lane's connections; the next request opens others."""
        with self._turn:
            for each in self._connections.values():
                each.close()
            self._connections.clear()

    def _count(self, by: int) -> None:
        with self._changed:
            self.there += by
            while self.there < MOST and self._called < self._at_door:
                self.there, self._called = self.there + 1, self._called + 1
                self._door.notify()
            self._changed.notify_all()

    def let_go_first(self) -> None:
        """Wait until nobody is in this lane, but not for ever."""
        with self._changed:
            self._changed.wait_for(lambda: self.there == 0, PATIENCE)


def _laid_aside() -> dict[str, BaseDatabaseWrapper]:
    """The connections this thread has, which it has no longer."""
    found = {each.alias: each for each in connections.all(initialized_only=True)}
    for alias in found:
        del connections[alias]
    return found


class Lanes:
    """The desk as a web server calls it, each request in its lane."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self.desk, self.phones = Lane(), Lane(same=True)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """The answer, whole unless it is a stream: a slow reader keeps no lane from others."""
        path = environ.get("PATH_INFO", "")
        lane, after = self.desk, None
        if path.startswith(PHONES):
            lane, after = self.phones, self.desk
        with read_ahead(environ):
            greets = path == GREETING
            if greets and not lane.comes_in():
                return busy(environ, start_response)
            with lane.turn(after, is_in=greets):
                return self._answered(environ, start_response)

    def _answered(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        answer: Any = self._application(environ, start_response)
        if getattr(answer, "streaming", False):
            return answer  # type: ignore[no-any-return]
        try:
            return [b"".join(answer)]
        finally:
            answer.close()


@contextmanager
def read_ahead(environ: dict[str, Any]) -> Iterator[None]:
    """Read what is sent before the lane is taken, but no more than a stranger may make us keep.

    More is read in the lane, once Django knows who sends it; or it is refused there, unread.
    """
    length = environ.get("CONTENT_LENGTH") or "0"
    left = int(length) if length.isdecimal() else 0
    known = "HTTP_COOKIE" in environ or "HTTP_AUTHORIZATION" in environ
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE if known else settings.LARGEST_OF_STRANGERS
    if not 0 < left <= most:
        yield
        return
    with SpooledTemporaryFile(IN_MEMORY) as sent:
        while left and (piece := environ["wsgi.input"].read(min(left, PIECE))):
            sent.write(piece)
            left -= len(piece)
        sent.seek(0)
        environ["wsgi.input"] = sent
        yield


def busy(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """Come back in some seconds, not all in the same."""
    seconds = random.randint(*AWAY)  # noqa: S311  no secret
    problem = Problem("sync.busy", status=503, seconds=seconds)
    spoken = get_language_from_request(WSGIRequest(environ))
    message = problem.sentence("en" if spoken.startswith("en") else "zh")
    said = {"code": problem.code, "message": message, "where": []}
    body = json.dumps(said, ensure_ascii=False).encode()
    start_response(
        "503 Service Unavailable",
        [
            ("Content-Type", "application/json; charset=utf-8"),
            ("Content-Length", str(len(body))), ("Retry-After", str(seconds)),
            ("Cache-Control", "no-store"),
        ],
    )  # fmt: skip
    return [body]
