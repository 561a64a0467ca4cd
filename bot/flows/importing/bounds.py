"""A file is measured before it is read: too large, a zip bomb, encrypted, or no workbook at all is refused."""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from bot.flows.importing.report import Refused
from bot.flows.importing.sentences import sentence

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
        raise Refused(sentence("no_file", name=path.name))
    kind = path.suffix.lower()
    if kind in (".xlsx", ".xlsm"):
        _measure_workbook(path)
    elif kind in (".csv", ".tsv", ".txt"):
        _within(path, MAX_TEXT)
    else:
        raise Refused(sentence("kind_of_file", name=path.name))


def _within(path: Path, limit: int) -> None:
    size = path.stat().st_size
    if size == 0:
        raise Refused(sentence("empty_file", name=path.name))
    if size > limit:
        raise Refused(sentence("file_too_large", name=path.name, size=size // 2**20, limit=limit // 2**20))


def _measure_workbook(path: Path) -> None:
    _within(path, MAX_WORKBOOK)
    with path.open("rb") as file:
        magic = file.read(8)
        if magic == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
            raise Refused(sentence("old_workbook", name=path.name))
        try:
            entries = zipfile.ZipFile(file).infolist()
        except (zipfile.BadZipFile, ValueError, OSError, struct.error) as error:
            raise Refused(sentence("not_a_workbook", name=path.name)) from error
        _measure_entries(path.name, entries)
        if not any(entry.filename.lower().endswith("workbook.xml") for entry in entries):
            raise Refused(sentence("zip_no_workbook", name=path.name))
        budget = MAX_UNPACKED
        for entry in entries:
            budget -= _measure_entry(path.name, file, entry, budget)


def _measure_entries(name: str, entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise Refused(sentence("too_many_parts", name=name, count=len(entries)))
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise Refused(sentence("unpacked_too_large", name=name, limit=MAX_UNPACKED // 2**20))
    for entry in entries:
        if entry.flag_bits & 1:
            raise Refused(sentence("encrypted", name=name))
        if entry.file_size > SMALL and entry.file_size > MAX_RATIO * max(1, entry.compress_size):
            raise Refused(sentence("packed_too_tight", name=name, ratio=MAX_RATIO))


def _measure_entry(name: str, file: BinaryIO, entry: zipfile.ZipInfo, budget: int) -> int:
    """How large the entry really is: the directory of a bomb lies. Sheets are also looked at for far-away cells."""
    sheet = "worksheets/" in entry.filename.lower()
    size, tail, far = 0, b"", False
    for piece in _unpacked(name, file, entry):
        size += len(piece)
        if size > budget or (size > SMALL and size > MAX_RATIO * max(1, entry.compress_size)):
            raise Refused(sentence("unpacks_to_more", name=name))
        if sheet:
            text = tail + piece
            if _UNCALCULATED.search(text):
                raise Refused(sentence("uncalculated", name=name))
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
        raise Refused(sentence("spread_out", name=name, rows=rows, columns=columns))


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
        raise Refused(sentence("damaged", name=name))
    file.seek(sum(struct.unpack("<HH", head[26:30])), 1)
    left = entry.compress_size
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused(sentence("packed_oddly", name=name))
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
        raise Refused(sentence("damaged", name=name)) from error
