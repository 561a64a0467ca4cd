"""The parts of a WeCom message and their limits: text, markdown, cards with buttons."""

import re
from typing import Any

from channels.sandbox.wechat_words import WeChatError

TASK_ID = re.compile(r"^[0-9A-Za-z_\-@]{1,128}$")
BYTES = {"text": 2048, "markdown": 4096, "markdown_v2": 4096}
NOTICES = frozenset({"text_notice", "news_notice"})
INTERACTIVE = frozenset({"button_interaction", "vote_interaction", "multiple_interaction"})


def judge_part(kind: str, part: dict[str, Any], robot: bool) -> None:
    """Raises WeChatError 44004, 45002 or 40058 for a part that WeCom would not take."""
    if kind in BYTES:
        content = part.get("content")
        if not isinstance(content, str) or not content:
            raise WeChatError(44004, "empty content")
        if len(content.encode()) > BYTES[kind]:
            raise WeChatError(45002, "content size out of limit")
    elif kind == "template_card":
        _judge_card(part, robot)


def _judge_card(card: dict[str, Any], robot: bool) -> None:
    kind = card.get("card_type")
    if kind not in (NOTICES if robot else NOTICES | INTERACTIVE):
        raise WeChatError(40058, "invalid card_type")
    title = card.get("main_title")
    if not isinstance(title, dict) or not title.get("title"):
        raise WeChatError(40058, "missing main_title")
    if kind in INTERACTIVE and not TASK_ID.match(str(card.get("task_id", ""))):
        raise WeChatError(40058, "invalid task_id")
    if kind in NOTICES and not isinstance(card.get("card_action"), dict):
        raise WeChatError(40058, "missing card_action")
    if kind == "button_interaction":
        _judge_buttons(card.get("button_list"))


def _judge_buttons(buttons: Any) -> None:
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 6:
        raise WeChatError(40058, "button_list must hold 1 to 6 buttons")
    for button in buttons:
        if not isinstance(button, dict) or not button.get("text") or len(str(button.get("key", ""))) > 1024:
            raise WeChatError(40058, "invalid button")


def text_of(data: dict[str, Any]) -> str:
    """What a person would read of the message."""
    part = data.get(str(data.get("msgtype")))
    if not isinstance(part, dict):
        return ""
    if "content" in part:
        return str(part["content"])
    title = part.get("main_title")
    words = [title.get("title", ""), title.get("desc", "")] if isinstance(title, dict) else [part.get("title", "")]
    rows = part.get("horizontal_content_list")
    rows = rows if isinstance(rows, list) else []
    facts = [f"{row.get('keyname', '')}：{row.get('value', '')}" for row in rows if isinstance(row, dict)]
    return "\n".join(str(word) for word in [*words, part.get("sub_title_text", ""), *facts] if word)


def buttons_of(card: Any) -> list[list[dict[str, Any]]]:
    """The buttons of an interactive card as a phone shows them."""
    buttons = card.get("button_list", []) if isinstance(card, dict) else []
    return [[{"label": button["text"], "data": button.get("key", ""), "url": button.get("url")} for button in buttons]]
