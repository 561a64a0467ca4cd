"""A picture somebody sends, fetched through our own channels from the strict fakes."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest

from channels.contract import Library, Passing, Permanent, RawRequest, Unknown
from channels.sms.send import SmsChannel, SmsSettings
from channels.telegram.send import TelegramChannel, TelegramSettings
from channels.wechat.send import WeChatChannel, WeChatSettings

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
ADDRESSES = {"telegram": "5550001", "sms": "+8613800000001", "wechat": "oSandbox0000000000000000001"}
MOST = 2**20


def connect(name: str, base: str, account: Any) -> Any:
    if name == "telegram":
        return TelegramChannel(TelegramSettings(account.telegram_token, "s", base_url=f"{base}/telegram"))
    if name == "sms":
        sid, token = account.twilio_account_sid, account.twilio_auth_token
        return SmsChannel(SmsSettings(sid, token, "k" * 32, from_number="+15005550006", base_url=f"{base}/twilio"))
    appid, secret, token, key = (account.wechat_appid, account.wechat_secret, account.wechat_token,
                                 account.wechat_aes_key)  # fmt: skip
    return WeChatChannel(WeChatSettings(appid, secret, token, key, base_url=f"{base}/wechat"))


@pytest.fixture(params=list(ADDRESSES))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def channel(town: Any, name: str) -> AsyncIterator[Any]:
    channel = connect(name, town.base, town.credentials)
    yield channel
    await channel.close()


async def sent(town: Any, service: Any, channel: Any, name: str, content: bytes = PICTURE) -> str:
    """What our channel hears of a picture: the reference it is fetched by."""
    await town.control("people", people=[{"channel": name, "address": ADDRESSES[name]}])
    await town.control("webhooks", wechat_mode="aes", wechat=f"{service.base}/wechat",
                       twilio_inbound=f"{service.base}/sms")  # fmt: skip
    hook = {"url": f"{service.base}/telegram", "secret_token": "s"}
    await town.http.post(f"/telegram/bot{town.credentials.telegram_token}/setWebhook", data=hook)
    picture = base64.b64encode(content).decode()
    await town.control("say", channel=name, address=ADDRESSES[name], picture=picture)
    _, request, body = [entry for entry in service.heard if entry[0] == name][-1]
    url = f"{service.base}{request.url.path}" + (f"?{request.url.query}" if request.url.query else "")
    raw = RawRequest(request.method, url, dict(request.query_params), dict(request.headers), body)
    said = channel.hear(raw, town.world.unix()).said[0]
    assert said.kind == "picture"
    return str(said.file_id)


async def test_what_was_sent_is_what_is_fetched(town: Any, service: Any, channel: Any, name: str) -> None:
    assert isinstance(channel, Library)
    assert await channel.fetch(await sent(town, service, channel, name), MOST) == PICTURE


async def test_what_is_larger_than_asked_for_is_not_taken(town: Any, service: Any, channel: Any, name: str) -> None:
    file_id = await sent(town, service, channel, name)
    with pytest.raises(Permanent, match="larger"):
        await channel.fetch(file_id, len(PICTURE) - 1)


async def test_what_does_not_exist_is_gone_for_good(channel: Any, town: Any, name: str) -> None:
    account = town.credentials.twilio_account_sid
    unknown = {"telegram": "nope", "wechat": "nope",
               "sms": f"https://api.twilio.com/2010-04-01/Accounts/{account}/Messages/MM1/Media/ME1"}  # fmt: skip
    with pytest.raises(Permanent):
        await channel.fetch(unknown[name], MOST)


async def test_a_provider_that_is_down_is_asked_again_later(town: Any, service: Any, channel: Any, name: str) -> None:
    file_id = await sent(town, service, channel, name)
    await town.control("faults", point="down")
    with pytest.raises((Passing, Unknown)):
        await channel.fetch(file_id, MOST)


@pytest.mark.parametrize("name", ["wechat"], indirect=True)
async def test_wechat_forgets_after_three_days(town: Any, service: Any, channel: Any, name: str) -> None:
    file_id = await sent(town, service, channel, name)
    await town.control("clock", forward=3 * 86_400 - 60)
    assert await channel.fetch(file_id, MOST) == PICTURE
    await town.control("clock", forward=120)
    with pytest.raises(Permanent, match="40007"):
        await channel.fetch(file_id, MOST)


@pytest.mark.parametrize("name", ["wechat"], indirect=True)
async def test_wechat_gives_media_for_a_fresh_token_alone(town: Any, service: Any, channel: Any, name: str) -> None:
    file_id = await sent(town, service, channel, name)
    assert await channel.fetch(file_id, MOST) == PICTURE
    await town.control("wechat/expire")
    assert await channel.fetch(file_id, MOST) == PICTURE
    without = await town.http.get("/wechat/cgi-bin/media/get", params={"media_id": file_id})
    assert without.json()["errcode"] == 41001


@pytest.mark.parametrize("name", ["telegram"], indirect=True)
async def test_telegram_passes_on_no_more_than_twenty_megabytes(
    town: Any, service: Any, channel: Any, name: str
) -> None:
    file_id = await sent(town, service, channel, name, PICTURE + bytes(20 * 2**20))
    with pytest.raises(Permanent, match="too big"):
        await channel.fetch(file_id, 64 * 2**20)


@pytest.mark.parametrize("name", ["telegram"], indirect=True)
async def test_telegrams_address_of_a_file_ends_after_an_hour(town: Any, service: Any, channel: Any, name: str) -> None:
    file_id = await sent(town, service, channel, name)
    token = town.credentials.telegram_token
    path = (await town.http.get(f"/telegram/bot{token}/getFile", params={"file_id": file_id})).json()["result"]
    address = f"/telegram/file/bot{token}/{path['file_path']}"
    assert (await town.http.get(address)).content == PICTURE
    assert (await town.http.get(address.replace(token, "1:wrong"))).status_code == 401
    await town.control("clock", forward=3_700)
    assert (await town.http.get(address)).status_code == 404


@pytest.mark.parametrize("name", ["sms"], indirect=True)
async def test_twilio_proves_who_asks_and_takes_no_credentials_further(
    town: Any, service: Any, channel: Any, name: str
) -> None:
    file_id = await sent(town, service, channel, name)
    path = file_id.replace("https://api.twilio.com", "/twilio")
    assert (await town.http.get(path)).status_code == 401
    account = (town.credentials.twilio_account_sid, town.credentials.twilio_auth_token)
    onward = (await town.http.get(path, auth=account)).headers["location"]
    assert (await town.http.get(onward)).content == PICTURE
    assert (await town.http.get(onward, auth=account)).status_code == 403
    await town.control("clock", forward=4 * 3_600 + 1)
    assert (await town.http.get(onward)).status_code == 403


@pytest.mark.parametrize("name", ["sms"], indirect=True)
async def test_credentials_go_to_our_own_account_alone(channel: Any, name: str) -> None:
    for url in ("https://evil.example/2010-04-01/Accounts/ACother/x", "https://api.twilio.com/other", ""):
        with pytest.raises(Permanent, match="not of this account"):
            await channel.fetch(url, MOST)


@pytest.mark.parametrize("name", ["sms"], indirect=True)
async def test_an_unsafe_onward_address_is_not_followed(service: Any, name: str) -> None:
    from starlette.responses import RedirectResponse

    service.answers["2010-04-01/Accounts/AC1/m"] = lambda _request, _body: RedirectResponse("http://169.254.0.1/")
    channel = SmsChannel(SmsSettings("AC1", "t", "k" * 32, from_number="+1", base_url=service.base))
    with pytest.raises(Permanent, match="no safe address"):
        await channel.fetch("https://api.twilio.com/2010-04-01/Accounts/AC1/m", MOST)
    await channel.close()


async def test_an_unreachable_provider_is_passing_and_its_error_names_no_secret(town: Any, name: str) -> None:
    account = town.credentials
    channel = connect(name, "http://127.0.0.1:9", account)
    with pytest.raises(Passing) as error:
        await channel.fetch(f"https://x/2010-04-01/Accounts/{account.twilio_account_sid}/m", MOST)
    assert not any(s in str(error.value) for s in (account.telegram_token, account.twilio_auth_token))
    await channel.close()
