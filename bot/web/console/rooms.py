"""The console's pages, each a router of its own, and what their flows refuse on purpose."""

from bot.flows.importing.report import Refused
from bot.flows.outcomes import OutcomeError
from bot.flows.progress import Cancelled
from bot.flows.staff import StaffError
from bot.web.console import (
    account,
    cases,
    figures,
    importing,
    jobs,
    ladder,
    messages,
    owners,
    people,
    settings_check,
    signin,
    today,
    words,
)

ROUTERS = (
    signin.router,
    today.router,
    owners.router,
    account.router,
    messages.router,
    cases.router,
    words.router,
    jobs.router,
    ladder.router,
    figures.router,
    people.router,
    importing.router,
    settings_check.router,
)
REFUSALS: tuple[type[Exception], ...] = (Refused, OutcomeError, StaffError, Cancelled)
