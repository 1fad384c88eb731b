"""Who writes to one SQLite database stands in line, also for a single row."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.db import connection

from tests.safety.installations import Installation, installation, template

__all__ = ["installation", "template"]

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
