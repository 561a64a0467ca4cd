"""A house without channels, and eyes for the paper it makes."""

import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from bot.clock import SetClock
from bot.flows.house import House
from bot.settings import Settings
from store.engine import Store


@pytest.fixture
def house(store: Store, now: datetime) -> House:
    return House(store, SetClock(now), {}, (Settings().scripts / "ladder.yaml").read_text(encoding="utf-8"))


@pytest.fixture
def read_pdf() -> Callable[[Path], str]:
    """Every word of a bundle's paper, without spaces."""

    def read(folder: Path) -> str:
        if shutil.which("pdftotext") is None:
            pytest.skip("pdftotext is not installed")
        run = subprocess.run(["pdftotext", "-raw", folder / "evidence.pdf", "-"], capture_output=True, check=True)
        return "".join(run.stdout.decode().split())

    return read
