"""A phone in these tests: Chromium with a profile that stays, killed and opened again at will."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.chromium import ARGUMENTS, CHROMIUM
from tests.field.families import HOME
from yihu.web.field import FILES

BUILT = FILES / "index.html"
PIN = "385016"
SMALL = {"width": 390, "height": 844}


class Phone:
    """One profile folder and the browser on it."""

    def __init__(self, tool: Any, folder: Path, url: str, **options: Any) -> None:
        self.tool, self.folder, self.url, self.options = tool, folder, url, options
        self.arguments = [*ARGUMENTS]
        self.said: list[str] = []
        self.photos = 0
        self.context: Any = None
        self.page: Any = None

    def open(self, where: str = "/field/") -> Any:
        """Start the browser and go to the app."""
        self.context = self.tool.chromium.launch_persistent_context(
            str(self.folder), executable_path=CHROMIUM, args=self.arguments, viewport=SMALL,
            has_touch=True, timezone_id="Asia/Shanghai", **{"locale": "zh-CN"} | self.options,
        )  # fmt: skip
        self.page = self.context.pages[0]
        self.page.set_default_timeout(30_000)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("console", self._heard)
        self.page.goto(self.url + where)
        return self.page

    def _heard(self, message: Any) -> None:
        # That a request failed without a network is no fault of the app.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.said.append(message.text)

    def kill(self) -> None:
        """SIGKILL to the browser and all its children: the battery fell out."""
        running = self._processes()
        assert running, "no browser runs on this profile"
        while running:
            for pid in running:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)
            # A child that still lives keeps its locks on the profile: wait for the last of them.
            running &= _parents().keys()
        # What tells a second browser that the first still runs; a phone has none of it.
        for left in self.folder.glob("Singleton*"):
            left.unlink()
        self.context = None

    def _processes(self) -> set[int]:
        """The browser on this profile and all that came from it."""
        own = f"--user-data-dir={self.folder}"
        found = {pid for pid, (_, what) in _parents().items() if own in what}
        while more := {pid for pid, (parent, _) in _parents().items() if parent in found} - found:
            found |= more
        return found

    def close(self) -> None:
        if self.context:
            self.context.close()
            self.context = None

    # --- what a person does on it ---------------------------------------------------------------

    def enter(self, pin: str = PIN) -> None:
        self.page.wait_for_selector(".keys")
        self.page.keyboard.type(pin)

    def begin(self, pin: str = PIN) -> None:
        """Choose a PIN and come to the families."""
        self.enter(pin)
        self.page.wait_for_selector("h1:has-text('再输一遍')")
        self.enter(pin)
        self.page.wait_for_selector("[data-family]")

    def begins_as(self, name: str) -> None:
        """Of the real desk: PIN, sign in on its own page, PIN again, and the families are there."""
        self.open()
        self.enter()
        self.page.wait_for_selector("h1:has-text('再输一遍')")
        self.enter()
        self.signs_in(name)

    def signs_in(self, name: str) -> None:
        """On the desk's own page, and back behind the PIN."""
        self.page.click("[data-sign-in]")
        self.page.fill("[name=login]", name.lower())
        self.page.fill("[name=password]", f"{name}-9f3k")
        self.page.click("form[action^='/account/login/'] button")
        self.page.wait_for_url("**/field/")
        self.again()

    def again(self) -> None:
        """Enter the PIN and come to the families."""
        self.enter()
        self.page.wait_for_selector(".app")
        self.go("/")
        self.page.wait_for_selector("[data-family]")

    def ready_offline(self) -> None:
        """The service worker has the app."""
        self.page.wait_for_function(
            "() => navigator.serviceWorker.controller?.state === 'activated'"
        )

    def go(self, where: str) -> None:
        self.page.evaluate(f"location.hash = '{where}'")

    def lock(self) -> None:
        self.go("/own")
        self.page.click("[data-lock]")
        self.page.wait_for_selector(".keys")

    def forgets_the_pin(self) -> None:
        """As many wrong ones as the phone takes."""
        for n in range(8):
            self.enter("111222")
            self.page.wait_for_function("() => document.querySelectorAll('.dots .on').length === 0")
            self.page.wait_for_timeout(400 if n < 7 else 0)

    def begins_a_visit(self, words: str) -> None:
        """Words of a visit that is not written, kept when the screen is left."""
        self.open_visit()
        self.page.fill("[data-words]", words)
        self.go("/")
        self.page.wait_for_selector("[data-family]")

    def open_visit(self, home: str = HOME) -> None:
        self.go(f"/family/{home}")
        self.page.click("[data-visit]")
        self.page.wait_for_selector("[data-words]")

    def writes(self) -> None:
        """Press the button under a visit; the app comes to the outbox once it is on the disk.

        An outbox that is opened before says truly that all is delivered: nothing waits yet.
        """
        self.page.click("[data-write]")
        self.page.wait_for_selector("[data-outbox]")

    def until(self, so: Callable[[], bool], within: float = 60) -> None:
        """Look again and again until it is so; the page goes on meanwhile."""
        end = time.monotonic() + within
        while not so():
            assert time.monotonic() < end, "it was not so in time"
            self.page.wait_for_timeout(20)

    def count(self, state: str) -> int:
        """Entries of the outbox in a state, as the disk has them."""
        return int(self.page.evaluate(COUNT, state))

    def photos_kept(self) -> int:
        """Photos that have not left the phone, as the disk has them."""
        return int(self.page.evaluate(PHOTOS))

    def takes_in(self, file: Path, pin: str) -> None:
        """A rescue file, with the PIN it was made under."""
        self.go("/own")
        self.page.click("summary:has-text('从文件取出')")
        self.page.set_input_files("[data-rescue-file]", file)
        self.page.fill("details[open] input[type=password]", pin)
        self.page.click("[data-rescue-take]")
        self.page.wait_for_selector(".toast.good")

    def waits_until_all_is_sent(self, within: float = 20) -> None:
        self.go("/outbox")
        self.page.wait_for_selector("[data-all-sent]", timeout=within * 1000)


def _parents() -> dict[int, tuple[int, str]]:
    """Process that runs → its parent and what it was called with."""
    asked = ["ps", "-wweo", "pid=,ppid=,stat=,args="]
    listed = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 3) for line in listed.splitlines()]
    return {int(row[0]): (int(row[1]), row[3]) for row in rows if len(row) > 3 and row[2][0] != "Z"}


COUNT = """state => new Promise((done) => {
  const asked = indexedDB.open("yihu-field");
  asked.onsuccess = () => {
    const all = asked.result.transaction("entries").objectStore("entries").getAll();
    all.onsuccess = () => {
      asked.result.close();
      done(all.result.filter((each) => each.state === state).length);
    };
  };
})"""


PHOTOS = """() => new Promise((done) => {
  const asked = indexedDB.open("yihu-field");
  asked.onsuccess = () => {
    const all = asked.result.transaction("photos").objectStore("photos").count();
    all.onsuccess = () => { asked.result.close(); done(all.result); };
  };
})"""


def note_a_visit(phone: Phone, words: str = "新装了水管", photo: Any = None) -> None:
    """From the families to the outbox: two facts, a few words, perhaps a photo."""
    phone.open_visit()
    phone.page.click("[data-ask=schooling] [data-value=primary]")
    phone.page.click("[data-ask=power] [data-same]")
    phone.page.fill("[data-words]", words)
    if photo is not None:
        phone.page.set_input_files("[data-photo]", photo)
        phone.page.wait_for_selector(".photos canvas")
    phone.writes()


def taken_photo(phone: Phone) -> Any:
    """A photo as a camera gives it: noise, 2000 pixels wide, some megabytes."""
    phone.photos += 1
    bytes_ = phone.page.evaluate(NOISE, phone.photos)
    return {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": base64.b64decode(bytes_)}


NOISE = """seed => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 2000, height: 1500 });
  const pen = canvas.getContext("2d");
  for (let y = 0; y < 1500; y += 10) for (let x = 0; x < 2000; x += 10) {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    pen.fillStyle = "#" + (seed % 16777216).toString(16).padStart(6, "0");
    pen.fillRect(x, y, 10, 10);
  }
  return canvas.toDataURL("image/jpeg", 0.95).split(",")[1];
}"""
