"""Files people have, opened: told by their first bytes, not by their names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from yihu.rulebook.intake.columnar import ArrowTable, ParquetTable
from yihu.rulebook.intake.opened import BATCH, Batch, Chooser, Table
from yihu.rulebook.intake.sheets import SheetTable
from yihu.rulebook.intake.written import WrittenTable
from yihu.rulebook.refusals import Phrase, Refused

_WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_PAGE = Phrase("a web page (HTML), whatever its name ends in", "网页（HTML），只是改了后缀")
#: Web pages saved as .xls, XML, JSON, PDF: text or not, they are no table.
_NO_TABLE = {
    b"<html": _PAGE, b"<!doctype": _PAGE, b"<table": _PAGE, b"<meta": _PAGE, b"<head": _PAGE,
    b"<div": _PAGE, b"<style": _PAGE, b"<?xml": Phrase("an XML file", "XML 文件"),
    b"{": Phrase("a JSON file", "JSON 文件"), b"[{": Phrase("a JSON file", "JSON 文件"),
    b"%pdf": Phrase("a PDF file", "PDF 文件"),
}  # fmt: skip


def open_table(path: Path, choose: Chooser, sheet: str = "") -> Table:
    """Open a file, or a folder of files that belong together.

    choose  picks the heading lines of files that may have titles above them
    sheet   the sheet to read of a workbook; "": the one whose headings fit best
    Raises  Refused (intake.no_file, .unreadable, .empty, .broken, .not_a_table, …)
    """
    if path.is_dir():
        return FolderTable(path, choose)
    start = _first_bytes(path)
    if start.startswith(b"PAR1"):
        return ParquetTable(path)
    if start.startswith(b"ARROW1"):
        return ArrowTable(path, is_stream=False)
    if start.startswith(b"\xff\xff\xff\xff"):
        return ArrowTable(path, is_stream=True)
    if start.startswith(_WORKBOOK):
        return SheetTable(path, choose, sheet)
    require_table(path, start)
    return WrittenTable(path, choose)


def require_table(path: Path | str, start: bytes) -> None:
    """Refuse what is something else by its first bytes. Raises Refused (intake.not_a_table)."""
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for begin, what in _NO_TABLE.items():
        if text.startswith(begin):
            raise Refused("intake.not_a_table", file=path, what=what)


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            start = file.read(512)
    except FileNotFoundError:
        raise Refused("intake.no_file", file=path) from None
    except OSError as fault:
        raise Refused("intake.unreadable", file=path, why=fault.strerror or fault) from None
    if not start.strip():
        raise Refused("intake.empty", file=path)
    return start


class FolderTable:
    """A folder of files of one kind, read one after the other in the order of their names.

    Row numbers start anew in each file; `name` is the file being read.
    """

    is_folder = True

    def __init__(self, path: Path, choose: Chooser) -> None:
        files = sorted(p for p in path.iterdir() if p.is_file() and p.name[0] not in "._")
        if not files:
            raise Refused("intake.empty", file=path)
        self.name = path.name
        self._tables = [open_table(file, choose) for file in files]
        self.headings = self._tables[0].headings
        for table in self._tables[1:]:
            if table.headings != self.headings:
                raise Refused("intake.headings_differ", file=table.name, first=files[0].name)

    def batches(self, places: Sequence[int], size: int = BATCH) -> Iterator[Batch]:
        """The columns at these places, batch by batch."""
        for table in self._tables:
            self.name = table.name
            yield from table.batches(places, size)
