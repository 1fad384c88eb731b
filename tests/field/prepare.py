"""Helpers' families in an installation: `python -m tests.field.prepare 10 Fang`, into YIHU_HOME."""

from __future__ import annotations

import sys
from datetime import date

from yihu.commands import installation

if __name__ == "__main__":
    installation.ready()
    installation.migrate()
    from tests import makers
    from tests.sync.phones import helper

    before = makers.at(date(2020, 9, 1))
    for name in sys.argv[2:]:
        homes = [
            makers.household({"name": f"{name} {n}"}, when=before) for n in range(int(sys.argv[1]))
        ]
        helper(name, *homes)
