"""Pictures, voice, stickers, files: answered in a friendly way; a slip is kept with the account."""

from datetime import timedelta

from bot.flows import attachments
from bot.flows.cases import open_case
from bot.flows.talk import claims, dispute, requests
from bot.flows.talk.answers import Answer
from bot.flows.talk.who import Talk
from store import talk as shelf

REPLIES = {"picture": "picture_noted", "voice": "voice_noted", "sticker": "sticker_noted", "file": "file_noted"}

SHOWN = frozenset({"repair", "dispute", "visit", "sold", "deceased"})
"""What people send pictures of besides slips."""
LATELY = timedelta(minutes=30)


async def take(talk: Talk, intent: str) -> Answer:
    """Answers what came with a caption at most, whose ``intent`` goes before what the picture may be."""
    answer = await _answer(talk, intent)
    if talk.row.kind in ("picture", "file"):
        await attachments.expect(talk)
    return answer


async def _answer(talk: Talk, intent: str) -> Answer:
    kind = talk.row.kind
    expected = talk.memory.is_open(talk.now) and talk.memory.question == "paid_when"
    if kind in ("picture", "file") and (expected or intent == "paid_claim" or await _of_money(talk, intent)):
        if expected:
            talk.memory.close()
        talk.intent = "paid_claim"
        return await claims.slip(talk, talk.accounts)
    if intent in requests.REQUESTS:
        return await requests.take(talk, intent, talk.text, talk.accounts)
    if intent == "dispute":
        return await dispute.raise_one(talk, talk.text, talk.accounts)
    if kind in ("picture", "file"):
        await _to_people(talk)
    if kind == "picture":
        talk.memory.ask("picture_what", talk.now)
    return Answer(REPLIES[kind])


async def _of_money(talk: Talk, intent: str) -> bool:
    """Whether a picture is the slip of what was said to be paid, and not of what was spoken of since."""
    last = await shelf.last_intent(talk.conn, talk.person.id, talk.now - LATELY)
    return not {intent, last} & SHOWN and await claims.expects_slip(talk)


async def _to_people(talk: Talk) -> None:
    """Nobody but a person can see what a picture shows."""
    account = talk.accounts[0] if talk.accounts else None
    talk.spoken_of = account.id if account is not None else None
    await open_case(
        talk.conn, community_id=talk.town.id, cause="picture", now=talk.now, occasion=talk.occasion,
        account_id=account.id if account is not None else None,
        subject="" if account is not None else f"person:{talk.person_id}",
        assistant_id=account.assistant_id if account is not None else None,
        detail={"inbound_id": talk.inbound_id, "text": talk.text[:300], "kind": talk.row.kind},
    )  # fmt: skip
