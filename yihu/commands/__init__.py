"""The command line: `yihu` and one file for each of its commands.

A command is loaded only when it is named, so that `yihu --version` stays quick and a machine
without Spark or without the report's parts can run everything else.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

import click

from yihu import __version__

# The order of the help page: what one does first stands first.
NAMES = ("run", "check", "explain", "compare", "measure", "rulebook", "county")


class Commands(click.Group):
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


@click.group(cls=Commands)
@click.version_option(__version__, prog_name="yihu")
def main() -> None:
    """一户一册一卡:按规则册核查每一户。

    One household, one book, one card: run rulebooks over households.
    """
