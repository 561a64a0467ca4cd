"""The standard slots of a message, filled from the frozen basket and the community's profile."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.talk.basket import Basket, kind_words, line_words, period_words
from bot.talk.money import money

_FLAT_CODE = re.compile(r"^[0-9A-Za-z]{1,4}(?:-[0-9]{1,4}){1,3}$")
_TITLED = re.compile(
    r"(先生|女士|小姐|太太|老师|老師|阿姨|叔叔|公司|集团|集團|店|中心|业主|業主|银行|銀行|学校|學校|部|局|会|會)$"
)
_MOST_LINES = 12


@dataclass(frozen=True, slots=True)
class CommunityProfile:
    """What the community says of itself in every message, in the words of one locale."""

    name: str
    service_phone: str
    office_hours: str
    contact_person: str
    pay_ways: str
    pay_nearest: str


def slots_for(
    basket: Basket,
    *,
    locale: str,
    owner: str,
    community: CommunityProfile,
    unit_names: Mapping[str, str] | None = None,
    deadline: date | None = None,
    link: str = "",
    reply_hint: str = "",
    stop_hint: str = "",
) -> dict[str, object]:
    """The slots every reminder may use, in one locale; `unit_names` gives a unit's display for its code.

    `deadline` (local date) is left out of the result when it is not given, so that a wording which needs one cannot
    be said without it.
    """
    names = [(unit_names or {}).get(code) or unit_words(code, locale) for code in basket.accounts]
    slots: dict[str, object] = {
        "owner": courtesy(owner, locale),
        "community": community.name,
        "unit": names[0] if names else "",
        "units": units_words(names, locale),
        "charges": charges_words(basket, locale, dict(zip(basket.accounts, names, strict=True))),
        "charges_short": charges_short(basket, locale),
        "total": basket.total,
        "principal": basket.principal,
        "late_fee": basket.late_fee,
        "oldest_due": basket.oldest_due,
        "days": max(0, (basket.as_of - basket.oldest_due).days),
        "as_of": basket.as_of,
        "pay_ways": community.pay_ways,
        "pay_nearest": community.pay_nearest,
        "service_phone": community.service_phone,
        "office_hours": community.office_hours,
        "contact_person": community.contact_person,
        "link": link,
        "reply_hint": reply_hint,
        "stop_hint": stop_hint,
    }
    if deadline is not None:
        slots["deadline"] = deadline
    return slots


def courtesy(name: str, locale: str) -> str:
    """A name to address its bearer by: 王建国 → 王建国业主; one that carries a title, or is a firm's, stays as it is.

    The ledger does not know who is a Mr and who a Ms, so the bot does not guess.
    """
    name = " ".join(name.split())
    if locale == "en":
        return name or "owner"
    title = "業主" if locale == "zh-Hant" else "业主"
    return name if _TITLED.search(name) else f"{name}{title}"


def unit_words(code: str, locale: str) -> str:
    """A unit's code as one says it: 3-2-1201 → 3-2-1201室, "Flat 3-2-1201"; anything else stays as it is."""
    if not _FLAT_CODE.match(code):
        return code
    return f"Flat {code}" if locale == "en" else f"{code}室"


def units_words(names: list[str], locale: str) -> str:
    """Several units in few words: the first, and how many there are."""
    if len(names) <= 1:
        return names[0] if names else ""
    if locale == "en":
        return f"{names[0]} and {len(names) - 1} more"
    return f"{names[0]}等{len(names)}处" if locale == "zh-Hans" else f"{names[0]}等{len(names)}處"


def charges_short(basket: Basket, locale: str) -> str:
    """The charges in one short phrase: 7至9月物业费, or 7至9月物业费等3项; the year only where it is not this one."""
    if not basket.lines:
        return ""
    oldest = min(basket.lines, key=lambda line: line.due_on)
    more = len(basket.lines) - 1
    period = period_words(oldest.period, locale, this_year=basket.as_of.year)
    kind = kind_words(oldest.kind, locale)
    if locale == "en":
        return f"{kind} {period}" + (f" and {more} more" if more else "")
    tail = "项" if locale == "zh-Hans" else "項"
    return f"{period}{kind}" + (f"等{more + 1}{tail}" if more else "")


def charges_words(basket: Basket, locale: str, unit_names: Mapping[str, str]) -> str:
    """All charges, one a line, oldest first; beyond twelve the rest in one line with its sum, nothing left unsaid."""
    several = len(basket.accounts) > 1
    ordered = sorted(basket.lines, key=lambda line: (line.due_on, line.account, line.kind, line.period))
    shown = ordered if len(ordered) <= _MOST_LINES else ordered[: _MOST_LINES - 1]
    said = [line_words(line, locale, with_unit=unit_names[line.account] if several else "") for line in shown]
    if rest := ordered[len(shown) :]:
        said.append(_rest_words(Basket(tuple(rest), basket.as_of), locale))
    return "\n".join(said)


def _rest_words(rest: Basket, locale: str) -> str:
    if locale == "en":
        return f"- and {len(rest.lines)} more: {money(rest.total, locale)}"
    return f"· 另有{len(rest.lines)}{'项' if locale == 'zh-Hans' else '項'}，共{money(rest.total, locale)}"
