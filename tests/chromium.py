"""Debian's Chromium as tests start it."""

from __future__ import annotations

import os
import shutil

CHROMIUM = os.environ.get("YIHU_CHROMIUM") or shutil.which("chromium")
#: Without a graphics card the browser would draw with a model of one, on the cores of the tests;
#: and it would ask its maker for news.
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-gpu-rasterization", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
