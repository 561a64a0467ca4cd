"""Our channels beside the SDKs as they come, 64 in flight, on a provider that only answers."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from telegram import Bot
from telegram.request import HTTPXRequest
from twilio.rest import Client
from wechatpy import WeChatClient

from bot.bench.provider import provider
from bot.bench.ratio import Watch, alternate
from channels.contract import Channel, Outgoing
from channels.sms.send import SmsChannel, SmsSettings
from channels.telegram.send import TelegramChannel, TelegramSettings
from channels.wechat.send import WeChatChannel, WeChatSettings

IN_FLIGHT = 64
SENT = 600
WORDS = "您好，王小明业主：3-2-1201室 2026年7至9月物业费 ￥486.00，2026年9月30日到期。"

Send = Callable[[int], Awaitable[Any]]


async def measure(rounds: int = 3) -> list[dict[str, Any]]:
    """Rival ÷ ours in time: how many times as fast we are."""
    with provider() as base:
        return [await _telegram(base, rounds), await _sms(base, rounds), await _wechat(base, rounds)]


def in_flight(send: Send, count: int = SENT) -> Callable[[], Awaitable[float]]:
    """So many sends by 64 hands; the seconds they take."""

    async def work() -> float:
        numbers = iter(range(count))
        watch = Watch()
        await asyncio.gather(*(_hand(send, numbers) for _ in range(IN_FLIGHT)))
        return watch.seconds()

    return work


async def _hand(send: Send, numbers: Iterator[int]) -> None:
    for number in numbers:
        await send(number)


def _ours(channel: Channel, to: str, **more: Any) -> Callable[[], Awaitable[float]]:
    return in_flight(lambda number: channel.send(Outgoing(to=to, text=WORDS, our_id=f"{number:032d}", **more)))


def _in_threads(send: Callable[[], Any]) -> Callable[[], Awaitable[float]]:
    return in_flight(lambda _number: asyncio.to_thread(send))


async def _telegram(base: str, rounds: int) -> dict[str, Any]:
    ours = TelegramChannel(TelegramSettings("1:bench", "bench", base, concurrency=IN_FLIGHT))
    async with Bot("1:bench", base_url=f"{base}/bot", request=HTTPXRequest(connection_pool_size=IN_FLIGHT)) as bot:
        theirs = in_flight(lambda _number: bot.send_message("7", WORDS))
        told = await alternate("PTB as it comes ÷ ours", SENT, theirs, _ours(ours, "7"), rounds)
    await ours.close()
    return told.json()


async def _sms(base: str, rounds: int) -> dict[str, Any]:
    sid = "AC" + "0" * 32
    ours = SmsChannel(SmsSettings(sid, "token", "key", "+15005550006", base_url=base, concurrency=IN_FLIGHT))
    client = Client(sid, "token")
    real = client.http_client.request

    def moved(method: str, uri: str, *told: Any, **more: Any) -> Any:
        return real(method, uri.replace("https://api.twilio.com", base), *told, **more)

    client.http_client.request = moved
    theirs = _in_threads(lambda: client.messages.create(to="+8613900000001", from_="+15005550006", body=WORDS))
    told = await alternate("twilio in threads ÷ ours", SENT, theirs, _ours(ours, "+8613900000001"), rounds)
    await ours.close()
    return told.json()


async def _wechat(base: str, rounds: int) -> dict[str, Any]:
    ours = WeChatChannel(WeChatSettings("wx", "secret", "token", base_url=base, concurrency=IN_FLIGHT))
    client = WeChatClient("wx", "secret", access_token="bench")
    client.API_BASE_URL = f"{base}/cgi-bin/"
    fields = {"thing1": "物业费", "amount2": "486.00元"}
    data = {name: {"value": value} for name, value in fields.items()}
    theirs = _in_threads(lambda: client.message.send_template("o1", "t1", data))
    mine = _ours(ours, "o1", template_id="t1", fields=fields)
    told = await alternate("wechatpy in threads ÷ ours", SENT, theirs, mine, rounds)
    await ours.close()
    return told.json()
