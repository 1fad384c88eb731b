"""A desk that can fail: the app's files and the addresses it asks, in one process of the test.

It stops and comes back on the same port, takes an entry and loses its reply, ends the session,
breaks off in the middle of a photo. What the real desk does with an entry is tested with the real
desk; here is what the phone does when the desk, or the way to it, is not as it should be.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from yihu.web.field import FILES

KEY = "yihu_phone_k"
POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'"


@dataclass
class Desk:
    """What the double holds, what it was sent, and how it fails next."""

    package: dict[str, Any]
    files_from: Path = FILES
    received: Counter[str] = field(default_factory=Counter)
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, bytearray] = field(default_factory=dict)
    #: entry id → the answer it gets instead of a receipt
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: fact → the answer an entry about it gets
    about: dict[str, dict[str, Any]] = field(default_factory=dict)
    clocks: list[str] = field(default_factory=list)
    #: phone → its key; keys that hand in no more; entry → the key it came by
    keys: dict[str, str] = field(default_factory=dict)
    shut_out: set[str] = field(default_factory=set)
    #: phones that said that they were wiped, and those a new one said it replaces
    left: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    #: of each of those that were wiped, whether after too many wrong PINs
    left_by_pin: list[bool] = field(default_factory=list)
    #: what was asked, in its order
    asked: list[str] = field(default_factory=list)
    handed_in_by: dict[str, str] = field(default_factory=dict)
    name: str = "Mei"
    signed_in: bool = True
    #: hands in nothing: the line breaks before an entry is looked at
    refusing: bool = False
    ahead: timedelta = timedelta(0)
    #: so many greetings are told to come back in a second
    in_line: int = 0
    lose_replies: int = 0
    break_pieces: int = 0
    #: bytes of bodies that came and went
    bytes_up: int = 0
    bytes_down: int = 0
    port: int = 0
    _server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """Where it stands, also while it is stopped."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Begin to serve, on the same port as before."""
        desk = self

        class Handler(_Handler):
            held = desk

        server = _Server(("127.0.0.1", self.port), Handler)
        self.port = server.server_address[1]
        self._server = server
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """No longer there: the village has no network."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def take(self, entry: dict[str, Any]) -> dict[str, Any]:
        """What the desk says of one entry; each id is written once."""
        self.received[entry["id"]] += 1
        told = self.answers.get(entry["id"]) or self._about(entry)
        if told:
            return {"id": entry["id"], **told}
        self.entries.setdefault(entry["id"], entry)
        number = list(self.entries).index(entry["id"]) + 1
        return {"id": entry["id"], "outcome": "taken", "receipt": str(number), "marks": []}

    def _about(self, entry: dict[str, Any]) -> dict[str, Any] | None:
        said = entry["says"].get("household", {})
        return next((self.about[fact] for fact in said if fact in self.about), None)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A phone that hangs up in the middle is what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    # HTTP/1.0: a connection that is kept would be served after the desk was stopped.
    held: Desk

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        where = urlsplit(self.path).path
        if where.startswith("/field/"):
            return self._file(where.removeprefix("/field/") or "index.html")
        if where.startswith("/api/v1/sync/"):
            return self._api(where.removeprefix("/api/v1/sync/"), b"")
        return self._send(200, b"<!doctype html><title>desk</title>", "text/html")

    def do_PUT(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.held.bytes_up += len(sent)
        self._api(urlsplit(self.path).path.removeprefix("/api/v1/sync/"), sent)

    def _file(self, name: str) -> None:
        found = self.held.files_from / name
        if not found.is_file():
            return self._send(404, b"", "text/plain")
        kind = guess_type(name)[0] or "application/octet-stream"
        return self._send(200, found.read_bytes(), kind)

    def _api(self, what: str, sent: bytes) -> None:
        key = self.headers.get("Authorization", "").removeprefix("Bearer ")
        by_key = key in self.held.keys.values() and key not in self.held.shut_out
        if key and not by_key:
            return self._json({"code": "access.no_token", "message": "shut out"}, 401)
        if not (self.held.signed_in or (by_key and what != "pull")):
            return self._json({"code": "access.no_token", "message": "signed out"}, 401)
        self.held.asked.append(what)
        if what == "hello" and self.held.in_line > 0:
            self.held.in_line -= 1
            told = {"code": "sync.busy", "message": "many phones"}
            return self._json(told, 503, retry_after=1)
        if what == "hello":
            now = datetime.now(UTC) + self.held.ahead
            told = {"name": self.held.name, "worker": self.held.name, "now": now.isoformat()}
            return self._json({**told, "rulebook": "guangxi 3", "device": None})
        if what == "devices":
            id_ = json.loads(sent)["id"]
            self.held.replaced += json.loads(sent)["replaces"]
            key = self.held.keys.setdefault(id_, f"{KEY}{len(self.held.keys)}")
            return self._json({"id": id_, "key": key})
        if what == "entries":
            return self._entries(json.loads(sent), key)
        if what in ("pull", "leave"):
            return self._json(self.held.package if what == "pull" else self._leave(sent))
        return self._piece(what.removeprefix("files/"), sent)

    def _leave(self, sent: bytes) -> dict[str, bool]:
        # In this order: who sees that it was left may sign in again.
        self.held.signed_in = False
        self.held.left.append(json.loads(sent).get("device", ""))
        self.held.left_by_pin.append(json.loads(sent).get("pin", False))
        return {"left": True}

    def _entries(self, sent: dict[str, Any], key: str) -> None:
        if self.held.refusing:
            return
        self.held.handed_in_by |= {each["id"]: key for each in sent["entries"]}
        self.held.clocks.append(sent["clock"])
        answers = [self.held.take(each) for each in sent["entries"]]
        if self.held.lose_replies:
            self.held.lose_replies -= 1
            return
        self._json({"answers": answers, "now": datetime.now(UTC).isoformat()})

    def _piece(self, sum_: str, sent: bytes) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        kept, size = self.held.files.setdefault(sum_, bytearray()), int(asked["size"][0])
        if int(asked["offset"][0]) == len(kept):
            if self.held.break_pieces:
                self.held.break_pieces -= 1
                kept += sent[: len(sent) // 2]
                return
            kept += sent
        self._json({"offset": len(kept), "whole": len(kept) == size})

    def _json(self, said: object, status: int = 200, retry_after: int = 0) -> None:
        body = json.dumps(said).encode()
        self.held.bytes_down += len(body) if status == 200 else 0
        self._send(status, body, "application/json", retry_after)

    def _send(self, status: int, body: bytes, kind: str, retry_after: int = 0) -> None:
        self.send_response(status)
        if retry_after:
            self.send_header("Retry-After", str(retry_after))
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Cache-Control", "no-cache")
        self.end_headers()
        self.wfile.write(body)
