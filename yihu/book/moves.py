"""Entries that move a household: few, and found by an index of their own."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import BooleanField, Func


class Moves(Func):
    """Condition: what an entry says has an act that moves a household. One argument: says."""

    output_field: ClassVar = BooleanField()
    arity = 1

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """By its text: no other word of a book is written so."""
        template = """instr(%(expressions)s, '"moved"') > 0"""
        return self.as_sql(compiler, connection, template=template, **more)

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """By its JSON."""
        template = """%(expressions)s @> '{"acts": [{"did": "moved"}]}'"""
        return self.as_sql(compiler, connection, template=template, **more)
