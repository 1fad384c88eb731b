"""A rulebook is what lies in its folder, and its texts steer no terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from yihu.rulebook import read
from yihu.rulebook.refusals import Refused

HEAD = """
[rulebook]
name = "small"
title = {{ zh = "{title}", en = "small" }}
version = "1"
[[level]]
name = "person"
zh = "成员"
en = "person"
plural = "members"
id = ["person_id"]
"""


def folder(place: Path, title: str = "小") -> Path:
    book = place / "small"
    book.mkdir()
    (book / "rulebook.toml").write_text(HEAD.format(title=title), encoding="utf-8")
    return book


@pytest.mark.parametrize("name", ["linked.toml", "linked.csv"])
def test_a_link_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("[codes.x]\n", encoding="utf-8")
    book = folder(tmp_path)
    (book / name).symlink_to(secret)

    with pytest.raises(Refused) as refused:
        read.rulebook(book)

    assert "leads out of the rulebook's folder" in str(refused.value)


def test_a_link_inside_the_folder_is_read(tmp_path: Path) -> None:
    book = folder(tmp_path)
    (book / "codes.toml").write_text('[codes.x]\na = { zh = "甲", en = "a" }\n', encoding="utf-8")
    (book / "again").mkdir()

    assert read.rulebook(book).codes["x"].codes[0].key == "a"


def test_signs_that_steer_a_terminal_are_refused(tmp_path: Path) -> None:
    book = folder(tmp_path, title="\\u001b[31m红")

    with pytest.raises(Refused) as refused:
        read.rulebook(book)

    assert refused.value.code == "rulebook.broken_toml"
    assert "control signs" in str(refused.value)
