"""Killed at any moment, out of disk, cut off: what was acknowledged is there, nothing by half."""

from __future__ import annotations

import os
import random
import time

import psycopg
from django.db import connection

from tests.safety.installations import require_nothing_lost, writers
from tests.soak import SOAK

KILLS = 20 * SOAK
AT_ONCE = 3
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"


def test_writers_killed_under_load_lose_nothing_they_acknowledged(installation, tmp_path):
    chance = random.Random(7)

    with writers(installation, tmp_path) as some:
        for _ in range(AT_ONCE):
            some.start()
        for _ in range(KILLS):
            log = chance.choice(list(some.running))
            some.wait(log, "ack")
            time.sleep(chance.random() * 0.1)
            some.kill(log)
            some.start()

    assert require_nothing_lost(installation, some.logs) >= KILLS


def test_writers_at_once_number_their_entries_without_a_break(installation, tmp_path):
    with writers(installation, tmp_path) as some:
        logs = [some.start() for _ in range(AT_ONCE)]
        for log in logs:
            some.wait(log, "ack", least=8)

    assert require_nothing_lost(installation, logs) >= 8 * AT_ONCE
    assert not any("no " in log.read_text() for log in logs), "a writer was refused its turn"


# A limit on files is one of a process that writes its own; a connection is lost where there is one.
if connection.vendor == "sqlite":

    def test_on_a_full_disk_nothing_is_half_written_and_writing_goes_on_afterwards(
        installation, tmp_path
    ):
        size = (installation.home / "yihu.sqlite3").stat().st_size

        with writers(installation, tmp_path) as some:
            full = some.start(most=size + 300_000)
            some.wait(full, "no", least=5)
            before = require_nothing_lost(installation, some.logs)
            some.wait(some.start(), "ack", least=3)

        assert before > 0
        assert require_nothing_lost(installation, some.logs) >= before + 3

else:

    def test_with_its_connection_cut_a_writer_loses_nothing_it_acknowledged(installation, tmp_path):
        with writers(installation, tmp_path) as some:
            logs = [some.start(), some.start()]
            for log in logs:
                some.wait(log, "ack")
            # A transaction would see the same list of connections each time.
            with psycopg.connect(os.environ["YIHU_DATABASE"], autocommit=True) as own:
                for _ in range(10):
                    time.sleep(0.15)
                    own.execute(CUT, [installation.database])
            for log in logs:
                some.wait(log, "no", least=3)
                said = log.read_text().rpartition("no ")[0].count("ack ")
                some.wait(log, "ack", least=said + 3)

        assert require_nothing_lost(installation, logs) > 6
