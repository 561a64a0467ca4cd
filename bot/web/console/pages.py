"""A page: templates with everything escaped, in the reader's language, in the community's local time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from itsdangerous import BadSignature, URLSafeSerializer
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.flows.house import House, Town
from bot.flows.words import book
from bot.talk.masked import masked_name
from bot.talk.reasons import reason_words, remedy
from bot.web.console import speech
from bot.web.console.forms import Refusal
from bot.web.console.roles import ROLE_WORDS, Who
from bot.web.console.session import Signed
from bot.web.console.speech import Say, word_of
from store import console as shelf

HERE = Path(__file__).parent
FLASH, LANGUAGE, TOWN = "yinuo_said", "yinuo_lang", "yinuo_town"
SAID_AS = "console_said_as"
"""Where the names of replies and notices wait in the house's memory."""
UTC_ZONE = ZoneInfo("UTC")
TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
    lstrip_blocks=True,
)  # fmt: skip
TABLES = {
    "kind": speech.KINDS, "way": speech.WAYS, "state": speech.STATES, "segment": speech.SEGMENTS,
    "channel": speech.CHANNELS, "band": speech.BANDS, "fact": speech.FACTS, "step": speech.STEPS,
    "cause": speech.CAUSES, "outcome": speech.OUTCOMES,
    "promise": speech.PROMISES, "journal": speech.JOURNAL, "reader": speech.READERS,
    "published": speech.WHYS,
}  # fmt: skip
NAVIGATION = (
    ("today", "", Say("今天", "Today"), ""),
    ("owners", "owners", Say("业主", "Owners"), ""),
    ("messages", "messages", Say("消息", "Messages"), ""),
    ("cases", "cases", Say("待办", "Cases"), ""),
    ("words", "words", Say("话术", "Words"), ""),
    ("ladder", "ladder", Say("节奏", "Ladder"), ""),
    ("figures", "figures", Say("数据", "Figures"), "figures"),
    ("import", "import", Say("导入", "Import"), "import"),
    ("people", "people", Say("人员", "People"), "people"),
    ("settings", "settings", Say("设置检查", "Settings check"), "settings"),
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "frame-ancestors 'none'; form-action 'self'; base-uri 'none'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def money(fen: int) -> str:
    """¥1,234.50."""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}¥{fen // 100:,}.{fen % 100:02d}"


def language(request: Request, who: Who | None) -> str:
    """The reader's language: chosen, else their own, else what the browser prefers."""
    chosen = request.cookies.get(LANGUAGE)
    if chosen in ("zh", "en"):
        return chosen
    if who is not None:
        return "en" if who.locale == "en" else "zh"
    return "en" if request.headers.get("accept-language", "zh").lower().startswith("en") else "zh"


def _signer(house: House) -> URLSafeSerializer:
    return URLSafeSerializer(house.secret or "console", salt="console said")


@dataclass(slots=True)
class Desk:
    """One request of a signed-in person: the house, their language, their community."""

    request: Request
    house: House
    who: Who
    lang: str
    rows: Sequence[Any]
    town: Town | None

    @property
    def here(self) -> Town:
        """The community looked at. Raises Refusal while there is none."""
        if self.town is None:
            raise Refusal(
                "还没有小区。先导入一份工作簿。", "There is no community yet; import a workbook first.", status=404
            )
        return self.town

    @property
    def now(self) -> datetime:
        return self.house.clock.now()

    @property
    def today(self) -> date:
        return self.here.today(self.now)

    def say(self, zh: str, en: str) -> str:
        return en if self.lang == "en" else zh

    def word(self, table: str, key: str) -> str:
        return word_in(self.house, table, key, self.lang)

    def name(self, name: str) -> str:
        """An owner's name as this role may read it in lists."""
        return masked_name(name) if self.who.role == "front_desk" else name

    def page(self, template: str, status: int = 200, **told: Any) -> HTMLResponse:
        """Renders a template with the page's frame around it."""
        zone = self.town.zone if self.town else UTC_ZONE
        context = {**_common(self.request, self.lang, zone, self.who), "desk": self, **told}
        return _answer(self.request, template, context, status)

    def done(self, path: str, zh: str, en: str, tone: str = "good") -> RedirectResponse:
        """Back to a page, which says once what was done."""
        answer = RedirectResponse(path, 303, headers=HEADERS)
        told = _signer(self.house).dumps([tone, zh, en])
        answer.set_cookie(FLASH, str(told), max_age=60, path="/console", httponly=True, samesite="lax")
        return answer


async def desk(request: Request, who: Signed) -> Desk:
    """The signed-in person's desk, at the community they chose among those they may see."""
    house: House = request.app.state.house
    async with house.store.read() as conn:
        rows = await shelf.communities(conn, who.community_id)
        if SAID_AS not in house.memory:
            house.memory[SAID_AS] = speech.said_as((await book(house, conn, None)).scripts)
    chosen = request.cookies.get(TOWN, "")
    row = next((r for r in rows if str(r.id) == chosen), rows[0] if rows else None)
    return Desk(request, house, who, language(request, who), rows, house.town(row) if row is not None else None)


At = Annotated[Desk, Depends(desk)]


def plain_page(request: Request, template: str, status: int = 200, **told: Any) -> HTMLResponse:
    """A page for somebody not signed in."""
    context = {**_common(request, language(request, None), UTC_ZONE, None), **told}
    return _answer(request, template, context, status)


def _answer(request: Request, template: str, context: Mapping[str, Any], status: int) -> HTMLResponse:
    answer = HTMLResponse(TEMPLATES.get_template(template).render(context), status, headers=HEADERS)
    if FLASH in request.cookies:
        answer.delete_cookie(FLASH, path="/console")
    return answer


def word_in(house: House, table: str, key: str, lang: str) -> str:
    """A word of one of the console's tables; a step nobody named there by the purpose of its wording."""
    if table == "step" and key not in speech.STEPS:
        return word_of(house.memory.get(SAID_AS, {}), key, lang)
    return word_of(TABLES[table], key, lang)


def _common(request: Request, lang: str, zone: ZoneInfo, who: Who | None) -> dict[str, Any]:
    house: House = request.app.state.house
    now = house.clock.now()

    def when(at: datetime | None) -> str:
        if at is None:
            return "—"
        local, here = at.astimezone(zone), now.astimezone(zone)
        return local.strftime("%m-%d %H:%M" if local.year == here.year else "%Y-%m-%d %H:%M")

    return {
        "_": lambda zh, en: en if lang == "en" else zh,
        "lang": lang, "who": who, "address": request.url.path, "money": money, "when": when,
        "word": lambda table, key: word_in(house, table, key, lang),
        "why": lambda code: reason_words(code, "en" if lang == "en" else "zh-Hans"),
        "remedy": lambda r: remedy(str(r.code), r.detail, "en" if lang == "en" else "zh-Hans"),
        "role": lambda name: Say(*ROLE_WORDS.get(name, (name, name))).to(lang),
        "said": _said(request, house, lang), "navigation": NAVIGATION, "now": now, "zone": zone,
        "csrf": who.csrf if who else "", "sandbox": house.sandbox, "desk": None,
    }  # fmt: skip


def _said(request: Request, house: House, lang: str) -> tuple[str, str] | None:
    """What the page before wants said once: its tone and the sentence."""
    try:
        tone, zh, en = _signer(house).loads(request.cookies.get(FLASH, ""))
    except (BadSignature, ValueError):
        return None
    return str(tone), str(en if lang == "en" else zh)


def cut(rows: Sequence[Any], size: int = shelf.PAGE) -> tuple[Sequence[Any], bool]:
    """A page of rows, and whether more follow."""
    return rows[:size], len(rows) > size


def day_start(town: Town, now: datetime, days: int = 0) -> datetime:
    """The instant a local date begins, today or some days from it."""
    local = now.astimezone(town.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return local + timedelta(days=days)
