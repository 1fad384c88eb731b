"""A page of a served desk, in a browser."""

from __future__ import annotations

import pytest


@pytest.fixture
def page(live_server, browser):
    context = browser.new_context(base_url=live_server.url, locale="zh-CN")
    opened = context.new_page()
    opened.said = []
    opened.on("console", lambda m: opened.said.append(m.text) if m.type == "error" else None)
    opened.on("pageerror", lambda error: opened.said.append(str(error)))
    yield opened
    context.close()
