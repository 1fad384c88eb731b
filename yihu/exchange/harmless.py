"""Text that is given out in files a spreadsheet opens: nothing of it runs there. Pure."""

from __future__ import annotations

import re

#: A spreadsheet runs a cell that begins so, a Chinese one the wide signs too.
_RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: Amounts and signs alone run nothing, and sent back they are to be read as what they are.
_PLAIN = re.compile(r"[+-]?[\d.,]*%?")


def harmless(text: str) -> str:
    """The text as a cell of a csv: what would run stands behind an apostrophe, where it does not.

    >>> [harmless(text) for text in ("=1+2", "@a", "-3.50", "-", "-3+cmd", "覃一")]
    ["'=1+2", "'@a", '-3.50', '-', "'-3+cmd", '覃一']
    """
    if text.startswith(_RUN) and not _PLAIN.fullmatch(text):
        return f"'{text}"
    return text
