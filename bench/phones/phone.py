"""One phone: in the morning it fetches its families, in the evening it hands in and fetches anew.

It asks for what the app asks for, in the same order (fieldapp/src/sync.ts): greeting, entries,
families, photos. Some answers are lost on the way back, as they are on a mountain: the phone sends
the same again.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import random
import time
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

SYNC = "/api/v1/sync/"
TODAY = "2020-10-17"
WRITTEN_AT = f"{TODAY}T10:20:00.000+08:00"


@dataclass(frozen=True, slots=True)
class Evening:
    """What each phone brings. photo, piece: bytes; lost: share of answers that do not arrive."""

    entries: int = 10
    photos: int = 3
    photo: int = 80_000
    piece: int = 262_144
    lost: float = 0.1


@dataclass(slots=True)
class Took:
    """What came of phones: milliseconds by kind of request, bytes, and what became of each entry.

    again, away  what was sent a second time; greetings told to come back later
    answers  entry → (outcome, book, number) as the server told it, each time it told it
    photos   SHA-256 of every photo → whether the server said that it is whole
    faults   requests that ended otherwise than with 200
    """

    milliseconds: dict[str, list[float]] = field(default_factory=dict)
    up: int = 0
    down: int = 0
    again: int = 0
    away: int = 0
    answers: dict[str, set[tuple[str, str | None, int | None]]] = field(default_factory=dict)
    photos: dict[str, bool] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def add(self, other: Took) -> None:
        """Take in what came of another phone."""
        for kind, times in other.milliseconds.items():
            self.milliseconds.setdefault(kind, []).extend(times)
        self.up, self.down = self.up + other.up, self.down + other.down
        self.again += other.again
        self.away += other.away
        self.answers |= other.answers
        self.photos |= other.photos
        self.faults += other.faults


class InLine(RuntimeError):  # noqa: N818  no error: it comes back
    """Other phones are before this one."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"in line for {seconds} s")
        self.seconds = seconds


@dataclass(slots=True)
class Phone:
    """A registered phone: its key hands in, the session of its helper fetches."""

    port: int
    key: str
    cookie: str
    chance: random.Random
    took: Took = field(default_factory=Took)
    families: list[dict[str, Any]] = field(default_factory=list)
    token: str = ""

    def morning(self) -> None:
        """Fetch the families, as the helper did before he left; nothing is measured."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        self._pull(line)
        line.close()
        self.took = Took()

    def evening(self, brings: Evening) -> Took:
        """Sync once, whole, over one connection; returns what came of it."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            begun = time.perf_counter()
            while not self._greeted(line, brings):
                pass
            photos = [_photo(self.chance, brings.photo) for _ in range(brings.photos)]
            self._hand_in(line, self._entries(brings.entries, photos), brings.lost)
            self._pull(line)
            for photo in photos:
                self._photo_up(line, photo, brings)
            took = (time.perf_counter() - begun) * 1000
            self.took.milliseconds.setdefault("whole evening", []).append(took)
        except (OSError, http.client.HTTPException, RuntimeError) as wrong:
            self.took.faults.append(f"{type(wrong).__name__}: {wrong}"[:300])
        finally:
            line.close()
        return self.took

    def _greeted(self, line: http.client.HTTPConnection, brings: Evening) -> bool:
        """Whether it was let in; sent away, it comes back when it was told to, as the app does."""
        try:
            self._asked(line, "hello", "GET", f"hello?unsent={brings.entries}")
        except InLine as away:
            self.took.away += 1
            time.sleep(away.seconds)
            return False
        return True

    def _pull(self, line: http.client.HTTPConnection) -> None:
        kind = "pull again" if self.token else "pull all"
        more = True
        while more:
            found = self._asked(line, kind, "GET", "pull?" + urlencode({"token": self.token}))
            if kind == "pull all":
                self.families += found["families"]
            self.token, more = found["token"], found["more"]

    def _entries(self, count: int, photos: list[bytes]) -> list[dict[str, Any]]:
        """Visits at his families in turn, and an entry of evidence for each photo."""
        if not self.families:
            raise RuntimeError("a helper without families")
        said: list[tuple[str, dict[str, Any]]] = [
            (
                "evidence",
                {
                    "sha256": hashlib.sha256(each).hexdigest(),
                    "type": "image/jpeg",
                    "size": len(each),
                    "name": "house.jpg",
                },
            )
            for each in photos[:count]
        ]
        while len(said) < count:
            litres = self.chance.randrange(20, 90)
            words = f"入户走访，了解家庭情况 {self.chance.getrandbits(40):x}"
            facts = {"power": True, "water_litres": litres}
            said.append(("visit", {"household": facts, "words": words}))
        return [
            {
                "id": _new_id(self.chance), "kind": kind, "household": family["id"],
                "based_on": family["number"], "seen_on": TODAY, "written_at": WRITTEN_AT,
                "app": "bench", "rulebook": "", "says": says,
            }
            for n, (kind, says) in enumerate(said)
            for family in [self.families[n % len(self.families)]]
        ]  # fmt: skip

    def _hand_in(
        self, line: http.client.HTTPConnection, entries: list[dict[str, Any]], lost: float
    ) -> None:
        body = json.dumps({"entries": entries}, ensure_ascii=False).encode()
        self._told(self._asked(line, "batch", "POST", "entries", body), entries)
        if self.chance.random() < lost:
            self.took.again += 1
            self._told(self._asked(line, "batch again", "POST", "entries", body), entries)

    def _told(self, found: dict[str, Any], entries: list[dict[str, Any]]) -> None:
        for each in entries:
            self.took.answers.setdefault(each["id"], set())
        for each in found["answers"]:
            told = (each["outcome"], each.get("book"), each.get("number"))
            self.took.answers[each["id"]].add(told)

    def _photo_up(self, line: http.client.HTTPConnection, photo: bytes, brings: Evening) -> None:
        sha256 = hashlib.sha256(photo).hexdigest()
        begun = time.perf_counter()
        offset, whole = 0, False
        while not whole:
            piece = photo[offset : offset + brings.piece]
            path = f"files/{sha256}?offset={offset}&size={len(photo)}"
            found = self._asked(line, "piece", "PUT", path, piece)
            if self.chance.random() < brings.lost:
                self.took.again += 1
                found = self._asked(line, "piece again", "PUT", path, piece)
            offset, whole = found["offset"], found["whole"]
        self.took.photos[sha256] = whole
        took = (time.perf_counter() - begun) * 1000
        self.took.milliseconds.setdefault("photo", []).append(took)

    def _asked(
        self, line: http.client.HTTPConnection, kind: str, method: str, path: str, body: bytes = b""
    ) -> Any:
        headers = {"Authorization": f"Bearer {self.key}"}
        if path.startswith(("hello", "pull")):
            headers = {"Cookie": self.cookie}
        if body:
            put = method == "PUT"
            headers["Content-Type"] = "application/octet-stream" if put else "application/json"
        begun = time.perf_counter()
        line.request(method, SYNC + path, body=body or None, headers=headers)
        answer = line.getresponse()
        said = answer.read()
        if answer.status == 503:
            raise InLine(int(answer.headers["Retry-After"]))
        took = (time.perf_counter() - begun) * 1000
        self.took.milliseconds.setdefault(kind, []).append(took)
        self.took.up += len(body) + len(path) + len(str(headers))
        self.took.down += len(said)
        if answer.status != 200:
            raise RuntimeError(f"{method} {path[:40]}: {answer.status} {said[:200]!r}")
        return json.loads(said)


def _photo(chance: random.Random, size: int) -> bytes:
    """A file that begins as a JPEG does; what follows is other in each."""
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + chance.randbytes(size - 11)


def _new_id(chance: random.Random) -> str:
    """UUIDv7, as phones make them."""
    made = (int(time.time() * 1000) << 80) | (7 << 76) | chance.getrandbits(76)
    return str(uuid.UUID(int=made & ~(0b11 << 62) | (0b10 << 62)))
