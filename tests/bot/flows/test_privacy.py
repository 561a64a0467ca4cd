"""Keys rotate while people work, an owner gets their data, and an erasure leaves the chain whole."""

import asyncio
import io
import json
import re
from collections import Counter
from contextlib import redirect_stderr
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from bot.assembly import secret_of
from bot.clock import SetClock
from bot.flows import keys as flow
from bot.flows.find import NotFound
from bot.flows.house import House
from bot.flows.ledger import LedgerError, pay
from bot.flows.privacy import erase, export, retain, retain_monthly
from bot.flows.verify import verify
from bot.logs import masked, set_up_logs
from bot.settings import Settings
from store.core import account, attachment, attempt, contact, inbound, journal_entry, person
from store.engine import Store
from store.journal import Entry, note, seal
from store.standins import end_stand_ins
from store.tables import metadata
from store.vault import Vault, VaultError, new_keys, rotated

NOW = datetime(2032, 3, 1, 2, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=6 * 365)
PHONE = "+8613900000007"


@pytest.fixture
def house(store: Store) -> House:
    ladder = (Settings().scripts / "ladder.yaml").read_text(encoding="utf-8")
    return House(store, SetClock(NOW), {}, ladder)


async def put(conn: Any, table: str, entry: str = "", /, **values: Any) -> int:
    number = int((await conn.execute(insert(metadata.tables[table]).values(**values))).inserted_primary_key[0])
    if entry:
        await note(conn, Entry(entry, f"{table}:{number}", values, NOW))
    return number


async def say(conn: Any, at: datetime, text: str) -> None:
    message = await put(conn, "message", community_id=1, person_id=1, contact_id=1, channel="sms", step="warm_4",
                        lane=4, state="delivered", text=text, not_before=at, created_at=at, state_at=at)  # fmt: skip
    await put(conn, "message_item", message_id=message, account_id=1, step="warm_4", occasion="c", key=f"k{message}",
              at=at)  # fmt: skip
    values = {"message_id": message, "our_id": f"o{message}", "fence": 1, "contact_id": 1, "channel": "sms",
              "form": "text", "text": text, "request": "{}", "started_at": at, "outcome": "delivered", "reason": "",
              "crossed": False}  # fmt: skip
    await put(conn, "attempt", "attempt", **values)


@pytest.fixture
async def told(house: House) -> House:
    """An owner who paid, was written to long ago and lately, and answered long ago."""
    vault = house.store.vault
    async with house.store.write() as conn:
        await put(conn, "community", name="锦绣花园", created_at=NOW)
        await put(conn, "unit", community_id=1, code="3-2-1201")
        await put(conn, "person", community_id=1, name="王小梅")
        await put(conn, "owner", community_id=1, person_id=1, name="王小梅")
        await put(conn, "account", community_id=1, unit_id=1, owner_id=1, person_id=1, opened_on=date(2020, 1, 1),
                  entered_on=date(2024, 1, 1))  # fmt: skip
        await put(conn, "contact", person_id=1, channel="sms", address_sealed=vault.seal(PHONE), masked="139****0007",
                  address_index=vault.index("sms", PHONE), created_at=NOW)  # fmt: skip
        await put(conn, "charge", account_id=1, kind="management", period="2026Q3", period_from=date(2026, 7, 1),
                  period_to=date(2026, 9, 30), amount_fen=48_600, open_fen=48_600, due_on=date(2026, 10, 1), source="b",
                  external_ref="1", entered_at=NOW)  # fmt: skip
        await say(conn, LONG_AGO, "很久以前的话")
        await say(conn, NOW - timedelta(days=30), "上个月的话")
        await put(conn, "inbound", "inbound", provider="sms", event_key="e", sender_index=b"i", text="下周付",
                  sender_sealed=vault.seal(PHONE), person_id=1, account_id=1, kind="text", detail="{}", intent="",
                  received_at=LONG_AGO, handled_at=LONG_AGO, tries=0, reason="")  # fmt: skip
    return house


async def settle(house: House) -> None:
    async with house.store.write() as conn:
        await pay(conn, account_id=1, community_id=1, amount_fen=48_600, way="cash", paid_on=date(2032, 2, 1),
                  source="desk", external_ref="p", now=NOW)  # fmt: skip


async def sold(house: House) -> None:
    """The flat is another's: the contract of whoever owned it is over."""
    async with house.store.write() as conn:
        await conn.execute(update(account).values(closed_on=NOW.date()))


async def texts(house: House, table: Any) -> list[str]:
    async with house.store.read() as conn:
        return list((await conn.execute(select(table.c.text).order_by(table.c.id))).scalars())


async def test_an_owner_gets_everything_we_know(told: House) -> None:
    data = await export(told, "3-2-1201", NOW)
    assert data["person"]["name"] == "王小梅"
    assert data["contacts"][0]["address"] == PHONE
    assert [row["text"] for row in data["sent"]] == ["很久以前的话", "上个月的话"]
    assert data["heard"][0]["text"] == "下周付"
    assert data["charges"][0]["amount_fen"] == 48_600
    assert json.dumps(data, ensure_ascii=False)


async def test_while_something_is_owed_the_record_is_kept(told: House) -> None:
    with pytest.raises(LedgerError, match="an open charge"):
        await erase(told, "3-2-1201", NOW, years=5)
    assert await retain(told, NOW, years=5) == 0
    assert await texts(told, attempt) == ["很久以前的话", "上个月的话"]


async def test_an_erasure_takes_the_contacts_and_what_had_its_time_and_the_chain_verifies(told: House) -> None:
    async with told.store.write() as conn:
        await seal(conn, NOW)
    await settle(told)
    await sold(told)
    done = await erase(told, "3-2-1201", NOW, years=5, who="tester")
    assert (done.contacts, done.contents) == (1, 2)
    assert done.kept_until == "2037-01-31", "the law's time for the younger message"
    assert await texts(told, attempt) == ["[erased]", "上个月的话"]
    assert await texts(told, inbound) == ["[erased]"]
    async with told.store.read() as conn:
        row = (await conn.execute(select(contact))).one()
        assert told.store.vault.open(row.address_sealed) == ""
        assert row.address_index != told.store.vault.index("sms", PHONE)
        assert (await conn.execute(select(person.c.name))).scalar() == "[erased]"
        subjects = (await conn.execute(select(journal_entry.c.subject).where(journal_entry.c.salt.is_(None)))).scalars()
        assert sorted(subjects) == ["attempt:1", "inbound:1"]
    async with told.store.write() as conn:
        await seal(conn, NOW)
    verdict = await verify(told.store)
    assert verdict.clean, verdict.problems
    assert verdict.erased == 2


async def words_about_them(house: House, at: datetime) -> None:
    """What else is written of an owner: a reply that never left, a card, a note, a dispute, a payer, a waiver."""
    async with house.store.write() as conn:
        case = await put(conn, "case", community_id=1, account_id=1, subject="account:1", cause="dispute",
                         state="resolved", opened_at=at, version=1, detail='{"text": "家人住院"}')  # fmt: skip
        said = {"community_id": 1, "channel": "sms", "step": "balance", "lane": 4, "not_before": at, "created_at": at,
                "state_at": at}  # fmt: skip
        await put(conn, "message", kind="reply", person_id=1, contact_id=1, state="cancelled", text="王小梅女士欠486元",
                  basket='{"lines": []}', **said)  # fmt: skip
        card = await put(conn, "message", kind="staff", case_id=case, state="delivered", text="王小梅：住院", **said)
        await put(conn, "attempt", "attempt", message_id=card, our_id=f"card{case}", fence=1, channel="wecom",
                  form="text", text="王小梅：住院", request="{}", started_at=at, outcome="sent", reason="",
                  crossed=False)  # fmt: skip
        await put(conn, "case_event", "case_event", case_id=case, version=1, kind="noted", note="王小梅住院", at=at)
        await put(conn, "dispute", "dispute", account_id=1, reason="家人住院", state="answered", opened_at=at)
        await put(conn, "human_contact", "human_contact", account_id=1, way="phone", at=at, content="电话13900000007",
                  answer="", next_step="")  # fmt: skip
        await put(conn, "waiver", "waiver", account_id=1, part="late_fee", amount_fen=1, why="住院", who="staff:1",
                  at=at)  # fmt: skip
        await pay(conn, account_id=1, community_id=1, amount_fen=100, way="cash", paid_on=at.date(), source="desk",
                  external_ref=f"w{case}", now=at, payer="王小梅的母亲")  # fmt: skip


WORDS = (("message", "text"), ("attempt", "text"), ("case", "detail"), ("case_event", "note"), ("dispute", "reason"),
         ("human_contact", "content"), ("waiver", "why"), ("payment", "payer"))  # fmt: skip


async def words_left(house: House) -> list[str]:
    async with house.store.read() as conn:
        found = []
        for table, column in WORDS:
            found += list((await conn.execute(select(metadata.tables[table].c[column]))).scalars())
    return [words for words in found if words not in ("", "{}", "[erased]", "上个月的话")]


@pytest.mark.parametrize("asked", [True, False])
async def test_every_word_about_an_owner_goes_when_it_had_its_time(told: House, asked: bool) -> None:
    await settle(told)
    await sold(told)
    await words_about_them(told, LONG_AGO)
    assert len(await words_left(told)) == 11
    async with told.store.write() as conn:
        await seal(conn, NOW)
    if asked:
        assert (await erase(told, "3-2-1201", NOW, years=5, who="tester")).contents == 10
    else:
        assert await retain(told, NOW, years=5) == 10
    assert await words_left(told) == []
    async with told.store.write() as conn:
        await seal(conn, NOW)
    verdict = await verify(told.store)
    assert verdict.clean, verdict.problems


async def what_staff_wrote(house: House) -> None:
    """Why the ladder rested and what was asked of whoever approves, long ago; and what speaks of nobody."""
    async with house.store.write() as conn:
        plan = await put(conn, "plan", account_id=1, state="cancelled", instalments="[]", made_at=LONG_AGO)
        rests = {"code": "ON_HOLD", "who": "staff:1", "at": LONG_AGO}
        ended = {"ended_at": LONG_AGO + timedelta(days=9)}
        await put(conn, "hold", "hold", scope="account", account_id=1, reason="王小梅住院", until=date(2026, 4, 1),
                  **rests)  # fmt: skip
        await put(conn, "hold", "hold", scope="charge", charge_id=1, reason="已去世", until=date(2040, 1, 1),
                  **rests, **ended)  # fmt: skip
        await put(conn, "hold", "hold", scope="account", account_id=1, reason="still rests", until=date(2033, 1, 1),
                  **rests)  # fmt: skip
        await put(conn, "hold", "hold", scope="community", community_id=1, reason="all rest", until=date(2026, 4, 1),
                  **rests)  # fmt: skip
        asked = {"community_id": 1, "role": "head", "asked_at": LONG_AGO}
        told = {"detail": '{"words": "王小梅住院"}', "why": "王小梅困难"}
        for kind, subject, state in (("waiver", "account:1", "approved"), ("plan", f"plan:{plan}", "refused"),
                                     ("lawyer_letter", "account:1", "open")):  # fmt: skip
            await put(conn, "approval", "approval", kind=kind, subject=subject, state=state, **asked, **told)
        await put(conn, "approval", "approval", kind="wording", subject="draft:a.md", state="approved",
                  detail='{"words": "a wording"}', why="", **asked)  # fmt: skip


async def staff_words(house: House) -> list[tuple[str, ...]]:
    hold, approval = metadata.tables["hold"], metadata.tables["approval"]
    async with house.store.read() as conn:
        reasons = (await conn.execute(select(hold.c.reason).order_by(hold.c.id))).scalars().all()
        asked = (await conn.execute(select(approval.c.detail, approval.c.why).order_by(approval.c.id))).all()
    return [tuple(reasons), *(tuple(row) for row in asked)]


@pytest.mark.parametrize("asked", [True, False])
async def test_why_the_ladder_rested_and_what_was_approved_goes_too_and_the_chain_verifies(
    told: House, asked: bool
) -> None:
    await what_staff_wrote(told)
    before = await staff_words(told)
    async with told.store.write() as conn:
        await seal(conn, NOW)
    assert await retain(told, NOW, years=5) == 0, "an open debt needs it"
    await settle(told)
    await sold(told)
    if asked:
        assert (await erase(told, "3-2-1201", NOW, years=5)).contents == 6
    else:
        assert await retain(told, NOW, years=5) == 6
    assert await staff_words(told) == [
        ("[erased]", "[erased]", "still rests", "all rest"), ("{}", ""), ("{}", ""), *before[3:]
    ]  # fmt: skip
    async with told.store.write() as conn:
        await seal(conn, NOW)
    verdict = await verify(told.store)
    assert verdict.clean, verdict.problems
    async with told.store.read() as conn:
        unsalted = select(journal_entry.c.subject).where(journal_entry.c.salt.is_(None))
        gone = set((await conn.execute(unsalted)).scalars())
    assert gone == {"attempt:1", "inbound:1", "hold:1", "hold:2", "approval:1", "approval:2"}


async def test_while_something_is_owed_no_word_goes(told: House) -> None:
    await words_about_them(told, LONG_AGO)
    assert await retain(told, NOW, years=5) == 0
    assert len(await words_left(told)) == 11


async def test_what_is_younger_is_kept_and_said_to_be(told: House) -> None:
    await settle(told)
    await sold(told)
    await words_about_them(told, NOW - timedelta(days=3))
    assert (await erase(told, "3-2-1201", NOW, years=5)).kept_until == "2037-02-27"
    assert len(await words_left(told)) == 9


async def test_while_a_flat_is_theirs_an_owner_is_not_erased_and_hears_the_next_step(told: House) -> None:
    await settle(told)
    with pytest.raises(LedgerError, match=r"3-2-1201 is theirs .* --accept-owner 3-2-1201"):
        await erase(told, "3-2-1201", NOW, years=5)
    assert await texts(told, attempt) == ["很久以前的话", "上个月的话"]


async def co_owned(house: House, *, role: str = "co_owner", until: datetime | None = None) -> None:
    """Another owner's flat 6, sold and paid, whose owner also belongs to the account of 3-2-1201, which owes."""
    async with house.store.write() as conn:
        await put(conn, "person", community_id=1, name="李同住")
        await put(conn, "owner", community_id=1, person_id=2, name="李同住")
        await put(conn, "unit", community_id=1, code="6")
        await put(conn, "account", community_id=1, unit_id=2, owner_id=2, person_id=2, opened_on=date(2020, 1, 1),
                  entered_on=date(2024, 1, 1), closed_on=date(2031, 1, 1))  # fmt: skip
        await put(conn, "account_party", account_id=1, person_id=2, role=role, since=LONG_AGO, until=until)


async def test_a_co_owner_is_kept_while_the_flat_they_share_owes(told: House) -> None:
    await co_owned(told)
    with pytest.raises(LedgerError, match="an open charge"):
        await erase(told, "6", NOW, years=5)
    data = await export(told, "6", NOW)
    assert [row["id"] for row in data["accounts"]] == [1, 2]
    assert data["charges"][0]["open_fen"] == 48_600, "a joint debt is theirs too"
    await settle(told)
    with pytest.raises(LedgerError, match="3-2-1201 is theirs"):
        await erase(told, "6", NOW, years=5)
    await sold(told)
    assert (await erase(told, "6", NOW, years=5)).person_id == 2


async def test_who_left_the_flat_owes_no_longer_and_gets_nothing_of_it(told: House) -> None:
    await co_owned(told, until=NOW - timedelta(days=90))
    assert [row["id"] for row in (await export(told, "6", NOW))["accounts"]] == [2]
    assert (await erase(told, "6", NOW, years=5)).person_id == 2


async def others_belong(house: House) -> None:
    """A tenant and a stand-in of the flat that owes; somebody looked at the tenant's telephone."""
    vault = house.store.vault
    async with house.store.write() as conn:
        for number, (name, role) in enumerate((("陈租客", "tenant"), ("王小军", "stand_in")), 2):
            await put(conn, "person", community_id=1, name=name)
            await put(conn, "account_party", account_id=1, person_id=number, role=role, since=LONG_AGO,
                      consent="folder 3" if role == "stand_in" else "")  # fmt: skip
            await put(conn, "contact", person_id=number, channel="sms", address_sealed=vault.seal(f"{PHONE}{number}"),
                      address_index=vault.index("sms", f"{PHONE}{number}"), created_at=NOW)  # fmt: skip
        await note(conn, Entry("look", "contact:2", {"contact": 2}, NOW, 1, "staff:3", "full address"))
        await put(conn, "provider_event", provider="sms", event_key="r", state="delivered", attempt_id=1,
                  received_at=LONG_AGO)  # fmt: skip
        await put(conn, "approval", community_id=1, kind="waiver", subject="account:1", role="head", state="approved",
                  detail="{}", why="住院", asked_at=LONG_AGO)  # fmt: skip


@pytest.mark.parametrize("whom", ["陈租客", "tenant", "2"])
async def test_a_tenant_gets_what_is_theirs_and_nothing_of_the_owners_debt(told: House, whom: str) -> None:
    await others_belong(told)
    data = await export(told, "3-2-1201", NOW, whom=whom)
    assert (data["person"]["name"], data["contacts"][0]["address"]) == ("陈租客", PHONE + "2")
    assert [row["role"] for row in data["belongs_to"]] == ["tenant"]
    assert [row["who"] for row in data["looked_at"]] == ["staff:3"]
    assert data["accounts"] == data["charges"] == data["approvals"] == data["sent"] == []
    assert "王小梅" not in json.dumps(data, ensure_ascii=False)


async def test_an_owner_gets_the_receipts_the_approvals_and_who_stands_in_for_them(told: House) -> None:
    await others_belong(told)
    data = await export(told, "3-2-1201", NOW)
    assert [row["state"] for row in data["receipts"]] == ["delivered"]
    assert [row["why"] for row in data["approvals"]] == ["住院"]
    assert [row["consent"] for row in data["belong_to_account"]] == ["", "folder 3"]
    again = await export(told, "3-2-1201", NOW, whom="responsible")
    assert [row["kind"] for row in again["looked_at"]] == ["export"], "that it was handed over is told too"


@pytest.mark.parametrize(("whom", "told_then"), [("陈", "nobody of that name"), (" ", "nobody of that name")])
async def test_a_name_that_is_not_of_the_account_is_answered_with_roles_and_masked_names(
    told: House, whom: str, told_then: str
) -> None:
    await others_belong(told)
    with pytest.raises(NotFound, match=told_then) as refused:
        await export(told, "3-2-1201", NOW, whom=whom)
    assert str(refused.value).endswith("responsible 1 (王**), tenant 2 (陈**), stand_in 3 (王**)")
    async with told.store.write() as conn:
        await conn.execute(update(person).where(person.c.id == 3).values(name="陈租客"))
    with pytest.raises(NotFound, match=r"more than one fits; .*: tenant 2 \(陈\*\*\), stand_in 3"):
        await export(told, "3-2-1201", NOW, whom="陈租客")


async def test_a_tenant_is_erased_while_the_flat_owes_unless_their_own_word_is_open(told: House) -> None:
    await others_belong(told)
    async with told.store.write() as conn:
        await put(conn, "promise", "promise", account_id=1, person_id=2, amount_fen=1, owed_fen=1, due_on=NOW.date(),
                  made_at=NOW, judge_at=NOW, channel="sms")  # fmt: skip
    with pytest.raises(LedgerError, match="an open promise"):
        await erase(told, "3-2-1201", NOW, years=5, whom="tenant")
    async with told.store.write() as conn:
        await conn.execute(update(metadata.tables["promise"]).values(state="kept"))
    assert (await erase(told, "3-2-1201", NOW, years=5, whom="tenant")).contacts == 1
    async with told.store.read() as conn:
        assert list((await conn.execute(select(person.c.name).order_by(person.c.id))).scalars()) == [
            "王小梅", "[erased]", "王小军",
        ]  # fmt: skip
        until = select(metadata.tables["account_party"].c.until).order_by(metadata.tables["account_party"].c.id)
        assert list((await conn.execute(until)).scalars()) == [NOW, None]


async def test_a_stand_in_is_erased_once_they_stand_in_no_more_and_the_consent_in_its_time(told: House) -> None:
    await others_belong(told)
    with pytest.raises(LedgerError, match="they stand in for the owner of 3-2-1201; end that"):
        await erase(told, "3-2-1201", NOW, years=5, whom="stand-in")
    async with told.store.write() as conn:
        await end_stand_ins(conn, 1, LONG_AGO)
    assert (await erase(told, "3-2-1201", NOW, years=5, whom="stand-in")).contacts == 1
    consents = select(metadata.tables["account_party"].c.consent).where(
        metadata.tables["account_party"].c.role == "stand_in"
    )
    for settled, kept in ((False, "folder 3"), (True, "[erased]")):
        if settled:
            await settle(told)
        await retain(told, NOW, years=5)
        async with told.store.read() as conn:
            assert (await conn.execute(consents)).scalar_one() == kept


async def hears(house: House, text: str, person_id: int | None, account_id: int | None) -> int:
    """A word of long ago with a picture."""
    async with house.store.write() as conn:
        number = await put(conn, "inbound", "inbound", provider="sms", event_key=text, sender_index=b"i", text=text,
                           sender_sealed=house.store.vault.seal(PHONE), person_id=person_id, account_id=account_id,
                           kind="text", detail="{}", intent="", received_at=LONG_AGO, handled_at=LONG_AGO, tries=0,
                           reason="")  # fmt: skip
        picture = house.store.vault.seal_bytes(b"x")
        await put(conn, "attachment", "attachment", inbound_id=number, person_id=person_id, account_id=None,
                  state="kept", media_type="image/png", size=1, digest=b"d", content_sealed=picture, next_at=NOW,
                  at=LONG_AGO)  # fmt: skip
    return number


async def test_words_are_kept_while_the_account_they_speak_of_owes_whoever_said_them(told: House) -> None:
    await co_owned(told)
    await hears(told, "我承诺年底前付清", 2, 1)
    await hears(told, "共有人没说哪一户", 2, None)
    async with told.store.write() as conn:
        await put(conn, "person", community_id=1, name="以前的责任人")
    await hears(told, "我是以前的，我认这笔", 3, 1)
    promised = await hears(told, "我月底付", 3, None)
    async with told.store.write() as conn:
        await put(conn, "promise", "promise", account_id=1, person_id=3, amount_fen=1, owed_fen=1, due_on=NOW.date(),
                  made_at=LONG_AGO, judge_at=NOW, inbound_id=promised, channel="sms", state="broken")  # fmt: skip
    await hears(told, "与谁都无关", 3, None)
    assert await retain(told, NOW, years=5) == 1
    kept = ["下周付", "我承诺年底前付清", "共有人没说哪一户", "我是以前的，我认这笔", "我月底付", "[erased]"]
    assert await texts(told, inbound) == kept
    async with told.store.read() as conn:
        states = (await conn.execute(select(attachment.c.state).order_by(attachment.c.id))).scalars().all()
    assert states == ["kept"] * 4 + ["erased"]
    await settle(told)
    await retain(told, NOW, years=5)
    assert set(await texts(told, inbound)) == {"[erased]"}


async def test_a_payers_name_goes_with_the_owners(told: House) -> None:
    await settle(told)
    async with told.store.write() as conn:
        await pay(conn, account_id=1, community_id=1, amount_fen=100, way="cash", paid_on=NOW.date(), source="desk",
                  external_ref="own", now=NOW, payer="王小梅")  # fmt: skip
    await sold(told)
    await erase(told, "3-2-1201", NOW, years=5)
    async with told.store.read() as conn:
        payers = (await conn.execute(select(metadata.tables["payment"].c.payer))).scalars().all()
    assert "王小梅" not in payers


async def test_the_data_handed_over_holds_waivers_legal_facts_and_what_staff_did(told: House) -> None:
    await words_about_them(told, LONG_AGO)
    async with told.store.write() as conn:
        await put(conn, "legal_fact", account_id=1, kind="letter_sent", ref="L-1", on=date(2026, 12, 1), who="legal",
                  at=LONG_AGO)  # fmt: skip
    data = await export(told, "3-2-1201", NOW)
    assert [row["why"] for row in data["waivers"]] == ["住院"]
    assert [row["ref"] for row in data["legal_facts"]] == ["L-1"]
    assert [row["note"] for row in data["case_events"]] == ["王小梅住院"]
    assert data["what_payments_closed"][0]["amount_fen"] == 100


async def test_what_had_its_time_goes_by_itself_once_nothing_is_owed(told: House) -> None:
    await settle(told)
    assert await retain(told, NOW, years=5) == 2
    assert await retain(told, NOW, years=5) == 0
    assert await retain(told, NOW + timedelta(days=6 * 365), years=5) == 1


async def test_once_a_month_the_sweep_runs_by_itself_and_is_in_the_journal(told: House) -> None:
    await settle(told)
    assert await retain_monthly(told) == 0, "a house that was told no number of years keeps everything"
    told.memory["retention_years"] = 5
    assert await retain_monthly(told) == 2
    clock = told.clock
    assert isinstance(clock, SetClock)
    for days, swept in ((20, 0), (40, 0), (6 * 365, 1)):
        clock.at = NOW + timedelta(days=days)
        assert await retain_monthly(told) == swept, days
    async with told.store.read() as conn:
        mine = select(journal_entry.c.subject).where(journal_entry.c.kind == "retain").order_by(journal_entry.c.id)
        assert list((await conn.execute(mine)).scalars()) == ["month:2032-03", "month:2032-04", "month:2038-02"]
    assert (await verify(told.store)).clean


def test_retention_is_never_shorter_than_the_limitation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YINUO_RETENTION_YEARS", "3")
    with pytest.raises(ValueError, match="YINUO_RETENTION_YEARS"):
        Settings()


async def test_keys_rotate_while_others_read_and_write(told: House, store_url: str, keys: str, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(keys)
    running = Store(store_url, Vault.parse(keys, path.read_text))
    stop = asyncio.Event()
    opened: list[str] = []

    async def work() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            async with running.write() as conn:
                phone = f"+861391{number:06d}"
                await put(conn, "contact", person_id=1, channel="sms", address_sealed=running.vault.seal(phone),
                          address_index=running.vault.index("sms", phone), created_at=NOW)  # fmt: skip
            async with running.read() as conn:
                rows = (await conn.execute(select(contact.c.address_sealed))).scalars().all()
                opened.extend(running.vault.open(row) for row in rows)
            await asyncio.sleep(0.01)

    busy = asyncio.create_task(work())
    await asyncio.sleep(0.1)
    told_ = await flow.bring_in(store_url, path)
    await asyncio.sleep(0.1)
    stop.set()
    await busy
    again = await flow.bring_in(store_url, path, fresh=False)
    assert (told_.current, again.current, again.left) == ("k2", "k2", {})
    assert running.vault.current == "k2", "the running process met the new key and took it on"
    assert PHONE in opened
    await flow.retire(store_url, path, "k1")
    assert list(json.loads(path.read_text())["keys"]) == ["k2"]
    await running.close()


async def test_a_process_that_only_seals_takes_the_new_key_on_before_the_old_one_is_retired(
    told: House, store_url: str, keys: str, tmp_path: Path
) -> None:  # fmt: skip
    path = tmp_path / "keys.json"
    path.write_text(keys)
    web = Vault.parse(keys, path.read_text)
    assert web.sealed_with(web.seal(PHONE)) == "k1"
    await flow.bring_in(store_url, path)
    await flow.retire(store_url, path, "k1")
    sealed = web.seal(PHONE)
    assert web.sealed_with(sealed) == "k2"
    assert Vault.parse(path.read_text()).open(sealed) == PHONE


async def test_what_was_written_while_a_key_was_retired_brings_it_back(
    told: House, store_url: str, keys: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    path = tmp_path / "keys.json"
    path.write_text(keys)
    await flow.bring_in(store_url, path)
    counts = iter([Counter({"k2": 3}), Counter({"k1": 1, "k2": 3})])

    async def counted(*_: object) -> Counter[str]:
        return next(counts)

    monkeypatch.setattr(flow, "sealed_by", counted)
    with pytest.raises(VaultError, match="1 values are still sealed with k1"):
        await flow.retire(store_url, path, "k1")
    assert set(json.loads(path.read_text())["keys"]) == {"k1", "k2"}


def test_another_houses_keys_are_never_taken_on(keys: str) -> None:
    vault = Vault.parse(keys, new_keys)
    with pytest.raises(VaultError, match="another house"):
        vault.seal(PHONE)


async def test_a_key_in_use_is_not_retired(told: House, store_url: str, keys: str, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(rotated(keys))
    with pytest.raises(VaultError, match="still sealed with k1"):
        await flow.retire(store_url, path, "k1")
    with pytest.raises(VaultError, match="current"):
        await flow.retire(store_url, path, "k2")


def test_a_prepared_key_is_taken_up_by_the_rotation_and_links_stay_good(keys: str, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(keys)
    path.chmod(0o640)
    flow.prepare(path)
    assert path.stat().st_mode & 0o777 == 0o640, "who may read it is for whoever put it there to say"
    assert Vault.parse(path.read_text()).current == "k1"
    after = rotated(path.read_text())
    assert Vault.parse(after).current == "k2"
    assert len(json.loads(after)["keys"]) == 2
    assert secret_of(after) == secret_of(keys)


LEAKS = (
    re.compile(r"1[3-9]\d{9}(?!\d)"),
    re.compile(r"\bo[A-Za-z0-9_-]{27}\b"), re.compile(r"\d{8,10}:AA[\w-]{30,}"),
)  # fmt: skip


def leaks(text: str) -> list[str]:
    """Full phones, openids and bot tokens in a log."""
    return [found.group() for pattern in LEAKS for found in pattern.finditer(text)]


def test_a_log_line_never_holds_a_phone_an_openid_or_a_token() -> None:
    import structlog

    openid, token = "o" + "A" * 27, "12345678:AA" + "x" * 33
    with redirect_stderr(io.StringIO()) as said:
        set_up_logs()
        structlog.get_logger().info(f"sent to {PHONE} and {openid}", action="x", url=f"https://h/bot{token}/send")
        try:
            raise ValueError(f"refused for 13900000007 with access_token=abcdef and {openid}")
        except ValueError:
            structlog.get_logger().exception("failed", action="y")
    assert '"action": "x"' in said.getvalue()
    assert leaks(said.getvalue()) == []
    assert "abcdef" not in said.getvalue()
    assert leaks(f"{PHONE} {openid} {token}") == ["13900000007", openid, token], "the scan itself can find them"
    assert leaks(masked(f"call 13900000007, bot{token}")) == []
    structlog.reset_defaults()
