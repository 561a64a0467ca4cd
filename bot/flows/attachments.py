"""A picture of a payment slip is kept with the account: fetched through its channel, looked at for what it is, sealed.

Only what people we know send is fetched, only pictures and PDFs are kept, and who looks at one is in the journal.
"""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from bot.flows.cases import open_case
from bot.flows.find import NotFound
from bot.flows.house import House
from bot.flows.talk.who import Talk
from channels.contract import ChannelError, Library, Permanent
from store import attachments as shelf
from store import talk as people
from store.journal import Entry, note

MOST = 10 * 2**20
"""Bytes. Providers pass on 5 to 20 MB; a photo of a slip has less than five."""
A_DAY = 20
"""Kept from one person in a day; what comes beyond is answered and not kept."""
PATIENCE = timedelta(days=3)
"""WeChat keeps what people send for so long."""
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
WAITING = {"state": "waiting", "media_type": "", "size": 0, "digest": b"", "reason": "", "tries": 0}


def kind_of(content: bytes) -> str:
    """The media type of what we keep, by its first bytes and whatever the sender calls it; empty for anything else."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    return "application/pdf" if content.startswith(b"%PDF-") else ""


async def expect(talk: Talk) -> None:
    """What just came is fetched soon, in a moment of its own: an answer never waits for a download."""
    if not talk.detail.get("file_id") or not isinstance(talk.house.channels.get(talk.channel), Library):
        return
    if await shelf.sent_since(talk.conn, talk.person.id, talk.now - timedelta(days=1)) >= A_DAY:
        return
    alone = talk.accounts[0].id if len(talk.accounts) == 1 else None
    values = {**WAITING, "inbound_id": talk.row.id, "person_id": talk.person.id, "at": talk.now, "next_at": talk.now,
              "account_id": talk.spoken_of or alone}  # fmt: skip
    number = await shelf.expect(talk.conn, values)
    await talk.note("attachment", f"attachment:{number}", values)


async def fetch_waiting(house: House) -> int:
    """Fetches what waits; answers how much was settled, kept or refused."""
    async with house.store.read() as conn:
        waiting = await shelf.due(conn, house.clock.now())
    return sum([await _fetch(house, row) for row in waiting])


async def _fetch(house: House, row: Any) -> bool:
    now = house.clock.now()
    try:
        values = _judged(house, await _content(house, row))
    except ChannelError as error:
        passing = not isinstance(error, Permanent) or error.fault == "sender"
        if passing and now - row.at < PATIENCE:
            async with house.store.write() as conn:
                await shelf.later(conn, row.id, now + min(FIRST_WAIT * 2 ** min(row.tries, 10), LONGEST_WAIT))
            return False
        values = {"state": "refused", "reason": str(error)[:200]}
    return await _settle(house, row, values, now)


async def _content(house: House, row: Any) -> bytes:
    channel = house.channels.get(row.provider)
    if not isinstance(channel, Library):
        raise Permanent("this channel is not connected any more", "sender")
    return await channel.fetch(str(json.loads(row.detail).get("file_id", "")), MOST)


def _judged(house: House, content: bytes) -> dict[str, Any]:
    kind = kind_of(content)
    if not kind:
        return {"state": "refused", "reason": "neither a picture nor a PDF"}
    digest = hashlib.sha256(content).digest()
    sealed = house.store.vault.seal_bytes(content)
    return {"state": "kept", "media_type": kind, "size": len(content), "digest": digest, "content_sealed": sealed}


async def _settle(house: House, row: Any, values: dict[str, Any], now: datetime) -> bool:
    """Written down once. One that could not be kept is a matter for people: the owner believes we have it."""
    async with house.store.write() as conn:
        if not await shelf.settle(conn, row.id, values):
            return False
        person = await people.person_row(conn, row.person_id)
        told = {**WAITING, "inbound_id": row.inbound_id, **values}
        entry = Entry("attachment", f"attachment:{row.id}", told, now, person.community_id, "", values["state"])
        await note(conn, entry)
        if values["state"] == "refused":
            subject = "" if row.account_id is not None else f"person:{row.person_id}"
            detail = {"inbound_id": row.inbound_id, "reason": values["reason"]}
            await open_case(conn, community_id=person.community_id, cause="picture", now=now, subject=subject,
                            account_id=row.account_id, detail=detail)  # fmt: skip
    return True


async def look(house: House, account: Any, number: int, who: str) -> tuple[str, bytes]:
    """Media type and bytes of one attachment of an account; that somebody looked is journaled.

    Raises NotFound for one that is not there, not kept, erased, or not what was kept.
    """
    async with house.store.write() as conn:
        found = await shelf.content(conn, account, number)
        if found is None:
            raise NotFound("this file is not kept with this account; reload the page")
        content = house.store.vault.open_bytes(found.content_sealed)
        if hashlib.sha256(content).digest() != found.digest:
            raise NotFound("this file is not the one that was sent; run: yinuo verify")
        told, about = {"attachment": number, "account": account.id}, f"account:{account.id}"
        words = f"attachment {number} shown"
        await note(conn, Entry("look", about, told, house.clock.now(), account.community_id, who, words))
    return str(found.media_type), content
