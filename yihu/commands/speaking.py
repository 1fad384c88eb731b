"""Two languages on the command line: 简体中文 by default, English with `--lang en` or YIHU_LANG=en.

A command and its options are described once in each language; `said` picks a sentence. The
language stands before anything else is read, so that help and refusals are in it too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any, NamedTuple, TypeVar
from unicodedata import east_asian_width

import click

from yihu.rulebook.refusals import Refused, suggestion

LANGUAGES = ("zh", "en")
WIDTH = 100

_language: ContextVar[str] = ContextVar("language", default="zh")
_F = TypeVar("_F", bound=Callable[..., Any])
# What may stand at the end of a line but not at the start of one.
_CLOSING = "，。；：、）》”’！？,.;:)]%"


class Said(NamedTuple):
    """The same sentence in both languages."""

    zh: str
    en: str

    def now(self) -> str:
        """The sentence in the language of this run."""
        return self.zh if language() == "zh" else self.en


def language() -> str:
    """The language of this run: zh or en."""
    return _language.get()


def said(zh: str, en: str) -> str:
    """One of two sentences, by the language of this run."""
    return zh if language() == "zh" else en


def choose_language(args: Sequence[str]) -> None:
    """Take the language from `--lang`, else from YIHU_LANG, else Chinese.

    Raises  Refused (command.no_such_language), itself then said in Chinese
    """
    wanted = os.environ.get("YIHU_LANG") or "zh"
    for i, word in enumerate(args):
        if word == "--":
            break
        if word.startswith("--lang="):
            wanted = word.partition("=")[2]
        elif word == "--lang" and i + 1 < len(args):
            wanted = args[i + 1]
    _language.set(wanted if wanted in LANGUAGES else "zh")
    if wanted not in LANGUAGES:
        raise Refused("command.no_such_language", found=wanted)


class SpokenOption(click.Option):
    """An option described in both languages."""

    def __init__(self, names: Sequence[str], *, says: Said, **rest: Any) -> None:
        super().__init__(names, **rest)
        self.says = says


class SpokenArgument(click.Argument):
    """An argument described in both languages."""

    def __init__(self, names: Sequence[str], *, says: Said, **rest: Any) -> None:
        super().__init__(names, **rest)
        self.says = says


def option(*names: str, zh: str, en: str, **rest: Any) -> Callable[[_F], _F]:
    """Like click.option, described in both languages."""
    return click.option(*names, cls=SpokenOption, says=Said(zh, en), **rest)


def argument(*names: str, zh: str, en: str, **rest: Any) -> Callable[[_F], _F]:
    """Like click.argument, described in both languages."""
    return click.argument(*names, cls=SpokenArgument, says=Said(zh, en), **rest)


def command(name: str, *, zh: str, en: str) -> Callable[[Callable[..., object]], click.Command]:
    """Like click.command, described in both languages."""
    return click.command(name, cls=Spoken, zh=zh, en=en)


def _lang_option() -> click.Option:
    return SpokenOption(
        ["--lang"],
        says=Said(
            "语言：zh（默认）或 en；也可用环境变量 YIHU_LANG", "zh (default) or en; also YIHU_LANG"
        ),
        expose_value=False,
        metavar="zh|en",
    )


class Spoken(click.Command):
    """A command whose help, options and refusals speak both languages."""

    def __init__(self, name: str | None = None, *, zh: str = "", en: str = "", **rest: Any) -> None:
        super().__init__(name, **rest)
        self.says = Said(zh, en)
        self.params.append(_lang_option())

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Choose the language before the arguments are read."""
        # Under a group it was chosen from the whole line already: `yihu --lang en check`.
        if parent is None:
            choose_language(args)
        return super().make_context(info_name, args, parent, **extra)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """The words after the command's name in the usage line."""
        words = {
            "[OPTIONS]": Said("[选项]", "[OPTIONS]"),
            "COMMAND [ARGS]...": Said("命令 …", "COMMAND …"),
        }
        return [words[p].now() if p in words else p for p in super().collect_usage_pieces(ctx)]

    def get_short_help_str(self, limit: int = 45) -> str:
        """The first line of the help."""
        return self.says.now().strip().split("\n")[0]

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Usage, what the command does with examples, then arguments and options."""
        pieces = " ".join(self.collect_usage_pieces(ctx))
        formatter.write(f"{said('用法：', 'Usage: ')}{ctx.command_path} {pieces}\n\n")
        formatter.write(self.says.now().strip() + "\n")
        for title, rows in self._sections(ctx):
            formatter.write(f"\n{title}\n")
            formatter.write("".join(f"{line}\n" for line in two_columns(rows)))

    def _sections(self, ctx: click.Context) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        arguments = [p for p in self.get_params(ctx) if isinstance(p, SpokenArgument)]
        options = [p for p in self.get_params(ctx) if isinstance(p, click.Option) and not p.hidden]
        if arguments:
            yield (
                said("参数", "Arguments"),
                [(a.make_metavar(ctx), a.says.now()) for a in arguments],
            )
        yield said("选项", "Options"), [(_spec(o, ctx), _meaning(o)) for o in options]


class SpokenGroup(Spoken, click.Group):
    """A group of commands whose help speaks both languages."""

    def spoken(
        self, name: str, *, zh: str, en: str
    ) -> Callable[[Callable[..., object]], click.Command]:
        """Add a command to the group, described in both languages."""
        return self.command(name, cls=Spoken, zh=zh, en=en)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command a line names. Raises Refused (command.no_such_command)."""
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            known = self.list_commands(ctx)
            raise Refused(
                "command.no_such_command",
                found=name,
                suggestion=suggestion(name, known),
                suggestion_zh=suggestion(name, known, "zh"),
                path=ctx.command_path,
            )
        return super().resolve_command(ctx, args)

    def _sections(self, ctx: click.Context) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        yield said("命令", "Commands"), self.short_helps(ctx)
        yield from super()._sections(ctx)

    def short_helps(self, ctx: click.Context) -> list[tuple[str, str]]:
        """Each command with the first line of its help."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        return [(name, command.get_short_help_str(60)) for name, command in found if command]


def _spec(option_: click.Option, ctx: click.Context) -> str:
    names = ", ".join(sorted(option_.opts, key=len))
    return names if option_.is_flag else f"{names} {option_.make_metavar(ctx)}"


def _meaning(option_: click.Option) -> str:
    if not isinstance(option_, SpokenOption):
        # The only two click makes itself.
        known = {"help": Said("显示本说明", "Show this page"), "version": Said("版本", "Version")}
        return next(s.now() for word, s in known.items() if f"--{word}" in option_.opts)
    more = []
    if option_.required:
        more.append(said("必填", "required"))
    if option_.multiple:
        more.append(said("可重复", "may be repeated"))
    if option_.show_default and option_.default is not None:
        more.append(said("默认", "default") + f" {option_.default}")
    return option_.says.now() + (f" [{'; '.join(more)}]" if more else "")


def two_columns(rows: Sequence[tuple[str, str]]) -> list[str]:
    """Names on the left, their meaning on the right, wrapped; Chinese characters take two cells."""
    left = min(max((width_of(name) for name, _ in rows), default=0), 28)
    lines: list[str] = []
    for name, meaning in rows:
        parts = wrap(meaning, WIDTH - left - 4)
        if width_of(name) > left:
            lines.append(f"  {name}")
            parts.insert(0, "")
        else:
            lines.append(f"  {name}{' ' * (left - width_of(name))}  {parts[0]}".rstrip())
        lines += [f"{' ' * (left + 4)}{part}" for part in parts[1:]]
    return lines


def width_of(text: str) -> int:
    """How many cells of a terminal a text takes."""
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def wrap(text: str, width: int) -> list[str]:
    """Break a text into lines of at most that many cells, between words or Chinese characters."""
    lines = [""]
    for word in _words(text):
        if lines[-1] and width_of(lines[-1] + word.rstrip()) > width and word[0] not in _CLOSING:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += word.lstrip() if not lines[-1] else word
    return [line.rstrip() for line in lines]


def _words(text: str) -> Iterator[str]:
    word = ""
    for sign in text:
        word += sign
        if sign == " " or east_asian_width(sign) in "WF":
            yield word
            word = ""
    if word:
        yield word
