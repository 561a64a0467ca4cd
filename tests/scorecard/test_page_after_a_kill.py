"""Killed where an answer was lost, started again: the phones page shows what is uncertain and how it was resolved."""

import signal
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect
from scorecard_estate import fill
from scorecard_world import World
from sqlalchemy import select

from store import core


@pytest.fixture
def kind() -> str:
    """The page reads the same from either database."""
    return "sqlite"


@pytest.mark.xdist_group("browser")
async def test_the_page_shows_the_uncertain_one_and_how_it_was_resolved(world: World, browser: Browser) -> None:
    async with world:
        residents = await fill(world.store, 2, channels=("sms", "telegram"))
        await world.meet(residents)
        await world.plan()
        await world.control("faults", point="accept_then_lose", probability=1.0, seed=7)
        worker = world.begin("work", kill=("at_last_answer", 2))
        assert await worker.ends(60) == -signal.SIGKILL
        await world.until(both_accepted(world), 10)

        service = await world.serves("--with-worker")
        page = await opened(browser, world)
        await choose(page, residents[1].unit)
        await expect(page.locator("#timeline .tile.uncertain")).to_have_count(1)
        assert "不确定" in await page.locator("#timeline .tile.uncertain").inner_text()

        await world.control("clock", forward=300)
        await world.until(sms_is_known(world), 30)
        await choose(page, residents[0].unit)
        assert "送达" in await resolution(page, "短信")  # the carrier's own receipt

        assert await world.begin("settle", str(await number(world, "telegram")), "sent").ends(60) == 0
        await choose(page, residents[1].unit)
        assert "由 cli 核实" in await resolution(page, "Telegram")
        assert await accepted(world) == {"sms": 1, "telegram": 1}
        service.send(signal.SIGTERM)
        assert await service.ends(30) == 0


async def accepted(world: World) -> dict[str, int]:
    taken = world.accepted()
    return {channel: sum(n for (c, _to), n in taken.items() if c == channel) for channel in ("sms", "telegram")}


async def number(world: World, channel: str) -> int:
    return int((await world.rows(select(core.message.c.id).where(core.message.c.channel == channel)))[0].id)


def both_accepted(world: World) -> Any:
    """A sandbox that is busy may write down what it took a moment after the call was given up."""

    async def both() -> bool:
        return await accepted(world) == {"sms": 1, "telegram": 1}

    return both


def sms_is_known(world: World) -> Any:
    async def known() -> bool:
        rows = await world.rows(select(core.message.c.state).where(core.message.c.channel == "sms"))
        return rows[0].state in ("accepted", "delivered")

    return known


async def opened(browser: Browser, world: World) -> Page:
    page = await browser.new_page(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    await page.add_init_script("localStorage.setItem('yinuo.toured', '1')")
    await page.goto(f"http://127.0.0.1:{world.port + 1}/")
    await expect(page.locator("body")).to_have_attribute("data-ready", "true")
    return page


async def choose(page: Page, unit: str) -> None:
    """Searches a unit and takes its phone in the hand."""
    await page.locator("#people input[type=search]").fill(unit)
    await page.locator("#people li button", has_text=unit).first.click()


async def resolution(page: Page, channel: str) -> str:
    """What the timeline tells of the tries of the one message sent over a channel."""
    sent = page.locator("#timeline .tile.sent", has_text=channel)
    await expect(sent).to_have_count(1, timeout=20_000)
    await sent.click()
    told = await page.locator(".told .tries").inner_text()
    await page.keyboard.press("Escape")
    return told
