"""Kinds of option values, each refused in both languages: days, numbers, words of a list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import click

from yihu.rulebook.refusals import Refused, suggestion


class Words(click.ParamType[str]):
    """One word of a list."""

    name = "word"

    def __init__(self, known: Sequence[str]) -> None:
        self.known = known

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The word. Raises Refused (command.bad_choice)."""
        if value in self.known:
            return value
        raise Refused(
            "command.bad_choice",
            found=value,
            known=", ".join(self.known),
            suggestion=suggestion(str(value), self.known),
            suggestion_zh=suggestion(str(value), self.known, "zh"),
        )


class Day(click.ParamType[date]):
    """A day, written 2020-12-31."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The day. Raises Refused (command.bad_day)."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            raise Refused("command.bad_day", found=value) from None
