"""Debian's Chromium as tests start it."""

from __future__ import annotations

import os
import shutil

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
