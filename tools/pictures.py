"""The README's pictures of the desk, taken from a demo county that is being served.

    yihu run                       # in one terminal; the pictures show what it serves
    python -m tools.pictures       # in another, in the same YIHU_HOME

Signs in as the demo people with the passwords kept beside the demo; needs Chromium.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

ADDRESS = os.environ.get("YIHU_ADDRESS", "http://127.0.0.1:8000")
HOME = Path(os.environ.get("YIHU_HOME", "yihu-data"))
FOLDER = Path("docs/pictures")
CHROMIUM = os.environ.get("YIHU_CHROMIUM") or shutil.which("chromium") or ""
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
#: name of the picture → who looks, at which page
PAGES = {
    "today": ("mei", "/"),
    "ledger": ("bo", "/ledger/"),
    "statistics": ("chen", "/statistics/"),
    "simulate": ("chen", "/rulebook/simulate/?line=income&value=5000"),
}


def main() -> None:
    """Take every picture, each person signing in once."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  only this needs it

    passwords = json.loads((HOME / "demo-people.json").read_text(encoding="utf-8"))
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for who in dict.fromkeys(who for who, _ in PAGES.values()):
            with _signed_in(chromium, who, passwords[who.capitalize()]) as page:
                for name, (whose, path) in PAGES.items():
                    if whose == who:
                        _take(page, name, path)
                if who == "mei":
                    _take(page, "household", _first_household(page))
        chromium.close()


@contextmanager
def _signed_in(chromium: Any, who: str, password: str) -> Iterator[Any]:
    window = {"width": 1440, "height": 900}
    context = chromium.new_context(viewport=window, locale="zh-CN", reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{ADDRESS}/")
    page.fill("input[name=login]", who)
    page.fill("input[name=password]", password)
    page.click("form button:not([type=button])")
    page.wait_for_url(f"{ADDRESS}/")
    yield page
    context.close()


def _first_household(page: Any) -> str:
    page.goto(f"{ADDRESS}/")
    found: str = page.get_attribute("a.row-link[href^='/households/']", "href")
    return found


def _take(page: Any, name: str, path: str) -> None:
    page.goto(f"{ADDRESS}{path}", wait_until="networkidle")
    with tempfile.NamedTemporaryFile(suffix=".png") as raw:
        page.screenshot(path=raw.name)
        _shrink(Path(raw.name), FOLDER / f"{name}.png")


def _shrink(raw: Path, path: Path) -> None:
    """Pages have few colours: 128 of them make a third of the bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(raw) as picture:
        few = picture.convert("RGB").quantize(128, dither=Image.Dither.NONE)
        few.save(path, optimize=True)


if __name__ == "__main__":
    main()
