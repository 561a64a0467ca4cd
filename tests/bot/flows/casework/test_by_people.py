"""What people do without a case: a paper signed for, and who stands in for an owner without a phone."""

from datetime import date, timedelta
from typing import Any

import pytest

from bot.flows.by_people import record_contact
from bot.flows.find import account_named
from bot.flows.ledger import LedgerError
from bot.flows.standins import end_stand_in, name_stand_in
from bot.rules.decision import Code, Reason
from bot.talk.reasons import reason_line, remedy
from bot.talk.staff_commands import Command, read_command
from store import core, ledger

PHONE = "13900000031"


async def found(estate: Any, conn: Any) -> tuple[Any, Any]:
    row = await account_named(conn, "3-2-1201")
    return row, estate.house.town((await ledger.communities(conn))[0])


async def named(estate: Any, **more: str) -> int:
    told = {"name": "王小军", "phone": PHONE, "consent": "consent 003"} | more
    async with estate.house.store.write() as conn:
        row, town = await found(estate, conn)
        return int(await name_stand_in(estate.house, conn, town, row, now=estate.clock.now(), who="test", **told))


async def test_a_consenting_child_hears_the_ladder_and_the_owner_is_called(estate: Any) -> None:
    account = await estate.flat("3-2-1201", due=date(2026, 11, 1))
    person = await named(estate)
    (party,) = await estate.rows(core.account_party, core.account_party.c.account_id == account)
    assert (party.role, party.person_id, party.until) == ("stand_in", person, None)
    assert party.consent == "consent 003", "the paper must be found when somebody asks for it"
    row = (await estate.rows(core.account, core.account.c.id == account))[0]
    assert (await estate.rows(core.person, core.person.c.id == row.person_id))[0].offline
    (contact,) = await estate.rows(core.contact, core.contact.c.person_id == person)
    assert contact.trust == "ledger", "a number told by staff is not proved"
    assert PHONE not in contact.masked
    entries = await estate.rows(core.journal_entry, core.journal_entry.c.kind == "stand_in")
    assert [entry.subject for entry in entries] == [f"account:{account}"]
    with pytest.raises(LedgerError, match="already"):
        await named(estate, name="王小红")
    async with estate.house.store.write() as conn:
        row, _town = await found(estate, conn)
        assert await end_stand_in(conn, row, estate.clock.now(), who="test") == 1
        assert await end_stand_in(conn, row, estate.clock.now(), who="test") == 0
    assert not (await estate.rows(core.person, core.person.c.id == row.person_id))[0].offline


@pytest.mark.parametrize("lacking", ["name", "phone", "consent"])
async def test_without_name_number_or_consent_nobody_stands_in(estate: Any, lacking: str) -> None:
    await estate.flat("3-2-1201")
    with pytest.raises(LedgerError):
        await named(estate, **{lacking: " "})
    assert await estate.rows(core.account_party) == []


async def test_a_signed_paper_is_on_record_with_its_proof(estate: Any) -> None:
    account = await estate.flat("3-2-1201")
    async with estate.house.store.write() as conn:
        row, town = await found(estate, conn)
        now = estate.clock.now()
        with pytest.raises(LedgerError, match="lies ahead"):
            await record_contact(conn, town, row, "paper", now, on=town.today(now) + timedelta(days=1))
        with pytest.raises(LedgerError, match="no way of contact"):
            await record_contact(conn, town, row, "pigeon", now)
        await record_contact(conn, town, row, "paper", now, on=date(2026, 11, 20), content="signed", proof=b"scan")
    (kept,) = await estate.rows(core.human_contact, core.human_contact.c.account_id == account)
    assert (kept.way, kept.content, kept.proof, kept.at.date()) == ("paper", "signed", b"scan", date(2026, 11, 20))


async def test_staff_say_both_in_their_private_chat(estate: Any) -> None:
    account = await estate.flat("3-2-1201")
    await estate.hear("赵一", "签收 3-2-1201 王太太签的")
    assert "算作送达" in estate.private("赵一")[-1].text
    (kept,) = await estate.rows(core.human_contact, core.human_contact.c.account_id == account)
    assert (kept.way, kept.content) == ("paper", "王太太签的")
    await estate.hear("赵一", f"代联系 3-2-1201 王小军 {PHONE}")
    assert "没看懂" in estate.private("赵一")[-1].text, "without the owner's consent nothing is written"
    await estate.hear("赵一", f"代联系 3-2-1201 王小军 {PHONE} 同意书003")
    assert "王小军 代为联系" in estate.private("赵一")[-1].text
    await estate.hear("赵一", f"代联系 3-2-1201 王小红 {PHONE} 同意书004")
    assert "已由 王小军 代联系" in estate.private("赵一")[-1].text
    await estate.hear("赵一", "代联系 3-2-1201 取消")
    assert "代联系已结束" in estate.private("赵一")[-1].text


def test_the_words_are_commands() -> None:
    assert read_command("签收 3-2-1201") == Command("signed", unit="3-2-1201")
    assert read_command("stand-in 3-2-1201 Wang 139 paper 3") == Command(
        "stand_in", unit="3-2-1201", rest="Wang 139 paper 3"
    )


def test_what_the_ladder_waits_for_says_what_a_person_does() -> None:
    lacking = Reason(Code.NEEDS_FACT, detail={"step": "formal_47", "fact": "demand_delivered"})
    assert "yinuo contacted" in reason_line(lacking)
    assert "签收" in remedy("NEEDS_FACT", lacking.detail)
    assert "yinuo fact add UNIT letter_sent" in remedy("NEEDS_FACT", {"fact": "letter_sent"}, "en")
    assert remedy("PROMISE_OPEN", {}) == "", "where waiting is the answer there is nothing to do"
