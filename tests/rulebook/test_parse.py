"""Text → syntax: binding strength, signs, places of faults."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yihu.rulebook.language.parse import (
    MAX_LENGTH,
    Among,
    BadText,
    Call,
    CaseOf,
    Name,
    Num,
    Op,
    Str,
    Truth,
    children,
    parse,
)


def fault(text):
    with pytest.raises(BadText) as refused:
        parse(text)
    return refused.value


def said_alone(syntax):
    """A word of the text."""
    match syntax:
        case Num():
            return syntax.text + ("%" if syntax.percent else "")
        case Str():
            return f"'{syntax.text}'"
        case Truth():
            return str(syntax.value).lower()
    return ".".join(syntax.parts)


def said(syntax):
    """Syntax with every bracket written."""
    match syntax:
        case Num() | Str() | Truth() | Name():
            return said_alone(syntax)
        case Op(op=op, args=[only]):
            return f"({op} {said(only)})"
        case Op(op=op, args=args):
            return "(" + f" {op} ".join(map(said, args)) + ")"
        case Among():
            return f"({said(syntax.body)} in [{', '.join(map(said, syntax.values))}])"
        case CaseOf():
            arms = " ".join(f"when {said(c)} then {said(v)}" for c, v in syntax.arms)
            return f"(case {arms} else {said(syntax.otherwise)})"
        case Call():
            parts = [*map(said, syntax.args)]
            parts += [f"weight {said(syntax.weight)}"] if syntax.weight else []
            parts += [f"where {said(syntax.where)}"] if syntax.where else []
            return f"{'.'.join(syntax.name)}[{', '.join(parts)}]"
    raise TypeError(syntax)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("a or b and c", "(a or (b and c))"),
        ("a and b or c and d", "((a and b) or (c and d))"),
        ("not a and b", "((not a) and b)"),
        ("not a = b", "(not (a = b))"),
        ("a and b and c", "(a and b and c)"),
        ("1 - 2 - 3 = 4", "(((1 - 2) - 3) = 4)"),
        ("1 + 2 * 3 / 4 = 5", "((1 + ((2 * 3) / 4)) = 5)"),
        ("-a * b", "((neg a) * b)"),
        ("a - -b", "(a - (neg b))"),
        ("-(a + b)", "(neg (a + b))"),
        ("a <> b", "(a != b)"),
        ("a between 1 and 2 and b", "(((a >= 1) and (a <= 2)) and b)"),
        ("a not between 1 and 2", "(not ((a >= 1) and (a <= 2)))"),
        ("a + 1 in (1, -2)", "((a + 1) in [1, (neg 2)])"),
        ("a not in ('x')", "(not (a in ['x']))"),
        ("a is not blank", "(not (blank a))"),
        ("a + b is unknown", "(blank (a + b))"),
        ("98% > 0.5", "(98% > 0.5)"),
        (
            "case when a then 1 when b then 2 else 3 end",
            "(case when a then 1 when b then 2 else 3)",
        ),
        ("sum(x, weight = w where y > 1)", "sum[x, weight w, where (y > 1)]"),
        ("village.place_in('1')", "village.place_in['1']"),
        ("member.last.wage", "member.last.wage"),
        ("true = false", "(true = false)"),
        ("a 且 b 或 非 c", "((a and b) or (not c))"),
        ("（a　＝　1）", "(a = 1)"),
        ("`人均（元）` > 1", "(人均（元） > 1)"),
        ("x = “a b”", "(x = 'a b')"),
        ("AND1 and Not b", "(AND1 and (not b))"),
    ],
)
def test_text_binds_as_the_language_says(text, meaning):
    assert said(parse(text)) == meaning


@pytest.mark.parametrize(
    ("text", "why", "at"),
    [
        ("", "expected a value, found the end of the text", 0),
        ("a and", "expected a value, found the end of the text", 5),
        ("a b", "“b” does not belong here", 2),
        ("a) ", "“)” does not belong here", 1),
        ("(a", "expected “)”, found the end of the text", 2),
        ("a = ", "expected a value", 4),
        ("a < b < c", "a comparison has two sides; write “between a and b”", 6),
        ("a is null", "after “is” only “blank” or “unknown” can stand", 5),
        ("a between 1", "expected “and” after the lower bound", 11),
        ("a in 1", "expected “(”, found “1”", 5),
        ("a in ()", "expected a value, found “)”", 6),
        ("a. = 1", "expected a name, found “=”", 3),
        ("case else 1 end", "a case needs at least one “when”", 0),
        ("case when a then 1 end", "expected “when” or “else”", 19),
        ("sum(a where b c)", "expected “,” or “)”, found “c”", 14),
        ("a = 'b", "the quote is not closed", 4),
        ("a = 'b\nc'", "quoted text stands on one line", 4),
        ("a = ' '", "there is nothing between the quotes", 4),
        ("a ; b", "the sign “;” has no meaning here", 2),
        ("a = ３", "the sign “３” has no meaning here", 4),
        ("a\u200b = 1", "a sign that cannot be seen (U+200B) stands here", 1),
        ("x not 'in'", "“not” does not belong here", 2),
        ("count('weight' = x) y", "“y” does not belong here", 20),
    ],
)
def test_a_fault_is_told_with_its_place(text, why, at):
    found = fault(text)

    assert why in found.why
    assert found.at == at
    assert found.zh != found.why


def test_depth_and_length_are_bounded():
    assert said(parse("(" * 29 + "a" + ")" * 29)) == "a"
    assert "too many steps" in fault("(" * 31 + "a" + ")" * 31).why
    assert "too many steps" in fault("a" + " + 1" * 200).why
    assert f"at most {MAX_LENGTH}" in fault("a" * (MAX_LENGTH + 1)).why
    assert len(children(parse("a" + " and a" * 600))) == 601


@given(st.integers(0, 10**12))
def test_figures_are_kept_exactly(number):
    assert parse(str(number)) == Num(0, str(number))


@given(
    st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="'‘’\"“”"), min_size=1)
)
def test_quoted_text_is_kept_as_it_is(text):
    left, right = children(parse(f"x = '{text}'"))

    assert (left, right) == (Name(0, ("x",)), Str(4, text))
