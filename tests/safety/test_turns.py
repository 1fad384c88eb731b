"""Who writes to one SQLite database stands in line, also for a single row."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.db import connection

from tests.safety.installations import Installation

#: Would be refused at once if it only tried: SQLite itself may wait no time for its lock.
IMPATIENT = """
import sys
from yihu.commands import installation as i; i.ready()
from django.conf import settings
settings.DATABASES["default"]["OPTIONS"]["timeout"] = 0
from django.db import connection
from yihu.book.models import Batch
from yihu.book.actions import open_batch
from yihu.loop import this_moment
connection.ensure_connection()
print("ready", flush=True)
sys.stdin.readline()
open_batch(what="backup", name="alone", by=None, at=this_moment().now)
print(Batch.objects.filter(name="alone").count(), flush=True)
"""

#: Writes, and keeps its transaction open until told.
SLOW = """
import sys
from yihu.commands import installation as i; i.ready()
from django.db import transaction
from yihu.book.actions import open_batch
from yihu.loop import this_moment
with transaction.atomic():
    open_batch(what="backup", name="slow", by=None, at=this_moment().now)
    print("writing", flush=True)
    sys.stdin.readline()
"""


#: Another may write before what a single write returns was fetched.
RETURNING = """
import sqlite3
from yihu.commands import installation as i; i.ready()
from django.conf import settings
from django.db import connection
from django.contrib.contenttypes.models import ContentType
with connection.cursor() as cursor:
    cursor.execute(
        "INSERT INTO django_content_type (app_label, model) VALUES (%s, 'a'), (%s, 'b'), "
        "(%s, 'c'), (%s, 'd') RETURNING model", ["x"] * 4
    )
    other = sqlite3.connect(settings.DATABASES["default"]["NAME"], timeout=0)
    other.execute("DELETE FROM django_content_type WHERE app_label = 'x'")
    other.commit()
    print(cursor.fetchone(), cursor.fetchmany(1), next(iter(cursor)), cursor.fetchall())
    print(cursor.fetchone(), ContentType.objects.filter(app_label="x").count())
"""

#: A statement that begins with WITH may be either.
READING = """
from yihu.commands import installation as i; i.ready()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("WITH a AS (SELECT 1 AS replaced) SELECT replaced FROM a")
    print(cursor.fetchone()[0], flush=True)
"""


# PostgreSQL queues its writers itself.
if connection.vendor == "sqlite":

    def test_a_single_write_outside_of_a_transaction_waits_for_its_turn(installation):
        slow, impatient = (process(installation, lines) for lines in (SLOW, IMPATIENT))
        assert heard(slow) == "writing"
        assert heard(impatient) == "ready"
        assert impatient.stdin
        impatient.stdin.write("go\n")
        impatient.stdin.flush()
        with pytest.raises(subprocess.TimeoutExpired):
            impatient.wait(timeout=0.5)

        slow.communicate("done\n", timeout=30)

        said, wrong = impatient.communicate(timeout=30)
        assert (impatient.returncode, said) == (0, "1\n"), wrong

    def test_a_single_write_is_done_before_what_it_returns_is_fetched(installation):
        said = installation.script(RETURNING).splitlines()

        assert said == ["('a',) [('b',)] ('c',) [('d',)]", "None 0"]

    def test_a_reader_waits_for_no_writer(installation):
        slow = process(installation, SLOW)
        assert heard(slow) == "writing"

        assert installation.script(READING) == "1\n"

        slow.communicate("done\n", timeout=30)


def process(of: Installation, lines: str) -> subprocess.Popen[str]:
    """Lines of Python that talk."""
    return subprocess.Popen(
        [sys.executable, "-c", lines], env=of.env, cwd=of.home, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def heard(from_: subprocess.Popen[str]) -> str:
    """Its next line."""
    assert from_.stdout
    return from_.stdout.readline().strip()
