"""`yihu nightly`: the nightly work of the desk."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from yihu.commands import anchors, installation
from yihu.commands.ending import DONE, FAILED
from yihu.commands.progress import progress
from yihu.commands.speaking import command as spoken
from yihu.commands.speaking import option, said

if TYPE_CHECKING:
    from yihu.loop import Moment

ZH = """\
夜间核查全县：对每一户、每一人、每个村运行规则书，写入结论，更新问题台账（只写变化），再回看走访记录。
可随时中断，再运行时接着做。加 --snapshot 另写当日的 Parquet 快照（数据文件夹的 snapshots/日期/），
其中带一份存证（yihu audit --help）；户册与上一份存证不符时说明，退出码 1。

例：
  yihu nightly
  yihu nightly --snapshot
"""
EN = """\
Check the county: run the rulebook over every household, person and village, write the findings and
bring the ledger in line (only what changed), then look through the visits. May be stopped at any
moment; the next run goes on.
--snapshot also writes the day's Parquet files, to snapshots/<day>/ of the data folder, with an
anchor (yihu audit --help). Where the books are not what the anchor before knew, it says so and
ends with 1.

Examples:
  yihu nightly
  yihu nightly --snapshot
"""


@spoken("nightly", zh=ZH, en=EN)
@option("--snapshot", is_flag=True, zh="另写当日快照", en="write the day's files too")
def command(*, snapshot: bool) -> int:
    """Check everybody, and write what the day leaves."""
    installation.ready()
    from django.utils import timezone  # noqa: PLC0415  after Django is set up

    from yihu import loop  # noqa: PLC0415  as above
    from yihu.card.bulk import cores  # noqa: PLC0415  as above
    from yihu.ledger.handing import follow_pairings  # noqa: PLC0415  as above
    from yihu.visit.burden import measure  # noqa: PLC0415  as above
    from yihu.visit.looking import look  # noqa: PLC0415  as above
    from yihu.visit.worth import weigh  # noqa: PLC0415  as above
    from yihu.web.statistics import count_ahead  # noqa: PLC0415  as above

    at = loop.this_moment()
    began: datetime = timezone.now()
    with progress(said("核查全县", "checking the county")) as show:
        run = loop.check_all(at=at, progress=lambda _, done, of: show(done, of), processes=cores())
    seconds = (timezone.now() - began).total_seconds()
    counts = run.counts.get("household", {})
    homes = sum(next(iter(counts.values()), {}).values())
    click.echo(said(f"已核查 {homes:,} 户，{seconds:.1f} 秒。",
                    f"{homes:,} households checked in {seconds:.1f} s."))  # fmt: skip
    if taken := follow_pairings(by=None, now=at.now, today=at.today):
        click.echo(said(f"{taken:,} 条问题随户转给接手的帮扶人。",
                        f"{taken:,} gaps went to who took the family over."))  # fmt: skip
    count_ahead(at.today)
    measure(at.today)
    weigh(at.today)
    looked = look(now=at.now, today=at.today)
    if looked:
        found = looked.signs.count()
        click.echo(said(f"已回看 {looked.visits:,} 次走访，{found:,} 处可问。",
                        f"{looked.visits:,} visits looked at; {found:,} questions."))  # fmt: skip
    return _snapshot(at) if snapshot else DONE


def _snapshot(at: Moment) -> int:
    from django.conf import settings  # noqa: PLC0415

    from yihu.card.anchoring import follow  # noqa: PLC0415
    from yihu.check.kept_files import write_county  # noqa: PLC0415

    followed = follow(day=at.today, now=at.now)
    with progress(said("写快照", "writing the snapshot")) as show:
        folder = write_county(
            Path(settings.SNAPSHOTS), on=at.today, known=followed.anchor,
            progress=lambda _, done, of: show(done, of),
        )  # fmt: skip
    click.echo(said(f"已写入 {folder}", f"Written: {folder}"))
    if followed.anchor is None:
        anchors.tell_not_followed(followed.before, followed.faults)
        return FAILED
    click.echo(said("存证：", "Anchor: ") + anchors.about(followed.anchor.head))
    return DONE
