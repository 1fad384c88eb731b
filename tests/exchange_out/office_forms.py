"""Forms as offices make them, in the bytes an office program or openpyxl writes."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
PART = "xl/worksheets/sheet1.xml"

#: What the form's cells share, in the order of their numbers.
WORDS = ("脱贫户花名册", "序号", "基本情况", "人均纯收入", "姓名", "证件号码", "合计", "填表人：")
#: A title, headings in two lines – the second without its place –, four framed rows of which the
#: last has no cells, a total, and who signs.
ROWS = (
    '<row r="1" ht="30" customHeight="1"><c r="A1" s="1" t="s"><v>0</v></c><c r="B1" s="1" />'
    '<c r="C1" s="1" /><c r="D1" s="1" /><c r="E1" s="1" /></row>'
    '<row r="2"><c r="A2" s="1" t="s"><v>1</v></c><c r="B2" s="1" t="s"><v>2</v></c>'
    '<c r="C2" s="1" /><c r="D2" s="1" t="s"><v>3</v></c><c r="E2" s="1" /></row>'
    '<row><c s="1" /><c s="1" t="s"><v>4</v></c><c s="1" t="s"><v>5</v></c><c s="1" /></row>'
    '<row r="4"><c r="A4" s="1" /><c r="B4" s="1" /><c r="C4" s="1" /><c r="D4" s="1" />'
    '<c r="E4" s="1"><f>D4*2</f><v /></c></row>'
    '<row r="5"><c s="1" /><c s="1" /><c s="1" /><c s="1" /><c s="1"><f>D5*2</f><v /></c></row>'
    '<row r="6"><c r="A6" s="1" /><c r="B6" s="1" /><c r="C6" s="1" /><c r="D6" s="1" /></row>'
    '<row r="7" ht="20"/>'
    '<row r="8"><c r="A8" s="1" t="s"><v>6</v></c><c r="B8" s="1" /><c r="C8" s="1" />'
    '<c r="D8" s="1"><f>SUM(D4:D7)</f><v /></c><c r="E8" s="1" /></row>'
    '<row r="9"><c r="A9" t="s"><v>7</v></c></row>'
)
#: What stands behind the cells; the button lies in a row and a column of its own count.
BEHIND = (
    '<mergeCells count="5"><mergeCell ref="A1:E1"/><mergeCell ref="A2:A3"/><mergeCell ref="B2:C2"/>'
    '<mergeCell ref="D2:D3"/><mergeCell ref="A8:C8"/></mergeCells>'
    '<dataValidations count="1"><dataValidation sqref="B4:B7" type="list"><formula1>"甲,乙"'
    '</formula1></dataValidation></dataValidations><pageSetup orientation="landscape"/>'
    '<controls xmlns:xdr="urn:drawing"><control><anchor><from><xdr:col>0</xdr:col>'
    "<xdr:row>3</xdr:row></from></anchor></control></controls>"
)


def sheet(rows: str = ROWS, behind: str = BEHIND) -> bytes:
    """A sheet's part."""
    return (
        f'{HEAD}<worksheet xmlns="{NS}"><cols><col min="2" max="2" width="12"/></cols>'
        f"<sheetData>{rows}</sheetData>{behind}</worksheet>"
    ).encode()


def workbook(part: bytes, words: Sequence[str] = WORDS, name: str = "花名册") -> bytes:
    """A workbook of one sheet, with a style, shared texts and a print area."""
    main = f"{TYPE}.sheet.main+xml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default '
        f'Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
        f'ContentType="{main}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{REL}/worksheet" Target="/{PART}"/><Relationship Id="rId2" '
        f'Type="{REL}/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="rId3" '
        f'Type="{REL}/styles" Target="styles.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{NS}" xmlns:r="{REL}"><sheets><sheet name="{name}" '
        'sheetId="1" r:id="rId1"/></sheets><definedNames><definedName name="_xlnm.Print_Area" '
        f"localSheetId=\"0\">'{name}'!$A$1:$E$9</definedName></definedNames></workbook>",
        "xl/styles.xml": f'<styleSheet xmlns="{NS}"><fonts count="1"><font/></fonts><fills count='
        '"1"><fill/></fills><borders count="2"><border/><border><left style="thin"/></border>'
        '</borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf xfId="0"/>'
        '<xf borderId="1" xfId="0"/></cellXfs></styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{NS}">'
        + "".join(f"<si><t>{escape(word)}</t></si>" for word in words) + "</sst>",
    }  # fmt: skip
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as book:
        for path, text in parts.items():
            book.writestr(path, HEAD + text)
        book.writestr(PART, part)
    return made.getvalue()


def parts_of(content: bytes) -> dict[str, bytes]:
    """Each part of a workbook."""
    with ZipFile(BytesIO(content)) as book:
        return {name: book.read(name) for name in book.namelist()}


def cells_of(part: bytes) -> dict[tuple[int, int], str]:
    """Place → the cell as text, read by a parser of its own; in order, none twice."""
    found: dict[tuple[int, int], str] = {}
    row = 0
    for each in ET.fromstring(part).iterfind(f"{{{NS}}}sheetData/{{{NS}}}row"):
        row, column = int(each.get("r") or row + 1), 0
        for cell in each.iterfind(f"{{{NS}}}c"):
            letters = (cell.get("r") or "").rstrip("0123456789")
            column = ord(letters) - 64 if letters else column + 1
            assert (row, column) > max(found, default=(0, 0)), "out of order, or twice"
            found[row, column] = ET.tostring(cell, encoding="unicode")
    return found
