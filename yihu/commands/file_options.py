"""The options by which a command is given registers, the same wherever registers are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from yihu.commands.registers import Registers, registers_of
from yihu.commands.speaking import option
from yihu.commands.whole_file import require_apart
from yihu.commands.words import Day, Words
from yihu.rulebook.book import Rulebook
from yihu.rulebook.refusals import Refused

F = TypeVar("F", bound=Callable[..., object])
# Whether a file can be read is said by what opens it, in both languages.
FILE = click.Path(path_type=Path, readable=False)

RULEBOOK = option(
    "--rulebook", required=True, metavar="NAME|PATH",
    zh="随附规则书的名称，或规则书文件夹", en="name of a shipped rulebook, or its folder",
)  # fmt: skip
ON = option(
    "--on", required=True, type=Day(), metavar="DAY", zh="核查日", en="the day of the check"
)

_FILES = (
    option("--households", type=FILE, metavar="FILE", zh="户的登记表", en="the households"),
    option("--persons", type=FILE, metavar="FILE", zh="人的登记表；户的内容也可写在同一表里",
           en="the persons; may hold the households' columns too"),
    option("--places", multiple=True, metavar="FILE",
           zh="村、乡镇、县或住宅的表；层级按表头判断，也可写 village=FILE",
           en="villages, townships, dwellings …; the level is told by the headings, "
              "or write village=FILE"),
    option("--missing", type=Words(("refuse", "unknown")), default="refuse", show_default=True,
           metavar="refuse|unknown", zh="规则要用而表里没有的列：拒绝，或作为未知",
           en="a column the rules use and the files lack: refuse, or read as unknown"),
    option("--bad", type=Words(("refuse", "unknown")), default="refuse", show_default=True,
           metavar="refuse|unknown", zh="无法理解的格：拒绝，或作为未知并计数",
           en="a cell nobody can understand: refuse, or read as unknown and count"),
    option("--without-household", type=Words(("refuse", "keep")), default="refuse",
           show_default=True, metavar="refuse|keep",
           zh="找不到户的人：拒绝，或保留（户的内容未知）",
           en="persons whose household is in no file: refuse, or keep (its facts unknown)"),
    option("--snapshot", type=FILE, metavar="DIR",
           zh="把读好的登记表留在此文件夹，文件不变则下次直接用",
           en="keep what was read in this folder and use it again while the files are the same"),
)  # fmt: skip


def files_asked(function: F) -> F:
    """Add the options for registers to a command."""
    for add in reversed(_FILES):
        function = add(function)
    return function


def registers_asked(rulebook: Rulebook, asked: Mapping[str, Any]) -> Registers:
    """The registers named by the options. Raises Refused (command.*)."""
    files = registers_of(
        rulebook, persons=asked["persons"], households=asked["households"], places=asked["places"]
    )
    if not files:
        raise Refused("command.no_files")
    for out in (asked.get("out"), asked.get("everything")):
        if out is not None:
            require_apart(out, files.values())
    return Registers(
        files, missing=asked["missing"], bad=asked["bad"], strays=asked["without_household"]
    )
