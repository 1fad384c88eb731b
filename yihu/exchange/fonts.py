"""The type of printed papers: Noto Sans SC, and behind it what the machine has.

A name with a character no font has would be printed as an empty box on a paper people sign; so
such characters are named before anything is printed.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont

#: Copied by `make env` from the npm package; missing where only Python was set up.
ASSETS = Path(__file__).parent / "assets"
OWN = {400: ASSETS / "NotoSansSC-Regular.ttf", 700: ASSETS / "NotoSansSC-Bold.ttf"}
#: Debian's package fonts-noto-cjk, which has some rare signs more; number of the Chinese face.
DEBIAN = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
_FACE = 2
FAMILY = '"Yihu Sans", "Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei"'


def faces() -> str:
    """CSS that names our own files; empty where they were not copied."""
    return "".join(
        f'@font-face {{ font-family: "Yihu Sans"; font-weight: {weight}; '
        f"src: url({path.as_uri()}) }}\n"
        for weight, path in OWN.items()
        if path.exists()
    )


def uncovered(texts: Iterable[str]) -> list[str]:
    """Characters of the texts no font here has, each once, in their order."""
    known = _covered()
    signs = dict.fromkeys(sign for text in texts for sign in text)
    return [sign for sign in signs if ord(sign) not in known and sign.isprintable()]


@lru_cache(maxsize=1)
def _covered() -> frozenset[int]:
    found: set[int] = set()
    for path, face in ((OWN[400], -1), (DEBIAN, _FACE)):
        if path.exists():
            with TTFont(path, fontNumber=face, lazy=True) as font:
                found |= font.getBestCmap().keys()
    return frozenset(found)
