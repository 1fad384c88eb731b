"""Building a wheel or source archive: puts the report's charts in.

From a checkout the charts are bundled with npm; from a source archive they are there already, so
that a user of either needs no Node. An editable install leaves them to `make env`.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUNDLE = "yihu/report/assets/echarts.min.js"


class ChartsHook(BuildHookInterface[Any]):
    """Bundles the charts when they are missing."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the bundle unless it is there or the install is editable."""
        root = Path(self.root)
        if version == "editable" or (root / BUNDLE).exists():
            return
        subprocess.run(["npm", "ci"], cwd=root, check=True)
        subprocess.run(["npm", "run", "build"], cwd=root, check=True)
