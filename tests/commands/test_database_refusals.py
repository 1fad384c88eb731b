"""A database that is wrong, absent, locked up or on a full disk is told in one sentence."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError

from tests.commands.test_run import environment, free_port
from yihu.commands.database_ending import database_sentence
from yihu.commands.ending import DONE, REFUSED
from yihu.databases import BadAddressError, database


def yihu(home, *words, **env):
    return subprocess.run(
        [sys.executable, "-m", "yihu.commands", "--lang", "en", *words], text=True,
        env={**environment(home), **env}, capture_output=True, check=False,
    )  # fmt: skip


def test_an_address_says_what_is_asked_otherwise_of_postgresql():
    usual = database("postgresql://yihu@db/county?sslmode=require", Path())["OPTIONS"]
    assert usual == {
        "server_side_binding": True, "options": "-c jit=off", "sslmode": "require"
    }  # fmt: skip
    behind_a_pooler = database("postgresql://yihu@db/county?options=", Path())["OPTIONS"]
    assert behind_a_pooler["options"] == ""


def test_an_address_of_another_kind_is_refused_without_its_password(tmp_path):
    done = yihu(tmp_path, "audit", YIHU_DATABASE="mysql://yihu:s3cret@db/county")

    assert done.returncode == REFUSED
    assert done.stderr.startswith("YIHU_DATABASE is not written right: begins with 'mysql'")
    assert "s3cret" not in done.stderr


@pytest.mark.parametrize("password", ["s3/cret", "s3?cret", "s3#cret", "s3@x/cret w"])
def test_signs_of_a_password_that_end_an_address_are_named_without_it(password):
    with pytest.raises(BadAddressError) as refused:
        database(f"postgresql://yihu:{password}@db:5432/county", Path())

    assert "%2F" in str(refused.value)
    assert "s3" not in str(refused.value)
    assert "cret" not in str(refused.value)


def test_a_database_that_does_not_answer_is_named(tmp_path):
    nobody = f"postgresql://yihu:s3cret@127.0.0.1:{free_port()}/county"

    done = yihu(tmp_path, "audit", YIHU_DATABASE=nobody)

    assert done.returncode == REFUSED
    assert "The database of YIHU_DATABASE does not answer (connection failed" in done.stderr
    assert "s3cret" not in done.stderr


def test_where_no_desk_is_nothing_is_backed_up(tmp_path):
    done = yihu(tmp_path / "home", "backup", str(tmp_path / "backup.zip"))

    assert done.returncode == REFUSED
    assert "there is no desk yet" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_what_the_desk_keeps_is_read_by_its_owner_only(tmp_path):
    done = yihu(tmp_path / "home", "worker", "add", "ann", "--name", "Ann", "--one-time")

    assert done.returncode == DONE, done.stderr
    kept = [tmp_path / "home", *(tmp_path / "home").rglob("*")]
    assert (tmp_path / "home" / "yihu.sqlite3") in kept
    assert [path for path in kept if path.stat().st_mode & 0o077] == []


@pytest.mark.parametrize(
    ("defect", "says"),
    [
        (OperationalError("database or disk is full"), "磁盘已满"),
        (psycopg.errors.DiskFull("could not extend file: No space left on device"), "磁盘已满"),
        (OperationalError("attempt to write a readonly database"), "权限"),
        (sqlite3.OperationalError("unable to open database file"), "权限"),
        (psycopg.errors.InsufficientPrivilege("permission denied for schema public"), "OWNER TO"),
        (OperationalError("database is locked"), "占用数据库"),
        (sqlite3.DatabaseError("file is not a database"), "已损坏"),
        (psycopg.OperationalError("server closed the connection unexpectedly"), "没有应答"),
    ],
)
def test_each_has_its_cure(defect, says):
    assert says in (database_sentence(defect) or "")


def test_what_is_no_error_of_a_database_is_left_to_others():
    assert database_sentence(OSError("disk is full")) is None
    assert database_sentence(OperationalError("near FORM: syntax error")) is None


@pytest.mark.parametrize("address", ["mysql://db/x", "postgresql://db:5x/x", "postgresql://db"])
def test_what_is_no_address_is_refused(address, tmp_path):
    with pytest.raises(BadAddressError):
        database(address, tmp_path)
