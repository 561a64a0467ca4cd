"""The control API, JSON in and out: how a demo, a story or the page plays the world.

Errors are 4xx ``{"error": sentence}``. Clock:

- ``GET  /control/clock`` → ``{"now", "frozen", "rate", "next"}``
- ``POST /control/clock`` with one of ``{"to": ISO}``, ``{"forward": seconds}``, ``{"next": true}`` (to the next thing
  that happens), ``{"freeze": bool}``, ``{"rate": n}`` (n virtual seconds per real second; 0 stops), ``{"set": ISO}``
  (jumps without driving anything) → ``{"now", "steps", "sent", "listener": reached | unreachable | none}``; 409 when
  it got stuck on the way.
- ``POST /control/listener {"tick_url", "token", "pay_url"?}`` the service to drive; ``{}`` takes it away. It is asked
  ``POST tick_url {"now"}`` with header ``X-Sandbox-Token`` and answers ``{"next": ISO | null}``. Payments go as
  ``POST pay_url {"payments": [{"unit", "amount_fen", "way", "ref", "external_ref", "at", "reverses"?}]}`` with
  ``Authorization: Bearer``.
- ``POST /control/webhooks {"twilio_inbound"?, "wechat"?, "wechat_mode"?: plain | aes | compatible, "wecom"?,
  "verify"?: bool}`` → the addresses, and with verify whether each answered the provider's GET challenge.
- ``POST /control/receipts {"queued"?, "sent"?, "delivered"?, "undelivered"?, "wechat"?}`` virtual seconds of delay.

People:

- ``GET  /control/people?channel=`` · ``POST /control/people {"people": [{"channel", "address", "name"?, …}]}``
- ``POST /control/say {"channel", "address", …}`` with one of ``text``, ``press`` (data; Telegram and WeCom with
  ``message``: its id; WeChat: the menu entry's id), ``start`` (payload), ``picture`` | ``voice`` | ``sticker`` |
  ``file`` (base64, or true for a sample; ``caption``), ``follow`` (scene or true), ``unfollow`` (true), ``scan``
  (scene; ``force``), ``menu`` (key), ``consent`` (template id; ``accept``). In Telegram groups also ``chat``,
  ``thread``, ``reply_to``.
- ``POST /control/block {"channel", "address"}`` · ``/control/unblock``: Telegram block, WeChat refuse, SMS opt-out
- ``POST /control/dead {"channel", "address", "code"?}``: SMS 21xxx refused at once, 30xxx undelivered (default 30005);
  Telegram: account deactivated · ``POST /control/revive``
- ``POST /control/move {"channel", "old", "new"}``: a new number; the old one is nobody's (SMS: dead)
- ``GET  /control/inbox?channel=&address=`` → ``{"messages": […]}`` oldest first, both directions
- ``POST /control/wechat/code {"openid"}`` → ``{"code"}`` · ``POST /control/wechat/expire`` · ``/control/wecom/expire``
- ``GET|POST /control/templates {"id", "keys": ["thing1", …], "title"?, "kind"?: template | subscribe}`` or
  ``{"templates": […]}``

Money: ``POST /control/pay {"unit", "amount_fen", "way"?, "ref"?, "lag_days"?}`` ·
``POST /control/bounce {"ref", "lag_days"?}`` · ``GET /control/payments``

Telegram groups:

- ``GET  /control/telegram/groups`` · ``POST /control/telegram/groups {"title", "type"?: supergroup | group, "topics"?:
  bool, "members"?: {id: status}, "bot"?: status}``
- ``POST /control/telegram/member {"chat", "user", "status": … | null}`` · ``/control/telegram/bot {"chat", "status",
  "by"}`` · ``/control/telegram/migrate {"chat"}`` · ``/control/telegram/delete {"chat", "message" | "topic"}`` ·
  ``/control/telegram/privacy {"on": bool}``

The judge's view:

- ``GET /control/state`` · ``GET /control/ledger?after=n&limit=m`` · ``GET /control/calls?after=i`` (every call of the
  service, refused ones too) · ``GET /control/pushes?after=i`` (every try of a callback)
- ``POST /control/redeliver {"channel": "telegram", "update": {…}}``: an update once more although it was taken
- ``POST /control/faults {"point", …}`` (faults.py) · ``GET`` the list · ``DELETE /control/faults?id=`` one or all
- ``GET|POST /control/limits {"on"?, "scale"?, …}`` · ``POST /control/settle`` waits until nothing is due or under way
- ``POST /control/reset``: the stage as on the first day; the service's addresses are kept
- ``GET /events``: everything that happens, as server-sent events (``Last-Event-ID`` goes on after a break)
"""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import aiohttp
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from channels.sandbox.clock import parse_instant
from channels.sandbox.pushes import require_loopback
from channels.sandbox.stage import Stage
from channels.sandbox.telegram_words import TelegramError
from channels.sandbox.turning import CannotTurn
from channels.sandbox.wechat_push import MODES
from channels.sandbox.wechat_templates import checked_template

Data = dict[str, Any]
Deed = Callable[[Data], Awaitable[Any]]
Look = Callable[[Data], Any]


class Control:
    """The routes under ``/control``."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._world = stage.world

    def routes(self) -> list[Route]:
        stage, people, telegram = self._stage, self._world.people, self._stage.telegram_people
        deeds: dict[str, Deed] = {
            "clock": self._turn,
            "listener": self._listener,
            "webhooks": self._webhooks,
            "receipts": self._receipts,
            "people": self._add_people,
            "say": stage.say,
            "block": lambda data: stage.block(_word(data, "channel"), _word(data, "address"), True),
            "unblock": lambda data: stage.block(_word(data, "channel"), _word(data, "address"), False),
            "dead": _soon(
                lambda data: stage.dead(_word(data, "channel"), _word(data, "address"), data.get("code", 30005))
            ),
            "revive": _soon(lambda data: stage.dead(_word(data, "channel"), _word(data, "address"), None)),
            "move": _soon(lambda data: stage.move(_word(data, "channel"), _word(data, "old"), _word(data, "new"))),
            "templates": self._add_templates,
            "pay": self._pay,
            "bounce": lambda data: stage.payday.bounce(_word(data, "ref"), float(data.get("lag_days", 0))),
            "wechat/code": _soon(lambda data: {"code": stage.wechat.oauth.new_code(_word(data, "openid"))}),
            "wechat/expire": _soon(lambda _: {"expired": stage.wechat.tokens.expire()}),
            "wecom/expire": _soon(lambda _: {"expired": stage.wecom.tokens.expire()}),
            "telegram/groups": self._group,
            "telegram/member": _soon(
                lambda data: telegram.set_member(_word(data, "chat"), _word(data, "user"), data["status"])
            ),
            "telegram/bot": lambda data: telegram.set_bot(
                _word(data, "chat"), _word(data, "status"), _word(data, "by")
            ),
            "telegram/migrate": lambda data: telegram.migrate(_word(data, "chat")),
            "telegram/delete": self._delete,
            "telegram/privacy": _soon(
                lambda data: self._world.settings.put("telegram.privacy", {"on": bool(data["on"])})
            ),
            "faults": _soon(lambda data: self._world.faults.add(**data).as_json()),
            "limits": self._limits,
            "redeliver": self._redeliver,
            "settle": self._settle,
            "reset": self._reset,
        }
        looks: dict[str, Look] = {
            "clock": lambda _: self._clock(),
            "people": lambda query: {"people": people.all(query.get("channel"))},
            "inbox": lambda query: {
                "messages": self._world.messages.at(_word(query, "channel"), _word(query, "address"))
            },
            "templates": lambda _: {"templates": stage.wechat.templates.values()},
            "payments": lambda _: {"payments": stage.payday.all()},
            "telegram/groups": lambda _: {"groups": stage.telegram.chats.groups.values()},
            "faults": lambda _: {"faults": self._world.faults.list()},
            "limits": lambda _: self._shown_limits(),
            "ledger": self._ledger,
            "calls": lambda query: {"calls": list(self._world.calls)[int(query.get("after", 0)) :]},
            "pushes": lambda query: {"pushes": list(self._world.pusher.log)[int(query.get("after", 0)) :]},
            "state": lambda _: self._state(),
        }
        return [
            *(Route(f"/control/{name}", _answering(deed), methods=["POST"]) for name, deed in deeds.items()),
            *(Route(f"/control/{name}", _showing(look), methods=["GET"]) for name, look in looks.items()),
            Route("/control/faults", _showing(self._clear_faults), methods=["DELETE"]),
        ]

    def _clock(self) -> Data:
        due = self._world.timers.next_due()
        return {
            "now": self._world.clock.now().isoformat(), "frozen": self._world.clock.frozen,
            "rate": self._world.turner.rate, "next": due.isoformat() if due else None,
        }  # fmt: skip

    async def _turn(self, data: Data) -> Any:
        if len(data) != 1:
            raise ValueError('the clock takes one of "to", "forward", "next", "freeze", "rate", "set"')
        clock, turner = self._world.clock, self._world.turner
        match data:
            case {"to": str(iso)}:
                return await turner.to(parse_instant(iso))
            case {"forward": int() | float() as seconds} if seconds >= 0:
                return await turner.to(clock.now() + timedelta(seconds=seconds))
            case {"next": True}:
                return await turner.to_next()
            case {"freeze": bool(frozen)}:
                clock.freeze(frozen)
            case {"set": str(iso)}:
                clock.set(iso)
            case {"rate": int() | float() as rate} if rate >= 0:
                turner.run(float(rate))
            case _:
                raise ValueError(f"the clock cannot take {data}")
        self._world.stream.publish("clock", **self._clock())
        return self._clock()

    async def _listener(self, data: Data) -> Data:
        if data:
            require_loopback(_word(data, "tick_url"))
            _only(data, "tick_url", "token", "pay_url")
            self._world.settings.put("listener", data)
        else:
            self._world.settings.drop("listener")
        return {"listener": bool(data)}

    async def _webhooks(self, data: Data) -> Data:
        _only(data, "twilio_inbound", "wechat", "wechat_mode", "wecom", "verify")
        for name in ("twilio_inbound", "wechat", "wecom"):
            if data.get(name):
                require_loopback(data[name])
        if data.get("wechat_mode", "plain") not in MODES:
            raise ValueError(f"wechat_mode is one of {', '.join(MODES)}")
        kept = {key: value for key, value in data.items() if key != "verify"}
        hooks = self._world.settings.put("webhooks", {**(self._world.settings.get("webhooks") or {}), **kept})
        return {**hooks, "verified": await self._verified(hooks)} if data.get("verify") else hooks

    async def _verified(self, hooks: Data) -> dict[str, bool]:
        challenges = {"wechat": self._stage.wechat.push.challenge, "wecom": self._stage.wecom_push.challenge}
        asked = {name: challenge() for name, challenge in challenges.items() if hooks.get(name)}
        return {name: await self._echoes(url, echo) for name, (url, echo) in asked.items()}

    async def _echoes(self, url: str, echo: str) -> bool:
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5.0)) as session,
                session.get(url) as answer,
            ):
                return answer.status == 200 and (await answer.text()) == echo
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def _receipts(self, data: Data) -> Data:
        _only(data, "queued", "sent", "delivered", "undelivered", "wechat")
        delays = {name: float(seconds) for name, seconds in data.items()}
        return self._world.settings.put("receipts", {**(self._world.settings.get("receipts") or {}), **delays})

    async def _add_people(self, data: Data) -> Data:
        people = data.get("people")
        if not isinstance(people, list):
            raise ValueError('give {"people": [{"channel", "address", …}]}')
        for person in people:
            facts = {key: value for key, value in person.items() if key not in ("channel", "address")}
            self._world.people.meet(_word(person, "channel"), _word(person, "address"), **facts)
        return {"people": len(people)}

    async def _add_templates(self, data: Data) -> Data:
        templates = [checked_template(template) for template in data.get("templates", [data])]
        for template in templates:
            self._stage.wechat.templates.put(template["id"], template)
        return {"templates": len(templates)}

    async def _pay(self, data: Data) -> Data:
        _only(data, "unit", "amount_fen", "way", "ref", "lag_days")
        amount = data.get("amount_fen")
        if isinstance(amount, bool) or not isinstance(amount, int):
            raise ValueError('"amount_fen" is a whole number of fen')
        way, ref = str(data.get("way", "transfer")), str(data.get("ref") or "")
        return await self._stage.payday.pay(_word(data, "unit"), amount, way, ref, float(data.get("lag_days", 0)))

    async def _group(self, data: Data) -> Data:
        _only(data, "title", "type", "topics", "members", "bot")
        members = {str(user): str(status) for user, status in data.get("members", {}).items()}
        kind, topics = data.get("type", "supergroup"), bool(data.get("topics", False))
        bot = data.get("bot", "administrator")
        return self._stage.telegram_people.create_group(_word(data, "title"), kind, topics, members, bot)

    async def _delete(self, data: Data) -> Data:
        chat, people = _word(data, "chat"), self._stage.telegram_people
        if "topic" in data:
            return people.delete_topic(chat, int(data["topic"]))
        return people.delete_message(chat, int(data["message"]))

    def _clear_faults(self, query: Data) -> Data:
        return {"cleared": self._world.faults.clear(int(query["id"]) if "id" in query else None)}

    async def _limits(self, data: Data) -> Data:
        self._world.rates.limits = self._world.rates.limits.changed(data)
        return self._shown_limits()

    def _shown_limits(self) -> Data:
        limits = self._world.rates.limits
        return {name: getattr(limits, name) for name in type(limits).__slots__}

    async def _redeliver(self, data: Data) -> Data:
        if data.get("channel") != "telegram" or not isinstance(data.get("update"), dict):
            raise ValueError('give {"channel": "telegram", "update": {…}}')
        return {"status": (await self._stage.telegram.updates.again(data["update"])).status}

    async def _settle(self, _: Data) -> Data:
        await self._world.timers.settled()
        return {"settled": True}

    async def _reset(self, _: Data) -> Data:
        self._stage.reset()
        return {"reset": True}

    def _ledger(self, query: Data) -> Data:
        after, limit = int(query.get("after", 0)), int(query.get("limit", 1000))
        lines = [line for line in self._world.ledger.lines() if line["n"] > after][:limit]
        return {"lines": lines, "count": self._world.ledger.count}

    def _state(self) -> Data:
        world = self._world
        listener = world.settings.get("listener") or {}
        shown = {key: value for key, value in listener.items() if key != "token"}
        return {
            "clock": self._clock(), "listener": shown or None, "webhooks": world.settings.get("webhooks") or {},
            "telegram_webhook": self._stage.telegram.updates.webhook_info(), "accepted": world.ledger.count,
            "payments": world.payments.count, "people": world.people.all(), "timers": len(world.timers.pending()),
            "groups": self._stage.telegram.chats.groups.values(), "faults": world.faults.list(),
            "limits": self._shown_limits(),
        }  # fmt: skip


def _answering(deed: Deed) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            data = json.loads(await request.body() or b"{}")
            if not isinstance(data, dict):
                raise ValueError("give one JSON object")
            return JSONResponse(await deed(data))
        except (CannotTurn, TimeoutError) as error:
            return JSONResponse({"error": str(error) or "it did not settle in time"}, 409)
        except LookupError as error:
            return JSONResponse({"error": _sentence(error)}, 404)
        except (ValueError, TypeError, TelegramError) as error:
            return JSONResponse({"error": str(error)}, 400)

    return endpoint


def _showing(look: Look) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            return JSONResponse(look(dict(request.query_params)))
        except LookupError as error:
            return JSONResponse({"error": _sentence(error)}, 404)
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)

    return endpoint


def _soon(deed: Look) -> Deed:
    async def act(data: Data) -> Any:
        return deed(data)

    return act


def _sentence(error: LookupError) -> str:
    return f"missing {error}" if isinstance(error, KeyError) else str(error)


def _word(data: Data, name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str | int) or isinstance(value, bool) or value == "":
        raise ValueError(f'"{name}" is missing')
    return str(value)


def _only(data: Data, *known: str) -> None:
    unknown = sorted(set(data) - set(known))
    if unknown:
        raise ValueError(f"unknown {', '.join(unknown)}; there are {', '.join(known)}")
