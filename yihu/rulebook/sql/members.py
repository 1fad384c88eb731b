"""Aggregates over a lower level, and values counted over everybody, as SQL.

SQL's own aggregates skip what is unknown. Here each answer is put together from counts of what is
certain, possible and unknown, so that an unknown member stays unknown unless others decide. A
thing nobody belongs to has no group: the LEFT JOIN leaves every aggregate over it unknown.
"""

# ruff: noqa: S608 -- no text of a rule gets in: names are quoted, constants written by `literal`.
from __future__ import annotations

from yihu.rulebook import tree
from yihu.rulebook.sql.layers import Piece, made, quoted
from yihu.rulebook.sql.nodes import FLOATS, Printer, literal, printed
from yihu.rulebook.tree import Node, Type


@printed.register
def _(node: tree.Agg, to: Printer) -> Piece:
    if node.op == "median":
        return _median(node, to)
    value = to.twice(to.of(node.value))
    where = Piece("TRUE") if node.where is None else to.twice(to.of(node.where))
    text = made(_aggregate(node, value.text, where.text, to), value, where)
    return to.layers.grouped(node.level, node.over, node.op, text)


def _aggregate(node: tree.Agg, value: str, where: str, to: Printer) -> str:
    if node.op in {"any", "all"}:
        return _kleene(node.op, value)
    if node.op == "count":
        certain = f"COUNT(CASE WHEN {value} THEN 1 END)"
        return f"CASE WHEN COUNT({value}) = COUNT(*) THEN {certain} END"
    if node.op == "share":
        both = f"COUNT(CASE WHEN {where} AND {value} THEN 1 END)"
        of = f"NULLIF(COUNT(CASE WHEN {where} THEN 1 END), 0)"
        return _if_known(value, where, f"CAST({both} AS DOUBLE) / CAST({of} AS DOUBLE)")
    meant = f"CASE WHEN {where} THEN {value} END" if where != "TRUE" else value
    return _if_known(value, where, _over_known(node, meant, where, to))


def _kleene(op: str, value: str) -> str:
    # The deciding answer counts 2, unknown 1: the largest is the answer of all together.
    decides, other = ("TRUE", "FALSE") if op == "any" else ("FALSE", "TRUE")
    code = f"MAX(CASE {value} WHEN {decides} THEN 2 WHEN {other} THEN 0 ELSE 1 END)"
    return f"CASE {code} WHEN 2 THEN {decides} WHEN 0 THEN {other} END"


def _if_known(value: str, where: str, text: str) -> str:
    """The text where nobody's condition is unknown, nor the value of those it holds for."""
    unknown = (
        f"WHEN {where} AND {value} IS NULL THEN 1"
        if where != "TRUE"
        else (f"WHEN {value} IS NULL THEN 1")
    )
    missing = f"WHEN {where} IS NULL THEN 1 {unknown}" if where != "TRUE" else unknown
    return f"CASE WHEN MAX(CASE {missing} ELSE 0 END) = 0 THEN {text} END"


def _over_known(node: tree.Agg, meant: str, where: str, to: Printer) -> str:
    how_many = f"COUNT(CASE WHEN {where} THEN 1 END)"
    if node.op == "only":
        return f"CASE WHEN {how_many} = 1 THEN MAX({meant}) END"
    if node.op in {"min", "max"}:
        return f"{node.op.upper()}({meant})"
    total = _sum(node.value, meant, to)
    if node.op == "sum":
        return total
    return f"CAST({total} AS DOUBLE) / CAST(NULLIF({how_many}, 0) AS DOUBLE)"


def _sum(value: Node, meant: str, to: Printer) -> str:
    if value.type not in FLOATS:
        return f"CAST(COALESCE(SUM({meant}), 0) AS BIGINT)"
    zero = literal(Type.REAL, 0)
    if isinstance(value, tree.Number) and value.body.type not in FLOATS:
        # Whole numbers as floats: the order of adding does not matter.
        return f"COALESCE(SUM({meant}), {zero})"
    return f"COALESCE({to.dialect.ordered_sum(meant)}, {zero})"


@printed.register
def _(node: tree.CountTest, to: Printer) -> Piece:
    agg = node.agg
    value = to.twice(to.of(agg.value))
    where = Piece("TRUE") if agg.where is None else to.twice(to.of(agg.where))
    texts = (
        _count_bounds(value.text) if agg.op == "count" else _share_bounds(value.text, where.text)
    )
    low, high = (
        to.layers.grouped(agg.level, agg.over, word, made(text, value, where))
        for word, text in zip(("low", "high"), texts, strict=True)
    )
    right = to.twice(to.of(node.right))
    return made(_sharp(node.op, low.text, high.text, right.text), low, high, right)


def _count_bounds(value: str) -> tuple[str, str]:
    return (
        f"COUNT(CASE WHEN {value} THEN 1 END)",
        f"COUNT(CASE WHEN COALESCE({value}, TRUE) THEN 1 END)",
    )


def _share_bounds(value: str, where: str) -> tuple[str, str]:
    a = f"COUNT(CASE WHEN {where} AND {value} THEN 1 END)"
    b = f"COUNT(CASE WHEN COALESCE({where}, TRUE) AND NOT COALESCE({value}, FALSE) THEN 1 END)"
    c = f"COUNT(CASE WHEN COALESCE({where}, TRUE) AND COALESCE({value}, TRUE) THEN 1 END)"
    d = f"COUNT(CASE WHEN {where} AND NOT {value} THEN 1 END)"

    def share(part: str, rest: str) -> str:
        return (
            f"CASE WHEN {a} + {b} > 0 AND {c} + {d} > 0 "
            f"THEN CAST({part} AS DOUBLE) / CAST({part} + {rest} AS DOUBLE) END"
        )

    return share(a, b), share(c, d)


def _sharp(op: str, low: str, high: str, right: str) -> str:
    if op in {"=", "!="}:
        holds, fails = ("TRUE", "FALSE") if op == "=" else ("FALSE", "TRUE")
        return (
            f"CASE WHEN {low} = {high} AND {low} = {right} THEN {holds} "
            f"WHEN {right} < {low} OR {right} > {high} THEN {fails} END"
        )
    least, most = (low, high) if op in {">", ">="} else (high, low)
    other = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}[op]
    return f"CASE WHEN {least} {op} {right} THEN TRUE WHEN {most} {other} {right} THEN FALSE END"


def _median(node: tree.Agg, to: Printer) -> Piece:
    """Cumulated weights by a window in the order of the values.

    Weights are added by the engine's window, whose order of adding is its own: with weights that
    are no whole numbers a share may differ from a sum from left to right in the last bit, and
    the answer differs where such a share is p but for that bit.
    """
    value = to.of(node.value)
    weight = Piece(literal(Type.REAL, 1)) if node.weight is None else to.of(node.weight)
    where = Piece("TRUE") if node.where is None else to.of(node.where)
    group, place = to.layers.above(node.over, node.level), to.layers.row(node.over)
    p = literal(Type.REAL, node.p)
    by = f"PARTITION BY r.{quoted('_row')}"
    order = f"{by} ORDER BY r.x, r.place"

    def written(read: str, column: str) -> str:
        known = (
            f"SELECT {group.text} AS {quoted('_row')}, {place.text} AS place, {value.text} AS x, "
            f"{weight.text} AS w FROM {read} AS t WHERE {group.text} IS NOT NULL "
            f"AND {where.text} AND {value.text} IS NOT NULL AND {weight.text} IS NOT NULL"
        )
        total = f"SUM(r.w) OVER ({by})"
        so_far = f"SUM(r.w) OVER ({order} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
        shares = (
            f"SELECT r.{quoted('_row')}, r.x, r.place, LEAD(r.x) OVER ({order}) AS following, "
            f"CASE WHEN {total} > 0 THEN CASE WHEN LEAD(r.x) OVER ({order}) IS NULL "
            f"THEN {literal(Type.REAL, 1)} ELSE {so_far} / {total} END END AS share "
            f"FROM ({known}) AS r"
        )
        before = f"SELECT r.*, LAG(r.share) OVER ({order}) AS earlier FROM ({shares}) AS r"
        return (
            f"SELECT r.{quoted('_row')}, CASE WHEN r.share = {p} THEN (r.x + COALESCE(r.following, "
            f"r.x)) / {literal(Type.REAL, 2)} ELSE r.x END AS {column} FROM ({before}) AS r "
            f"WHERE r.share >= {p} AND (r.earlier IS NULL OR r.earlier < {p})"
        )

    reads = made("", value, weight, where, group, place)
    own = to.layers.row(node.level)
    return to.layers.gathered("median", reads, written, own, quoted("_row"))


@printed.register
def _(node: tree.Repeats, to: Printer) -> Piece:
    body = to.of(node.body)
    body = to.layers.keep(body) if body.size > 1 else body
    body = made(body.text, body, to.layers.row(node.level))
    where = Piece("TRUE") if node.where is None else to.of(node.where)

    def written(read: str, column: str) -> str:
        return (
            f"SELECT {body.text} AS {quoted('_value')}, "
            f"COUNT(CASE WHEN {where.text} THEN 1 END) AS {column} FROM {read} AS t "
            f"WHERE {body.text} IS NOT NULL GROUP BY {body.text}"
        )

    reads = made("", body, where)
    return to.layers.gathered("repeats", reads, written, body, quoted("_value"))
