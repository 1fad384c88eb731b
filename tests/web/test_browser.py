"""The desk as a person uses it, in Debian's Chromium: no error, no breach of policy, no barrier."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests import makers, people
from yihu.ledger.models import Gap

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium")
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
MADE = ROOT / "yihu" / "web" / "static" / "made" / "tabler.min.css"
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.skipif(not AXE.exists() or not MADE.exists(), reason="make env builds the look"),
]
GRAVE = ("serious", "critical")


@pytest.fixture
def page(live_server, monkeypatch):
    # The browser's own loop runs in this thread; the tables are still only used between its steps.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(base_url=live_server.url, locale="zh-CN")
        opened = context.new_page()
        opened.said = []
        opened.on("console", lambda m: opened.said.append(m.text) if m.type == "error" else None)
        opened.on("pageerror", lambda error: opened.said.append(str(error)))
        yield opened
        browser.close()


def sign_in(page, name: str) -> None:
    page.goto("/")
    page.fill("[name=login]", name.lower())
    page.fill("[name=password]", f"{name}-9f3k")
    page.click("form[action='/account/login/'] button")
    page.wait_for_selector("nav.side")


def barriers(page) -> list[str]:
    """What axe finds that keeps somebody out."""
    # As text, for a script of another address is against the policy of the page.
    page.evaluate(Path(AXE).read_text(encoding="utf-8") + ";0")
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{page.url} {rule['id']}: {node['html']}"
        for rule in found["violations"]
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
    ]


def test_somebody_signs_in_finds_a_family_writes_a_fact_and_the_gap_is_gone(page):
    people.mei()
    home = makers.household({"name": "黄秀英", "birth": "1980-01-01"},
                            {"name": "黄小月", "birth": "2010-03-01"})  # fmt: skip
    gap = Gap.objects.get(rule="child_in_school", book_id=home.pk)

    sign_in(page, "Mei")
    page.keyboard.press("/")
    page.keyboard.type("hxy")
    page.wait_for_selector("[data-suggestion]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('黄秀英')")
    shown = page.locator(".gaps > li", has_text="适龄儿童少年在校")
    assert shown.count() == 1
    page.goto(f"/households/{home.pk}/write/person/person_school/?person={gap.person_id}")
    page.select_option("[name=schooling]", "primary")
    page.click(".form-end button")
    page.wait_for_selector(".alert-success")
    page.goto(f"/households/{home.pk}/")

    gap.refresh_from_db()
    assert gap.state == "cleared"
    assert shown.count() == 0
    assert page.said == []


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_can_be_read_by_everybody(page, language, width):
    people.mei()
    home = makers.household({"name": "黄秀英", "birth": "1980-01-01"})
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/account/login/")
    page.context.add_cookies([{"name": "yihu_language", "value": language, "url": page.url}])
    page.reload()
    found = barriers(page)
    sign_in(page, "Mei")

    at = f"/households/{home.pk}/"
    for path in (
        "/", "/households/", "/households/?q=nobody", at, f"{at}?part=people", f"{at}?part=book",
        f"{at}?part=checks", f"{at}?part=due", f"{at}write/household/household_house/",
        f"{at}people/", f"/villages/{home.place.code}/", "/account/2fa/",
    ):  # fmt: skip
        page.goto(path)
        found += barriers(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, path

    assert found == []
    assert page.said == []
