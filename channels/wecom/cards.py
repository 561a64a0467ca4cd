"""A staff card as WeCom's interactive template card."""

from typing import Any

from channels.contract import Button, Outgoing

BLUE, GREY = 1, 4
"""The first button, and the others."""


def card(out: Outgoing) -> dict[str, Any]:
    """The first line as title, the rest below, up to six buttons that come back as presses or lead to a page."""
    title, _, rest = out.text.partition("\n")
    buttons = [button for row in out.buttons for button in row]
    shown: dict[str, Any] = {
        "card_type": "button_interaction",
        "main_title": {"title": title},
        "task_id": task_id(out.our_id),
        "button_list": [_button(button, GREY if number else BLUE) for number, button in enumerate(buttons)],
    }
    if rest.strip():
        shown["sub_title_text"] = rest.strip()
    return shown


def _button(button: Button, style: int) -> dict[str, Any]:
    """Type 1 leads to a page and is not reported."""
    if button.url:
        return {"type": 1, "text": button.label, "style": style, "url": button.url}
    return {"text": button.label, "style": style, "key": button.data}


def task_id(our_id: str) -> str:
    """Our id in the letters WeCom allows (0-9A-Za-z_-@, at most 128)."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "_-@") else "_" for c in our_id)[:128]
