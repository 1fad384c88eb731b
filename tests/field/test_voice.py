"""A note that is spoken at the door is heard at the desk, by the real recorder of the browser."""

from __future__ import annotations

import pytest

from tests import makers
from tests.chromium import CHROMIUM
from tests.field.phones import BUILT
from tests.sync.phones import helper
from yihu.book import files
from yihu.book.models import Entry

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.skipif(not BUILT.exists(), reason="make env builds the field app"),
]
#: The browser's own false microphone: it beeps, and asks nobody.
MICROPHONE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
#: Seconds a player finds in it; a recording made bit by bit does not say its length before its end.
HEARD = """async (audio) => {
  const answer = await fetch(audio.src);
  const sound = new AudioContext();
  return (await sound.decodeAudioData(await answer.arrayBuffer())).duration;
}"""


def test_what_was_spoken_at_the_door_is_played_from_the_book(phone_of_the_desk):
    phone = phone_of_the_desk
    phone.arguments += MICROPHONE
    home = makers.household({"name": "黄秀英"})
    helper("Fang", home)
    phone.begins_as("Fang")
    phone.ready_offline()
    phone.context.set_offline(True)

    phone.open_visit(str(home.pk))
    phone.page.click("[data-voice]")
    phone.page.wait_for_selector("[data-voice-stop]")
    assert phone.page.locator("[data-write]").is_disabled()
    phone.page.wait_for_timeout(2500)
    phone.page.click("[data-voice-stop]")
    phone.page.click("[data-hear]")
    phone.writes()
    phone.page.wait_for_selector("[data-state=waiting]")
    phone.context.set_offline(False)
    phone.waits_until_all_is_sent()

    evidence = Entry.objects.get(book_id=home.pk, kind="evidence")
    kept = files.kept(evidence.says["sha256"])
    assert kept is not None
    assert (kept.type, kept.size) == ("audio/webm", evidence.says["size"])
    assert kept.size < 60_000
    phone.page.goto(f"{phone.url}/households/{home.pk}/?part=book")
    assert phone.page.locator("audio").evaluate(HEARD) > 1.5
    assert phone.said == []


def test_a_browser_that_cannot_record_says_so_and_the_visit_goes_on(desk, phone):
    phone.open()
    phone.begin()
    phone.page.evaluate("delete window.MediaRecorder")

    phone.open_visit()

    assert "请写成文字" in phone.page.inner_text("[data-no-voice]")
    assert phone.page.locator("[data-voice]").count() == 0


def test_a_microphone_that_is_not_given_costs_the_recording_only(desk, phone):
    phone.open()
    phone.begin()
    phone.open_visit()
    phone.page.fill("[data-words]", "写下来的")

    phone.page.click("[data-voice]")
    phone.page.wait_for_selector(".toast.bad")
    phone.writes()
    phone.waits_until_all_is_sent()

    assert [each["says"]["words"] for each in desk.entries.values()] == ["写下来的"]
