"""Whatever is changed behind the back of the book is found, and told where."""

from __future__ import annotations

import json

import pytest
from django.db import connection

from tests import makers
from yihu.book.actions import NewEntry, add_entries
from yihu.book.files import evidence, keep, path_of
from yihu.book.models import Book, Entry
from yihu.card.audit import audit_all
from yihu.card.models import Household, Person, Sealed
from yihu.commands.audit import command
from yihu.problems import Problem

pytestmark = pytest.mark.django_db
PICTURE = b"\x89PNG\r\n\x1a\n" + b"picture" * 20
IDENTITY = "11010519491231002X"


@pytest.fixture
def home():
    makers.household({}, {})
    home = makers.household({"identity": IDENTITY}, {"name": "小月"}, phone="13800000000")
    makers.write(home.pk, says={"household": {"people": 2}})
    makers.write(home.pk, says={"household": {"people": 3}})
    return home


def faults():
    return [(f.what, f.book, f.number) for f in audit_all().faults]


def of(home, number):
    return Entry.objects.get(book=home.pk, number=number)


def test_books_written_by_the_loop_are_whole(home):
    found = audit_all()

    assert (found.count, found.faults) == (0, [])
    assert found.entries == Entry.objects.count()
    assert found.books == Book.objects.count()


def test_a_changed_entry_is_found_where_it_stands(home):
    number = of(home, 2).number
    for change in (
        {"says": {"household": {"people": 7}}},
        {"seen_on": "2020-01-01"},
        {"source": "elsewhere"},
        {"written_at": "2020-10-17T05:00:00Z"},
        {"based_on": 0},
        {"kind": "help"},
    ):
        before = Entry.objects.filter(book=home.pk, number=number).values().get()
        Entry.objects.filter(pk=before["id"]).update(**change)
        assert ("chain.broken", home.pk, number) in faults(), change
        Entry.objects.filter(pk=before["id"]).update(**before)
        assert faults() == []


def test_a_removed_entry_is_found_in_the_middle_and_at_the_end(home):
    last = Book.objects.get(pk=home.pk).last_number
    of(home, last).delete()
    of(home, 2).delete()

    found = faults()

    assert ("number.missing", home.pk, 3) in found
    assert ("end.differs", home.pk, last - 1) in found


def test_an_entry_put_on_at_the_end_is_found_though_its_own_hash_is_right(home):
    before = Book.objects.get(pk=home.pk)
    makers.write(home.pk, says={"household": {"people": 9}})
    Book.objects.filter(pk=home.pk).update(
        last_number=before.last_number, last_hash=before.last_hash
    )

    assert ("end.differs", home.pk, before.last_number + 1) in faults()


def test_a_sealed_value_that_was_exchanged_is_found(home):
    entry = of(home, 1)
    (one, other) = entry.sealed
    entry.sealed = {one: entry.sealed[other], other: entry.sealed[other]}
    entry.save()
    found = faults()
    entry.sealed = {other: entry.sealed[other]}
    entry.save()

    assert ("seal.wrong", home.pk, 1) in found
    assert ("seal.missing", home.pk, 1) in faults()


def test_a_card_that_is_not_what_its_book_makes_is_found(home):
    Household.objects.filter(pk=home.pk).update(facts={"people": 99})
    Person.objects.filter(household=home, name="小月").update(is_head=True)
    Sealed.objects.filter(household=home, fact="phone").update(index=b"x" * 16)

    found = audit_all().faults

    assert [(f.what, f.book) for f in found] == [
        ("card.differs", home.pk), ("person.differs", home.pk), ("index.differs", home.pk),
    ]  # fmt: skip
    assert found[0].more == "facts"
    with connection.constraint_checks_disabled():
        Household.objects.filter(pk=home.pk).delete()
    assert ("card.missing", home.pk, None) in faults()


def test_files_are_kept_once_and_a_missing_or_changed_one_is_found(home, settings, tmp_path):
    settings.FILES = tmp_path
    kept = keep([PICTURE], name="房屋.png", by=None, now=makers.NOW)
    again = keep([PICTURE[:5], PICTURE[5:]], name="b.png", by=None, now=makers.NOW)
    new = evidence(kept, book=home.pk, seen_on=makers.TODAY, source="desk")
    makers.write(home.pk, kind="evidence", says=new.says)
    assert (again.pk, again.name, faults()) == (kept.pk, "房屋.png", [])
    number = Entry.objects.get(book=home.pk, kind="evidence").number

    path_of(kept.sha256).write_bytes(b"something else")
    assert ("file.changed", home.pk, number) in faults()
    path_of(kept.sha256).unlink()
    assert ("file.missing", home.pk, number) in faults()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file.empty"),
        (b"<html><script>", "file.wrong_type"),
        (b"\xff\xd8\xff" + b"0" * (25 * 2**20), "file.too_large"),
    ],
)
def test_what_is_no_evidence_is_not_kept(content, code, settings, tmp_path):
    settings.FILES = tmp_path

    with pytest.raises(Problem) as refused:
        keep([content], name="x", by=None, now=makers.NOW)

    assert refused.value.code == code
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_what_is_wrong_where(home, capsys):
    Entry.objects.filter(book=home.pk, number=2).update(source="elsewhere")

    wrong = command.main(["--json", "--processes", "1"], standalone_mode=False)
    told = json.loads(capsys.readouterr().out)
    one = command.main(["--household", home.code, "--processes", "1"], standalone_mode=False)

    assert (wrong, one) == (1, 1)
    assert [(f["what"], f["name"], f["entry"]) for f in told["faults"]] == [
        ("chain.broken", home.code, 2)
    ]
    assert f"{home.code} 第 2 条" in capsys.readouterr().out
    with pytest.raises(Problem) as refused:
        command.main(["--household", "H0"], standalone_mode=False)
    assert refused.value.code == "audit.no_such_household"


def test_books_of_places_are_looked_at_too():
    village = makers.place()
    add_entries([entry_of(village.book.pk)], by=None, now=makers.NOW, today=makers.TODAY)
    assert faults() == []
    Entry.objects.filter(book=village.book).update(source="elsewhere")
    assert faults() == [("chain.broken", village.book.pk, 1)]


def entry_of(book):
    return NewEntry(
        book=book, kind="facts", says={"place": {"phone_households": 7}}, seen_on=makers.TODAY,
        source="test",
    )  # fmt: skip
