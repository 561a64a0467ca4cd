"""What every channel promises, held against the sandbox's fake providers through the real SDKs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from aiohttp import ClientSession
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from channels.contract import (
    Button,
    Channel,
    Forged,
    Heard,
    Malformed,
    Outgoing,
    Passing,
    Permanent,
    RawRequest,
    Unknown,
)
from channels.sandbox.app import create_sandbox
from channels.sandbox.credentials import DEFAULT
from channels.sandbox.limits import Limits
from channels.sandbox.wechat_windows import open_window
from channels.sandbox.world import Sandbox
from channels.sms.send import SmsChannel, SmsSettings
from channels.telegram.send import TelegramChannel, TelegramSettings
from channels.wechat.send import WeChatChannel, WeChatSettings
from channels.wecom.app import WeComApp, WeComAppSettings
from channels.wecom.send import WeComRobot, WeComSettings

PHONE, OPENID, CHAT, MEMBER = "+8613800000001", "oABCDEFGHIJKLMNOPQRSTUVWXY12", "5550001", "keeper.zhang"
REPEATERS = ("wechat", "wecom_app")
"""Settled by a repetition the provider swallows."""
FEE = {"thing1": "三季度物业费", "amount2": "￥12.50", "time3": "2026年9月30日", "thing4": "前台或微信"}
SECRETS = (
    *(
        DEFAULT.telegram_token,
        DEFAULT.twilio_auth_token,
        DEFAULT.wechat_secret,
        DEFAULT.wecom_robot_key,
        DEFAULT.wecom_secret,
    ),
    *(PHONE[1:], OPENID, CHAT),
)


@dataclass
class Case:
    """One channel and what to say through it."""

    make: Callable[[str], Channel]
    out: Outgoing
    dead: str
    template: Outgoing | None = None
    hook: str = ""
    dead_fault: str = "address"
    provider: str = ""
    """The sandbox's name for it, where it differs from ours."""


@dataclass
class Stage:
    world: Sandbox
    url: str
    providers: Any
    heard: list[Heard] = field(default_factory=list)
    listener: Channel | None = None

    async def hook(self, request: Request) -> Response:
        assert self.listener is not None
        url = f"{self.url}{request.url.path}{'?' + request.url.query if request.url.query else ''}"
        raw = RawRequest(request.method, url, dict(request.query_params), dict(request.headers), await request.body())
        heard = self.listener.hear(raw, self.world.unix())
        self.heard.append(heard)
        return Response(heard.answer.body, heard.answer.status, media_type=heard.answer.content_type)

    async def control(self, path: str, **data: Any) -> dict[str, Any]:
        async with ClientSession() as session, session.post(f"{self.url}/control/{path}", json=data) as answer:
            assert answer.status == 200, await answer.text()
            told: dict[str, Any] = await answer.json()
            return told

    def ledger(self) -> list[dict[str, Any]]:
        return list(self.world.ledger.lines())


CASES = {
    "telegram": Case(
        make=lambda url: TelegramChannel(
            TelegramSettings(DEFAULT.telegram_token, "hook-secret", base_url=f"{url}/telegram", timeout=1.0)
        ),
        out=Outgoing(CHAT, "您好", "a-1"),
        dead="5559999",
        hook="/hooks/telegram",
    ),
    "sms": Case(
        make=lambda url: SmsChannel(
            SmsSettings(
                DEFAULT.twilio_account_sid,
                DEFAULT.twilio_auth_token,
                "signing-key",
                from_number=DEFAULT.twilio_from,
                base_url=f"{url}/twilio",
                public_url=url,
                second_look_after=0.1,
                timeout=1.0,
            )
        ),
        out=Outgoing(PHONE, "您好", "a-1"),
        dead="+15005550009",
        hook="/hooks/twilio",
    ),
    "wechat": Case(
        make=lambda url: WeChatChannel(
            WeChatSettings(
                DEFAULT.wechat_appid,
                DEFAULT.wechat_secret,
                DEFAULT.wechat_token,
                DEFAULT.wechat_aes_key,
                base_url=f"{url}/wechat",
                timeout=1.0,
            )
        ),
        out=Outgoing(OPENID, "您好", "a-1"),
        dead="oZZZZZZZZZZZZZZZZZZZZZZZZZZ1",
        template=Outgoing(OPENID, "您好", "a-2", template_id="SANDBOX-FEE-NOTICE", fields=FEE),
        hook="/hooks/wechat",
    ),
    "wecom": Case(
        make=lambda url: WeComRobot(WeComSettings(DEFAULT.wecom_robot_key, base_url=f"{url}/wecom", timeout=1.0)),
        out=Outgoing(DEFAULT.wecom_robot_key, "您好", "a-1"),
        dead="5a4db0c5-dead-4000-8000-00005a4db0c5",
        dead_fault="sender",
        hook="/hooks/wecom",
    ),
    "wecom_app": Case(
        make=lambda url: WeComApp(
            WeComAppSettings(
                DEFAULT.wecom_corp_id,
                DEFAULT.wecom_agent_id,
                DEFAULT.wecom_secret,
                DEFAULT.wecom_token,
                DEFAULT.wecom_aes_key,
                base_url=f"{url}/wecom",
                timeout=1.0,
            )
        ),
        out=Outgoing(MEMBER, "您好", "a-1"),
        dead="nobody-of-ours",
        hook="/hooks/wecom",
        provider="wecom",
    ),
}


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """The sandbox on a free port, with a door of ours for its callbacks beside it."""
    app = create_sandbox(tmp_path / "sandbox", seed=7, limits=Limits(on=False), durable=False)
    built = Stage(app.state.sandbox, "", app.state.stage)
    app.router.routes.append(Route("/hooks/{rest:path}", built.hook, methods=["GET", "POST"]))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    built.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    for channel, address in (("telegram", CHAT), ("sms", PHONE), ("wechat", OPENID), ("wecom", MEMBER)):
        built.world.people.meet(channel, address)
    open_window(built.world, OPENID, "text")
    yield built
    server.should_exit = True
    await serving


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


@pytest.fixture
async def channel(case: Case, stage: Stage) -> AsyncIterator[Channel]:
    made = case.make(stage.url)
    stage.listener = made
    yield made
    await made.close()


async def failure(sending: Awaitable[Any], kind: type[Exception]) -> Any:
    with pytest.raises(kind) as caught:
        await sending
    assert type(caught.value) is kind
    for secret in SECRETS:
        assert secret not in str(caught.value)
    return caught.value


async def test_a_text_is_accepted_once(channel: Channel, case: Case, stage: Stage) -> None:
    await channel.send(case.out)
    (line,) = stage.ledger()
    assert (line["channel"], line["to"], line["text"]) == (case.provider or channel.name, case.out.to, "您好")


async def test_a_template_is_accepted_with_our_id(channel: Channel, case: Case, stage: Stage) -> None:
    assert channel.traits.templates == (case.template is not None)
    if case.template is None:
        return
    accepted = await channel.send(case.template)
    (line,) = stage.ledger()
    assert (line["provider_id"], line["our_id"]) == (accepted.provider_id, "a-2")


async def test_a_dead_address_is_refused_for_good(channel: Channel, case: Case, stage: Stage) -> None:
    error = await failure(channel.send(replace(case.out, to=case.dead)), Permanent)
    assert error.fault == case.dead_fault
    assert case.dead not in error.reason
    assert stage.ledger() == []


async def test_a_storm_passes_and_names_its_end(channel: Channel, case: Case, stage: Stage) -> None:
    stage.world.faults.add("storm", retry_after=37, times=1)
    error = await failure(channel.send(case.out), Passing)
    if channel.name == "wechat":
        assert error.until_midnight
    else:
        assert error.retry_after == (60 if "wecom" in channel.name else 37)
    assert stage.ledger() == []
    await channel.send(case.out)


@pytest.mark.parametrize("point", ["accept_then_lose", "cut_answer", "error_though_accepted"])
async def test_a_lost_answer_is_unknown_and_nothing_goes_twice(
    channel: Channel, case: Case, stage: Stage, point: str
) -> None:
    stage.world.faults.add(point, times=1)
    await failure(channel.send(case.out), Unknown)
    assert len(stage.ledger()) == 1


async def test_a_slow_answer_is_unknown(channel: Channel, case: Case, stage: Stage) -> None:
    stage.world.faults.add("slow", seconds=1.4, times=1)
    await failure(channel.send(case.out), Unknown)
    assert len(stage.ledger()) == 1


async def test_an_unknown_send_is_settled_where_the_provider_can_be_asked(
    channel: Channel, case: Case, stage: Stage
) -> None:
    at = stage.world.unix()
    out = replace(case.template or case.out, attempted_at=at)
    stage.world.faults.add("accept_then_lose", times=1)
    await failure(channel.send(out), Unknown)
    verdict, provider_id = await channel.settle(out, None, at + 60)
    (line,) = stage.ledger()
    if channel.traits.can_be_asked:
        assert (verdict, provider_id) == ("accepted", line["provider_id"])
    else:
        assert (verdict, provider_id) == ("unknown", None)


async def test_a_send_that_never_arrived_is_settled_without_a_double(
    channel: Channel, case: Case, stage: Stage
) -> None:
    at = stage.world.unix()
    out = replace(case.template or case.out, attempted_at=at)
    verdicts = [(await channel.settle(out, None, at + 60))[0]]
    await asyncio.sleep(0.15)
    verdicts.append((await channel.settle(out, None, at + 120))[0])
    expected = {"sms": ["unknown", "not_accepted"]} | {name: ["accepted", "accepted"] for name in REPEATERS}
    assert verdicts == expected.get(channel.name, ["unknown", "unknown"])
    assert len(stage.ledger()) == (1 if channel.name in REPEATERS else 0)


async def test_a_provider_that_is_gone_costs_nothing(case: Case) -> None:
    lonely = case.make("http://127.0.0.1:1")
    await failure(lonely.send(case.out), Passing)
    await lonely.close()
    await lonely.close()


async def test_a_closed_channel_opens_again(channel: Channel, case: Case, stage: Stage) -> None:
    await channel.send(case.out)
    await channel.close()
    await channel.send(replace(case.out, text="再见"))
    assert len(stage.ledger()) == 2


async def test_a_forged_callback_is_refused(channel: Channel, case: Case) -> None:
    for method, body in (("POST", b"{}"), ("POST", b""), ("POST", b"\xff<xml>"), ("GET", b""), ("PUT", b"a=b")):
        with pytest.raises((Forged, Malformed)):
            channel.hear(RawRequest(method, f"https://example.org{case.hook}", {}, {}, body), 0)


async def test_the_check_is_a_plain_sentence(channel: Any) -> None:
    sentence = await channel.check()
    assert sentence.endswith(".")
    assert not any(secret in sentence for secret in SECRETS)


async def test_what_an_owner_says_is_heard_through_the_providers_own_signature(
    channel: Channel, case: Case, stage: Stage
) -> None:
    if not channel.traits.two_way:
        return
    if isinstance(channel, TelegramChannel):
        await channel.set_webhook(f"{stage.url}{case.hook}")
    await stage.control("webhooks", **hooks(stage.url))
    for text in ("周五交", "退订"):
        await stage.control("say", channel=case.provider or channel.name, address=case.out.to, text=text)
    said = [one for heard in stage.heard for one in heard.said]
    assert [(one.sender, one.kind, one.text) for one in said] == [
        (case.out.to, "text", "周五交"),
        (case.out.to, "text" if case.provider == "wecom" else "stop", "退订"),
    ]
    assert len({one.event_key for one in said}) == 2


async def test_a_delivered_message_comes_back_as_a_receipt(channel: Channel, case: Case, stage: Stage) -> None:
    if channel.name not in ("sms", "wechat"):
        return
    await stage.control("webhooks", **hooks(stage.url))
    accepted = await channel.send(case.template or case.out)
    await stage.control("clock", forward=60)
    receipts = [one for heard in stage.heard for one in heard.receipts]
    assert receipts[-1].state == "delivered"
    assert {one.provider_id for one in receipts} == {accepted.provider_id}
    assert {one.our_id for one in receipts} == ({"a-1"} if channel.name == "sms" else {""})


def hooks(url: str) -> dict[str, str]:
    return {
        "wechat": f"{url}/hooks/wechat",
        "wechat_mode": "aes",
        "twilio_inbound": f"{url}/hooks/twilio",
        "wecom": f"{url}/hooks/wecom",
    }


@pytest.mark.parametrize(("name", "key"), [("wechat", "wechat"), ("wecom_app", "wecom")])
async def test_the_providers_address_check_is_answered(stage: Stage, name: str, key: str) -> None:
    stage.listener = CASES[name].make(stage.url)
    answer = await stage.control("webhooks", **{key: f"{stage.url}/hooks/{key}"}, verify=True)
    assert "true" in str(answer).lower()
    await stage.listener.close()


async def test_a_press_on_a_card_is_heard_and_the_card_changed(stage: Stage) -> None:
    app = stage.listener = CASES["wecom_app"].make(stage.url)
    await stage.control("webhooks", **hooks(stage.url))
    rows = ((Button("认领", "claim:1"), Button("打开", "", url="https://example.org/case/1")),)
    sent = await app.send(Outgoing(MEMBER, "3号楼有承诺未兑现\n请在今天联系", "case-1", buttons=rows))
    await stage.control("say", channel="wecom", address=MEMBER, message=sent.provider_id, press="claim:1")
    (press,) = [one for heard in stage.heard for one in heard.said]
    assert (press.sender, press.kind, press.text, press.message_id) == (MEMBER, "press", "claim:1", "case-1")
    await app.send(Outgoing(MEMBER, "已由张师傅认领", "case-1b", edits=press.press_id))
    with pytest.raises(Permanent):
        await app.send(Outgoing(MEMBER, "已由张师傅认领", "case-1c", edits=press.press_id))
    await app.close()
