"""A phone as the server meets it: it makes ids, keeps a token and may lose answers."""

from __future__ import annotations

import json
import time
from datetime import date
from uuid import UUID, uuid4

from django.test import Client

from tests import makers, people
from yihu.access.models import Pairing, Worker
from yihu.book.audit import Fault, faults_of, keys_at_hand
from yihu.book.models import Book
from yihu.book.reading import entries_of
from yihu.loop import this_moment
from yihu.sync.facts_sent import version

SINCE = date(2016, 1, 1)


def helper(name: str, *homes) -> Worker:
    """A helper of the village, paired with these households."""
    worker = people.worker(name, "helper", makers.place("village"))
    for home in homes:
        Pairing.objects.create(worker=worker, household=home, since=SINCE)
    return worker


def faults_in(*books: UUID) -> list[Fault]:
    """What an audit finds in these books: numbers, chains, seals."""
    keys = keys_at_hand()
    found: list[Fault] = []
    for id, entries in entries_of(list(books)):
        found += faults_of(entries, Book.objects.get(pk=id), keys)
    return found


def new_id() -> str:
    """UUIDv7, as phones make them."""
    head = int(time.time() * 1000) << 80
    rest = uuid4().int & ((1 << 76) - 1)
    made = head | (7 << 76) | rest
    made = made & ~(0b11 << 62) | (0b10 << 62)
    return str(UUID(int=made))


class Phone:
    """A phone with a session and, once registered, a key of its own."""

    def __init__(self, worker: Worker):
        self.worker, self.client, self.token = worker, Client(), ""
        self.device: str | None = None
        self.key = ""
        self.client.force_login(worker)

    def ask(self, method: str, path: str, body=None, **more):
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        if isinstance(body, bytes):
            more |= {"data": body, "content_type": "application/octet-stream"}
        elif body is not None:
            more |= {"data": json.dumps(body), "content_type": "application/json"}
        return getattr(self.client, method)(f"/api/v1/sync/{path}", headers=headers, **more)

    def register(self) -> str:
        """Register the phone while its owner is signed in; its key is kept for later."""
        self.device = str(uuid4())
        self.given = self.ask("post", "devices", {"id": self.device, "name": "红米"}).json()["key"]
        return self.given

    def sign_out(self) -> None:
        """The session is over; the key of the phone remains."""
        self.client.logout()
        self.key = self.given

    def entry(self, home, **other):
        """An entry made on this phone on a copy that ends where the book ends now."""
        book = getattr(home, "pk", home)
        at = this_moment()
        row = Book.objects.filter(pk=book).first()
        return {
            "id": new_id(), "kind": "facts", "household": str(book),
            "says": {"household": {"power": True}}, "based_on": row.last_number if row else 0,
            "seen_on": at.today.isoformat(), "written_at": at.now.isoformat(), "app": "0.1",
            "rulebook": version(), **other,
        }  # fmt: skip

    def send(self, *entries, **more):
        """Hand entries in; the answers."""
        return self.sending(*entries, **more).json()["answers"]

    def sending(self, *entries, **more):
        """Hand entries in; the whole reply."""
        return self.ask("post", "entries", {"entries": entries, "device": self.device, **more})

    def pull(self, **asked):
        """Fetch what is new, and keep the token."""
        found = self.ask("get", "pull", data={"token": self.token, **asked}).json()
        self.token = found["token"]
        return found
