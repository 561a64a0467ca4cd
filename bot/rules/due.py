"""The due date of a charge that comes without one: the community's rule."""

from datetime import date, timedelta

from bot.rules.terms import DueDates

SHIPPED = DueDates(contract_day=31, metered=frozenset(("water", "electricity", "gas")), after_posting_days=15)
"""The rule of scripts/ladder.yaml, for a book that has no community yet."""


def due_date(kind: str, period_from: date, period_to: date, posted_on: date | None, rule: DueDates) -> date:
    """Metered fees: the end of the month after the period; others: the contract's day of the period's first month
    (31: its last day). Never before the bill was posted plus the rule's days. Local dates.
    """
    due = _metered(period_to) if kind in rule.metered else _contract(period_from, rule.contract_day)
    return due if posted_on is None else max(due, posted_on + timedelta(days=rule.after_posting_days))


def _metered(period_to: date) -> date:
    first_after = month_end(period_to) + timedelta(days=1)
    return month_end(first_after)


def _contract(period_from: date, day: int) -> date:
    end = month_end(period_from)
    return end.replace(day=min(day, end.day))


def month_end(day: date) -> date:
    """The last day of a date's month."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
