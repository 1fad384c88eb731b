"""A desk that can fail, and phones that ask it."""

from __future__ import annotations

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
