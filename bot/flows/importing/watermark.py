"""Up to which day payments are in the book, and a warning before a stale book mutes everything."""

from datetime import date, timedelta

from bot.flows.importing.book import Book
from bot.flows.importing.outcome import Outcome, Terms
from bot.flows.importing.standing import Standing

LIMITS = (("warm", 3), ("talk", 2), ("formal", 1))
"""Working days after which a band waits for a fresher book (domain.md)."""


def settle_watermark(book: Book, standing: Standing, terms: Terms, outcome: Outcome) -> None:
    """Decides the day: told by hand, by the file, else the newest payment; it never moves backwards."""
    day, how = _told(book, terms)
    known = standing.watermark
    if day is not None and day > terms.today:
        book.warnings.append(f"the book cannot hold payments up to {day}, which is to come; {terms.today} was taken")
        day = terms.today
    if day is not None and (known is None or day > known):
        outcome.watermark = day
        book.warnings.append(f"payments are now in the book up to {day} ({how})")
    elif day is not None and known is not None and day < known and terms.as_of is not None:
        book.warnings.append(f"payments were already in the book up to {known}; --as-of {day} does not take that back")
    _warn_of_stale(outcome.watermark or known, book, terms)


def _told(book: Book, terms: Terms) -> tuple[date | None, str]:
    if terms.as_of is not None:
        return terms.as_of, "--as-of"
    if told := book.profile.as_of or book.as_of:
        return told, "told by the file"
    if terms.arrears:
        return terms.today, "today, since a list of debts is read; --as-of tells another day"
    days = [row.paid_on for row in book.payments if not row.in_flight and not row.bounced]
    days += [row.paid_on for row in book.charges if row.told_paid and row.paid_on]
    return (max(days), "the newest payment; --as-of tells a later day") if days else (None, "")


def _warn_of_stale(day: date | None, book: Book, terms: Terms) -> None:
    if day is None:
        if book.owing():
            book.warnings.append(
                "nothing says up to which day payments are in the book: no reminder will go out until payments are "
                "imported or --as-of DATE tells it"
            )
        return
    age = working_days(day, terms.today)
    mute = [band for band, limit in LIMITS if age > limit]
    if mute:
        book.warnings.append(
            f"payments are in the book only up to {day}, {age} working days ago: {', '.join(mute)} reminders stay "
            "silent until newer payments are imported or --as-of DATE tells a later day"
        )


def working_days(first: date, last: date) -> int:
    """Weekdays after ``first`` up to and with ``last``; holidays are the ladder's own business."""
    days = (last - first).days
    return sum(1 for n in range(1, days + 1) if (first + timedelta(days=n)).weekday() < 5) if days < 400 else days
