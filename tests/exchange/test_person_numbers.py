"""A person is known by the number a register gave him (人编号), whatever his name is by now."""

from __future__ import annotations

import pytest

from tests import makers, people
from tests.exchange.sheets import identity, upload, xlsx
from yihu.access.scope import Scope
from yihu.book.models import Entry
from yihu.card.models import Person
from yihu.exchange.models import Upload
from yihu.web import import_work

pytestmark = pytest.mark.django_db

HEADINGS = ["户编号", "人编号", "姓名", "证件号码", "在校生状况"]


@pytest.fixture
def chen():
    return people.chen()


@pytest.fixture
def home():
    """A household written at the desk: no register has numbered its people yet."""
    return makers.household(
        {"name": "韦大", "birth": "1970-01-01", "relation": "01"},
        {"name": "韦小", "birth": "2008-03-01", "identity": identity("2008-03-01", 2)},
    )


def taken_in(worker, *lines) -> Upload:
    """A sheet of these lines, dry-run and written."""
    sent = upload(xlsx([HEADINGS, *lines]), worker)
    for what in ("read", "write"):
        import_work.begin(sent, what, at=makers.AT, here=True)
        sent.refresh_from_db()
    return sent


def test_a_number_met_once_finds_the_person_under_another_name(chen, home):
    child = home.people.get(name="韦小")
    first = taken_in(chen, [home.code, "P-2", "韦小", None, None])
    assert Entry.objects.get(batch=first.batch).says["numbers"] == {str(child.pk): "P-2"}

    second = taken_in(chen, [home.code, "P-2", "韦晓", None, "小学"])

    child.refresh_from_db()
    assert (child.name, child.facts["schooling"]) == ("韦晓", "primary")
    assert (second.counts["changed"], second.counts.get("new", 0)) == (1, 0)
    assert Person.objects.filter(household=home).count() == 2


def test_a_number_known_already_is_not_written_again(chen, home):
    line = [home.code, "P-2", "韦小", None, None]
    taken_in(chen, line)

    again = taken_in(chen, line)

    assert (again.counts["unchanged"], again.counts["entries"]) == (1, 0)


def test_the_number_we_gave_out_ourselves_is_the_persons_own(chen, home):
    child = home.people.get(name="韦小")

    sent = taken_in(chen, [home.code, str(child.pk), "韦晓", None, None])

    child.refresh_from_db()
    assert child.name == "韦晓"
    assert "numbers" not in Entry.objects.get(batch=sent.batch).says


def test_a_namesake_with_another_number_is_somebody_else(chen, home):
    taken_in(chen, [home.code, "P-2", "韦小", None, None])

    sent = taken_in(chen, [home.code, "P-3", "韦小", None, None])

    assert (sent.counts["new"], sent.counts["joined"]) == (1, 1)
    assert Person.objects.filter(household=home, name="韦小").count() == 2


def test_a_row_whose_two_numbers_mean_two_people_is_refused(chen, home):
    taken_in(chen, [home.code, "P-1", "韦大", None, None])
    before = Entry.objects.count()

    sent = taken_in(chen, [home.code, "P-1", "韦小", identity("2008-03-01", 2), "小学"])

    (row,) = sent.samples["refused"]
    assert row["zh"] == "人编号是本户韦大的，证件号码是另一人的"
    assert Entry.objects.count() == before


def test_a_number_whose_import_was_undone_is_forgotten(chen, home):
    sent = taken_in(chen, [home.code, "P-2", "韦小", None, None])
    import_work.begin(sent, "undo", at=makers.AT, here=True)

    later = taken_in(chen, [home.code, "P-2", "韦晓", None, None])

    assert later.counts["new"] == 1
    assert Scope(chen, makers.TODAY).of(Person).filter(name="韦小").exists()
