"""A skipped test is named with its reason, and fails where nothing may be skipped."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.docs import ROOT

ONE_SKIPPED = 'import pytest\n\ndef test_spark():\n    pytest.skip("no Spark here")\n'
FILE_SKIPPED = 'import pytest\npytest.skip("no Spark here", allow_module_level=True)\n'
EXPECTED_FAILURE = "import pytest\n\n@pytest.mark.xfail\ndef test_later():\n    assert False\n"


def run_tests(text: str, folder: Path, *, may_skip: bool) -> subprocess.CompletedProcess[str]:
    shutil.copy(ROOT / "tests" / "conftest.py", folder)
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_one.py").write_text(text)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-ra", "-p", "no:cacheprovider", "."],
        cwd=folder,
        env={**os.environ, "YIHU_NO_SKIP": "" if may_skip else "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_at_home_a_skip_is_named_with_its_reason(tmp_path):
    result = run_tests(ONE_SKIPPED, tmp_path, may_skip=True)

    assert result.returncode == 0
    assert "no Spark here" in result.stdout


@pytest.mark.parametrize("text", [ONE_SKIPPED, FILE_SKIPPED])
def test_where_nothing_may_be_skipped_a_skip_fails_with_its_reason(text, tmp_path):
    result = run_tests(text, tmp_path, may_skip=False)

    assert result.returncode != 0
    assert "no Spark here" in result.stdout
    assert "YIHU_NO_SKIP is set" in result.stdout


def test_an_expected_failure_is_no_skip(tmp_path):
    assert run_tests(EXPECTED_FAILURE, tmp_path, may_skip=False).returncode == 0
