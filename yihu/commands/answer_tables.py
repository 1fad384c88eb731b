"""Answers as tables: long (a row for each thing and rule), wide (a column for each rule), facts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from yihu.commands.shown_facts import AMOUNT, fact_type, shown_values, yuan
from yihu.rulebook.bind import Binder
from yihu.rulebook.book import Rulebook
from yihu.rulebook.columns.answers import NO_AMOUNT, Answered
from yihu.rulebook.facts import CodeList
from yihu.rulebook.program import Program

Key = tuple[str, str]
WORDS = pa.array(["holds", "fails", "unknown"])
#: Answer code + 1 → place in WORDS: -1 unknown, 0 fails, 1 holds.
_PLACES = np.array([2, 1, 0], np.int8)
WORD = pa.dictionary(pa.int32(), pa.string())
#: Rows of a long table, and cells of a wide one, handed on at once: some ten megabytes.
ROWS, CELLS = 1 << 18, 1 << 22


class Long:
    """about, id, rule, answer, amount; the rules of a thing one after the other."""

    schema = pa.schema(
        [("about", WORD), ("id", pa.string()), ("rule", WORD), ("answer", WORD), ("amount", AMOUNT)]
    )

    def __init__(self, program: Program, rulebook: Rulebook, facts: Sequence[Key]) -> None:
        """Facts are in a table of their own."""

    def batches(self, answered: Answered) -> Iterator[pa.RecordBatch]:
        """Rows of a level."""
        rules = list(answered.rules)
        step = max(1, ROWS // max(len(rules), 1))
        for start in range(0, len(answered) if rules else 0, step):
            yield self._batch(answered, rules, slice(start, start + step))

    def _batch(self, answered: Answered, rules: list[str], part: slice) -> pa.RecordBatch:
        ids = answered.ids[part]
        rows, count = len(ids), len(rules)
        codes = np.stack([answered.rules[rule][part] for rule in rules], axis=1).ravel()
        fen = np.full((rows, count), NO_AMOUNT, np.int64)
        for i, rule in enumerate(rules):
            if rule in answered.amounts:
                fen[:, i] = answered.amounts[rule][part]
        repeated = ids.take(pa.array(np.repeat(np.arange(rows), count)))
        return pa.RecordBatch.from_arrays(
            [
                words(np.zeros(rows * count, np.int32), [answered.level]),
                repeated.cast(pa.string()),
                words(np.tile(np.arange(count, dtype=np.int32), rows), rules),
                answer_words(codes),
                amounts(fen.ravel()),
            ],
            schema=self.schema,
        )


class Wide:
    """about, id, then a column for each rule and amount, then one for each derived fact."""

    def __init__(self, program: Program, rulebook: Rulebook, facts: Sequence[Key]) -> None:
        self.rules: dict[str, pa.DataType] = {}
        for output in program.outputs:
            self.rules[output.name] = WORD
            if output.amount is not None:
                self.rules[f"{output.name}.amount"] = AMOUNT
        self.facts = FactTable(program, rulebook, facts, taken=self.rules)
        fields = [("about", WORD), ("id", pa.string()), *self.rules.items()]
        self.schema = pa.schema([*fields, *self.facts.columns.items()])

    def batches(self, answered: Answered) -> Iterator[pa.RecordBatch]:
        """A row for each thing of a level; blank where a rule is about another level."""
        step = max(1, CELLS // len(self.schema))
        for start in range(0, len(answered), step):
            yield self._batch(answered.part(start, start + step))

    def _batch(self, answered: Answered) -> pa.RecordBatch:
        rows = len(answered)
        found: dict[str, Any] = {
            "about": words(np.zeros(rows, np.int32), [answered.level]),
            "id": answered.ids.cast(pa.string()),
            **{rule: answer_words(codes) for rule, codes in answered.rules.items()},
            **{f"{rule}.amount": amounts(fen) for rule, fen in answered.amounts.items()},
            **self.facts.of(answered),
        }
        return filled(found, self.schema, rows)


class FactTable:
    """about, id, and a column for each derived fact; level.fact where two levels differ."""

    def __init__(
        self,
        program: Program,
        rulebook: Rulebook,
        facts: Sequence[Key],
        taken: Sequence[str] | dict[str, Any] = (),
    ) -> None:
        self.kinds = {key: program.definitions[key].type for key in facts}
        self.codes = _codes(program, rulebook, facts)
        self.names = _names(self.kinds, taken)
        self.columns = {
            self.names[key]: fact_type(kind, self.codes.get(key))
            for key, kind in self.kinds.items()
        }
        self.schema = pa.schema([("about", WORD), ("id", pa.string()), *self.columns.items()])

    def of(self, answered: Answered) -> dict[str, Any]:
        """Columns of the facts of a level."""
        return {
            self.names[answered.level, name]: shown_values(
                values, self.kinds[answered.level, name], self.codes.get((answered.level, name))
            )
            for name, values in answered.facts.items()
        }

    def batches(self, answered: Answered) -> Iterator[pa.RecordBatch]:
        """A row for each thing of a level that has facts."""
        if answered.facts:
            rows = len(answered)
            found = {
                "about": words(np.zeros(rows, np.int32), [answered.level]),
                "id": answered.ids.cast(pa.string()),
                **self.of(answered),
            }
            yield filled(found, self.schema, rows)


def _codes(program: Program, rulebook: Rulebook, facts: Sequence[Key]) -> dict[Key, CodeList]:
    binder = Binder(rulebook, program.on)
    found = {key: binder.lookup(*key) for key in facts}
    return {key: typed.codes for key, typed in found.items() if typed and typed.codes}


def _names(kinds: dict[Key, Any], taken: Sequence[str] | dict[str, Any]) -> dict[Key, str]:
    def alone(key: Key) -> bool:
        same = {kind for (_, name), kind in kinds.items() if name == key[1]}
        return len(same) == 1 and key[1] not in taken and key[1] not in ("about", "id")

    return {key: key[1] if alone(key) else ".".join(key) for key in kinds}


def filled(columns: dict[str, Any], schema: pa.Schema, rows: int) -> pa.RecordBatch:
    """A batch with nulls in the columns that are not there."""
    arrays = [
        columns[field.name] if field.name in columns else pa.nulls(rows, field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def words(places: Any, known: Sequence[str]) -> pa.DictionaryArray:
    """Words by their places in a list."""
    return pa.DictionaryArray.from_arrays(pa.array(places, pa.int32()), pa.array(known))


def answer_words(codes: Any) -> pa.DictionaryArray:
    """holds, fails, unknown for 1, 0, -1."""
    return pa.DictionaryArray.from_arrays(pa.array(_PLACES[codes + 1], pa.int32()), WORDS)


def amounts(fen: Any) -> Any:
    """Whole fen as exact yuan; blank where none."""
    return yuan(fen, fen != NO_AMOUNT)
