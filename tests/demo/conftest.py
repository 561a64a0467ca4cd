"""The demo's stage, set up on a fresh SQLite file."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.demo.stage import Stage, staged
from bot.settings import Settings


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    settings = Settings(
        _env_file=None, environment="sandbox", YINUO_VAR=tmp_path, database_url=f"sqlite:///{tmp_path / 'demo.db'}"
    )
    async with staged(settings, 7, any_port=True) as set_up:
        yield set_up
