"""`yihu report`: the official figures beside ours, the county, and one self-contained page."""

from __future__ import annotations

import re
from pathlib import Path

from click.testing import CliRunner

from yihu.commands import main


def test_one_command_shows_the_survey_and_the_county(tmp_path: Path) -> None:
    out = tmp_path / "page" / "report.html"

    done = CliRunner().invoke(
        main, ["--lang", "en", "report", "--people", "3000", "--out", str(out), "--no-open"]
    )

    assert done.exit_code == 0, done.output
    assert "income_poverty: 21.5439 % (published 21.5 %), 0 flags differ" in done.output
    assert "arope_ine: 26.0863 % (published 26.1 %), 0 flags differ" in done.output
    page = out.read_text(encoding="utf-8")
    assert "八有一超" in page
    assert "8,870.92 €" in page


def test_the_page_needs_no_network_and_speaks_both_languages(tmp_path: Path) -> None:
    out = tmp_path / "report.html"

    CliRunner().invoke(main, ["report", "--people", "2000", "--out", str(out), "--no-open"])

    page = out.read_text(encoding="utf-8")
    outside = re.findall(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""", page)
    assert outside == []
    assert page.count('class="zh"') == page.count('class="en"')
