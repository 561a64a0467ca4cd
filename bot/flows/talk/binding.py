"""Binding a person to an account: the code printed on the bill, or the telephone on the ledger proved by SMS.

A stranger learns nothing from any answer here, not even whether a flat or a number exists (I9).
"""

import re
import secrets
import unicodedata
from datetime import timedelta
from typing import Any

from bot.flows.cases import open_case
from bot.flows.importing.cells import Unreadable
from bot.flows.importing.people import phones
from bot.flows.planned import key_of
from bot.flows.talk import who
from bot.flows.talk.answers import Answer, menu_answer, script_of
from bot.flows.talk.who import Talk
from bot.talk.wording import word
from store import core, inbox, ledger
from store import talk as shelf
from store.vault import mask

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without the letters and digits people mistake for one another."""
WRONG_TRIES = 5
LOCKED = timedelta(hours=1)
SMS_CODE_LIVES = timedelta(minutes=10)
SMS_CODES_A_DAY = 3
"""Codes one telephone gets in a day, whoever asks for them."""
_BILL = re.compile(
    rf"(?:/?START|BIND|CODE|绑定|綁定|绑定码|綁定碼|验证码|驗證碼)?[\s:：]*([{ALPHABET}]{{4}})[\s\-–—]?([{ALPHABET}]{{4}})"
)
_SMS = re.compile(r"(?:CODE|验证码|驗證碼)?[\s:：]*(\d{6})")
_PHONE = re.compile(r"(?:手机号?|电话|電話|手機號?|PHONE)?[\s:：]*(\+?\d[\d\s\-]{7,18})")


def bill_code(text: str) -> str | None:
    """The bill code a whole message consists of, without its dash; at least one digit and one letter."""
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    found = _BILL.fullmatch(plain)
    code = found[1] + found[2] if found else ""
    return code if any(c.isdigit() for c in code) and any(c.isalpha() for c in code) else None


def new_bill_code() -> str:
    """A fresh bill code: eight signs, among them a digit and a letter."""
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(8))
        if bill_code(code):
            return code


async def attempt(talk: Talk, text: str) -> list[Answer] | None:
    """What a message has to do with binding is answered here; None when it has nothing to do with it."""
    code = bill_code(text)
    if code is not None:
        return await _bill(talk, code)
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    memory = _address(talk)
    if memory.is_open(talk.now) and memory.question == "sms_code" and (found := _SMS.fullmatch(plain)):
        return await _sms_code(talk, found[1])
    if not talk.proved and talk.channel != "sms" and (found := _PHONE.fullmatch(plain)):
        return await _telephone(talk, found[1])
    return None


async def ticket(talk: Talk, payload: str) -> list[Answer]:
    """A scan or a deep link brings its ticket."""
    code = bill_code(payload.removeprefix("qrscene_"))
    return await _bill(talk, code) if code is not None else await _wrong(talk)


def _address(talk: Talk) -> Any:
    """The memory of the address: what is guessed counts against the sender, never against a flat."""
    return talk.sender if talk.sender is not None else talk.memory


def _locked(talk: Talk) -> Answer | None:
    until = _address(talk).locked_until
    if until is None or until <= talk.now:
        return None
    return Answer("bind_locked", {"minutes": -int((talk.now - until).total_seconds() // 60)})


async def _bill(talk: Talk, code: str) -> list[Answer]:
    if locked := _locked(talk):
        return [locked]
    row = await shelf.code_row(talk.conn, talk.house.store.vault.index("code", code))
    if not _good(talk, row) or row.account_id is None or not await shelf.use_code(talk.conn, row.id, talk.now):
        return await _wrong(talk)
    account = await shelf.account_row(talk.conn, row.account_id)
    if account is None or account.closed_on is not None:
        return await _wrong(talk)
    return await _bind(talk, [account.person_id], "bill")


def _good(talk: Talk, row: Any) -> bool:
    return row is not None and row.used_at is None and row.expires_at > talk.now


async def _bind(talk: Talk, people: list[int], how: str) -> list[Answer]:
    """The address becomes a proved contact of these people."""
    address = talk.house.store.vault.open(talk.row.sender_sealed)
    for person_id in people:
        await shelf.lock(talk.conn, f"person:{person_id}")
        values = {
            "person_id": person_id, "channel": talk.channel, "address_sealed": talk.row.sender_sealed,
            "address_index": talk.row.sender_index, "masked": mask(talk.channel, address),
        }  # fmt: skip
        contact_id = await shelf.bind(talk.conn, values, how, talk.now)
        await talk.note("bound", f"contact:{contact_id}", {"how": how, "person_id": person_id})
        await ledger.look_person(talk.conn, person_id, talk.now)
    memory = _address(talk)
    memory.wrong_codes, memory.locked_until = 0, None
    if memory.question == "sms_code":
        memory.close()
    await _speak_as(talk, people[0])
    return [menu_answer(talk, "bound_ok")]


async def _speak_as(talk: Talk, person_id: int) -> None:
    """From here on the turn is this person's; on an address of several it stays so until the question's life ends."""
    talk.contacts = await shelf.people_at(talk.conn, talk.channel, talk.row.sender_index)
    mine = next(contact for contact in talk.contacts if contact.person_id == person_id)
    memory = _address(talk)
    memory.chosen, memory.chosen_at = person_id, talk.now.timestamp()
    if talk.memory is not memory:
        await who.keep(talk.conn, [talk])
    await who.take_on(talk, mine)


async def _wrong(talk: Talk) -> list[Answer]:
    """A code that does not fit is counted; the fifth locks the sender for an hour, and staff are told."""
    if locked := _locked(talk):
        return [locked]
    memory = _address(talk)
    memory.wrong_codes += 1
    if memory.wrong_codes < WRONG_TRIES:
        return [Answer("bind_code_wrong")]
    memory.wrong_codes, memory.locked_until = 0, talk.now + LOCKED
    await open_case(
        talk.conn, community_id=talk.town.id, cause="code_guessing", now=talk.now, occasion=talk.occasion,
        subject=f"sender:{talk.address[:24]}", detail={"channel": talk.channel},
    )  # fmt: skip
    return [Answer("bind_locked", {"minutes": int(LOCKED.total_seconds() // 60)})]


async def _telephone(talk: Talk, written: str) -> list[Answer]:
    """Sends a code to a number on record; who asks hears the same whether or not it is."""
    if locked := _locked(talk):
        return [locked]
    for number in _numbers(talk, written):
        contacts = await shelf.people_at(talk.conn, "sms", talk.house.store.vault.index("sms", number))
        if contacts and "sms" in talk.house.channels:
            await send_code(talk, contacts)
    minutes = int(SMS_CODE_LIVES.total_seconds() // 60)
    _address(talk).ask("sms_code", talk.now)
    return [Answer("bind_code_sent", {"minutes": minutes})]


def _numbers(talk: Talk, written: str) -> tuple[str, ...]:
    try:
        return phones(written, talk.town.region).mobiles
    except Unreadable:
        return ()


async def send_code(talk: Talk, contacts: Any) -> None:
    """One code for the number, good for the sender who asked alone."""
    since = talk.now - timedelta(days=1) + SMS_CODE_LIVES
    if await shelf.codes_sent(talk.conn, [contact.id for contact in contacts], since) >= SMS_CODES_A_DAY:
        return
    code, index = f"{secrets.randbelow(10**6):06d}", b""
    for _ in range(5):
        index = _sms_index(talk, code)
        if await shelf.code_row(talk.conn, index) is None:
            break
        code = f"{secrets.randbelow(10**6):06d}"
    values = {
        "code_index": index, "contact_id": contacts[0].id, "kind": "sms", "expires_at": talk.now + SMS_CODE_LIVES,
    }  # fmt: skip
    await shelf.put(talk.conn, core.bind_code, values)
    await _queue_code(talk, contacts[0], code)


def _sms_index(talk: Talk, code: str) -> bytes:
    return talk.house.store.vault.index("code", f"{talk.address}:{code}")


async def _queue_code(talk: Talk, contact: Any, code: str) -> None:
    script = script_of(talk, "bind_code_sent", "sms")
    minutes = int(SMS_CODE_LIVES.total_seconds() // 60)
    says = talk.town.says(script.locale)
    text = word(script, {"code": code, "minutes": minutes, "community": says.name}).text
    message = {
        "community_id": talk.town.id, "kind": "code", "person_id": contact.person_id, "contact_id": contact.id,
        "inbound_id": talk.inbound_id, "channel": "sms", "step": "bind_code_sent", "band": "", "reason": "",
        "script_version_id": talk.book.version(script).id, "locale": script.locale, "priority": 0, "state": "queued",
        "not_before": talk.now, "lane": contact.id * 4, "expires_at": talk.now + SMS_CODE_LIVES, "fence": 0,
        "tries": 0, "text": text, "basket": "", "slots": "", "buttons": "", "created_at": talk.now,
        "state_at": talk.now,
    }  # fmt: skip
    occasion = talk.occasion
    item = {
        "account_id": None, "person_id": contact.person_id, "step": "bind_code", "occasion": occasion,
        "key": key_of(None, "bind_code", occasion, contact.person_id), "band": "", "at": talk.now,
    }  # fmt: skip
    await shelf.put_message(talk.conn, message, item)


async def prove_page(talk: Talk, code: str) -> list[Answer]:
    """The code sent to the person's own telephone, typed on the owner's page: that telephone is proved, and the contact
    the page's link was sent to."""
    if locked := _locked(talk):
        return [locked]
    contact_id = await _spent(talk, code)
    if contact_id is None:
        return await _wrong(talk)
    for number in sorted({contact_id, talk.contact.id}):
        await inbox.prove(talk.conn, number, "page", talk.now)
        await talk.note("proved", f"contact:{number}", {"how": "page"})
    return []


async def _spent(talk: Talk, code: str) -> int | None:
    """The contact whose code this is, the code used up; None for a wrong one."""
    row = await shelf.code_row(talk.conn, _sms_index(talk, code))
    if not _good(talk, row) or not await shelf.use_code(talk.conn, row.id, talk.now):
        return None
    return int(row.contact_id)


async def _sms_code(talk: Talk, code: str) -> list[Answer]:
    if locked := _locked(talk):
        return [locked]
    contact_id = await _spent(talk, code)
    if contact_id is None:
        return await _wrong(talk)
    proved = await shelf.contact_row(talk.conn, contact_id)
    people = {c.person_id for c in await shelf.people_at(talk.conn, "sms", proved.address_index)}
    return await _bind(talk, sorted(people), "sms_code")
