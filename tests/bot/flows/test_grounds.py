"""What is certain against limitation: a demand that reached a debtor, or a debtor's own word for the charge.

A ground that is wrongly certain silences the alert, and the claim lapses: a doubt must leave the account in the list.
"""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.flows.day import today_lines
from bot.flows.evidence import evidence
from bot.flows.house import House
from bot.flows.limitation import ending_soon, grounds_of
from bot.flows.staff_post import voice
from bot.flows.words import bring_in, read_files
from bot.rules.limitation import Limitation, limitation
from bot.settings import Settings
from store import core, ledger
from store import evidence as shelf
from store.talk import put

DUE, LAPSES = date(2023, 12, 15), date(2026, 12, 15)
SAID = datetime(2026, 6, 1, 2, tzinfo=UTC)
ANEW = date(2029, 6, 1)
"""Three years from what was said."""
OWNER, STAND_IN, TENANT, CO_OWNER = 1, 2, 3, 4
CHARGE = 48_600


class Flat:
    """One owing flat, its owner, a stand-in, a tenant and a co-owner, and short ways to write what happened."""

    def __init__(self, house: House, conn: Any, now: datetime) -> None:
        self.house, self.conn, self.now = house, conn, now

    async def put(self, table: Any, **values: Any) -> int:
        return await put(self.conn, table, values)

    async def furnish(self) -> None:
        await self.put(core.community, name="锦绣花园", created_at=self.now)
        for name in ("王小梅", "王小明", "李四", "张三"):
            await self.put(core.person, community_id=1, name=name)
        await self.put(core.owner, community_id=1, person_id=OWNER, name="王小梅")
        await self.put(core.unit, community_id=1, code="3-2-1201", building="3")
        await self.put(core.account, community_id=1, unit_id=1, owner_id=1, person_id=OWNER,
                       opened_on=date(2020, 1, 1), entered_on=date(2020, 1, 1))  # fmt: skip
        for person, role in ((STAND_IN, "stand_in"), (TENANT, "tenant"), (CO_OWNER, "co_owner")):
            await self.put(core.account_party, account_id=1, person_id=person, role=role, since=SAID)
        await self.charge("2023Q4")

    async def charge(self, period: str, **more: Any) -> int:
        told = {"account_id": 1, "kind": "management", "period": period, "period_from": date(2023, 10, 1),
                "period_to": date(2023, 12, 31), "amount_fen": CHARGE, "open_fen": CHARGE, "due_on": DUE,
                "source": "book", "external_ref": period, "entered_at": self.now, "months": ""}  # fmt: skip
        return await self.put(core.charge, **told | more)

    async def delivered(self, person: int) -> None:
        """A warm reminder, delivered to a number that its person had proved."""
        proved = {"trust": "proved", "proved_at": datetime(2026, 2, 1, tzinfo=UTC), "proved_by": "sms"}
        await self.put(core.contact, person_id=person, channel="sms", address_index=b"i", masked="139****0001",
                       address_sealed=self.house.store.vault.seal("+8613900000001"), created_at=SAID,
                       **proved)  # fmt: skip
        await self.put(core.message, community_id=1, person_id=person, contact_id=1, channel="sms", step="warm_4",
                       band="warm", lane=4, state="delivered", text="t", not_before=SAID, created_at=SAID,
                       state_at=SAID)  # fmt: skip
        await self.put(core.message_item, message_id=1, account_id=1, step="warm_4", band="warm", occasion="c",
                       key="k", at=SAID)  # fmt: skip
        await self.put(core.attempt, message_id=1, our_id="o", fence=1, contact_id=1, channel="sms", form="text",
                       text="t", request="{}", started_at=SAID, outcome="delivered", reason="",
                       crossed=False)  # fmt: skip

    async def promised(
        self, person: int = OWNER, fen: int = CHARGE, owed: int = CHARGE, plan: int | None = None
    ) -> None:
        heard = await self.put(core.inbound, provider="sms", event_key=f"e{plan}{fen}", sender_index=b"i",
                               sender_sealed=b"s", text="月底付", person_id=person, account_id=1, kind="text",
                               received_at=SAID)  # fmt: skip
        await self.put(core.promise, account_id=1, person_id=person, amount_fen=fen, owed_fen=owed, plan_id=plan,
                       due_on=date(2026, 6, 30), made_at=SAID, judge_at=self.now, inbound_id=heard,
                       channel="sms")  # fmt: skip

    async def planned(self, person: int = OWNER, state: str = "on_track") -> None:
        parts = [["2026-07-01", 8_600], ["2027-11-01", 40_000]]
        number = await self.put(core.plan, account_id=1, state=state, instalments=json.dumps(parts), made_at=SAID,
                                confirmed_at=SAID)  # fmt: skip
        for _day, fen in parts:
            await self.promised(person, int(str(fen)), CHARGE, number)

    async def disputed(self, charge: int | None, closed: datetime | None = None) -> None:
        await self.put(core.dispute, account_id=1, charge_id=charge, reason="漏水", opened_at=SAID, closed_at=closed)

    async def town(self) -> Any:
        return self.house.town((await ledger.communities(self.conn))[0])

    async def clocks(self) -> list[Limitation]:
        """Of each charge, oldest first."""
        charges = await shelf.charges(self.conn, [1])
        grounds = await grounds_of(self.conn, await self.town(), charges)
        return [limitation(row.due_on, grounds[row.id], self.now.date()) for row in charges]

    async def ends(self) -> list[date]:
        """The certain end of each charge; those that end soon must stand in the alert, and no other."""
        found = [clock.certain.ends_on for clock in await self.clocks()]
        soon = await ending_soon(self.conn, [await self.town()], self.now)
        assert [one.ends_on for one in soon] == [end for end in found if end == LAPSES]
        return found


@pytest.fixture
async def flat(house: House, now: Any) -> Any:
    async with house.store.write() as conn:
        made = Flat(house, conn, now)
        await made.furnish()
        yield made


@pytest.mark.parametrize(("person", "end"), [(OWNER, ANEW), (CO_OWNER, ANEW), (STAND_IN, LAPSES), (TENANT, LAPSES)])
async def test_a_demand_is_certain_only_where_a_debtor_was_reached(flat: Flat, person: int, end: date) -> None:
    await flat.delivered(person)
    assert await flat.ends() == [end]
    assert (await flat.clocks())[0].arguable.ends_on == ANEW


async def test_a_word_is_not_for_what_was_in_dispute_when_it_was_given(flat: Flat) -> None:
    other = await flat.charge("2023Q4-2")
    await flat.disputed(other)
    await flat.promised()
    assert await flat.ends() == [ANEW, LAPSES]
    assert (await flat.clocks())[1].arguable.ends_on == LAPSES


async def test_where_all_was_in_dispute_no_word_is_certain(flat: Flat) -> None:
    await flat.disputed(None)
    await flat.promised()
    await flat.planned()
    assert await flat.ends() == [LAPSES]


async def test_a_dispute_answered_before_or_opened_after_the_word_changes_nothing(flat: Flat) -> None:
    await flat.disputed(1, closed=SAID)
    await flat.put(core.dispute, account_id=1, charge_id=1, reason="漏水", opened_at=flat.now)
    await flat.promised()
    assert await flat.ends() == [ANEW]


async def test_a_word_or_plan_with_us_is_not_for_a_previous_managers_debt(flat: Flat) -> None:
    await flat.charge("2022Q4", previous_manager=True)
    await flat.promised()
    await flat.planned(state="cancelled")
    assert await flat.ends() == [ANEW, LAPSES]


async def test_a_word_for_less_than_was_owed_is_arguable_for_each_charge(flat: Flat) -> None:
    await flat.charge("2023Q4-2", kind="parking")
    await flat.promised(fen=CHARGE, owed=2 * CHARGE)
    assert await flat.ends() == [LAPSES, LAPSES]
    assert [clock.arguable.ends_on for clock in await flat.clocks()] == [ANEW, ANEW]


@pytest.mark.parametrize(
    ("person", "state", "end"),
    [
        (OWNER, "on_track", date(2030, 11, 1)), (OWNER, "broken", date(2030, 11, 1)), (OWNER, "cancelled", ANEW),
        (CO_OWNER, "on_track", date(2030, 11, 1)), (TENANT, "on_track", LAPSES), (STAND_IN, "on_track", LAPSES),
    ],
)  # fmt: skip
async def test_a_plan_is_as_certain_as_who_agreed_to_it(flat: Flat, person: int, state: str, end: date) -> None:
    """From its last instalment on (Civil Code 189), a cancelled one from its confirmation."""
    await flat.planned(person, state)
    assert await flat.ends() == [end]


@pytest.mark.parametrize(("way", "end"), [("visit", ANEW), ("paper", ANEW), ("door", LAPSES)])
async def test_a_picture_of_a_notice_on_the_door_does_not_show_that_it_was_read(
    flat: Flat, way: str, end: date
) -> None:
    await flat.put(core.human_contact, account_id=1, way=way, at=SAID, content="", proof=b"p", proof_digest=b"d")
    assert await flat.ends() == [end]
    assert (await flat.clocks())[0].arguable.ends_on == ANEW


async def test_the_morning_list_and_the_evidence_say_the_same_of_a_stand_ins_receipt(
    house: House, now: Any, tmp_path: Path, read_pdf: Any
) -> None:
    await bring_in(house.store, read_files(Settings().scripts), now)
    async with house.store.write() as conn:
        flat = Flat(house, conn, now)
        await flat.furnish()
        await flat.delivered(STAND_IN)
        town = await flat.town()
        assert "12月15日" in await today_lines(conn, town, await voice(house, conn, town), now)
    await evidence(house, "3-2-1201", tmp_path / "bundle", now)
    facts = json.loads((tmp_path / "bundle" / "evidence.json").read_text(encoding="utf-8"))["facts"]
    told = facts["charges"][0]["limitation"]
    assert (told["certain"]["ends_on"], told["amber"]) == ("2026-12-15", True)
    assert told["arguable"]["ends_on"] == "2029-06-01"
    assert facts["demands"][0]["recipient"]["debtor"] is False
    text = read_pdf(tmp_path / "bundle")
    for words in ("2026年12月15日届满", "只剩20天", "收件人用该号码回复本系统", "收件人不是业主或共有人"):
        assert words in text, words


async def test_a_suit_is_certain_and_the_paper_says_for_what(
    house: House, now: Any, tmp_path: Path, read_pdf: Any
) -> None:
    """A legal fact names no charges, so the bundle says that the suit holds for those of the claim alone."""
    async with house.store.write() as conn:
        flat = Flat(house, conn, now)
        await flat.furnish()
        await flat.put(core.legal_fact, account_id=1, kind="suit_filed", ref="S1", on=SAID.date(), who="legal", at=now)
        assert await flat.ends() == [ANEW]
    await evidence(house, "3-2-1201", tmp_path / "bundle", now)
    assert "只及于诉状列明的款项" in read_pdf(tmp_path / "bundle")
