"""One call of WeCom's API on our transport; robot and app share it."""

import json
from collections.abc import Mapping
from typing import Any

from channels.contract import Unknown
from channels.transport import Failure, Transport, by_status, failed

Answer = dict[str, Any]


async def asked(
    transport: Transport, method: str, url: str, params: Mapping[str, str], data: Answer | None = None
) -> Answer:
    """The answer's JSON object, whatever its errcode. Raises Passing, Permanent or Unknown."""
    try:
        async with transport.session().request(method, url, params=params, json=data) as answer:
            error = by_status(answer.status, answer.headers.get("Retry-After"))
            raw = await answer.read()
    except Failure as failure:
        raise failed(failure) from None
    if error is not None:
        raise error
    return _object(raw)


def errcode(answer: Answer) -> int:
    return int(answer["errcode"])


def _object(raw: bytes) -> Answer:
    try:
        answer: Answer = json.loads(raw)
        int(answer["errcode"])
    except (ValueError, KeyError, TypeError):
        raise Unknown("WeCom's answer cannot be read") from None
    return answer
