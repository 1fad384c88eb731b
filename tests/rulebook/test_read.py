"""Reading a rulebook: entries, files, layers of a county over what it extends."""

from __future__ import annotations

import pytest

from tests.rulebook.books import HEAD, ON, RULE, refused, written
from yihu.rulebook import read
from yihu.rulebook.bind import bind
from yihu.rulebook.one_card import OneCard
from yihu.rulebook.refusals import Refused

RULE_OF_WATER = RULE.format(about="household", text='"water"')


def refused_folder(folder):
    with pytest.raises(Refused) as refused_:
        read.rulebook(folder)
    return refused_.value


# -- levels and the head --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (('name = "village"', 'name = "population"'), "“population” cannot name a level"),
        (('name = "village"', 'name = "line"'), "“line” cannot name a level"),
        (('name = "village"', 'name = "a b"'), "“a b” is not a name"),
        (('plural = "villages"', 'plural = "households"'), "“households” names the levels"),
        (('zh = "行政村"', 'zh = "家庭"'), "“家庭” names the levels household and village"),
        (('zh = "行政村"\n', ""), "“zh” is missing"),
        (('money = "yuan"', "money = 5"), "money is a text, not 5"),
        (('money = "yuan"', 'monye = "yuan"'), "unknown key “monye”; did you mean “money”?"),
        (('title = { zh = "小规则书", en = "Small" }\n', ""), "title needs { zh = …, en = … }"),
        (('parent = "code:6"', "parent = { a = 1 }"), "parent is a word or a list of words"),
        (('parent = "code:6"', 'parent = "code:x"'), "“code:x”; write “code:9”"),
    ],
)  # fmt: skip
def test_a_head_written_wrongly_is_refused(change, why):
    assert why in str(refused(head=HEAD.replace(*change)))


def test_a_rulebook_needs_levels():
    bare = HEAD.split("[[level]]", maxsplit=1)[0]

    assert "there is no [[level]]" in str(refused(head=bare, facts=""))
    assert "levels are written [[level]]" in str(
        refused(head=bare + "[level]\nname = 'a'", facts="")
    )


def test_a_level_is_refused_at_its_own_line():
    assert "small/rulebook.toml:22, village" in str(
        refused(head=HEAD.replace('zh = "行政村"\n', ""))
    )


# -- files ----------------------------------------------------------------------------------------


def test_any_section_may_stand_in_any_file_below_the_rulebook(tmp_path):
    folder = written(tmp_path / "small", RULE_OF_WATER)
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "deep" / "er" / "x.toml").write_text(
        RULE_OF_WATER.replace("rule.it", "rule.second"), encoding="utf-8-sig"
    )

    book = read.rulebook(folder)

    assert set(book.rules) == {("household", "it"), ("household", "second")}
    assert book.rules["household", "second"].where == "small/deep/er/x.toml:2"


def test_the_hash_names_the_text(tmp_path):
    one = read.rulebook(written(tmp_path / "a", RULE_OF_WATER))
    two = read.rulebook(written(tmp_path / "b", RULE_OF_WATER))
    other = read.rulebook(written(tmp_path / "c", RULE_OF_WATER + "# changed\n"))

    assert one.hash == two.hash != other.hash


def test_an_unknown_rulebook_is_refused_with_those_that_come_along(tmp_path):
    found = refused_folder(tmp_path / "nothing")

    assert found.code == "rulebook.not_found"
    assert "guangxi, mexico, spain" in str(found)
    assert refused_folder("\0").code == "rulebook.not_found"


def test_a_file_that_is_not_utf_8_is_refused(tmp_path):
    folder = written(tmp_path / "small")
    (folder / "more.toml").write_bytes("[codes.x]\na = { zh = '甲' }".encode("gb18030"))

    found = refused_folder(folder)

    assert found.code == "rulebook.broken_toml"
    assert str(found).startswith("small/more.toml: the TOML cannot be read")


def test_a_folder_named_like_a_file_is_not_read(tmp_path):
    folder = written(tmp_path / "small", RULE_OF_WATER)
    (folder / "odd.toml").mkdir()

    assert len(read.rulebook(folder).rules) == 1


def test_a_file_too_large_is_refused(tmp_path):
    folder = written(tmp_path / "small")
    (folder / "more.toml").write_text("#" * 4_000_001)

    assert "over 4000000 bytes" in str(refused_folder(folder))


# -- extends --------------------------------------------------------------------------------------

COUNTY = '[rulebook]\nname = "county"\ntitle = { zh = "本县", en = "ours" }\nextends = "base"\n'
LINE = """
[line.pay]
unit = "yuan"
2018-01-01 = { value = 100, source = "s" }
2020-01-01 = { value = 120, source = "s" }
"""


def county(tmp_path, text, head=COUNTY):
    written(tmp_path / "base", LINE + RULE.format(about="household", text='"income > line.pay"'))
    folder = tmp_path / "county"
    folder.mkdir()
    (folder / "rulebook.toml").write_text(head, encoding="utf-8")
    (folder / "own.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_county_overrides_a_day_of_a_line_and_keeps_the_others(tmp_path):
    own = '[line.pay]\n2020-01-01 = { value = 150, source = "county" }\n'

    book = read.rulebook(county(tmp_path, own))

    assert book.name == "county"
    assert [(str(d), s.value) for d, s in book.lines["pay"].steps] == [
        ("2018-01-01", 100), ("2020-01-01", 150),
    ]  # fmt: skip
    answers = OneCard(book, ON, "household").answers({"income": 130})
    assert answers["it"].holds is False


def test_a_county_adds_rules_and_replaces_others(tmp_path):
    own = RULE.format(about="household", text='"water"') + RULE.format(
        about="household", text='"power and it"'
    ).replace("rule.it", "rule.added")

    book = read.rulebook(county(tmp_path, own))

    assert [o.name for o in bind(book, ON).outputs] == ["it", "added"]
    answers = OneCard(book, ON, "household").answers({"water": True, "power": True})
    assert (answers["it"].holds, answers["added"].holds) == (True, True)
    assert book.rules["household", "it"].where == "county/own.toml:2"


def test_extending_in_a_circle_or_out_of_the_folder_is_refused(tmp_path):
    own = county(tmp_path, "", COUNTY.replace('"base"', '"county"'))
    assert refused_folder(own).code == "rulebook.circle"

    for name in ("../base", "/etc", "base/../base", "", "a.b"):
        head = COUNTY.replace('"base"', f'"{name}"')
        (own / "rulebook.toml").write_text(head, encoding="utf-8")
        assert "extends is the name of a rulebook" in str(refused_folder(own))
    (own / "rulebook.toml").write_text(COUNTY.replace('"base"', '"nothing"'), encoding="utf-8")
    assert refused_folder(own).code == "rulebook.not_found"
    (own / "rulebook.toml").write_text(COUNTY.replace('"base"', "5"), encoding="utf-8")
    assert "extends is the name of a rulebook" in str(refused_folder(own))


def test_a_shipped_rulebook_may_be_extended(tmp_path):
    folder = county(tmp_path, "", COUNTY.replace('"base"', '"spain"'))

    book = read.rulebook(folder)

    assert book.name == "county"
    assert ("household", "poor_household") in book.rules


# -- what is shipped ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", read.shipped())
def test_a_shipped_rulebook_is_sound(name):
    book = read.rulebook(name)

    assert book.name == name
    assert book.rules
