"""The console's pages, each a router of its own, and what only they refuse."""

from bot.flows.progress import Cancelled
from bot.web.console import (
    account,
    approving,
    by_people,
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
    by_people.router,
    messages.router,
    cases.router,
    approving.router,
    words.router,
    jobs.router,
    ladder.router,
    figures.router,
    people.router,
    importing.router,
    settings_check.router,
)
REFUSALS: tuple[type[Exception], ...] = (Cancelled,)
