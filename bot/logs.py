"""Logs: one JSON line each with a stable `action`; nobody's address, token or amount in them."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

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
    return {key: _clean(value) for key, value in event.items()}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {_clean(key): _clean(one) for key, one in value.items()}
    return [_clean(one) for one in value] if isinstance(value, list | tuple) else value


def _name_action(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A library's line has no action of its own: the name of its logger stands there."""
    event["action"] = event["_record"].name
    return event


FIRST: tuple[Any, ...] = (structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True))
LAST: tuple[Any, ...] = (
    structlog.processors.format_exc_info, _mask_event, structlog.processors.JSONRenderer(ensure_ascii=False),
)  # fmt: skip
"""What makes a line, ours and the libraries' alike."""


class _Lines(logging.StreamHandler[TextIO]):
    """The libraries' lines, in the shape of our own: one JSON object each, masked."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        last = (structlog.stdlib.ProcessorFormatter.remove_processors_meta, *LAST)
        self.setFormatter(
            structlog.stdlib.ProcessorFormatter(processors=last, foreign_pre_chain=(*FIRST, _name_action))
        )


def _take_in_libraries() -> None:
    root = logging.getLogger()
    for old in [handler for handler in root.handlers if isinstance(handler, _Lines)]:
        root.removeHandler(old)
    root.addHandler(_Lines())
    root.setLevel(logging.WARNING)


def set_up_logs(*, quiet: bool = False) -> None:
    """Structured lines on standard error. Chatty libraries stay silent: python-telegram-bot logs parameters."""
    level = logging.WARNING if quiet else logging.INFO
    _take_in_libraries()
    for name in ("telegram", "httpx", "twilio", "apscheduler", "asyncio", "alembic", "wechatpy"):
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*FIRST, *LAST],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )
