"""A small rulebook and small registers for the tests of the command line."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

from click.testing import CliRunner, Result

from yihu.commands import main
from yihu.commands.starter import write_starter

ROOT = Path(__file__).resolve().parents[2]
ON = "2025-06-30"
HOUSEHOLDS = "household_id,village_code,net_income\nh1,v1,16799.98\nh2,v1,16800\nh3,v2,\n"
PERSONS = (
    "person_id,household_id,birth,schooling\n"
    "a,h1,2015-03-01,primary\nb,h1,1980-01-01,\n"
    "c,h2,2015/3/1,未在校\nd,h2,19800101,\n"
    "e,h3,2015年3月1日,\n"
)
#: What the check of these registers writes.
LONG = [
    ["about", "id", "rule", "answer", "amount"],
    ["household", "h1", "low_income", "holds", ""],
    ["household", "h1", "schooling", "holds", ""],
    ["household", "h2", "low_income", "fails", ""],
    ["household", "h2", "schooling", "fails", ""],
    ["household", "h3", "low_income", "unknown", ""],
    ["household", "h3", "schooling", "unknown", ""],
]


def rows(path: Path) -> list[list[str]]:
    """The cells of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def county(folder: Path) -> Path:
    """The starter's rulebook, and two registers of three households; the folder."""
    write_starter(folder / "mine", "en")
    (folder / "households.csv").write_text(HOUSEHOLDS, encoding="utf-8")
    (folder / "persons.csv").write_text(PERSONS, encoding="utf-8")
    return folder


def check(folder: Path, *more: str, out: str = "out.csv") -> list[str]:
    """The words of a check in that folder."""
    return [
        "check", "--rulebook", str(folder / "mine"), "--on", ON,
        "--households", str(folder / "households.csv"), "--persons", str(folder / "persons.csv"),
        "--out", str(folder / out), *more,
    ]  # fmt: skip


def yihu(*words: str, lang: str = "en") -> Result:
    """Run a command inside this process."""
    return CliRunner().invoke(main, list(words), env={"YIHU_LANG": lang})


def process(*words: str, lang: str = "en", **options: Any) -> subprocess.Popen[str]:
    """Start a command as people do."""
    started = subprocess.Popen(
        [sys.executable, "-m", "yihu.commands", *words],
        cwd=ROOT,
        env={**os.environ, "YIHU_LANG": lang, "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )
    return cast("subprocess.Popen[str]", started)
