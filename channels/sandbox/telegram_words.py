"""The Bot API's answers: errors in its own words, parameters as its server reads them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from channels.sandbox.faults import Words

Params = dict[str, Any]


class TelegramError(Exception):
    """An error answer: HTTP status = ``code``, ``description`` word for word."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad(words: str, **parameters: int) -> TelegramError:
    return TelegramError(400, f"Bad Request: {words}", **parameters)


def forbidden(words: str) -> TelegramError:
    return TelegramError(403, f"Forbidden: {words}")


def too_many(seconds: int) -> TelegramError:
    return TelegramError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def error_answer(error: TelegramError) -> Response:
    body: dict[str, Any] = {"ok": False, "error_code": error.code, "description": error.description}
    if error.parameters:
        body["parameters"] = error.parameters
    headers = {"Retry-After": str(error.parameters["retry_after"])} if "retry_after" in error.parameters else None
    return JSONResponse(body, error.code, headers)


def ok(result: Any) -> Response:
    return JSONResponse({"ok": True, "result": result})


FAULT_WORDS = Words(
    outage=lambda: error_answer(TelegramError(502, "Bad Gateway")),
    storm=lambda seconds: error_answer(too_many(seconds)),
    refusal=lambda code: error_answer(
        {
            400: bad("chat not found"),
            401: TelegramError(401, "Unauthorized"),
            403: forbidden("bot was blocked by the user"),
        }.get(code, TelegramError(code, "Internal Server Error"))
    ),
)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came in the request."""

    name: str
    content: bytes


async def read_params(request: Request) -> Params:
    """Query, form, multipart or JSON alike. Raises TelegramError for a body that cannot be read."""
    params: Params = dict(request.query_params)
    kind = request.headers.get("content-type", "").split(";")[0].strip()
    if kind == "application/json":
        params.update(_json_object(await request.body()))
    elif kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        async with request.form() as form:
            for name, value in form.multi_items():
                params[name] = value if isinstance(value, str) else Upload(value.filename or name, await value.read())
    elif await request.body():
        raise bad("unsupported content type")
    return {name: value for name, value in params.items() if value is not None}


def _json_object(body: bytes) -> Params:
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        raise bad("can't parse JSON-encoded request body") from None
    if not isinstance(value, dict):
        raise bad("can't parse JSON-encoded request body")
    return value


def words_of(params: Mapping[str, Any], name: str) -> str:
    """A text parameter, "" when absent. Raises TelegramError for any other type."""
    value = params.get(name, "")
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise bad(f"invalid {name} specified")
    return str(value)


def number_of(params: Mapping[str, Any], name: str, otherwise: int = 0) -> int:
    """An integer parameter. Raises TelegramError for anything else."""
    value = params.get(name, otherwise)
    try:
        if isinstance(value, (bool, float)):
            raise ValueError
        return int(value)
    except (ValueError, TypeError):
        raise bad(f"invalid {name} specified") from None


def flag_of(params: Mapping[str, Any], name: str) -> bool:
    return str(params.get(name, "")).lower() in ("true", "1", "yes", "t", "y")


def json_of(params: Mapping[str, Any], name: str, complaint: str) -> Any:
    """A JSON parameter, also when it came as text; None when absent. Raises TelegramError(complaint)."""
    value = params.get(name)
    if not isinstance(value, str):
        return value
    if not value:
        return None
    try:
        return json.loads(value)
    except ValueError:
        raise bad(complaint) from None


def keyboard_of(params: Mapping[str, Any]) -> dict[str, Any] | None:
    """The reply markup, checked: button texts, 1 to 64 bytes of callback data, exactly one action per button."""
    markup = json_of(params, "reply_markup", "can't parse reply keyboard markup JSON object")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    rows = markup.get("inline_keyboard")
    if rows is None:
        return markup
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    return {"inline_keyboard": [[_button(button) for button in row] for row in rows if row]}


BUTTON_KINDS = frozenset({"callback_data", "url", "web_app", "login_url", "copy_text", "switch_inline_query"})
BUTTON_LOOKS = frozenset({"text", "style", "icon_custom_emoji_id"})


def _button(button: Any) -> dict[str, Any]:
    if not isinstance(button, dict):
        raise bad("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    if not isinstance(button.get("text"), str):
        raise bad("can't parse inline keyboard button: Can't find field \"text\"")
    action = {key: value for key, value in button.items() if key not in BUTTON_LOOKS and value is not None}
    if len(action) != 1 or not set(action) <= BUTTON_KINDS:
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if not button["text"].strip():
        raise bad("can't parse inline keyboard button: inline keyboard button text can't be empty")
    if "callback_data" in action and not 1 <= len(str(action["callback_data"]).encode()) <= 64:
        raise bad("BUTTON_DATA_INVALID")
    if "url" in action and not str(action["url"]).startswith(("http://", "https://", "tg://")):
        raise bad(f"inline keyboard button URL '{action['url']}' is invalid: Wrong HTTP URL")
    return {"text": button["text"], **action}
