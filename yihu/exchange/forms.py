"""An upper level's own form: kept, its cells guessed, mended by a person, saved by name.

A form is a list with a row for each person or household, or a sheet for one household: the guess
is whichever explains more of its cells. See `forms_out` for how it is filled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from yihu.access.models import Worker
from yihu.access.scope import Scope
from yihu.book import dictionary
from yihu.exchange.forms_out import OWN
from yihu.exchange.forms_out_cells import sheet_names
from yihu.exchange.forms_out_sheet import column_letters
from yihu.exchange.kept import forget, in_clear, keep
from yihu.exchange.mapping import KEYS, NOT_TAKEN, WHERE, open_sheet
from yihu.exchange.models import Form
from yihu.exchange.targets import Choice, choices
from yihu.places.models import Place
from yihu.problems import Problem
from yihu.rulebook.book import Rulebook
from yihu.rulebook.intake.cells import is_blank, plain, word_of
from yihu.rulebook.intake.unpacked import require_bounded
from yihu.rulebook.refusals import Refused

#: Lines in which the labels of a form for one household are looked for.
LINES = 400
#: Merged cells of a form: each is laid beside each line. One for a county's list has thousands.
MOST_MERGED = 50_000
#: Share of the headings more than which two versions of a form have in common.
LEAST_ALIKE = 0.5
#: Headings that number the rows.
RUNNING = ("序号", "编号", "No.")
#: Target of an import → what stands in a form.
_OF_KEY = {"key.household": "household.code", "key.person": "person.code"}
#: Levels of a path, each of so many signs.
_STEP = 7


@dataclass(slots=True)
class Guess:
    """What a sheet of a form seems to ask, and how it calls each column or cell."""

    mapping: dict[str, Any]
    headings: dict[str, str] = field(default_factory=dict)


def form_choices() -> dict[str, Choice]:
    """What a cell of a form may show: names of our own, then the facts."""
    own = {name: Choice(name, label) for name, label in OWN.items()}
    facts = {name: choice for name, choice in choices().items() if name not in KEYS}
    return own | facts


def forms_of(scope: Scope) -> QuerySet[Form]:
    """Forms a worker may fill: those of the places he reaches, and those shared from above."""
    above = {
        post.place.path[:end]
        for post in scope.posts
        for end in range(_STEP, len(post.place.path) + 1, _STEP)
    }
    reached = Q(pk__in=scope.of(Form).values("pk"))
    return Form.objects.filter(reached | Q(shared=True, place_path__in=above))


def receive(
    name: str, pieces: Iterable[bytes], *, by: Worker, place: Place, now: datetime
) -> Received:
    """Keep a form that was sent, with the guess of its likeliest sheet, as older forms had it.

    Raises  Problem (exchange.form_not_xlsx, exchange.*), Refused (intake.*)
    """
    id, name = uuid4(), name[-200:]
    if not name.lower().endswith(".xlsx"):
        raise Problem("exchange.form_not_xlsx", file=name)
    keep(id, name, pieces)
    try:
        with in_clear(id, name) as path:
            sheets = _sheets(path)
            guesses = {sheet: guess(path, sheet) for sheet in sheets}
    except CalamineError:
        forget(id)
        raise Problem("exchange.form_not_xlsx", file=name) from None
    except Refused:
        forget(id)
        raise
    saved = list(forms_of(Scope(by, localdate(now))).order_by("-at"))
    followed = {sheet: as_before(guesses[sheet], saved) for sheet in sheets}
    # A sheet somebody filled before is the one that is meant, however many headings others have.
    best = max(sheets, key=lambda at: (bool(followed[at][1]), len(guesses[at].headings)))
    guessed, like = followed[best]
    form = Form.objects.create(
        id=id, name=_free_name(Path(name).stem, by), file_name=name, by=by, at=now, place=place,
        place_path=place.path, sheets=sheets, mapping=guessed.mapping, headings=guessed.headings,
    )  # fmt: skip
    return Received(form, like)


@dataclass(frozen=True, slots=True)
class Received:
    """A form that was sent. like: the saved form whose mapping it took over, if any."""

    form: Form
    like: str


def as_before(guess: Guess, saved: Iterable[Form]) -> tuple[Guess, str]:
    """The guess as somebody mended it in an older version of the form: heading by heading.

    saved    forms the worker may use, those to be preferred first
    Returns  the guess, and the name of the form it follows, or ""
    """
    words = {plain(word) for word in guess.headings.values()}
    best, most = None, len(words) * LEAST_ALIKE
    for form in saved:
        alike = len(words & {plain(word) for word in form.headings.values()})
        if alike > most and _kind(form.mapping) == _kind(guess.mapping):
            best, most = form, alike
    if best is None:
        return guess, ""
    kind = _kind(guess.mapping)
    asked = best.mapping.get(kind, {})
    known = {which: asked.get(at, "") for at, which in _which(best.headings).items()}
    targets = dict(guess.mapping[kind])
    for at, which in _which(guess.headings).items():
        if which in known:
            targets[at] = known[which]
    kept = {at: what for at, what in targets.items() if what}
    return Guess({**guess.mapping, kind: kept}, guess.headings), best.name


def _which(headings: Mapping[str, str]) -> dict[str, tuple[str, int]]:
    """Column or cell → its word, and the how manieth of that word it is: 姓名 may stand twice."""
    found, times = dict[str, tuple[str, int]](), Counter[str]()
    for at in sorted(headings, key=in_order):
        word = plain(headings[at])
        times[word] += 1
        found[at] = word, times[word]
    return found


def in_order(at: str) -> tuple[int, int, str]:
    """Where a column ("AB") or cell ("C5") stands: by rows, then by columns."""
    letters = at.rstrip("0123456789")
    return int(at[len(letters) :] or 0), len(letters), letters


def _kind(mapping: Mapping[str, Any]) -> str:
    return "columns" if "columns" in mapping else "cells"


def _sheets(path: Path) -> list[str]:
    try:
        # What unpacks to more than a form ever is, is refused before it is unpacked.
        require_bounded(path, merged=MOST_MERGED)
        return sheet_names(path)
    except (KeyError, ValueError, OSError, SyntaxError, ExpatError, BadZipFile):
        raise Problem("exchange.form_not_xlsx", file=path.name) from None


def _free_name(stem: str, by: Worker) -> str:
    name, number = stem[:90] or "—", 1
    while Form.objects.filter(by=by, name=name).exists():
        number += 1
        name = f"{stem[:90]} ({number})"
    return name


def save(form: Form, *, name: str, mapping: Mapping[str, Any], shared: bool, now: datetime) -> None:
    """Keep what a person said of a form.

    Raises  Problem: exchange.no_mapping, exchange.form_name_taken, exchange.no_such_sheet
    """
    name = name.strip()[:100] or form.name
    if not (mapping.get("cells") or mapping.get("columns")):
        raise Problem("exchange.no_mapping")
    if mapping["sheet"] not in form.sheets:
        raise Problem(
            "exchange.no_such_sheet", found=mapping["sheet"], known="、".join(form.sheets)
        )
    if Form.objects.filter(by=form.by, name=name).exclude(pk=form.pk).exists():
        raise Problem("exchange.form_name_taken", status=409, name=name)
    form.name, form.mapping, form.shared, form.at = name, dict(mapping), shared, now
    form.save(update_fields=["name", "mapping", "shared", "at"])


def turn_to(form: Form, sheet: str, *, saved: QuerySet[Form]) -> str:
    """Guess from another sheet of the form, as older forms had it: the name of the one followed.

    saved   forms the worker may use
    Raises  Problem (exchange.no_such_sheet)
    """
    if sheet not in form.sheets:
        raise Problem("exchange.no_such_sheet", found=sheet, known="、".join(form.sheets))
    with in_clear(form.pk, form.file_name) as path:
        found, like = as_before(guess(path, sheet), saved.exclude(pk=form.pk).order_by("-at"))
    form.mapping, form.headings = found.mapping, found.headings
    form.save(update_fields=["mapping", "headings"])
    return like


def remove(id: UUID) -> None:
    """Let a form go; it is no part of any book."""
    Form.objects.filter(pk=id).delete()
    forget(id)


# -- the guess -------------------------------------------------------------------------------------


def guess(path: Path, sheet: str) -> Guess:
    """What a sheet seems to ask: a list, or one household."""
    of_list, of_one = _list(path, sheet), _one(path, sheet)
    asked = (len(of_list.mapping["columns"]), len(of_one.mapping["cells"]))
    return of_list if asked[0] >= asked[1] else of_one


def _list(path: Path, sheet: str) -> Guess:
    try:
        opened = open_sheet(path, sheet)
    except Refused:
        return Guess({"sheet": sheet, "first_row": 2, "columns": {}})
    headings = opened.table.headings
    columns = {}
    for place, heading in enumerate(headings):
        target = "row" if heading.strip() in RUNNING else _in_form(opened.proposed.get(place, ""))
        if target:
            columns[column_letters(place + 1)] = target
    first = getattr(opened.table, "first_row", 2)
    named = {column_letters(at + 1): word for at, word in enumerate(headings) if word.strip()}
    return Guess({"sheet": sheet, "first_row": first, "columns": columns}, named)


def _in_form(target: str) -> str:
    """Target of an import → what stands in a form; "" where nothing of ours does."""
    if target in WHERE:
        return f"place.{WHERE[target]}"
    target = _OF_KEY.get(target, target)
    return "" if target in KEYS or target in NOT_TAKEN else target


def _one(path: Path, sheet: str) -> Guess:
    """Labels with a blank cell behind them."""
    with CalamineWorkbook.from_path(path) as book:
        page = book.get_sheet_by_name(sheet)
        lines: list[list[Any]] = [list(line) for line in page.to_python(skip_empty_area=False)]
        ends, covered = _merged(page)
    names, guessed = _names(dictionary.active()), Guess({"sheet": sheet, "cells": {}})
    cells: dict[str, str] = guessed.mapping["cells"]
    for row, line in enumerate(lines[:LINES]):
        for column, value in enumerate(line):
            label = "" if is_blank(value) else word_of(value).strip().rstrip("：:")
            target = names.get(plain(label)) if label else None
            at = (row, ends.get((row, column), column) + 1)
            if target and at not in covered and _is_free(lines, at):
                address = f"{column_letters(at[1] + 1)}{row + 1}"
                cells[address], guessed.headings[address] = target, label
    return guessed


def _merged(page: CalamineSheet) -> tuple[dict[tuple[int, int], int], set[tuple[int, int]]]:
    """Corner of each merged range → its last column; and the cells inside that are no corner."""
    ends, covered = {}, set()
    for (top, left), (bottom, right) in page.merged_cell_ranges or []:
        ends[top, left] = right
        covered |= {(r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)}
        covered.discard((top, left))
    return ends, covered


def _is_free(lines: Sequence[Sequence[Any]], at: tuple[int, int]) -> bool:
    row, column = at
    return column >= len(lines[row]) or is_blank(lines[row][column])


@lru_cache(maxsize=4)
def _names(rulebook: Rulebook) -> dict[str, str]:
    """Word of a form → what it means; of several the household's."""
    found: dict[str, str] = {}
    facts = sorted(rulebook.facts.items(), key=lambda item: item[0][0] != dictionary.HOUSEHOLD)
    for (level, name), spec in facts:
        target = _in_form(f"{level}.{name}")
        if target and level in (dictionary.HOUSEHOLD, dictionary.PERSON):
            for word in (spec.label.zh, spec.label.en, *spec.columns):
                found.setdefault(plain(word), target)
    return {plain(label.zh): name for name, label in OWN.items() if name != "row"} | found
