"""Anchors on the command line: which one is asked for, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yihu.commands.speaking import said
from yihu.problems import Problem

if TYPE_CHECKING:
    from yihu.book.anchor import Anchor, Head, Kept
    from yihu.book.audit import Fault


@dataclass(slots=True)
class Asked:
    """The anchor to lay beside the books, if there is one, and what is wrong with it itself."""

    anchor: Anchor | None = None
    faults: list[Fault] = field(default_factory=list)

    @property
    def codes(self) -> dict[str, str]:
        """How the books were called when the anchor was made."""
        return self.anchor.codes if self.anchor else {}


def asked_for(against: Path | None, root: str) -> Asked:
    """The anchor that was named, else the newest beside the backups and in the snapshots.

    against  a file, a backup, or a folder with some
    root     as it was typed from paper; the file must have it, and where no file is named, it
             is looked for among those that are kept
    Raises   Problem: anchor.not_one, anchor.edited, anchor.none_here, anchor.bad_root,
             anchor.no_such_root
    """
    from yihu.book import anchor  # noqa: PLC0415
    from yihu.book.audit import Fault  # noqa: PLC0415

    root = anchor.plain_root(root) if root else ""
    if against is not None and against.is_file():
        found = anchor.read(against)
        if found.head.root.startswith(root):
            return Asked(found)
        return Asked(found, [Fault("anchor.other_root", more=found.head.groups)])
    return _newest(against, root)


def _newest(folder: Path | None, root: str) -> Asked:
    from yihu.book import anchor  # noqa: PLC0415
    from yihu.book.audit import Fault  # noqa: PLC0415
    from yihu.card.anchoring import folders  # noqa: PLC0415

    kept, broken = anchor.kept_in(*([folder] if folder else folders()))
    asked = Asked(faults=[Fault("anchor.edited", more=str(path)) for path in broken])
    fit = [one for one in kept if one.head.root.startswith(root)]
    if root and not fit:
        raise Problem("anchor.no_such_root", found=root)
    if folder and not kept and not broken:
        raise Problem("anchor.none_here", path=folder)
    if fit:
        try:
            asked.anchor = anchor.read(fit[0].path)
        except Problem:
            asked.faults.append(Fault("anchor.edited", more=str(fit[0].path)))
    return asked


def about(head: Head) -> str:
    """What an anchor is of, and its root as it is written on paper."""
    return said(
        f"{head.day}，{head.books:,} 册、{head.entries:,} 条；根值 {head.groups}",
        f"{head.day}, {head.books:,} books with {head.entries:,} entries; root {head.groups}",
    )


def tell(asked: Asked) -> None:
    """Say which anchor the books were laid beside."""
    if asked.anchor is not None:
        head = asked.anchor.head
        click.echo(said("已与存证核对：", "Compared with the anchor: ") + about(head))
        click.echo(said("存证文件：", "Its file: ") + str(asked.anchor.path))
    else:
        click.echo(
            said(
                "没有可核对的存证：整册删除或截去册末查不出来。"
                "可用 --anchor 留一份，交另一单位保存。",
                "Compared with no anchor: books deleted whole or cut short would not be found. "
                "Make one with --anchor and have another office keep it.",
            )
        )


def as_json(head: Head | None, path: Path | None) -> dict[str, Any] | None:
    """An anchor in what `yihu audit --json` says."""
    if head is None:
        return None
    return {
        "file": str(path) if path else None, "day": head.day, "made_at": head.made_at,
        "books": head.books, "entries": head.entries, "root": head.root,
    }  # fmt: skip


def tell_not_followed(before: Kept | None, faults: list[Fault]) -> None:
    """Say that the books no longer hold what the anchor before knew."""
    from yihu.book.audit import FAULTS  # noqa: PLC0415

    day = before.head.day if before else "?"
    first = said(*FAULTS[faults[0].what])
    more = f" ({faults[0].more})" if faults[0].more else ""
    click.echo(
        said(
            f"户册与 {day} 的存证不符，共 {len(faults)} 处，如：{first}{more}。"
            "未写新的存证。请运行 yihu audit。",
            f"The books are not what the anchor of {day} knows; {len(faults)} "
            f"fault{'s' if len(faults) != 1 else ''}, the first: "
            f"{first}{more}. No new anchor was written. Run yihu audit.",
        )
    )
