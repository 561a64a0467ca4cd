"""A file is measured before it is read: too large, a zip bomb, encrypted, or no workbook at all is refused."""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from bot.flows.importing.report import Refused

MAX_WORKBOOK = 100 * 2**20
MAX_TEXT = 150 * 2**20
MAX_UNPACKED = 300 * 2**20
MAX_RATIO = 200
MAX_ENTRIES = 5_000
MAX_CELLS = 40_000_000
SMALL = 2**20
"""An entry below this may shrink as well as it likes: style sheets do."""

_PLACE = rb"(?:[A-Za-z]{3}\d|[A-Za-z]{1,2}(?:\d{7}|[2-9]\d{5}))"
_FAR = re.compile(rb"""\br\s*=\s*["']""" + _PLACE)
_FAR_AS_USUAL = re.compile(rb"""r=\s*["']""" + _PLACE)
"""The same where no program wrote a blank before an =: searched three times as fast."""
_UNUSUAL = (b" =", b"\n", b"\r", b"\t")
_WHERE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,7})(\d{1,10})["']""")
_UNCALCULATED = re.compile(rb"</f>\s*(?:</c>|<v\s*/>|<v></v>)")


def measure(path: Path) -> None:
    """Raises Refused, in one sentence with the remedy, when the file must not be read."""
    if not path.is_file():
        raise Refused(f"{path.name}: there is no such file")
    kind = path.suffix.lower()
    if kind in (".xlsx", ".xlsm"):
        _measure_workbook(path)
    elif kind in (".csv", ".tsv", ".txt"):
        _within(path, MAX_TEXT)
    else:
        raise Refused(f"{path.name}: not an XLSX or CSV file; save it as .xlsx or .csv")


def _within(path: Path, limit: int) -> None:
    size = path.stat().st_size
    if size == 0:
        raise Refused(f"{path.name}: the file is empty")
    if size > limit:
        raise Refused(f"{path.name}: {size // 2**20} MB is more than the {limit // 2**20} MB allowed; split the file")


def _measure_workbook(path: Path) -> None:
    _within(path, MAX_WORKBOOK)
    with path.open("rb") as file:
        magic = file.read(8)
        if magic == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
            raise Refused(f"{path.name}: the workbook is encrypted or of the old .xls kind; save it as plain .xlsx")
        try:
            entries = zipfile.ZipFile(file).infolist()
        except (zipfile.BadZipFile, ValueError, OSError, struct.error) as error:
            raise Refused(
                f"{path.name}: not a readable workbook; open it in a spreadsheet and save as .xlsx"
            ) from error
        _measure_entries(path.name, entries)
        if not any(entry.filename.lower().endswith("workbook.xml") for entry in entries):
            raise Refused(f"{path.name}: a zip file, but no workbook in it; save the table as .xlsx")
        budget = MAX_UNPACKED
        for entry in entries:
            budget -= _measure_entry(path.name, file, entry, budget)


def _measure_entries(name: str, entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise Refused(f"{name}: {len(entries)} parts are no workbook of an office; save the tables as a new file")
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise Refused(f"{name}: unpacked it would be over {MAX_UNPACKED // 2**20} MB (a zip bomb?); split the file")
    for entry in entries:
        if entry.flag_bits & 1:
            raise Refused(f"{name}: the file is encrypted; save it without a password")
        if entry.file_size > SMALL and entry.file_size > MAX_RATIO * max(1, entry.compress_size):
            raise Refused(f"{name}: packed more than {MAX_RATIO} to 1 (a zip bomb?); save the table as a new file")


def _measure_entry(name: str, file: BinaryIO, entry: zipfile.ZipInfo, budget: int) -> int:
    """How large the entry really is: the directory of a bomb lies. Sheets are also looked at for far-away cells."""
    sheet = "worksheets/" in entry.filename.lower()
    size, tail, far = 0, b"", False
    for piece in _unpacked(name, file, entry):
        size += len(piece)
        if size > budget or (size > SMALL and size > MAX_RATIO * max(1, entry.compress_size)):
            raise Refused(f"{name}: unpacks to far more than it says (a zip bomb?); save the table as a new file")
        if sheet:
            text = tail + piece
            if _UNCALCULATED.search(text):
                raise Refused(f"{name}: holds formulas without results; open it in a spreadsheet, save, try again")
            far = far or _far(text)
            tail = text[-64:]
    if far:
        _measure_spread(name, file, entry)
    return size


def _far(text: bytes) -> bool:
    """Whether a cell stands far away; a name that merely ends in r may raise a false alarm."""
    search = _FAR if any(mark in text for mark in _UNUSUAL) else _FAR_AS_USUAL
    return search.search(text) is not None


def _measure_spread(name: str, file: BinaryIO, entry: zipfile.ZipInfo) -> None:
    """One cell at the far corner makes a reader set aside room for all cells before it."""
    columns, rows, tail = 0, 0, b""
    for piece in _unpacked(name, file, entry):
        text = tail + piece
        for letters, digits in _WHERE.findall(text):
            columns, rows = max(columns, _column(letters)), max(rows, int(digits))
        tail = text[-64:]
    if columns * rows > MAX_CELLS:
        raise Refused(
            f"{name}: a sheet spreads over {rows} rows and {columns} columns; delete the stray far-away cells"
        )


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _unpacked(name: str, file: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The entry's bytes as they really unpack, piece by piece."""
    file.seek(entry.header_offset)
    head = file.read(30)
    if len(head) < 30 or not head.startswith(b"PK\x03\x04"):
        raise Refused(f"{name}: the workbook is damaged; open it in a spreadsheet and save it anew")
    file.seek(sum(struct.unpack("<HH", head[26:30])), 1)
    left = entry.compress_size
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused(f"{name}: packed in an unusual way; open it in a spreadsheet and save it anew")
    yield from _inflated(name, file, left) if entry.compress_type == zipfile.ZIP_DEFLATED else _stored(file, left)


def _stored(file: BinaryIO, left: int) -> Iterator[bytes]:
    while left > 0 and (piece := file.read(min(left, SMALL))):
        left -= len(piece)
        yield piece


def _inflated(name: str, file: BinaryIO, left: int) -> Iterator[bytes]:
    engine = zlib.decompressobj(-15)
    try:
        for packed in _stored(file, left):
            while packed:
                yield engine.decompress(packed, SMALL)
                packed = engine.unconsumed_tail
        yield engine.flush()
    except zlib.error as error:
        raise Refused(f"{name}: the workbook is damaged; open it in a spreadsheet and save it anew") from error
