"""`yihu audit`: is every book whole, every file there, every card what its book makes?"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from yihu.commands import anchors, installation
from yihu.commands.anchors import Asked
from yihu.commands.ending import DONE, FAILED
from yihu.commands.progress import progress
from yihu.commands.speaking import command as spoken_command
from yihu.commands.speaking import option, said
from yihu.commands.whole_file import require_writable
from yihu.problems import Problem

if TYPE_CHECKING:
    from yihu.book.anchor import Anchor, Head
    from yihu.book.audit import Fault
    from yihu.card.audit import Found

#: Faults printed; all are in --json.
MOST_SHOWN = 50
#: Faults kept of all.
MOST_KEPT = 1000

ZH = """\
核查每一册是否完整：编号连续、校验链、册末、密封值、附件，以及卡、台账与册是否一致。

只读，不改动户册；运行时工作台可以照常使用。发现问题时逐条说明在哪一户、第几条。

存证是写在数据库之外的一个小文件：当日每一册的末条编号和校验值，外加一个可以抄在纸上的根值。
整册删除、截去册末、整条重写，只有与存证核对才查得出来。默认与备份、快照中最新的存证核对。
存证文件和根值请交另一单位保存；存证能说明什么、不能说明什么，见 docs/book.md。

例：
  yihu audit
  yihu audit --household 4510220001
  yihu audit --json > audit.json
  yihu audit --anchor 存证-2020-10-17.jsonl.gz
  yihu audit --against 存证-2020-10-17.jsonl.gz --against-root "9f86 d081 884c 7d65 ..."

退出码：0 完整；1 发现问题；2 无法核查。
"""
EN = """\
Is every book whole? Numbers, chains, ends, sealed values, files, cards, gaps.

Reads only; the desk may go on meanwhile. Each fault is told with its household and entry.

An anchor is a small file outside the database: the last number and hash of each book on a day,
and one root that fits on paper. A book deleted whole, cut short or written anew from the middle is
found only beside an anchor. Unless told otherwise, the newest beside backups and snapshots is
taken. Give file and root to another office to keep; docs/book.md says what an anchor proves.

Examples:
  yihu audit
  yihu audit --household 4510220001
  yihu audit --json > audit.json
  yihu audit --anchor anchor-2020-10-17.jsonl.gz
  yihu audit --against anchor-2020-10-17.jsonl.gz --against-root "9f86 d081 884c 7d65 ..."

Exit codes: 0 whole; 1 faults were found; 2 it could not be done.
"""


@spoken_command("audit", zh=ZH, en=EN)
@option("--household", "number", metavar="NUMBER",
        zh="只核查这一户（户编号）", en="only this household, by its number")  # fmt: skip
@option("--anchor", "target", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
        zh="核查无误后，把存证写到此文件（.jsonl.gz）",
        en="when all is whole, write an anchor to this file (.jsonl.gz)")  # fmt: skip
@option("--against", metavar="FILE", type=click.Path(path_type=Path, exists=True),
        zh="与此存证核对：存证文件、备份，或它们所在的文件夹（取最新的）",
        en="compare with this anchor: a file, a backup, or a folder (its newest)")  # fmt: skip
@option(
    "--against-root",
    "root",
    metavar="ROOT",
    default="",
    zh="纸上的根值：存证文件必须与它一致",
    en="the root on paper, which the anchor must have",
)
@option("--json", "as_json", is_flag=True, zh="输出 JSON", en="print JSON")
@option("--processes", type=click.IntRange(1), metavar="N", zh="同时运行的进程数（默认每核一个）",
        en="processes at once; one a core unless given")  # fmt: skip
def command(
    *, number: str | None, target: Path | None, against: Path | None, root: str, as_json: bool,
    processes: int | None,
) -> int:  # fmt: skip
    """Look at all books or one, and say what is wrong where."""
    installation.ready()
    from yihu.card.audit import audit_all  # noqa: PLC0415
    from yihu.ledger.audit import faults_of_gaps  # noqa: PLC0415

    new = _new(target, number) if target else None
    asked = anchors.asked_for(against, root)
    books = [_household(number, asked.codes)] if number else None
    began = time.monotonic()
    with progress(said("核查", "Audit")) as show:
        found = audit_all(books=books, processes=processes or installation.cores(), progress=show)
        found.tell(list(faults_of_gaps(books)))
    lay_beside(found, asked, books)
    written = _write(new, target, found)
    seconds = time.monotonic() - began
    tell(found, seconds=seconds, as_json=as_json, asked=asked, written=(written, target))
    return FAILED if found.count else DONE


def _new(target: Path, number: str | None) -> Anchor:
    """Where the books end, taken before they are looked at: all of it is then looked at."""
    from yihu.card.anchoring import take  # noqa: PLC0415
    from yihu.loop import this_moment  # noqa: PLC0415

    if number:
        raise Problem("anchor.not_of_one")
    if target.exists():
        raise Problem("backup.exists", path=target)
    require_writable(target)
    at = this_moment()
    return take(day=at.today, now=at.now)


def _write(new: Anchor | None, target: Path | None, found: Found) -> Head | None:
    from yihu.book import anchor  # noqa: PLC0415

    if new is None or target is None or found.count:
        return None
    anchor.write(new, target)
    return new.head


def lay_beside(found: Found, asked: Asked, books: Sequence[UUID] | None = None) -> None:
    """Add to what an audit found what an anchor tells."""
    from yihu.card.anchoring import faults_against  # noqa: PLC0415

    # What only an anchor tells stands first: it is what nobody else would find.
    faults = [*asked.faults, *(faults_against(asked.anchor, books) if asked.anchor else ())]
    found.count += len(faults)
    found.faults = [*faults, *found.faults][:MOST_KEPT]


def _household(number: str, codes: Mapping[str, str]) -> UUID:
    """The household's book; where it is gone, the one an anchor knew under this number."""
    from yihu.card.models import Household  # noqa: PLC0415

    found = Household.objects.filter(code=number).values_list("pk", flat=True).first()
    if found is None:
        known = [UUID(book) for book, code in codes.items() if code == number]
        if not known:
            raise Problem("audit.no_such_household", found=number)
        return known[0]
    return found


def tell(
    found: Found, *, seconds: float, as_json: bool, asked: Asked,
    written: tuple[Head | None, Path | None] = (None, None),
) -> None:  # fmt: skip
    """Print what an audit found, beside which anchor, and the one it wrote."""
    names = _names(found, asked.codes)
    if as_json:
        told = _as_json(found, names, seconds)
        compared = asked.anchor
        told["anchor"] = compared and anchors.as_json(compared.head, compared.path)
        told["anchor_written"] = anchors.as_json(*written)
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    _tell_faults(found, names, seconds)
    anchors.tell(asked)
    head, target = written
    if head is not None:
        click.echo(said(f"存证已写入 {target}：", f"Anchor written to {target}: ")
                   + anchors.about(head))  # fmt: skip
    elif target is not None:
        click.echo(said("发现问题，未写存证。", "There are faults: no anchor was written."))


def _tell_faults(found: Found, names: dict[UUID, str], seconds: float) -> None:
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
        said(
            f"发现 {found.count} 处问题。", f"{found.count} fault{'s' if found.count != 1 else ''}."
        )
        if found.count
        else said("全部完整。", "all whole.")
    )
    click.echo(f"{looked}{said('：', ': ')}{ended}")


def _names(found: Found, codes: Mapping[str, str]) -> dict[UUID, str]:
    """Numbers of households and names of places, by book; of those that are gone, by the anchor."""
    from yihu.book.models import Book  # noqa: PLC0415
    from yihu.card.models import Household  # noqa: PLC0415

    ids = {fault.book for fault in found.faults if fault.book}
    names = dict(Book.objects.filter(pk__in=ids).values_list("pk", "place__name"))
    homes = dict(Household.objects.filter(pk__in=ids).values_list("pk", "code"))
    gone = {id: codes.get(id.hex, "") for id in ids}
    here = {id: name for id, name in {**names, **homes}.items() if name}
    return {id: name for id, name in {**gone, **here}.items() if name}


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
