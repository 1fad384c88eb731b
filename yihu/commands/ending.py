"""How a command ends: an exit code, and one clear sentence for whatever stopped it.

0    done
1    an example of a rulebook fails, or yihu itself has a defect
2    refused: something a person can put right (input, rulebook, options, disk)
130  stopped by Ctrl-C
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import click
from click.exceptions import NoArgsIsHelpError

from yihu.commands.database_ending import database_sentence
from yihu.commands.speaking import Said, said
from yihu.rulebook.refusals import Refused

DONE, FAILED, REFUSED, STOPPED = 0, 1, 2, 130

# What the system says about a file → what it means and what to do.
_SYSTEM: dict[int, Said] = {
    errno.ENOSPC: Said(
        "磁盘已满{at}。请腾出空间后重试；原有结果未改动。",
        "The disk is full{at}. Make room and try again; earlier results are untouched.",
    ),
    errno.EFBIG: Said(
        "文件超过了允许的大小{at}。请放宽限制或换一个位置；原有结果未改动。",
        "The file is larger than this account may write{at}. Raise the limit or write elsewhere; "
        "earlier results are untouched.",
    ),
    errno.EACCES: Said(
        "没有权限{at}。请换一个可以读写的位置；原有结果未改动。",
        "Permission denied{at}. Choose a place you may read and write; "
        "earlier results are untouched.",
    ),
    errno.EROFS: Said(
        "该位置只读{at}。请换一个可以写入的文件夹；原有结果未改动。",
        "That place is read-only{at}. Choose a folder that may be written; "
        "earlier results are untouched.",
    ),
    errno.ENOENT: Said(
        "找不到文件或文件夹{at}。请检查路径；未写入任何内容。",
        "No such file or folder{at}. Check the path; nothing was written.",
    ),
    errno.ENOTDIR: Said(
        "路径中有一段不是文件夹{at}。请检查路径；未写入任何内容。",
        "A part of the path is not a folder{at}. Check the path; nothing was written.",
    ),
    errno.EISDIR: Said(
        "这是文件夹，不是文件{at}。请写一个文件名；未写入任何内容。",
        "This is a folder, not a file{at}. Give a file name; nothing was written.",
    ),
    errno.ENAMETOOLONG: Said(
        "文件名太长{at}。请换一个短些的名称；未写入任何内容。",
        "The file name is too long{at}. Choose a shorter one; nothing was written.",
    ),
}
_LOST = Said(
    "一个辅助进程被系统结束了，多半是内存不足。请关闭其他程序后重试；已写入的内容都还在。",
    "A process that helped was ended by the system, mostly because memory ran out. Close other "
    "programs and try again; what was written is still there.",
)
# What a command can be asked to do instead of refusing.
_OPTIONS = {
    "intake.missing_columns": "--missing unknown",
    "intake.bad_cells": "--bad unknown",
    "snapshot.stray": "--without-household keep",
}
_SYSTEM[errno.EDQUOT] = _SYSTEM[errno.ENOSPC]
_SYSTEM[errno.EPERM] = _SYSTEM[errno.EACCES]


def run_to_the_end(work: Callable[[], object]) -> int:
    """Do the work and return the exit code; what stopped it is said on standard error."""
    try:
        with _stopping_cleanly():
            found = work()
    except (KeyboardInterrupt, click.Abort) as stopped:
        # click makes another error of Ctrl-C; who was interrupted may have said what is left.
        told = str(stopped.__cause__ or stopped)
        _tell(told or said("已中断；原有结果未改动。", "Stopped; earlier results are untouched."))
        return STOPPED
    except click.ClickException as refused:
        _tell(_spoken(refused))
        return refused.exit_code
    except Refused as refused:
        _tell(refused.sentence(_lang()) + _instead(refused))
        return REFUSED
    except BrokenPipeError:
        # The reader of our output went away (`| head`): nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as defect:  # noqa: BLE001  the last place that can say anything at all
        return _ended_by(defect)
    return found if isinstance(found, int) else DONE


def _instead(refused: Refused) -> str:
    """The option that takes the input as it is, where there is one."""
    option = _OPTIONS.get(refused.code)
    return said(f"（选项：{option}）", f" (Option: {option})") if option else ""


def _ended_by(defect: Exception) -> int:
    if _was_interrupted(defect):
        return run_to_the_end(_interrupted)
    sentence = _system_sentence(defect)
    if sentence is None:
        _tell(
            said(
                f"意外错误（{type(defect).__name__}）：这是 yihu 的缺陷，请把以下内容报告给我们。"
                "原有结果未改动。",
                f"Unexpected error ({type(defect).__name__}): a defect of yihu. Please report "
                "what follows. Earlier results are untouched.",
            )
        )
        traceback.print_exception(defect, limit=-6, file=sys.stderr)
        return FAILED
    _tell(sentence)
    return REFUSED


def _system_sentence(defect: BaseException | None) -> str | None:
    """The sentence of the system error that a defect is, or that caused it."""
    seen = 0
    while defect is not None and seen < 10:
        if isinstance(defect, MemoryError):
            return said(
                "内存不足。请关闭其他程序、减少规则（--rules）或换一台内存更大的机器；原有结果未改动。",
                "Out of memory. Close other programs, ask fewer rules (--rules) or use a larger "
                "machine; earlier results are untouched.",
            )
        told = database_sentence(defect)
        if told is not None:
            return told
        if type(defect).__name__ == "BrokenProcessPool":
            return _LOST.now()
        if isinstance(defect, OSError) and defect.errno in _SYSTEM:
            at = f"{said('：', ': ')}{defect.filename}" if defect.filename else ""
            return _SYSTEM[defect.errno].now().format(at=at)
        defect, seen = defect.__cause__ or defect.__context__, seen + 1
    return None


def _was_interrupted(defect: BaseException) -> bool:
    # A database stopped by Ctrl-C raises its own kind of error around it.
    causes = (defect, defect.__cause__, defect.__context__)
    return any(
        isinstance(c, KeyboardInterrupt) or type(c).__name__ == "InterruptException" for c in causes
    )


def _interrupted() -> None:
    raise KeyboardInterrupt


@contextmanager
def _stopping_cleanly() -> Iterator[None]:
    """A polite `kill` ends like Ctrl-C, so that half-written files are cleared away."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, stop)
    except ValueError:  # not the main thread, as in some tests: signals are not ours to set
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _tell(sentence: str) -> None:
    # What was found in a file is told as found, but must not steer the terminal.
    shown = "".join("\ufffd" if sign < " " and sign not in "\n\t" else sign for sign in sentence)
    with suppress(OSError):
        click.echo(shown.replace("\x7f", "\ufffd"), err=True)


def _lang() -> str:
    return said("zh", "en")


def _spoken(refused: click.ClickException) -> str:
    """What is wrong with the command line, in the language of the run."""
    if not isinstance(refused, click.UsageError) or isinstance(refused, NoArgsIsHelpError):
        return refused.format_message()
    ctx = refused.ctx
    help_ = f"{ctx.command_path} --help" if ctx else "yihu --help"
    more = said(f"用法见 {help_}。", f"See {help_}.")
    return f"{_usage_sentence(refused)}{said('', ' ')}{more}"


def _usage_sentence(refused: click.UsageError) -> str:
    if isinstance(refused, click.NoSuchOption):
        near = _near(refused.possibilities)
        return said(
            f"没有选项 {refused.option_name}{near}。",
            f"There is no option {refused.option_name}{near}.",
        )
    if isinstance(refused, click.MissingParameter):
        name = refused.param.get_error_hint(refused.ctx) if refused.param else ""
        name = name.replace("'", "")
        return said(f"缺少 {name}。", f"{name} is missing.")
    if isinstance(refused, click.BadParameter) and refused.param:
        name = refused.param.get_error_hint(refused.ctx).replace("'", "")
        return said(f"{name} 的值不对：{refused.message}", f"{name}: {refused.message}")
    if isinstance(refused, click.BadOptionUsage):
        return said(f"选项 {refused.option_name} 的写法不对。", f"{refused.message}")
    return refused.message


def _near(possibilities: object) -> str:
    if not possibilities or not isinstance(possibilities, list | tuple | set):
        return ""
    listed = said(" 或 ", " or ").join(sorted(str(p) for p in possibilities))
    return said(f"（是否想写 {listed}？）", f" (did you mean {listed}?)")
