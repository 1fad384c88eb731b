"""A data folder of its own for a test run, named before Django reads its settings.

Loaded by `-p tests.home` in pyproject.toml: a conftest comes too late, for pytest-django reads the
settings first. Each process of a run has its own, so that none reads keys another is writing.
"""

from __future__ import annotations

import os
import tempfile

if "YIHU_HOME" not in os.environ or "PYTEST_XDIST_WORKER" in os.environ:
    os.environ["YIHU_HOME"] = tempfile.mkdtemp(prefix="yihu-tests-")
