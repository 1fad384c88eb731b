"""Two lanes through a serving process: a page does not stand behind phones."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

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


def ask(lanes: Lanes, path: str, told: dict[str, Any] | None = None) -> Any:
    told = {} if told is None else told

    def start(status: str, headers: list[tuple[str, str]]) -> None:
        told.update(status=status, headers=dict(headers))

    told["answer"] = lanes({"PATH_INFO": path}, start)
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


def test_a_phone_that_greets_is_sent_away_while_others_stand_and_one_at_work_is_not():
    desk = Desk()
    lanes = Lanes(desk)
    phones = begun(lanes, *[PHONES + "entries"] * MOST)
    until(lambda: lanes.phones.there == MOST)

    away = ask(lanes, GREETING)
    phones += begun(lanes, PHONES + "pull")
    until(lambda: lanes.phones.there == MOST + 1)

    assert away["status"].startswith("503")
    assert int(away["headers"]["Retry-After"]) >= 1
    said = json.loads(away["answer"][0])
    assert said["code"] == "sync.busy"
    assert "手机" in said["message"]
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
