"""The show: days go by in the terminal, and a summary says what happened and that nothing went wrong."""

import json
import sys
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from bot.demo.book import owed_by_unit
from bot.demo.crew import COLLEAGUES, Crew
from bot.demo.judge import Evidence, after_payment, by_channel, duplicates, json_lines, outside_window
from bot.demo.people_figures import of_people
from bot.demo.stage import ADMIN, PASSWORD, ZONE, Stage
from bot.demo.town import Town, people_the_town
from bot.flows.audit import LIKE, audit, our_id
from bot.serving import told_to_stop, until_told_to_stop
from bot.talk.reasons import reason_words
from store.core import attempt, decision, message

HOURS = (10.75, 15.5, 20.5)
"""Local hours at which the town wakes and looks at its phones."""


def say(text: str) -> None:
    """The story goes to standard error; standard output is for the answer."""
    print(text, file=sys.stderr)


LOST_DAY = 8
"""The day on which two answers are lost on the way."""
LATE = 18
"""The crew goes home."""


class Stopped(Exception):
    """Ctrl-C while the days were played."""


async def play(stage: Stage, days: int, *, loud: bool) -> dict[str, Any]:
    """Lets the days pass; answers the summary of the command contract. Raises Stopped at Ctrl-C."""
    town, crew = await people_the_town(stage, stage.seed), Crew(stage, stage.seed)
    start = stage.started.astimezone(ZONE).date()
    stop = told_to_stop()
    for number in range(days):
        if stop.is_set():
            raise Stopped(f"stopped on day {number} of {days}")
        if number == LOST_DAY:
            await _lose_two_answers(stage)
        day = start + timedelta(days=number)
        for hour in HOURS:
            at = datetime.combine(day, datetime.min.time(), ZONE) + timedelta(hours=hour)
            await stage.control("clock", to=at.isoformat())
            await town.wake(at)
            if hour < LATE:
                await crew.work(at)
        if loud:
            _tell(stage, town, number, day.isoformat())
    await stage.control("clock", forward=3600)
    summary = await summarise(stage, town)
    if loud:
        _tell_summary(summary)
    return summary


async def _lose_two_answers(stage: Stage) -> None:
    """Of two reminders the answers are lost: one provider can be asked, of the other a person judges."""
    for channel, words in (("sms", "】您好"), ("telegram", "/o/")):
        await stage.control("faults", point="accept_then_lose", channel=channel, text=words, times=1)


def _tell(stage: Stage, town: Town, number: int, day: str) -> None:
    lines = [line for line in json_lines(stage.ledger) if line["at"][:10] == day]
    first = min((line["at"] for line in lines), default="")
    clock = datetime.fromisoformat(first).astimezone(ZONE).strftime("%H:%M") if first else "--:--"
    told = ", ".join(f"{name} {count}" for name, count in sorted(by_channel(lines).items())) or "silence"
    say(f"day {number:>3}  {day}  first word {clock}  {told}")
    if lines:
        sample = lines[len(lines) // 2]
        say(f"         {sample['channel']}: {' '.join(sample['text'].split())[:100]}")
    for event in town.told[:3]:
        say(f"         {event}")
    if len(town.told) > 3:
        say(f"         … and {len(town.told) - 3} more deeds of the town")
    town.told.clear()


async def summarise(stage: Stage, town: Town) -> dict[str, Any]:
    """The first five figures come from the sandbox's own files and the workbook; the rest from our tables."""
    lines = json_lines(stage.ledger)
    evidence = Evidence(lines, json_lines(stage.payments), owed_by_unit(stage.workbook), town.spoke, ZONE, COLLEAGUES)
    told = await audit(stage.house, stage.settings.sandbox_folder)
    async with stage.house.store.read() as conn:
        attempts = (
            await conn.execute(
                select(attempt.c.our_id, attempt.c.channel, attempt.c.provider_id, attempt.c.text, message.c.step)
                .join(message, message.c.id == attempt.c.message_id)
            )
        ).all()  # fmt: skip
        decisions = (await conn.execute(select(decision.c.reasons, decision.c.verdict))).all()
    return {
        "messages": {
            "accepted": len(lines), "by_channel": by_channel(lines), "by_step": _by_step(lines, attempts),
        },
        "after_payment": after_payment(evidence), "duplicates": duplicates(evidence),
        "outside_window": outside_window(evidence), "unexplained": len(told.unexplained),
        "uncertain": len(told.uncertain), "skipped": _skipped(decisions), **await of_people(stage.house, lines),
    }  # fmt: skip


def _by_step(lines: list[dict[str, Any]], attempts: Any) -> dict[str, int]:
    by_id = {a.our_id: a.step for a in attempts}
    by_text = {(a.channel, a.text[:LIKE]): a.step for a in attempts}
    steps = [by_id.get(our_id(line)) or by_text.get((line["channel"], line["text"][:LIKE]), "?") for line in lines]
    return dict(Counter(steps).most_common())


def _skipped(decisions: Any) -> dict[str, int]:
    found: Counter[str] = Counter()
    for row in decisions:
        reasons = json.loads(row.reasons)
        if row.verdict != "send" and reasons:
            found[reasons[0][0]] += 1
    return dict(found.most_common())


def _tell_summary(summary: dict[str, Any]) -> None:
    messages = summary["messages"]
    say(f"\n{messages['accepted']} messages accepted: {messages['by_channel']}")
    say(f"by step: {messages['by_step']}")
    for name in ("after_payment", "duplicates", "outside_window", "unexplained", "uncertain"):
        say(f"{name.replace('_', ' ')}: {summary[name]}")
    for code, count in summary["skipped"].items():
        say(f"  {count:>5} × {code}: {reason_words(code)} / {reason_words(code, 'en')}")


async def stay(stage: Stage) -> None:
    """Leaves everything running until Ctrl-C."""
    say(f"\nphones  手机页：{stage.base}/")
    say(f"console 控制台：{stage.house.public_url}/console   (name 用户名 {ADMIN}, password 密码 {PASSWORD})")
    say("Ctrl-C ends the demo 结束演示. In another terminal 另开一个终端: .venv/bin/yinuo why 2-1-601")
    await until_told_to_stop()
