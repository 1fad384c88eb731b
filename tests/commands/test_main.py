"""The command line as a whole: version, help, a command that is not there."""

from __future__ import annotations

import subprocess
import sys

import pytest
from click import Context
from click.testing import CliRunner

from yihu import __version__
from yihu.commands import NAMES, Commands, main


def test_the_version_is_that_of_the_package():
    result = CliRunner().invoke(main, ["--version"])

    assert result.exit_code == 0
    assert result.output == f"yihu, version {__version__}\n"


@pytest.mark.parametrize("module", ["yihu", "yihu.commands"])
def test_the_package_runs_as_a_module_too(module):
    told = subprocess.run(
        [sys.executable, "-m", module, "--version"], capture_output=True, text=True, check=True
    )

    assert told.stdout == f"yihu, version {__version__}\n"


def test_help_lists_the_commands_that_exist_and_no_other():
    result = CliRunner().invoke(main, ["--help"])

    listed = main.list_commands(Context(main))
    assert result.exit_code == 0
    assert set(listed) <= set(NAMES)
    assert all(f"\n  {name} " in result.output for name in listed)


def test_a_command_that_does_not_exist_is_refused_by_name():
    result = CliRunner().invoke(main, ["chekc"])

    assert result.exit_code == 2
    assert "chekc" in result.output


def test_a_command_without_its_file_is_not_offered(monkeypatch):
    monkeypatch.setattr("yihu.commands.NAMES", ("nowhere",))

    group = Commands()

    assert group.list_commands(Context(group)) == []
    assert group.get_command(Context(group), "nowhere") is None
