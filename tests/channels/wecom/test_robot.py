"""The WeCom group robot's wire."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from channels.contract import Button, Forged, Outgoing, Passing, Permanent, RawRequest, Unknown
from channels.wecom.send import WeComRobot, WeComSettings

KEY = "5a4db0c5-0000-4000-8000-000000000001"


@pytest.fixture
async def robot(provider: Any) -> AsyncIterator[WeComRobot]:
    channel = WeComRobot(WeComSettings(KEY, base_url=provider.url, timeout=1.0))
    yield channel
    await channel.close()


def out(**more: Any) -> Outgoing:
    return Outgoing(**({"to": KEY, "text": "您好", "our_id": "a-1"} | more))


async def test_text_goes_with_the_links_of_its_buttons(robot: WeComRobot, provider: Any) -> None:
    provider.will("webhook/send", provider.Reply({"errcode": 0, "errmsg": "ok"}))
    await robot.send(out(buttons=((Button("看", "", url="https://example.org"), Button("认领", "c")),)))
    (asked,) = provider.asked
    assert asked.query == {"key": KEY}
    assert asked.json == {"msgtype": "text", "text": {"content": "您好\n看: https://example.org"}}


@pytest.mark.parametrize(
    ("reply", "kind", "fault"),
    [
        ({"body": {"errcode": 45009}}, Passing, None),
        ({"body": {"errcode": -1}}, Unknown, None),
        ({"body": {"errcode": 93000}}, Permanent, "sender"),
        ({"body": {"errcode": 40058}}, Permanent, "request"),
        ({"body": "<html>"}, Unknown, None),
        ({"status": 502}, Unknown, None),
        ({"status": 429}, Passing, None),
        ({"fault": "hang"}, Unknown, None),
        ({"fault": "reset"}, Unknown, None),
    ],
)
async def test_outcomes_are_told_apart(
    robot: WeComRobot, provider: Any, reply: dict[str, Any], kind: type[Exception], fault: str | None
) -> None:
    provider.will("webhook/send", provider.Reply(**reply))
    with pytest.raises(kind) as caught:
        await robot.send(out())
    assert getattr(caught.value, "fault", None) == fault
    assert KEY not in str(caught.value)
    assert len(provider.asked) == 1


async def test_what_the_robot_cannot_say_is_refused_here(robot: WeComRobot) -> None:
    for one in (out(text="长" * 700), out(picture=b"png")):
        with pytest.raises(Permanent):
            await robot.send(one)


async def test_the_check_asks_with_an_empty_text(robot: WeComRobot, provider: Any) -> None:
    provider.will("webhook/send", provider.Reply({"errcode": 44004}))
    assert "knows" in await robot.check()
    provider.will("webhook/send", provider.Reply({"errcode": 93000}))
    with pytest.raises(Permanent):
        await robot.check()


async def test_a_robot_cannot_be_asked_and_hears_nothing(robot: WeComRobot) -> None:
    assert await robot.settle(out(), None) == ("unknown", None)
    with pytest.raises(Forged):
        robot.hear(RawRequest("POST", "https://example.org", {}, {}, b"{}"), 0)
