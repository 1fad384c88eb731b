"""A small installation: `python -m tests.safety.prepare`, into YIHU_HOME and its database."""

from __future__ import annotations

from yihu.commands import installation

if __name__ == "__main__":
    installation.ready()
    installation.migrate()
    from tests import makers
    from yihu.book.files import evidence, keep

    homes = [
        makers.household({"identity": "11010519491231002X"}, {"name": "小月"}, people=2)
        for _ in range(6)
    ]
    kept = keep([b"%PDF-1.7 agreement"], name="协议.pdf", by=None, now=makers.NOW)
    new = evidence(kept, book=homes[0].pk, seen_on=makers.TODAY, source="desk")
    makers.write(homes[0].pk, kind="evidence", says=new.says)
