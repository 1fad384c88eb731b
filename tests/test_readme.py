"""The README's own lines are run as they stand, in order, in one empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tools.docs import ROOT

BLOCK = re.compile(r"^```(python|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Snippet(NamedTuple):
    """One fenced block: its language, its text and the line where it starts."""

    language: str
    text: str
    line: int


def snippets(page: str) -> list[Snippet]:
    """Return the python and sh blocks of a page in their order."""
    return [
        Snippet(found[1], found[2], page.count("\n", 0, found.start()) + 2)
        for found in BLOCK.finditer(page)
    ]


def run(snippet: Snippet, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run one block in that folder as a reader would, with this Python's commands first."""
    commands = {
        "python": [sys.executable, "-W", "error", "-c", snippet.text],
        "sh": ["sh", "-eu", "-c", snippet.text],
    }
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        commands[snippet.language],
        cwd=folder,
        env={**os.environ, "PATH": path, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_every_line_of_the_readme_runs(tmp_path: Path) -> None:
    found = snippets((ROOT / "README.md").read_text(encoding="utf-8"))

    ended = [(snippet, run(snippet, tmp_path)) for snippet in found]

    assert {snippet.language for snippet in found} == {"python", "sh"}
    for snippet, result in ended:
        assert result.returncode == 0, f"README.md:{snippet.line} stopped:\n{result.stderr}"
        assert result.stdout.strip(), f"README.md:{snippet.line} shows the reader nothing"


@pytest.mark.parametrize("language", ["python", "sh"])
def test_a_line_that_stops_is_noticed(language: str, tmp_path: Path) -> None:
    broken = Snippet(language, "no_such_thing\nprint()\n", 1)

    assert run(broken, tmp_path).returncode != 0
