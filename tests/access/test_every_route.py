"""Nobody sees or touches a household outside his place and role, on any address.

Two households lie in two townships. A worker of each role in the first asks every address for what
belongs to the second: by its own address, by filters, by search, by name, and by sending it. No
answer – page, list, count, file, refusal – may name it, and nothing about it may have changed.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from http.cookies import SimpleCookie
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client

from tests import makers, people
from tests.access.routes import FOREIGN, ROUTES, every_route, filled, sent_to
from yihu.access.actions import make_token
from yihu.access.models import Pairing, Worker
from yihu.access.roles import ROLES
from yihu.book.models import Book, Entry
from yihu.card.models import Household, Person
from yihu.exchange.models import Difference, DuplicatePair, Form, PossibleMatch, Upload
from yihu.ledger.actions import Raised, raise_gaps
from yihu.ledger.models import Gap
from yihu.loop import this_moment
from yihu.places.models import Place
from yihu.sync.aside import sealed
from yihu.sync.models import Arrival, Device, Notice
from yihu.visit.models import Look, Sign

pytestmark = pytest.mark.django_db

HERE, THERE = "451022100201", "451022108203"
#: Answers with which a thing of somebody else's may be refused.
REFUSED = {302, 400, 401, 403, 404, 405, 422}


@pytest.fixture(autouse=True)
def on_the_day(settings):
    settings.TODAY = makers.TODAY.isoformat()
    cache.clear()


@dataclass
class World:
    """Two households, and every word by which the second could be told."""

    ours: Household
    theirs: dict[str, str]
    words: set[str] = field(default_factory=set)

    def state(self):
        """What must not change: the other book, card, gaps, pairings and accounts."""
        book = UUID(self.theirs["household"])
        return (
            Book.objects.filter(pk=book).values_list("last_number", "last_hash").get()[0],
            Household.objects.filter(pk=book).values().get(),
            list(Gap.objects.filter(book_id=book).order_by("pk").values()),
            list(Pairing.objects.filter(household_id=book).values()),
            list(Worker.objects.filter(pk=self.theirs["worker"]).values("is_active", "password")),
            list(Upload.objects.filter(pk=self.theirs["upload"]).values()),
            list(Difference.objects.filter(place_path=self.theirs["path"]).values()),
        )


def comparison(
    by: Worker, there: Place, other: Household
) -> tuple[Upload, PossibleMatch, DuplicatePair, Person]:
    """A department's list with a possible match, a difference, and two who may be one."""
    compared = Upload.objects.create(
        use="list", name="隐秀村医保.csv", size=1, sha256="1" * 64, by=by, at=makers.NOW,
        place=there, place_path=there.path, seen_on=makers.TODAY, department="health",
    )  # fmt: skip
    hidden_head, hidden_child = other.people.order_by("-is_head")
    match = PossibleMatch.objects.create(
        upload=compared, department="health", row=1, person=hidden_head, household=other,
        place_path=there.path, chance=0.9, mark="m", says={"name": "令狐隐"},
    )  # fmt: skip
    pair = DuplicatePair.objects.create(
        a=hidden_head, b=hidden_child, place_path=there.path, why="near", chance=0.5
    )
    Difference.objects.create(
        upload=compared, department="health", household=other, who="令狐隐", place_path=there.path,
        fact="household.power", row=1, ours=True, theirs=False,
    )  # fmt: skip
    return compared, match, pair, hidden_head


def held_from_a_phone(by: Worker, other: Household) -> Arrival:
    """An entry of a phone about the others' household that waits for a decision."""
    sent = {"household": str(other.pk), "says": {"words": "令狐隐家", "household": {"power": True}}}
    return Arrival.objects.create(
        entry_id=uuid4(), digest="2" * 64, worker=by, household_id=other.pk, kind="visit",
        place_path=other.place_path, state="held", code="sync.held_behind",
        why={"zh": "令狐隐家", "en": "令狐隐"}, facts=[["household", "power"]], body=sealed(sent),
        received_at=makers.NOW,
    )  # fmt: skip


def phone_of(by: Worker) -> Device:
    """A phone of the others' helper."""
    return Device.objects.create(
        worker=by, name="令狐隐的手机", hash="3" * 64, made_at=makers.NOW, seen_at=makers.NOW
    )


def notice_of(by: Worker, there: Place) -> Notice:
    """A meeting to which those of the others' village are called."""
    return Notice.objects.create(
        title="隐秀村开会", words="隐秀村", by=by, at=makers.NOW, place=there, to="all",
        place_path=there.path, meets_at=makers.NOW, meets_where="隐秀村",
    )  # fmt: skip


def sign_of(by: Worker, other: Household) -> Sign:
    """A question about a visit to the others' household."""
    look = Look.objects.create(at=makers.NOW, since=makers.TODAY, until=makers.TODAY)
    return Sign.objects.create(
        id=uuid4(), look=look, kind="far", worker=by, book_id=other.pk, seen_on=makers.TODAY,
        place_path=other.place_path, entries=[[str(other.pk), 1]], figures={"metres": 5000},
    )  # fmt: skip


def world() -> World:
    here = makers.place("village", HERE, "百谷村")
    there = makers.place("village", THERE, "隐秀村")
    ours = makers.household({"name": "欧阳在", "birth": "1970-01-01"}, village=here)
    hidden = {"name": "令狐隐", "birth": "1968-04-05", "identity": "45102219680405123X"}
    child = {"name": "令狐小隐", "birth": "2010-02-03"}
    other = makers.household(hidden, child, village=there)
    helper = people.worker("Zhuge", "helper", there)
    Pairing.objects.create(worker=helper, household=other, since=date(2020, 1, 1))
    upload = Upload.objects.create(
        name="隐秀村名单.csv", size=1, sha256="0" * 64, by=helper, at=makers.NOW, place=there,
        place_path=there.path, seen_on=makers.TODAY,
    )  # fmt: skip
    compared, match, pair, hidden_head = comparison(helper, there, other)
    arrival = held_from_a_phone(helper, other)
    form = Form.objects.create(
        name="隐秀村表样", file_name="隐秀村表样.xlsx", by=helper, at=makers.NOW, place=there,
        place_path=there.path, mapping={"sheet": "1", "columns": {"A": "row"}},
    )  # fmt: skip
    token = make_token(
        helper, name="t", scopes=["read"], now=this_moment().now,
        until=this_moment().now + timedelta(days=1),
    )  # fmt: skip
    sign = sign_of(helper, other)
    theirs = {
        "device": str(phone_of(helper).pk),
        "notice": str(notice_of(helper, there).pk),
        "sign": str(sign.pk), "first": "0", "question": "ask",
        "list": str(compared.pk), "form": str(form.pk), "form_name": form.name,
        "match": str(match.pk), "pair": str(pair.pk), "arrival": str(arrival.pk),
        "token": str(token.row.pk), "level": "household", "act": "assign",
        "household": str(other.pk), "household_code": other.code, "head": "令狐隐",
        "member": "令狐小隐", "person": str(hidden_head.pk), "place": str(there.pk),
        "place_code": there.code, "place_name": "隐秀村", "path": there.path,
        "gap": str(Gap.objects.filter(book_id=other.pk)[0].pk),
        "entry": str(Entry.objects.filter(book_id=other.pk)[0].pk),
        "number": "1", "identity": "45102219680405123X", "worker": str(helper.pk),
        "worker_name": "Zhuge", "upload": str(upload.pk), "upload_name": upload.name,
        "pairing": str(helper.pairings.get().pk), "post": str(helper.posts.get().pk),
        "fact": "power", "theme": "village_economy", "rule": "child_in_school",
        "word": "child_in_school",
    }  # fmt: skip
    told = ("household", "household_code", "head", "member", "person", "place_name", "gap", "entry",
            "identity", "upload", "upload_name", "form_name")  # fmt: skip
    return World(ours, theirs, {theirs[name] for name in told} | {THERE})


def test_every_route_has_a_case_and_every_case_a_route():
    found = {route for route in every_route() if not route.startswith(FOREIGN)}

    assert sorted(found - set(ROUTES)) == [], "write these in tests/access/routes.py"
    assert sorted(set(ROUTES) - found) == [], "these are no longer routes"


def asked_with(found: World) -> list[dict[str, str]]:
    """What is sent along: every id there is, nothing, the name, the identity number."""
    theirs = found.theirs
    ids = {
        **dict.fromkeys(("household", "id", "ids", "book", "into"), theirs["household"]),
        **dict.fromkeys(("gap", "gaps", "selected"), theirs["gap"]),
        **dict.fromkeys(("worker", "to", "giver", "taker", "responsible"), theirs["worker"]),
        **dict.fromkeys(("place", "under", "village", "township", "code"), THERE),
        "person": theirs["person"], "pairing": theirs["pairing"], "post": theirs["post"],
        "upload": theirs["upload"], "since": "2020-10-01", "on": "2020-10-01",
        "until": "2020-12-31", "why": "because it was asked for", "role": "village",
        "last_day": "2020-10-17",
    }  # fmt: skip
    words = dict.fromkeys(("search", "name", "text", "query", "find"), theirs["head"])
    return [ids, {}, {**words, "q": theirs["head"]}, {**words, "q": theirs["identity"]}]


def text_of(answer: Any) -> str:
    """All an answer says, in a workbook too."""
    body = answer.getvalue() if answer.streaming else answer.content
    parts = [body]
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            parts = [packed.read(name) for name in packed.namelist()]
    said = "\n".join(part.decode(errors="replace") for part in parts)
    if "json" in answer.get("Content-Type", ""):
        said += json.dumps(json.loads(body), ensure_ascii=False)
    return said + str(answer.headers)


@contextmanager
def writing() -> Iterator[list[str]]:
    """What is executed that may write: where nothing was, nothing can have changed."""
    written: list[str] = []

    def noted(execute: Any, statement: str, *given: Any) -> Any:
        if not statement.startswith(("SELECT ", "SAVEPOINT ", "RELEASE ")):
            written.append(statement)
        return execute(statement, *given)

    with connection.execute_wrapper(noted):
        yield written


class Walker:
    """Somebody who asks every address, each time as if it were the first."""

    def __init__(self, worker: Worker | None) -> None:
        self.cookies, self.token = None, ""
        # It holds nothing of who asked before, and each client would put it together anew.
        self.desk = Client(raise_request_exception=False).handler
        if worker is not None:
            client = Client()
            client.force_login(worker)
            self.cookies = client.cookies
            now = this_moment().now
            scopes = ["read", "write", "export"]
            made = make_token(
                worker, name="w", scopes=scopes, now=now, until=now + timedelta(days=1)
            )
            self.token = made.text

    def ask(self, method: str, address: str, sent: dict[str, str]) -> tuple[int, str]:
        """Status and text of the answer; whatever was written is taken back."""
        client = Client(raise_request_exception=False)
        client.handler = self.desk
        if self.cookies is not None:
            client.cookies = SimpleCookie(self.cookies)
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        with transaction.atomic():
            if method == "post" and address.startswith("/api/"):
                answer = client.post(
                    address, json.dumps(entry()), content_type="application/json", headers=headers
                )
            else:
                answer = getattr(client, method)(address, sent, headers=headers)
            said = text_of(answer)
            return answer.status_code, said


def entry():
    return {
        "id": str(uuid4()), "kind": "facts", "seen_on": "2020-10-01", "source": "walk",
        "says": {"household": {"power": True}},
    }  # fmt: skip


def leaks(found: World, walker: Walker, below: tuple[str, ...] = ("",)) -> list[str]:
    """What went wrong on the way through every address, or those below some."""
    wrong = []
    before = found.state()
    for route in every_route():
        if not route.startswith(below):
            continue
        foreign = route.startswith(FOREIGN)
        case = {} if foreign else ROUTES[route]
        address = filled(route, {part: found.theirs[name] for part, name in case.items()})
        for method in ("get", "post"):
            few = method == "post" or foreign or bool(case)
            for sent in sent_to(route, method, asked_with(found)[: 1 if few else 4]):
                point = transaction.savepoint()
                with writing() as written:
                    status, said = walker.ask(method, address, sent)
                at = f"{method} {address} {sorted(sent)[:1]}"
                if status >= 500:
                    wrong.append(f"{at}: {status}")
                elif case and status not in REFUSED:
                    wrong.append(f"{at}: {status}, not refused")
                echoed = {address, *sent.values()}
                told = {w for w in found.words if w in said and not any(w in e for e in echoed)}
                if told:
                    wrong.append(f"{at}: {status}, tells {sorted(told)}")
                if method == "post" and status < 500 and written and found.state() != before:
                    wrong.append(f"{at}: {status}, changed something")
                transaction.savepoint_rollback(point)
    return wrong


def walker_of(role: str, found: World) -> Walker:
    worker = people.worker("Walker", role, found.ours.place, department="education")
    if not ROLES[role].whole:
        Pairing.objects.create(worker=worker, household=found.ours, since=date(2020, 1, 1))
    return Walker(worker)


@pytest.mark.parametrize("role", sorted(ROLES))
def test_no_address_tells_a_role_of_a_household_elsewhere(role):
    found = world()

    assert "\n".join(leaks(found, walker_of(role, found))) == ""


@pytest.mark.parametrize("who", ["nobody signed in", "somebody without a post"])
def test_no_address_tells_an_outsider_of_any_household(who):
    found = world()
    found.words |= {str(found.ours.pk), found.ours.code, "欧阳在", "百谷村", HERE}

    walker = Walker(None if who == "nobody signed in" else people.dou())

    assert "\n".join(leaks(found, walker)) == ""


def told_within_reach(
    found: World, walker: Walker, words: set[str], below: tuple[str, ...] = ("",)
) -> list[str]:
    """Addresses that say one of the words to somebody who reaches the household."""
    told = []
    for route in every_route():
        if route.startswith(FOREIGN) or not route.startswith(below):
            continue
        address = filled(route, {part: found.theirs[name] for part, name in ROUTES[route].items()})
        if any(word in address for word in words) and "<uuid:id>" not in route:
            continue
        more = [{"part": part, "gaps": "1"} for part in ("all", "book", "checks")]
        past = [{"as_of": "2020-10-17", "known": "2020-10-17", "part": "all", "gaps": "1"}]
        for sent in asked_with(found) + (more + past if "<uuid:id>" in route else past):
            _, said = walker.ask("get", address, sent)
            echoed = {address, *sent.values()}
            told += [
                f"{address} {sent}: {word}"
                for word in words
                if word in said and not any(word in each for each in echoed)
            ]
    return told


def a_gap_of_an_illness(found: World) -> set[str]:
    """A problem raised in the others' household, and every word by which a gap of it is told."""
    (raised,) = raise_gaps(
        [Raised(book=UUID(found.theirs["household"]), origin="visit", title="尿毒症无力透析",
                department="health")],
        by=people.worker("Raiser", "village", makers.place("village", THERE)), now=makers.NOW,
        today=makers.TODAY,
    )  # fmt: skip
    found.theirs["gap"] = str(raised.pk)
    ids = Gap.objects.filter(book_id=found.theirs["household"]).values_list("pk", flat=True)
    return {str(id) for id in ids} | {"尿毒症"}


@pytest.mark.parametrize("role", sorted(r.name for r in ROLES.values() if "sensitive" not in r.see))
def test_no_address_tells_what_fails_in_a_family_to_who_sees_nothing_sensitive(role):
    found = world()
    words = a_gap_of_an_illness(found)
    there = Household.objects.get(pk=UUID(found.theirs["household"])).place
    walker = Walker(people.worker("Walker", role, there.parent, department="education"))

    assert "\n".join(told_within_reach(found, walker, words)) == ""


def test_the_walk_within_reach_would_notice_a_gap_that_is_told():
    found = world()
    words = a_gap_of_an_illness(found)

    pages = ("ledger/", "api/v1/gaps", "households/", "villages/")

    told = told_within_reach(found, Walker(people.chen()), words, below=pages)

    for page in pages:
        assert any(each.startswith(f"/{page}") for each in told), page


def test_the_walk_would_notice_a_leak():
    """The same walk by one who reaches both townships finds the household on its addresses."""
    found = world()

    told = leaks(found, Walker(people.chen()), below=("households/", "api/v1/households"))

    assert any("api/v1/households" in each and "tells" in each for each in told)
    assert any("not refused" in each for each in told)
    assert connection.in_atomic_block
