"""A page of a served desk, in a browser."""

from __future__ import annotations

import pytest

from tests.chromium import ARGUMENTS, CHROMIUM


@pytest.fixture
def page(live_server, monkeypatch):
    # The browser's own loop runs in this thread; the tables are still only used between its steps.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = browser.new_context(base_url=live_server.url, locale="zh-CN")
        opened = context.new_page()
        opened.said = []
        opened.on("console", lambda m: opened.said.append(m.text) if m.type == "error" else None)
        opened.on("pageerror", lambda error: opened.said.append(str(error)))
        yield opened
        browser.close()
