"""What the books cannot tell of themselves, an anchor outside the database tells."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zipfile
from dataclasses import replace

import pytest

from tests import makers
from tests.book.tampering import cut_off, delete_whole, put_right, rewrite
from yihu.book import anchor
from yihu.book.anchor import End
from yihu.book.audit import FAULTS
from yihu.book.chain import canonical
from yihu.book.models import Book, Entry
from yihu.card.anchoring import faults_against, follow, take
from yihu.card.audit import audit_all
from yihu.check.kept_files import write_county
from yihu.commands.audit import command
from yihu.commands.nightly import command as nightly
from yihu.ledger.audit import faults_of_gaps
from yihu.problems import Problem

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """The data folder, without an anchor."""
    settings.HOME, settings.SNAPSHOTS = tmp_path, tmp_path / "snapshots"
    (tmp_path / "backups").mkdir()
    return tmp_path


@pytest.fixture
def homes():
    made = [makers.household({}, {}), makers.household({}, phone="13800000000")]
    for home in made:
        makers.write(home.pk, says={"household": {"people": 2}})
        makers.write(home.pk, says={"household": {"people": 3}})
    return made


def taken(now=makers.NOW):
    return take(day=makers.TODAY, now=now)


def told(kept):
    return [(fault.what, fault.book) for fault in faults_against(kept)]


def whole():
    """What the books tell of themselves: nothing is wrong."""
    return audit_all().faults == [] and list(faults_of_gaps()) == []


# --- found ----------------------------------------------------------------------------------------


def test_books_that_only_grew_are_what_the_anchor_knows(homes):
    kept = taken()
    makers.write(homes[0].pk, says={"household": {"people": 4}})
    makers.household()

    assert told(kept) == []
    assert kept.head.books == len(kept.ends) < Book.objects.count()
    assert kept.head.entries == sum(end.number for end in kept.ends) < Entry.objects.count()


def test_a_book_deleted_with_all_its_rows_is_named_by_its_number(homes, capsys, folder):
    kept = taken()
    anchor.write(kept, folder / "backups" / "anchor.gz")
    delete_whole(homes[0])
    assert whole()

    ended = command.main(["--processes", "1"], standalone_mode=False)

    out = capsys.readouterr().out
    assert told(kept) == [("anchor.book_gone", homes[0].pk)]
    assert ended == 1
    assert f"{homes[0].code} 第" in out
    assert FAULTS["anchor.book_gone"][0] in out


def test_entries_cut_off_at_the_end_are_found_though_book_and_card_agree(homes):
    home = homes[0]
    makers.write(home.pk, kind="help", says={"measure": "产业扶持", "words": "送鸡苗"})
    assert whole()
    kept = taken()
    last = Book.objects.get(pk=home.pk).last_number

    cut_off(home)

    assert whole()
    (fault,) = faults_against(kept)
    assert (fault.what, fault.book, fault.number) == ("anchor.cut_off", home.pk, last)
    assert fault.more == f"{last} → {last - 1}"


def test_a_chain_written_anew_from_the_middle_is_found_though_every_hash_is_right(homes):
    home = homes[0]
    helped = makers.write(home.pk, kind="help", says={"measure": "产业扶持", "words": "送鸡苗"})
    makers.write(home.pk, kind="help", says={"measure": "产业扶持", "words": "来过"})
    kept = taken()

    rewrite(home, lambda says: {**says, "words": "送鸡苗三十只"}, since=helped.number)
    put_right(home)

    assert whole()
    assert told(kept) == [("anchor.rewritten", home.pk)]


def test_two_books_exchanged_are_found_and_each_names_the_other(homes):
    one, other = homes
    kept = taken()
    spare = Book.objects.create()
    for source, target in ((one.pk, spare.pk), (other.pk, one.pk), (spare.pk, other.pk)):
        Entry.objects.filter(book_id=source).update(book_id=target)

    found = {fault.book: (fault.what, fault.more) for fault in faults_against(kept)}

    assert found[one.pk] == ("anchor.elsewhere", other.code)
    assert found[other.pk] == ("anchor.elsewhere", one.code)


def test_two_books_exchanged_and_chained_anew_are_found_as_rewritten(homes):
    one, other = homes
    kept = taken()
    spare = Book.objects.create()
    for source, target in ((one.pk, spare.pk), (other.pk, one.pk), (spare.pk, other.pk)):
        Entry.objects.filter(book_id=source).update(book_id=target)
    spare.delete()
    for home in homes:
        rewrite(home, lambda says: says)
    put_right(*homes)

    assert {fault.what for fault in audit_all().faults} <= {"gap.differs"}
    assert {what for what, _ in told(kept)} <= {"anchor.rewritten", "anchor.cut_off"}
    assert {book for _, book in told(kept)} == {one.pk, other.pk}


def test_one_household_is_laid_beside_the_anchor_even_when_it_is_gone(homes, folder, capsys):
    anchor.write(taken(), folder / "backups" / "anchor.gz")
    delete_whole(homes[0])

    gone = command.main(["--household", homes[0].code, "--json"], standalone_mode=False)
    said = json.loads(capsys.readouterr().out)
    here = command.main(["--household", homes[1].code], standalone_mode=False)

    assert (gone, here) == (1, 0)
    assert [(f["what"], f["name"]) for f in said["faults"]] == [("anchor.book_gone", homes[0].code)]


# --- the file itself ------------------------------------------------------------------------------


def lines_of(path):
    return gzip.decompress(path.read_bytes()).splitlines()


def rewritten(path, lines):
    path.write_bytes(gzip.compress(b"\n".join(lines) + b"\n"))


def test_the_root_can_be_made_from_the_file_by_another_program(homes, folder):
    path = folder / "a.gz"
    anchor.write(taken(), path)
    head, *books = lines_of(path)
    said = json.loads(head)

    level = [hashlib.sha256(b"\0" + line).digest() for line in books]
    while len(level) > 1:
        level = [
            hashlib.sha256(b"\1" + b"".join(level[at : at + 2])).digest()
            if at + 1 < len(level) else level[at]
            for at in range(0, len(level), 2)
        ]  # fmt: skip
    root = said.pop("root")

    assert said["tree"] == level[0].hex()
    assert hashlib.sha256(b"\2" + canonical(said)).hexdigest() == root
    assert anchor.read(path) == replace(taken(), path=path)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_anchor_that_was_edited_is_refused_in_words(homes, folder, language, capsys):
    path, kept = folder / "a.gz", taken()
    anchor.write(kept, path)
    whole_lines = lines_of(path)
    head = json.loads(whole_lines[0])
    edits = [
        [canonical(head | {"day": "2020-10-01"}), *whole_lines[1:]],
        [canonical(head | {"books": 1}), *whole_lines[1:]],
        whole_lines[:-1],
        [whole_lines[0], *reversed(whole_lines[1:])],
        [whole_lines[0], whole_lines[1].replace(b",", b", "), *whole_lines[2:]],
        [*whole_lines[:-1], whole_lines[-1][:-1]],
        [*whole_lines, b"[]"],
    ]
    for lines in edits:
        rewritten(path, lines)
        with pytest.raises(Problem) as refused:
            command.main(["--against", str(path), "--lang", language], standalone_mode=False)
        assert refused.value.code == "anchor.edited"
        assert {"zh": "被改动", "en": "was changed"}[language] in refused.value.sentence(language)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(Problem) as refused:
        anchor.read(path)
    assert refused.value.code == "anchor.edited"
    for other in (b"", b"no anchor", gzip.compress(b"{}"), gzip.compress(b'{"anchor": 2}')):
        path.write_bytes(other)
        with pytest.raises(Problem) as refused:
            anchor.read(path)
        assert refused.value.code == "anchor.not_one"


def test_an_anchor_edited_with_a_new_root_is_found_by_the_root_on_paper(homes, folder, capsys):
    path, kept = folder / "a.gz", taken()
    paper = kept.head.groups
    anchor.write(kept, path)
    right = command.main(["--against", str(path), "--against-root", paper], standalone_mode=False)
    delete_whole(homes[0])
    anchor.write(taken(), path)

    alone = command.main(["--against", str(path)], standalone_mode=False)
    capsys.readouterr()
    wrong = command.main(["--against", str(path), "--against-root", paper], standalone_mode=False)

    assert re.fullmatch(r"([0-9a-f]{4} ){15}[0-9a-f]{4}", paper)
    assert (right, alone, wrong) == (0, 0, 1)
    assert FAULTS["anchor.other_root"][0] in capsys.readouterr().out


def test_a_root_alone_finds_its_anchor_among_those_kept(homes, folder, capsys):
    old, path = taken(), folder / "snapshots" / "2020-10-16"
    path.mkdir(parents=True)
    anchor.write(old, path / anchor.NAME)
    makers.write(homes[0].pk, says={"household": {"people": 5}})
    anchor.write(taken(now=makers.at(makers.TODAY).now.replace(hour=9)), folder / "backups/b.gz")

    ended = command.main(["--against-root", old.head.root[:32].upper()], standalone_mode=False)

    assert ended == 0
    assert old.head.groups in capsys.readouterr().out
    for root, code in (("f" * 64, "anchor.no_such_root"), ("f" * 31, "anchor.bad_root"),
                       ("g" * 64, "anchor.bad_root")):  # fmt: skip
        with pytest.raises(Problem) as refused:
            command.main(["--against-root", root], standalone_mode=False)
        assert refused.value.code == code


def test_one_kept_in_its_place_that_was_spoiled_is_told_and_the_audit_goes_on(
    homes, folder, capsys
):
    path = folder / "snapshots" / "2020-10-16"
    path.mkdir(parents=True)
    (path / anchor.NAME).write_bytes(b"spoiled")

    ended = command.main([], standalone_mode=False)

    out = capsys.readouterr().out
    assert ended == 1
    assert FAULTS["anchor.edited"][0] in out
    assert f"{Book.objects.count()} 册" in out


# --- made -----------------------------------------------------------------------------------------


def test_the_command_writes_an_anchor_only_of_whole_books(homes, folder, capsys):
    path = folder / "new.gz"
    entry = Entry.objects.filter(book_id=homes[0].pk, number=1)
    entry.update(source="elsewhere")
    faulty = command.main(["--anchor", str(path)], standalone_mode=False)
    assert (faulty, path.exists(), "未写存证" in capsys.readouterr().out) == (1, False, True)
    entry.update(source="test")

    made = command.main(["--anchor", str(path), "--json"], standalone_mode=False)
    said = json.loads(capsys.readouterr().out)
    again = command.main(["--against", str(folder)], standalone_mode=False)

    assert (made, again, said["anchor"]) == (0, 0, None)
    assert said["anchor_written"]["root"] == anchor.read(path).head.root
    for words, code in (
        (["--anchor", str(path)], "backup.exists"),
        (["--anchor", str(folder / "x.gz"), "--household", homes[0].code], "anchor.not_of_one"),
        (["--against", str(folder / "backups")], "anchor.none_here"),
    ):
        with pytest.raises(Problem) as refused:
            command.main(words, standalone_mode=False)
        assert refused.value.code == code


def test_no_new_anchor_takes_the_place_of_one_that_tells(homes, folder):
    first = follow(day=makers.TODAY, now=makers.NOW)
    assert first.anchor is not None
    write_county(folder / "snapshots", on=makers.TODAY, known=first.anchor)
    delete_whole(homes[0])

    second = follow(day=makers.TODAY, now=makers.NOW)
    write_county(folder / "snapshots", on=makers.TODAY, known=second.anchor)

    assert [fault.what for fault in second.faults] == ["anchor.book_gone"]
    assert second.anchor is None
    kept, broken = anchor.kept_in(folder / "snapshots")
    assert ([one.head for one in kept], broken) == ([first.anchor.head], [])


def test_the_night_leaves_an_anchor_in_the_snapshot_and_tells_when_a_book_is_gone(
    homes, folder, settings, capsys
):
    settings.TODAY = makers.TODAY.isoformat()

    first = nightly.main(["--snapshot"], standalone_mode=False)
    kept = anchor.read(folder / "snapshots" / settings.TODAY / anchor.NAME)
    delete_whole(homes[0])
    capsys.readouterr()
    second = nightly.main(["--snapshot"], standalone_mode=False)

    assert (first, second) == (0, 1)
    assert told(kept) == [("anchor.book_gone", homes[0].pk)]
    assert f"{FAULTS['anchor.book_gone'][0]} ({homes[0].code})" in capsys.readouterr().out


def test_the_newest_is_taken_by_when_it_was_made_and_other_files_are_let_be(folder):
    makers.household()
    early, late = taken(), taken(now=makers.NOW.replace(hour=9))
    anchor.write(late, folder / "backups" / "a.gz")
    anchor.write(early, folder / "backups" / "b.gz")
    (folder / "backups" / "dump.gz").write_bytes(gzip.compress(b"a dump"))
    with zipfile.ZipFile(folder / "backups" / "old.zip", "w") as archive:
        archive.writestr("manifest.json", "{}")

    kept, broken = anchor.kept_in(folder / "backups", folder / "nothere")

    assert [one.path.name for one in kept] == ["a.gz", "b.gz"]
    assert broken == []


def test_an_installation_without_books_has_an_anchor_too():
    empty = anchor.anchor_of([], day=makers.TODAY, now=makers.NOW)
    one = anchor.anchor_of([End("00" * 16, 0, "", "")], day=makers.TODAY, now=makers.NOW)

    assert (empty.head.books, empty.head.entries) == (0, 0)
    assert len({empty.head.root, one.head.root}) == 2
    assert faults_against(empty) == []
