"""The small commented rulebook that `yihu rulebook new` writes, to be changed into one's own."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from yihu.commands.whole_file import require_writable
from yihu.rulebook.refusals import Refused

SOURCE = Path(__file__).parent / "starter_rulebook"
#: The day of the examples lies in this year: a starter is the same whenever it is made.
YEAR = 2025

_WORDS = {
    "source": ("请写明文件名称、文号和条款", "name of the document, number and section"),
    "below": (
        "两口人，人均比标准少一分，成立。",
        "Two people, one fen each below the line: holds.",
    ),
    "on_it": ("人均正好等于标准，不成立。", "Exactly on the line: fails."),
    "blank": ("收入还没有问，未知。", "The income was not asked yet: unknown."),
    "at_school": ("十岁在读小学，大人不看，成立。", "A child of ten at primary school: holds."),
    "dropout": ("十岁不在校，不成立。", "A child of ten who is not at school: fails."),
    "not_asked": (
        "十岁，上没上学还没有问，未知。",
        "Nobody asked about the child of ten: unknown.",
    ),
}


def write_starter(folder: Path, lang: str) -> list[Path]:
    """Write the starter into a new folder, whole or not at all; the files written.

    lang     language of the comments and examples
    Raises   Refused (command.exists, command.folder_missing, command.bad_name)
    """
    if folder.exists():
        raise Refused("command.exists", path=folder)
    require_writable(folder)
    name = folder.name
    if not re.fullmatch(r"[^\W\d][\w-]*", name):
        raise Refused("command.bad_name", name=name)
    beside = folder.with_name(f".{name}.{os.getpid()}.part")
    try:
        beside.mkdir()
        for path in sorted(SOURCE.glob("*.toml")):
            text = _filled(path.read_text(encoding="utf-8"), name, lang)
            (beside / path.name).write_text(text, encoding="utf-8")
        beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return sorted(folder.iterdir())


def _filled(text: str, name: str, lang: str) -> str:
    other = "en" if lang == "zh" else "zh"
    kept = [line for line in text.splitlines() if not line.startswith(f"#{other} ")]
    text = "\n".join(f"# {line[4:]}" if line.startswith(f"#{lang} ") else line for line in kept)
    values = {word: both[0 if lang == "zh" else 1] for word, both in _WORDS.items()}
    values |= {"name": name, "year": str(YEAR), "last_year": str(YEAR - 1), "child": str(YEAR - 10)}
    # Not str.format: TOML has braces of its own.
    for word, value in values.items():
        text = text.replace(f"{{{word}}}", value)
    return text + "\n"
