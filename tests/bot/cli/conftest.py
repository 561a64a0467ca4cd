"""A folder in which somebody types the commands of the README, each through the very command line."""

import contextlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from typer.testing import CliRunner

from bot.cli import app

NAME = "锦绣花园"
TODAY = "2026-11-22"


@dataclass(frozen=True, slots=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one object on standard output."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Office:
    """A property office's folder."""

    folder: Path

    def types(self, *words: str, told: str = "", **environment: str) -> Said:
        """Types a command; ``told`` is what is typed when it asks. A fault that is no sentence fails the test."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("YINUO")}
        kept |= {"YINUO_PORT": "18470", "COLUMNS": "200", **environment}
        with contextlib.chdir(self.folder), patch.dict(os.environ, kept, clear=True):
            done = CliRunner().invoke(app, list(words), input=told)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Said(done.exit_code, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The README's own path: the sample, imported."""
    office = Office(tmp_path_factory.mktemp("office"))
    assert office.types("sample", "d", "--today", TODAY).code == 0
    said = office.types("import", "d/yinuo-sample.xlsx", "--community", NAME)
    assert said.code == 0, said.err
    assert "written: " in said.out
    return office.folder


@pytest.fixture
def office(imported: Path, tmp_path: Path) -> Office:
    """An office that has imported the sample."""
    shutil.copytree(imported, tmp_path / "office")
    return Office(tmp_path / "office")


@pytest.fixture
def new_office(tmp_path: Path) -> Office:
    """An office that has nothing yet."""
    return Office(tmp_path)
