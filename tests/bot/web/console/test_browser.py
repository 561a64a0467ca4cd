"""The console in a real browser: what an admin does with it, told as stories."""

import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from bot.flows.dispatch import drain
from bot.flows.plan import plan
from bot.serving import serving
from store import core
from store.ledger import insert_row

PASSWORD = "a-good-password"
WARM = "reminders/warm_4/zh-Hans.md"
FORMAL = "reminders/formal_31/zh-Hans.md"
SHOTS = Path(__file__).parents[4] / "docs" / "screenshots"


@pytest.fixture
async def address(place: Any) -> AsyncIterator[str]:
    async with serving(place.app, "127.0.0.1", 0) as port:
        yield f"http://127.0.0.1:{port}"


async def sign_in(browser: Browser, address: str, name: str, *, wide: int = 1440, lang: str = "en-GB") -> Page:
    context = await browser.new_context(viewport={"width": wide, "height": 900}, locale=lang)
    page = await context.new_page()
    await page.goto(f"{address}/console")
    await page.fill("input[name=name]", name)
    await page.fill("input[name=password]", PASSWORD)
    await page.click("button.primary")
    await page.goto(f"{address}/console/language?to={'en' if lang.startswith('en') else 'zh'}")
    return page


async def add_words(page: Page, words: str) -> None:
    await page.locator("#body").evaluate(
        "(box, words) => { box.value += words; box.dispatchEvent(new Event('input')); }", words
    )


async def test_an_admin_sees_three_phones_change_and_is_told_what_may_not_be_said(
    browser: Browser, address: str
) -> None:
    page = await sign_in(browser, address, "supervisor one")
    await page.goto(f"{address}/console/words")
    await page.click(f'a[href$="{WARM}"]')
    phones = {name: page.locator(f".phone.{name} .talk") for name in ("wechat", "sms", "telegram")}
    for phone in phones.values():
        await expect(phone).to_contain_text("486")
    await expect(page.locator(".phone.sms small")).to_contain_text("segment")
    await expect(page.locator("#problems")).to_contain_text("nothing wrong")
    await add_words(page, "祝您一切顺利。")
    await expect(phones["telegram"]).to_contain_text("祝您一切顺利")
    await expect(page.locator(".phone.sms small")).to_contain_text("has its own wording")
    for channel in ("sms", "wechat"):
        await page.goto(f"{address}/console/words/edit/{WARM.replace('.md', f'.{channel}.md')}")
        await add_words(page, "祝您一切顺利。")
        await expect(phones[channel]).to_contain_text("祝您一切顺利")
    await page.goto(f"{address}/console/words/edit/{WARM}")
    await page.select_option("#reader", label="markup in a name")
    await expect(phones["telegram"]).to_contain_text("<b>{{ total }}</b>")
    await add_words(page, "\n再不缴就停水。")
    await expect(page.locator(".problem[data-rule=cut_services]")).to_contain_text("九百四十四")
    await expect(page.locator("#gutter b.bad")).to_have_count(1)
    await page.reload()
    await add_words(page, "{{ secret }}")
    await expect(page.locator(".problem[data-rule=unknown_slot]")).to_be_visible()
    await page.reload()
    await add_words(page, "律师函已经发出。")
    await expect(page.locator("#problems .problem").first).to_be_visible()
    await page.reload()
    await page.locator("#body").press("Control+End")
    await page.locator("#body").press_sequentially("{{ tot")
    await expect(page.locator("#offers li").first).to_have_text("total")
    await page.locator("#body").press("Enter")
    assert (await page.locator("#body").input_value()).endswith("{{ total|money }}")


async def test_an_admin_publishes_a_message_says_it_and_one_press_takes_it_back(
    browser: Browser, address: str, place: Any
) -> None:
    page = await sign_in(browser, address, "supervisor one")
    await page.goto(f"{address}/console/words/edit/{WARM}")
    await add_words(page, "祝您一切顺利。\n")
    await page.click("#save")
    await expect(page.locator(".said.good")).to_contain_text("draft is saved")
    await page.fill("input[name=why]", "warmer")
    await page.click("#publish")
    await expect(page.locator(".said.good")).to_contain_text("Published as version")
    await page.goto(f"{address}/console")
    await page.click("text=Look it over and release")
    await page.click("text=Work it out anew")
    await page.check("input[name=seen]")
    await page.click("button.primary")
    await expect(page.locator(".said.good")).to_contain_text("Released")
    await plan(place.house)
    await drain(place.house)
    assert any("祝您一切顺利" in out.text for out in place.house.channels["telegram"].sent)
    await page.goto(f"{address}/console/words/edit/{WARM}")
    await page.click("#rollback")
    await expect(page.locator(".said.good")).to_contain_text("Taken back")
    assert "祝您一切顺利" not in await page.locator("#body").input_value()


async def test_the_second_person_publishes_a_formal_step(browser: Browser, address: str) -> None:
    author = await sign_in(browser, address, "supervisor one")
    await author.goto(f"{address}/console/words/edit/{FORMAL}")
    await add_words(author, "多谢您。\n")
    await author.click("#save")
    await author.fill("input[name=why]", "politer")
    await expect(author.locator("#publish")).to_have_text("Hand to a second person")
    await author.click("#publish")
    await expect(author.locator(".said.good")).to_contain_text("Handed to a second person")
    second = await sign_in(browser, address, "head one")
    await second.click("text=Wording reminders/formal_31")
    await expect(second.locator("#diff")).to_contain_text("多谢您")
    await second.fill("input[name=why]", "agreed")
    await second.click("#publish")
    await expect(second.locator(".said.good")).to_contain_text("Published as version")


async def test_of_two_admins_at_once_the_second_is_shown_the_firsts(browser: Browser, address: str) -> None:
    one = await sign_in(browser, address, "supervisor one")
    two = await sign_in(browser, address, "supervisor two")
    for page in (one, two):
        await page.goto(f"{address}/console/words/edit/{WARM}")
    await add_words(one, "先来的话。\n")
    await one.click("#save")
    await expect(one.locator(".said.good")).to_be_visible()
    await add_words(two, "后到的话。\n")
    await two.click("#save")
    await expect(two.locator(".said.warn")).to_contain_text("supervisor one saved this draft")
    await expect(two.locator("main")).to_contain_text("先来的话")
    await expect(two.locator("main")).to_contain_text("后到的话")


async def test_a_change_of_the_ladder_is_simulated_then_saved(browser: Browser, address: str) -> None:
    page = await sign_in(browser, address, "head one")
    await page.goto(f"{address}/console/ladder")
    await page.fill('input[name="steps.warm_4.day"]', "8")
    await page.click("#simulate")
    await expect(page.locator(".lead")).to_contain_text("Tomorrow")
    await expect(page.locator("svg.chart polyline")).to_have_count(2)
    await page.fill("input[name=why]", "later")
    await page.click("button.primary")
    await expect(page.locator(".said.good")).to_contain_text("in force")
    await expect(page.locator('input[name="steps.warm_4.day"]')).to_have_value("8")


async def test_a_broken_workbook_is_mended_in_the_page_and_written(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["房号", "业主", "费用名称", "账期", "应收金额", "缴费截止"])
    sheet.append(["9-1-101", "周新", "物业费", "2026Q3", "三百多", "2026-10-31"])
    book.save(tmp_path / "broken.xlsx")
    page = await sign_in(browser, address, "accountant one")
    await page.goto(f"{address}/console/import")
    await page.set_input_files("input[type=file]", tmp_path / "broken.xlsx")
    await page.click("main button.primary")
    await expect(page.locator(".badcell input")).to_have_value("三百多")
    await page.fill(".badcell input", "312.50")
    await page.click("#mend")
    await page.click("#write")
    await expect(page.locator(".said.good")).to_contain_text("Imported")
    await page.goto(f"{address}/console/owners?q=9-1-101")
    await expect(page.locator("main")).to_contain_text("¥312.50")


async def test_the_first_list_is_looked_over_and_released(browser: Browser, address: str, place: Any) -> None:
    page = await sign_in(browser, address, "supervisor one")
    await page.get_by_role("link", name="Look it over and release").click()
    await page.get_by_role("button", name="Work it out anew").click()
    await expect(page.locator("tbody tr").first).to_be_visible()
    await drain(place.house)
    assert not any(channel.sent for channel in place.house.channels.values())
    await page.check("input[name=seen]")
    await page.locator("form.accent button.primary").click()
    await expect(page.locator(".said.good")).to_contain_text("Released")
    await page.goto(f"{address}/console/first-list")
    await expect(page.locator("main")).to_contain_text("Released on")
    place.house.clock.at += timedelta(minutes=30)
    await drain(place.house)
    assert any(channel.sent for channel in place.house.channels.values())


async def test_the_front_desk_is_refused_what_is_not_its_to_do(browser: Browser, address: str) -> None:
    page = await sign_in(browser, address, "front_desk one")
    await expect(page.locator("nav.side")).not_to_contain_text("People")
    await page.goto(f"{address}/console/people")
    await expect(page.locator("[role=alert]")).to_contain_text("Your role may not do this")
    await page.goto(f"{address}/console/words/edit/{WARM}")
    await expect(page.locator("#save")).to_have_count(0)


async def test_on_a_phone_no_page_is_wider_than_the_screen(browser: Browser, address: str, place: Any) -> None:
    page = await sign_in(browser, address, "admin one", wide=390)
    for path in ("", "/owners", f"/owners/{place.accounts[4]}", "/messages", "/cases", "/words",
                 f"/words/edit/{WARM}", "/ladder", "/figures", "/people", "/import", "/settings"):  # fmt: skip
        await page.goto(f"{address}/console{path}")
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 391, (path, wide)


async def live_a_little(place: Any) -> None:
    """An owner is reminded, answers, and gives a word: so that the pictured account has a history."""
    house, account, now = place.house, place.accounts[4], place.house.clock.now()
    async with house.store.write() as conn:
        await conn.execute(core.community.update().values(released_at=now))
    await plan(house)
    await drain(house)
    async with house.store.write() as conn:
        person = (await conn.execute(select(core.account.c.person_id).where(core.account.c.id == account))).scalar_one()
        await insert_row(
            conn, core.inbound,
            {"provider": "telegram", "event_key": "1", "sender_index": b"x", "sender_sealed": b"x", "person_id": person,
             "kind": "text", "text": "这几天手头紧，下周五发了工资就缴，可以吗", "detail": "{}", "intent": "promise",
             "received_at": now + timedelta(minutes=18), "handled_at": now, "tries": 0, "reason": ""},
        )  # fmt: skip
        await insert_row(
            conn, core.promise,
            {"account_id": account, "person_id": person, "amount_fen": 49_000, "owed_fen": 49_000,
             "due_on": (now + timedelta(days=9)).date(), "state": "open", "made_at": now + timedelta(minutes=19),
             "judge_at": now + timedelta(days=12), "channel": "telegram"},
        )  # fmt: skip
    house.clock.at = now + timedelta(hours=2)


async def test_the_pages_of_the_readme_are_pictured(browser: Browser, address: str, place: Any) -> None:
    wanted = {
        "words": f"/words/edit/{WARM}", "account": f"/owners/{place.accounts[4]}", "ladder": "/ladder",
    }  # fmt: skip
    missing = {name: path for name, path in wanted.items() if not (SHOTS / f"console-{name}.png").exists()}
    shown = wanted if os.environ.get("SCREENSHOTS") == "1" else missing
    await live_a_little(place)
    page = await sign_in(browser, address, "admin one", lang="zh-CN")
    SHOTS.mkdir(parents=True, exist_ok=True)
    for name, path in shown.items():
        await page.goto(f"{address}/console{path}")
        if name == "words":
            await expect(page.locator(".phone.telegram .talk")).to_contain_text("486")
        await page.screenshot(path=SHOTS / f"console-{name}.png", full_page=name != "ladder")
    assert all((SHOTS / f"console-{name}.png").exists() for name in wanted)
