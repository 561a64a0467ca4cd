"""What a first visitor sees: the demo's page at day 0 and a day later, drawn for the README."""

import os
import shutil
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from bot.demo.stage import Stage

SHOTS = Path(__file__).parents[2] / "docs" / "screenshots"


async def _open(browser: Browser, stage: Stage, width: int, height: int) -> Page:
    page = await browser.new_page(viewport={"width": width, "height": height})
    await page.goto(stage.base + "/")
    await page.wait_for_timeout(1200)
    await page.keyboard.press("Escape")
    await page.wait_for_timeout(300)
    return page


async def _keep(page: Page, name: str, tmp_path: Path) -> None:
    """The picture for the README, drawn anew where it is missing or SCREENSHOTS is set."""
    taken = tmp_path / name
    await page.screenshot(path=taken)
    assert taken.stat().st_size > 20_000, "the page is nearly empty"
    SHOTS.mkdir(parents=True, exist_ok=True)
    if os.environ.get("SCREENSHOTS") or not (SHOTS / name).exists():
        shutil.copy(taken, SHOTS / name)


@pytest.mark.xdist_group("browser")
async def test_day_0_is_quiet_and_the_next_day_brings_words_to_three_phones(
    browser: Browser, stage: Stage, tmp_path: Path
) -> None:
    laptop = await _open(browser, stage, 1366, 768)
    assert not stage.ledger.read_text() if stage.ledger.exists() else True
    await stage.control("clock", forward=86_400)
    said = stage.ledger.read_text()
    assert all(
        f'"channel": "{name}"' in said or f'"channel":"{name}"' in said for name in ("wechat", "sms", "telegram")
    )
    await laptop.wait_for_timeout(2500)
    assert await laptop.evaluate("document.documentElement.scrollHeight <= window.innerHeight")
    await _keep(laptop, "phones-1366x768.png", tmp_path)
    phone = await _open(browser, stage, 390, 844)
    await phone.wait_for_timeout(1500)
    await _keep(phone, "phones-390x844.png", tmp_path)
