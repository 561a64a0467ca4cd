"""Up to which day payments are in the book, and a warning before a stale book mutes everything."""

from datetime import date, timedelta

from bot.flows.importing.book import Book
from bot.flows.importing.outcome import Outcome, Terms
from bot.flows.importing.sentences import Sentence, sentence
from bot.flows.importing.standing import Standing

LIMITS = (("warm", 3), ("talk", 2), ("formal", 1))
"""Working days after which a band waits for a fresher book (domain.md)."""
BANDS = {"warm": "温和", "talk": "沟通", "formal": "正式"}


def settle_watermark(book: Book, standing: Standing, terms: Terms, outcome: Outcome) -> None:
    """Decides the day: told by hand, by the file, else the newest payment; it never moves backwards."""
    day, how = _told(book, terms)
    known = standing.watermark
    if day is not None and day > terms.today:
        book.warnings.append(sentence("as_of_to_come", day=day, today=terms.today))
        day = terms.today
    if day is not None and (known is None or day > known):
        outcome.watermark = day
        book.warnings.append(sentence("as_of", day=day, how=sentence(how)))
    elif day is not None and known is not None and day < known and terms.as_of is not None:
        book.warnings.append(sentence("as_of_kept", known=known, day=day))
    _warn_of_stale(outcome.watermark or known, book, terms)


def _told(book: Book, terms: Terms) -> tuple[date | None, str]:
    """The day, and the code of how it was told."""
    if terms.as_of is not None:
        return terms.as_of, "as_of_by_hand"
    if told := book.profile.as_of or book.as_of:
        return told, "as_of_by_file"
    if terms.arrears:
        return terms.today, "as_of_today"
    days = [row.paid_on for row in book.payments if not row.in_flight and not row.bounced]
    days += [row.paid_on for row in book.charges if row.told_paid and row.paid_on]
    return (max(days), "as_of_newest") if days else (None, "")


def _warn_of_stale(day: date | None, book: Book, terms: Terms) -> None:
    if day is None:
        if book.owing():
            book.warnings.append(sentence("no_as_of"))
        return
    age = working_days(day, terms.today)
    mute = [band for band, limit in LIMITS if age > limit]
    if mute:
        bands = Sentence.of(", ".join(mute), "、".join(BANDS[band] for band in mute))
        book.warnings.append(sentence("stale", day=day, age=age, bands=bands))


def working_days(first: date, last: date) -> int:
    """Weekdays after ``first`` up to and with ``last``; holidays are the ladder's own business."""
    days = (last - first).days
    return sum(1 for n in range(1, days + 1) if (first + timedelta(days=n)).weekday() < 5) if days < 400 else days
