"""Files on their way into the report: taken in and kept in memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from yihu.rulebook.intake import intake
from yihu.rulebook.program import Program
from yihu.rulebook.snapshot import BLOCK, Snapshot
from yihu.rulebook.snapshot.build import Plan, build
from yihu.rulebook.snapshot.files import InMemory


def in_memory(program: Program, files: Mapping[str, str | Path]) -> Snapshot:
    """A snapshot of the files (level → file) with the facts a program uses.

    Raises Refused (intake.*, snapshot.*).
    """
    data = intake(program, files, missing="unknown")
    plan = Plan(program.levels, dict(program.facts), block=BLOCK)
    return build(plan, {level: rows() for level, rows in data.tables().items()}, InMemory())
