"""`yihu rulebook`: test a rulebook, write it as a page, begin a new one."""

from __future__ import annotations

from pathlib import Path

import click

from yihu.commands.ending import DONE, FAILED
from yihu.commands.example_tests import READERS, Tested, tested
from yihu.commands.file_options import FILE
from yihu.commands.speaking import SpokenGroup, argument, language, option, said
from yihu.commands.starter import write_starter
from yihu.commands.whole_file import require_writable, write_text
from yihu.commands.words import Words
from yihu.report.rulebook_page import page
from yihu.rulebook import read
from yihu.rulebook.language.layers import folder_of

command = SpokenGroup(
    "rulebook",
    zh="""\
测试、阅读或新建一本规则书。规则书的作者不需要会编程。

例：
  yihu rulebook test guangxi              运行每条规则的每个例子
  yihu rulebook docs guangxi              写成一页说明 guangxi.html
  yihu rulebook new 我的规则书             建一本能通过测试的小规则书，再照着改
""",
    en="""\
Test a rulebook, write it as a page, or begin a new one. Its author needs no programming.

Examples:
  yihu rulebook test guangxi              run every example of every rule
  yihu rulebook docs guangxi              write it as a page, guangxi.html
  yihu rulebook new my_rulebook           begin a small one that passes, to be changed
""",
)


@command.spoken(
    "test",
    zh="""\
运行规则书里每条规则的每个例子，并检查每条规则是否都有成立、不成立、未知的例子。

例：
  yihu rulebook test guangxi
  yihu rulebook test 我的规则书 --reader all     同一批例子在每种读法上各跑一遍，答案必须相同

退出码：0 全部通过；1 有例子未通过或缺例子；2 规则书无法读取。
""",
    en="""\
Run every example of every rule, and see that each rule has one that holds, fails and is unknown.

Examples:
  yihu rulebook test guangxi
  yihu rulebook test ./my_rulebook --reader all   the same examples on every reader, equal answers

Exit codes: 0 all pass; 1 an example fails or is lacking; 2 the rulebook cannot be read.
""",
)
@argument(
    "name", zh="随附规则书的名称，或规则书文件夹", en="name of a shipped rulebook, or its folder"
)
@option(
    "--reader",
    default="evaluate",
    show_default=True,
    metavar="|".join([*READERS, "all"]),
    type=Words([*READERS, "all"]),
    zh="用哪种读法运行例子；all 为全部，逐格比较",
    en="which reader runs the examples; all compares every reader",
)
def test(name: str, reader: str) -> int:
    """Run the examples and say what is wrong."""
    rulebook = read.rulebook(name)
    readers = list(READERS) if reader == "all" else [reader]
    found: Tested = tested(rulebook, readers)
    click.echo("\n".join(found.sentences(language())))
    return DONE if found.ok else FAILED


@command.spoken(
    "docs",
    zh="""\
把规则书写成一页自足的 HTML：目录、搜索、指标、标准线、规则、例子和假设，中英文可切换。

例：
  yihu rulebook docs guangxi                     写 guangxi.html
  yihu rulebook docs 我的规则书 --out 说明.html
""",
    en="""\
Write a rulebook as one HTML page that stands alone: contents, search, facts, lines, rules,
examples and assumptions, in Chinese and English.

Examples:
  yihu rulebook docs guangxi                     writes guangxi.html
  yihu rulebook docs ./my_rulebook --out page.html
""",
)
@argument(
    "name", zh="随附规则书的名称，或规则书文件夹", en="name of a shipped rulebook, or its folder"
)
@option(
    "--out",
    type=FILE,
    zh="写入的文件；默认是规则书名称加 .html",
    en="file to write; the rulebook's name with .html when left out",
)
def docs(name: str, out: Path | None) -> None:
    """Write the page."""
    rulebook = read.rulebook(name)
    path = out or Path(f"{rulebook.name}.html")
    require_writable(path)
    write_text(path, page(rulebook, lang=language(), folder=folder_of(name)))
    click.echo(said(f"已写入 {path}", f"Written: {path}"))


@command.spoken(
    "new",
    zh="""\
建一本小规则书：两级（成员、家庭）、几个指标、一条线、一条规则，处处有注释，能通过测试。

例：
  yihu rulebook new 我的规则书
  yihu rulebook test 我的规则书
  yihu rulebook new 我的县 --extends guangxi     在广西规则书上只写本县的数（列出待填的空缺）
""",
    en="""\
Begin a small rulebook: two levels, a few facts, a line and rules, commented throughout; it passes
its test as it is.

Examples:
  yihu rulebook new my_rulebook
  yihu rulebook test my_rulebook
  yihu rulebook new my_county --extends guangxi   only what differs from it; lists what is not known
""",
)
@argument(
    "folder",
    type=FILE,
    zh="新文件夹，它的名称就是规则书的名称",
    en="a new folder; its name becomes the rulebook's name",
)
@option(
    "--extends",
    metavar="NAME|PATH",
    zh="在这本规则书之上，只写不同的部分",
    en="build on this rulebook and write only what differs",
)
def new(folder: Path, extends: str | None) -> None:
    """Write the starter."""
    base = None if extends is None else read.rulebook(extends, check=False)
    written = write_starter(folder, language(), base)
    for path in written:
        click.echo(f"  {path}")
    click.echo(
        said(
            f"已建好。下一步：yihu rulebook test {folder}",
            f"Made. Next: yihu rulebook test {folder}",
        )
    )
