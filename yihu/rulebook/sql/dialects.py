"""What differs between the engines a query is printed for.

The text is made in DuckDB's spelling of a small common subset. SQLGlot rewrites it for SQLite and
Spark; it does not promise equal meaning, so what is not in the subset tested against the other
readers is refused, never printed on trust.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from yihu.rulebook.refusals import Refused

#: Stands in the text for a sum in the order of the table until the dialect is known.
_ORDERED = "YIHU_ORDERED_SUM"
_IN_SPARK = """AGGREGATE(
    ARRAY_SORT(COLLECT_LIST(NAMED_STRUCT('place', :place, 'value', :value))),
    CAST(0 AS DOUBLE), (total, one) -> total + COALESCE(one.value, CAST(0 AS DOUBLE)))"""


@dataclass(frozen=True, slots=True)
class Dialect:
    """An engine a query is printed for."""

    name: str

    def ordered_sum(self, value: str) -> str:
        """Floats of a group added from left to right in the order of the table.

        Adding in another order changes the last bits, and with them answers on a line.
        Raises sql.not_in_dialect.
        """
        if self.name == "sqlite":
            raise self._refused("a sum of fractions", "小数的合计")
        if self.name == "spark":
            return f'{_ORDERED}(t."_row", {value})'
        return f'SUM({value} ORDER BY t."_row")'

    def matches(self, text: str, pattern: str) -> str:
        """The whole text fits the pattern (SQL text of both). Raises sql.not_in_dialect."""
        if self.name == "sqlite":
            raise self._refused("matches", "matches")
        if self.name == "spark":
            # Java: && inside [] cuts sets, $ fits before a last line end, . stops at more than it.
            inside = pattern[1:-1].replace("&&", "&\\&")
            # In brackets: as an operator it would take what follows with it.
            return f"(REGEXP_MATCHES({text}, '(?d)\\A(?:{inside})\\z'))"
        return f"REGEXP_FULL_MATCH({text}, {pattern})"

    def printed(self, query: str) -> str:
        """The query in the spelling of the engine."""
        if self.name == "duckdb":
            return query
        tree = sqlglot.parse_one(query, read="duckdb").transform(_ordered)
        return tree.sql(dialect=self.name)

    def _refused(self, en: str, zh: str) -> Refused:
        return Refused("sql.not_in_dialect", what=en, what_zh=zh, dialect=self.name)


def _ordered(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Anonymous) and node.name == _ORDERED:
        place, value = node.expressions
        return exp.replace_placeholders(
            sqlglot.parse_one(_IN_SPARK, read="spark"), place=place, value=value
        )
    return node


DIALECTS = {name: Dialect(name) for name in ("duckdb", "sqlite", "spark")}
