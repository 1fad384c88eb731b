"""Building a wheel or source archive: puts in charts, look, field app and type.

From a checkout they are made with npm; from a source archive they are there already, so that a
user of either needs no Node. An editable install leaves them to `make env`.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUNDLES = (
    "yihu/report/assets/echarts.min.js",
    "yihu/web/static/made/echarts.min.js",
    "yihu/web/static/made/tabler.min.css",
    "yihu/web/static/made/conditions.js",
    "yihu/exchange/assets/NotoSansSC-Regular.ttf",
    "yihu/web/field_files/index.html",
)


class ChartsHook(BuildHookInterface[Any]):
    """Bundles charts and look when they are missing."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the bundles unless they are there or the install is editable."""
        root = Path(self.root)
        if version == "editable" or all((root / bundle).exists() for bundle in BUNDLES):
            return
        subprocess.run(["npm", "ci"], cwd=root, check=True)
        subprocess.run(["npm", "run", "build"], cwd=root, check=True)
