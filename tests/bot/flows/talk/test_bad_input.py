"""Any bytes from any channel: one friendly answer or none, never a crash, never a stuck conversation."""

from typing import Any

import pytest

from store import core

BAD = [
    *(
        "",
        " ",
        "\x00\x01\x02",
        "\u202e\u202d\u200f",
        "😀😀😀",
        "👍🏽",
        "a" * 10_000,
        "欠" * 10_000,
        "&amp;&lt;![CDATA[x]]>",
    ),
    *("{{ 7*7 }}{% for x in y %}", "<script>alert(1)</script>", "'; DROP TABLE person; --", '{"a": [1, {"b": null}]}'),
    *("[]", "q:1:yes", "m:balance", "q:-1:no", "\ud83d", "0" * 300, "99", "１２３４５６", "-" * 50, "../../etc/passwd"),
    *(
        "%s%n%x",
        "13900000001" * 3,
        "二〇二六年十三月四十五号交",
        "2月30号交",
        "交" * 300,
        "1e999元下周五交",
        "NULL",
        "\n\n\n",
    ),
    *("绑定", "验证码：", "/start", "/unknown thing"),
]


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_any_text_gets_one_answer_or_none_and_the_talk_goes_on(estate: Any, channel: str) -> None:
    await estate.owner(phone="77", channel=channel, trust="proved")
    for text in BAD:
        for sender in ("77", "stranger"):
            said = await estate.hears(text, sender=sender, channel=channel)
            assert len(said) <= 1, text
            assert not any("{{" in words or "49" in words.replace("3-2-1201", "") for words in said), said
        estate.later(hours=2)
    assert "486元" in (await estate.hears("请问我欠多少钱", sender="77", channel=channel))[0]
    assert await estate.all(core.promise) == []


KINDS = (
    *("press", "start", "scan", "help", "follow", "picture", "voice", "sticker", "file", "location", "subscribed"),
    *("other", "text"),
)


async def test_any_kind_of_event_with_any_text_is_survived(estate: Any) -> None:
    await estate.owner(phone="77", channel="telegram", trust="proved")
    for kind in KINDS:
        for text in ("", "q:9:9", "q:1:99999999999", "m:nothing", "qrscene_", "{{x}}"):
            assert len(await estate.hears(text, sender="77", channel="telegram", kind=kind)) <= 1
        assert len(await estate.hears("{{x}}", sender="stranger", channel="telegram", kind=kind)) <= 1
        estate.later(hours=2)
    assert "486元" in (await estate.hears("请问我欠多少钱", sender="77", channel="telegram"))[0]


async def test_any_event_in_mid_question_leaves_the_question_answerable(estate: Any) -> None:
    await estate.owner(phone="77", channel="telegram", trust="proved")
    await estate.hears("下周五交", sender="77", channel="telegram")
    for text in ("", "😀", "怎么缴", "谢谢"):
        await estate.hears(text, sender="77", channel="telegram")
    await estate.hears("", sender="77", channel="telegram", kind="sticker")
    await estate.hears("好的", sender="77", channel="telegram")
    assert len(await estate.all(core.promise)) == 1
