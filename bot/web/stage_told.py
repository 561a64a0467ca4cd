"""What happened to an account, told for the sandbox page: one entry an event, with its reason in both languages."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.house import House
from bot.flows.why import why
from bot.flows.words import Book
from bot.talk.reasons import reason_words
from bot.talk.wording import word

Words = dict[str, str]
_CODE = re.compile(r"^[A-Z][A-Z_]+")
_WITHHELD = frozenset({"skipped", "cancelled", "superseded", "failed", "abandoned"})
_RANK = {"heard": 0, "reply": 1, "sent": 1, "uncertain": 1, "withheld": 1, "planned": 1, "waits": 3}
"""At one instant: what was heard, what was said to it, what came of it, what then stands in the way."""
_ANSWERED = {
    "promise_made": "confirmed", "promise_moved": "confirmed", "instalments_made": "confirmed",
    "promise_declined": "declined", "question_expired": "expired",
}  # fmt: skip
"""What an owner's yes, no or number answered, by what we said to it."""
_ANSWERS = frozenset({"text", "press", "maybe_start"})
_SAID = frozenset({"sent", "reply"})
_LOST = frozenset({"", "not_understood", "not_understood_again"})


@dataclass(frozen=True, slots=True)
class Told:
    """One entry. ``kind``: planned, sent, reply, uncertain, withheld, waits, promise, paid, case, heard."""

    at: datetime
    kind: str
    state: str = ""
    step: str = ""
    title: Words | None = None
    channel: str = ""
    words: Words | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)

    def json(self) -> dict[str, Any]:
        return {
            "at": self.at.isoformat(), "kind": self.kind, "state": self.state, "step": self.step, "title": self.title,
            "channel": self.channel, "words": self.words, "detail": dict(self.detail),
        }  # fmt: skip


def in_order(told: Told) -> tuple[datetime, int]:
    """Where an entry stands: by its time, at one instant cause before effect."""
    return told.at, _RANK.get(told.kind, 2)


def trade_word(table: str, key: str, words: Book) -> Words | None:
    """A cause or an outcome of a case in the staff's own words; None for none."""
    scripts = words.scripts
    found = {name: scripts.find("staff", table, (code,), None) for name, code in (("zh", "zh-Hans"), ("en", "en"))}
    said = {name: word(script, {"key": key}).text for name, script in found.items() if script is not None}
    return said if key and len(said) == len(found) else None


def step_title(step: str, words: Book) -> Words | None:
    """What a step or reply says, by the purpose in its script; None for a step of people or one without script."""
    found = (words.scripts.find(group, step, ("zh-Hans", "en"), None) for group in ("reminders", "replies"))
    script = next((script for script in found if script is not None), None)
    if script is None:
        return None
    zh, _, en = script.purpose.partition(" · ")
    return {"zh": zh, "en": en or zh}


def reason_of(text: str) -> Words | None:
    """A stored reason in words: by its code when it begins with one, else as it stands."""
    if not text:
        return None
    code = _CODE.match(text)
    if code is None:
        return {"zh": text, "en": text}
    return {"zh": reason_words(code[0]), "en": reason_words(code[0], "en")}


def how_known(reason: str) -> Words | None:
    """What is noted beside a try, in words: who or what resolved an uncertain one, else the provider's own sentence."""
    if reason == "asked at the provider":
        return {"zh": "向渠道查到的结果", "en": "found by asking the provider"}
    if reason.startswith("settled by "):
        who = reason.removeprefix("settled by ")
        return {"zh": f"由 {who} 核实", "en": f"settled by {who}"}
    if "429" in reason or "45009" in reason:
        return {"zh": "渠道要求放慢", "en": "the provider asked to slow down"}
    told = reason_of(reason)
    return told if told is None or _CODE.match(reason) else {"zh": f"渠道答复：{reason}", "en": reason}


def decided(row: Any, words: Book) -> Told:
    """A decision that waits or withholds, in the words of its first reason."""
    reasons = json.loads(row.reasons)
    parts = [reason_of(code) for code, _until, _detail in reasons]
    said = [part for part in parts if part is not None]
    both = {"zh": "；".join(part["zh"] for part in said), "en": "; ".join(part["en"] for part in said)}
    kind = {"wait": "waits", "skip": "withheld"}.get(row.verdict, "planned")
    step = "" if row.step == "-" else row.step
    detail = {"codes": [code for code, _until, _detail in reasons], "until": _iso(row.until)}
    return Told(row.at, kind, row.verdict, step, step_title(step, words), "", both if said else None, detail)


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def message_told(row: Any, tries: Sequence[Any], words: Book) -> Told:
    """A message: planned, sent, uncertain or withheld, with every try at a provider."""
    kind = "planned" if row.state == "queued" else "withheld" if row.state in _WITHHELD else "sent"
    kind = "uncertain" if row.state == "uncertain" else "reply" if kind == "sent" and row.kind == "reply" else kind
    at = row.not_before if row.state == "queued" else tries[0].started_at if tries and kind in _SAID else row.state_at
    detail = {
        "text": row.text, "reason": row.reason, "band": row.band,
        "tries": [
            {"at": t.started_at.isoformat(), "channel": t.channel, "outcome": t.outcome, "reason": how_known(t.reason),
             "asked": _iso(t.looked_at), "crossed": t.crossed}
            for t in tries
        ],
    }  # fmt: skip
    reason = reason_of(row.reason) if kind not in _SAID else None
    return Told(at, kind, row.state, row.step, step_title(row.step, words), row.channel, reason, detail)


def promise_told(row: Any) -> list[Told]:
    """A promise when it was made, and how it ended."""
    detail = {"amount_fen": row.amount_fen, "due_on": row.due_on.isoformat()}
    made = Told(row.made_at, "promise", "made", channel=row.channel, detail=detail)
    if row.outcome is None:
        return [made]
    return [made, Told(row.ended_at, "promise", row.outcome, channel=row.channel, detail=detail)]


def payment_told(row: Any) -> Told:
    """Money received, on its way or taken back."""
    noon = datetime.combine(row.paid_on, time(4), UTC)
    at = row.reversed_at or (row.entered_at if row.entered_at.date() <= row.paid_on else noon)
    detail = {"amount_fen": row.amount_fen, "way": row.way, "paid_on": row.paid_on.isoformat()}
    return Told(at, "paid", row.state, detail=detail)


def case_told(row: Any, words: Book) -> list[Told]:
    """A case when it was opened, and when it was resolved."""
    step = row.cause.removeprefix("step:") if row.cause.startswith("step:") else ""
    title = trade_word("causes", row.cause, words)
    detail = {"cause": row.cause, "outcome": trade_word("outcomes", row.outcome, words)}
    opened = Told(row.opened_at, "case", "open" if row.resolved_at else row.state, step, title, detail=detail)
    if row.resolved_at is None:
        return [opened]
    return [opened, Told(row.resolved_at, "case", "resolved", step, title, detail=detail)]


def heard_told(row: Any, answer: str = "") -> Told:
    """What the owner said and how it was understood; ``answer`` is the first reply to it.

    A yes, a no or a number has no intent of its own: it says what it ``answered`` (confirmed, declined, expired, or
    question for any other).
    """
    channel = {"twilio": "sms"}.get(row.provider, row.provider)
    answered = _ANSWERED.get(answer, "")
    if not answered and row.kind in _ANSWERS and row.intent in ("", "none") and answer not in _LOST:
        answered = "question"
    detail = {"text": row.text[:200], "intent": row.intent, "kind": row.kind, "answered": answered}
    return Told(row.received_at, "heard", row.intent, channel=channel, detail=detail)


async def next_words(house: House, conn: AsyncConnection, account: Any, words: Book, now: datetime) -> dict[str, Any]:
    """The next step and when, or what stands in the way and until when: the planner's own decision, nothing written."""
    found = (await why(house, conn, account, now)).json()
    reasons = [
        {"code": r["code"], "until": r["until"], "zh": r["words"], "en": r["words_en"]} for r in found["reasons"]
    ]
    step = found["step"] or ""
    return {
        "decision": found["decision"], "step": step, "title": step_title(step, words) if step else None,
        "at": found["until"], "channels": found["channels"], "reasons": reasons, "by_people": found["by_people"],
        "next_look": found["next_look"],
    }  # fmt: skip
