"""An installation for each test, copied from one that is made once for all files of tests."""

from __future__ import annotations

import pytest

from tests.safety.installations import Installation, again, make


@pytest.fixture(scope="session")
def template(tmp_path_factory, django_db_setup, django_db_blocker) -> Installation:
    """One installation, made once for all tests."""
    with django_db_blocker.unblock():
        return make(tmp_path_factory.mktemp("template") / "home")


@pytest.fixture
def installation(template, tmp_path, django_db_blocker) -> Installation:
    """An installation of the test's own."""
    with django_db_blocker.unblock():
        return again(template, tmp_path / "home")
