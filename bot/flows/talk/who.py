"""Who is speaking: a sender's address becomes a person, or stays a stranger.

People are never merged by a telephone number: on a shared one we ask which flat is meant (I9).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.house import House, Town
from bot.flows.talk import memory as remembered
from bot.flows.talk.memory import QUESTION_LIVES, Memory
from bot.flows.words import Book, book, books
from bot.talk.understand import Understood
from store import inbox
from store import talk as shelf
from store.journal import Entry, note
from store.standing import Standing, standing


@dataclass
class Talk:
    """One turn of a conversation: who speaks, over what, and what is known of them. ``row`` is None on the page."""

    house: House
    conn: AsyncConnection
    now: datetime
    town: Town
    book: Book
    channel: str
    memory: Memory
    row: Any = None
    contacts: Sequence[Any] = ()
    """Every live contact at the sender's address."""
    contact: Any = None
    """The one whose person speaks; None for a stranger."""
    person: Any = None
    accounts: Sequence[Any] = ()
    sender: Memory | None = None
    """The memory of the address itself: wrong codes, and whose flat a shared telephone speaks of."""
    heard: Understood | None = None
    intent: str = ""
    spoken_of: int | None = None
    """The account this turn was about."""
    detail: dict[str, Any] = field(default_factory=dict)
    known: Standing | None = None
    """The book as it stood when the turn began."""
    still: bool = False
    """Whether this turn only answers and changes nothing in the book, so that ``known`` holds."""
    replies: list[tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=list)
    """Messages, each with its item, to be queued when the turn is over."""
    spoke: set[int] = field(default_factory=set)
    """Contacts through which somebody spoke: written when the turn is over."""

    @property
    def today(self) -> date:
        """The community's local date."""
        return self.town.today(self.now)

    @property
    def proved(self) -> bool:
        """Whether we know that the speaker is the owner: only then amounts are spoken of (I9)."""
        return self.contact is not None and self.contact.trust == "proved"

    @property
    def shared(self) -> bool:
        """Whether several people answer at this address and none of them was chosen yet."""
        return self.contact is None and len({c.person_id for c in self.contacts}) > 1

    @property
    def text(self) -> str:
        return self.row.text if self.row is not None else ""

    @property
    def person_id(self) -> int | None:
        return int(self.person.id) if self.person is not None else None

    @property
    def who(self) -> str:
        """How the journal names the speaker."""
        return f"person:{self.person.id}" if self.person is not None else "stranger"

    @property
    def inbound_id(self) -> int | None:
        """What was heard; None on the owner's page."""
        return int(self.row.id) if self.row is not None else None

    @property
    def occasion(self) -> str:
        """What caused what this turn does."""
        return f"inbound:{self.row.id}" if self.row is not None else f"page:{int(self.now.timestamp())}"

    @property
    def address(self) -> str:
        """Where it was said, without telling: codes sent by SMS are good for this address alone."""
        if self.row is None:
            return f"page:{self.person_id}"
        return f"{self.row.provider}:{self.row.sender_index.hex()}"

    @property
    def memories(self) -> list[Memory]:
        """What is remembered of this turn: the speaker's, and the address's own."""
        if self.sender is None or self.sender is self.memory:
            return [self.memory]
        return [self.memory, self.sender]

    async def note(self, kind: str, subject: str, content: dict[str, Any]) -> None:
        """Writes a fact of this turn into the journal."""
        await note(self.conn, Entry(kind, subject, content, self.now, self.town.id, self.who))


def sender_name(row: Any) -> str:
    """The name of an address in locks and conversations; nothing can be read from it."""
    return f"sender:{row.provider}:{row.sender_index.hex()}"


async def begin(
    house: House, conn: AsyncConnection, rows: Sequence[Any], contacts: Mapping[int, Sequence[Any]], now: datetime
) -> list[Talk]:
    """Opens the turns of inbound rows of different people; none when the house has no community yet.

    ``contacts``: everyone at the address of each. The locks of senders and people are held.
    """
    people = {c.person_id for row in rows for c in contacts.get(row.id, ())}
    towns = {c.community_id for row in rows for c in contacts.get(row.id, ())}
    names = [sender_name(row) for row in rows] + [f"person:{number}" for number in sorted(people)]
    known = await standing(conn, people, towns, names)
    if not known.towns:
        return []
    words = await books(house, conn, list(known.towns), known.mark)
    return [_begun(house, conn, row, contacts.get(row.id, ()), known, words, now) for row in rows]


def _begun(
    house: House, conn: AsyncConnection, row: Any, contacts: Sequence[Any], known: Standing,
    words: Mapping[int, Book], now: datetime,
) -> Talk:  # fmt: skip
    sender = remembered.read(known.talks[sender_name(row)])
    mine = _mine(contacts, sender, now)
    number = (mine or contacts[0]).community_id if contacts else next(iter(known.towns))
    talk = Talk(
        house, conn, now, house.town(known.towns[number]), words[number], row.provider, sender, row, contacts,
        sender=sender, detail=json.loads(row.detail or "{}"), known=known,
    )  # fmt: skip
    if mine is not None:
        talk.contact, talk.person = mine, known.people[mine.person_id]
        talk.memory = remembered.read(known.talks[f"person:{talk.person.id}"])
        talk.accounts = known.accounts.get(talk.person.id, ())
    return talk


def _mine(contacts: Sequence[Any], sender: Memory, now: datetime) -> Any:
    people = {c.person_id for c in contacts}
    if len(people) == 1:
        return contacts[0]
    fresh = sender.chosen_at > (now - QUESTION_LIVES).timestamp()
    return next((c for c in contacts if fresh and c.person_id == sender.chosen), None)


async def take_on(talk: Talk, contact: Any) -> None:
    """The turn becomes this contact's: its person, their conversation, their accounts."""
    talk.contact = contact
    talk.person = await shelf.person_row(talk.conn, contact.person_id)
    if talk.person.community_id != talk.town.id:
        talk.town = talk.house.town(await shelf.town_row(talk.conn, talk.person.community_id))
        talk.book = await book(talk.house, talk.conn, talk.town.id)
    talk.memory = await remembered.load(talk.conn, f"person:{talk.person.id}")
    talk.accounts = await shelf.accounts_of(talk.conn, talk.person.id)


async def of_person(house: House, conn: AsyncConnection, person_id: int, channel: str, now: datetime) -> Talk | None:
    """A turn with a person who did not write to us just now; None when there is no such person any more.

    The person's lock is held. Their best contact on the channel speaks for them, else any that is proved.
    """
    person = await shelf.person_row(conn, person_id)
    if person is None or person.erased_at is not None:
        return None
    town = house.town(await shelf.town_row(conn, person.community_id))
    contacts = await shelf.contacts_of(conn, person_id)
    ranked = sorted(contacts, key=lambda c: (c.channel != channel, c.trust != "proved", c.id))
    proved = next((c for c in ranked if c.trust == "proved"), None)
    contact = proved or (ranked[0] if ranked else None)
    memory = await remembered.load(conn, f"person:{person_id}")
    accounts = await shelf.accounts_of(conn, person_id)
    words = await book(house, conn, town.id)
    return Talk(house, conn, now, town, words, channel, memory, None, contacts, contact, person, accounts)


async def at_contact(
    house: House, conn: AsyncConnection, person_id: int, contact_id: int, now: datetime
) -> Talk | None:
    """A turn on the page of whoever holds a link that was sent to this contact: it is known as the contact is (I9)."""
    talk = await of_person(house, conn, person_id, "page", now)
    if talk is not None:
        talk.contact = next((c for c in talk.contacts if c.id == contact_id), None)
    return talk if talk is not None and talk.contact is not None else None


async def prove_by_speaking(talk: Talk) -> None:
    """An SMS that comes from the ledger's own number proves that number (I9); nothing else proves itself."""
    if talk.channel != "sms":
        return
    for contact in talk.contacts:
        if contact.trust != "proved":
            await inbox.prove(talk.conn, contact.id, "sms", talk.now)
            await talk.note("proved", f"contact:{contact.id}", {"how": "sms"})
    talk.contacts = await shelf.people_at(talk.conn, talk.channel, talk.row.sender_index)
    if talk.contact is not None:
        talk.contact = next(c for c in talk.contacts if c.id == talk.contact.id)


async def keep(conn: AsyncConnection, talks: Sequence[Talk]) -> None:
    """Writes back what the conversations remember."""
    await remembered.save(conn, [memory for talk in talks for memory in talk.memories])
