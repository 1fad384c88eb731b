"""Looking at pages in Debian's Chromium: signing in, and what axe finds in the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chromium import CHROMIUM

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
MADE = ROOT / "yihu" / "web" / "static" / "made" / "tabler.min.css"
MARKS = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.skipif(not AXE.exists() or not MADE.exists(), reason="make env builds the look"),
]
GRAVE = ("serious", "critical")


def sign_in(page, name: str) -> None:
    page.goto("/")
    page.fill("[name=login]", name.lower())
    page.fill("[name=password]", f"{name}-9f3k")
    page.click("form[action='/account/login/'] button")
    page.wait_for_selector("nav.side")


def reads_in(page, language: str) -> None:
    """zh-hans or en, from now on."""
    page.goto("/account/login/")
    page.context.add_cookies([{"name": "yihu_language", "value": language, "url": page.url}])
    page.reload()


def barriers(page) -> list[str]:
    """What axe finds that keeps somebody out."""
    # As text, for a script of another address is against the policy of the page.
    page.evaluate(AXE.read_text(encoding="utf-8") + ";0")
    # What passed stays in the browser: written out, it is many times as long.
    found = page.evaluate("axe.run({resultTypes: ['violations']}).then((all) => all.violations)")
    return [
        f"{page.url} {rule['id']}: {node['html']}"
        for rule in found
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
    ]


def wide(page) -> list[str]:
    """The page, if it has to be moved sideways to be read."""
    pixels, window = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    return [f"{page.url} {pixels} > {window}"] if pixels > window else []


#: Rows of tabs that go on past their edge, and words in empty fields longer than their field.
CUT = """() => {
  const pen = document.createElement("canvas").getContext("2d");
  const room = (at, style) =>
    at.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  const tabs = [...document.querySelectorAll(".tabs ul")].filter(
    (each) => each.scrollWidth > each.clientWidth + 1);
  const fields = [...document.querySelectorAll("input[placeholder]")].filter((each) => {
    const style = getComputedStyle(each);
    pen.font = style.font;
    return each.clientWidth && pen.measureText(each.placeholder).width > room(each, style);
  });
  return [...tabs.map((each) => each.textContent), ...fields.map((each) => each.placeholder)];
}"""


def cut(page) -> list[str]:
    """Words of the page that stand there, and are not to be seen whole."""
    return [f"{page.url} {words.strip()}" for words in page.evaluate(CUT)]
