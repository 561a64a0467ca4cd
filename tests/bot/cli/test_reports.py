"""The figures and what people did, by command: each report adds up, and a hand's work is on record at once."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from openpyxl import Workbook
from typer.testing import CliRunner

from bot.cli import app

Types = Callable[..., Result]
UNIT = "3-2-1201"


@pytest.fixture
def types(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Types:
    """Types a command in a fresh folder whose community has two flats, one of which paid a part."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YINUO_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'yinuo.db'}")
    runner = CliRunner()

    def run(*words: str, code: int = 0) -> Result:
        told = runner.invoke(app, list(words))
        assert told.exit_code == code, told.output
        return told

    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "应收"
    page.append(["房号", "业主", "手机", "费用名称", "账期", "应收金额", "缴费截止"])
    page.append([UNIT, "王一", "19900000001", "物业费", "2020Q1", 486, "2020-03-31"])
    page.append(["3-2-1202", "李二", "19900000002", "物业费", "2020Q1", 300, "2020-03-31"])
    book.save(tmp_path / "book.xlsx")
    run("import", "book.xlsx", "--community", "试验小区", "--as-of", "2020-04-30")
    return run


def data(told: Result) -> Any:
    return json.loads(told.stdout)


def test_ageing_adds_up_to_what_is_open(types: Types) -> None:
    told = data(types("report", "ageing", "--json"))
    assert told["open_fen"] == 78_600 == sum(band["fen"] for band in told["bands"])
    assert [band["accounts"] for band in told["bands"] if band["fen"]] == [2]
    assert "786.00" in types("report", "ageing").stdout


def test_the_daily_report_counts_what_came_in_and_what_people_did(types: Types) -> None:
    before = data(types("report", "daily", "--json"))
    assert (before["collected_fen"], before["payments"], before["contacts"]) == (0, 0, {})
    types("pay", UNIT, "86")
    types("contacted", UNIT, "call", "--note", "will look")
    told = data(types("report", "daily", "--json"))
    assert (told["collected_fen"], told["payments"]) == (8_600, 1)
    assert "86" in types("report", "daily").stdout


def test_promises_by_nobody_say_so(types: Types) -> None:
    told = data(types("report", "promises", "--json"))
    assert {key: told[key] for key in ("kept", "partly_kept", "broken", "open")} == dict.fromkeys(
        ("kept", "partly_kept", "broken", "open"), 0
    )
    types("report", "promises", "--by", "moon", code=2)


def test_a_signed_paper_and_a_stand_in_are_on_record(types: Types) -> None:
    told = types("contacted", UNIT, "paper", "--note", "signed by Mrs Wang", "--on", "2020-05-01").stdout
    assert f"yinuo why {UNIT}" in told
    assert "signed by Mrs Wang" in types("account", UNIT).stdout
    types("contacted", UNIT, "pigeon", code=1)
    types("stand-in", UNIT, "王小军", "19900000003", code=1)
    types("stand-in", UNIT, "王小军", "19900000003", "--consent", "folder 3")
    assert "stands in" not in types("stand-in", UNIT, "--end").stdout.replace("nobody stands in", "")
