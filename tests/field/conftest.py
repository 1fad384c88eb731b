"""A desk that can fail, and phones that ask it."""

from __future__ import annotations

import threading
import time

import pytest

from tests import makers
from tests.field.desk_double import Desk
from tests.field.families import package
from tests.field.phones import Phone


@pytest.fixture
def desk():
    made = Desk(package())
    made.start()
    yield made
    made.stop()


@pytest.fixture
def phone(desk, playwright, tmp_path):
    made = Phone(playwright, tmp_path / "phone", desk.url)
    yield made
    made.close()


@pytest.fixture
def phone_of_the_desk(live_server, playwright, tmp_path, settings):
    # The rulebook's year. The phone's clock is another one, and the desk puts it right.
    settings.TODAY = makers.TODAY.isoformat()
    settings.FILES = tmp_path / "files"
    made = Phone(playwright, tmp_path / "phone", live_server.url)
    yield made
    made.close()
    # What it had asked last is still being answered; with the tables emptied in the middle of it,
    # rows would stay behind, for the next tests to stumble over.
    end = time.monotonic() + 5
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(max(0.0, end - time.monotonic()))
