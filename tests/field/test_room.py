"""Room on the phone: when it is full, and when the browser may take it away."""

from __future__ import annotations

import pytest

from tests.chromium import CHROMIUM
from tests.field.phones import BUILT, note_a_visit, taken_photo

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.skipif(not BUILT.exists(), reason="make env builds the field app"),
]


def test_a_full_phone_loses_the_photo_and_never_the_words(desk, phone):
    phone.open()
    phone.begin()
    desk.stop()
    phone.open_visit()
    phone.page.fill("[data-words]", "房子漏雨")
    photo = taken_photo(phone)
    phone.page.evaluate(FULL)

    phone.page.set_input_files("[data-photo]", photo)
    phone.page.wait_for_selector(".toast.bad")
    said = phone.page.inner_text(".toast.bad")
    phone.writes()

    assert "照片没存下" in said
    assert phone.count("waiting") == 1
    assert phone.photos_kept() == 0


#: The store says what a browser says whose disk is full, for photos. A smaller limit cannot be set:
#: Chromium's switch for it, and Storage.overrideQuotaForOrigin, change nothing here – 3 MB went in
#: under a quota of one byte.
FULL = """() => {
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (...given) {
    if (this.name === "photos") throw new DOMException("no room", "QuotaExceededError");
    return put.apply(this, given);
  };
}"""


def test_whoever_writes_is_warned_while_the_browser_may_drop_it(desk, phone):
    phone.open()
    phone.begin()
    desk.stop()

    note_a_visit(phone)
    phone.page.wait_for_selector("[data-may-go]")
    warned = phone.page.inner_text("[data-may-go]")
    phone.context.new_cdp_session(phone.page).send(
        "Browser.grantPermissions", {"origin": phone.url, "permissions": ["durableStorage"]}
    )
    phone.page.click("[data-may-go] a")
    phone.page.wait_for_selector("[data-kept]")
    phone.go("/outbox")
    phone.page.wait_for_selector("[data-outbox]")

    assert "救援文件" in warned
    assert phone.page.locator("[data-may-go]").count() == 0
    assert phone.count("waiting") == 1
