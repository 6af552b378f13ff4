"""The files that offices hand out: delimited text, workbooks, HTML under the name of one, JSON."""

import csv
import io
import json
import zipfile
from collections.abc import Sequence
from html import escape
from xml.sax.saxutils import escape as xml_escape

Rows = Sequence[Sequence[str]]
#: first row, first column, last row, last column, from 0 and inclusive
Merge = tuple[int, int, int, int]
FORMATS = "http://schemas.openxmlformats.org"


def delimited(
    rows: Rows,
    encoding: str = "utf-8",
    delimiter: str = ",",
    *,
    quote_all: bool = False,
    line: str = "\r\n",
) -> bytes:
    """Rows as delimited text; a row may be shorter than the others (titles, notes)."""
    out = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=line).writerows(rows)
    return out.getvalue().encode(encoding)


def padded(rows: Rows) -> list[list[str]]:
    """Rows that are all as wide as the widest, as a workbook saves them."""
    width = max(map(len, rows))
    return [[*row, *[""] * (width - len(row))] for row in rows]


def html(rows: Rows, merges: Sequence[Merge] = (), *, above: str = "", encoding="utf-8") -> bytes:
    """Rows as a table of HTML, with the spans that merged cells have there."""
    spans = {
        (top, left): (bottom - top + 1, right - left + 1) for top, left, bottom, right in merges
    }
    covered = {
        (r, c)
        for top, left, bottom, right in merges
        for r in range(top, bottom + 1)
        for c in range(left, right + 1)
    } - set(spans)
    lines = []
    for r, row in enumerate(rows):
        cells = []
        for c, cell in enumerate(row):
            if (r, c) in covered:
                continue
            down, right = spans.get((r, c), (1, 1))
            marks = (f' rowspan="{down}"' if down > 1 else "") + (
                f' colspan="{right}"' if right > 1 else ""
            )
            cells.append(f"<td{marks}>{escape(cell)}</td>")
        lines.append("<tr>" + "".join(cells) + "</tr>")
    name = {"utf-8": "utf-8", "cp949": "euc-kr"}[encoding]
    page = (
        f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={name}"></head>'
        f"<body>{above}<table border=1>\n" + "\n".join(lines) + "\n</table></body></html>"
    )
    return page.encode(encoding)


def json_bytes(value: object) -> bytes:
    """A value as the answer of a public interface."""
    return json.dumps(value, ensure_ascii=False).encode()


def workbook(sheets: dict[str, tuple[Sequence[Sequence[object]], Sequence[Merge]]]) -> bytes:
    """A workbook of Excel: numbers stay numbers, empty cells are not written, merges are marked."""
    parts = {"xl/workbook.xml": _book([*sheets])}
    links = []
    for i, (rows, merges) in enumerate(sheets.values(), 1):
        parts[f"xl/worksheets/sheet{i}.xml"] = _sheet(rows, merges)
        links.append((f"rId{i}", "worksheet", f"worksheets/sheet{i}.xml"))
    parts["xl/_rels/workbook.xml.rels"] = _links(links)
    parts["_rels/.rels"] = _links([("rId1", "officeDocument", "xl/workbook.xml")])
    parts["[Content_Types].xml"] = _types(len(sheets))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in sorted(parts.items()):
            member = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))  # the same bytes on each day
            archive.writestr(member, '<?xml version="1.0" encoding="UTF-8"?>' + text)
    return out.getvalue()


def _book(names: Sequence[str]) -> str:
    sheets = "".join(
        f'<sheet name="{xml_escape(name)}" sheetId="{i}" r:id="rId{i}"/>'
        for i, name in enumerate(names, 1)
    )
    marks = f'xmlns="{FORMATS}/spreadsheetml/2006/main"'
    links = f'xmlns:r="{FORMATS}/officeDocument/2006/relationships"'
    return f"<workbook {marks} {links}><sheets>{sheets}</sheets></workbook>"


def _links(links: Sequence[tuple[str, str, str]]) -> str:
    sorts = f"{FORMATS}/officeDocument/2006/relationships"
    inner = "".join(
        f'<Relationship Id="{key}" Type="{sorts}/{sort}" Target="{target}"/>'
        for key, sort, target in links
    )
    marks = f'xmlns="{FORMATS}/package/2006/relationships"'
    return f"<Relationships {marks}>{inner}</Relationships>"


def _types(sheets: int) -> str:
    package, sheet = "application/vnd.openxmlformats-package", "application/vnd.openxmlformats"
    sheet += "-officedocument.spreadsheetml"
    parts = {"/xl/workbook.xml": "sheet.main"} | {
        f"/xl/worksheets/sheet{i}.xml": "worksheet" for i in range(1, sheets + 1)
    }
    inner = "".join(
        f'<Override PartName="{part}" ContentType="{sheet}.{sort}+xml"/>'
        for part, sort in parts.items()
    )
    return (
        f'<Types xmlns="{FORMATS}/package/2006/content-types">'
        f'<Default Extension="rels" ContentType="{package}.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{inner}</Types>'
    )


def _sheet(rows: Sequence[Sequence[object]], merges: Sequence[Merge]) -> str:
    lines = []
    for r, row in enumerate(rows, 1):
        cells = "".join(_cell(_place(r - 1, c), cell) for c, cell in enumerate(row))
        if cells:
            lines.append(f'<row r="{r}">{cells}</row>')
    joined = "".join(
        f'<mergeCell ref="{_place(top, left)}:{_place(bottom, right)}"/>'
        for top, left, bottom, right in merges
    )
    joined = f'<mergeCells count="{len(merges)}">{joined}</mergeCells>' if merges else ""
    marks = f'xmlns="{FORMATS}/spreadsheetml/2006/main"'
    return f"<worksheet {marks}><sheetData>{''.join(lines)}</sheetData>{joined}</worksheet>"


def _cell(place: str, cell: object) -> str:
    if cell is None or cell == "":
        return ""
    if isinstance(cell, int | float):
        return f'<c r="{place}"><v>{cell!r}</v></c>'
    text = f'<t xml:space="preserve">{xml_escape(str(cell))}</t>'
    return f'<c r="{place}" t="inlineStr"><is>{text}</is></c>'


def _place(row: int, column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, left = divmod(column - 1, 26)
        letters = chr(65 + left) + letters
    return f"{letters}{row + 1}"
