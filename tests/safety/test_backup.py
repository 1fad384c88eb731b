"""A backup made while others write is whole, and stands on a new machine as it stood here."""

from __future__ import annotations

import json
import re
import zipfile

import pytest

from tests.safety.installations import Installation, fresh_address, make, writers
from yihu.commands import backup_archive
from yihu.problems import Problem


def elsewhere(tmp_path) -> Installation:
    """A new machine: an empty folder, and an empty database where that is PostgreSQL."""
    home = tmp_path / "elsewhere"
    home.mkdir()
    return Installation(home, fresh_address())


def test_a_backup_made_under_load_is_restored_whole_on_a_new_machine(
    installation, tmp_path, django_db_blocker
):
    archive, keys = tmp_path / "backup.zip", tmp_path / "usb-keys.json"
    with writers(installation, tmp_path) as some:
        log = some.start()
        some.wait(log, "ack", least=3)
        before = installation.entries()
        made = installation.yihu("backup", archive, "--with-keys", keys)
        some.wait(log, "ack", least=5)
    assert made.returncode == 0, made.stderr
    assert before <= installation.entries()
    with django_db_blocker.unblock():
        new = elsewhere(tmp_path)

    restored = new.yihu("restore", archive, "--keys", keys)

    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert "all whole" in restored.stdout
    assert re.search(r"Compared with the anchor: 2020-10-17, \d+ books", restored.stdout)
    (root,) = re.findall(r"root ((?:[0-9a-f]{4} ){15}[0-9a-f]{4})", made.stdout)
    assert root in restored.stdout
    later = installation.yihu("audit", "--against", archive, "--against-root", root)
    assert (later.returncode, root in later.stdout) == (0, True), later.stdout
    assert before <= new.entries() <= installation.entries()
    said = new.audit()
    assert (said["whole"], said["faults"]) == (True, [])
    assert len(list((new.home / "files").glob("??/*"))) == 1
    assert keys.stat().st_mode & 0o077 == 0
    again = new.yihu("restore", archive, "--keys", keys)
    assert (again.returncode, "not overwritten" in again.stderr) == (2, True)


def test_a_backup_holds_no_keys_and_a_damaged_one_changes_nothing(
    installation, tmp_path, django_db_blocker
):
    archive, bad = tmp_path / "backup.zip", tmp_path / "bad.zip"
    assert installation.yihu("backup", archive).returncode == 0
    secret = (installation.home / "keys.json").read_bytes()
    with zipfile.ZipFile(archive) as whole, zipfile.ZipFile(bad, "w") as damaged:
        names = whole.namelist()
        assert not any(secret in whole.read(name) for name in names)
        manifest = json.loads(whole.read("manifest.json"))
        assert set(manifest["members"]) == set(names) - {"manifest.json"}
        for name in names:
            content = whole.read(name)
            damaged.writestr(name, content if name == "manifest.json" else content[:-1] + b"?")
    with django_db_blocker.unblock():
        new = elsewhere(tmp_path)

    refused = new.yihu("restore", bad)

    assert (refused.returncode, "is damaged" in refused.stderr) == (2, True), refused.stderr
    assert not (new.home / "files").exists()
    assert "exists and is not overwritten" in installation.yihu("backup", archive).stderr
    assert "is no backup" in new.yihu("restore", installation.home / "keys.json").stderr
    assert "Restored" in new.yihu("restore", archive).stdout


DELETED = (
    "from yihu.commands import installation as i; i.ready();"
    "from tests.book.tampering import delete_whole; from yihu.card.models import Household as H;"
    "h = H.objects.order_by('-pk').first(); delete_whole(h); print(h.code)"
)


def test_a_book_deleted_whole_is_told_at_the_next_backup_and_in_a_forged_one(
    installation, tmp_path, django_db_blocker
):
    first, forged = installation.home / "backups" / "1.zip", tmp_path / "forged.zip"
    first.parent.mkdir()
    assert installation.yihu("backup", first).returncode == 0
    code = installation.script(DELETED).strip()

    second = installation.yihu("backup", first.with_name("2.zip"))

    audit = installation.yihu("audit")
    assert (second.returncode, "it is gone" in second.stdout) == (1, True), second.stdout
    assert (audit.returncode, f"{code} entry" in audit.stdout) == (1, True), audit.stdout
    # The database of the second, its sum put right, under the anchor of the first.
    with zipfile.ZipFile(first) as old, zipfile.ZipFile(first.with_name("2.zip")) as late:
        manifest = json.loads(old.read("manifest.json"))
        members = json.loads(late.read("manifest.json"))["members"]
        manifest["members"] |= members
        with zipfile.ZipFile(forged, "w") as archive:
            for name in manifest["members"]:
                archive.writestr(name, (late if name in members else old).read(name))
            archive.writestr("manifest.json", json.dumps(manifest))
    with django_db_blocker.unblock():
        new = elsewhere(tmp_path)
    restored = new.yihu("restore", forged)
    assert (restored.returncode, f"{code} entry" in restored.stdout) == (1, True), restored.stdout


def test_without_its_keys_a_restored_county_says_so_and_makes_no_new_ones(
    installation, tmp_path, django_db_blocker
):
    archive = tmp_path / "backup.zip"
    assert installation.yihu("backup", archive).returncode == 0
    with django_db_blocker.unblock():
        new = elsewhere(tmp_path)

    restored = new.yihu("restore", archive)

    assert restored.returncode == 1
    assert "the keys are not here" in restored.stdout
    assert not (new.home / "keys.json").exists()


def test_all_cards_and_gaps_are_made_anew_as_they_were(installation):
    dump = (
        "from yihu.commands import installation as i; i.ready();"
        "from yihu.card.models import *; from yihu.ledger.models import Gap;"
        "rows = lambda m: sorted(map(str, m.objects.order_by('pk').values_list(*"
        "[f.attname for f in m._meta.concrete_fields if f.attname != 'id' or m is not Sealed])));"
        "print([rows(m) for m in (Household, Person, Sealed, Gap)])"
    )
    before = installation.script(dump)
    assert len(before) > 1000
    installation.script(
        "from yihu.commands import installation as i; i.ready();"
        "from django.db import connection as c; k = c.cursor();"
        "k.execute(\"update yihu_household set facts = '{}', size = 9\");"
        "k.execute(\"update yihu_person set name = 'x'\");"
        "k.execute('delete from yihu_sealed');"
        "k.execute(\"update yihu_gap set state = 'cleared'\")"
    )
    assert installation.script(dump) != before

    rebuilt = installation.yihu("rebuild", "--processes", 0)

    assert rebuilt.returncode == 0, rebuilt.stderr
    assert installation.script(dump) == before
    assert installation.audit()["whole"]


#: Every row of every table, as each database says it alike: JSON without an order of its own.
EVERYTHING = """
import json
from yihu.commands import installation; installation.ready()
from django.apps import apps
print(json.dumps({m._meta.label: sorted(
    json.dumps({f.attname: getattr(row, f.attname) for f in m._meta.concrete_fields},
               sort_keys=True, default=lambda v: bytes(v).hex() if isinstance(v, memoryview | bytes)
               else str(v))
    for row in m.objects.all()) for m in apps.get_models() if not m._meta.proxy}))
"""


def everything(of: Installation) -> dict[str, list[str]]:
    """Table → its rows."""
    return json.loads(of.script(EVERYTHING))


def test_a_county_begun_in_sqlite_goes_on_in_the_database_of_this_run(
    installation, tmp_path, django_db_blocker
):
    begun = make(tmp_path / "begun", sqlite=True) if installation.address else installation
    assert begun.yihu("worker", "add", "ann", "--name", "Ann", "--one-time").returncode == 0
    archive, keys = tmp_path / "backup.zip", tmp_path / "usb-keys.json"
    # A backup of an earlier version comes up to this one on the way.
    begun.script(
        "from yihu.commands import installation as i; i.ready();"
        "from django.core.management import call_command;"
        "call_command('migrate', 'yihu', '0001', verbosity=0)"
    )
    assert begun.yihu("backup", archive, "--with-keys", keys).returncode == 0
    # It is read by the tables of this version.
    begun.script("from yihu.commands import installation as i; i.ready(); i.migrate()")
    before = everything(begun)
    with django_db_blocker.unblock():
        new = elsewhere(tmp_path)

    moved = new.yihu("restore", archive, "--keys", keys)

    assert moved.returncode == 0, moved.stdout + moved.stderr
    after = everything(new)
    assert len(before["yihu.Entry"]) > 20
    assert len(before["yihu.Person"]) > 5
    (restored,) = set(after.pop("yihu.Batch")) - set(before.pop("yihu.Batch"))
    assert '"what": "restore"' in restored
    assert after == before
    # Numbers the database counts itself go on behind those that came.
    assert new.yihu("worker", "add", "bea", "--name", "Bea", "--one-time").returncode == 0
    again = new.yihu("restore", archive, "--keys", keys)
    assert (again.returncode, "not overwritten" in again.stderr) == (2, True)


def test_a_part_that_unpacks_to_more_than_was_put_in_is_not_written_out(tmp_path):
    name, bomb = "files/ab/" + "c" * 62, tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, b"\0" * (8 * backup_archive.PIECE))
    manifest = {"members": {name: {"sha256": "0" * 64, "size": 10}}}
    target = tmp_path / "out"

    with zipfile.ZipFile(bomb) as archive, pytest.raises(Problem) as refused:
        backup_archive.take_out(archive, manifest, name, target)

    assert refused.value.code == "backup.damaged"
    assert target.stat().st_size == 0
