"""A backup made while others write is whole, and stands on a new machine as it stood here."""

from __future__ import annotations

import json
import zipfile

from tests.safety.installations import Installation, fresh_address, installation, template, writers

__all__ = ["installation", "template"]


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
