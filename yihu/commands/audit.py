"""`yihu audit`: is every book whole, every file there, every card what its book makes?"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING
from uuid import UUID

import click

from yihu.commands import installation
from yihu.commands.ending import DONE, FAILED
from yihu.commands.progress import progress
from yihu.commands.speaking import command as spoken_command
from yihu.commands.speaking import option, said
from yihu.problems import Problem

if TYPE_CHECKING:
    from yihu.book.audit import Fault
    from yihu.card.audit import Found

#: Faults printed; all are in --json.
MOST_SHOWN = 50

ZH = """\
核查每一册是否完整：编号连续、校验链、册末、密封值、附件，以及卡、台账与册是否一致。

只读，不改动任何内容；运行时工作台可以照常使用。发现问题时逐条说明在哪一户、第几条。

例：
  yihu audit
  yihu audit --household 4510220001
  yihu audit --json > audit.json

退出码：0 完整；1 发现问题；2 无法核查。
"""
EN = """\
Is every book whole? Numbers, chains, ends, sealed values, files, cards, gaps.

Reads only; the desk may go on meanwhile. Each fault is told with its household and entry.

Examples:
  yihu audit
  yihu audit --household 4510220001
  yihu audit --json > audit.json

Exit codes: 0 whole; 1 faults were found; 2 it could not be done.
"""


@spoken_command("audit", zh=ZH, en=EN)
@option("--household", "number", metavar="NUMBER",
        zh="只核查这一户（户编号）", en="only this household, by its number")  # fmt: skip
@option("--json", "as_json", is_flag=True, zh="输出 JSON", en="print JSON")
@option("--processes", type=click.IntRange(1), metavar="N", zh="同时运行的进程数（默认每核一个）",
        en="processes at once; one a core unless given")  # fmt: skip
def command(number: str | None, as_json: bool, processes: int | None) -> int:
    """Look at all books or one, and say what is wrong where."""
    installation.ready()
    from yihu.card.audit import audit_all  # noqa: PLC0415
    from yihu.ledger.audit import faults_of_gaps  # noqa: PLC0415

    books = [_household(number)] if number else None
    began = time.monotonic()
    with progress(said("核查", "Audit")) as show:
        found = audit_all(books=books, processes=processes or installation.cores(), progress=show)
        found.tell(list(faults_of_gaps(books)))
    tell(found, seconds=time.monotonic() - began, as_json=as_json)
    return FAILED if found.count else DONE


def _household(number: str) -> UUID:
    from yihu.card.models import Household  # noqa: PLC0415

    found = Household.objects.filter(code=number).values_list("pk", flat=True).first()
    if found is None:
        raise Problem("audit.no_such_household", found=number)
    return found


def tell(found: Found, *, seconds: float, as_json: bool) -> None:
    """Print what an audit found."""
    names = _names(found)
    if as_json:
        click.echo(json.dumps(_as_json(found, names, seconds), ensure_ascii=False, indent=2))
        return
    for fault in found.faults[:MOST_SHOWN]:
        click.echo(_line(fault, names))
    more = found.count - MOST_SHOWN
    if more > 0:
        click.echo(said(f"……另有 {more} 处", f"… and {more} more"))
    looked = said(
        f"核查了 {found.books:,} 册、{found.entries:,} 条记录，用时 {seconds:.1f} 秒",
        f"{found.books:,} books with {found.entries:,} entries in {seconds:.1f} s",
    )
    ended = (
        said(f"发现 {found.count} 处问题。", f"{found.count} faults.")
        if found.count
        else said("全部完整。", "all whole.")
    )
    click.echo(f"{looked}{said('：', ': ')}{ended}")


def _names(found: Found) -> dict[UUID, str]:
    """Numbers of households and names of places, by book."""
    from yihu.book.models import Book  # noqa: PLC0415
    from yihu.card.models import Household  # noqa: PLC0415

    ids = {fault.book for fault in found.faults if fault.book}
    names = dict(Book.objects.filter(pk__in=ids).values_list("pk", "place__name"))
    homes = dict(Household.objects.filter(pk__in=ids).values_list("pk", "code"))
    return {id: name for id, name in {**names, **homes}.items() if name}


def _line(fault: Fault, names: dict[UUID, str]) -> str:
    from yihu.book.audit import FAULTS  # noqa: PLC0415

    what = said(*FAULTS[fault.what])
    where = names.get(fault.book, str(fault.book)) if fault.book else ""
    at = said(f"第 {fault.number} 条", f"entry {fault.number}") if fault.number else ""
    more = f" ({fault.more})" if fault.more else ""
    return said("：", ": ").join(part for part in (f"{where} {at}".strip(), what) if part) + more


def _as_json(found: Found, names: dict[UUID, str], seconds: float) -> dict[str, object]:
    from yihu.book.audit import FAULTS  # noqa: PLC0415

    return {
        "whole": found.count == 0,
        "books": found.books,
        "entries": found.entries,
        "seconds": round(seconds, 2),
        "faults_in_all": found.count,
        "faults": [
            {
                "what": fault.what,
                "says": said(*FAULTS[fault.what]),
                "book": str(fault.book) if fault.book else None,
                "name": names.get(fault.book) if fault.book else None,
                "entry": fault.number,
                "more": fault.more,
            }
            for fault in found.faults
        ],
    }
