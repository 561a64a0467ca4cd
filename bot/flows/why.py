"""Why something is or is not said to an account: the same decision as planning, told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.climate import weather
from bot.flows.facts import read
from bot.flows.house import House
from bot.rules.decision import Code, Reason, Send, Skip, Verdict, Wait
from bot.rules.facts import AccountFacts, Climate
from bot.rules.ladder import decide
from bot.rules.moment import Moment
from bot.talk.reasons import reason_words, remedy
from store import facts as ask


@dataclass(frozen=True, slots=True)
class Why:
    """What the ladder says of one account at one instant."""

    account: str
    community: str
    at: datetime
    verdict: Verdict
    last_step: str
    standing: tuple[Reason, ...] = ()
    """What would hold a message back whatever the step: no release, a brake, who wants no reminders."""

    @property
    def reasons(self) -> tuple[Reason, ...]:
        main = self.verdict.main
        found = main.left_out if isinstance(main, Send) else main.reasons
        return found + tuple(reason for reason in self.standing if reason.code not in {r.code for r in found})

    def json(self) -> dict[str, Any]:
        main = self.verdict.main
        word = {Send: "send", Wait: "wait", Skip: "skip"}[type(main)]
        until = main.at if isinstance(main, Send) else main.until
        return {
            "account": self.account, "community": self.community, "at": self.at.isoformat(), "decision": word,
            "step": main.step or None, "until": until.isoformat() if until else None,
            "channels": [p.channel for p in main.picks] if isinstance(main, Send) else [],
            "reasons": [
                {"code": str(r.code), "until": r.until.isoformat() if r.until else None, "detail": r.detail,
                 "words": reason_words(str(r.code)), "words_en": reason_words(str(r.code), "en"),
                 "remedy": remedy(str(r.code), r.detail), "remedy_en": remedy(str(r.code), r.detail, "en")}
                for r in self.reasons
            ],
            "by_people": [over.step for over in self.verdict.hand_overs],
            "next_look": self.verdict.next_look.isoformat() if self.verdict.next_look else None,
            "last_step": self.last_step or None,
        }  # fmt: skip


async def why(house: House, conn: AsyncConnection, account: Any, now: datetime) -> Why:
    """Decides one account at ``now`` without writing anything."""
    around = await weather(house, conn, now)
    known = (await read(conn, ask.named([account.id]), around.towns, around.watermarks, now))[0]
    verdict = decide(known.facts, around.climates[account.community_id], around.moments[account.community_id])
    last = known.facts.said[-1].step if known.facts.said else ""
    name = around.towns[account.community_id].name
    standing = _standing(known.facts, around.climates[account.community_id], around.moments[account.community_id])
    return Why(known.facts.code, name, now, verdict, last, standing)


def _standing(facts: AccountFacts, climate: Climate, moment: Moment) -> tuple[Reason, ...]:
    found = [] if climate.released else [Reason(Code.NOT_RELEASED)]
    if climate.paused_until is not None and climate.paused_until >= moment.today:
        found.append(Reason(Code.PAUSED, moment.ends(climate.paused_until), {"why": climate.paused_why}))
    silent = sorted({reach.channel for one in facts.listeners for reach in one.reaches if reach.opted_out})
    return (*found, *(Reason(Code.OPTED_OUT, None, {"channel": channel}) for channel in silent))
