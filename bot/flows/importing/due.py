"""The due date of a charge that has none: the community's rule."""

from datetime import date, timedelta

from bot.flows.importing.periods import Period, month_end
from bot.rules.terms import DueDates

SHIPPED = DueDates(contract_day=31, metered=frozenset(("water", "electricity", "gas")), after_posting_days=15)


def due_on(kind: str, period: Period, posted: date | None, rule: DueDates) -> date:
    """The local due date: metered fees at the end of the month after the period, others on the contract's day of the
    period's first month; never before the bill was posted plus the rule's days, where the file tells when that was.
    """
    if kind in rule.metered:
        after = period.last + timedelta(days=1)
        due = month_end(after.year, after.month)
    else:
        end = month_end(period.first.year, period.first.month)
        due = end.replace(day=min(rule.contract_day, end.day))
    return due if posted is None else max(due, posted + timedelta(days=rule.after_posting_days))
