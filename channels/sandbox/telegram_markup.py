"""Telegram's formatting: HTML and MarkdownV2 as the Bot API reads them, or its complaint."""

import html
import re
from typing import Any

from channels.sandbox.telegram_words import bad

HTML_TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "code": "code", "pre": "pre",
    "a": "text_link", "blockquote": "blockquote", "tg-spoiler": "spoiler", "span": "spoiler",
}  # fmt: skip
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)([^<>]*)>")
HREF = re.compile(r"""href=["']([^"']*)["']""")
RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
MARKERS = {"*": "bold", "_": "italic", "~": "strikethrough", "`": "code"}


def units(text: str) -> int:
    """UTF-16 code units, in which Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


def formatted(text: str, mode: str) -> tuple[str, list[dict[str, Any]]]:
    """The plain text and its entities. Raises TelegramError when the markup cannot be parsed."""
    if not mode:
        return text, []
    if mode.lower() == "html":
        return _html(text)
    if mode.lower() in ("markdownv2", "markdown"):
        return _markdown(text, strict=mode.lower() == "markdownv2")
    raise bad("unsupported parse_mode")


def _html(text: str) -> tuple[str, list[dict[str, Any]]]:
    plain, entities, position = "", [], 0
    open_tags: list[tuple[str, int, str]] = []
    for tag in TAG.finditer(text):
        plain += _between(text, position, tag.start())
        position = tag.end()
        name, offset = tag[2].lower(), len(text[: tag.start()].encode())
        if name not in HTML_TAGS:
            raise bad(f'can\'t parse entities: Unsupported start tag "{name}" at byte offset {offset}')
        if not tag[1]:
            open_tags.append((name, units(plain), tag[3]))
            continue
        if not open_tags:
            raise bad(f"can't parse entities: Unexpected end tag at byte offset {offset}")
        opened, start, attributes = open_tags.pop()
        if opened != name:
            words = f'Unmatched end tag at byte offset {offset}, expected "</{opened}>", found "</{name}>"'
            raise bad(f"can't parse entities: {words}")
        entities.append(_entity(HTML_TAGS[name], start, units(plain) - start, attributes))
    plain += _between(text, position, len(text))
    if open_tags:
        raise bad(f"can't parse entities: Can't find end tag corresponding to start tag \"{open_tags[-1][0]}\"")
    return plain, [entity for entity in entities if entity["length"]]


def _between(text: str, start: int, end: int) -> str:
    piece = text[start:end]
    if "<" in piece:
        offset = len(text[: start + piece.index("<")].encode())
        raise bad(f'can\'t parse entities: Unsupported start tag "" at byte offset {offset}')
    return html.unescape(piece)


def _entity(kind: str, offset: int, length: int, attributes: str) -> dict[str, Any]:
    entity: dict[str, Any] = {"type": kind, "offset": offset, "length": length}
    href = HREF.search(attributes)
    if kind == "text_link" and href:
        entity["url"] = html.unescape(href[1])
    return entity


def _markdown(text: str, strict: bool) -> tuple[str, list[dict[str, Any]]]:
    plain, entities, index = "", [], 0
    open_at: dict[str, tuple[int, int]] = {}
    while index < len(text):
        letter = text[index]
        if letter == "\\" and index + 1 < len(text):
            plain += text[index + 1]
            index += 2
            continue
        if letter in MARKERS:
            if letter in open_at:
                start, _ = open_at.pop(letter)
                entities.append(_entity(MARKERS[letter], start, units(plain) - start, ""))
            else:
                open_at[letter] = (units(plain), len(text[:index].encode()))
        elif strict and letter in RESERVED:
            words = f"Character '{letter}' is reserved and must be escaped with the preceding '\\'"
            raise bad(f"can't parse entities: {words}")
        else:
            plain += letter
        index += 1
    for marker, (_, offset) in open_at.items():
        raise bad(f"can't parse entities: Can't find end of {MARKERS[marker].title()} entity at byte offset {offset}")
    return plain, entities
