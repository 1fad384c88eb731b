"""The page of a rulebook: whole, in both languages, no network, every link leads somewhere."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from html.parser import HTMLParser

import pytest
from markupsafe import escape

from yihu.commands.starter import write_starter
from yihu.report.card_text import CardText
from yihu.report.expressions import Painter
from yihu.report.rulebook_page import page
from yihu.report.section_titles import section_titles
from yihu.report.units import unit_text
from yihu.rulebook import read
from yihu.rulebook.language.layers import SHIPPED

VOID = {"meta", "input", "br", "link", "img", "hr"}


class Page(HTMLParser):
    """Ids, links and whether every tag is closed."""

    def __init__(self, text):
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.links, self.open, self.wrong, self.words = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        if "id" in named:
            self.ids[named["id"]] += 1
        if tag == "a":
            self.links.append(named["href"])
        if "src" in named:
            self.links.append(named["src"])
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append((tag, self.getpos()))

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture(scope="module", params=read.shipped())
def book(request):
    return read.rulebook(request.param, check=False)


def test_every_link_leads_to_a_place_on_the_page(book):
    found = Page(page(book))

    assert found.wrong == []
    assert found.open == []
    assert [id_ for id_, times in found.ids.items() if times > 1] == []
    assert [link for link in found.links if link[0] != "#" or link[1:] not in found.ids] == []


def test_nothing_is_asked_of_the_network(book):
    text = page(book)
    # Addresses of sources are read, not asked: they stand between tags as plain text.
    for source in book.sources.values():
        for lang in ("zh", "en"):
            text = text.replace(f">{escape(source.said(lang))}<", "><")

    assert "http://" not in text.replace("http://www.w3.org", "")
    assert "https://" not in text
    assert "@import" not in text


def test_everything_of_the_rulebook_is_on_the_page(book):
    found = Page(page(book))

    wanted = [f"{r.level}.{r.name}" for r in book.rules.values()]
    wanted += [f"{d.level}.{d.name}" for d in book.derived.values()]
    wanted += [f"{f.level}.{f.name}" for f in book.facts.values()]
    wanted += [f"line.{name}" for name in book.lines]
    wanted += [f"codes.{name}" for name in book.codes]
    assert [id_ for id_ in wanted if id_ not in found.ids] == []


def test_when_a_question_is_asked_is_said_in_both_languages(tmp_path):
    folder = tmp_path / "own"
    write_starter(folder, "zh", read.rulebook("guangxi", check=False))
    (folder / "facts.toml").write_text(
        """
[fact.household.flat_floor]
type = "whole"
unit = "persons"
label = { zh = "楼层", en = "floor" }
asked_mark = "K"
asked_if = { 2016-01-01 = "relocated", 2018-01-01 = "relocated and not no_house" }
""",
        encoding="utf-8",
    )

    text = " ".join("".join(Page(page(read.rulebook(folder))).words).split())

    assert "2016-01-01 起：" in text
    assert "“是否易地搬迁户”为是，且“是否无房户”为否时才问。" in text
    assert "Asked only if “is a relocated household” is yes and “has no dwelling” is no." in text


def test_every_hole_is_loud(book):
    holes = [s for line in book.lines.values() for _, s in line.steps if s.value is None]
    holes += [rule for rule in book.rules.values() if rule.mark == "HOLE"]

    text = page(book)

    assert text.count('<span class="mark HOLE">HOLE</span>') == len(holes)


def test_the_page_opens_in_the_language_asked_for(book):
    assert '<html lang="en" data-lang="en"' in page(book, lang="en")
    assert '<html lang="zh" data-lang="zh"' in page(book)


def test_the_same_rulebook_gives_the_same_page(book):
    assert page(book) == page(book)


# -- one rulebook made for it ---------------------------------------------------------------------


def starter(tmp_path, **files):
    write_starter(tmp_path / "mine", "zh")
    for name, text in files.items():
        (tmp_path / "mine" / f"{name}.toml").write_text(text, encoding="utf-8")
    return read.rulebook(tmp_path / "mine")


def test_the_text_of_a_rulebook_cannot_become_part_of_the_page(tmp_path):
    book = starter(
        tmp_path,
        evil=(
            '[fact.household.note]\ntype = "text"\n'
            'label = { zh = "<script>1</script>", en = "\'><b>x" }\nsource = "<img src=x>"\n'
            '[rule.evil]\nabout = "household"\ntitle = { zh = "</article>", en = "&amp;" }\n'
            'holds = "note = \'</code><script>2</script>\'"\nwanted = "fails"\nkind = "risk"\n'
            'source = "a & b"\n'
        ),
    )

    text = page(book)

    assert "<script>1" not in text
    assert "<script>2" not in text
    assert "<img" not in text
    assert Page(text).wrong == []


def test_names_are_shown_by_their_labels_and_as_written(tmp_path):
    shown = str(Painter(starter(tmp_path)).paint("income_per_person < line.income", "household"))

    assert "<span class='asread'>人均纯收入</span>" in shown
    assert "<span class='aswritten'>income_per_person</span>" in shown
    assert "href='#line.income'" in shown
    assert "&lt;" in shown


def test_codes_are_shown_by_their_labels(tmp_path):
    shown = str(Painter(starter(tmp_path)).paint("any(member.schooling = 'none')", "household"))

    assert "<span class='asread'>成员.就学情况</span>" in shown
    assert "<span class='asread'>‘未在校’</span>" in shown
    assert "class='call' title='至少一个成立 · one at least holds'" in shown


def test_a_text_that_cannot_be_read_is_shown_as_it_stands(tmp_path):
    assert "income § 3" in str(Painter(starter(tmp_path)).paint("income § 3", "household"))


def test_a_card_is_shown_with_its_members_and_what_is_above(tmp_path):
    book = starter(tmp_path)
    card = {
        "net_income": 16800,
        "members": [{"birth": date(2015, 3, 1), "schooling": "none"}, {"times": 2}],
        "last": {"net_income": 100},
    }

    words = "".join(
        Page(str(CardText(book).html(card, book.rules["household", "schooling"]))).words
    )

    assert "家庭纯收入" in words
    assert "16,800" in words
    assert "成员 1：" in words
    assert "2015-03-01" in words
    assert "未在校" in words
    assert "成员 ×2" in words
    assert "上期：" in words


def test_an_empty_card_knows_nothing(tmp_path):
    book = starter(tmp_path)

    assert "一无所知" in str(CardText(book).html({}, book.rules["household", "schooling"]))


def test_units_are_read_in_chinese_and_unlisted_ones_stand_as_written():
    assert unit_text("yuan/person/year").zh == "元/人/年"
    assert unit_text("furlong/person").zh == "furlong/人"
    assert unit_text("yuan/person/year").en == "yuan/person/year"


def test_each_unit_of_the_rulebooks_that_come_with_it_has_its_chinese_word(book):
    specs = [*book.facts.values(), *book.derived.values(), *book.lines.values()]
    parts = {part for spec in (*specs, *book.tables.values()) for part in spec.unit.split("/")}

    assert {part for part in parts if re.search("[A-Za-z]", unit_text(part).zh)} == set()


def test_every_section_has_a_title_in_both_languages(book):
    words = Page(page(book)).words
    specs = [*book.rules.values(), *book.derived.values(), *book.facts.values()]
    files = {spec.where.rpartition(":")[0].removesuffix(".toml") for spec in specs}
    titles = section_titles([SHIPPED / book.name])

    assert files - titles.keys() == set()
    for file in files:
        assert any(word.endswith(f" · {titles[file].zh}") for word in words)
        assert any(word.endswith(f" · {titles[file].en}") for word in words)


def test_a_rulebook_of_ones_own_names_its_sections_or_keeps_their_file_names(tmp_path):
    folder = tmp_path / "mine"
    write_starter(folder, "en")
    own = read.rulebook(folder)

    before = page(own, folder=folder)
    where = {rule.where.rpartition(":")[0] for rule in own.rules.values()}.pop()
    file = where.removeprefix("mine/").removesuffix(".toml")
    (folder / "sections.csv").write_text(f"file,zh,en\n{file},家底,What we know\n", "utf-8")
    after = page(own, folder=folder)

    assert "家庭 · 家底" not in before
    assert "家庭 · 家底" in after
    assert "household · What we know" in after
