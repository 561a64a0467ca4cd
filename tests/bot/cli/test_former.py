"""A flat that was sold: every command reaches the former owner by the account's number, and says that there is one."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from openpyxl import Workbook
from typer.testing import CliRunner

from bot.cli import app

Types = Callable[..., Result]
UNIT = "3-2-1201"


def book(path: Path, owner: str, *charge: object) -> str:
    made = Workbook()
    page = made.active
    assert page is not None
    page.append(["房号", "业主", "手机", "费用名称", "账期", "应收金额", "缴费截止"][: 7 if charge else 3])
    page.append([UNIT, owner, "", *charge])
    made.save(path)
    return path.name


@pytest.fixture
def types(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Types:
    """Types a command in a fresh folder whose community has a flat that was sold with 486 yuan still owed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YINUO_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'yinuo.db'}")

    def run(*words: str, code: int = 0) -> Result:
        told = CliRunner().invoke(app, list(words))
        assert told.exit_code == code, told.output
        return told

    owed = book(tmp_path / "owed.xlsx", "王一", "物业费", "2020Q1", 486, "2020-03-31")
    run("import", owed, "--community", "试验小区", "--as-of", "2020-04-30")
    run("import", book(tmp_path / "sold.xlsx", "李二"), "--accept-owner", UNIT)
    return run


def test_who_sold_is_reached_by_number_and_told_of(types: Types) -> None:
    told = types("person", "export", UNIT)
    assert f"{UNIT}@1" in told.stderr
    assert json.loads(told.stdout)["person"]["name"] == "李二"
    assert json.loads(types("person", "export", f"{UNIT}@1").stdout)["person"]["name"] == "王一"
    assert f"{UNIT}@1" in types("evidence", UNIT, "--out", "now").stderr
    assert json.loads(types("evidence", f"{UNIT}@1", "--out", "then", "--json").stdout)["charges"] == 1
    assert "earlier owners" not in types("person", "export", f"{UNIT}@1").stderr
    assert "still needed" in types("person", "erase", f"{UNIT}@1", code=1).stderr
    assert "¥0.00 still open" in types("pay", f"{UNIT}@1", "486").stdout
    types("person", "erase", f"{UNIT}@1")
    assert json.loads(types("person", "export", UNIT).stdout)["person"]["name"] == "李二"
