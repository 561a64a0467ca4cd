"""Who is speaking: codes, telephones, shared numbers, tenants; a stranger learns nothing (I9)."""

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.flows.bindcodes import make_codes
from bot.flows.slips import NoFont, find_font, sheet
from bot.flows.talk.binding import bill_code, new_bill_code
from store import core


async def codes(estate: Any) -> list[Any]:
    community = (await estate.all(core.community))[0]
    return await make_codes(estate.house, community, estate.clock.at)


@pytest.mark.parametrize("kind", ["text", "start"])
async def test_a_code_from_the_bill_binds_a_telegram_once(estate: Any, kind: str) -> None:
    await estate.owner()
    slip = (await codes(estate))[0]
    said = await estate.hears(slip.shown if kind == "text" else slip.code, sender="77", channel="telegram", kind=kind)
    assert "3-2-1201" in said[0]
    made = (await estate.all(core.contact))[-1]
    assert (made.channel, made.trust, made.proved_by) == ("telegram", "proved", "bill")
    again = await estate.hears(slip.shown, sender="78", channel="telegram")
    assert "3-2-1201" not in again[0]
    assert len(await estate.all(core.contact)) == 2


async def test_only_a_keyed_hash_of_a_code_is_kept(estate: Any) -> None:
    await estate.owner()
    slip = (await codes(estate))[0]
    row = (await estate.all(core.bind_code))[0]
    assert slip.code.encode() not in row.code_index
    assert row.code_index == estate.store.vault.index("code", slip.code)


async def test_codes_expire_and_new_ones_replace_old_ones(estate: Any) -> None:
    await estate.owner()
    first = (await codes(estate))[0]
    second = (await codes(estate))[0]
    assert "3-2-1201" not in (await estate.hears(first.shown, sender="77", channel="telegram"))[0]
    estate.later(days=31)
    assert "3-2-1201" not in (await estate.hears(second.shown, sender="77", channel="telegram"))[0]


async def test_five_wrong_tries_lock_the_sender_not_the_unit_and_tell_staff(estate: Any) -> None:
    await estate.owner()
    slip = (await codes(estate))[0]
    for n in range(5):
        await estate.hears(f"AAAA-222{n + 2}", sender="66", channel="telegram")
    assert [c.cause for c in await estate.all(core.case_)] == ["code_guessing"]
    assert "3-2-1201" not in "".join(await estate.hears(slip.shown, sender="66", channel="telegram"))
    assert "3-2-1201" in (await estate.hears(slip.shown, sender="77", channel="telegram"))[0]


async def test_after_an_hour_the_lock_is_over(estate: Any) -> None:
    await estate.owner()
    slip = (await codes(estate))[0]
    for n in range(5):
        await estate.hears(f"AAAA-222{n + 2}", sender="66", channel="telegram")
    estate.later(minutes=61)
    assert "3-2-1201" in (await estate.hears(slip.shown, sender="66", channel="telegram"))[0]


async def test_a_telephone_on_the_ledger_is_proved_by_a_code_and_a_strange_one_sounds_the_same(estate: Any) -> None:
    await estate.owner()
    there = await estate.hears("13900000001", sender="77", channel="telegram")
    not_there = await estate.hears("13900000099", sender="78", channel="telegram")
    assert there[-1] == not_there[-1]
    sent = [m for m in await estate.messages() if m.kind == "code"]
    assert [(m.channel, m.priority) for m in sent] == [("sms", 0)]
    code = next(word for word in sent[0].text.replace("，", " ").split() if any(c.isdigit() for c in word))
    code = "".join(c for c in code if c.isdigit())[:6]
    said = await estate.hears(code, sender="77", channel="telegram")
    assert "3-2-1201" in said[0]


async def test_somebody_elses_code_is_of_no_use_to_another_sender(estate: Any) -> None:
    await estate.owner()
    await estate.hears("13900000001", sender="77", channel="telegram")
    await estate.hears("13900000001", sender="78", channel="telegram")
    sent = [m for m in await estate.messages() if m.kind == "code"]
    digits = "".join(c for c in sent[0].text.split("验证码")[1] if c.isdigit())[:6]
    assert "3-2-1201" not in (await estate.hears(digits, sender="78", channel="telegram"))[0]


async def test_one_telephone_gets_three_codes_a_day_whoever_asks(estate: Any) -> None:
    await estate.owner()
    for n in range(6):
        await estate.hears("13900000001", sender=f"8{n}", channel="telegram")
    assert len([m for m in await estate.messages() if m.kind == "code"]) == 3


async def test_two_people_on_one_telephone_are_asked_for_and_never_merged(estate: Any) -> None:
    await estate.owner("3-2-1201", name="王小明")
    two = await estate.owner("5-1-0301", name="李雪", owed=(("management", "2026Q3", 30_000),))
    said = await estate.hears("欠多少钱")
    assert "3-2-1201" in said[0]
    assert "5-1-0301" in said[0]
    assert "486" not in said[0]
    said = await estate.hears("2")
    assert "300元" in said[0]
    assert "486" not in said[0]
    for text in ("下周五交", "1"):
        await estate.hears(text)
    assert [(p.account_id, p.person_id) for p in await estate.all(core.promise)] == [(two.account_id, two.person_id)]


async def test_a_second_flat_is_bound_to_the_same_sender(estate: Any) -> None:
    await estate.owner("3-2-1201", name="王小明")
    await estate.owner("5-1-0301", name="王小明", phone="+8613900000002")
    slips = {slip.unit: slip for slip in await codes(estate)}
    await estate.hears(slips["3-2-1201"].shown, sender="77", channel="telegram")
    assert "5-1-0301" in (await estate.hears(slips["5-1-0301"].shown, sender="77", channel="telegram"))[0]


async def test_a_tenant_sees_nothing_until_the_owner_allows_it(estate: Any) -> None:
    owner = await estate.owner()
    await estate.tenant(owner.account_id, "telegram", "90")
    assert "486" not in (await estate.hears("欠多少", sender="90", channel="telegram"))[0]
    assert len(await estate.hears("允许租客查看")) == 1
    assert "486" in (await estate.hears("欠多少", sender="90", channel="telegram"))[0]
    await estate.hears("不允许租客查看")
    assert "486" not in "".join(await estate.hears("现在欠多少", sender="90", channel="telegram"))


async def test_unbinding_cuts_the_link(estate: Any) -> None:
    await estate.owner(phone="77", channel="telegram", trust="proved")
    assert len(await estate.hears("解绑", sender="77", channel="telegram")) == 1
    assert "486" not in (await estate.hears("欠多少", sender="77", channel="telegram"))[0]


async def test_an_address_from_the_ledger_that_is_no_telephone_is_not_proved_by_speaking(estate: Any) -> None:
    await estate.owner(phone="77", channel="telegram", trust="ledger")
    assert "486" not in (await estate.hears("欠多少", sender="77", channel="telegram"))[0]


def test_a_bill_code_is_told_from_words() -> None:
    for text in ("PAYMENTS", "THANKYOU", "12345678", "tomorrow", "下周五交"):
        assert bill_code(text) is None, text
    for _ in range(200):
        code = new_bill_code()
        assert bill_code(f"绑定 {code[:4].lower()}-{code[4:]} ") == code


async def test_the_slips_are_a_pdf_with_an_embedded_font(
    estate: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, "fontTools")
    await estate.owner()
    slips = await codes(estate)
    assert slips[0].expires_at == estate.clock.at + timedelta(days=30)
    pdf = sheet(slips, "云栖花园", "zh-Hans")
    assert pdf.startswith(b"%PDF")
    assert len(pdf) < 400_000
    with pytest.raises(NoFont, match="fonts-noto-cjk"):
        find_font([str(Path("/nowhere/font.ttc"))])
    rows = await estate.rows(select(core.journal_entry.c.kind).where(core.journal_entry.c.kind == "bind_codes"))
    assert len(rows) == 1
