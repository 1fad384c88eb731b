"""Where the tests find the official data, which this repository does not carry.

The data lies in a folder beside the clone, or where the environment variable YIHU_SHARED points.
"""

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[2] / "shared"


def shared(*parts: str) -> Path:
    """A path in the shared folder, which may not be there."""
    return Path(os.environ.get("YIHU_SHARED") or _BESIDE).joinpath(*parts)


def need(*parts: str) -> Path:
    """A path in the shared folder; the test is skipped, with a clear line, when it is absent."""
    path = shared(*parts)
    if not path.exists():
        name = "/".join(parts)
        pytest.skip(f"{name} is not beside the clone (set YIHU_SHARED to the shared folder)")
    return path
