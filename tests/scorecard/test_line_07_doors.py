"""Line 7: webhooks replayed, forged, to the wrong URL, of 10 MB; and no start without secrets."""

import io
import json
from typing import Any

import pytest
from scorecard_estate import fill
from scorecard_kinds import BOTH
from scorecard_world import World
from sqlalchemy import func, select

from channels.sandbox.credentials import DEFAULT
from store import core

UPDATE = {
    "update_id": 77, "message": {"message_id": 5, "date": 1_790_000_000, "text": "你好",
                                 "chat": {"id": 7000000001, "type": "private"},
                                 "from": {"id": 7000000001, "is_bot": False, "first_name": "王样本"}},
}  # fmt: skip
BARE = {"TELEGRAM_TOKEN": "123:abc", "TELEGRAM_SECRET": ""}
UNSAFE = (
    BARE,
    {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": ""},
    {"WECHAT_APPID": "wx1", "WECHAT_SECRET": "s", "WECHAT_TOKEN": "", "WECHAT_AES_KEY": ""},
)


@pytest.mark.parametrize("kind", BOTH)
async def test_line_07_closed_doors(world: World, figure: object) -> None:
    async with world:
        await world.meet(await fill(world.store, 3))
        await world.serves()
        before = await heard(world)
        doors = await refusals(world)
        assert await heard(world) == before
        taken = [await telegram(world, json.dumps(UPDATE).encode(), DEFAULT.telegram_secret) for _ in range(3)]
        kept = await heard(world)
        codes = [await unsafe_start(world, lacking) for lacking in UNSAFE]
    figure(7, f"{len(doors)} bad callbacks answered {sorted(set(doors.values()))}, nothing changed; "
              f"3 replays kept once; {len(codes)} starts without secrets refused")  # fmt: skip
    assert set(doors.values()) <= {401, 403, 413}
    assert doors["10 MB"] == 413
    assert taken == [200, 200, 200]
    assert kept[0] == before[0] + 1
    assert codes == [1, 1, 1]


async def heard(world: World) -> tuple[int, int]:
    """How much is in the book: words, receipts."""
    tables = (core.inbound, core.provider_event)
    counts = [(await world.rows(select(func.count()).select_from(table)))[0][0] for table in tables]
    return int(counts[0]), int(counts[1])


async def refusals(world: World) -> dict[str, int]:
    door = f"http://127.0.0.1:{world.port}/hooks"
    body = json.dumps(UPDATE).encode()
    found = {
        "telegram without secret": await telegram(world, body, ""),
        "telegram with a wrong secret": await telegram(world, body, "guess"),
        "10 MB": await telegram(world, io.BytesIO(b"x" * 10_000_000), DEFAULT.telegram_secret),
    }
    async with world.http.post(f"{door}/twilio/inbound", data={"MessageSid": "SM1", "From": "+8619000000000"}) as r:
        found["twilio unsigned"] = r.status
    form = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    async with world.http.post(f"{door}/twilio/status", data=form, headers={"X-Twilio-Signature": "AAAA"}) as r:
        found["twilio forged"] = r.status
    found["twilio signed for another URL"] = await elsewhere(world)
    async with world.http.post(f"{door}/wechat?signature=0&timestamp=1&nonce=2", data=b"<xml></xml>") as r:
        found["wechat forged"] = r.status
    async with world.http.post(f"{door}/wechat", data=b"<xml></xml>") as r:
        found["wechat unsigned"] = r.status
    return found


async def telegram(world: World, body: Any, secret: str) -> int:
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
    async with world.http.post(f"http://127.0.0.1:{world.port}/hooks/telegram", data=body, headers=headers) as reply:
        return reply.status


async def elsewhere(world: World) -> int:
    """A true signature, but over the URL of another message."""
    from twilio.request_validator import RequestValidator

    url = f"http://127.0.0.1:{world.port}/hooks/twilio/status"
    form = {"MessageSid": "SM2", "MessageStatus": "delivered"}
    signature = RequestValidator(DEFAULT.twilio_auth_token).compute_signature(url, form)
    headers = {"X-Twilio-Signature": signature}
    async with world.http.post(f"{url}?our_id=abc", data=form, headers=headers) as reply:
        return reply.status


async def unsafe_start(world: World, lacking: dict[str, str]) -> int:
    """The exit code of a service on real providers that lacks a secret."""
    child = world.begin("serve", fast=False, ENVIRONMENT="production", YINUO_PORT=str(world.port), **lacking)
    return await child.ends(30)
