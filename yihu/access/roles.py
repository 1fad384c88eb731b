"""What each role may see and do, as one table.

see    privacy classes shown; `secret` values are always masked until unmasked with a reason
do     acts: write (entries of households), place (facts of places), raise (a problem), assign,
       answer, clear, waive, import, compare (settle differences), export, unmask, pair (helpers),
       simulate (rulebook), people (accounts), audit, inspect (ask about signs of hollow help),
       notify (write notices to helpers, see who read them, note who came)
whole  the role reaches its whole place; a helper only the households paired with him
"""

from __future__ import annotations

from dataclasses import dataclass

OPEN = frozenset({"public", "household"})
CLOSE = OPEN | {"sensitive", "secret"}


@dataclass(frozen=True, slots=True)
class Role:
    """One row of the table."""

    name: str
    zh: str
    en: str
    see: frozenset[str]
    do: frozenset[str]
    whole: bool = True


ROLES = {
    role.name: role
    for role in (
        Role("helper", "帮扶干部", "Helper", CLOSE, frozenset({"write", "raise", "answer"}), False),
        Role(
            "village", "村", "Village", CLOSE,
            frozenset({"write", "place", "raise", "answer", "export", "unmask"}),
        ),
        Role(
            "township", "乡镇", "Township", CLOSE,
            frozenset(
                {"write", "place", "raise", "assign", "answer", "clear", "waive", "import",
                 "compare", "export", "unmask", "pair", "notify"}
            ),
        ),
        Role(
            "department", "指标部门", "Department", OPEN | {"sensitive"},
            frozenset({"raise", "assign", "answer", "clear", "import", "compare", "export"}),
        ),
        Role(
            "county", "县专班", "County office", CLOSE,
            frozenset(
                {"write", "place", "raise", "assign", "answer", "clear", "waive", "import",
                 "compare", "export", "unmask", "pair", "simulate", "notify"}
            ),
        ),
        Role(
            "inspector", "督查", "Inspector", CLOSE,
            frozenset({"raise", "export", "unmask", "inspect"}),
        ),
        Role("administrator", "系统管理员", "Administrator", OPEN, frozenset({"people", "pair"})),
        Role("auditor", "审计", "Auditor", CLOSE, frozenset({"audit", "export", "unmask"})),
    )
}  # fmt: skip
