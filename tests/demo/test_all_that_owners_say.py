"""On the phones page, typed as an owner on each phone: all an owner can say is heard as it is meant, and answered."""

import asyncio
import re

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from bot.demo.people import households
from bot.demo.stage import Stage
from store.core import inbound, person

SAID = {
    "我现在一共欠多少": ("balance", "未缴"),
    "7月的账单发我看看": ("bill", "账单|未缴|入账|室："),
    "物业费是什么费": ("balance", "物业"),
    "滞纳金怎么算的": ("balance", "违约金"),
    "在哪里交费啊": ("pay_how", "缴费|转账|公众号"),
    "下周五交": ("promise", "周五"),
    "下个月10号先交一半，20号再交剩下的": ("instalments", "20日"),
    "我昨天用支付宝交过了": ("paid_claim", "谢谢|核对|查"),
    "物业费面积算错了，我家没这么大": ("dispute", "核|记"),
    "我下岗了，实在拿不出这笔钱": ("hardship", "谢谢您.*不提醒"),
    "服务这么差，这钱我不会交的": ("refusal", "明白|陈主任"),
    "我要找人工": ("person", "陈主任|同事"),
    "周六下午三点派人来我家看看": ("visit", "上门"),
    "给我开张发票": ("invoice", "开票.*抬头"),
    "厨房水管漏水要报修": ("repair", "报修|维修|漏"),
    "这房子我已经卖掉了": ("sold", "核|记"),
    "业主是我父亲，上个月去世了": ("deceased", "节哀|难过|抱歉"),
    "你们是不是骗子": ("scam", "核实|谨慎"),
    "請用繁體字": ("language", "繁體"),
    "please write in English": ("language", "English"),
    "谢谢啊": ("thanks", "客气|不用谢|您"),
    "你们这帮混蛋吸血鬼": ("abuse", "生气.*找人"),
    "我不是业主，你们发错人了": ("not_me", "对不起|解除"),
    "帮助": ("help", "我能做的"),
    "你好": ("greeting", "您好|你好"),
}
"""What is typed: how it must be heard, and a word the answer must hold. One owner each: no talk disturbs another."""


async def units_on(stage: Stage, channel: str) -> list[str]:
    """Flats of owners of one flat who have this phone and read simplified Chinese."""
    async with stage.house.store.read() as conn:
        plain = set((await conn.execute(select(person.c.id).where(person.c.locale.in_(("", "zh-Hans"))))).scalars())
    homes = [home for who, home in (await households(stage)).items() if who in plain and len(home["accounts"]) == 1]
    return sorted(code for home in homes if channel in home["addresses"] for code in home["accounts"].values())


async def opened(browser: Browser, stage: Stage) -> Page:
    page = await browser.new_page(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    await page.add_init_script("localStorage.setItem('yinuo.toured', '1')")
    await page.goto(stage.base + "/")
    await expect(page.locator("body")).to_have_attribute("data-ready", "true")
    return page


async def types(page: Page, channel: str, unit: str, text: str) -> str:
    """Chooses an owner, types on a phone, waits for the answer on it."""
    await page.locator('input[type="search"]').fill(unit)
    await page.locator("#people .person", has_text=unit).first.click()
    theirs = page.locator(f"#phone-{channel} .log .theirs .bubble")
    await expect(page.locator(f"#phone-{channel} .caption")).to_contain_text(unit)
    before = await theirs.count()
    field = page.locator(f"#phone-{channel} textarea")
    await field.fill(text)
    await field.press("Enter")
    await expect(theirs).not_to_have_count(before, timeout=15_000)
    return await theirs.last.inner_text()


async def heard_as(stage: Stage, channel: str, text: str) -> str:
    """As what the service heard it. The carrier answers an opt word itself, before it tells the service."""
    query = select(inbound.c.intent).where(
        inbound.c.provider == channel, inbound.c.text == text, inbound.c.handled_at.is_not(None)
    )
    async with asyncio.timeout(15):
        while True:
            async with stage.house.store.read() as conn:
                found = (await conn.execute(query)).scalars().all()
            if found:
                return str(found[-1])
            await asyncio.sleep(0.05)


@pytest.mark.xdist_group("browser")
async def test_everything_an_owner_says_on_the_page_is_heard_and_answered(browser: Browser, stage: Stage) -> None:
    page = await opened(browser, stage)
    wrong = []
    for channel in ("wechat", "sms", "telegram"):
        units = (await units_on(stage, channel))[: len(SAID)]
        for unit, (text, (intent, word)) in zip(units, SAID.items(), strict=True):
            answer = await types(page, channel, unit, text)
            heard = await heard_as(stage, channel, text)
            if (text, channel) == ("帮助", "sms"):
                word = "退订"  # 帮助 is answered by the carrier itself
            if heard != intent or not re.search(word, answer, re.DOTALL):
                wrong.append(f"{channel} {text} → {heard}: {answer[:80]}")
    await page.close()
    assert wrong == [], "\n".join(wrong)
