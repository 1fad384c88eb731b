"""Data that may not be shipped: where it lies, and the one sentence when it does not.

Official surveys with their published results are kept in a folder beside the clone, or where
YIHU_SHARED says. A test that needs a part of it asks here and is skipped, by name, without it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def shared_folder(name: str) -> Path:
    """Return the folder `name` of the shared data, or skip the test that asks for it."""
    folder = Path(os.environ.get("YIHU_SHARED", ROOT.parent / "shared")) / "data" / name
    if not folder.is_dir():
        pytest.skip(f"no {name} data: put the shared folder beside the clone or set YIHU_SHARED")
    return folder
