"""A part of a promised sum has come: thanks, and what is left, once per payment and in the next window."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.house import House
from bot.flows.planned import key_of
from bot.flows.talk import who
from bot.flows.talk.answers import Answer, script_of, worded
from bot.flows.talk.promise import owing
from bot.flows.talk.who import Talk
from bot.rules.moment import moment
from store import talk as shelf

STEP = "paid_part_thanks"
LIVES = timedelta(days=2)


async def thank(house: House, conn: AsyncConnection, account: Any, payment: Any, now: datetime) -> bool:
    """Queues the thanks where a free text can reach the owner on an address we know is theirs; answers whether."""
    person = await shelf.person_row(conn, account.person_id)
    for channel in house.order(house.town(await shelf.town_row(conn, person.community_id))):
        talk = await who.of_person(house, conn, account.person_id, channel, now)
        if talk is not None and talk.proved and talk.contact.channel == channel and _reaches(talk):
            return await _queue(talk, account, payment)
    return False


def _reaches(talk: Talk) -> bool:
    """Whether the contact is open, and the provider takes a free text now."""
    contact, hours = talk.contact, talk.house.channels[talk.channel].traits.free_text_hours
    if contact.dead_at is not None or contact.opted_out_at is not None:
        return False
    return hours is None or bool(
        contact.window_opened_at and contact.window_opened_at > talk.now - timedelta(hours=hours)
    )


async def _queue(talk: Talk, account: Any, payment: Any) -> bool:
    about = [row for row in talk.accounts if row.id == account.id]
    rest = (await owing(talk, about))[account.id]
    town = talk.town
    opening = moment(town.policy, town.calendar, town.zone, talk.now).opening(False, talk.channel, about[0].segment)
    if rest <= 0 or opening is None:
        return False
    _script, said = await worded(talk, Answer(STEP, {"paid": payment.amount_fen, "rest": rest}, about=about))
    occasion = f"payment:{payment.id}"
    item = {
        "account_id": account.id, "person_id": talk.person_id, "step": STEP, "occasion": occasion,
        "key": key_of(account.id, STEP, occasion, talk.person_id), "band": "", "at": talk.now,
    }  # fmt: skip
    return await shelf.put_message(talk.conn, _message(talk, said.text, opening), item) is not None


def _message(talk: Talk, text: str, opening: datetime) -> dict[str, Any]:
    script = script_of(talk, STEP)
    return {
        "community_id": talk.town.id, "kind": "reply", "person_id": talk.person_id, "contact_id": talk.contact.id,
        "channel": talk.channel, "step": STEP, "band": "", "reason": "", "locale": script.locale,
        "script_version_id": talk.book.version(script).id, "priority": 5, "state": "queued", "not_before": opening,
        "lane": talk.contact.id * 4, "expires_at": opening + LIVES, "fence": 0, "tries": 0, "text": text,
        "basket": "", "slots": "", "buttons": "", "created_at": talk.now, "state_at": talk.now,
    }  # fmt: skip
