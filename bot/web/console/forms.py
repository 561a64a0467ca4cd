"""What a browser posts: bounded, from our own page (CSRF token), as plain text fields."""

import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from bot.web.console.roles import Who
from bot.web.console.session import Signed
from bot.web.console.speech import Say


class Refusal(Exception):
    """What was asked cannot be done; ``say`` is one sentence with the next step, ``status`` the answer's."""

    def __init__(self, zh: str, en: str, status: int = 422) -> None:
        super().__init__(en)
        self.say = Say(zh, en)
        self.status = status


@dataclass(frozen=True, slots=True)
class Post:
    """A form of a signed-in person."""

    who: Who
    data: FormData

    def text(self, name: str, most: int = 2_000) -> str:
        """A text field without outer blanks. Raises Refusal when it is longer than ``most``."""
        value = self.data.get(name, "")
        text = value.strip() if isinstance(value, str) else ""
        if len(text) > most:
            raise Refusal(f"「{name}」太长，最多 {most} 字。", f"{name} is too long; at most {most} characters.")
        return text.replace("\x00", "")

    def raw(self, name: str) -> str:
        """A text field as it was typed, with the line ends of files."""
        value = self.data.get(name, "")
        return value.replace("\r\n", "\n").replace("\x00", "") if isinstance(value, str) else ""

    def number(self, name: str) -> int:
        """A whole number; 0 for none."""
        text = self.text(name, 20)
        return int(text) if text.isdecimal() else 0

    def fen(self, name: str) -> int:
        """An amount in yuan as fen. Raises Refusal."""
        text = self.text(name, 20).replace(",", "").removeprefix("¥")
        try:
            yuan = Decimal(text)
        except InvalidOperation:
            yuan = Decimal(0)
        fen = yuan * 100
        if not yuan.is_finite() or yuan <= 0 or fen != fen.to_integral_value() or fen > 10**13:
            raise Refusal("金额请写成元，如 486 或 486.50。", "Write the amount in yuan, such as 486 or 486.50.")
        return int(fen)

    def day(self, name: str) -> date:
        """A local date. Raises Refusal."""
        try:
            return date.fromisoformat(self.text(name, 20))
        except ValueError:
            raise Refusal("请选一个日期，如 2026-12-01。", "Choose a date, such as 2026-12-01.") from None

    def files(self, name: str) -> list[UploadFile]:
        return [f for f in self.data.getlist(name) if isinstance(f, UploadFile) and f.filename]

    def boxes(self, name: str) -> list[str]:
        return [v for v in self.data.getlist(name) if isinstance(v, str)]


def from_here(request: Request) -> bool:
    """Whether the request comes from our own page, as far as the browser says."""
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host", "")


async def posted(request: Request, who: Signed) -> AsyncIterator[Post]:
    """The form of a signed-in person. Raises Refusal without the session's CSRF token."""
    form = await request.form(max_fields=5_000, max_part_size=2_000_000)
    told = request.headers.get("x-csrf") or form.get("csrf") or ""
    if not isinstance(told, str) or not hmac.compare_digest(told.encode(), who.csrf.encode()) or not from_here(request):
        raise Refusal(
            "这个页面已过期，请刷新后再试一次。", "This page is out of date; reload it and try again.", status=403
        )
    try:
        yield Post(who, form)
    finally:
        await form.close()


Posted = Annotated[Post, Depends(posted)]
