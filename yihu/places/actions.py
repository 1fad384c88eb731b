"""Changing the tree of places: made, renamed, recoded, moved, merged, split. Nothing is deleted.

A change takes effect on a day: to the day before, all is as it was. Households, gaps and all else
that lies somewhere follow in the same transaction; their books keep the codes they were written
with, which go on answering (see `queries.by_codes`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby

from django.apps import apps
from django.db import models, transaction
from django.db.models.functions import Concat, Substr

from yihu.places.models import LEVELS, Place, PlaceChange, PlaceName, within
from yihu.problems import Problem

ONE_DAY = timedelta(days=1)
#: Digits of the code of each level: 2 province + 2 city + 2 county + 3 township + 3 village.
DIGITS = {2: "province", 4: "city", 6: "county", 9: "township", 12: "village", 15: "hamlet"}


@dataclass(frozen=True, slots=True)
class Row:
    """A place as a list names it. level and parent follow from the code unless given."""

    code: str
    name: str
    level: str = ""
    parent: str = ""


@dataclass(slots=True)
class Loaded:
    """What loading a list did. differing: places whose name here is another than in the list."""

    made: list[Place] = field(default_factory=list)
    unchanged: int = 0
    differing: list[tuple[Place, str]] = field(default_factory=list)


@transaction.atomic
def add_place(
    *, code: str, name: str, parent: Place | None = None, level: str = "", since: date | None = None
) -> Place:
    """One place below another. Raises Problem (places.bad_code, places.code_taken)."""
    if Place.objects.filter(code=code).exists():
        raise Problem("places.code_taken", status=409, found=code)
    place = _below(parent, Row(code, name, level), since)
    _write([place])
    return place


def _below(parent: Place | None, row: Row, since: date | None) -> Place:
    """A place that is not written yet."""
    level = row.level or _level_of(row.code)
    if parent is not None and LEVELS.index(parent.level) >= LEVELS.index(level):
        raise Problem("places.wrong_level", found=row.name, level=level, parent=parent.name)
    return Place(parent=parent, level=level, code=row.code, name=row.name, since=since, path="")


def _write(places: Sequence[Place]) -> None:
    """Write places whose parents are written."""
    Place.objects.bulk_create(places)
    for place in places:
        place.path = f"{place.parent.path if place.parent else ''}{place.pk:06d}/"
    Place.objects.bulk_update(places, ["path"], batch_size=200)
    PlaceName.objects.bulk_create(
        PlaceName(place=place, code=place.code, name=place.name, since=place.since)
        for place in places
    )


def _level_of(code: str) -> str:
    level = DIGITS.get(len(code)) if code.isdigit() else None
    if level is None:
        raise Problem("places.bad_code", found=code)
    return level


@transaction.atomic
def load(rows: Iterable[Row], *, since: date | None = None) -> Loaded:
    """Make the places of a list that are not here yet; those here stay as they are.

    Raises  Problem (places.bad_code, places.wrong_level); then nothing was written
    """
    done = Loaded()
    known = {place.code: place for place in Place.objects.all()}
    # A level at a time, each in a few queries: a list of all counties took ten thousand.
    for _, of_level in groupby(sorted(rows, key=_height), key=_height):
        made: list[Place] = []
        for row in of_level:
            had = known.get(row.code)
            if had is None:
                parent = known.get(row.parent) if row.parent else _nearest(row.code, known)
                known[row.code] = _below(parent, row, since)
                made.append(known[row.code])
            elif had.name == row.name:
                done.unchanged += 1
            else:
                done.differing.append((had, row.name))
        _write(made)
        done.made += made
    _take_in_orphans(done.made, known)
    return done


def _take_in_orphans(made: Sequence[Place], known: dict[str, Place]) -> None:
    """Hang below what is new here whatever was here already and begins with its code.

    Lists come in any order: villages that were loaded before their county would lie nowhere.
    """
    new = {place.code for place in made}
    for place in sorted(known.values(), key=lambda one: (LEVELS.index(one.level), one.code)):
        above = _nearest(place.code, known)
        if place.code in new or above is None or above.code not in new:
            continue
        if place.parent_id is None or LEVELS.index(above.level) > LEVELS.index(_level_above(place)):
            # Either may have been led elsewhere a moment ago, with what it lies in.
            for each in (place, above):
                each.refresh_from_db(fields=["path"])
            place.parent = above
            place.save(update_fields=["parent"])
            _lead(place.path, f"{above.path}{place.pk:06d}/")


def _level_above(place: Place) -> str:
    return place.parent.level if place.parent else LEVELS[0]


def _height(row: Row) -> int:
    return LEVELS.index(row.level or _level_of(row.code))


def _nearest(code: str, known: dict[str, Place]) -> Place | None:
    """The lowest place here whose code the code begins with."""
    above = (known.get(code[:digits]) for digits in sorted(DIGITS, reverse=True))
    return next((place for place in above if place and place.code != code), None)


# --- changes -------------------------------------------------------------------------------------


@transaction.atomic
def rename(place: Place, *, name: str, on: date, why: str = "", source: str = "") -> Place:
    """Another name from a day on."""
    return _named_anew(place, "renamed", code=place.code, name=name, on=on, why=why, source=source)


@transaction.atomic
def recode(
    place: Place, *, code: str, on: date, name: str = "", why: str = "", source: str = ""
) -> Place:
    """Another code from a day on, with another name if one is given (田阳县 → 田阳区).

    Raises  Problem (places.bad_code, places.code_taken)
    """
    _level_of(code)
    if Place.objects.filter(code=code).exclude(pk=place.pk).exists():
        raise Problem("places.code_taken", status=409, found=code)
    name = name or place.name
    return _named_anew(place, "recoded", code=code, name=name, on=on, why=why, source=source)


def _named_anew(
    place: Place, kind: str, *, code: str, name: str, on: date, why: str, source: str
) -> Place:
    _require_lasting(place, on)
    old = place.names.filter(until=None).order_by("-since").first()
    if old is None:
        old = PlaceName(place=place, code=place.code, name=place.name, since=place.since)
    old.until = on - ONE_DAY
    old.save()
    PlaceName.objects.create(place=place, code=code, name=name, since=on, source=source)
    place.code, place.name = code, name
    place.save(update_fields=["code", "name"])
    _note(kind, place, place, on=on, why=why, source=source)
    return place


@transaction.atomic
def move(place: Place, *, under: Place, on: date, why: str = "", source: str = "") -> Place:
    """Place it below another; all below it comes along. Raises Problem (places.wrong_level)."""
    _require_lasting(place, on)
    inside = under.path.startswith(place.path)
    if inside or LEVELS.index(under.level) >= LEVELS.index(place.level):
        raise Problem("places.wrong_level", found=place.name, level=place.level, parent=under.name)
    _note("moved", place, under, on=on, why=why, source=source)
    place.parent = under
    place.save(update_fields=["parent"])
    _lead(place.path, f"{under.path}{place.pk:06d}/")
    place.refresh_from_db()
    return place


@transaction.atomic
def merge(place: Place, *, into: Place, on: date, why: str = "", source: str = "") -> Place:
    """Merge a place into another of its level: what lay in it lies in the other from the day on.

    Raises  Problem (places.wrong_level, places.gone)
    """
    _require_lasting(place, on)
    _require_lasting(into, on)
    if into.level != place.level or into.pk == place.pk:
        raise Problem("places.wrong_level", found=place.name, level=place.level, parent=into.name)
    for child in list(place.children.filter(until=None)):
        move(child, under=into, on=on, why=why, source=source)
    for table in _lying(Place):
        table._default_manager.filter(place=place).update(place=into, place_path=into.path)
    _lead(place.path, into.path, but_places=True)
    _end(place, on)
    _note("merged", place, into, on=on, why=why, source=source)
    return place


@transaction.atomic
def split(
    place: Place, *, parts: Sequence[Row], on: date, lasts: bool, why: str = "", source: str = ""
) -> list[Place]:
    """Make new places out of one, beside it. Its households move by entries of their own books.

    lasts   the old place goes on with what is not moved; else it ends on the day before
    """
    _require_lasting(place, on)
    made = [
        add_place(code=part.code, name=part.name, parent=place.parent, level=place.level, since=on)
        for part in parts
    ]
    for new in made:
        _note("split", place, new, on=on, why=why, source=source)
    if not lasts:
        _end(place, on)
    return made


@transaction.atomic
def set_poverty_village(place: Place, *, since: date, until: date | None = None) -> Place:
    """Put a village on the list of poverty villages for a period; periods do not overlap.

    Raises  Problem (places.period_taken)
    """
    first, last = since.isoformat(), until.isoformat() if until else None
    for began, ended in place.poverty_village:
        if began <= (last or "9999") and first <= (ended or "9999"):
            raise Problem("places.period_taken", status=409, found=place.name)
    place.poverty_village = sorted([*place.poverty_village, [first, last]])
    place.save(update_fields=["poverty_village"])
    return place


@transaction.atomic
def end_poverty_village(place: Place, *, last_day: date) -> Place:
    """Take a village off the list with a day. Raises Problem (places.no_period)."""
    for period in place.poverty_village:
        if period[1] is None and period[0] <= last_day.isoformat():
            period[1] = last_day.isoformat()
            place.save(update_fields=["poverty_village"])
            return place
    raise Problem("places.no_period", status=409, found=place.name)


# --- what follows --------------------------------------------------------------------------------


def _lead(old: str, new: str, *, but_places: bool = False) -> None:
    """Give everything that lies under one path the same place under another."""
    tables = [(table, "place_path") for table in _with_path()]
    if not but_places:
        tables.append((Place, "path"))
    for table, path in tables:
        rest = Substr(path, len(old) + 1)
        rows = table._default_manager.filter(within(old, path))
        rows.update(**{path: Concat(models.Value(new), rest, output_field=models.CharField())})


def _with_path() -> list[type[models.Model]]:
    """Every table whose rows lie in a place by its path: they follow without being named here."""
    all_tables = apps.get_app_config("yihu").get_models()
    return [t for t in all_tables if any(f.name == "place_path" for f in t._meta.fields)]


def _lying(where: type[Place]) -> list[type[models.Model]]:
    """Of those, the tables that also name the place itself."""
    return [
        table
        for table in _with_path()
        if any(f.name == "place" and f.related_model is where for f in table._meta.fields)
    ]


def _require_lasting(place: Place, on: date) -> None:
    if place.until is not None:
        raise Problem("places.gone", status=409, found=place.name, on=place.until)
    if place.since is not None and on <= place.since:
        raise Problem("places.before_it_began", found=on, since=place.since)


def _end(place: Place, on: date) -> None:
    place.until = on - ONE_DAY
    place.save(update_fields=["until"])
    place.names.filter(until=None).update(until=place.until)


def _note(kind: str, old: Place, new: Place, *, on: date, why: str, source: str) -> None:
    PlaceChange.objects.create(
        kind=kind, on=on, from_place=old, to_place=new, why=why, source=source
    )
