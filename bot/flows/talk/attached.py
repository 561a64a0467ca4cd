"""Pictures, voice, stickers, files: answered in a friendly way; a slip is kept with the account."""

from bot.flows import attachments
from bot.flows.cases import open_case
from bot.flows.talk import claims
from bot.flows.talk.answers import Answer
from bot.flows.talk.who import Talk

REPLIES = {"picture": "picture_noted", "voice": "voice_noted", "sticker": "sticker_noted", "file": "file_noted"}


async def take(talk: Talk, intent: str) -> Answer:
    """Answers what came without words of its own; ``intent`` is that of its caption."""
    answer = await _answer(talk, intent)
    if talk.row.kind in ("picture", "file"):
        await attachments.expect(talk)
    return answer


async def _answer(talk: Talk, intent: str) -> Answer:
    kind = talk.row.kind
    expected = talk.memory.is_open(talk.now) and talk.memory.question == "paid_when"
    if kind in ("picture", "file") and (expected or intent == "paid_claim" or await claims.expects_slip(talk)):
        if expected:
            talk.memory.close()
        talk.intent = "paid_claim"
        return await claims.slip(talk, talk.accounts)
    if kind in ("picture", "file"):
        await _to_people(talk)
    if kind == "picture":
        talk.memory.ask("picture_what", talk.now)
    return Answer(REPLIES[kind])


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
