"""A folder in which somebody types the commands of the README, each in a process of its own."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HOME = Path(__file__).parents[3]
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
        """Types a command; ``told`` is what is typed when it asks."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("YINUO")}
        env |= {"YINUO_PORT": "18470", "PYTHONPATH": str(HOME), "COLUMNS": "200", **environment}
        done = subprocess.run(
            [sys.executable, "-m", "bot", *words], cwd=self.folder, env=env, input=told, text=True,
            capture_output=True, check=False, timeout=120,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return Said(done.returncode, done.stdout, done.stderr)


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
