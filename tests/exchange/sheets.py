"""Sheets as people have them, written for a test."""

from __future__ import annotations

from io import BytesIO
from uuid import uuid4

import xlsxwriter

from tests.makers import AT, TODAY, place
from yihu.access.models import Worker
from yihu.exchange.kept import in_clear, keep
from yihu.exchange.mapping import open_sheet
from yihu.exchange.models import Upload
from yihu.rulebook.identity import check_figure

#: Headings of form A (建档立卡贫困人口导出表), those the tests use.
FORM_A = [
    *("序号", "乡(镇)", "行政村", "户编号", "人编号", "姓名"),
    *("证件号码", "与户主关系", "在校生状况"),
]


def xlsx(lines, merged=(), sheet="Sheet1") -> bytes:
    """A workbook of these lines; merged: (top, left, bottom, right, value)."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        page = book.add_worksheet(sheet)
        for row, line in enumerate(lines):
            for column, value in enumerate(line):
                if isinstance(value, str) and value.startswith("=error "):
                    page.write_formula(row, column, "=1/0", value=value.removeprefix("=error "))
                elif value is not None:
                    page.write(row, column, value)
        for *where, value in merged:
            page.merge_range(*where, value)
    return file.getvalue()


def csv(lines, encoding="utf-8-sig") -> bytes:
    """A text file of these lines."""
    text = "\r\n".join(",".join("" if v is None else str(v) for v in line) for line in lines)
    return f"{text}\r\n".encode(encoding)


def upload(content: bytes, by: Worker, name="表.xlsx", columns=None, **given) -> Upload:
    """A file that was sent by somebody, mapped as proposed."""
    id = uuid4()
    size, sha256 = keep(id, name, [content])
    with in_clear(id, name) as path:
        opened = open_sheet(path)
    where = by.posts.get().place if by.posts.exists() else place("county")
    given = {"seen_on": TODAY, "wishes": {"opens": True}, **given}
    return Upload.objects.create(
        id=id, name=name, size=size, sha256=sha256, by=by, at=AT.now, place=where,
        place_path=where.path, headings=opened.table.headings,
        columns={str(p): t for p, t in (columns or opened.proposed).items()}, **given,
    )  # fmt: skip


def identity(birth: str, order: int = 1, area: str = "451022") -> str:
    """A well-formed number of nobody."""
    first = f"{area}{birth.replace('-', '')}{order:03d}"
    return first + check_figure(first)
