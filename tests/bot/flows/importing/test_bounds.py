"""Files that must not be read are refused in one sentence before they are."""

import io
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from bot.flows.importing import bounds
from bot.flows.importing.report import Refused
from bot.flows.importing.sheets import open_file

ROWS = [["房号", "业主"], ["1-1", "甲"]]


def packed(path: Path, **entries: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", b"<workbook/>")
        for name, content in entries.items():
            book.writestr(name, content)
    return path


def test_a_file_of_200_mb_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "huge.xlsx"
    with path.open("wb") as file:
        file.truncate(200 * 2**20)
    with pytest.raises(Refused, match="200 MB"):
        open_file(path)
    with pytest.raises(Refused, match="200 MB"):
        open_file(path.rename(tmp_path / "huge.csv"))


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="zip bomb"):
        open_file(packed(tmp_path / "bomb.xlsx", **{"xl/worksheets/sheet1.xml": b"0" * 30_000_000}))


def test_a_zip_bomb_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "liar.xlsx", **{"xl/worksheets/sheet1.xml": b"0" * 30_000_000})
    raw = bytearray(path.read_bytes())
    lie = struct.pack("<I", 1000)
    true = struct.pack("<I", 30_000_000)
    path.write_bytes(bytes(raw).replace(true, lie))
    with pytest.raises(Refused, match=r"zip bomb|damaged"):
        open_file(path)


def test_one_cell_at_the_far_corner_is_refused(make_book: Any) -> None:
    path = make_book(表=ROWS)
    book = load_workbook(path)
    book["表"]["XFD1048576"] = "x"
    book.save(path)
    with pytest.raises(Refused, match="far-away"):
        open_file(path)


def test_a_large_honest_sheet_passes(monkeypatch: pytest.MonkeyPatch, make_book: Any) -> None:
    monkeypatch.setattr(bounds, "MAX_CELLS", 1)
    assert open_file(make_book(表=[*ROWS, *([f"1-{n}", "甲"] for n in range(500))]))


def test_an_encrypted_or_old_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    with pytest.raises(Refused, match="encrypted"):
        open_file(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlsx", b"not a zip"),
        ("a.xlsx", b""),
        ("a.csv", b""),
        ("a.pdf", b"%PDF"),
        ("a.csv", b"\x80\xff\xfe\x01\x02\xff"),
        ("a.csv", b"a\0b,c\n"),
        ("a.xls", b"\xd0\xcf"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(name: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Refused) as refusal:
        open_file(path)
    assert "\n" not in str(refusal.value)


def test_a_workbook_cut_short_is_refused(make_book: Any) -> None:
    path = make_book(表=[*ROWS, *([f"1-{n}", "甲"] for n in range(500))])
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Refused):
        open_file(path)


def test_a_workbook_with_a_damaged_sheet_is_refused(make_book: Any) -> None:
    path = make_book(表=ROWS)
    buffer = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            new.writestr(entry.filename, content[:60] if "sheet1" in entry.filename else content)
    path.write_bytes(buffer.getvalue())
    with pytest.raises(Refused):
        for grid in open_file(path):
            list(grid.rows())


def test_formulas_without_results_are_refused_not_read_as_nothing(make_book: Any) -> None:
    with pytest.raises(Refused, match="formulas"):
        open_file(make_book(表=[["房号", "应收金额"], ["1-1", "=100+200"]]))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no such file"):
        open_file(tmp_path / "nowhere.xlsx")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_text_tables_in_every_usual_encoding(encoding: str, mark: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(f"房号{mark}业主\n1-1{mark}甲\n".encode(encoding))
    (grid,) = open_file(path)
    assert list(grid.rows()) == [["房号", "业主"], ["1-1", "甲"]]
