"""Snapshots: built from tables in any order, whole or not at all, never believed when damaged."""

from __future__ import annotations

import json
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pytest

from tests.rulebook.hand_trees import LEVELS, Hand
from yihu.rulebook import snapshot
from yihu.rulebook.columns import check
from yihu.rulebook.facts import Level, Text
from yihu.rulebook.refusals import Refused
from yihu.rulebook.snapshot import Snapshot, in_memory
from yihu.rulebook.snapshot import join as snapshot_join
from yihu.rulebook.tree import Type

PLACES = tuple(
    Level(name, Text(name, name), f"{name}s", (name,), parent)
    for name, parent in (
        ("person", ()),
        ("household", ()),
        ("village", ("code:4",)),
        ("county", ()),
        ("population", ()),
    )
)


def batch(**columns):
    return pa.RecordBatch.from_pydict({name: pa.array(of) for name, of in columns.items()})


def tables():
    """Three households; the second has nobody."""
    persons = batch(
        id=["a", "b", "c"], parent=["1", "1", "3"], age=[70, None, 3], sick=[True, None, False]
    )
    households = batch(id=["1", "2", "3"], parent=["45100001", "45100002", "45100001"])
    return {"person": [persons], "household": [households]}


def count_of_old(made):
    h = Hand()
    h.ask("household", h.agg("any", h.compare(">=", h.fact("age"), 60)))
    return check(h.program(), made)["household"].rules["rule_0"].tolist()


def test_a_snapshot_on_disk_gives_what_one_in_memory_gives(tmp_path):
    made = snapshot.write(tmp_path / "snap", PLACES, tables())

    assert count_of_old(made) == count_of_old(in_memory(PLACES, tables())) == [1, -1, 0]
    assert json.loads((tmp_path / "snap" / "snapshot.json").read_text())["counts"] == {
        "person": 3,
        "household": 3,
        "village": 2,
        "county": 1,
    }


def test_places_without_a_table_are_made_from_keys_and_own_codes():
    made = in_memory(PLACES, tables())

    assert made.ids["village"].part(0, 2).to_pylist() == ["45100001", "45100002"]
    assert made.ids["county"].part(0, 1).to_pylist() == ["4510"]
    assert made.parents["village"][1].tolist() == [0, 0]


def test_a_level_may_be_jumped_over():
    households = batch(**{"id": ["1"], "parent:county": ["4510"]})

    made = in_memory(PLACES, {"household": [households]})

    assert made.parents["household"][0] == "county"
    assert made.count("village") == 0


def test_numbers_take_the_smallest_type_of_all_blocks():
    ages = [1, None, 300, -128]
    households = batch(id=["1", "2", "3", "4"], age=ages)

    made = in_memory(PLACES, {"household": [households]}, block=1)

    column = made.columns["household", "age"]
    assert column.values.tolist() == [1, -(2**15), 300, -128]
    assert column.values.dtype == np.int16
    assert column.sentinel == -(2**15)
    assert column.stats.tolist() == [[1, 1, 0], [0, 0, 1], [300, 300, 0], [-128, -128, 0]]


@pytest.mark.parametrize("rows_in_memory", [0, 100])
def test_persons_in_any_order_come_to_their_household_and_keep_their_place(rows_in_memory):
    persons = batch(id=["d", "c", "b", "a"], parent=["3", "1", "3", "1"], age=[1, 2, 80, 4])
    given = {"person": [persons], "household": tables()["household"]}
    h = Hand()
    h.ask("person", h.compare(">=", h.fact("age"), 60))

    with patch.object(snapshot_join, "ROWS_IN_MEMORY", rows_in_memory):
        made = in_memory(PLACES, given)

    assert count_of_old(made) == [0, -1, 1]
    answers = check(h.program(), made)["person"]
    assert answers.ids.to_pylist() == ["d", "c", "b", "a"]
    assert answers.rules["rule_0"].tolist() == [0, 0, 1, 0]


def test_a_household_whose_members_lie_apart_is_still_one():
    persons = batch(id=["a", "b", "c"], parent=["1", "2", "1"], age=[70, 3, 3])

    made = in_memory(PLACES, {"person": [persons]})

    assert made.ids["household"].part(0, 2).to_pylist() == ["1", "2"]
    assert count_of_old(made) == [1, 0]


def test_tables_that_can_be_read_only_once_are_enough(tmp_path):
    persons = batch(id=["a", "b"], parent=["3", "1"], age=[70, 3])
    once = {"person": iter([persons]), "household": iter(tables()["household"])}

    made = snapshot.write(tmp_path / "snap", PLACES, once)

    assert count_of_old(made) == [0, -1, 1]
    assert [p.name for p in tmp_path.iterdir()] == ["snap"]


def test_persons_alone_need_no_household():
    persons = batch(id=["a", "b"], age=[70, 3])

    made = in_memory(PLACES, {"person": [persons]})

    assert made.count("person") == 2
    assert made.count("household") == 0


# --- refusals ---------------------------------------------------------------------------------


def refused(tmp_path, given, **options):
    with pytest.raises(Refused) as found:
        snapshot.write(tmp_path / "snap", PLACES, given, **options)
    assert list(tmp_path.iterdir()) == []
    assert found.value.sentence("zh")
    return found.value


def test_an_id_that_stands_twice_is_refused_with_both_rows(tmp_path):
    persons = [batch(id=["b", "a"], parent=["1", "1"]), batch(id=["b"], parent=["3"])]

    fault = refused(tmp_path, {**tables(), "person": persons})

    assert fault.code == "snapshot.duplicate_id"
    assert (fault.details["id"], fault.details["first"], fault.details["second"]) == ("b", 1, 3)


@pytest.mark.parametrize("key", ["9", None, ""])
def test_a_person_without_household_is_refused_unless_asked_for(tmp_path, key):
    persons = batch(id=["a", "b", "c"], parent=["1", key, "3"], age=[70, 80, 3])
    given = {**tables(), "person": [persons]}

    fault = refused(tmp_path, given)
    kept = in_memory(PLACES, given, keep_strays=True)

    assert fault.code == "snapshot.stray"
    assert (fault.details["count"], fault.details["id"]) == (1, "b")
    assert count_of_old(kept) == [1, -1, 0]
    assert check_ids(kept) == ["a", "b", "c"]


def check_ids(made):
    h = Hand()
    h.ask("person", h.fact("sick"))
    return check(h.program(), made)["person"].ids.to_pylist()


def test_a_row_without_id_is_refused(tmp_path):
    households = batch(id=["1", None], parent=["v", "v"])

    fault = refused(tmp_path, {"household": [households]})

    assert fault.code == "snapshot.no_id"
    assert fault.details["row"] == 2


def test_an_existing_snapshot_is_never_touched(tmp_path):
    snapshot.write(tmp_path / "snap", PLACES, tables())
    before = (tmp_path / "snap" / "snapshot.json").read_bytes()

    with pytest.raises(Refused) as fault:
        snapshot.write(tmp_path / "snap", PLACES, {"household": tables()["household"]})

    assert fault.value.code == "snapshot.exists"
    assert (tmp_path / "snap" / "snapshot.json").read_bytes() == before


def test_a_place_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(Refused) as fault:
        snapshot.write(tmp_path / "file" / "snap", PLACES, tables())

    assert fault.value.code == "snapshot.unwritable"


@pytest.mark.parametrize("fault", [KeyboardInterrupt, RuntimeError])
def test_an_interrupted_snapshot_leaves_nothing(tmp_path, fault):
    def persons():
        yield tables()["person"][0]
        raise fault

    with pytest.raises(fault):
        snapshot.write(tmp_path / "snap", PLACES, {**tables(), "person": persons})

    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing(tmp_path):
    full = OSError(28, "No space left on device")

    with (
        patch("yihu.rulebook.snapshot.files.InFiles.add", side_effect=full),
        pytest.raises(Refused) as fault,
    ):
        snapshot.write(tmp_path / "snap", PLACES, tables())

    assert fault.value.code == "snapshot.unwritable"
    assert list(tmp_path.iterdir()) == []


# --- damage -----------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    snapshot.write(tmp_path / "snap", PLACES, tables())
    return tmp_path / "snap"


def opening_refuses(folder, **options):
    with pytest.raises(Refused) as fault:
        snapshot.open(folder, **options)
    return fault.value.code


def test_what_is_no_snapshot_is_said_to_be_none(tmp_path):
    assert opening_refuses(tmp_path) == "snapshot.not_found"


def test_a_shortened_or_missing_column_is_found_at_once(folder):
    column = next(folder.glob("*.col"))
    column.write_bytes(column.read_bytes()[:-1])

    assert opening_refuses(folder) == "snapshot.damaged"
    column.unlink()
    assert opening_refuses(folder) == "snapshot.damaged"


def test_one_changed_byte_anywhere_is_found_when_asked_to_verify(folder):
    for column in folder.glob("*.col"):
        whole = column.read_bytes()
        if not whole:
            continue
        column.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])

        assert opening_refuses(folder, verify=True) == "snapshot.damaged"
        column.write_bytes(whole)
    assert snapshot.open(folder, verify=True).count("person") == 3


def test_a_changed_description_is_found_when_asked_to_verify(folder):
    head = folder / "snapshot.json"
    head.write_text(head.read_text().replace('"sentinel": -128', '"sentinel": -127'))

    assert opening_refuses(folder, verify=True) == "snapshot.damaged"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}'])
def test_a_damaged_head_is_refused(folder, text):
    (folder / "snapshot.json").write_text(text)

    assert opening_refuses(folder) == "snapshot.damaged"


def test_another_format_is_refused(folder):
    (folder / "snapshot.json").write_text('{"format": 99}')

    assert opening_refuses(folder) == "snapshot.other_format"


def test_lists_in_the_form_of_the_tree_need_no_files():
    h = Hand()
    h.ask("person", h.compare("=", h.fact("name"), h.const(Type.TEXT, "韦月")))

    made = Snapshot.from_tables(h.program(), {"person": {"id": ["a", "b"], "name": ["韦月", None]}})

    assert check(h.program(), made)["person"].rules["rule_0"].tolist() == [1, -1]
    assert made.levels == LEVELS[:-1]
