"""What differs between the engines a query is printed for.

The text is made in DuckDB's spelling of a small common subset. SQLGlot rewrites it for SQLite and
Spark; it does not promise equal meaning, so what is not in the subset tested against the other
readers is refused, never printed on trust.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlglot

from yihu.rulebook.refusals import Refused


@dataclass(frozen=True, slots=True)
class Dialect:
    """An engine a query is printed for."""

    name: str

    def ordered_sum(self, value: str) -> str:
        """Floats of a group added from left to right in the order of the table.

        Adding in another order changes the last bits, and with them answers on a line.
        Raises sql.not_in_dialect.
        """
        if self.name != "duckdb":
            raise self.refused("sum of fractions", "小数求和")
        return f'SUM({value} ORDER BY t."_row")'

    def matches(self, text: str, pattern: str) -> str:
        """The whole text fits the pattern. Raises sql.not_in_dialect."""
        if self.name != "duckdb":
            raise self.refused("matches", "matches")
        return f"REGEXP_FULL_MATCH({text}, {pattern})"

    def printed(self, query: str) -> str:
        """The query in the spelling of the engine."""
        if self.name == "duckdb":
            return query
        return sqlglot.transpile(query, read="duckdb", write=self.name)[0]

    def refused(self, en: str, zh: str) -> Refused:
        """The refusal of something outside the tested subset."""
        return Refused("sql.not_in_dialect", what=en, zh=zh, dialect=self.name)


DIALECTS = {name: Dialect(name) for name in ("duckdb", "sqlite", "spark")}
