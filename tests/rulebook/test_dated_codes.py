"""One printed code, another meaning in another year: what files and cards may write on a day."""

from __future__ import annotations

from datetime import date

import pytest

from tests.rulebook.books import RULE, quoted, rulebook
from yihu.rulebook.bind import bind
from yihu.rulebook.explain import Explainer
from yihu.rulebook.explain.because import Because
from yihu.rulebook.intake import intake
from yihu.rulebook.one_card import OneCard
from yihu.rulebook.refusals import Refused

THEN, NOW = date(2020, 12, 31), date(2021, 12, 31)
LIST = """
[codes.learned]
title = { zh = "文化程度", en = "education" }
college = { zh = "大专", en = "college", also = ["05"] }
preschool = { zh = "学龄前儿童", en = "under school age", also = ["06"], until = 2020-12-31 }
bachelor = { zh = "本科及以上", en = "bachelor", also = ["06"], from = 2021-01-01 }
other = { zh = "其他", en = "other", from = 2014-01-01, until = 2016-12-31 }
[fact.household.learned]
type = "code"
codes = "learned"
label = { zh = "户主文化程度", en = "education of the head" }
"""


def book(text="learned = 'bachelor'", codes=LIST):
    return rulebook(RULE.format(about="household", text=quoted(text)) + codes)


def in_file(tmp_path, on, *words):
    """The codes a file's words mean on a day, by key."""
    path = tmp_path / "households.csv"
    rows = "".join(f"{n},{word}\n" for n, word in enumerate(words))
    path.write_text(f"household_id,户主文化程度\n{rows}", encoding="utf-8")
    batches = intake(bind(book(), on), {"household": path}).batches("household")
    places = [place for batch in batches for place in batch.column("learned").to_pylist()]
    return [book().codes["learned"].codes[place].key for place in places]


@pytest.mark.parametrize(("on", "meant"), [(THEN, "preschool"), (NOW, "bachelor")])
def test_a_figure_in_a_file_means_the_code_of_the_day(tmp_path, on, meant):
    assert in_file(tmp_path, on, "06", "０６", "05") == [meant, meant, "college"]


@pytest.mark.parametrize(("on", "answer"), [(THEN, "fails"), (NOW, "holds")])
def test_a_figure_on_a_card_means_the_code_of_the_day(on, answer):
    assert OneCard(book(), on, "household").answers({"learned": "06"})["it"].word == answer


@pytest.mark.parametrize(
    ("on", "word", "days"),
    [
        (THEN, "bachelor", ("2021-01-01 起", "from 2021-01-01 on")),
        (NOW, "学龄前儿童", ("2020-12-31 止", "until 2020-12-31")),
        (NOW, "Other", ("2014-01-01 至 2016-12-31", "from 2014-01-01 until 2016-12-31")),
    ],
)
def test_a_code_of_other_days_is_refused_in_a_file_with_its_days(tmp_path, on, word, days):
    with pytest.raises(Refused) as refusal:
        in_file(tmp_path, on, "05", word)

    assert refusal.value.code == "intake.bad_cells"
    for lang, said in zip(("zh", "en"), days, strict=True):
        assert said in refusal.value.sentence(lang)
        assert str(on) in refusal.value.sentence(lang)


def test_a_code_of_other_days_is_refused_on_a_card_with_its_days():
    with pytest.raises(Refused) as refusal:
        OneCard(book(), NOW, "household").answers({"learned": "preschool"})

    assert refusal.value.code == "card.bad_value"
    assert "“preschool” is one until 2020-12-31" in refusal.value.sentence("en")
    assert "“preschool”用于 2020-12-31 止" in refusal.value.sentence("zh")


def test_a_word_that_is_no_code_is_refused_with_the_codes_of_the_day():
    with pytest.raises(Refused) as refusal:
        OneCard(book(), NOW, "household").answers({"learned": "x"})

    assert "one of: college, bachelor" in refusal.value.sentence("en")
    assert "preschool" not in refusal.value.sentence("en")


@pytest.mark.parametrize(("word", "answer"), [("06", "holds"), ("bachelor", "fails")])
def test_the_period_before_may_have_had_the_list_before(word, answer):
    reader = OneCard(book("last.learned = 'preschool'"), NOW, "household")

    assert reader.answers({"last": {"learned": word}})["it"].word == answer


def test_a_rule_names_a_code_whatever_the_day():
    card = OneCard(book("learned = 'preschool'"), NOW, "household")

    assert card.answers({})["it"].word == "unknown"


def test_a_label_of_two_codes_in_a_rule_is_refused():
    same = LIST.replace("本科及以上", "学龄前儿童")

    with pytest.raises(Refused) as refusal:
        book("learned = '学龄前儿童'", same)

    assert "means different codes at different times; write one of preschool, bachelor" in str(
        refusal.value
    )


def test_a_change_that_is_proposed_is_a_code_of_the_day():
    explainer = Explainer(book("learned != 'college'"), NOW, "it")
    said = "".join(Because(explainer, explainer.rows({"learned": "05"})).sentences("zh"))

    assert "本科及以上" in said
    assert "学龄前儿童" not in said
