"""The whole county read from the store, as typed columns: what the batch reader runs on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa

from yihu.book.models import Entry
from yihu.card.fold import fold
from yihu.check.cards import values_of
from yihu.check.cards_read import TEXT, Asked, Cards
from yihu.check.kept import columns_of
from yihu.check.progress import Progress, quiet
from yihu.check.remembered import cards_now
from yihu.places.models import Place
from yihu.rulebook.facts import FactSpec
from yihu.rulebook.program import Program
from yihu.rulebook.snapshot import Snapshot, in_memory, specs_of


@dataclass(slots=True)
class County:
    """All open households of the store with their people and places, on one day.

    cards    as they were read
    homes    (id as hex, number of the card), in the order of the snapshot
    people   for each person, in that order: id as hex; starts[i] is the first of household i
    tables   level → Arrow table with id, parent and the facts in the form of the tree
    """

    cards: Cards
    homes: list[tuple[str, int]] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    starts: Any = None
    places: list[Place] = field(default_factory=list)
    tables: dict[str, pa.Table] = field(default_factory=dict)

    def snapshot(self, program: Program) -> Snapshot:
        """The batch reader's form of it."""
        levels = [level for level in program.levels if level.name != "population"]
        batches = {name: table.to_batches() for name, table in self.tables.items()}
        return in_memory(levels, batches, specs=specs_of(program), keep_strays=True)


def read_county(
    program: Program,
    *,
    progress: Progress = quiet,
    keep: bool = False,
    known: Cards | None = None,
    processes: int = 0,
) -> County:
    """Everything a program asks about, of everybody who belongs to an open household.

    keep       remember what was read, for the next time
    known      the cards of an earlier reading for the same rulebook and year
    processes  how many read side by side
    """
    asked = Asked.by(program)
    cards = cards_now(asked, progress=progress, keep=keep, known=known, processes=processes)
    county = County(cards=cards)
    _read_places(county, program)
    _lay_out(county, county.cards)
    return county


def _lay_out(county: County, cards: Cards) -> None:
    """Households under their villages, people under their households."""
    codes = _codes_of_places(county.places)
    homes, ids = cards.homes, cards.homes.column("id")
    numbers = homes.column(".number").to_pylist()
    county.homes = list(zip(ids.to_pylist(), numbers, strict=True))
    county.people = cards.people.column("id").to_pylist()
    count = homes.column(".people").to_numpy()
    county.starts = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    villages = [codes.get(place) for place in homes.column(".place").to_pylist()]
    county.tables["household"] = _under(homes, pa.array(villages, TEXT))
    whose = np.repeat(np.arange(len(homes)), count)
    county.tables["person"] = _under(cards.people, ids.take(pa.array(whose)))


def _under(table: pa.Table, parents: Any) -> pa.Table:
    """The facts of a table with id and parent."""
    facts = [name for name in table.column_names if name != "id" and not name.startswith(".")]
    own = {"id": table.column("id"), "parent": parents}
    return pa.table({**own, **{name: table.column(name) for name in facts}}).combine_chunks()


# --- places ---------------------------------------------------------------------------------------


def _read_places(county: County, program: Program) -> None:
    county.places = list(Place.objects.filter(until=None))
    by_id = {place.pk: place for place in county.places}
    known = facts_of_places(place.pk for place in county.places)
    for level in program.levels[2:]:
        here = [place for place in county.places if place.level == level.name]
        if not here:
            continue
        specs = _specs(program, level.name)
        texts = [json.dumps(known.get(place.pk, {})) for place in here]
        above = [by_id.get(place.parent_id or 0) for place in here]
        columns = {
            "id": pa.array([place.code for place in here], pa.large_string()),
            "parent": pa.array([p.code if p else None for p in above], pa.large_string()),
            **columns_of(texts, specs),
        }
        county.tables[level.name] = pa.table(columns)


def facts_of_places(ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Facts by place, from the places' books."""
    entries = Entry.objects.filter(book__place_id__in=list(ids)).exclude(kind="gap")
    rows = entries.select_related("book").order_by("book_id", "number")
    return {
        place: values_of(fold(list(of)).facts)
        for place, of in groupby(rows, key=lambda entry: int(entry.book.place_id or 0))
    }


def _codes_of_places(places: Sequence[Place]) -> dict[int, str]:
    """Place → code of the village it is or lies in: hamlets have no facts of their own."""
    by_id = {place.pk: place for place in places}
    found: dict[int, str] = {}
    for place in places:
        above: Place | None = place
        while above is not None and above.level != "village":
            above = by_id.get(above.parent_id or 0)
        if above is not None:
            found[place.pk] = above.code
    return found


def _specs(program: Program, level: str) -> dict[str, FactSpec]:
    return {name: spec for (at, name), spec in program.facts.items() if at == level}
