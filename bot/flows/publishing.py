"""Publishing a wording: strictly rendered for everyone who could receive it now, lawful, complete, agreed to."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.approvals import ABOVE, ask_approval
from bot.flows.climate import Weather, weather
from bot.flows.facts import Known, read
from bot.flows.house import House, Town
from bot.flows.phones import real_slots, with_script
from bot.flows.progress import Progress
from bot.flows.staff_post import tell
from bot.flows.staff_voice import Spoken
from bot.flows.wordings import DraftTaken, faults, is_formal, needs_law, policy_of, serious, spell
from bot.flows.words import BadWording, digest, locale_chain, publish
from bot.talk.awkward import AWKWARD, awkward_slots
from bot.talk.lengths import SMS_MOST_SEGMENTS, sms_segments
from bot.talk.scripts import LOCALES, Script, ScriptBook, parse_script
from bot.talk.wording import Unrenderable, word
from store import cases as approvals
from store import facts as ask
from store import ledger, words
from store import wordings as shelf
from store.journal import Entry, note

CHUNK = 250
"""Accounts tried at a stretch: the house goes on answering in between."""
SHOWN = 200
"""Names of those who would fail that are kept."""
_OF_THE_MOMENT = frozenset(("promise_date", "promise_amount", "latest", "paid", "rest", "paid_on", "least"))
"""Slots that come from the occasion, not from the account."""


@dataclass(frozen=True, slots=True)
class Fails:
    """One account that could receive the wording now and could not be told by it."""

    account_id: int
    code: str
    owner: str
    why: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What the strict rendering found: how many would receive it now, and who could not be told."""

    looked: int
    could: int
    failed: int
    names: tuple[Fails, ...]


@dataclass(frozen=True, slots=True)
class Wish:
    """A publication as it is asked for."""

    scope: int | None
    path: str
    version: int
    why: str
    template_id: str = ""
    fallback: bool = False
    """Declared: where a language has no wording, its owners get Simplified Chinese."""
    set_aside: tuple[str, ...] = ()
    reason: str = ""
    """Why rules are set aside."""


async def who_fails(
    house: House, script: Script, scope: int | None, now: datetime, progress: Progress | None = None
) -> Tried:
    """Renders a wording strictly for every account that could receive it now. Raises Cancelled."""
    watch = progress or Progress()
    looked, could, after, failed = 0, 0, 0, 0
    names: list[Fails] = []
    async with house.store.read() as conn:
        around = await weather(house, conn, now)
        watch.total = await shelf.count_accounts(conn, scope)
    books = {key: with_script(b.scripts, script) for key, b in around.books.items()}
    while True:
        async with house.store.read() as conn:
            ids = await shelf.accounts_after(conn, scope, after, CHUNK)
            if not ids:
                return Tried(looked, could, failed, tuple(names))
            known = await read(conn, ask.named(ids), around.towns, around.watermarks, now)
        for one in known:
            for channel in _heard_on(house, around, books, one, script):
                could += 1
                why = _problem(house, around, one, script, channel, now)
                if why:
                    failed += 1
                    if len(names) < SHOWN:
                        names.append(Fails(one.facts.account_id, one.facts.code, one.owner, why))
        looked, after = looked + len(ids), ids[-1]
        await watch.step(len(ids))


def _heard_on(house: House, around: Weather, books: dict[int, ScriptBook], known: Known, script: Script) -> list[str]:
    """The channels over which this account would be told by exactly this wording now."""
    if script.group != "reminders" or set(script.requires) - known.facts.facts:
        return []
    if not known.facts.charges and script.name not in ("thanks",):
        return []
    if script.name.startswith(("promise", "broken")) and not known.facts.promises:
        return []
    town, found = around.towns[known.community_id], []
    for listener in known.facts.listeners[:1]:
        chain = locale_chain(listener.locale, town.locale)
        for channel in dict.fromkeys(r.channel for r in listener.reaches if not r.dead and not r.opted_out):
            said = books[known.community_id].find("reminders", script.name, chain, channel)
            if said is not None and said.key == script.key:
                found.append(channel)
    return found


def _problem(house: House, around: Weather, known: Known, script: Script, channel: str, now: datetime) -> str:
    town = around.towns[known.community_id]
    slots = real_slots(house, town, around.books[known.community_id], known, script, channel, now)
    moment = awkward_slots(AWKWARD[0], script.locale)
    slots = {name: moment[name] for name in _OF_THE_MOMENT if name in moment} | slots
    try:
        text = word(script, slots).text
    except Unrenderable as broken:
        return str(broken)
    cost = sms_segments(text) if channel == "sms" else 0
    return f"{cost} 段短信，最多 {SMS_MOST_SEGMENTS}。{cost} SMS segments." if cost > SMS_MOST_SEGMENTS else ""


async def wish_stands(conn: AsyncConnection, wish: Wish) -> Any:
    """The draft a wish speaks of. Raises DraftTaken when it was changed, BadWording when there is none."""
    row = await shelf.draft(conn, wish.scope, wish.path)
    if row is None:
        raise BadWording(f"there is no draft of {wish.path}; edit and save one first")
    if row.version != wish.version:
        raise DraftTaken(row, "")
    return row


def judged(path: str, text: str, wish: Wish, *, may_law: bool) -> Script:
    """The wording of a draft that may be published. Raises BadWording with every fault, line and ground."""
    found = faults(path, text)
    if wish.set_aside and not wish.reason:
        raise BadWording("say why the rule is set aside; the reason is kept in the journal")
    if needs_law(found, wish.set_aside) and not may_law:
        raise BadWording("only the legal role may set a legal rule aside, with a reason; see the rule's ground")
    left = serious(found, wish.set_aside)
    if left:
        raise BadWording("\n".join(f"{p.line}: {p.rule}: {p.message}" for p in left))
    return parse_script(path, text)


async def publish_draft(
    house: House, wish: Wish, staff: Any, *, may_law: bool, progress: Progress | None = None
) -> int:
    """Publishes a draft after every check, in one transaction; answers the version.

    ``staff`` publishes; for a formal step it must be a second person. Raises BadWording, DraftTaken or Cancelled.
    """
    now = house.clock.now()
    async with house.store.read() as conn:
        row = await wish_stands(conn, wish)
    script = judged(wish.path, row.source_text, wish, may_law=may_law)
    tried = await who_fails(house, script, wish.scope, now, progress)
    if tried.failed:
        names = ", ".join(f"{f.code} ({f.why})" for f in tried.names[:5])
        raise BadWording(f"{tried.failed} of {tried.could} owners could not be told by it: {names}")
    async with house.store.write() as conn:
        return await put(house, conn, wish, script, staff)


async def put(house: House, conn: AsyncConnection, wish: Wish, script: Script, staff: Any) -> int:
    """Puts a judged draft in force in the caller's transaction; answers the version. Raises BadWording, DraftTaken."""
    row = await wish_stands(conn, wish)
    await _agreed(house, conn, wish, row, staff)
    await _complete(conn, wish, script)
    return await _put_in_force(conn, wish, script, row, staff, house.clock.now())


async def _agreed(house: House, conn: AsyncConnection, wish: Wish, row: Any, staff: Any) -> None:
    """A formal step needs a second person who was handed exactly this draft."""
    towns = [house.town(t) for t in await ledger.communities(conn) if wish.scope in (None, t.id)]
    formal = is_formal(policy_of(house, None), wish.path) or any(is_formal(t.policy, wish.path) for t in towns)
    if not formal:
        return
    request = await shelf.request(conn, wish.path)
    if request is None or not row.wants_second:
        raise BadWording("a formal step needs a second person: hand the draft over, and they publish it")
    if json.loads(request.detail).get("digest") != digest(row.source_text):
        raise BadWording("the draft was changed after it was handed over; hand it over again")
    if request.state == "approved":
        return
    if row.author == staff.name or request.asked_by == staff.id:
        raise BadWording("nobody is the second person of their own wording; a colleague publishes it")
    if staff.role not in (*ABOVE.get(request.role, (request.role,)), "admin"):
        raise BadWording(f"the second person is a {request.role} or above")
    await approvals.decide(conn, request.id, "approved", staff.id, wish.why, house.clock.now())


async def _complete(conn: AsyncConnection, wish: Wish, script: Script) -> None:
    """All languages or a declared fallback; the provider's approval where one is needed."""
    if script.approval == "provider" and not wish.template_id:
        raise BadWording(
            "this wording needs the provider's approval: have it approved there, then give the template id it got"
        )
    paths = {row.path for row in await shelf.in_force(conn, wish.scope)} | {wish.path}
    spoken = {spell(p)[2] for p in paths if spell(p)[:2] == (script.group, script.name)}
    missing = [locale for locale in LOCALES if locale not in spoken]
    if missing and not wish.fallback:
        raise BadWording(f"{script.name} has no wording in {', '.join(missing)}: write it, or declare the fallback")


async def _put_in_force(conn: AsyncConnection, wish: Wish, script: Script, row: Any, staff: Any, now: datetime) -> int:
    by = row.author if row.author == staff.name else f"{row.author} + {staff.name}"
    before = await words.current(conn, wish.scope, wish.path)
    version = await publish(conn, wish.scope, wish.path, row.source_text, now, by=by, why=wish.why)
    if wish.template_id:
        await words.set_template_id(conn, version, wish.template_id)
    if wish.set_aside:
        content = {"rules": list(wish.set_aside), "path": wish.path, "version": version}
        told = f"{', '.join(wish.set_aside)}: {wish.reason}"
        subject = f"law_set_aside:{version}"
        await note(conn, Entry("law_set_aside", subject, content, now, wish.scope, staff.name, told))
    content = {"path": wish.path, "before": before.id if before is not None else None, "after": version}
    told = f"{content['before']} -> {version}"
    await note(conn, Entry("words_changed", f"words:{wish.path}", content, now, wish.scope, staff.name, told))
    await shelf.drop_draft(conn, row.id, row.version)
    await ledger.look_community(conn, wish.scope, now)
    return version


async def hand_over(house: House, conn: AsyncConnection, wish: Wish, town: Town, staff: Any, *, may_law: bool) -> int:
    """Hands a draft to a second person, once it passes the same checks; answers the request."""
    now = house.clock.now()
    row = await wish_stands(conn, wish)
    judged(wish.path, row.source_text, wish, may_law=may_law)
    if not await shelf.want_second(conn, row.id, row.version, True):
        raise DraftTaken(row, "")
    await shelf.close_requests(conn, wish.path, "refused", "handed over anew", now)
    detail = {
        "path": wish.path, "scope": wish.scope, "digest": digest(row.source_text), "version": row.version,
        "why": wish.why, "template_id": wish.template_id,
    }  # fmt: skip
    return await ask_approval(
        house, conn, town, "wording", f"draft:{wish.path}", now, asked_by=staff.id, words=f"{wish.path}: {wish.why}",
        detail=detail,
    )  # fmt: skip


async def send_to_me(house: House, conn: AsyncConnection, staff: Any, text: str, locale: str) -> bool:
    """The text as it would be said, to the admin's own linked chat; False when none is linked."""
    said = Spoken(text, "preview", None, locale)
    return await tell(house, conn, staff.id, staff.community_id, said, house.clock.now(), step="preview")


def tried_words(tried: Tried) -> Sequence[str]:
    """The result of the strict rendering as sentences in Chinese and English."""
    if tried.failed:
        return (
            f"{tried.could} 位现在会收到，其中 {tried.failed} 位说不成。",
            f"{tried.could} would receive it now; {tried.failed} could not be told.",
        )
    return f"{tried.could} 位现在会收到，都说得成。", f"{tried.could} would receive it now; all can be told."
