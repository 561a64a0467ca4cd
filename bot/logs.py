"""Logs: one JSON line each with a stable `action`; nobody's address, token or amount in them."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

SECRETS = (  # the last: PostgreSQL quotes the row it refuses
    (re.compile(r"(?<!\d)(\+?\d{2,3})?(1[3-9]\d)\d{4}(\d{4})(?!\d)"), r"\2****\3"),
    (re.compile(r"(\+\d{1,3})\d{4,10}(\d{3})"), r"\1****\2"),
    (re.compile(r"\bbot\d+:[A-Za-z0-9_-]+"), "bot…"),
    (re.compile(r"(access_token|secret|token|key)=[^&\s\"']+"), r"\1=…"),
    (re.compile(r"\bo[A-Za-z0-9_-]{27}\b"), "o…"),
    (re.compile(r"DETAIL: .*"), "DETAIL: …"),
)


def masked(text: str) -> str:
    """A line without phones, tokens or openids."""
    for pattern, put in SECRETS:
        text = pattern.sub(put, text)
    return text


def _mask_event(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: masked(value) if isinstance(value, str) else value for key, value in event.items()}


def set_up_logs(*, quiet: bool = False) -> None:
    """Structured lines on standard error. Chatty libraries stay silent: python-telegram-bot logs parameters."""
    level = logging.WARNING if quiet else logging.INFO
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    for name in ("telegram", "httpx", "twilio", "apscheduler", "asyncio", "alembic", "wechatpy"):
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _mask_event,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )
