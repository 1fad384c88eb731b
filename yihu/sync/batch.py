"""What entries of one request have in common."""

from __future__ import annotations

from dataclasses import dataclass

from yihu.access.models import Worker
from yihu.loop import Moment
from yihu.sync.models import Device
from yihu.sync.sent import Clock


@dataclass(frozen=True, slots=True)
class Batch:
    """Who hands in, by which phone, when it came and what the phone's clock said.

    together  all entries are written in one transaction, and what follows from them once after the
              last, not once an entry
    """

    by: Worker
    device: Device | None
    clock: Clock
    at: Moment
    together: bool = False
