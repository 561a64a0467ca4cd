"""One turn: what kind of thing was heard, and who answers it. What must never be missed comes first."""

import re
from typing import Any

from bot.flows.talk import (
    attached,
    binding,
    claims,
    consent,
    dispute,
    instalments,
    language,
    money_questions,
    promise,
    question,
    requests,
    stranger,
    units,
)
from bot.flows.talk.answers import Answer, menu_answer
from bot.flows.talk.plain import made_plain
from bot.flows.talk.promise import Wish
from bot.flows.talk.who import Talk, prove_by_speaking
from bot.talk.understand import Understood, understand
from channels.optout import opt_word
from store import talk as shelf

SILENT = frozenset({"subscribed", "joined_group", "left_group", "migrated", "other", "location"})
"""Kinds of events nobody expects an answer to."""
_UNBIND = re.compile(r"(?:我要|请|帮我)?(?:解绑|解除绑定|取消绑定|unbind|unlink)(?: ?me)?[!.。!]?")
_TENANTS = re.compile(
    r"(?:(?:好的?|请|麻烦|我|你们?|也|就|和|与|,|\s)*(?P<no>不(?:再)?(?:允许|同意|可以|许|要让|让|准|给)|取消|收回|别让)?"
    r"(?:允许|同意|可以|授权|让|给)*(?:我的|我家的?|这个|那个)?(?:租客|租户|房客)(?:们)?(?:也|可以|能|来|可)*"
    r"(?:查看|看|查|知道|了解)?(?:这户的?|我家的?|的)?(?:费用|账单|账目|欠费|账|授权|权限)?(?:了|吧|啦)?"
    r"|(?:(?:yes|ok|okay|please|i)[, ]*)*(?P<not>don't |do not |not |stop )?(?:allow(?:ing)?|let(?:ting)?)"
    r" (?:my |the )?tenants?(?: (?:to )?(?:see|view|look|know)(?: at)?)?(?: (?:my|the|it|this)?"
    r"(?: ?(?:bills?|charges?|account|fees?))?)?)[!.。! ]*"
)
"""An owner's word that a tenant may see the charges, or no longer: the whole sentence, and nothing beside it (I9)."""
_GRANTS = re.compile(r"允许|同意|授权|取消|收回|allow|(?:让|可以|能|准|许|let).*(?:看|查|知道|了解|see|view|look|know)")
_NUMBER_CHANGED = re.compile(
    r"(?:换|改|变)(?:了|个)?(?:手机|电话)?(?:号码?|手机|电话)(?:了|$)|new (?:phone )?number|changed my (?:phone|number)"
)


async def take(talk: Talk) -> list[Answer]:
    """The answers to one inbound row, in order; what it changes is written in the same transaction."""
    kind = talk.row.kind
    if kind == "unfollow":
        return await consent.gone(talk)
    await consent.back(talk)
    if kind in SILENT:
        return []
    word = kind if kind in ("stop", "help") else opt_word(talk.text) if kind in ("text", "start") else None
    if word == "stop":
        talk.intent = "stop"
        return await consent.stop(talk)
    if word == "start" or (kind == "start" and not talk.text) or (kind == "maybe_start" and consent.stopped(talk)):
        talk.intent = "start"
        return await consent.start(talk) or await _known(talk, "greeting")
    if kind in ("start", "scan") and talk.text:
        talk.intent = "bind"
        return await binding.ticket(talk, talk.text)
    if kind in ("follow", "scan"):
        return await _known(talk, "greeting")
    if word == "help":
        talk.intent = "help"
        return await _known(talk, "help")
    return await _words(talk)


def hear(talk: Talk, text: str, *, asked_for_date: bool = False) -> Understood:
    """The sentence understood as of the moment it was received, in the community's zone."""
    said_at = talk.row.received_at if talk.row is not None else talk.now
    return understand(text, said_at.astimezone(talk.town.zone), asked_for_date=asked_for_date)


async def _known(talk: Talk, name: str) -> list[Answer]:
    """A reply with the menu, for whom we know."""
    await prove_by_speaking(talk)
    return [menu_answer(talk, name)] if talk.proved else await stranger.answer(talk)


async def _words(talk: Talk) -> list[Answer]:
    """Words, a press, or something attached."""
    if talk.row.kind == "press":
        heard = None
    else:
        heard = talk.heard = hear(talk, talk.text)
        talk.intent = heard.intent
        language.follow(talk, heard)
        ended = await _farewell(talk, heard)
        if ended is not None:
            return ended
        bound = await binding.attempt(talk, talk.text)
        if bound is not None:
            talk.intent = "bind"
            return bound
    await prove_by_speaking(talk)
    if talk.shared and all(contact.trust == "proved" for contact in talk.contacts):
        return await _shared(talk, heard)
    if not talk.proved:
        return await stranger.answer(talk)
    return await speak(talk, heard)


def tenants_may(text: str) -> bool | None:
    """What an owner decides of a tenant's view; None where the sentence is about anything else."""
    plain = made_plain(text).strip(' "')
    found = _TENANTS.fullmatch(plain)
    if found is None or not _GRANTS.search(plain):
        return None
    return not (found["no"] or found["not"])


async def _farewell(talk: Talk, heard: Understood) -> list[Answer] | None:
    """What ends our writing to this address, said in any words; before anything else is made of the message."""
    if heard.intent == "stop":
        return await consent.stop(talk)
    strange = units.named(talk.accounts, talk.text) if talk.proved and heard.intent == "not_me" else []
    if 0 < len(strange) < len(talk.accounts):
        return [await dispute.raise_one(talk, talk.text, strange)]
    if heard.intent == "not_me" and tenants_may(talk.text) is None:
        return await consent.not_me(talk)
    if _UNBIND.fullmatch(made_plain(talk.text).strip()):
        talk.intent = "unbind"
        return await consent.unbind(talk)
    return None


async def _shared(talk: Talk, heard: Understood | None) -> list[Answer]:
    """Several people at one address: which flat is meant comes first."""
    press = question.pressed(talk.text) if talk.row.kind == "press" else None
    told = question.tapped(press[1]) if press else question.given(talk.text, heard)
    if talk.memory.is_open(talk.now) and talk.memory.question == "choose_person":
        found = await question.answer(talk, told, heard, hear, route)
        if found is not None:
            return found
    return [await units.ask_whose(talk, talk.text if press is None else "")]


async def speak(talk: Talk, heard: Understood | None) -> list[Answer]:
    """What a person we know says, with their flats at hand."""
    if not talk.accounts and heard is not None and heard.intent not in ("language", "thanks", "greeting", "scam"):
        return await _without_account(talk)
    if heard is None:
        return await _press(talk)
    if talk.row is not None and talk.row.kind in attached.REPLIES and not (talk.row.kind == "voice" and talk.text):
        return [await attached.take(talk, heard.intent)]
    if not _says_something(talk.text):
        return [Answer("sticker_noted")] if talk.text.strip() else []
    told = question.given(talk.text, heard)
    if talk.memory.is_open(talk.now):
        found = await question.answer(talk, told, heard, hear, route)
        if found is not None:
            talk.memory.lost = 0
            return found
    elif told.yes is not None or told.place is not None:
        return await _stray_yes(talk, told)
    return await route(talk, talk.text, heard)


def _says_something(text: str) -> bool:
    return any(char.isalnum() for char in text) or bool(re.fullmatch(r"[?!]+", made_plain(text).strip()))


async def _without_account(talk: Talk) -> list[Answer]:
    """A tenant whose owner has not allowed it, or someone whose flat is sold."""
    if await shelf.hidden_from(talk.conn, talk.person.id):
        return [Answer("tenant_refused")]
    return [await requests.take(talk, "person", talk.text, ())]


async def _press(talk: Talk) -> list[Answer]:
    """A button: bound to its question. One of an older question never counts as an answer to a newer one."""
    press = question.pressed(talk.text)
    if press is None:
        item = talk.text.removeprefix("m:")
        return [await question.do_item(talk, item)] if talk.text.startswith("m:") else [menu_answer(talk, "menu")]
    number, word = press
    if number == talk.memory.question_no and talk.memory.is_open(talk.now):
        talk.detail["edits"] = talk.detail.get("message_id", "")
        found = await question.answer(talk, question.tapped(word), None, hear, route)
        return found if found is not None else [question.again(talk)]
    if number == talk.memory.question_no and not talk.memory.question:
        return []
    if talk.memory.is_open(talk.now):
        return [question.again(talk)]
    talk.memory.close()
    return [Answer("question_expired")]


async def _stray_yes(talk: Talk, told: question.Given) -> list[Answer]:
    """A yes, a no or a number while nothing is asked."""
    if talk.memory.question:
        talk.memory.close()
        return [Answer("question_expired")]
    if told.place is not None:
        return [menu_answer(talk, "menu")]
    lately = (talk.now.timestamp() - 3600) < max(talk.memory.answers, default=0.0)
    if lately:
        return []
    return [await promise.offer(talk, Wish(None), talk.accounts)] if told.yes else [menu_answer(talk, "menu")]


async def route(talk: Talk, text: str, heard: Understood) -> list[Answer]:
    """What a sentence asks for is done; ``talk.accounts`` are the flats it may be about."""
    talk.intent = heard.intent
    accounts = units.named(talk.accounts, text) or list(talk.accounts)
    special = await _special(talk, text)
    if special is not None:
        return [special]
    if heard.intent == "none":
        return [await _lost(talk, text, accounts)]
    talk.memory.lost = 0
    return await _intent(talk, text, heard, accounts)


async def _special(talk: Talk, text: str) -> Answer | None:
    """Two wishes that are no intent of their own: a tenant's view, a changed number."""
    plain = made_plain(text)
    allowed = tenants_may(text)
    if allowed is not None:
        owner = any(account.role in ("responsible", "co_owner") for account in talk.accounts)
        return await requests.let_tenants_see(talk, allowed) if owner else Answer("tenant_refused")
    if _NUMBER_CHANGED.search(plain):
        return await requests.take(talk, "person", text, talk.accounts)
    return None


async def _lost(talk: Talk, text: str, accounts: list[Any]) -> Answer:
    """Not understood: the open question again, or the menu; the second time a person is offered."""
    if money_questions.is_explanation(text):
        return await money_questions.answer(talk, text, accounts)
    talk.memory.lost += 1
    if talk.memory.lost > 1:
        talk.memory.lost = 0
        talk.memory.ask("offer_person", talk.now)
        return Answer("not_understood_again")
    if talk.memory.is_open(talk.now) and talk.memory.question != "menu":
        return question.again(talk)
    return menu_answer(talk, "not_understood")


async def _intent(talk: Talk, text: str, heard: Understood, accounts: list[Any]) -> list[Answer]:
    intent = heard.intent
    if intent == "promise":
        wish = Wish(heard.date, heard.amount_fen, heard.share)
        return [await promise.offer(talk, wish, accounts, text)]
    if intent == "instalments":
        return [await instalments.offer(talk, heard.dates, heard.amounts_fen, accounts, text)]
    if intent == "balance":
        return [await money_questions.answer(talk, text, accounts)]
    if intent == "bill":
        return [await money_questions.bill(talk, text, accounts)]
    if intent == "paid_claim":
        return [await claims.claimed(talk, text, accounts)]
    if intent == "dispute" and money_questions.is_question(text):
        return [await money_questions.answer(talk, text, accounts)]
    if intent == "dispute":
        return [await dispute.raise_one(talk, text, accounts)]
    if intent == "language":
        return [await language.change(talk, heard.locale)]
    if intent in requests.REQUESTS:
        return [await requests.take(talk, intent, text, accounts)]
    return await _courtesy(talk, text, intent, accounts)


async def _courtesy(talk: Talk, text: str, intent: str, accounts: list[Any]) -> list[Answer]:
    """Answers that change nothing."""
    if money_questions.is_explanation(text):
        return [await money_questions.answer(talk, text, accounts)]
    plain = {"pay_how": "pay_how", "scam": "scam_reassure", "thanks": "thanks_back"}
    if intent in plain:
        return [Answer(plain[intent], about=accounts)]
    if intent == "start":
        return await consent.start(talk) or [menu_answer(talk, "menu")]
    return [menu_answer(talk, "greeting" if intent == "greeting" else "help")]
