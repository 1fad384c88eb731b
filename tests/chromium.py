"""Debian's Chromium as tests start it."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

CHROMIUM = os.environ.get("YIHU_CHROMIUM") or shutil.which("chromium")
#: Each window makes ready, in a process of its own, what a person sees while typing an address:
#: a second of work, and nobody types one here. The rest is what Playwright turns off, for of two
#: lists the browser reads the last.
NOT_NEEDED = (
    "WebUIOmniboxPopup", "WebUIOmniboxFullPopup", "WebUIOmniboxAimPopup",
    "AimEnabled", "AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades",
    "LensOverlay", "MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints",
    "PaintHolding", "PreconnectToSearch", "ThirdPartyStoragePartitioning",
)  # fmt: skip
#: Without a graphics card the browser would draw with a model of one, on the cores of the tests;
#: and it would ask its maker for news.
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-gpu-rasterization", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    f"--disable-features={','.join(NOT_NEEDED)}",
)  # fmt: skip


class Driver:
    """Playwright's process, started once and kept for many tests; a test has it with `in_turn`.

    Its event loop counts as running for as long as it lives, and where one runs, Django keeps the
    tables closed and no other loop begins. Between the tests of a browser it is therefore laid
    aside: it stands still then anyhow.
    """

    def __init__(self) -> None:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415

        self.tool: Any = sync_playwright().start()
        self._loop = asyncio.get_running_loop()
        self._browser: Any = None
        _runs(None)

    @contextmanager
    def in_turn(self) -> Iterator[Any]:
        """Playwright, for one test."""
        _runs(self._loop)
        try:
            yield self.tool
        finally:
            _runs(None)

    def browser(self) -> Any:
        """A browser in which each test opens a context of its own; started by the first."""
        if self._browser is None:
            # Each page in a process that is there: to begin one took as long as to show the page.
            self._browser = self.tool.chromium.launch(
                executable_path=CHROMIUM, args=[*ARGUMENTS, "--renderer-process-limit=1"]
            )
        return self._browser

    def close_browser(self) -> None:
        """End the browser, and with it all lines it keeps open."""
        if self._browser is not None:
            with self.in_turn():
                self._browser.close()
            self._browser = None

    def stop(self) -> None:
        """End it and its browser."""
        self.close_browser()
        with self.in_turn():
            self.tool.stop()


def _runs(loop: asyncio.AbstractEventLoop | None) -> None:
    # Written for those who turn a loop themselves.
    asyncio._set_running_loop(loop)
