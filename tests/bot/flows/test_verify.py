"""`yinuo verify` names any changed, removed or inserted row (I14)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.letterbox import Letter, keep_all
from bot.flows.verify import Verdict, verify
from store import journal
from store import verify as shelf
from store.core import community, inbound, journal_checkpoint, journal_entry, journal_seal, payment, provider_event
from store.engine import Store
from store.journal import Entry, note, seal

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


async def hear(conn: AsyncConnection, event_key: str, words: str, *, journaled: bool = True) -> int:
    values = {
        "provider": "sms", "event_key": event_key, "sender_index": b"i", "sender_sealed": b"s", "kind": "text",
        "text": words, "detail": "{}", "intent": "", "received_at": NOW, "tries": 0, "reason": "",
    }  # fmt: skip
    number = int((await conn.execute(insert(inbound).values(**values))).inserted_primary_key[0])  # type: ignore[index]
    if journaled:
        await note(conn, Entry("inbound", f"inbound:{number}", values, NOW))
    return number


@pytest.fixture
async def heard(store: Store) -> list[int]:
    """Nine inbound rows in three seals."""
    ids = []
    for number in range(9):
        async with store.write() as conn:
            ids.append(await hear(conn, f"e{number}", f"words {number}"))
        if number % 3 == 2:
            async with store.write() as conn:
                assert await seal(conn, NOW) == 3
    return ids


async def run(store: Store, statement: Any, *values: Any) -> None:
    async with store.write() as conn:
        await conn.execute(statement, *values)


async def test_an_untouched_journal_is_clean(store: Store, heard: list[int]) -> None:
    told = await verify(store)
    assert told.clean
    assert told.rows == 9
    assert told.entries == 9
    assert told.seals == 3
    assert set(told.heads) == {"the house"}


@pytest.mark.parametrize("checked_before", [False, True])
async def test_one_changed_byte_is_named(store: Store, heard: list[int], checked_before: bool) -> None:
    if checked_before:
        assert (await verify(store, now=NOW)).clean
    await run(store, text("UPDATE inbound SET text = 'words 5!' WHERE id = :id"), {"id": heard[5]})
    told = await verify(store, now=NOW)
    assert len(told.problems) == 1
    assert told.problems[0].startswith(f"inbound {heard[5]} differs")
    assert not (await verify(store, now=NOW)).clean, "a broken stretch is never signed"


async def delivered(store: Store, event_key: str, at: datetime) -> None:
    row = {"provider": "sms", "event_key": event_key, "state": "delivered", "provider_id": "SM1", "our_id": "o1",
           "reason": "", "fault": "", "received_at": at}  # fmt: skip
    await keep_all(store, [Letter([], [row], at)])


@pytest.mark.parametrize("checked_before", [False, True])
async def test_a_moved_receipt_is_named(store: Store, checked_before: bool) -> None:
    """From the day of a receipt the limitation counts anew."""
    await delivered(store, "r1", NOW)
    await delivered(store, "r2", NOW + timedelta(seconds=1))
    assert (await verify(store, now=NOW if checked_before else None)).clean
    await run(store, update(provider_event).where(provider_event.c.event_key == "r2").values(received_at=NOW))
    for whole in (False, True):
        problems = (await verify(store, since_checkpoint=not whole, now=NOW)).problems
        assert problems == ["provider_event 2: its received_at is not when journal entry 2 was made: changed"]


async def test_one_byte_in_the_middle_of_a_long_text_is_seen_past_a_checkpoint(store: Store) -> None:
    async with store.write() as conn:
        number = await hear(conn, "long", "a" * 5_000)
    assert (await verify(store, now=NOW)).clean
    await run(store, update(inbound).where(inbound.c.id == number).values(text="a" * 2_500 + "b" + "a" * 2_499))
    assert (await verify(store, now=NOW)).problems[0].startswith(f"inbound {number} differs")


@pytest.mark.parametrize("checked_before", [False, True])
async def test_a_removed_row_is_named(store: Store, heard: list[int], checked_before: bool) -> None:
    if checked_before:
        assert (await verify(store, now=NOW)).clean
    await run(store, delete(inbound).where(inbound.c.id == heard[8]))
    assert (await verify(store)).problems[0].startswith(f"inbound {heard[8]} was removed")


@pytest.mark.parametrize("first_gone", [0, 4, 5])
async def test_rows_removed_past_the_last_stretch_are_named(
    store: Store, heard: list[int], monkeypatch: pytest.MonkeyPatch, first_gone: int
) -> None:
    """Nothing of the rows says that there was a further stretch; the journal does."""
    monkeypatch.setattr(shelf, "STRETCH", 3)
    async with store.write() as conn:
        await note(conn, Entry("law_set_aside", "inbound:9:law", {}, NOW))
        await note(conn, Entry("x", "inbound:" + "9" * 40, {}, NOW))
        await note(conn, Entry("x", "inbound:", {}, NOW))
        await seal(conn, NOW)
    await run(store, delete(inbound).where(inbound.c.id >= heard[first_gone]))
    problems = (await verify(store, now=NOW)).problems
    assert [line.partition(";")[0] for line in problems] == [f"inbound {n} was removed" for n in heard[first_gone:]]
    assert (await verify(store, now=NOW)).problems == problems, "told every time"


async def test_a_change_is_not_covered_by_an_entry_appended(store: Store, heard: list[int]) -> None:
    async with store.write() as conn:
        await conn.execute(update(inbound).where(inbound.c.id == heard[5]).values(text="I never promised"))
        row = (await conn.execute(select(inbound).where(inbound.c.id == heard[5]))).one()
        await note(conn, Entry("inbound", f"inbound:{row.id}", dict(row._mapping), NOW))
        await seal(conn, NOW)
    problem = "inbound 6: journal entry 6 recorded it otherwise than entry 10: it was changed"
    for _ in range(2):
        assert (await verify(store, now=NOW)).problems == [problem]


async def test_a_thrown_away_salt_is_not_covered_by_an_entry_appended(store: Store, heard: list[int]) -> None:
    await run(store, update(journal_entry).where(journal_entry.c.id == 2).values(salt=None))
    async with store.write() as conn:
        await conn.execute(update(inbound).where(inbound.c.id == heard[1]).values(text="I never promised"))
        row = (await conn.execute(select(inbound).where(inbound.c.id == heard[1]))).one()
        await note(conn, Entry("inbound", f"inbound:{row.id}", dict(row._mapping), NOW))
    problem = "inbound 2: journal entry 2 recorded it otherwise than entry 10: it was changed"
    assert (await verify(store)).problems == [problem]


async def test_a_moved_receipt_is_not_covered_by_an_entry_appended(store: Store) -> None:
    await delivered(store, "r1", NOW)
    later = NOW + timedelta(days=900)
    async with store.write() as conn:
        await conn.execute(update(provider_event).values(received_at=later))
        row = (await conn.execute(select(provider_event))).one()
        await note(conn, Entry("receipt", "provider_event:1", dict(row._mapping), later))
    told = await verify(store)
    assert told.problems == ["provider_event 1: journal entry 1 recorded it otherwise than entry 2: it was changed"]


async def paid(store: Store, fen: int, kind: str, words: str = "") -> None:
    """One payment, entered or changed, and what the journal is told of it."""
    row = {"amount_fen": fen, "way": "cash", "paid_on": NOW.date(), "source": "d", "external_ref": "R1"}
    async with store.write() as conn:
        if not (await conn.execute(select(community.c.id))).first():
            await conn.execute(insert(community).values(name="X", created_at=NOW))
        if not (await conn.execute(update(payment).values(amount_fen=fen))).rowcount:
            await conn.execute(insert(payment).values(id=1, community_id=1, state="received", entered_at=NOW, **row))
        await note(conn, Entry(kind, "payment:1", row, NOW, 1, "finance", words))


async def test_a_corrected_payment_is_listed_every_time(store: Store) -> None:
    await paid(store, 40_000, "payment")
    assert (await verify(store, now=NOW)).corrected == []
    await paid(store, 48_600, "payment", "amount_fen: 40000 → 48600")
    await paid(store, 48_600, "placed")
    line = "payment 1 (entry 1, then 2), 2026-11-25 02:00:00 UTC by finance: amount_fen: 40000 → 48600"
    for whole in (False, False, True):
        told = await verify(store, since_checkpoint=not whole, now=NOW)
        assert told.clean
        assert told.corrected == [line]
        assert f"corrected after they were first written: 1\n{line}\n" in told.words()
        assert told.json()["corrected"] == [line]


async def test_a_correction_taken_back_is_listed_too(store: Store) -> None:
    for fen in (40_000, 48_600, 40_000):
        await paid(store, fen, "payment")
    told = await verify(store)
    assert told.clean
    assert [line.partition(",")[0] for line in told.corrected] == ["payment 1 (entry 2"]


async def test_what_corrects_no_payment_does_not_cover_a_change(store: Store) -> None:
    await paid(store, 48_600, "payment")
    await paid(store, 8_600, "placed")
    told = await verify(store)
    assert told.problems == ["payment 1: journal entry 1 recorded it otherwise than entry 2: it was changed"]
    assert told.corrected == []


async def test_a_number_given_anew_is_listed(store: Store) -> None:
    """SQLite gives the number of a payment that was taken back to the next one."""
    await paid(store, 48_600, "payment")
    await run(store, delete(payment))
    async with store.write() as conn:
        await note(conn, Entry("removed", "payment:1", {}, NOW))
    assert (await verify(store)).corrected == []
    await paid(store, 10_000, "payment")
    told = await verify(store)
    assert told.clean
    assert [line.partition(")")[0] for line in told.corrected] == ["payment 1 (entry 1, 2, then 3"]


async def test_many_corrections_are_counted_and_the_first_told() -> None:
    told = Verdict(corrected=[f"payment {n}" for n in range(25)]).words()
    assert "corrected after they were first written: 25" in told
    assert "payment 19" in told
    assert "payment 20" not in told
    assert "and 5 more: --json lists all" in told


async def test_an_inserted_row_is_named(store: Store, heard: list[int]) -> None:
    async with store.write() as conn:
        number = await hear(conn, "forged", "I will pay", journaled=False)
    assert (await verify(store)).problems == [f"inbound {number} was inserted: no journal entry speaks of it"]


async def test_a_removed_journal_entry_is_named_with_its_seal(store: Store, heard: list[int]) -> None:
    await run(store, delete(journal_entry).where(journal_entry.c.subject == f"inbound:{heard[4]}"))
    problems = (await verify(store)).problems
    assert "journal entry 5 is missing from seal 2 of the house" in problems
    assert f"inbound {heard[4]} was inserted: no journal entry speaks of it" in problems


async def test_a_rewritten_journal_entry_breaks_its_seal(store: Store, heard: list[int]) -> None:
    await run(store, update(journal_entry).where(journal_entry.c.id == 5).values(who="somebody"))
    problems = (await verify(store)).problems
    assert problems == ["a journal entry between 4 and 6, or seal 2 of the house itself, was changed"]


async def test_a_smuggled_journal_entry_is_named(store: Store, heard: list[int]) -> None:
    async with store.write() as conn:
        await note(conn, Entry("inbound", "plain", {"a": 1}, NOW))
        await conn.execute(update(journal_entry).where(journal_entry.c.seal_id.is_(None)).values(seal_id=2))
    assert (await verify(store)).problems == ["journal entry 10 was inserted into seal 2 of the house"]


async def test_seals_cut_off_at_the_end_are_missed(store: Store, heard: list[int]) -> None:
    assert (await verify(store, now=NOW)).clean
    async with store.write() as conn:
        await conn.execute(delete(inbound).where(inbound.c.id >= heard[6]))
        await conn.execute(delete(journal_entry).where(journal_entry.c.seal_id == 3))
        await conn.execute(delete(journal_seal).where(journal_seal.c.number == 3))
    assert "seal 3 to 3 of the house were cut off" in (await verify(store)).problems


async def cut_off(store: Store, heard: list[int]) -> None:
    """The newest seal, its entries and what they speak of."""
    async with store.write() as conn:
        await conn.execute(delete(inbound).where(inbound.c.id >= heard[6]))
        await conn.execute(delete(journal_entry).where(journal_entry.c.seal_id == 3))
        await conn.execute(delete(journal_seal).where(journal_seal.c.number == 3))


async def test_a_cut_off_end_is_told_every_time(store: Store, heard: list[int]) -> None:
    assert (await verify(store, now=NOW)).clean
    await cut_off(store, heard)
    for whole in (False, False, True, False):
        told = await verify(store, since_checkpoint=not whole, now=NOW)
        assert told.problems == ["seal 3 to 3 of the house were cut off"]


async def test_a_rewritten_end_is_told_every_time(store: Store, heard: list[int]) -> None:
    assert (await verify(store, now=NOW)).clean
    await cut_off(store, heard)
    async with store.write() as conn:
        await hear(conn, "instead", "I never promised")
        await seal(conn, NOW)
    for _ in range(3):
        told = await verify(store, now=NOW)
        assert told.problems == ["seal 3 of the house is not the one signed at the checkpoint"]


async def test_a_forged_checkpoint_is_told_every_time(store: Store, heard: list[int]) -> None:
    assert (await verify(store, now=NOW)).clean
    await cut_off(store, heard)
    await run(store, update(journal_checkpoint).where(journal_checkpoint.c.name == "seals:0").values(rows=2))
    for _ in range(3):
        assert (await verify(store, now=NOW)).problems == ["checkpoint seals:0 was not signed by this house"]


async def test_a_seal_removed_from_the_middle_is_named(store: Store, heard: list[int]) -> None:
    await run(store, delete(journal_seal).where(journal_seal.c.number == 2))
    problems = (await verify(store)).problems
    assert "seal 2 of the house was removed or doubled" in problems
    assert any(line.startswith("journal entry 4 names seal row") for line in problems)


async def test_a_forged_checkpoint_is_not_believed(store: Store, heard: list[int]) -> None:
    assert (await verify(store, now=NOW)).clean
    await run(store, update(journal_checkpoint).values(fingerprint=b"x"))
    told = await verify(store)
    assert told.known == 0
    assert "checkpoint inbound:0 was not signed by this house" in told.problems


async def test_unchanged_stretches_are_known_the_second_time(store: Store, heard: list[int]) -> None:
    assert (await verify(store, now=NOW)).known == 0
    assert (await verify(store, now=NOW)).known == 9
    assert (await verify(store, since_checkpoint=False)).known == 0


async def test_thrown_away_salt_without_an_erasure_is_suspicious(store: Store, heard: list[int]) -> None:
    await run(store, update(journal_entry).where(journal_entry.c.id == 2).values(salt=None))
    assert "no erasure is on record" in (await verify(store)).problems[0]


async def test_an_erasure_on_record_verifies(store: Store, heard: list[int]) -> None:
    async with store.write() as conn:
        await conn.execute(update(inbound).where(inbound.c.id == heard[1]).values(text="[erased]"))
        await journal.erased(conn, "inbound", [heard[1]], NOW + timedelta(days=1), "test")
    told = await verify(store)
    assert told.clean
    assert told.erased == 1
    async with store.read() as conn:
        salts = (await conn.execute(select(journal_entry.c.salt).where(journal_entry.c.id == 2))).scalars().all()
    assert salts == [None]


async def test_a_removal_on_record_verifies(store: Store, heard: list[int]) -> None:
    async with store.write() as conn:
        await conn.execute(delete(inbound).where(inbound.c.id == heard[0]))
        await note(conn, Entry("removed", f"inbound:{heard[0]}", {}, NOW))
    assert (await verify(store)).clean


async def test_two_sealers_at_once_make_one_chain(store: Store) -> None:
    import asyncio

    async def work(name: str) -> None:
        for number in range(5):
            async with store.write() as conn:
                await hear(conn, f"{name}{number}", "x")
            async with store.write() as conn:
                await seal(conn, NOW)

    await asyncio.gather(work("a"), work("b"), work("c"))
    told = await verify(store)
    assert told.clean, told.problems
    assert told.entries == 15


async def test_what_waits_for_its_seal_is_checked_too(store: Store) -> None:
    async with store.write() as conn:
        number = await hear(conn, "a", "x")
    await run(store, update(inbound).where(inbound.c.id == number).values(text="y"))
    assert not (await verify(store)).clean


async def test_an_empty_house_is_clean(store: Store) -> None:
    told = await verify(store, now=NOW)
    assert told.clean
    assert told.rows == 0
    async with store.write() as conn:
        await conn.execute(insert(journal_seal).values(number=2, first_id=1, last_id=1, count=0, previous=b"",
                                                       hash=b"", at=NOW))  # fmt: skip
    assert not (await verify(store)).clean
