"""Reads the sections of a policy that stand by themselves: hours, distances, money, promises, cases."""

from bot.rules.policy_page import Page, minute_of
from bot.rules.terms import (
    DAY_KINDS,
    WAYS,
    CaseTimes,
    DisputeDays,
    DueDates,
    Gaps,
    Hours,
    LateFeePolicy,
    PromiseLimits,
    Threshold,
    Windows,
)

_EARLIEST, _LATEST = 8 * 60, 22 * 60
"""No window may lie outside: nobody is disturbed at night."""

ROLES = ("front_desk", "assistant", "accountant", "supervisor", "head", "finance", "legal", "admin")
APPROVALS = ("waiver", "plan", "door_notice", "lawyer_letter", "broadcast", "wording")


def read_windows(page: Page) -> Windows:
    """Opening hours, whole for ordinary and formal, partial for segments and channels."""
    windows = Windows(
        ordinary=_hours(page.page("ordinary"), whole=True),
        formal=_hours(page.page("formal"), whole=True),
        formal_from_lunar_day=page.integer("formal_from_lunar_day", 1, 30),
        by_segment={name: _hours(part) for name, part in page.page("by_segment").pages()},
        by_channel={name: _hours(part) for name, part in page.page("by_channel").pages()},
    )
    for name in ("ordinary", "formal"):
        if not getattr(windows, name).get("workday"):
            page.wrong(
                name,
                "workday needs at least one window, or nothing is ever said",
                "工作日至少需要一个时段，否则永远不会发送",
            )
    page.done()
    return windows


def _hours(page: Page, whole: bool = False) -> dict[str, Hours]:
    found: dict[str, Hours] = {}
    for kind in DAY_KINDS:
        spans = page.words(kind)
        if kind in page.data:
            found[kind] = _spans(page, kind, spans)
        elif whole:
            page.wrong(
                kind,
                'it must be a list of windows such as ["09:30-12:00"], or []',
                '应为时段列表，如 ["09:30-12:00"]，或 []',
            )
    page.done()
    return found


def _spans(page: Page, kind: str, texts: tuple[str, ...]) -> Hours:
    spans: list[tuple[int, int]] = []
    for text in texts:
        start, end = minute_of(text[:5]), minute_of(text[6:])
        fits = start is not None and end is not None and text[5:6] == "-" and _EARLIEST <= start < end <= _LATEST
        if not fits or start is None or end is None or (spans and start < spans[-1][1]):
            page.wrong(
                kind,
                'windows go like "09:30-12:00", in order, within 08:00-22:00',
                '时段写作 "09:30-12:00"，依次排列，且在 08:00-22:00 之内',
            )
            return ()
        spans.append((start, end))
    return tuple(spans)


def read_gaps(page: Page) -> Gaps:
    """Least distances in local days."""
    gaps = Gaps(
        page.integer("steps", 1, 60), page.integer("bands", 1, 60), page.integer("formal", 1, 60),
        page.integer("before", 1, 60),
    )  # fmt: skip
    page.done()
    return gaps


def read_late_fee(page: Page) -> LateFeePolicy:
    """The contract's late fee, within the law's bounds."""
    fee = LateFeePolicy(
        enabled=page.flag("enabled", False),
        daily_ppm=page.integer("daily_ppm", 0, 10_000),
        grace_days=page.integer("grace_days", 0, 366),
        cap_percent=page.integer("cap_percent", 0, 100),
        warn_above_ppm=page.integer("warn_above_ppm", 0, 10_000),
        lpr_bp=page.integer("lpr_bp", 1, 3_000),
        never_on=frozenset(page.words("never_on")),
    )
    if fee.enabled and fee.daily_ppm == 0:
        page.wrong(
            "daily_ppm",
            "enter the contract's rate before the late fee is switched on",
            "启用违约金前请先填写合同约定的费率",
        )
    if fee.daily_ppm * 365 > 4 * fee.lpr_bp * 100:
        highest = 4 * fee.lpr_bp * 100 // 365
        page.wrong(
            "daily_ppm", f"it must not exceed four times LPR, {highest} a day", f"不得超过四倍 LPR，即每日 {highest}"
        )
    if not {"water", "electricity", "gas"} <= fee.never_on:
        page.wrong(
            "never_on",
            "water, electricity and gas must stay in it: they are passed through",
            "水、电、燃气为代收费用，必须保留",
        )
    page.done()
    return fee


def read_promise(page: Page) -> PromiseLimits:
    """How far a promise may reach."""
    limits = PromiseLimits(
        max_days=page.integer("max_days", 1, 366),
        max_days_formal=page.integer("max_days_formal", 1, 366),
        moves=page.integer("moves", 0, 9),
        min_part_percent=page.integer("min_part_percent", 1, 100),
        nudge_days=page.integers("nudge_days", -1, 0),
    )
    page.done()
    return limits


def read_lags(page: Page) -> dict[str, int]:
    """Working days until money stands in the book, by way."""
    lags = {way: page.integer(way, 0, 30) for way in WAYS}
    page.done()
    return lags


def read_disputes(page: Page) -> DisputeDays:
    """Days to answer a dispute."""
    days = DisputeDays(
        page.integer("first_contact_days", 0, 60), page.integer("answer_days", 0, 90),
        page.integer("supervisor_days", 0, 180),
    )  # fmt: skip
    page.done()
    return days


def read_cases(page: Page) -> CaseTimes:
    """When a case climbs."""
    times = CaseTimes(
        assistant_minutes=page.integer("assistant_minutes", 1, 10_000),
        next_minutes=page.integer("next_minutes", 1, 10_000),
        supervisor_at=page.minute("supervisor_at"),
        claim_days=page.integer("claim_days", 1, 60),
        urgent_assistant_minutes=page.integer("urgent_assistant_minutes", 1, 10_000),
        urgent_supervisor_minutes=page.integer("urgent_supervisor_minutes", 1, 10_000),
    )
    page.done()
    return times


def read_segments(page: Page) -> dict[str, Threshold]:
    """When a lawyer's letter is proposed."""
    found = {}
    for name, part in page.pages():
        fen, days = part.integer("letter_from_fen", 0, 10**12), part.integer("letter_from_days", 0, 3660)
        found[name] = Threshold(fen, days)
        part.done()
    if "anyone" not in found:
        page.wrong("anyone", "it must say what holds for every other segment", "应说明其余类型的标准")
    return found


def read_due_dates(page: Page) -> DueDates:
    """The rule for charges without a due date."""
    dates = DueDates(
        page.integer("contract_day", 1, 31), frozenset(page.words("metered")), page.integer("after_posting_days", 0, 90)
    )
    page.done()
    return dates


def read_approvals(page: Page) -> dict[str, str]:
    """Which role must agree to what."""
    roles = {kind: page.word(kind, ROLES) for kind in APPROVALS}
    page.done()
    return roles
