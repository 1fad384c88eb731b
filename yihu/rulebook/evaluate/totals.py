"""Totals printed as Python: loops over those below, in which their own locals are computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yihu.rulebook.tree import Agg, CountTest, Type

if TYPE_CHECKING:
    from yihu.rulebook.evaluate.text import Body

FLOATS = (Type.REAL, Type.MONEY_REAL)


def agg(b: Body, n: Agg) -> str:
    """Any total."""
    if n.op in ("any", "all"):
        return _any_all(b, n)
    if n.op == "count":
        sure, perhaps, nobody = _counts(b, n)
        return b.put(f"None if {nobody} or {perhaps} else {sure}")
    if n.op == "share":
        return _share(b, n)
    if n.op == "median":
        return _quantile(b, n)
    return _number_of(b, n)


def _any_all(b: Body, n: Agg) -> str:
    decides = n.op == "any"
    result = b.put("MISSING")

    def inner(m: Body) -> list[str]:
        x = m.value(n.value)
        return [
            f"if {x} is {decides}:",
            f"    {result} = {decides}",
            "    break",
            f"if {x} is None: {result} = None",
            f"elif {result} is MISSING: {result} = {not decides}",
        ]

    b.members(n, inner)
    b.lines.append(f"if {result} is MISSING: {result} = None")
    return result


def _counts(b: Body, n: Agg) -> tuple[str, str, str]:
    """Locals: how many hold, how many are unknown, whether there is nobody."""
    sure, perhaps, nobody = b.put("0"), b.put("0"), b.put("True")

    def inner(m: Body) -> list[str]:
        x = m.value(n.value)
        return [
            f"{nobody} = False",
            f"if {x} is True: {sure} += 1",
            f"elif {x} is None: {perhaps} += 1",
        ]

    b.members(n, inner)
    return sure, perhaps, nobody


def _share_counts(b: Body, n: Agg) -> list[str]:
    """Locals a, b, c, d of CountTest, then how many are unknown."""
    names = [b.put("0") for _ in range(5)]
    least_yes, least_no, most_yes, most_no, unknown = names

    def inner(m: Body) -> list[str]:
        w = m.value(n.where) if n.where is not None else "True"
        x = m.value(n.value)
        return [
            f"if {w} is True:",
            f"    if {x} is True: {least_yes} += 1; {most_yes} += 1",
            f"    elif {x} is False: {least_no} += 1; {most_no} += 1",
            f"    else: {least_no} += 1; {most_yes} += 1; {unknown} += 1",
            f"elif {w} is None:",
            f"    {unknown} += 1",
            f"    if {x} is not True: {least_no} += 1",
            f"    if {x} is not False: {most_yes} += 1",
        ]

    b.members(n, inner)
    return names


def _share(b: Body, n: Agg) -> str:
    yes, no, _, _, unknown = _share_counts(b, n)
    return b.put(f"None if {unknown} or {yes} + {no} == 0 else {yes} / ({yes} + {no})")


def count_test(b: Body, n: CountTest) -> str:
    """A count or share compared."""
    right = b.value(n.right)
    if n.agg.op == "share":
        least_yes, least_no, most_yes, most_no, _ = _share_counts(b, n.agg)
        nobody = b.put(f"{least_yes} + {least_no} == 0 or {most_yes} + {most_no} == 0")
        low = b.put(f"None if {nobody} else {least_yes} / ({least_yes} + {least_no})")
        high = b.put(f"None if {nobody} else {most_yes} / ({most_yes} + {most_no})")
    else:
        low, perhaps, nobody = _counts(b, n.agg)
        high = b.put(f"{low} + {perhaps}")
    if n.op in ("=", "!="):
        same = f"{low} == {high} == {right}"
        apart = f"{right} < {low} or {right} > {high}"
        yes, no = (same, apart) if n.op == "=" else (apart, same)
    else:
        both = [f"{low} {n.op} {right}", f"{high} {n.op} {right}"]
        yes, no = " and ".join(both), f"not ({both[0]} or {both[1]})"
    return b.put(
        f"None if {nobody} or {right} is None else True if {yes} else False if {no} else None"
    )


def _number_of(b: Body, n: Agg) -> str:
    """sum, min, max, avg, only."""
    zero = "0.0" if n.type in FLOATS else "0"
    total, how_many, nobody = b.put(zero), b.put("0"), b.put("True")
    take = {
        "sum": f"{total} += X",
        "avg": f"{total} += X",
        "only": f"{total} = X",
        "min": f"{total} = X if not {how_many} or X < {total} else {total}",
        "max": f"{total} = X if not {how_many} or X > {total} else {total}",
    }[n.op]

    def inner(m: Body) -> list[str]:
        x = m.value(n.value)
        where = m.value(n.where) if n.where is not None else "True"
        stop = [f"    {nobody} = None", "    break"]
        return [
            f"{nobody} = False",
            f"if {where} is None:",
            *stop,
            f"if {where}:",
            f"    if {x} is None:",
            *(f"    {line}" for line in stop),
            f"    {take.replace('X', x)}",
            f"    {how_many} += 1",
        ]

    b.members(n, inner)
    found = {
        "sum": total,
        "avg": f"(None if {how_many} == 0 else {total} / {how_many})",
        "only": f"({total} if {how_many} == 1 else None)",
    }.get(n.op, f"(None if {how_many} == 0 else {total})")
    return b.put(f"None if {nobody} is not False else {found}")


def _quantile(b: Body, n: Agg) -> str:
    pairs = b.put("[]")

    def inner(m: Body) -> list[str]:
        x = m.value(n.value)
        tests, weight = [f"{x} is not None"], "1.0"
        if n.weight is not None:
            weight = m.value(n.weight)
            tests.append(f"{weight} is not None")
        if n.where is not None:
            tests.append(f"{m.value(n.where)} is True")
        return [f"if {' and '.join(tests)}: {pairs} += [({x}, {weight})]"]

    b.members(n, inner)
    return b.put(f"quantile({pairs}, {n.p!r})")
