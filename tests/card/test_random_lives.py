"""Random lives of households: whatever happens in them, and however much of it is undone."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests import makers
from tests.soak import SOAK
from yihu import loop
from yihu.book.actions import open_batch
from yihu.card import bulk, plans, queries
from yihu.card.actions import rebuild
from yihu.card.audit import audit_all
from yihu.card.models import Household, Person, Sealed
from yihu.card.plans import Home, When
from yihu.problems import Problem

IDENTITIES = ("11010519491231002X", "110105491231002", "452402198003014512")
WHEN = When(on=makers.TODAY, source="desk")


def tables(without=()):
    """All cards as they stand; without: columns any entry must change, even its undoing."""
    found = [
        {
            row[key]: {k: v for k, v in row.items() if k not in without}
            for row in model.objects.values()
        }
        for model, key in ((Household, "book_id"), (Person, "id"))
    ]
    sealed = Sealed.objects.values_list("household_id", "person_id", "fact", "index")
    return [*found, sorted((str(h), str(p), f, bytes(i)) for h, p, f, i in sealed)]


def write(entries):
    """Entries as one batch, or None where they were refused: then nothing may have changed."""
    before = tables()
    try:
        with transaction.atomic():
            batch = open_batch(what="change", name="random", by=None, at=makers.NOW)
            loop.write(entries, by=None, at=makers.AT, batch=batch, checked=False)
    except Problem:
        assert tables() == before
        return None
    return batch


class Life:
    """Households to which things happen, chosen by Hypothesis."""

    def __init__(self, data):
        self.data = data
        self.count = 0
        for _ in range(2):
            self.register()

    def draw(self, among):
        return self.data.draw(st.sampled_from(among))

    def home(self) -> Home:
        # By code, for ids are made by chance and Hypothesis repeats its draws.
        ids = list(Household.objects.order_by("code").values_list("pk", flat=True))
        return queries.home(self.draw(ids))

    def some(self, home):
        here = [member.id for member in home.card.people]
        return self.data.draw(st.lists(st.sampled_from(here), unique=True)) if here else []

    def one(self, home):
        here = [member.id for member in home.card.people]
        return self.draw(here) if here else str(UUID(int=0))

    def place(self):
        return makers.place(code=self.draw(["451022100201", "451022100202"])).code

    def code(self):
        self.count += 1
        return f"H{self.count}"

    def facts(self):
        return self.data.draw(
            st.fixed_dictionaries(
                {"name": st.sampled_from(["农一", "单月", "覃七"])},
                optional={
                    "identity": st.sampled_from(IDENTITIES),
                    "schooling": st.sampled_from(["primary", "none"]),
                },
            )
        )

    def register(self):
        members = [self.facts() for _ in range(self.data.draw(st.integers(1, 3)))]
        return write(
            plans.register(
                WHEN, code=self.code(), place=self.place(), members=members,
                household={"phone": "13800000000"},
            )
        )  # fmt: skip

    def join(self):
        return write(plans.join(self.home(), WHEN, facts=self.facts(), why="born"))

    def leave(self):
        home = self.home()
        head = self.one(home)
        why = self.draw(["died", "married_out"])
        return write(plans.leave(home, WHEN, person=self.one(home), why=why, new_head=head))

    def change_head(self):
        home = self.home()
        return write(plans.change_head(home, WHEN, person=self.one(home)))

    def move_household(self):
        return write(plans.move_household(self.home(), WHEN, place=self.place(), why="搬迁"))

    def close(self):
        return write(plans.close(self.home(), WHEN, why="重复"))

    def reopen(self):
        return write(plans.reopen(self.home(), WHEN, why="误关"))

    def split(self):
        home = self.home()
        return write(
            plans.split(
                home, WHEN, people=self.some(home), code=self.code(), place=self.place(),
                keep_status=self.data.draw(st.booleans()), new_head=self.one(home),
            )
        )  # fmt: skip

    def move_people(self):
        home = self.home()
        return write(
            plans.move_people(
                home, self.home(), WHEN, people=self.some(home), new_head=self.one(home)
            )
        )

    def merge_households(self):
        double, into = self.home(), self.home()
        same = {self.one(double): self.one(into)} if self.data.draw(st.booleans()) else {}
        return write(plans.merge_households(double, into, WHEN, why="重复", same=same))

    def merge_people(self):
        home, kept = self.home(), self.home()
        return write(
            plans.merge_people(home, kept, WHEN, person=self.one(home), into=self.one(kept))
        )

    ACTS = (
        register, join, leave, change_head, move_household, close, reopen, split, move_people,
        merge_households, merge_people,
    )  # fmt: skip


@pytest.mark.django_db
class RandomLives(TestCase):
    """Each example in a transaction of its own."""

    @settings(max_examples=12 * SOAK, suppress_health_check=list(HealthCheck), deadline=None)
    @given(st.data())
    def test_whatever_happens_can_be_undone_and_made_anew_from_the_books(self, data):
        life = Life(data)
        done = []
        for _ in range(data.draw(st.integers(1, 6))):
            before = tables(without=("number", "changed_at"))
            try:
                batch = data.draw(st.sampled_from(Life.ACTS))(life)
            except Problem:
                continue  # the plan itself refused
            if batch is not None:
                done.append((batch, before))
            self.must_hold()
        while done:
            batch, before = done.pop()
            loop.undo(batch, why="试", by=None, at=makers.AT)
            self.must_hold()
            now = tables(without=("number", "changed_at"))
            # Who was registered stands closed, with nobody in it; all else is as it was.
            for id in now[0].keys() - before[0].keys():
                assert now[0][id]["closed_why"] == "试"
                assert now[0].pop(id)["size"] == 0
                now[2] = [row for row in now[2] if row[0] != str(id)]
            assert now == before

    def must_hold(self):
        """Nobody stands twice, chains are whole, and the books make the same cards again."""
        standing = tables()
        here = [p for home in Household.objects.all() for p in queries.card_of(home.pk).people]
        assert len({member.id for member in here}) == len(here)
        assert Person.objects.filter(left_on=None).count() == len(here)
        assert audit_all().faults == []
        Sealed.objects.all().delete()
        Person.objects.all().delete()
        rebuild(list(Household.objects.values_list("pk", flat=True)), now=makers.NOW)
        assert tables() == standing
        bulk.rebuild_all(now=makers.NOW, processes=0)
        assert tables() == standing
