"""How an answer leaves: worded at once, queued once, never the same sentence twice, never more than some an hour.

The flows decide an ``Answer``; the chat queues it in the outbox (I12), the owner's page shows its words.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from bot.flows.cases import open_case
from bot.flows.planned import key_of
from bot.flows.talk import balance
from bot.flows.talk.who import Talk
from bot.flows.words import locale_chain
from bot.talk.scripts import Script
from bot.talk.wording import Worded, word

AN_HOUR = 20
"""Automatic answers one person gets in an hour: two robots never thank each other for long."""
ANSWER_LIVES = timedelta(minutes=10)
"""A reply that could not leave within this time is not sent any more: the talk has gone on."""
MENU = ("balance", "promise", "pay_how", "paid", "dispute", "person")
"""What the menu offers, in order; the words are the replies ``label_<item>``."""

LISTS = ("menu", "dates3")
"""Slots that hold a numbered list."""
_GAP = re.compile(r"\n{2,}")
_INSTEAD: Mapping[str, str] = {
    "balance": "balance_detail", "balance_detail": "balance", "not_understood": "not_understood_again",
    "not_understood_again": "menu", "menu": "help", "help": "menu", "greeting": "menu",
    "promise_confirm": "confirm_waits", "instalments_confirm": "confirm_waits", "confirm_waits": "promise_confirm",
    "pay_how": "pay_how_more", "pay_how_more": "menu", "nothing_owed": "menu", "dispute_waits": "still_noted",
    "promise_move_refused": "promise_kept_waits", "promise_kept_waits": "menu", "late_fee_none": "balance",
    "bill": "balance", "bill_none": "balance", "bill_paid": "menu",
    "paid_claim_again": "still_noted", "bind_code_wrong": "unknown_sender",
    **dict.fromkeys(("person_noted", "dispute_noted", "repair_noted", "visit_noted", "invoice_noted", "sold_noted",
                     "refusal_noted", "hardship_noted", "paid_claim_thanks", "slip_noted", "picture_noted",
                     "file_noted", "abuse_calm"), "still_noted"),
    "choose_unit": "choice_waits", "promise_ask_date": "choice_waits",
}  # fmt: skip
"""What is said where the same sentence would be said twice in a row; anything else is then left unsaid."""
_ALWAYS = frozenset({"stopped", "not_me_noted", "not_me_unbound"})
"""Answers the law or decency asks for, whatever the number."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing to say: the name of a reply and what fills it. ``buttons`` are (label reply, data) pairs."""

    name: str
    slots: Mapping[str, object] = field(default_factory=dict)
    buttons: tuple[tuple[str, str], ...] = ()
    about: Sequence[Any] | None = None
    """The accounts it speaks of; None: all of the speaker's."""
    to_address: bool = False
    """To the address it came from, not to a contact: the contact has just been unbound."""


def yes_no(question_no: int) -> tuple[tuple[str, str], ...]:
    """The two buttons of a question; each is bound to its number."""
    return (("label_yes", f"q:{question_no}:yes"), ("label_no", f"q:{question_no}:no"))


def menu_answer(talk: Talk, name: str, **slots: object) -> Answer:
    """A reply that ends in the menu, which then is the open question."""
    number = talk.memory.ask("menu", talk.now, items=list(MENU))
    lines = numbered([label(talk, f"label_{item}") for item in MENU])
    buttons = tuple((f"label_{item}", f"q:{number}:{place}") for place, item in enumerate(MENU, 1))
    return Answer(name, {"menu": lines, **slots}, buttons)


def numbered(lines: Sequence[str]) -> str:
    """Lines with their numbers before them: 1 …, 2 …"""
    return "\n".join(f"{place} {line}" for place, line in enumerate(lines, 1))


def locale_of(talk: Talk) -> str:
    """The language of this turn: the one asked for, else the one written in, else the community's."""
    return (talk.person.locale if talk.person is not None else "") or talk.memory.locale or talk.town.locale


def script_of(talk: Talk, name: str, channel: str = "") -> Script:
    """The published wording of a reply in the speaker's language, in the voice of this channel or another.

    LookupError when nobody wrote one.
    """
    chain = locale_chain(locale_of(talk), talk.town.locale)
    script = talk.book.scripts.find("replies", name, chain, channel or talk.channel)
    if script is None:
        raise LookupError(f"no reply {name!r} in {', '.join(chain)}; run: yinuo scripts import")
    return script


def label(talk: Talk, name: str) -> str:
    """A reply without slots, as one line: the words on a button or in a menu."""
    return word(script_of(talk, name), {}).text


async def worded(talk: Talk, answer: Answer) -> tuple[Script, Worded]:
    """An answer in the speaker's language and the channel's manner."""
    script = script_of(talk, answer.name)
    slots = await balance.slots(talk, script, answer.about)
    return script, word(script, {**slots, **answer.slots})


async def reply(talk: Talk, answer: Answer) -> None:
    """Says one answer when the turn is over, or leaves it unsaid (too many, or said just now)."""
    answer = await _held_back(talk, answer) or answer
    if _too_often(talk) and answer.name not in _ALWAYS and answer.name != "too_many":
        return
    found = await _fresh(talk, answer)
    if found is None:
        return
    answer, script, text = found
    item = _item(talk, answer)
    if any(said["key"] == item["key"] for _, said in talk.replies):
        return
    talk.replies.append((_message(talk, answer, script, text), item))
    if answer.name == talk.memory.question:
        talk.memory.said_by = f"inbound:{talk.row.id}"
    talk.memory.last_reply = _mark(talk, answer, text)
    talk.memory.answers.append(talk.now.timestamp())


async def _held_back(talk: Talk, answer: Answer) -> Answer | None:
    """At the limit the speaker is told once that a person will read on, and people are told to."""
    begin = (talk.now - timedelta(hours=1)).timestamp()
    talk.memory.answers = [at for at in talk.memory.answers if at > begin]
    if len(talk.memory.answers) != AN_HOUR or answer.name in _ALWAYS:
        return None
    subject = f"person:{talk.person.id}" if talk.person is not None else _sender(talk)
    await open_case(talk.conn, community_id=talk.town.id, cause="too_many_messages", now=talk.now, subject=subject)
    return Answer("too_many")


def _sender(talk: Talk) -> str:
    return f"sender:{talk.row.provider}:{talk.row.sender_index.hex()[:16]}"


def _too_often(talk: Talk) -> bool:
    return len(talk.memory.answers) >= AN_HOUR


async def _fresh(talk: Talk, answer: Answer) -> tuple[Answer, Script, str] | None:
    """The answer in words that were not just said, or what is said in its place."""
    for _ in range(3):
        script, text = await _spoken(talk, answer)
        if _mark(talk, answer, text) != talk.memory.last_reply:
            return answer, script, text
        instead = _INSTEAD.get(answer.name)
        if instead is None:
            return None
        answer = menu_answer(talk, instead) if instead in ("menu", "help") else replace(answer, name=instead)
    return None


async def _spoken(talk: Talk, answer: Answer) -> tuple[Script, str]:
    """The words as the channel shows them: what stands on its buttons is not said a second time in the text."""
    on_buttons = {name: "" for name in LISTS if name in answer.slots} if _has_buttons(talk, answer) else {}
    script, said = await worded(talk, replace(answer, slots={**answer.slots, **on_buttons}))
    return script, _GAP.sub("\n", said.text) if on_buttons else said.text


def _has_buttons(talk: Talk, answer: Answer) -> bool:
    channel = talk.house.channels.get(talk.channel)
    return bool(answer.buttons) and channel is not None and channel.traits.buttons


def _mark(talk: Talk, answer: Answer, text: str) -> str:
    """What would be the same sentence again: its words, and what it lets choose from."""
    choices = [name for name, _data in answer.buttons] if _has_buttons(talk, answer) else []
    return hashlib.sha256("\n".join([text, *choices]).encode()).hexdigest()[:16]


def _message(talk: Talk, answer: Answer, script: Script, text: str) -> dict[str, Any]:
    contact_id = talk.contact.id if talk.contact is not None and not answer.to_address else None
    return {
        "community_id": talk.town.id, "kind": "reply", "person_id": talk.person_id, "contact_id": contact_id,
        "inbound_id": talk.row.id, "channel": talk.channel, "step": answer.name, "band": "", "reason": "",
        "script_version_id": talk.book.version(script).id, "locale": script.locale, "priority": 0, "state": "queued",
        "not_before": talk.now, "lane": contact_id * 4 if contact_id else 0, "expires_at": talk.now + ANSWER_LIVES,
        "fence": 0, "tries": 0, "text": text, "basket": "", "slots": _manners(talk), "buttons": _buttons(talk, answer),
        "created_at": talk.now, "state_at": talk.now,
    }  # fmt: skip


def _manners(talk: Talk) -> str:
    """Where the channel can, the answer takes the place of the question that was pressed."""
    pressed = talk.detail.pop("edits", "")
    can = talk.channel in talk.house.channels and talk.house.channels[talk.channel].traits.edits
    return json.dumps({"edits": pressed}) if pressed and can else ""


def _buttons(talk: Talk, answer: Answer) -> str:
    if not _has_buttons(talk, answer):
        return ""
    pairs = [[_on_button(talk, name, data), data, None] for name, data in answer.buttons]
    rows = [pairs] if len(pairs) <= 2 else [[pair] for pair in pairs]
    return json.dumps(rows, ensure_ascii=False)


def _on_button(talk: Talk, name: str, data: str) -> str:
    """The words of a button; one of a list has its number before it, which may be typed as well."""
    words = label(talk, name) if name.startswith("label_") else name
    place = data.rpartition(":")[2]
    return f"{place} {words}" if place.isdigit() else words


def _item(talk: Talk, answer: Answer) -> dict[str, Any]:
    occasion = f"inbound:{talk.row.id}"
    return {
        "account_id": talk.spoken_of, "person_id": talk.person_id, "step": answer.name, "occasion": occasion,
        "key": key_of(None, answer.name, occasion, talk.person_id), "band": "", "at": talk.now,
    }  # fmt: skip
