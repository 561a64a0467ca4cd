"""A picture of a slip: fetched once, sealed, found with the account, looked at under one's name, erased in its time."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.flows import attachments
from bot.flows.find import NotFound
from bot.flows.hear import hear_all
from bot.flows.privacy import export, retain
from bot.flows.receive import keep
from bot.flows.verify import verify
from channels.contract import Heard, Passing, Permanent, Said
from store import attachments as shelf
from store import core
from store.resealing import reseal
from store.vault import Vault, rotated

PNG = b"\x89PNG\r\n\x1a\n" + b"a slip" * 100
SENDER = "77"


class Shelves:
    """What the channel's provider keeps."""

    def __init__(self, estate: Any) -> None:
        self.kept: Any = PNG
        self.asked: list[str] = []
        estate.house.channels["telegram"].fetch = self.fetch

    async def fetch(self, file_id: str, most: int) -> bytes:
        self.asked.append(file_id)
        if isinstance(self.kept, Exception):
            raise self.kept
        return bytes(self.kept)


async def sends(estate: Any, kind: Any = "picture", caption: str = "", sender: str = SENDER) -> None:
    estate.number += 1
    said = Said(f"p{estate.number}", sender, kind, caption, file_id=f"file{estate.number}")
    await keep(estate.house, "telegram", Heard(said=(said,)))
    await hear_all(estate.house)


async def one(estate: Any) -> Any:
    return (await estate.all(core.attachment))[0]


async def account_row(estate: Any) -> Any:
    wanted = select(core.account).order_by(core.account.c.id)
    return (await estate.rows(wanted))[0]


@pytest.fixture
async def shelves(estate: Any) -> Shelves:
    await estate.owner(phone=SENDER, channel="telegram", trust="proved")
    return Shelves(estate)


async def test_a_slip_is_kept_sealed_with_the_account_and_shown_under_ones_name(estate: Any, shelves: Shelves) -> None:
    await sends(estate, caption="已经交了")
    assert (await one(estate)).state == "waiting"
    assert await attachments.fetch_waiting(estate.house) == 1
    row = await one(estate)
    assert (row.state, row.media_type, row.size) == ("kept", "image/png", len(PNG))
    assert b"a slip" not in row.content_sealed
    account = await account_row(estate)
    async with estate.store.read() as conn:
        assert [a.id for a in await shelf.of_account(conn, account)] == [row.id]
    assert await attachments.look(estate.house, account, row.id, "staff:7") == ("image/png", PNG)
    looks = [e for e in await estate.all(core.journal_entry) if e.kind == "look"]
    assert [(e.who, e.subject) for e in looks] == [("staff:7", f"account:{account.id}")]
    assert await attachments.fetch_waiting(estate.house) == 0
    assert len(shelves.asked) == 1
    assert (await verify(estate.store)).clean


async def test_another_account_never_shows_it(estate: Any, shelves: Shelves) -> None:
    await estate.owner("3-2-1202", phone="78", channel="telegram", trust="proved")
    await sends(estate)
    await attachments.fetch_waiting(estate.house)
    other = (await estate.all(core.account))[1]
    async with estate.store.read() as conn:
        assert await shelf.of_account(conn, other) == []
    with pytest.raises(NotFound):
        await attachments.look(estate.house, other, (await one(estate)).id, "staff:7")


async def test_what_a_stranger_or_an_unproved_person_sends_is_not_fetched(estate: Any, shelves: Shelves) -> None:
    await estate.owner("3-2-1202", phone="78", channel="telegram", trust="ledger")
    await sends(estate, sender="999")
    await sends(estate, sender="78")
    assert await estate.all(core.attachment) == []


@pytest.mark.parametrize("kind", ["voice", "sticker"])
async def test_voice_and_stickers_are_not_fetched(estate: Any, shelves: Shelves, kind: str) -> None:
    await sends(estate, kind=kind)
    assert await estate.all(core.attachment) == []


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"\xff\xd8\xff\xe0 jpeg", "image/jpeg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"%PDF-1.7", "application/pdf"),
    ],
)
async def test_what_it_is_is_read_from_its_first_bytes(
    estate: Any, shelves: Shelves, content: bytes, media_type: str
) -> None:
    shelves.kept = content
    await sends(estate, kind="file")
    await attachments.fetch_waiting(estate.house)
    assert (await one(estate)).media_type == media_type


@pytest.mark.parametrize(
    "kept", [b"<html><script>", b"", b"MZ\x90", Permanent("40007 the media is gone", "request")], ids=repr
)
async def test_what_cannot_be_kept_becomes_a_matter_for_people(estate: Any, shelves: Shelves, kept: Any) -> None:
    shelves.kept = kept
    await sends(estate, caption="已经交了")
    assert await attachments.fetch_waiting(estate.house) == 1
    row = await one(estate)
    assert (row.state, row.content_sealed) == ("refused", None)
    assert row.reason
    assert "picture" in [c.cause for c in await estate.all(core.case_)]
    assert (await verify(estate.store)).clean


async def test_a_provider_that_is_down_is_asked_again_and_after_three_days_no_more(
    estate: Any, shelves: Shelves
) -> None:
    shelves.kept = Passing("not reached")
    await sends(estate)
    assert await attachments.fetch_waiting(estate.house) == 0
    assert await attachments.fetch_waiting(estate.house) == 0
    assert len(shelves.asked) == 1
    estate.later(minutes=2)
    await attachments.fetch_waiting(estate.house)
    assert len(shelves.asked) == 2
    estate.later(days=4)
    assert await attachments.fetch_waiting(estate.house) == 1
    assert (await one(estate)).state == "refused"


async def test_our_own_wrong_token_loses_no_slip(estate: Any, shelves: Shelves) -> None:
    shelves.kept = Permanent("40001 the app secret is wrong", "sender")
    await sends(estate)
    assert await attachments.fetch_waiting(estate.house) == 0
    shelves.kept = PNG
    estate.later(minutes=2)
    assert await attachments.fetch_waiting(estate.house) == 1
    assert (await one(estate)).state == "kept"


async def test_twenty_a_day_are_kept_from_one_person(
    estate: Any, shelves: Shelves, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "A_DAY", 2)
    for _ in range(3):
        await sends(estate)
    assert len(await estate.all(core.attachment)) == 2
    estate.later(days=1, minutes=1)
    await sends(estate)
    assert len(await estate.all(core.attachment)) == 3


async def test_it_is_handed_over_with_the_persons_data_and_erased_in_its_time(estate: Any, shelves: Shelves) -> None:
    await sends(estate, caption="已经交了")
    await attachments.fetch_waiting(estate.house)
    account = await account_row(estate)
    await estate.pay(account.id, 48_600)
    told = await export(estate.house, "3-2-1201", estate.clock.at)
    assert told["sent_to_us"][0]["content"].startswith("iVBOR")
    await retain(estate.house, estate.clock.at + timedelta(days=5 * 366), years=5)
    row = await one(estate)
    assert (row.state, row.content_sealed, row.digest, row.size) == ("erased", None, b"", 0)
    with pytest.raises(NotFound):
        await attachments.look(estate.house, account, row.id, "staff:7")
    assert not [p for p in (await verify(estate.store)).problems if "payment" not in p]


async def test_a_changed_picture_is_found_out(estate: Any, shelves: Shelves) -> None:
    await sends(estate)
    await attachments.fetch_waiting(estate.house)
    account, row = await account_row(estate), await one(estate)
    async with estate.store.write() as conn:
        other = {"content_sealed": estate.store.vault.seal_bytes(PNG + b"!")}
        await conn.execute(core.attachment.update().values(**other))
    with pytest.raises(NotFound, match="not the one"):
        await attachments.look(estate.house, account, row.id, "staff:7")
    async with estate.store.write() as conn:
        await conn.execute(core.attachment.update().values(digest=b"forged"))
    assert any("attachment" in problem for problem in (await verify(estate.store)).problems)


async def test_a_rotation_of_keys_seals_it_anew(estate: Any, shelves: Shelves, keys: str) -> None:
    await sends(estate)
    await attachments.fetch_waiting(estate.house)
    fresh = Vault.parse(rotated(keys))
    assert await reseal(estate.store, fresh) > 0
    assert fresh.open_bytes((await one(estate)).content_sealed) == PNG
