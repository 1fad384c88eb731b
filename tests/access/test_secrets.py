"""Files of secrets: made once, whoever starts first."""

from __future__ import annotations

import hmac
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from yihu.access.sealing import Keys, kept_once, normal


def _first(path):
    return kept_once(path, lambda: Keys.new().written())


def test_processes_that_start_together_share_one_secret(tmp_path):
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        seen = set(pool.map(_first, [tmp_path / "keys.json"] * 12))

    assert len(seen) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["keys.json"]
    assert (tmp_path / "keys.json").stat().st_mode & 0o077 == 0


def test_an_index_is_the_hmac_of_the_value_as_it_is_compared():
    keys = Keys.new()
    for value, compared in (
        ("11010519491231002x", "11010519491231002X"),
        ("１１0105 19491231-002x", "11010519491231002X"),
        ("138-0000\t0000", "13800000000"),
        ("甲\u3000乙", "甲乙"),
    ):
        assert normal(value) == compared
        index = hmac.digest(keys.index, compared.encode(), "sha256")[:16]
        # Twice, for what was begun with the key is used again.
        assert keys.blind(value) == keys.blind(value) == index
        ends = hmac.digest(keys.index, f"ends {compared[-4:]}".encode(), "sha256")[:16]
        assert keys.blind_ending(value) == ends
