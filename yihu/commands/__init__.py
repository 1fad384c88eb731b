"""The command line: `yihu` and one file for each of its commands.

A command is loaded only when it is named, so that `yihu --version` stays quick and a machine
without Spark or without the report's parts can run everything else.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NoReturn

import click

from yihu import __version__
from yihu.commands.ending import run_to_the_end
from yihu.commands.speaking import Said, SpokenGroup

# What each command is for, in the order of the help page: what one does first stands first. It
# stands here, so that the help page loads none of them.
NAMES = {
    "run": Said(
        "打开县级工作台，第一次会先造好演示县", "open the desk, with a demo county made at first"
    ),
    "serve": Said("启动本单位自己的工作台", "serve the desk of an installation of your own"),
    "places": Said("载入区划代码，查询地点", "load the list of places, and look one up"),
    "worker": Said("建立和管理人员账号", "make and keep the accounts of those who work here"),
    "imports": Said("导入表格：先试算，再写入", "take in sheets: a dry run first, then write"),
    "print": Said("批量打印联系卡与帮扶手册", "print cards and handbooks of a whole place"),
    "demo": Said("造演示县（合成，人人虚构）", "make the demo county (synthetic, nobody real)"),
    "nightly": Said("核查全县，更新问题台账", "check everybody and bring the ledger in line"),
    "figures": Said("算出全县的每一个数字", "compute every figure of the county from the books"),
    "audit": Said(
        "核查每一册是否完整", "find out whether every book is whole and every card as it says"
    ),
    "backup": Said("备份全部数据，工作台不必停", "back up everything while the desk goes on"),
    "restore": Said("在新机器上恢复备份", "restore a backup on a new machine"),
    "rebuild": Said("从册重建全部卡", "build every card anew from the books"),
    "keys": Said("更换密钥", "renew the keys that seal values"),
    "report": Said(
        "核查真实住户与一个合成县，写成一页报告",
        "check real households and a synthetic county, and write one report",
    ),
    "check": Said(
        "用规则书核查登记表里的每一人、每一户", "run a rulebook over registers of households"
    ),
    "explain": Said("说明一个回答由什么决定", "say what decided an answer"),
    "compare": Said(
        "比较两版规则、两条线或两个日子", "compare two rulebooks, two lines or two days"
    ),
    "measure": Said("计算贫困与不平等指标", "measure poverty and inequality"),
    "rulebook": Said(
        "测试、阅读或新建一本规则书", "test a rulebook, write it as a page, or begin a new one"
    ),
    "county": Said("造一个合成县（人人虚构）", "make a synthetic county of invented people"),
}

ZH = """\
一户一册一卡：按规则书核查每一户。

规则书（rulebook）用文件写明指标、标准线和规则；核查（check）对每一户、每一条规则
给出三种回答之一：成立（holds）、不成立（fails）、未知（unknown：证据不足）。

例：
  yihu check --rulebook spain --on 2017-12-31 \\
      --households households.parquet --persons persons.parquet --out answers.parquet
  yihu rulebook test guangxi        运行规则书里的每一个例子
  yihu rulebook docs guangxi        写成一页可读的说明
  yihu 命令 --help                  每个命令的说明与例子

退出码：0 完成；1 例子未通过或程序缺陷；2 拒绝（说明原因与办法）；130 被 Ctrl-C 中断。
Help in English: yihu --lang en --help
"""
EN = """\
One household, one book, one card: run rulebooks over households.

A rulebook holds facts, lines and rules as data; a check answers every rule for every
household: it holds, it fails, or it is unknown because evidence is missing.

Examples:
  yihu check --rulebook spain --on 2017-12-31 \\
      --households households.parquet --persons persons.parquet --out answers.parquet
  yihu rulebook test guangxi        run every example of a rulebook
  yihu rulebook docs guangxi        write it as a page to read
  yihu COMMAND --help               what a command does, with examples

Exit codes: 0 done; 1 an example fails, or a defect of yihu; 2 refused, saying why and what
to do; 130 stopped by Ctrl-C.
中文说明：yihu --help
"""


class Commands(SpokenGroup):
    """The commands of yihu, each the `command` of the file named after it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands that exist, in the order of the help page."""
        return [name for name in NAMES if find_spec(f"{__name__}.{name}")]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name, or None when there is none."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command = import_module(f"{__name__}.{cmd_name}").command
        if not isinstance(command, click.Command):
            raise TypeError(f"{__name__}.{cmd_name}.command is no click command")
        return command

    def short_helps(self, ctx: click.Context) -> list[tuple[str, str]]:
        """Return each command with what it is for, without loading any."""
        return [(name, NAMES[name].now()) for name in self.list_commands(ctx)]

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = "yihu",
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> NoReturn:
        """Run a command and leave with its exit code; whatever stopped it is one sentence."""
        work = partial(
            super().main, args, prog_name, complete_var, False, windows_expand_args, **extra
        )
        sys.exit(run_to_the_end(work))


main = Commands("yihu", zh=ZH, en=EN)
main = click.version_option(__version__, prog_name="yihu")(main)
