"""The whole book of a household of the demo county: to its life the register, visits and help."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from yihu.book.actions import NewEntry
from yihu.book.bulk import Received
from yihu.demo import homes, themes
from yihu.demo.county import TODAY, id_of
from yihu.demo.homes import Facts, Home, day_of, picked

#: Months in which a helper came; more often where somebody is still poor. Synthetic.
VISITED, VISITED_POOR = 0.74, 0.92
#: Households in which somebody wrote a fact down wrongly and took it back. Synthetic.
MISTAKES = 0.006


def entries_of(home: Home) -> list[Received]:
    """All entries of a household's book, in the order received."""
    for part in PARTS:
        part(home)
    first, *rest = home.said
    said = [first, *sorted(rest, key=lambda each: each[0])]
    made = [Received(new=new, by=by, at=at) for at, new, by in said]
    return made + list(_mistake(home, made))


# --- the register ---------------------------------------------------------------------------------


def _decisions(home: Home) -> None:
    years, by = home.county.years, home.township_officer
    if home.listed:
        late = years.identified[home.at]
        on = day_of(late) if late else date(2015, 12, 31)
        home.say("decision", {"did": "identified"}, on, "register", by, late=3)
    if home.exit is not None:
        struck = bool(home.county.struck[home.at])
        says: Facts = {"did": "corrected_out", "why": "识别不准"} if struck else {"did": "exited"}
        home.say("decision", says, home.exit, "register", by, late=5)
        if not struck:
            _papers(home, home.exit)
    _monitoring(home)


def _papers(home: Home, on: date) -> None:
    found = picked(home.row, themes.EXIT) | {"exit_year": on.year, "marked_exited_on": on}
    before = on - timedelta(days=1)
    home.say("facts", {"household": found}, before, "double_recognition", home.village_officer)
    says = {"of": "exit", "person": home.persons[0], "words": "户主签字认可"}
    first = home.county.starts[home.at]
    if not home.county.years.joined_on[first]:
        home.say("signature", says, before, "double_recognition", home.helper)


def _monitoring(home: Home) -> None:
    kind = home.row.get("monitor_kind", "none")
    found = picked(home.row, themes.MONITORING)
    if kind == "none" or (home.exit is None and home.listed):
        return
    start = max(date(2019, 9, 10), (home.exit or home.opened) + timedelta(days=12))
    on = start + timedelta(days=home.chance.randint(0, 280))
    found["monitored_month"] = f"{on:%Y-%m}"
    removed = on + timedelta(days=home.chance.randint(90, 200))
    cleared = bool(found.get("risk_removed")) and removed < TODAY - timedelta(days=5)
    for name in ("risk_removed", "removal_way", "removed_month"):
        found.pop(name, None)
    by = home.township_officer
    says: Facts = {"did": "monitored", "category": kind, "household": found}
    home.say("decision", says, on, "monitoring", by, late=5)
    if cleared:
        more = {"risk_removed": True, "removed_month": f"{removed:%Y-%m}", "removal_way": "helped"}
        says = {"did": "risk_removed", "household": more}
        home.say("decision", says, removed, "monitoring", by, late=5)


# --- help -----------------------------------------------------------------------------------------


def _visits(home: Home) -> None:
    if home.helper is None or home.county.struck[home.at]:
        return
    share = VISITED if home.exit is not None else VISITED_POOR
    last = None
    for month in range(2016 * 12, 2020 * 12 + 9):
        if home.chance.random() > share:
            continue
        on = date(month // 12, month % 12 + 1, home.chance.randint(1, 27))
        words = home.chance.choice(themes.WORDS[month % 12 // 3])
        last = on
        home.say("visit", {"words": words}, on, "handbook", home.helper, late=4)
    on = date(2020, 10, home.chance.randint(1, 14))
    if home.chance.random() > share:
        on = last or on
    on = max(on, date(2020, 9, 1))
    found = {"last_visit_on": on} | picked(home.row, themes.HANDBOOK)
    # The app is brought up to date after the visit, where it is.
    found["app_updated_on"] = on - timedelta(days=0 if home.chance.random() < 0.95 else 40)
    says = {"words": "核对手册和帮扶卡", "household": found}
    home.say("visit", says, on, "handbook", home.helper, late=2)


def _help(home: Home) -> None:
    if home.helper is None or home.county.struck[home.at]:
        return
    for year in range(2016, 2021):
        for measure, programme, low, high in home.chance.sample(themes.HELP, 2):
            on = date(year, home.chance.randint(2, 9), home.chance.randint(1, 28))
            yuan = round(home.chance.randint(low, high), -1)
            says = {"measure": measure, "programme": programme, "amount": {"yuan": yuan}}
            home.say("help", says, on, "finance", home.township_officer, late=10)


def _mistake(home: Home, made: Sequence[Received]) -> Iterator[Received]:
    """Now and then a fact was written down wrongly, seen, and taken back by a correction."""
    if home.chance.random() > MISTAKES:
        return
    wrong = date(2020, 9, home.chance.randint(20, 29))
    home.said.clear()
    home.say("facts", {"household": {"power": False}}, wrong, "village", home.village_officer)
    number = len(made) + 1
    right = wrong + timedelta(days=9)
    home.say("correction", {"why": "写错"}, right, "village", home.village_officer, undoes=number)
    start = max(made[-1].at, datetime(2020, 10, 15, 9, tzinfo=UTC))
    for step, (_, new, by) in enumerate(home.said):
        id = id_of(home.county.seed, "entry", home.at * 1_000 + 990 + step)
        yield Received(
            new=NewEntry(
                book=new.book, kind=new.kind, says=new.says, seen_on=new.seen_on,
                source=new.source, undoes=new.undoes, id=id,
            ),
            by=by, at=start + timedelta(hours=1 + step),
        )  # fmt: skip


#: In this order, so that chance is used up in the same way every time.
PARTS: tuple[Callable[[Home], None], ...] = (
    homes.opening, homes.comings, homes.goings, homes.move, homes.baseline, homes.incomes,
    homes.lists, homes.census, _decisions, _visits, _help,
)  # fmt: skip
