"""How a wording reads for an owner, real or invented, on a channel."""

from datetime import timedelta
from typing import Any

from bot.flows.climate import weather
from bot.flows.facts import Known, read
from bot.flows.find import NotFound, account_named
from bot.flows.house import House
from bot.flows.words import book, locale_chain
from bot.talk.awkward import AWKWARD, awkward_slots
from bot.talk.basket import Basket, BasketLine
from bot.talk.lengths import sms_segments
from bot.talk.scripts import Script
from bot.talk.standard import slots_for
from bot.talk.wording import word
from store import facts as ask


async def preview(
    house: House, step: str, locale: str, channel: str, account: str = "", community: str | None = None
) -> str:
    """The text (and WeChat fields) of a step. Raises NotFound when no wording or unit has that name."""
    async with house.store.read() as conn:
        row = await account_named(conn, account, community) if account else None
        shelf = await book(house, conn, row.community_id if row else None)
        script = shelf.scripts.find("reminders", step, locale_chain(locale), channel)
        if script is None:
            raise NotFound(f"no step is called {step!r}; `yinuo scripts list` names them all")
        if row is None:
            slots = awkward_slots(AWKWARD[0], script.locale)
        else:
            around = await weather(house, conn, house.clock.now())
            known = (await read(conn, ask.named([row.id]), around.towns, around.watermarks, house.clock.now()))[0]
            slots = account_slots(known, around.towns[row.community_id], script, house)
    worded = word(script, slots)
    lines = [worded.text, *(f"  {key}: {value}" for key, value in worded.fields.items())]
    if channel == "sms":
        lines.append(f"  ({sms_segments(worded.text)} segment(s))")
    return "\n".join(lines)


def account_slots(known: Known, town: Any, script: Script, house: House) -> dict[str, object]:
    """The slots of a reminder for a real account, as it stands now."""
    today = town.today(house.clock.now())
    facts = known.facts
    lines = [BasketLine(facts.code, c.kind, c.period, c.due_on, c.open_fen) for c in facts.charges]
    basket = Basket(tuple(lines), today)
    deadline = today + timedelta(days=town.policy.demand.period_days)
    slots = slots_for(basket, locale=script.locale, owner=known.owner, community=town.says(script.locale),
                      deadline=deadline)  # fmt: skip
    return awkward_slots(AWKWARD[0], script.locale) | slots
