"""`yihu nightly`: the nightly work of the desk."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from yihu.commands import installation
from yihu.commands.progress import progress
from yihu.commands.speaking import command as spoken
from yihu.commands.speaking import option, said

ZH = """\
夜间核查全县：对每一户、每一人、每个村运行规则书，写入结论，更新问题台账（只写变化）。
可随时中断，再运行时接着做。加 --snapshot 另写当日的 Parquet 快照（数据文件夹的 snapshots/日期/）。

例：
  yihu nightly
  yihu nightly --snapshot
"""
EN = """\
Check the county: run the rulebook over every household, person and village, write the findings and
bring the ledger in line (only what changed). May be stopped at any moment; the next run goes on.
--snapshot also writes the day's Parquet files, to snapshots/<day>/ of the data folder.

Examples:
  yihu nightly
  yihu nightly --snapshot
"""


@spoken("nightly", zh=ZH, en=EN)
@option("--snapshot", is_flag=True, zh="另写当日快照", en="write the day's files too")
def command(*, snapshot: bool) -> None:
    """Check everybody, and write what the day leaves."""
    installation.ready()
    from django.conf import settings  # noqa: PLC0415  after Django is set up
    from django.utils import timezone  # noqa: PLC0415  as above

    from yihu import loop  # noqa: PLC0415  as above
    from yihu.check.kept_files import write_county  # noqa: PLC0415  as above

    at = loop.this_moment()
    began: datetime = timezone.now()
    with progress(said("核查全县", "checking the county")) as show:
        run = loop.check_all(at=at, progress=lambda _, done, of: show(done, of))
    seconds = (timezone.now() - began).total_seconds()
    counts = run.counts.get("household", {})
    homes = sum(next(iter(counts.values()), {}).values())
    click.echo(said(f"已核查 {homes:,} 户，{seconds:.1f} 秒。",
                    f"{homes:,} households checked in {seconds:.1f} s."))  # fmt: skip
    if snapshot:
        with progress(said("写快照", "writing the snapshot")) as show:
            folder = write_county(
                Path(settings.SNAPSHOTS), on=at.today, progress=lambda _, done, of: show(done, of)
            )
        click.echo(said(f"已写入 {folder}", f"Written: {folder}"))
