"""The end of every story: what the world outside saw is judged, whatever the story itself was about."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from bot.demo.judge import Evidence, after_payment, duplicates, outside_window
from bot.flows.audit import audit
from store.core import inbound

SLOW = 5.0
"""Seconds: WeChat cuts a callback after these, so no door of ours may take longer."""
OUR_FAULT = {
    "telegram": {400, 401, 404},
    "sms": {20003, 20404, 21602, 21604, 21606, 21617, 60200},
    "wechat": {40001, 40002, 40003, 40037, 41001, 45015, 47001, 47003},
    "wecom": {40058, 93000},
}
"""Errors a provider gives to a caller who made a mistake (not: blocked, stopped, busy)."""


def judge(town: Any) -> None:
    """Raises AssertionError with the transcript for a door that failed and for a broken promise to the world."""
    doors(town)
    calls(town)
    told = town.run(audit(town.house, town.world.folder))
    assert not told.unexplained, town.told(f"unexplained: {told.unexplained}")
    stuck = [row.reason for row in town.rows(select(inbound.c.reason).where(inbound.c.tries > 0)) if row.reason]
    assert not stuck, town.told(f"words of owners that could not be handled: {stuck}")
    outside(town)


def doors(town: Any) -> None:
    """Every callback was answered 2xx, proven and in time."""
    for push in town.ask("pushes")["pushes"]:
        fine = 200 <= push["status"] < 300 or push["status"] in town.forgiven
        assert fine, town.told(f"the service answered {push['status']} {push['error']} to {push}")
        assert push["seconds"] <= SLOW, town.told(f"the service took {push['seconds']} s for {push}")


def calls(town: Any) -> None:
    """No call of ours was malformed or unauthenticated."""
    for call in town.ask("calls")["calls"]:
        ours = OUR_FAULT.get(call["channel"], set()) - town.refused
        wrong = call["code"] in ours or call["status"] == 401
        assert not wrong, town.told(f"a provider refused a call of ours as wrong: {call}")


def outside(town: Any) -> None:
    """Nothing after payment, nothing twice, nothing outside the hours: from ledger and payments alone."""
    lines = town.ask("ledger", after=0, limit=10_000)["lines"]
    payments = [dict(p) for p in town.world.payments.lines()]
    spoke: list[tuple[str, str, datetime]] = town.spoke
    evidence = Evidence(lines, payments, dict(town.owed), spoke, town.now.tzinfo, frozenset(town.staff))
    figures = {"after payment": after_payment, "twice": duplicates, "outside the hours": outside_window}
    for name, figure in figures.items():
        count = figure(evidence)
        assert not count, town.told(f"{count} message(s) {name}")
