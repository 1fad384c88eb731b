"""The tables of one piece of a county, the rows that nobody could read among them if asked for."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from yihu.synthetic.columns import blanked
from yihu.synthetic.households import households_of
from yihu.synthetic.persons import persons_of
from yihu.synthetic.places import villages_of
from yihu.synthetic.state import Piece, State, state_of

#: Rows of each kind added to the first piece by `broken`.
BROKEN_ROWS = 3


@dataclass(frozen=True, slots=True)
class Tables:
    """Persons, households and villages of a piece."""

    persons: pa.Table
    households: pa.Table
    villages: pa.Table


def tables_of(piece: Piece, *, seed: int, year: int, broken: bool = False) -> Tables:
    """Draw a piece and write down its tables."""
    return written(state_of(piece, seed=seed, year=year), broken=broken)


def written(state: State, *, broken: bool = False) -> Tables:
    """The tables of a piece, as registers would have them: some cells blank, some wrong."""
    piece = state.piece
    persons, households = persons_of(state), households_of(state)
    # The head stands first in the family, whatever the register says of the relation.
    heads = persons.column("name").take(pa.array(state.family.starts[:-1]))
    nameless = state.households.blank("head_name")
    households = households.append_column("head_name", blanked(heads.combine_chunks(), nameless))
    signed = pc.if_else(
        pc.is_valid(households.column("verified_on")), households.column("head_name"), None
    )
    households = households.append_column("head_signer", signed)
    if broken and piece.county.number == 0 and piece.number == 0:
        persons, households = _broken(persons, households)
    return Tables(persons, households, villages_of(state))


def _broken(persons: pa.Table, households: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Add persons of no household, households of nobody, and one key used twice."""
    few = min(BROKEN_ROWS, persons.num_rows, households.num_rows)
    nowhere = pa.array([f"4510220009990{at:04d}" for at in range(few)])
    strays = _with(persons.slice(0, few), person_id=_ids(nowhere), household_id=nowhere)
    empty = pa.array([f"4510220009991{at:04d}" for at in range(few)])
    deserted = _with(households.slice(0, few), household_id=empty)
    twice = persons.slice(persons.num_rows - 1)
    return pa.concat_tables([persons, strays, twice]), pa.concat_tables([households, deserted])


def _ids(households: pa.Array) -> pa.Array:
    return pa.array([f"{one}01" for one in households.to_pylist()])


def _with(table: pa.Table, **columns: pa.Array) -> pa.Table:
    for name, column in columns.items():
        at = table.schema.get_field_index(name)
        table = table.set_column(at, name, column.cast(table.schema.field(name).type))
    return table
