"""Two hundred visits with photos, a battery that falls out twice, a new version: each once.

The real app in the real browser against the real desk in processes of its own. Three visits are
noted by hand; the rest by the app's own functions – those the button calls – bundled beside it
(fieldapp/tests/many.ts), for a person needs a minute for each.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.chromium import CHROMIUM
from tests.field.phones import BUILT, PIN, Phone, taken_photo
from tests.field.served import ROOT, Served, served

ESBUILD = ROOT / "node_modules" / ".bin" / "esbuild"
VISITS, BY_HAND, FAMILIES = 200, 3, 4
PHOTOS = "**/sync/files/**"

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.skipif(not BUILT.exists(), reason="make env builds the field app"),
]


@pytest.fixture
def desk(tmp_path):
    yield from served(tmp_path, FAMILIES, "Fang")


def test_two_hundred_visits_stand_in_the_books_once_whatever_happens_meanwhile(desk, phone):
    phone.begins_as("Fang")
    phone.ready_offline()
    phone.context.set_offline(True)
    for n in range(BY_HAND):
        note_by_hand(phone, n)
    phone.page.evaluate(own_functions())
    made = phone.page.evaluate(f"week.week({PIN!r}, {VISITS - BY_HAND})")
    lies = phone.page.evaluate("week.lies()")
    assert lies == {"waiting": 2 * VISITS, "photos": VISITS}

    # The battery falls out while words go up, …
    phone.context.set_offline(False)
    phone.until(lambda: 50 <= phone.count("taken") < 2 * VISITS)
    phone.kill()
    phone.open()
    # A quick desk would have had all photos before the new version is there.
    phone.context.route(PHOTOS, lambda route: route.abort())
    phone.again()
    # … a new version is put on in between, …
    before = phone.page.title()
    put_on_a_new_version(phone, desk)
    # … and the battery once more, while photos go.
    assert phone.photos_kept() == VISITS
    # Laid over the way that was shut: opened before, a photo could slip through uncounted.
    unheard = answered_until(phone, VISITS // 2)
    phone.context.set_offline(True)
    phone.context.set_offline(False)
    phone.until(lambda: unheard != [])
    assert phone.photos_kept() >= VISITS // 2
    phone.kill()
    phone.open()
    phone.again()
    phone.waits_until_all_is_sent(within=60)

    found = desk.books()
    assert before != phone.page.title()
    assert len(found["entries"]) == len(set(found["entries"])) == 2 * VISITS
    assert set(made["entries"]) <= set(found["entries"])
    assert found["photos"] == sorted(set(found["awaited"]))
    assert len(found["photos"]) == VISITS
    assert (found["whole"], found["aside"], found["faults"]) == (True, 0, [])
    assert phone.count("taken") == 2 * VISITS


def answered_until(phone: Phone, last: int) -> list[Any]:
    """So many requests of photos are answered; the desk has the next, whose answer never comes."""
    seen: list[Any] = []
    unheard: list[Any] = []

    def pass_on(route: Any) -> None:
        seen.append(route)
        if len(seen) <= last:
            route.continue_()
        else:
            unheard.append(route.fetch())

    phone.context.route(PHOTOS, pass_on)
    return unheard


def note_by_hand(phone: Phone, n: int) -> None:
    """By the screen, as a person does."""
    phone.go("/")
    phone.page.locator("[data-family]").nth(n).click()
    phone.page.click("[data-visit]")
    phone.page.fill("[data-words]", f"手写的第 {n + 1} 次")
    phone.page.set_input_files("[data-photo]", taken_photo(phone))
    phone.page.wait_for_selector(".photos canvas")
    phone.writes()


def own_functions() -> str:
    """The app's functions in one text, to be run beside it as a second tab would be."""
    done = subprocess.run(
        [ESBUILD, "fieldapp/tests/many.ts", "--bundle", "--format=iife", "--global-name=week",
         "--define:__VUE_OPTIONS_API__=false", "--define:__VUE_PROD_DEVTOOLS__=false",
         "--define:__VUE_PROD_HYDRATION_MISMATCH_DETAILS__=false", "--log-level=warning"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout + ";globalThis.week = week;0"


def put_on_a_new_version(phone: Phone, desk: Served) -> None:
    """Another build stands where the desk serves from; the app finds it, and a tap puts it on."""
    update(desk)
    phone.page.evaluate("navigator.serviceWorker.getRegistration().then((r) => r.update())")
    phone.page.click("[data-put-on]")
    phone.page.wait_for_function("() => document.title.endsWith('二')")
    phone.again()


def update(desk: Served) -> None:
    """Another build of the app is put where the desk serves from."""
    for name in ("index.html", "worker.js"):
        (desk.files / f"{name}.gz").unlink()
    page, worker = desk.files / "index.html", desk.files / "worker.js"
    _put(page, page.read_text("utf-8").replace("· 走访<", "· 走访 二<"))
    _put(worker, worker.read_text("utf-8").replace('"field-', '"field-二'))


def _put(place: Path, text: str) -> None:
    rough = place.with_suffix(".new")
    rough.write_text(text, "utf-8")
    rough.replace(place)
