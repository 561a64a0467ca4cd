"""The console's pages, each a router of its own."""

from bot.web.console import owners, signin, today

ROUTERS = (signin.router, today.router, owners.router)
