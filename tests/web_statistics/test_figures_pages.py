"""Statistics and the map: computed from the books, as far as one reaches, on any day."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from tests import makers, people
from yihu.places.models import Place
from yihu.statistics.actions import refresh
from yihu.web import map_tiles
from yihu.web.map_tiles import INDICATORS, coloured, laid_out
from yihu.web.statistics import Table

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def county(settings):
    """Two villages: one family out in 2018, one still poor; in the other village one poor."""
    settings.TODAY = makers.TODAY.isoformat()
    other = makers.place("village", code="451022101202", name="下村")
    homes = [makers.household({}, {}), makers.household({}), makers.household({}, village=other)]
    for home in homes:
        decide(home, "identified", date(2016, 1, 1))
    decide(homes[0], "exited", date(2018, 11, 1))
    refresh(now=makers.NOW, today=makers.TODAY, processes=0)
    return homes


def decide(home, did, on):
    makers.write(home.pk, kind="decision", seen_on=on, says={"did": did})


def opened(client, who, name, **given):
    client.force_login(who)
    return client.get(reverse(name), given)


def rows_of(reply, name):
    return next(t.rows for t in reply.context["tables"] if t.name == name)


def test_each_sees_the_figures_of_his_own_places(client):
    exits = {
        name: {row[0]: row[3] for row in rows_of(opened(client, who, "statistics"), "years")}
        for name, who in (("mei", people.mei()), ("chen", people.chen()))
    }
    stock = {row[0]: row[1] for row in rows_of(opened(client, people.bo(), "statistics"), "years")}

    assert exits["mei"][2018] == exits["chen"][2018] == 1
    assert (stock[2017], stock[2018]) == (2, 1)


def test_the_numbers_of_a_column_have_as_many_decimals():
    table = Table("years", "", [], [[2014, 9.5, 8000.0], [2015, 15.01, None], [2016, 3.0, 9.0]])

    assert table.shown == [[2014, "9.50", "8000"], [2015, "15.01", None], [2016, "3.00", "9"]]


def test_who_has_no_post_gets_nothing(client):
    dou = people.dou()

    assert opened(client, dou, "statistics").status_code == 404
    assert opened(client, dou, "statistics", table="years").status_code == 404
    assert opened(client, dou, "map").context["blocks"] == []


def test_a_place_outside_is_not_there(client):
    mei = people.mei()

    for code in ("451022101202", "000000000000"):
        assert opened(client, mei, "statistics", place=code).status_code == 404


def test_every_table_can_be_taken_away(client):
    chen = people.chen()

    reply = opened(client, chen, "statistics", table="years", ending="csv")

    text = b"".join(reply.streaming_content).decode("utf-8-sig")
    assert "2018" in text
    for ending in ("xlsx", "parquet"):
        reply = opened(client, chen, "statistics", table="places", ending=ending)
        assert b"".join(reply.streaming_content)[:2] in (b"PK", b"PA")
        reply.close()


def test_an_earlier_day_shows_what_was(client):
    then = rows_of(opened(client, people.chen(), "statistics", on="2018-06-30"), "years")

    assert then[-1][0] == 2018
    assert then[-1][3] == 0


def test_on_its_last_evening_a_year_has_ended(client):
    chen = people.chen()
    evening = opened(client, chen, "statistics", on="2018-12-31")
    morning = opened(client, chen, "statistics", on="2019-01-01")

    assert rows_of(evening, "years")[-1] == rows_of(morning, "years")[-2]


def test_answers_of_today_are_not_shown_as_those_of_a_past_day(client):
    chen = people.chen()
    today = opened(client, chen, "statistics")
    then = opened(client, chen, "statistics", on="2018-06-30")

    assert rows_of(today, "guarantees")
    assert "guarantees" not in [table.name for table in then.context["tables"]]
    assert "不随截至日变" in then.content.decode()


@pytest.mark.parametrize("on", ["yesterday", "2020-13-01"])
def test_a_day_that_is_none_is_refused(on, client):
    assert opened(client, people.chen(), "statistics", on=on).status_code == 400


@pytest.mark.parametrize(
    "indicator", ["poor", "incidence", "exited", "monitored", "gaps", "unknown"]
)
def test_the_map_says_each_indicator_in_tiles_and_in_a_table(indicator, client):
    reply = opened(client, people.chen(), "map", indicator=indicator)

    page = reply.content.decode()
    assert page.count('class="tile tile-') == 2
    assert page.count('class="swatch tile-') >= 1
    assert page.count("下村") >= 3
    assert "style=" not in page


def test_tiles_keep_the_order_of_the_codes_whatever_they_show():
    villages = of_villages(40)

    blocks = laid_out(villages, "village")
    shown, _ = coloured(blocks, {villages[7].path: 3}, INDICATORS["poor"])

    codes = [t.place.code for block in blocks for t in block.tiles]
    assert codes == [place.code for place in villages]
    assert codes == [t.place.code for block in shown for t in block.tiles]


def of_villages(number):
    for at in range(number):
        makers.place("village", code=f"4510221{at % 7:02d}{200 + at}")
    return list(Place.objects.filter(level="village").select_related("parent").order_by("code"))


def test_the_legend_says_from_where_to_where_each_colour_reaches():
    villages = of_villages(6)
    values = {place.path: at * 4 for at, place in enumerate(villages)}

    blocks, steps = coloured(laid_out(villages, "village"), values, INDICATORS["poor"])

    most = 4 * (len(villages) - 1)
    lows = [step.shown.split("–")[0] for step in steps]
    assert lows[0] == "0"
    assert steps[-1].shown.endswith(f"{most}")
    for tile in (t for block in blocks for t in block.tiles):
        low, _, high = steps[int(tile.shade)].shown.partition("–")
        assert int(low) <= (tile.value or 0) <= int(high or low)


def test_a_place_without_a_share_is_blank_and_not_nought():
    villages = of_villages(2)

    blocks, steps = coloured(
        laid_out(villages, "village"), {villages[0].path: 0.2}, INDICATORS["incidence"]
    )

    tiles = {t.place.pk: t for block in blocks for t in block.tiles}
    assert tiles[villages[0].pk].shown == "0.20"
    assert (tiles[villages[1].pk].shade, tiles[villages[1].pk].value) == ("none", None)
    assert steps[-1].shade == "none"
    assert not any(block.total for block in blocks)


@pytest.mark.parametrize(("many", "level"), [(1, "township"), (40, "village")])
def test_more_villages_than_can_be_read_are_shown_by_township(many, level, client, monkeypatch):
    monkeypatch.setattr(map_tiles, "MANY", many)
    chen = people.chen()

    reply = opened(client, chen, "map")
    asked = opened(client, chen, "map", level="village")

    assert reply.context["level"] == level
    assert asked.context["level"] == "village"


def test_a_tile_has_the_figure_of_its_village(client):
    reply = opened(client, people.chen(), "map", indicator="poor")

    tiles = {t.place.code: t.value for b in reply.context["blocks"] for t in b.tiles}
    assert tiles == {"451022100201": 1, "451022101202": 1}
