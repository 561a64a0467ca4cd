"""The phones page in a real Chromium, against a real sandbox and a service that is a fake."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Route, expect
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from channels.sandbox.page import page_routes

LAPTOP = {"width": 1366, "height": 768}
HAND = {"width": 390, "height": 844}
WANG, LI, CHEN = "oSandbox0000000000000000001", "+8619900000002", "700003"
STAFF, OTHER = "700101", "700102"


def owner(account: int, unit: str, name: str, owed: int, **addresses: str) -> dict[str, Any]:
    contacts = [
        {"channel": channel, "address": address, "name": name, "proved": True, "opted_out": False, "dead": None}
        for channel, address in addresses.items()
    ]
    return {
        "account": account, "unit": unit, "owner": name, "segment": "resident", "community": "样本花园",
        "locale": "zh-Hans", "timezone": "Asia/Shanghai", "owed_fen": owed, "due_fen": owed, "contacts": contacts,
        "next": None,
    }  # fmt: skip


OWNERS = [
    owner(1, "3-2-1201", "王样本", 128_450, wechat=WANG, sms="+8619900000001", telegram="700001"),
    owner(2, "1-1-302", "李样本", 64_200, sms=LI),
    owner(3, "2-1-1801", "陈样本", 0, telegram=CHEN),
]
MIN_GAP = {"code": "MIN_GAP", "until": None, "zh": "距上次联系太近", "en": "too soon after the last contact"}
TIMELINE = {
    "now": "2026-10-12T02:00:00+00:00",
    "entries": [
        {"at": "2026-10-05T02:10:00+00:00", "kind": "sent", "state": "delivered", "step": "due_day",
         "channel": "wechat", "title": {"zh": "到期日", "en": "due day"}, "words": None,
         "detail": {"text": "王样本，您好。", "tries": []}},
        {"at": "2026-10-09T02:10:00+00:00", "kind": "withheld", "state": "skipped", "step": "warm_4", "channel": "sms",
         "title": {"zh": "温和提醒", "en": "warm"},
         "words": {"zh": "业主已承诺缴费，等到那一天", "en": "the owner gave a word"},
         "detail": {"codes": ["PROMISE_OPEN"], "tries": []}},
    ],
    "next": {"decision": "wait", "step": "warm_11", "title": {"zh": "再提醒一次", "en": "warm again"},
             "at": "2026-10-16T01:30:00+00:00", "channels": [], "by_people": [], "next_look": None,
             "reasons": [MIN_GAP]},
}  # fmt: skip
PEOPLE = [
    {"channel": contact["channel"], "address": contact["address"], "name": one["owner"]}
    for one in OWNERS
    for contact in one["contacts"]
]
TEMPLATE = {
    "thing1": {"value": "3-2-1201"}, "amount2": {"value": "1284.50元"}, "time3": {"value": "2026年10月31日"},
    "thing4": {"value": "回复“账单”看明细"},
}  # fmt: skip


def found(request: Request, _: bytes) -> Response:
    words, at = request.query_params.get("search", ""), request.query_params.getlist("at")
    if numbers := request.query_params.getlist("account"):
        return JSONResponse({"owners": [one for one in OWNERS if str(one["account"]) in numbers]})
    places = {f"{c['channel']}:{c['address']}": one for one in OWNERS for c in one["contacts"]}
    if at:
        return JSONResponse({"owners": list({places[p]["account"]: places[p] for p in at if p in places}.values())})
    return JSONResponse({"owners": [one for one in OWNERS if words in one["unit"] + one["owner"]]})


def staff(_request: Request, _: bytes) -> Response:
    people = [("张样本", "assistant", STAFF), ("赵样本", "supervisor", OTHER)]
    told = [
        {"id": number, "name": name, "role": role, "contacts": [{"channel": "telegram", "address": address}]}
        for number, (name, role, address) in enumerate(people, 1)
    ]
    return JSONResponse({"staff": told, "groups": []})


class Stage:
    """A played sandbox: three owners who heard something, a staff group with a card, and who listens."""

    def __init__(self, town: Any, service: Any) -> None:
        self.town = town
        self.service = service
        self.base: str = town.base
        self.group = ""
        self.errors: list[str] = []
        self.contexts: list[BrowserContext] = []

    async def furnish(self) -> None:
        town, heard = self.town, self.service
        heard.answers |= {
            "sandbox/owners": found, "sandbox/staff": staff,
            "sandbox/timeline": lambda *_: JSONResponse(TIMELINE),
            "turn": lambda *_: JSONResponse({"next": None}),
            "wechat": lambda *_: PlainTextResponse("success"),
            "owner-page": lambda *_: HTMLResponse("<h1>应缴 1,284.50</h1>"),
        }  # fmt: skip
        await town.control("people", people=PEOPLE)
        await town.control("listener", tick_url=f"{heard.base}/turn", token="t", pay_url=f"{heard.base}/pay")
        await town.control("webhooks", twilio_inbound=f"{heard.base}/sms", wechat=f"{heard.base}/wechat")
        await self.telegram("setWebhook", url=f"{heard.base}/telegram", secret_token="s")
        group = await town.control(
            "telegram/groups", title="样本花园 · 催缴", members={STAFF: "member", OTHER: "member"}
        )
        self.group = group["id"]

    async def telegram(self, method: str, **params: Any) -> dict[str, Any]:
        answer = await self.town.http.post(f"/telegram/bot{self.town.credentials.telegram_token}/{method}", json=params)
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()
        return result

    async def sms(self, to: str, body: str) -> None:
        account = self.town.credentials
        path = f"/twilio/2010-04-01/Accounts/{account.twilio_account_sid}/Messages.json"
        form = {"To": to, "From": account.twilio_from, "Body": body}
        answer = await self.town.http.post(
            path, data=form, auth=(account.twilio_account_sid, account.twilio_auth_token)
        )
        assert answer.status_code == 201, answer.text

    async def wechat(self, method: str, **data: Any) -> None:
        account, http = self.town.credentials, self.town.http
        asked = {"grant_type": "client_credential", "appid": account.wechat_appid, "secret": account.wechat_secret}
        token = (await http.get("/wechat/cgi-bin/token", params=asked)).json()["access_token"]
        answer = await http.post(f"/wechat/cgi-bin/{method}", params={"access_token": token}, json=data)
        assert answer.json()["errcode"] == 0, answer.text

    async def speak(self) -> None:
        """A reminder to each phone and a card in the group."""
        page = f"{self.service.base}/owner-page"
        await self.wechat(
            "message/template/send", touser=WANG, template_id="SANDBOX-FEE-NOTICE", url=page, data=TEMPLATE
        )
        await self.sms(LI, "【样本花园】李样本，您好。1-1-302 本季物业费642元今天到期，回复“账单”看明细，回复TD退订。")
        keys = [[{"text": "我下周交", "callback_data": "p:7"}, {"text": "看明细", "callback_data": "d:7"}]]
        text = "陈样本，您好。\n2-1-1801 三季度物业费 1,020 元已到期。什么时候方便？"
        await self.telegram("sendMessage", chat_id=int(CHEN), text=text, reply_markup={"inline_keyboard": keys})
        card = "🔔 承诺未兑现 · 3-2-1201 王**\n答应 10月10日 缴 642 元，没有到账。"
        keys = [[{"text": "认领", "callback_data": "c:1:0"}, {"text": "已联系", "callback_data": "k:1:0"}]]
        await self.telegram("sendMessage", chat_id=int(self.group), text=card, reply_markup={"inline_keyboard": keys})

    def heard(self, name: str) -> list[str]:
        return [body.decode() for body in self.service.bodies(name)]


@pytest.fixture
async def stage(open_town: Callable[..., Any], service: Any, tmp_path: Path) -> AsyncIterator[Stage]:
    async with open_town(tmp_path / "sandbox", pages=page_routes()) as town:
        town.world.clock.set("2026-10-12T02:00:00+00:00")
        stage = Stage(town, service)
        await stage.furnish()
        await stage.speak()
        yield stage
        for context in stage.contexts:
            await context.close()
        assert stage.errors == []


async def opened(browser: Browser, stage: Stage, size: dict[str, int], *, first: bool = False, zh: bool = True) -> Page:
    """The page at rest; any error of its scripts fails the test."""
    context = await browser.new_context(viewport=size, locale="zh-CN" if zh else "en-GB")  # type: ignore[arg-type]
    stage.contexts.append(context)
    page = await context.new_page()
    page.on("pageerror", lambda error: stage.errors.append(str(error)))
    if not first:
        await page.add_init_script("localStorage.setItem('yinuo.toured', '1')")
    await page.goto(stage.base + "/")
    await expect(page.locator("body")).to_have_attribute("data-ready", "true")
    return page


def log(page: Page, channel: str) -> Any:
    return page.locator(f"#phone-{channel} .log")


async def overflow(page: Page) -> tuple[int, int]:
    """By how many pixels the page could be scrolled, across and down."""
    root = "document.scrollingElement"
    across, down = await page.evaluate(
        f"[{root}.scrollWidth - innerWidth, Math.max({root}.scrollHeight, document.body.scrollHeight) - innerHeight]"
    )
    return int(across), int(down)


async def shown(page: Page, *selectors: str) -> list[bool]:
    return [await page.locator(selector).is_visible() for selector in selectors]


PARTS = ("#people", "#phone-wechat", "#phone-sms", "#phone-telegram", "#staff", "#timeline")


async def test_a_laptop_shows_everything_without_scrolling_the_page(browser: Browser, stage: Stage) -> None:
    page = await opened(browser, stage, LAPTOP)
    assert await shown(page, *PARTS, "#sentences", "#pay", "#clock") == [True] * 9
    across, down = await overflow(page)
    assert across <= 0
    assert down <= 0
    await expect(log(page, "wechat").locator(".card dd").nth(1)).to_have_text("1284.50元")
    await expect(log(page, "sms").locator(".foot").last).to_contain_text("1 段 · UCS-2")
    await expect(log(page, "telegram").locator(".keys button").first).to_have_text("我下周交")
    await expect(page.locator("#staff .bubble").last).to_contain_text("承诺未兑现")
    await expect(page.locator("#timeline")).to_contain_text("业主已承诺缴费")
    await expect(page.locator("#timeline")).to_contain_text("距上次联系太近")


async def test_in_the_hand_one_thing_is_shown_at_a_time_and_tabs_choose_it(browser: Browser, stage: Stage) -> None:
    page = await opened(browser, stage, HAND)
    for number, name in enumerate(("people", "wechat", "sms", "telegram", "staff", "timeline")):
        await page.locator(f'#tabs [data-tab="{name}"]').click()
        assert await shown(page, *PARTS) == [place == number for place in range(6)]
        across, down = await overflow(page)
        assert across <= 0, name
        assert down <= 0, name
    await page.keyboard.press("ArrowRight")
    await expect(page.locator('#tabs [data-tab="people"]')).to_have_attribute("aria-selected", "true")


async def test_what_is_typed_reaches_the_service_and_stands_on_the_phone(browser: Browser, stage: Stage) -> None:
    page = await opened(browser, stage, LAPTOP)
    for channel in ("wechat", "sms", "telegram"):
        field = page.locator(f"#phone-{channel} textarea")
        await field.fill("下周五交")
        await field.press("Enter")
        await expect(log(page, channel).locator(".mine .bubble").last).to_contain_text("下周五交")
    assert any("<Content><![CDATA[下周五交]]></Content>" in body for body in stage.heard("wechat"))
    assert "%E4%B8%8B%E5%91%A8%E4%BA%94%E4%BA%A4" in stage.heard("sms")[-1]
    assert json.loads(stage.heard("telegram")[-1])["message"]["text"] == "下周五交"


async def test_a_deed_lets_a_few_seconds_pass_so_that_the_service_can_answer(browser: Browser, stage: Stage) -> None:
    page = await opened(browser, stage, LAPTOP)
    await page.locator("#phone-sms textarea").fill("你好")
    await page.keyboard.press("Enter")
    await expect(log(page, "sms").locator(".theirs .foot")).to_contain_text("已送达")
    for _ in range(100):
        if (passed := stage.town.world.clock.now().isoformat()) == "2026-10-12T02:00:04+00:00":
            break
        await asyncio.sleep(0.05)
    assert passed == "2026-10-12T02:00:04+00:00"


async def test_a_ready_sentence_lands_in_the_phone_in_hand(browser: Browser, stage: Stage) -> None:
    page = await opened(browser, stage, LAPTOP)
    await page.locator("#phone-sms .log").click()
    await page.locator("#sentences button").first.click()
    await expect(page.locator("#phone-sms textarea")).to_have_value("我欠多少钱？")
    await expect(page.locator("#phone-sms .count")).to_have_text("1 · UCS-2")


async def test_a_press_is_heard_the_message_is_edited_in_place_and_the_answer_is_shown(
    browser: Browser, stage: Stage
) -> None:
    page = await opened(browser, stage, LAPTOP)
    await log(page, "telegram").get_by_role("button", name="我下周交").click()
    query = await until_heard(stage, "telegram")
    assert query["callback_query"]["data"] == "p:7"
    number = query["callback_query"]["message"]["message_id"]
    keys = {"inline_keyboard": [[{"text": "确定", "callback_data": "y:7"}]]}
    text = "10月19日（周一）缴 1,020 元，对吗？"
    await stage.telegram("editMessageText", chat_id=int(CHEN), message_id=number, text=text, reply_markup=keys)
    await stage.telegram(
        "answerCallbackQuery", callback_query_id=query["callback_query"]["id"], text="记下了", show_alert=True
    )
    await expect(log(page, "telegram").locator(".bubble")).to_have_count(1)
    await expect(log(page, "telegram").locator(".bubble")).to_contain_text("已编辑")
    await expect(log(page, "telegram").locator(".keys button")).to_have_text("确定")
    await expect(page.locator("#phone-telegram .popup")).to_contain_text("记下了")


async def until_heard(stage: Stage, name: str, count: int = 1) -> dict[str, Any]:
    """The service's newest callback there, once there are so many."""
    for _ in range(500):
        if len(stage.heard(name)) >= count:
            break
        await asyncio.sleep(0.02)
    told: dict[str, Any] = json.loads(stage.heard(name)[-1])
    return told


async def test_a_card_is_pressed_by_staff_and_by_an_outsider(browser: Browser, stage: Stage) -> None:
    page = await opened(browser, stage, LAPTOP)
    staff = page.locator("#staff")
    await staff.get_by_role("button", name="认领").click()
    assert (await until_heard(stage, "telegram"))["callback_query"]["from"]["id"] == int(STAFF)
    await staff.locator("select").select_option(label="外人")
    await expect(staff.locator("textarea")).to_be_disabled()
    await staff.get_by_role("button", name="认领").click()
    last = await until_heard(stage, "telegram", 2)
    assert str(last["callback_query"]["from"]["id"]) not in (STAFF, OTHER)
    await staff.get_by_role("tab", name="私聊").click()
    await expect(staff.locator(".log")).to_contain_text("还没有消息")


async def test_a_private_answer_to_a_press_leaves_a_dot_and_is_one_tap_away(browser: Browser, stage: Stage) -> None:
    page = await opened(browser, stage, LAPTOP)
    staff = page.locator("#staff")
    await staff.get_by_role("button", name="认领").click()
    await until_heard(stage, "telegram")
    await stage.telegram("sendMessage", chat_id=int(STAFF), text="怎么了结？")
    await expect(staff.locator("#view-private")).to_have_class("fresh")
    await page.get_by_role("button", name="已私聊 · 去看").click()
    await expect(staff.locator(".log")).to_contain_text("怎么了结？")
    await expect(staff.locator("#view-private")).not_to_have_class("fresh")


async def test_wecom_keeps_the_stars_of_a_masked_name(browser: Browser, stage: Stage) -> None:
    page = await opened(browser, stage, LAPTOP)
    await page.locator("#view-wecom").click()
    path = f"/wecom/cgi-bin/webhook/send?key={stage.town.credentials.wecom_robot_key}"
    for kind, text in (("text", "冯** D*** **两户**"), ("markdown", "**三户**：冯**、李** 和 D*** 共 **2** 件")):
        answer = await stage.town.http.post(path, json={"msgtype": kind, kind: {"content": text}})
        assert answer.json()["errcode"] == 0, answer.text
    bubbles = page.locator("#staff .bubble")
    await expect(bubbles).to_have_text(["冯** D*** **两户**", "三户：冯**、李** 和 D*** 共 2 件"])


async def test_the_line_to_write_in_has_no_scrollbar_up_to_three_lines(browser: Browser, stage: Stage) -> None:
    for size, tab in ((LAPTOP, None), (HAND, "wechat")):
        page = await opened(browser, stage, size)
        if tab:
            await page.locator(f'#tabs [data-tab="{tab}"]').click()
        field = page.locator("#phone-wechat textarea")
        ask = "node => [getComputedStyle(node).overflowY, node.scrollHeight - node.clientHeight]"
        for lines in (0, 1, 2, 3):
            await field.fill("\n".join("一" * min(lines, 1) for _ in range(lines)))
            assert await field.evaluate(ask) == ["hidden", 0], (size, lines)
        await field.fill("\n".join("一二三四五六"))
        assert (await field.evaluate(ask))[0] == "auto"


def long_turn(stage: Stage) -> asyncio.Event:
    """The next turn of a day stays at half past one until this is set."""
    gate, long = asyncio.Event(), "2026-10-12T05:30:00+00:00"

    async def turned(_request: Request, body: bytes) -> Response:
        if json.loads(body)["now"] < long:
            return JSONResponse({"next": long})
        await gate.wait()
        return JSONResponse({"next": None})

    stage.service.answers["turn"] = turned
    return gate


async def test_news_of_the_clock_is_not_undone_by_an_answer_that_was_asked_for_before(
    browser: Browser, stage: Stage
) -> None:
    gate, held, late = long_turn(stage), asyncio.Event(), asyncio.Event()
    page = await opened(browser, stage, LAPTOP)

    async def answered_late(route: Route) -> None:
        answer = await route.fetch()
        if route.request.method == "GET":
            held.set()
            await late.wait()
        await route.fulfill(response=answer)

    await page.route("**/control/clock", answered_late)
    await stage.town.control("clock", freeze=True)
    await held.wait()
    await page.locator('[data-turn="day"]').click()
    await expect(page.locator("#clock time")).to_contain_text("13:30")
    async with page.expect_response("**/control/clock"):
        late.set()
    await page.evaluate("new Promise(requestAnimationFrame)")
    await expect(page.locator("#clock time")).to_contain_text("13:30")
    gate.set()
    await expect(page.locator("#clock time")).to_contain_text("2026年10月13日")


async def test_a_long_turn_shows_how_far_it_has_come(browser: Browser, stage: Stage) -> None:
    gate = long_turn(stage)
    page = await opened(browser, stage, LAPTOP)
    await page.locator('[data-turn="day"]').click()
    await expect(page.locator("#clock time")).to_contain_text("13:30")
    await expect(page.locator("#clock .hands")).to_have_class("hands busy")
    await stage.sms(LI, "【样本花园】李样本，您好。")
    await expect(page.locator("#clock")).to_contain_text("已发 1 条")
    gate.set()
    await expect(page.locator("#clock time")).to_contain_text("2026年10月13日")
    await expect(page.locator("#clock")).not_to_contain_text("已发")


async def test_the_clock_is_turned_and_what_comes_is_seen_without_reload(browser: Browser, stage: Stage) -> None:
    page = await opened(browser, stage, LAPTOP)
    await expect(page.locator("#clock time")).to_contain_text("10:00")
    await page.locator('[data-turn="hour"]').click()
    await expect(page.locator("#clock time")).to_contain_text("11:00")
    await page.locator('[data-turn="day"]').click()
    await expect(page.locator("#clock time")).to_contain_text("2026年10月13日")
    assert stage.town.world.clock.now().isoformat() == "2026-10-13T03:00:00+00:00"
    assert stage.heard("turn")
    await stage.sms(OWNERS[0]["contacts"][1]["address"], "【样本花园】王样本，您好。")
    await expect(page.locator("#phone-sms .caption")).to_contain_text("3-2-1201")
    await expect(log(page, "sms")).to_contain_text("王样本，您好")
    await expect(page.locator("#people .list")).to_contain_text("刚收到消息")


async def test_running_starts_and_stops(browser: Browser, stage: Stage) -> None:
    page = await opened(browser, stage, LAPTOP)
    await page.locator("#clock .run").click()
    await expect(page.locator("#clock .run")).to_have_attribute("aria-pressed", "true")
    await expect(page.locator("#clock time")).to_contain_text("10月13日", timeout=10_000)
    await page.locator("#clock .stop").click()
    await expect(page.locator("#clock .run")).to_have_attribute("aria-pressed", "false")
    assert stage.town.world.turner.rate == 0


async def test_the_tour_has_five_steps_and_comes_once(browser: Browser, stage: Stage) -> None:
    page = await opened(browser, stage, LAPTOP, first=True)
    for number in range(1, 6):
        await expect(page.locator(".step small")).to_have_text(f"{number} / 5")
        await page.locator(".step .main").click()
    await expect(page.locator(".tour")).to_have_count(0)
    await page.reload()
    await expect(page.locator("body")).to_have_attribute("data-ready", "true")
    await expect(page.locator(".tour")).to_have_count(0)


async def test_the_language_is_switched_and_kept(browser: Browser, stage: Stage) -> None:
    page = await opened(browser, stage, LAPTOP, zh=False)
    await expect(page.locator("#pay")).to_contain_text("¥1,284.50 due")
    await expect(page.locator("#timeline")).to_contain_text("too soon after the last contact")
    await page.set_viewport_size(HAND)  # type: ignore[arg-type]
    right = "nodes => Math.max(...nodes.map(node => node.getBoundingClientRect().right))"
    assert await page.locator("#clock button, #clock select").evaluate_all(right) <= HAND["width"]
    await page.set_viewport_size(LAPTOP)  # type: ignore[arg-type]
    await page.locator("#tool-language").click()
    await expect(page.locator("#pay")).to_contain_text("到期 ¥1,284.50")
    await page.reload()
    await expect(page.locator("#pay")).to_contain_text("缴全部 ¥1,284.50")
    assert await page.locator("html").get_attribute("lang") == "zh-Hans"


async def test_somebody_is_found_by_unit_or_name_and_the_phones_become_theirs(browser: Browser, stage: Stage) -> None:
    page = await opened(browser, stage, LAPTOP)
    await page.keyboard.press("/")
    await page.keyboard.type("1-1-302")
    await expect(page.locator("#people .person")).to_have_count(1)
    await page.keyboard.press("Enter")
    await expect(page.locator("#phone-sms .caption")).to_contain_text("1-1-302 李样本")
    await expect(page.locator("#phone-telegram .invite")).to_contain_text("李样本 没有 Telegram")
    await page.locator('input[type="search"]').fill("陈")
    await expect(page.locator("#people .person")).to_contain_text("2-1-1801")


async def test_paying_in_full_in_part_by_collection_and_a_bounce(browser: Browser, stage: Stage) -> None:
    page = await opened(browser, stage, LAPTOP)
    pay = page.locator("#pay")
    await pay.get_by_role("button", name="缴全部 ¥1,284.50").click()
    await expect(page.locator(".toast").last).to_contain_text("3-2-1201 缴了 ¥1,284.50")
    await pay.get_by_role("button", name="部分").click()
    await page.locator("dialog input").fill("300")
    await page.keyboard.press("Enter")
    await expect(page.locator(".toast").last).to_contain_text("¥300")
    await pay.get_by_role("button", name="银行托收").click()
    await page.locator("dialog input").fill("2")
    await page.keyboard.press("Enter")
    await expect(page.locator(".toast").last).to_contain_text("2 天后到账")
    await pay.get_by_role("button", name="退票").click()
    await expect(page.locator(".toast").last).to_contain_text("¥300 被退回")
    paid = [(one["amount_fen"], one["way"], one["arrived"]) for one in stage.town.stage.payday.all()]
    assert paid == [
        (128_450, "wechat_pay", True), (30_000, "transfer", True), (128_450, "bank_collection", False),
        (-30_000, "transfer", True),
    ]  # fmt: skip


async def test_the_pay_panel_says_what_each_button_pays_and_the_debt_that_is_left(
    browser: Browser, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(OWNERS[0], "owed_fen", 142_082)
    monkeypatch.setitem(OWNERS[0], "due_fen", 72_506)
    page = await opened(browser, stage, LAPTOP)
    pay = page.locator("#pay")
    await expect(pay.locator("header")).to_contain_text("到期 ¥725.06 · 全部 ¥1,420.82")
    await expect(pay.get_by_role("button", name="缴全部 ¥1,420.82")).to_be_visible()
    monkeypatch.setitem(OWNERS[0], "owed_fen", 69_576)
    monkeypatch.setitem(OWNERS[0], "due_fen", 0)
    await pay.get_by_role("button", name="缴到期 ¥725.06").click()
    await expect(pay.locator("header")).to_contain_text("欠 ¥695.76，未到期")
    await expect(pay.locator("button.main")).to_have_text(["缴全部 ¥695.76", ""])
    assert [one["amount_fen"] for one in stage.town.stage.payday.all()] == [72_506]


async def test_pay_panel_timeline_and_list_speak_of_one_account_while_phones_follow(
    browser: Browser, stage: Stage
) -> None:
    page = await opened(browser, stage, LAPTOP)
    await expect(page.locator("#timeline header b")).to_have_text("3-2-1201 王样本")
    template = {"touser": "oSandbox0000000000000000002", "template_id": "SANDBOX-FEE-NOTICE", "data": TEMPLATE}
    second = owner(4, "5-2-901", "赵样本", 9_900, wechat="oSandbox0000000000000000002")
    OWNERS.append(second)
    try:
        await stage.town.control("people", people=[{"channel": "wechat", "address": template["touser"]}])
        await stage.wechat("message/template/send", **template)
        await expect(page.locator("#timeline header b")).to_have_text("5-2-901 赵样本")
        await expect(page.locator("#pay header b")).to_have_text("5-2-901")
        await expect(page.locator('.person[aria-pressed="true"] .unit').first).to_have_text("5-2-901")
    finally:
        OWNERS.remove(second)


async def test_a_phone_blocks_opts_out_and_changes_its_number(browser: Browser, stage: Stage) -> None:
    page = await opened(browser, stage, LAPTOP)
    await page.locator("#phone-telegram .bar .quiet").click()
    await page.get_by_role("menuitem", name="拉黑机器人").click()
    await expect(page.locator("#phone-telegram .mark")).to_contain_text("已拉黑")
    await page.locator("#phone-sms .bar .quiet").click()
    await page.get_by_role("menuitem", name="发“退订”").click()
    await expect(page.locator("#phone-sms .mark")).to_contain_text("已退订")
    await page.locator("#phone-sms .bar .quiet").click()
    await page.get_by_role("menuitem", name="换号码").click()
    await page.locator("dialog input").fill("+8619900000099")
    await page.keyboard.press("Enter")
    await expect(page.locator(".toast").last).to_contain_text("+8619900000099")
    assert stage.town.world.people.get("sms", "+8619900000099")["dead"] is None
    await expect(page.locator("#phone-sms .caption")).to_contain_text("1-1-302 李样本")


async def test_a_payment_slip_a_voice_and_a_sticker_are_sent(browser: Browser, stage: Stage) -> None:
    page = await opened(browser, stage, LAPTOP)
    phone = page.locator("#phone-telegram")
    for word in ("缴费截图", "语音", "表情"):
        await phone.locator(".composer .quiet").click()
        await phone.get_by_role("button", name=word, exact=True).click()
        await expect(phone.locator(".tray")).to_be_hidden()
    await expect(log(page, "telegram").locator("img.photo")).to_have_count(1)
    await expect(log(page, "telegram").locator(".voice")).to_have_count(1)
    await expect(log(page, "telegram").locator(".sticker")).to_have_count(1)
    kinds = [set(json.loads(body)["message"]) & {"photo", "voice", "sticker"} for body in stage.heard("telegram")]
    assert kinds == [{"photo"}, {"voice"}, {"sticker"}]


async def test_a_template_card_leads_to_the_owners_page_inside_the_phone(browser: Browser, stage: Stage) -> None:
    page = await opened(browser, stage, LAPTOP)
    await log(page, "wechat").get_by_role("button", name="查看详情").click()
    await expect(page.frame_locator(".browser iframe").locator("h1")).to_have_text("应缴 1,284.50")
    await page.keyboard.press("Escape")
    await expect(page.locator(".browser")).to_have_count(0)


async def test_a_fault_is_armed_and_taken_away(browser: Browser, stage: Stage) -> None:
    page = await opened(browser, stage, LAPTOP)
    await page.locator("#tool-faults").click()
    await page.locator("dialog select").nth(1).select_option("telegram")
    await page.get_by_role("button", name="就位").click()
    await expect(page.locator(".armed")).to_contain_text("已受理，应答丢失 · Telegram")
    armed = stage.town.world.faults.list()
    assert [(one["point"], one["channel"], one["times"]) for one in armed] == [("accept_then_lose", "telegram", 1)]
    await page.get_by_role("button", name="撤掉").click()
    await expect(page.locator(".armed")).to_contain_text("没有安排故障")


async def test_reset_asks_first_and_then_empties_the_phones(browser: Browser, stage: Stage) -> None:
    stage.service.answers["sandbox/reset"] = lambda *_: PlainTextResponse("no such door", 404)
    page = await opened(browser, stage, LAPTOP)
    await page.locator("#tool-reset").click()
    await page.locator("dialog").get_by_role("button", name="重来").click()
    await expect(page.locator(".toast").last).to_contain_text("手机已清空")
    await expect(page.locator("#phone-wechat .card")).to_have_count(0)
    assert stage.town.world.people.all() == []


async def test_without_a_service_the_page_says_so_and_the_phones_still_work(
    browser: Browser, open_town: Callable[..., Any], tmp_path: Path
) -> None:
    async with open_town(tmp_path / "alone", pages=page_routes()) as town:
        await town.control("people", people=PEOPLE)
        context = await browser.new_context(viewport=LAPTOP, locale="zh-CN")  # type: ignore[arg-type]
        page = await context.new_page()
        await page.add_init_script("localStorage.setItem('yinuo.toured', '1')")
        await page.goto(town.base + "/")
        await expect(page.locator("#people .note")).to_contain_text("还没有服务接上")
        await page.locator("#phone-wechat textarea").fill("有人吗")
        await page.keyboard.press("Enter")
        await expect(log(page, "wechat").locator(".mine")).to_contain_text("有人吗")
        await context.close()


async def test_markup_in_a_message_stays_text(browser: Browser, stage: Stage) -> None:
    page = await opened(browser, stage, LAPTOP)
    await stage.sms(LI, "<img src=x onerror=\"document.title='bad'\"> &lt;b&gt;")
    await expect(log(page, "sms").locator(".bubble").last).to_contain_text("<img src=x onerror=")
    assert await page.title() == "一诺 · 舞台"
