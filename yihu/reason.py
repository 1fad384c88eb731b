"""The reason somebody gives for what he does: how little is none, and how much is too much.

One judge for all acts that ask for a reason, so that five full stops are one nowhere, and no end
of a sentence is cut off in silence.
"""

from __future__ import annotations

from yihu.problems import Problem

#: Signs a reason may have where what keeps it has room for more.
MOST = 400
#: Signs a reason may have that stands in the log, or at the end of a pairing: both have room for
#: 200, and what it is about stands there too.
MOST_IN_LOG = 180


def letters_of(text: str) -> int:
    """Letters and figures in a text, of which at least two differ; 0 where they do not.

    >>> [letters_of(text) for text in ("传错了名单", "。。。。。", ".....", "aaaaa", "1 2")]
    [5, 0, 0, 0, 2]
    """
    found = [sign for sign in text.casefold() if sign.isalnum()]
    return len(found) if len(set(found)) > 1 else 0


def good_reason(text: str, code: str, *, least: int, most: int = MOST, **details: object) -> str:
    """The reason somebody gave, without the space around it, if it is one.

    code    refused so where it has fewer letters and figures than `least`
    Raises  Problem: `code` with `least` and the details; desk.reason_too_long
    """
    text = text.strip()
    if letters_of(text) < least:
        raise Problem(code, 400, least=least, **details)
    require_short(text, most)
    return text


def require_short(text: str, most: int = MOST) -> None:
    """Refuse a reason that would have to be cut. Raises Problem (desk.reason_too_long)."""
    if len(text) > most:
        raise Problem("desk.reason_too_long", found=len(text), most=most)
