"""Two lanes through a serving process: a page does not stand behind phones."""

from __future__ import annotations

import json
import threading
from io import BytesIO
from typing import Any

import pytest
from django.db import connection

from yihu.databases import AGAIN
from yihu.web.lanes import GREETING, MOST, PHONES, Lanes

SECONDS = 20


class Answer:
    """What Django answers with: pieces, and an end that must be told."""

    def __init__(self, *pieces: bytes, streaming: bool = False):
        self.pieces, self.streaming, self.closed = pieces, streaming, False

    def __iter__(self):
        return iter(self.pieces)

    def close(self):
        self.closed = True


class Desk:
    """An application whose requests stand still until they are let go."""

    def __init__(self):
        self.at_work: list[str] = []
        self.most: dict[bool, int] = {}
        self.go = threading.Event()
        self.counting = threading.Lock()

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        with self.counting:
            self.at_work.append(path)
            here = sum(each.startswith(PHONES) == path.startswith(PHONES) for each in self.at_work)
            kind = path.startswith(PHONES)
            self.most[kind] = max(self.most.get(kind, 0), here)
        if path != "/quick":
            assert self.go.wait(SECONDS)
        with self.counting:
            self.at_work.remove(path)
        start_response("200 OK", [])
        return Answer(path.encode())


def ask(lanes: Lanes, path: str, **sent: Any) -> Any:
    told: dict[str, Any] = {}

    def start(status: str, headers: list[tuple[str, str]]) -> None:
        told.update(status=status, headers=dict(headers))

    told["answer"] = lanes({"PATH_INFO": path, **sent}, start)
    return told


def begun(lanes: Lanes, *paths: str) -> list[threading.Thread]:
    threads = [threading.Thread(target=ask, args=(lanes, path)) for path in paths]
    for thread in threads:
        thread.start()
    return threads


def until(condition) -> None:
    for _ in range(SECONDS * 100):
        if condition():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it did not come to that")


def test_a_page_is_answered_while_phones_stand_in_line():
    desk = Desk()
    lanes = Lanes(desk)
    phones = begun(lanes, *[PHONES + "entries"] * 5)
    until(lambda: lanes.phones.there == 5)

    page = ask(lanes, "/quick")

    assert page["answer"] == [b"/quick"]
    desk.go.set()
    for thread in phones:
        thread.join(SECONDS)
    assert desk.most == {True: 1, False: 1}
    assert (lanes.phones.there, lanes.desk.there) == (0, 0)


def test_phones_that_greet_wait_at_the_door_and_come_in_in_the_order_they_came():
    lane = Lanes(Desk()).phones
    for _ in range(MOST):
        assert lane.comes_in()
    came_in: list[int] = []

    def greet(n: int) -> None:
        assert lane.comes_in()
        came_in.append(n)

    greeting = []
    for n in range(3):
        greeting.append(threading.Thread(target=greet, args=(n,)))
        greeting[-1].start()
        until(lambda n=n: lane._at_door == n + 1)
    # One that was let in before goes on and does not stand behind those at the door.
    with lane.turn():
        assert (lane.there, came_in) == (MOST + 1, [])

    for n in range(3):
        with lane.turn(is_in=True):
            pass
        until(lambda n=n: came_in == [*range(n + 1)])
    for thread in greeting:
        thread.join(SECONDS)
    assert (lane.there, lane._at_door, lane._called) == (MOST, 0, 0)


@pytest.mark.parametrize(("most", "seconds"), [(0, 20.0), (1, 0.05)])
def test_a_phone_that_greets_is_sent_away_where_it_would_wait_too_long_and_one_at_work_is_not(
    monkeypatch, most, seconds
):
    monkeypatch.setattr("yihu.web.lanes.DOOR", most)
    monkeypatch.setattr("yihu.web.lanes.WAITS", seconds)
    desk = Desk()
    lanes = Lanes(desk)
    phones = begun(lanes, *[PHONES + "entries"] * MOST)
    until(lambda: lanes.phones.there == MOST)

    greeting = {"REQUEST_METHOD": "GET", "wsgi.input": BytesIO()}
    away = ask(lanes, GREETING, **greeting)
    phones += begun(lanes, PHONES + "pull")
    until(lambda: lanes.phones.there == MOST + 1)

    assert away["status"].startswith("503")
    assert int(away["headers"]["Retry-After"]) >= 1
    said = json.loads(away["answer"][0])
    assert (said["code"], said["where"]) == ("sync.busy", [])
    assert "手机" in said["message"]
    english = ask(lanes, GREETING, HTTP_ACCEPT_LANGUAGE="fr, en;q=0.9", **greeting)
    assert "phones" in json.loads(english["answer"][0])["message"]
    desk.go.set()
    for thread in phones:
        thread.join(SECONDS)
    assert ask(lanes, GREETING)["status"] == "200 OK"


def test_a_phone_begins_when_no_page_is_being_made_but_waits_not_for_ever(monkeypatch):
    desk = Desk()
    lanes = Lanes(desk)
    page = begun(lanes, "/")
    until(lambda: desk.at_work == ["/"])
    phone = begun(lanes, PHONES + "pull")
    until(lambda: lanes.phones.there == 1)

    assert desk.at_work == ["/"]
    monkeypatch.setattr("yihu.web.lanes.PATIENCE", 0.05)
    late = begun(lanes, PHONES + "files/ab")
    until(lambda: desk.at_work == ["/", PHONES + "pull"])

    desk.go.set()
    for thread in page + phone + late:
        thread.join(SECONDS)
    assert (lanes.phones.there, lanes.desk.there) == (0, 0)


@pytest.mark.parametrize("path", ["/", PHONES + "pull"])
def test_what_fails_leaves_its_lane(path):
    def broken(environ, start_response):
        raise RuntimeError("broken")

    lanes = Lanes(broken)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="broken"):
            ask(lanes, path)
    assert (lanes.phones.there, lanes.desk.there) == (0, 0)


def test_an_answer_is_whole_and_ended_before_the_next_begins_and_a_stream_is_handed_on():
    whole, stream = Answer(b"a", b"b"), Answer(b"c", streaming=True)
    answers = iter([whole, stream])
    lanes = Lanes(lambda environ, start: next(answers))

    assert ask(lanes, "/")["answer"] == [b"ab"]
    assert whole.closed
    assert ask(lanes, "/exports/")["answer"] is stream
    assert not stream.closed


class Slow:
    """What a client sends whose line stands still after some bytes."""

    def __init__(self, *pieces: bytes):
        self.pieces, self.go = list(pieces), threading.Event()
        self.asked = 0

    def read(self, most: int) -> bytes:
        self.asked += 1
        if self.asked > 1:
            assert self.go.wait(SECONDS)
        return self.pieces.pop(0) if self.pieces else b""


def test_a_slow_line_keeps_nobody_waiting():
    read: list[bytes] = []

    def application(environ, start_response):
        start_response("200 OK", [])
        if environ["PATH_INFO"] == "/form":
            read.append(environ["wsgi.input"].read())
        return Answer(b"done")

    lanes = Lanes(application)
    line = Slow(b"ab", b"cd")
    sent = {"CONTENT_LENGTH": "4", "wsgi.input": line}
    sending = threading.Thread(target=ask, args=(lanes, "/form"), kwargs=sent)
    sending.start()
    until(lambda: line.asked == 2)

    assert ask(lanes, "/quick")["answer"] == [b"done"]
    assert lanes.desk.there == 0
    line.go.set()
    sending.join(SECONDS)
    assert read == [b"abcd"]


@pytest.mark.parametrize(
    ("length", "who"),
    [("1048577", {}), ("10485761", {"HTTP_COOKIE": "sessionid=x"}), ("-1", {}), ("much", {})],
)
def test_what_is_more_than_may_be_kept_is_left_to_be_refused_unread(length, who):
    line = Slow(b"a")

    told = ask(Lanes(lambda environ, start: Answer(b"")), "/", CONTENT_LENGTH=length,
               **{"wsgi.input": line}, **who)  # fmt: skip

    assert told["answer"] == [b""]
    assert line.asked == 0


@pytest.mark.django_db(transaction=True)
def test_a_lane_has_one_connection_whatever_thread_has_it():
    used: list[int] = []
    planned: list[Any] = []

    def application(environ, start_response):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        used.append(id(connection.connection))
        planned.append(getattr(connection.connection, "prepare_threshold", "by itself"))
        return Answer(b"")

    lanes = Lanes(application)
    for path in ("/", "/", PHONES + "pull", PHONES + "pull", "/"):
        (thread,) = begun(lanes, path)
        thread.join(SECONDS)

    assert len(used) == 5
    assert used[0] == used[1] == used[4] != used[2] == used[3]
    # PostgreSQL keeps the plans of what phones ask for; what a page asks for is planned each time.
    if connection.vendor == "postgresql":
        assert planned == [None, None, None, AGAIN, None]
    else:
        assert planned == ["by itself"] * 5
    for lane in (lanes.desk, lanes.phones):
        lane.let_go()


def test_a_thread_has_its_own_connection_back():
    def whole() -> None:
        mine = connection.connection
        ask(Lanes(lambda environ, start: Answer(b"")), "/")
        kept.append(connection.connection is mine)

    kept: list[bool] = []
    thread = threading.Thread(target=whole)
    thread.start()
    thread.join(SECONDS)
    assert kept == [True]
