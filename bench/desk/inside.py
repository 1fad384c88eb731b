"""What is measured inside a process of its own:  python -m bench.desk.inside WHAT

check     all households in one columnar run, from opening the store to written findings and gaps
rebuild   all cards from the books
snapshot  the county of the day as Parquet files
prepare   makes a worker, a token and sessions, and picks households and words to search for
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from datetime import timedelta

import django


def check() -> dict[str, object]:
    """Check everybody; seconds, and what was written."""
    from yihu import loop  # noqa: PLC0415  Django must be set up first
    from yihu.card.bulk import cores  # noqa: PLC0415  as above
    from yihu.check.models import HouseholdFindings  # noqa: PLC0415
    from yihu.ledger.models import Gap  # noqa: PLC0415

    begun = time.perf_counter()
    loop.check_all(at=loop.this_moment(), processes=cores())
    seconds = time.perf_counter() - begun
    written = {"households": HouseholdFindings.objects.count(), "gaps": Gap.objects.count()}
    return {"seconds": seconds, **written}


def rebuild() -> dict[str, object]:
    """Every card made anew from the books."""
    from yihu.card.bulk import rebuild_all  # noqa: PLC0415
    from yihu.loop import this_moment  # noqa: PLC0415

    begun = time.perf_counter()
    count = rebuild_all(now=this_moment().now)
    return {"seconds": time.perf_counter() - begun, "households": count}


def snapshot() -> dict[str, object]:
    """The county of the day as Parquet files."""
    from pathlib import Path  # noqa: PLC0415

    from django.conf import settings  # noqa: PLC0415

    from yihu.check.kept_files import write_county  # noqa: PLC0415
    from yihu.loop import this_moment  # noqa: PLC0415

    begun = time.perf_counter()
    write_county(Path(settings.SNAPSHOTS), on=this_moment().today)
    return {"seconds": time.perf_counter() - begun}


def prepare() -> dict[str, object]:
    """A county worker with a token and a session, and what the clients ask for."""
    from django.conf import settings  # noqa: PLC0415
    from django.contrib import auth  # noqa: PLC0415
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415

    from yihu.access.actions import appoint, make_token  # noqa: PLC0415
    from yihu.access.models import Worker  # noqa: PLC0415
    from yihu.loop import this_moment  # noqa: PLC0415
    from yihu.places.models import Place  # noqa: PLC0415

    at = this_moment()
    worker = Worker.objects.filter(username="bench").first()
    if worker is None:
        worker = Worker.objects.create_user(username="bench", name="压测", password=None)
        top = Place.objects.get(level="county")
        appoint(worker, role="county", place=top, since=at.today)
    made = make_token(
        worker, name="bench", scopes=["read", "write"], now=at.now,
        until=at.now + timedelta(days=30),
    )  # fmt: skip
    session = SessionStore()
    session[auth.SESSION_KEY] = str(worker.pk)
    session[auth.BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[auth.HASH_SESSION_KEY] = worker.get_session_auth_hash()
    session.create()
    cookie = f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
    places = {
        level: Place.objects.filter(level=level, until=None).earliest("code").code
        for level in ("county", "village")
    }  # fmt: skip
    return {"token": made.text, "cookie": cookie, "places": places, **_asked_for()}


def _asked_for() -> dict[str, object]:
    """Households all over the county, and names, first signs, pinyin, codes and phones."""
    from yihu.card.models import Household, Person  # noqa: PLC0415
    from yihu.card.pinyin import spoken  # noqa: PLC0415

    chance = random.Random(1)
    homes = list(Household.objects.filter(closed_on=None).values_list("pk", "code"))
    some = chance.sample(homes, min(2_000, len(homes)))
    people = Person.objects.filter(household__in=[pk for pk, _ in some[:200]])
    names = list(people.values_list("name", flat=True))
    words = [
        *names,
        *(name[:2] for name in names[::3]),
        *(spoken(name).split()[0] for name in names),
    ]
    words += [code for _, code in some[:100]]
    chance.shuffle(words)
    return {"households": [str(pk) for pk, _ in some], "words": words[:500]}


WHAT = {"check": check, "rebuild": rebuild, "snapshot": snapshot, "prepare": prepare}


def main() -> None:
    """Do one thing and print what came of it as the last line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yihu.settings")
    django.setup()
    print(json.dumps(WHAT[sys.argv[1]](), default=str))


if __name__ == "__main__":
    main()
