"""What a phone says was seen longer ago than may be: held for a person, and never lost."""

from __future__ import annotations

from yihu.book.seen import too_long_ago
from yihu.sync.aside import Held
from yihu.sync.batch import Batch
from yihu.sync.sent import Sent


def require_seen_lately(sent: Sent, batch: Batch) -> None:
    """Hold an entry of a day before which nobody writes by phone. Raises Held (sync.held_past).

    By the day it came, not by the moment of writing: that is the phone's word, as the day is.
    """
    earliest = too_long_ago(sent.seen_on, batch.at.today)
    if earliest is not None:
        raise Held("sync.held_past", sent, seen_on=sent.seen_on, earliest=earliest)
