"""One person's data on the command line: the owner's, or that of somebody else who belongs to the account."""

import json
from pathlib import Path

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner

from bot.cli import app

UNIT = "3-2-1201"


def test_a_co_owner_is_named_and_who_is_not_there_is_answered_with_who_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YINUO_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'yinuo.db'}")
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(["房号", "业主", "共有人"])
    page.append([UNIT, "王一", "李小二"])
    book.save(tmp_path / "units.xlsx")
    types = CliRunner()
    assert types.invoke(app, ["import", "units.xlsx", "--community", "试验小区"]).exit_code == 0
    told = types.invoke(app, ["person", "export", UNIT, "--person", "李小二"])
    assert json.loads(told.stdout)["person"]["name"] == "李小二"
    wrong = types.invoke(app, ["person", "erase", UNIT, "--person", "张三"])
    assert wrong.exit_code == 1
    assert "co_owner 2 (李**)" in wrong.stderr
    assert "李小二" not in wrong.stderr
    theirs = types.invoke(app, ["person", "erase", UNIT, "--person", "co-owner"])
    assert theirs.exit_code == 1
    assert f"--accept-owner {UNIT}" in theirs.stderr
