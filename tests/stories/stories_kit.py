"""The harness of the stories: a small town on the sandbox, its owners and their phones, the clock in our hand.

A story is a plain function that reads as a conversation::

    wang = town.has("3-2-1201", owes=[("物业费", "2026Q3", "486.00", "2026-11-21")])
    town.forward(days=4)
    wang.hears("486.00", step="warm_4")
    town.pays(wang)
    wang.hears("已收到")
    town.forward(days=40)

Database, sandbox and service are the real ones, on loopback; only the clock is turned. When the town closes, silence is
asserted (a message nobody expected fails the story), and the providers' view is judged (stories_judge).
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import uvicorn
from openpyxl import Workbook
from pydantic import SecretStr
from sqlalchemy import select
from stories_judge import judge

from bot.assembly import opened
from bot.flows.brakes import release
from bot.flows.clients import add_client
from bot.flows.house import House
from bot.flows.importing.run import import_files
from bot.flows.plan import plan
from bot.flows.welcome import welcome
from bot.runner import turn
from bot.settings import Settings
from bot.web.app import create_app
from channels.sandbox.app import create_sandbox
from channels.sandbox.pushes import Outcome, Push
from store.cases import write_human_contact
from store.core import account, attempt, case_, message, unit
from store.ledger import communities

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 11, 25, 8, 0, tzinfo=ZONE)
"""A Wednesday morning, before the hours in which we may write."""
NAME = "云杉苑"
TOKEN = "story-token-of-the-bank"
PROFILE = (
    ("小区", NAME), ("服务电话", "021-5550-0100"), ("办公时间", "9:00-18:00"), ("联系人", "陈主任"),
    ("缴费方式", "微信公众号菜单：物业缴费；前台现金或刷卡"), ("时区", "Asia/Shanghai"), ("语言", "zh-Hans"),
)  # fmt: skip
UNITS = ("房号", "业主", "手机", "语言", "微信openid", "Telegram", "托收", "备注", "关系")
CHARGES = ("房号", "费用名称", "账期", "应收金额", "缴费截止")
Charge = tuple[str, str, str, str]
"""Fee, period, amount in yuan, due day."""


@dataclass
class Setting:
    """What a town is opened with: a furnished database, the keys and the approved templates of the providers."""

    database_url: str
    folder: Path
    keys: str
    templates: list[dict[str, Any]]
    channel: str
    start: datetime = START
    released: bool = True
    live: bool = True


class Owner:
    """One person with phones. Every deed answers the owner again, so that a story can go on in one line."""

    def __init__(self, town: "Town", name: str, addresses: dict[str, str], locale: str) -> None:
        self.town, self.name, self.addresses, self.locale = town, name, addresses, locale
        self.units: list[str] = []
        self.last: dict[str, Any] = {}
        """The message heard last."""
        self._heard: dict[str, int] = dict.fromkeys(addresses, 0)

    @property
    def channel(self) -> str:
        """The phone used last, else the first one."""
        return self.last.get("channel") or next(iter(self.addresses))

    def unheard(self) -> list[dict[str, Any]]:
        """Messages on any phone no one has listened to, oldest first."""
        found = []
        for channel in self.addresses:
            found += self._inbox(channel)[self._heard[channel] :]
        return sorted(found, key=lambda one: one["n"])

    def _inbox(self, channel: str) -> list[dict[str, Any]]:
        told = self.town.ask("inbox", channel=channel, address=self.addresses[channel])["messages"]
        return [one for one in told if one["direction"] == "out" and one.get("kind") != "by_provider" and _came(one)]

    def hears(self, *words: str, step: str = "", on: str = "", without: Sequence[str] = ()) -> "Owner":
        """The next message: it has all the words, is of that step, came on that channel."""
        waiting = self.unheard()
        assert waiting, self.town.told(f"{self.name} hears nothing, but should hear {' … '.join(words) or step}")
        heard = self.last = waiting[0]
        self._heard[heard["channel"]] += 1
        lacking = [word for word in words if word not in heard["text"]]
        assert not lacking, self.town.told(f"{self.name} heard {heard['text']!r}, without {lacking}")
        foul = [word for word in without if word in heard["text"]]
        assert not foul, self.town.told(f"{self.name} heard {heard['text']!r}, which says {foul}")
        assert on in ("", heard["channel"]), self.town.told(f"{self.name} heard it on {heard['channel']}, not on {on}")
        if step:
            said = self.town.step_of(heard)
            assert said == step, self.town.told(f"{self.name} heard the step {said}, not {step}: {heard['text']!r}")
        return self

    def hears_nothing_more(self) -> "Owner":
        """Every phone is silent."""
        left = [f"{one['at']} {one['channel']}: {one['text']}" for one in self.unheard()]
        assert not left, self.town.told(f"{self.name} hears what nobody expected: {left}")
        return self

    def says(self, text: str = "", *, on: str = "", **deed: Any) -> "Owner":
        """Words, or another deed of the control API (picture=True, follow=True, unfollow=True …), then a turn."""
        channel = on or self.channel
        self.town.note(f"← {self.name} on {channel}: {text or deed}")
        self.town.spoke.append((channel, self.addresses[channel], self.town.now))
        told = deed or {"text": text}
        self.town.control("say", channel=channel, address=self.addresses[channel], **told)
        self.town.turn()
        return self

    def presses(self, label: str) -> "Owner":
        """A button of the last message by its label; by SMS the digit that stands before the label."""
        heard = self.fresh()
        buttons = [button for row in heard.get("buttons") or [] for button in row]
        if not buttons:
            return self.says(self._digit(heard["text"], label), on=heard["channel"])
        found = [button for button in buttons if label in button["label"]]
        assert found, self.town.told(f"no button {label!r} among {[b['label'] for b in buttons]}")
        message = {"message": int(str(heard["provider_id"]).split(":")[-1])} if heard["channel"] == "telegram" else {}
        return self.says(on=heard["channel"], press=found[0]["data"], **message)

    def _digit(self, text: str, label: str) -> str:
        place = text.find(label)
        digits = [one for one in text[:place] if one.isdigit()] if place > 0 else []
        assert digits, self.town.told(f"no digit stands before {label!r} in {text!r}")
        return digits[-1]

    def fresh(self) -> dict[str, Any]:
        """The last message as it stands now, edits included."""
        assert self.last, self.town.told(f"{self.name} has heard nothing yet")
        now = [one for one in self._inbox(self.last["channel"]) if one["n"] == self.last["n"]]
        return now[0]

    def sees(self, *words: str) -> "Owner":
        """The last message, edited since, has these words."""
        text = self.fresh()["text"]
        assert all(word in text for word in words), self.town.told(f"{self.name} sees {text!r}, without {words}")
        return self

    def blocks(self, on: str = "") -> "Owner":
        """Blocks us: Telegram's block, WeChat's unfollow, the carrier's STOP memory."""
        channel = on or self.channel
        if channel == "wechat":
            return self.says(on=channel, unfollow=True)
        self.town.note(f"← {self.name} blocks us on {channel}")
        self.town.control("block", channel=channel, address=self.addresses[channel])
        self.town.turn()
        return self


class Town:
    """The community, the sandbox around it, and the clock. Every call is plain and comes back when all is quiet."""

    def __init__(self, setting: Setting) -> None:
        self.setting, self.channel = setting, setting.channel
        self.owners: list[Owner] = []
        self.owed: dict[str, int] = {}
        """Fen per unit as the author of the story reckons it."""
        self.paid: list[tuple[str, int]] = []
        self.spoke: list[tuple[str, str, datetime]] = []
        self.forgiven: set[int] = set()
        """HTTP statuses of ours that this story expects at the webhooks (a forged callback: 401)."""
        self.refused: set[int] = set()
        """Error codes of providers that this story expects on calls of ours (a card was deleted: 400)."""
        self.lines: list[str] = []
        self.failed = False
        self.pushed: list[Push] = []
        self.house: House
        self._new_units: list[tuple[Any, ...]] = []
        self._new_charges: list[tuple[Any, ...]] = []
        self._files = 0
        self._read = 0
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self._service = AsyncExitStack()
        self._base = ""
        self.staff: set[str] = set()
        """Addresses of colleagues and of their group: what stands there is no word to an owner."""

    # Opening and closing

    def __enter__(self) -> "Town":
        try:
            self.run(self._open())
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        try:
            if error is None and not self.failed:
                for owner in self.owners:
                    owner.hears_nothing_more()
                judge(self)
        finally:
            self._keep_transcript()
            self._close()

    def _close(self) -> None:
        self._runner.run(self._service.aclose())
        self._runner.run(self._stack.aclose())
        self._runner.close()

    def run(self, deed: Any) -> Any:
        """Runs a coroutine in the town's own loop."""
        return self._runner.run(deed)

    async def _open(self) -> None:
        told, enter = self.setting, self._stack.enter_async_context
        settings, doors = self._settings(told)
        app = create_sandbox(settings.sandbox_folder, durable=False)
        app.state.sandbox.clock.freeze()
        app.state.sandbox.clock.set(told.start)
        self.world = app.state.sandbox
        self._remember_pushes()
        await enter(served(app, doors[0]))
        await self._serve(settings, doors[1])
        self._http = await enter(aiohttp.ClientSession())
        self._base = settings.sandbox_base
        await self._furnish(settings)

    async def _serve(self, settings: Settings, door: socket.socket) -> None:
        self.settings = settings
        self.house = await self._service.enter_async_context(opened(settings, speaking=True))
        self.house.budgets = {}
        app = create_app(self.house, turn=turn, turn_token=TOKEN)
        await self._service.enter_async_context(served(app, door))

    def restarts(self) -> None:
        """The service goes down and another one comes up on its port: it knows nothing but the database."""

        async def again() -> None:
            await self._service.aclose()
            port = int(self.settings.public.rsplit(":", 1)[1])
            await self._serve(self.settings, bound(port))

        self.note("! the service is restarted")
        self.run(again())

    def _settings(self, told: Setting) -> tuple[Settings, list[socket.socket]]:
        doors = [bound(0) for _ in range(2)]
        sandbox, service = (f"http://127.0.0.1:{door.getsockname()[1]}" for door in doors)
        settings = Settings(
            environment="sandbox", database_url=told.database_url, var=told.folder, keys=SecretStr(told.keys),
            public_url=service, sandbox_url=sandbox,
        )  # fmt: skip
        return settings, doors

    async def _furnish(self, settings: Settings) -> None:
        public = settings.public
        await self._post("limits", on=False)
        await self._post("templates", templates=self.setting.templates)
        await welcome(self.house, settings)
        await self._post("webhooks", twilio_inbound=f"{public}/hooks/twilio/inbound", wechat=f"{public}/hooks/wechat",
                         wechat_mode="aes")  # fmt: skip
        await self.listen()

    async def listen(self, on: bool = True) -> None:
        """Whether the clock drives the service."""
        public = self.house.public_url
        told = {"tick_url": f"{public}/sandbox/turn", "token": TOKEN, "pay_url": f"{public}/api/v1/payments"}
        await self._post("listener", **(told if on else {}))

    # The control API

    async def _post(self, path: str, /, **told: Any) -> Any:
        async with self._http.post(f"{self._base}/control/{path}", json=told) as reply:
            data = await reply.json()
            assert reply.status < 400, self.told(f"the sandbox says to {path}: {data.get('error', data)}")
            return data

    async def _get(self, path: str, /, **query: Any) -> Any:
        async with self._http.get(f"{self._base}/control/{path}", params=query) as reply:
            return await reply.json()

    def control(self, path: str, /, **told: Any) -> Any:
        return self.run(self._post(path, **told))

    def ask(self, path: str, /, **query: Any) -> Any:
        return self.run(self._get(path, **query))

    def _remember_pushes(self) -> None:
        deliver = self.world.pusher.call

        async def call(push: Push, cut: float) -> Outcome:
            self.pushed.append(push)
            outcome: Outcome = await deliver(push, cut)
            return outcome

        self.world.pusher.call = call

    def comes_again(self) -> None:
        """The provider did not hear our answer: the last thing an owner said is pushed once more, byte for byte."""
        last = next(push for push in reversed(self.pushed) if push.kind == "inbound")
        self.note("! the same callback once more")
        self.run(self.world.pusher.call(last, 5.0))
        self.turn()

    # Who lives here

    def has(
        self, *units: str, owes: Sequence[Charge] = (), name: str = "", on: Sequence[str] | None = None,
        locale: str = "", bank_collection: bool = False, remark: str = "", role: str = "",
    ) -> Owner:  # fmt: skip
        """An owner of units, who owes these charges for the first; reached ``on`` channels (default: the story's).

        ``role``: 共有人 or 租客, of a unit that has its owner already.
        """
        number = len(self.owners) + 1
        phones = {"sms": f"+861990000{number:04d}", "wechat": f"oStory{number:022d}", "telegram": f"70000{number:04d}"}
        known = {c: phones[c] for c in (on if on is not None else [self.channel])}
        owner = Owner(self, name or f"{SURNAMES[number % len(SURNAMES)]}小明{number}", known, locale)
        self.owners.append(owner)
        people = [{"channel": c, "address": a, "name": owner.name} for c, a in known.items()]
        self.control("people", people=people)
        for code in units:
            owner.units.append(code)
            self._new_units.append(
                (code, owner.name, known.get("sms", "").removeprefix("+86"), locale, known.get("wechat", ""),
                 known.get("telegram", ""), "是" if bank_collection else "", remark, role)
            )  # fmt: skip
        for charge in owes:
            self.owes(owner, *charge)
        return owner

    def owes(self, owner: Owner, fee: str, period: str, yuan: str, due: str, *, unit: str = "") -> None:
        """One more charge, brought in by the next import."""
        code = unit or owner.units[0]
        self.owed[code] = self.owed.get(code, 0) + fen(yuan)
        self._new_charges.append((code, fee, period, Decimal(yuan), date.fromisoformat(due)))

    def lands(self, *, as_of: date | None = None) -> None:
        """What was told since the last time comes in by a workbook, as offices send it."""
        if not (self._new_units or self._new_charges or as_of):
            return
        self._files += 1
        path = self._write_book(self.setting.folder / f"book{self._files}.xlsx")
        self.run(self._import(path, as_of or self.now.date()))
        self._new_units, self._new_charges = [], []
        self.note(f"— {path.name} is imported")

    def _write_book(self, path: Path) -> Path:
        book = Workbook()
        page = book.active
        page.title = "小区信息"
        for row in PROFILE:
            page.append(row)
        for title, heads, rows in (("房屋业主", UNITS, self._new_units), ("应收", CHARGES, self._new_charges)):
            if rows:
                page = book.create_sheet(title)
                for row in (heads, *rows):
                    page.append(row)
        book.save(path)
        return path

    async def _import(self, path: Path, as_of: date) -> None:
        store, now = self.house.store, self.house.clock.now()
        report = await import_files(store, [path], community=NAME, now=now, as_of=as_of, who="story")
        assert report.written, self.told(f"the workbook was refused: {report.errors}")
        if self._files > 1:
            return
        async with store.write() as conn:
            town = (await communities(conn))[0]
            if self.setting.released:
                await release(conn, town, "story", now)
        await add_client(store, "sandbox-bank", town.id, now, token=TOKEN, live=self.setting.live)

    # Time

    @property
    def now(self) -> datetime:
        """Local time."""
        return self.world.clock.now().astimezone(ZONE)

    def forward(self, **delta: float) -> None:
        """Turns the clock: days, hours, minutes …; the service does whatever falls due on the way."""
        self.to(self.now + timedelta(**delta))

    def to(self, when: datetime | str) -> None:
        """Turns the clock to a local instant such as ``2026-12-01 10:00``."""
        at = datetime.fromisoformat(when).replace(tzinfo=ZONE) if isinstance(when, str) else when
        self.lands()
        self.control("clock", to=at.isoformat())
        self._tell()
        self.note(f"— {self.now:%Y-%m-%d %H:%M}")

    def turn(self) -> None:
        """Everything that is due now happens; the clock stays."""
        self.lands()
        self.control("clock", forward=0)
        self._tell()

    def outage(self, **delta: float) -> None:
        """Our service does nothing for a while; then it wakes up."""
        self.lands()
        self.run(self.listen(False))
        self.control("clock", forward=timedelta(**delta).total_seconds())
        self.note(f"— the service was down until {self.now:%Y-%m-%d %H:%M}")
        self.run(self.listen())
        self.turn()

    def plans_only(self, when: str) -> None:
        """The clock stands at ``when``; what falls due is planned, and nothing is sent yet."""
        self.lands()
        self.run(self.listen(False))
        self.to(when)
        self.run(plan(self.house))
        self.run(self.listen())
        self.note("  (planned, not yet sent)")

    def fault(self, point: str, **told: Any) -> None:
        """Something goes wrong at a provider (channels/sandbox/faults.py)."""
        self.note(f"! {point} {told}")
        self.control("faults", point=point, **told)

    # Money

    def pays(
        self, owner: Owner, yuan: str = "", *, unit: str = "", way: str = "transfer", lag_days: float = 0,
        quietly: bool = False,
    ) -> str:  # fmt: skip
        """Pays all, or so much; answers the reference. ``quietly``: the ladder takes no turn at that."""
        self.lands()
        code = unit or owner.units[0]
        left = self.owed.get(code, 0) - sum(f for c, f in self.paid if c == code)
        amount = fen(yuan) if yuan else left
        self.paid.append((code, amount))
        self.note(f"¥ {owner.name} pays {amount / 100:.2f} for {code} ({way})")
        told = self.control("pay", unit=code, amount_fen=amount, way=way, lag_days=lag_days)
        if not quietly:
            self.turn()
        return str(told["ref"])

    def bounces(self, reference: str) -> None:
        """The bank takes a payment back."""
        self.note(f"¥ {reference} bounces")
        self.control("bounce", ref=reference)
        self.turn()

    # What our own books say

    def rows(self, query: Any) -> list[Any]:
        async def read() -> list[Any]:
            async with self.house.store.read() as conn:
                return list((await conn.execute(query)).all())

        return list(self.run(read()))

    def does(self, flow: Any) -> Any:
        """A deed of people at the desk: ``flow(conn)`` in one transaction, then a turn."""

        async def act() -> Any:
            async with self.house.store.write() as conn:
                return await flow(conn)

        self.lands()
        done = self.run(act())
        self.turn()
        return done

    def causes(self) -> list[str]:
        """What lies with people: the causes of all open cases, oldest first."""
        query = select(case_.c.cause).where(case_.c.state != "resolved").order_by(case_.c.id)
        return [row.cause for row in self.rows(query)]

    def states(self) -> list[str]:
        """The states of all reminders, oldest first."""
        query = select(message.c.state).where(message.c.kind.in_(("reminder", "nudge"))).order_by(message.c.id)
        return [row.state for row in self.rows(query)]

    def brings_paper(self, code: str) -> None:
        """A colleague hands the paper notice over against signature."""
        row = {"account_id": self.account_of(code).id, "person_id": None, "way": "paper",
               "at": self.house.clock.now(), "content": "", "answer": "", "next_step": ""}  # fmt: skip
        self.note(f"— the paper notice for {code} is signed for")
        self.does(lambda conn: write_human_contact(conn, row, 1))

    def account_of(self, code: str) -> Any:
        query = select(account).join(unit, unit.c.id == account.c.unit_id).where(unit.c.code == code)
        return self.rows(query)[0]

    def step_of(self, heard: dict[str, Any]) -> str:
        """The step a message on a phone was sent for, by the provider's id or its words."""
        made = select(message.c.step, attempt.c.provider_id, attempt.c.text).join(
            message, message.c.id == attempt.c.message_id
        )
        mine = made.where(attempt.c.channel == heard["channel"], message.c.kind != "staff")
        rows = self.rows(mine.order_by(attempt.c.id.desc()))
        key = str(heard["provider_id"]).split(":")[-1]
        same = [row for row in rows if str(row.provider_id).split(":")[-1] == key]
        sure = [row.step for row in same if row.text == heard["text"]] + [row.step for row in same]
        return (sure or [row.step for row in rows if row.text == heard["text"]] or ["?"])[0]

    # The transcript

    def note(self, line: str) -> None:
        self.lines.append(line)

    def _tell(self) -> None:
        told = self.ask("ledger", after=self._read)
        self._read = told["count"]
        for line in told["lines"]:
            at = datetime.fromisoformat(line["at"]).astimezone(ZONE)
            names = [o.name for o in self.owners if line["to"] in o.addresses.values()]
            text = " / ".join(line["text"].split("\n"))
            self.note(f"  {at:%m-%d %H:%M} {line['channel']} → {(names or [line['to']])[0]}: {text}")

    def told(self, what: str) -> str:
        """A complaint with the whole story before it."""
        return "\n".join([what, "", "The story so far:", *self.lines])

    def _keep_transcript(self) -> None:
        text = "\n".join([f"{NAME}, {self.setting.start:%Y-%m-%d %H:%M}", *self.lines, ""])
        (self.setting.folder / "transcript.txt").write_text(text, encoding="utf-8")
        if os.environ.get("TRANSCRIPTS") and (name := os.environ.get("PYTEST_CURRENT_TEST")):
            folder = Path(__file__).parent / "transcripts"
            folder.mkdir(exist_ok=True)
            title = name.split("::")[-1].split(" ")[0].replace("/", "-")
            (folder / f"{title}.txt").write_text(text, encoding="utf-8")


SURNAMES = "王李张刘陈杨赵黄周吴"


def _came(message: dict[str, Any]) -> bool:
    """Whether it reached the phone: not turned away by the carrier or by an owner who refuses us."""
    return message.get("status") not in ("failed", "undelivered")


def bound(port: int) -> socket.socket:
    """A socket on loopback; port 0: any free one."""
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.bind(("127.0.0.1", port))
    return door


def fen(yuan: str) -> int:
    return int(Decimal(yuan) * 100)


@asynccontextmanager
async def served(app: Any, door: socket.socket) -> AsyncIterator[None]:
    """Serves an app on a bound socket, without the server's own waiting loop."""
    config = uvicorn.Config(app, log_level="error", lifespan="on", timeout_graceful_shutdown=1)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[door])
    try:
        yield
    finally:
        await server.shutdown(sockets=[door])
