"""Files of secrets: made once, whoever starts first."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from yihu.access.sealing import Keys, kept_once


def _first(path):
    return kept_once(path, lambda: Keys.new().written())


def test_processes_that_start_together_share_one_secret(tmp_path):
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        seen = set(pool.map(_first, [tmp_path / "keys.json"] * 12))

    assert len(seen) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["keys.json"]
    assert (tmp_path / "keys.json").stat().st_mode & 0o077 == 0
