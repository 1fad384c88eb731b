"""Phones that lose answers, repeat and die, and a desk that writes meanwhile: nothing is lost.

The machine drives the real functions. Whatever happened, after every phone has sent its queue to
the end, each entry is in exactly one book exactly once, or held or refused where a person sees it;
and every chain is whole.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from django.db import OperationalError, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests import makers, people
from tests.soak import SOAK
from tests.sync.phones import faults_in, helper, new_id
from yihu import loop
from yihu.book.models import Book, Entry
from yihu.card.models import Household
from yihu.sync import taking
from yihu.sync.batch import Batch
from yihu.sync.holds import decline, disputes, settle
from yihu.sync.models import Arrival
from yihu.sync.sent import Clock

pytestmark = pytest.mark.django_db
FACTS = ("power", "tv", "smartphone")
PHONES, HOMES = 3, 2


@dataclass
class Queue:
    """A phone: what it wrote, what it was answered, and where its copies end."""

    worker: Any
    copies: dict[UUID, int] = field(default_factory=dict)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    written: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)


class Desk(RuleBasedStateMachine):
    """Several phones and a desk at the same books."""

    def __init__(self):
        super().__init__()
        self.outer = transaction.atomic()
        self.outer.__enter__()

    @initialize()
    def begin(self):
        self.homes = [makers.household() for _ in range(HOMES)]
        self.phones = [Queue(helper(f"H{n}", *self.homes)) for n in range(PHONES)]
        self.mei, self.bo = people.mei(), people.bo()
        for phone in self.phones:
            self.pull(phone)

    def pull(self, phone: Queue) -> None:
        ends = Book.objects.filter(household__in=self.homes)
        phone.copies = dict(ends.values_list("pk", "last_number"))

    def handed_in(self, phone: Queue, entries: list[Any]) -> list[taking.Answered]:
        batch = Batch(phone.worker, None, Clock.of(makers.NOW, makers.NOW), makers.AT)
        return taking.take_in(entries, batch)

    def heard(self, phone: Queue, answered: list[taking.Answered]) -> None:
        for each in answered:
            phone.answers[str(each.arrival.entry_id)] = each.arrival.state
        told = set(phone.answers)
        phone.waiting = [one for one in phone.waiting if one["id"] not in told]

    numbers = st.integers(0, 5)

    @rule(n=numbers, home=numbers, fact=st.sampled_from(FACTS), value=st.booleans(), days=numbers)
    def write_at_the_door(self, n, home, fact, value, days):
        phone, home = self.phones[n % PHONES], self.homes[home % HOMES]
        entry = {
            "id": new_id(), "kind": "visit" if days else "facts", "household": str(home.pk),
            "app": "0.1", "says": {"household": {fact: value}}, "based_on": phone.copies[home.pk],
            "seen_on": (makers.TODAY - timedelta(days=days)).isoformat(),
            "written_at": makers.NOW.isoformat(), "rulebook": "",
        }  # fmt: skip
        phone.waiting.append(entry)
        phone.written[entry["id"]] = entry

    @rule(n=numbers)
    def write_what_cannot_be_read(self, n):
        phone = self.phones[n % PHONES]
        entry = {"id": new_id(), "kind": "visit", "household": "?", "says": {}}
        phone.waiting.append(entry)
        phone.written[entry["id"]] = entry

    @rule(n=numbers, home=numbers)
    def undo_what_is_not_there(self, n, home):
        phone, home = self.phones[n % PHONES], self.homes[home % HOMES]
        entry = {
            "id": new_id(), "kind": "correction", "household": str(home.pk), "app": "0.1",
            "says": {"why": "看错了"}, "undoes": 9999, "based_on": phone.copies[home.pk],
            "seen_on": makers.TODAY.isoformat(), "written_at": makers.NOW.isoformat(),
            "rulebook": "",
        }  # fmt: skip
        phone.waiting.append(entry)
        phone.written[entry["id"]] = entry

    @rule(home=numbers, fact=st.sampled_from(FACTS), value=st.booleans())
    def write_at_the_desk(self, home, fact, value):
        makers.write(self.homes[home % HOMES].pk, says={"household": {fact: value}}, by=self.mei)

    @rule(n=numbers)
    def fetch(self, n):
        phone = self.phones[n % PHONES]
        if not phone.waiting:
            self.pull(phone)

    @rule(n=numbers, most=st.integers(1, 4))
    def send(self, n, most):
        phone = self.phones[n % PHONES]
        self.heard(phone, self.handed_in(phone, phone.waiting[:most]))

    @rule(n=numbers)
    def send_and_lose_the_answer(self, n):
        phone = self.phones[n % PHONES]
        self.handed_in(phone, phone.waiting)

    @rule(n=numbers, order=st.randoms(use_true_random=False))
    def send_twice_over_in_any_order(self, n, order):
        phone = self.phones[n % PHONES]
        mixed = [*phone.waiting, *phone.waiting]
        order.shuffle(mixed)
        self.handed_in(phone, mixed)

    @rule(n=numbers, dies=st.integers(0, 3))
    def be_killed_in_the_middle(self, n, dies):
        """The process dies before the n-th entry is committed: what was committed stands."""
        phone, real, left = self.phones[n % PHONES], loop.write, [dies]

        def write(*args, **more):
            rows = real(*args, **more)
            left[0] -= 1
            if left[0] < 0:
                raise SystemExit
            return rows

        with patch.object(loop, "write", write), contextlib.suppress(SystemExit):
            self.handed_in(phone, phone.waiting)

    @rule(n=numbers)
    def find_the_database_busy(self, n):
        phone, real, fails = self.phones[n % PHONES], loop.write, [3]

        def write(*args, **more):
            fails[0] -= 1
            if fails[0] >= 0:
                raise OperationalError("database is locked")
            return real(*args, **more)

        with patch.object(loop, "write", write):
            self.heard(phone, self.handed_in(phone, phone.waiting))

    @rule(n=numbers, say=st.sampled_from(["ours", "theirs", "no"]))
    def decide(self, n, say):
        held = list(Arrival.objects.filter(state="held").order_by("pk"))
        if not held:
            return
        one = held[n % len(held)]
        if say == "no":
            decline(one, why="核对后不采用", by=self.bo, at=makers.AT)
            return
        seen = Book.objects.get(pk=one.household_id).last_number
        choices = {each.key: say for each in disputes(one)}
        settle(one, choices=choices, seen=seen, why="上门核对过", by=self.bo, at=makers.AT)

    @rule(n=numbers)
    def send_another_content_under_an_id_that_was_used(self, n):
        phone = self.phones[n % PHONES]
        for id, entry in list(phone.written.items())[:1]:
            if id in phone.answers:
                other = {**entry, "says": {"words": "other"}}
                (answer,) = self.handed_in(phone, [other])
                assert answer.arrival.state == "refused"

    def teardown(self):
        try:
            if hasattr(self, "phones"):
                self.settle_down()
                self.hold_what_was_promised()
        finally:
            transaction.set_rollback(True)
            self.outer.__exit__(None, None, None)

    def settle_down(self) -> None:
        for phone in self.phones:
            while phone.waiting:
                before = len(phone.waiting)
                self.heard(phone, self.handed_in(phone, phone.waiting[:5]))
                assert len(phone.waiting) < before

    def hold_what_was_promised(self) -> None:
        for phone in self.phones:
            for id, entry in phone.written.items():
                self.stands_once(id, entry)
        written = {id for phone in self.phones for id in phone.written}
        rows = Entry.objects.filter(source="phone")
        assert {str(row.pk) for row in rows} <= written
        assert faults_in(*(home.pk for home in self.homes)) == []
        for home in self.homes:
            assert Household.objects.get(pk=home.pk).number >= 1

    def stands_once(self, id: str, entry: dict[str, Any]) -> None:
        """In exactly one book exactly once; or held or refused, whole, with its reason."""
        arrival = Arrival.objects.exclude(code="sync.id_reused").get(entry_id=id)
        rows = list(Entry.objects.filter(pk=id))
        if arrival.number is not None:
            (row,) = rows
            assert (str(row.book_id), row.number) == (entry["household"], arrival.number)
        else:
            assert rows == []
        if arrival.state != "taken":
            assert arrival.body is not None
            assert arrival.why["zh"]
            assert arrival.why["en"]
        if arrival.state == "held":
            assert arrival.facts
            assert arrival.holder == self.bo
            for whose, fact in arrival.facts if rows else ():
                assert fact not in rows[0].says.get(whose, {})
        if arrival.state == "taken" and arrival.settled_at is None:
            self.overwrote_nothing(rows[0], entry)

    def overwrote_nothing(self, row: Entry, entry: dict[str, Any]) -> None:
        """The desk had not said something else of its fact since the phone's copy."""
        since = Entry.objects.filter(book_id=row.book_id, number__gt=entry["based_on"])
        for fact, value in entry["says"]["household"].items():
            said = [
                (one.author, one.says["household"][fact])
                for one in since.filter(number__lt=row.number).order_by("number")
                if fact in one.says.get("household", {})
            ]
            if said and said[-1][0] in (self.mei, self.bo):
                assert said[-1][1] == value


def test_every_entry_is_in_exactly_one_book_or_visible_with_its_reason():
    run_state_machine_as_test(
        Desk,
        settings=settings(
            max_examples=15 * SOAK, stateful_step_count=20, deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


@pytest.mark.parametrize("planted", [True, False])
def test_the_machine_would_notice_a_newer_value_overwritten(planted):
    machine = Desk()
    machine.begin()

    def unseen(sent, *_):
        return Book.objects.get(pk=sent.household).last_number, []

    with patch.object(taking, "doubts", unseen if planted else taking.doubts):
        machine.write_at_the_door(n=0, home=0, fact="power", value=True, days=0)
        machine.write_at_the_desk(home=0, fact="power", value=False)
        if planted:
            with pytest.raises(AssertionError):
                machine.teardown()
        else:
            machine.teardown()
