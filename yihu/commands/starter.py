"""The small commented rulebook that `yihu rulebook new` writes, to be changed into one's own."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from yihu.commands.whole_file import require_writable
from yihu.rulebook.book import Rulebook
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


def write_starter(folder: Path, lang: str, base: Rulebook | None = None) -> list[Path]:
    """Write a starter into a new folder, whole or not at all; the files written.

    lang     language of the comments and examples
    base     a rulebook to extend: the starter then holds only what a county fills in
    Raises   Refused (command.exists, command.folder_missing, command.bad_name)
    """
    if folder.exists():
        raise Refused("command.exists", path=folder)
    require_writable(folder)
    name = folder.name
    if not re.fullmatch(r"[^\W\d][\w-]*", name):
        raise Refused("command.bad_name", name=name)
    texts = _small(name, lang) if base is None else _extending(name, lang, base)
    beside = folder.with_name(f".{name}.{os.getpid()}.part")
    try:
        beside.mkdir()
        for file, text in texts.items():
            (beside / file).write_text(text, encoding="utf-8")
        beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return sorted(folder.iterdir())


def _small(name: str, lang: str) -> dict[str, str]:
    files = sorted(SOURCE.glob("*.toml"))
    return {f.name: _filled(f.read_text(encoding="utf-8"), name, lang) for f in files}


def _extending(name: str, lang: str, base: Rulebook) -> dict[str, str]:
    zh = lang == "zh"
    head = (
        f"# 在“{base.title.zh}”之上：只写本地不同的部分，其余都取自它。\n"
        if zh
        else f"# On top of “{base.title.en}”: only what differs here; all else is taken from it.\n"
    )
    lines = (
        "# 下面是没有找到出处的数，由本地填写：去掉行首的 #，写上数值、文件名称和文号。\n"
        "# 填之前，用到它们的规则答“未知”。\n"
        if zh
        else "# Amounts no source was found for. To fill one in, remove the # in front and give\n"
        "# its value and its source. Until then the rules that use it answer “unknown”.\n"
    )
    rulebook = (
        f'{head}[rulebook]\nname    = "{name}"\nextends = "{base.name}"\n'
        f'title   = {{ zh = "{name}", en = "{name}" }}\nversion = "{YEAR}.1"\n'
    )
    return {"rulebook.toml": rulebook, "lines.toml": lines + "".join(_holes(base, lang))}


def _holes(base: Rulebook, lang: str) -> Iterator[str]:
    """Each line without a value, as a comment to be filled in."""
    source = _WORDS["source"][0 if lang == "zh" else 1]
    for line in base.lines.values():
        open_ = [(day, step) for day, step in line.steps if step.value is None]
        if open_:
            yield f"\n# {line.title.zh if lang == 'zh' else line.title.en}: {line.unit}\n"
            yield f"# [line.{line.name}]\n"
        for day, step in open_:
            # No figure stands here: one left by mistake would count as the line.
            yield f'# {day} = {{ value = …, source = "{source}" }}   # {step.source.said(lang)}\n'


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
