"""For all tests: with YIHU_NO_SKIP=1 a skipped test fails and says why.

A person at home may lack Spark or the survey data; the build that decides whether a change lands
may lack nothing, or a test that never ran would count as one that passed.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from hypothesis import HealthCheck, settings

from tests.chromium import Driver
from tests.soak import SOAK

# A machine that also does other work is no failure of the code: no deadline for one example.
settings.register_profile(
    "yihu",
    deadline=None,
    derandomize=SOAK == 1,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("yihu")


def pytest_configure() -> None:
    """Let what a test does a thousand times cost no more than it must."""
    from django.conf import settings as desk  # noqa: PLC0415

    if desk.configured:
        # A password of a test needs no slow hash.
        desk.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
        # Each test has a county of its own, and all of them are summed up at the same moment.
        desk.CACHES["figures"] = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
        # Every new client would look through all static files once more.
        desk.WHITENOISE_AUTOREFRESH = True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that open a browser can be left out: what it shows is the same on either database."""
    for item in items:
        if "playwright" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
    items[:] = longest_first(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


#: Files with the longest tests (--durations=0). Begun last, one of them keeps a single core busy
#: when all others have ended.
LONGEST = (
    "web/test_every_page.py", "safety/test_backup.py", "field/test_hard_days.py",
    "rulebook/test_sql_agrees.py", "access/test_every_route.py", "field/test_faults.py",
    "field/test_two_hundred_visits.py", "rulebook/test_cluster.py", "safety/test_killed.py",
    "sync/test_model.py", "stories/test_the_day_in_a_browser.py", "test_readme.py",
)  # fmt: skip


def longest_first(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """The tests in as many stretches as there are workers, each beginning with some long files."""
    long: dict[str, list[pytest.Item]] = {name: [] for name in LONGEST}
    short: list[pytest.Item] = []
    for item in items:
        long.get(item.nodeid.split("::")[0].removeprefix("tests/"), short).append(item)
    files = [*long.values()]
    found: list[pytest.Item] = []
    for n in range(workers):
        # Stretches of one length: by that each worker's first share is measured.
        begun, ended = (len(items) * at // workers for at in (n, n + 1))
        # A file in one piece: what its tests share is made once.
        mine = [item for file in files[n::workers] for item in file]
        room = max(0, ended - begun - len(mine))
        found += [*mine, *short[:room]]
        del short[:room]
    return found + short


MAY_SKIP = os.environ.get("YIHU_NO_SKIP", "") in {"", "0"}


@pytest.fixture(autouse=True)
def _connection_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no answer close the connection a test's own transaction lives in.

    Django's test client sees to it but for answers that stream and for servers called directly.
    """
    close = BaseDatabaseWrapper.close_if_unusable_or_obsolete

    def unless_in_use(self: BaseDatabaseWrapper) -> None:
        if not self.in_atomic_block:
            close(self)

    monkeypatch.setattr(BaseDatabaseWrapper, "close_if_unusable_or_obsolete", unless_in_use)


@pytest.fixture(scope="session")
def _driver() -> Iterator[Driver]:
    made = Driver()
    yield made
    made.stop()


@pytest.fixture
def playwright(_driver: Driver, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Playwright. Its loop runs in this thread; tables are still used only between its steps."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with _driver.in_turn() as tool:
        yield tool


@pytest.fixture
def browser(_driver: Driver, playwright: Any) -> Any:
    """The browser that tests share; who opens a context in it closes it."""
    return _driver.browser()


@pytest.fixture(scope="session")
def live_server(live_server: Any, _driver: Driver) -> Iterator[Any]:
    """A served desk. It ends after all who still hold a line to it.

    A line that ended later closed the connection to the database when it was no longer shared.
    """
    yield live_server
    _driver.close_browser()
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(10)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the skip of a test into its failure where nothing may be skipped."""
    report = yield
    if report.skipped and not MAY_SKIP and not hasattr(report, "wasxfail"):
        _fail(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn the skip of a whole file into its failure where nothing may be skipped."""
    report = yield
    if report.skipped and not MAY_SKIP:
        _fail(report)
    return report


def _fail(report: pytest.TestReport | pytest.CollectReport) -> None:
    why = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
    report.outcome = "failed"
    report.longrepr = f"YIHU_NO_SKIP is set, and this was skipped. {why}"
