"""What is done inside a process of its own:  python -m bench.phones.inside WHAT …

prepare N    registers a phone for each of N helpers with families, and signs each of them in
verify FILE  is every entry of the file in exactly one book exactly once, and every photo kept?
"""

from __future__ import annotations

import json
import os
import sys
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import django


def prepare(count: str) -> dict[str, object]:
    """Keys and sessions of so many helpers; all of them where there are fewer.

    A phone was registered the day before: what was written on it since may be handed in.
    """
    from django.db import transaction  # noqa: PLC0415  Django must be set up first
    from django.db.models import Q  # noqa: PLC0415

    from yihu.access.models import Pairing, Worker  # noqa: PLC0415
    from yihu.book.models import Entry  # noqa: PLC0415
    from yihu.loop import this_moment  # noqa: PLC0415
    from yihu.sync import devices  # noqa: PLC0415

    at = this_moment()
    ends = Q(until=None) | Q(until__gte=at.today)
    paired = Pairing.objects.filter(ends, since__lte=at.today, household__closed_on=None)
    workers = Worker.objects.filter(pk__in=paired.values("worker"), is_active=True)
    phones = []
    with transaction.atomic():
        for worker in workers.order_by("pk")[: int(count)]:
            _, key = devices.register(worker, id=uuid.uuid4(), name="bench", at=at)
            phones.append({"key": key, "cookie": _session(worker)})
    return {"phones": phones, "entries": Entry.objects.count()}


def _session(worker: Any) -> str:
    from django.conf import settings  # noqa: PLC0415
    from django.contrib import auth  # noqa: PLC0415
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415

    session = SessionStore()
    session[auth.SESSION_KEY] = str(worker.pk)
    session[auth.BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[auth.HASH_SESSION_KEY] = worker.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def verify(sent: str) -> dict[str, object]:
    """Counts of what was sent and of what is there; `faults` names what is not as it must be."""
    from yihu.book import files  # noqa: PLC0415  Django must be set up first
    from yihu.book.models import Entry  # noqa: PLC0415
    from yihu.sync.models import Arrival  # noqa: PLC0415

    told = json.loads(Path(sent).read_text(encoding="utf-8"))
    came = Arrival.objects.filter(app="bench").values_list("entry_id", "state")
    states = [(str(id), state) for id, state in came.iterator()]
    there = Entry.objects.values_list("pk", "book_id", "number")
    books = {str(pk): (str(book), number) for pk, book, number in there.iterator()}
    faults = [f"{id} came {n} times" for id, n in Counter(id for id, _ in states).items() if n > 1]
    # What an earlier run handed in is there as well and is not looked at.
    known = {id: state for id, state in states if id in told["answers"]}
    for id, answers in told["answers"].items():
        faults += _of_entry(id, answers, known.get(id), books.get(id))
    faults += [f"photo {each} is not here" for each in told["photos"] if not files.kept(each)]
    return {
        "sent": len(told["answers"]), "states": Counter(known.values()),
        "in_books": len(books.keys() & told["answers"].keys()), "photos": len(told["photos"]),
        "faults": faults[:50], "fault_count": len(faults),
    }  # fmt: skip


def _of_entry(
    id: str, answers: list[list[Any]], state: str | None, there: tuple[str, int] | None
) -> list[str]:
    """What is wrong with one entry: answered otherwise the second time, lost, or out of place."""
    if len(answers) != 1:
        return [f"{id} was answered {len(answers)} ways"]
    outcome, book, number = answers[0]
    if state != outcome:
        return [f"{id} was answered {outcome} and is {state}"]
    if outcome == "taken" and there != (book, number):
        return [f"{id} was taken as {book} {number} and stands at {there}"]
    return [f"{id} was {outcome} and stands at {there}"] if outcome != "taken" and there else []


WHAT = {"prepare": prepare, "verify": verify}


def main() -> None:
    """Do one thing and print what came of it as the last line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yihu.settings")
    django.setup()
    print(json.dumps(WHAT[sys.argv[1]](sys.argv[2]), default=str))


if __name__ == "__main__":
    main()
