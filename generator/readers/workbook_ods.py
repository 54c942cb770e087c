"""Where formulas failed in a workbook of LibreOffice: asked for only when the file says that one did."""

from __future__ import annotations

from typing import IO
from xml.etree import ElementTree as ET

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_MOST = 16_384  #: so many times a failed cell is noted, when it says that it stands there more often


def failed_cells(stream: IO[bytes]) -> dict[str, dict[tuple[int, int], str]]:
    """The cells that show an error, by the name of their sheet; rows and columns from 0."""
    found: dict[str, dict[tuple[int, int], str]] = {}
    sheet, row = "", 0
    for event, element in ET.iterparse(stream, events=("start", "end")):  # noqa: S314  (it fetches nothing, and expands no bomb)
        if event == "start" and element.tag == f"{_TABLE}table":
            sheet, row = element.get(f"{_TABLE}name", ""), 0
        elif event == "end" and element.tag == f"{_TABLE}table-row":
            times = int(element.get(f"{_TABLE}number-rows-repeated", "1"))
            for column, text in _failed(element):
                for again in range(min(times, _MOST)):
                    found.setdefault(sheet, {})[row + again, column] = text
            row += times
            element.clear()
    return found


def _failed(row: ET.Element) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    column = 0
    for cell in row:
        if not cell.tag.endswith("table-cell"):
            continue
        times = int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
        if cell.get(f"{_CALC}value-type") == "error":
            text = "".join(cell.find(f"{_TEXT}p").itertext()) if cell.find(f"{_TEXT}p") is not None else ""  # type: ignore[union-attr]  # asked for in the same line
            found += [(column + again, text or "#N/A") for again in range(min(times, _MOST))]
        column += times
    return found
