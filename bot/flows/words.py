"""The words in force: shipped files become immutable versions, one of each is published, all processes say the same."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.find import community_named
from bot.flows.house import House
from bot.rules.policy import load_policy
from bot.settings import Settings
from bot.talk.lawful import LawRule, load_rules
from bot.talk.phrase_check import phrase_problems
from bot.talk.problems import Problem
from bot.talk.scriptcheck import check
from bot.talk.scripts import BadScript, Script, ScriptBook, is_script, parse_script, read_folder
from store import ledger
from store import words as shelf
from store.engine import Store
from store.journal import Entry, note, note_many

K = TypeVar("K", int, None, int | None)


@dataclass(frozen=True, slots=True)
class Version:
    """Which version a wording is, and the provider's template id where it needs one."""

    id: int
    template_id: str


@dataclass(frozen=True, slots=True)
class Book:
    """The published wordings of one community."""

    scripts: ScriptBook
    versions: Mapping[str, Version]

    def version(self, script: Script) -> Version:
        return self.versions[script.path]

    def waits(self, script: Script) -> bool:
        """Whether the provider has still to approve it."""
        return script.approval is not None and not self.versions[script.path].template_id


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def read_files(folder: Path) -> dict[str, str]:
    """Every file below a scripts folder, by its path in it."""
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in (".md", ".yaml")
    }


async def bring_in(store: Store, files: Mapping[str, str], now: datetime, by: str = "yinuo") -> dict[str, int]:
    """Shipped files into the database: new ones are published, an admin's wording is never overwritten.

    Answers how many were new, upgraded, left to the admin (the new default is offered beside it) and unchanged.
    """
    counts = {"new": 0, "upgraded": 0, "offered": 0, "unchanged": 0}
    async with store.write() as conn:
        seen, held = await shelf.defaults(conn), await shelf.house_paths(conn)
        shipped = {path: files[path] for path in files if is_script(path)}
        first = {path: text for path, text in shipped.items() if path not in seen and path not in held}
        await _bring_first(conn, first, now, by)
        counts["new"] = len(first)
        for path, text in shipped.items():
            mark = digest(text)
            if path in seen and seen[path].digest == mark:
                counts["unchanged"] += 1
            elif path not in first:
                counts[await _bring_one(conn, path, text, mark, now, by)] += 1
                await shelf.set_default(conn, path, mark, text, now)
    return counts


async def _bring_first(conn: AsyncConnection, first: Mapping[str, str], now: datetime, by: str) -> None:
    """Wordings nobody has seen: versions, pointers and defaults, all at once."""
    versions = [_version(None, path, text, now, by, "shipped", "shipped") for path, text in first.items()]
    numbers = await shelf.write_first(conn, versions)
    entries = [Entry("script_version", f"script_version:{number}", values, now, None, by)
               for (number, _pointer), values in zip(numbers, versions, strict=True)]  # fmt: skip
    entries += [_published(pointer, values["path"], number, by, "shipped", now, None)
                for (number, pointer), values in zip(numbers, versions, strict=True)]  # fmt: skip
    await note_many(conn, entries)


def _version(
    community_id: int | None, path: str, text: str, now: datetime, by: str, why: str, origin: str
) -> dict[str, Any]:  # fmt: skip
    return {
        "community_id": community_id, "path": path, "source_text": text, "digest": digest(text), "origin": origin,
        "author": by, "why": why, "created_at": now,
    }  # fmt: skip


def _published(
    pointer: int, path: str, version_id: int, by: str, why: str, now: datetime, community_id: int | None
) -> Entry:  # fmt: skip
    content = {"path": path, "version_id": version_id, "by": by, "why": why, "at": now}
    return Entry("publish", f"script_published:{pointer}", content, now, community_id, by, path)


async def _bring_one(conn: AsyncConnection, path: str, text: str, mark: str, now: datetime, by: str) -> str:
    current = await shelf.current(conn, None, path)
    if current is not None and current.origin != "shipped":
        return "offered"
    await publish(conn, None, path, text, now, by=by, why="shipped", origin="shipped")
    return "new" if current is None else "upgraded"


async def publish(
    conn: AsyncConnection, community_id: int | None, path: str, text: str, now: datetime, *, by: str, why: str,
    origin: str = "admin",
) -> int:  # fmt: skip
    """Writes a version and points at it, in the caller's transaction. The caller has checked the wording."""
    values = _version(community_id, path, text, now, by, why, origin)
    version_id, new = await shelf.write_version(conn, values)
    if new:
        await note(conn, Entry("script_version", f"script_version:{version_id}", values, now, community_id, by))
    pointer = await shelf.point(conn, community_id, path, version_id, by, why, now)
    await note(conn, _published(pointer, path, version_id, by, why, now, community_id))
    return version_id


async def book(house: House, conn: AsyncConnection, community_id: int | None) -> Book:
    """The published wordings of a community; kept in memory until something is published."""
    return (await books(house, conn, [community_id]))[community_id]


async def books(
    house: House, conn: AsyncConnection, wanted: Sequence[K], mark: tuple[int, int] | None = None
) -> dict[K, Book]:
    """The same for many communities; those without wordings of their own share one book. ``mark``: just read."""
    mark = mark or await shelf.mark(conn)
    kept: dict[Any, Any] = {key: house.memory.get(f"book:{key}", (None, None)) for key in wanted}
    stale = [key for key in wanted if kept[key][0] != mark]
    own = await shelf.with_own_words(conn) if stale else set()
    shared = await _read_book(conn, None) if set(stale) - own else None
    for key in stale:
        kept[key] = house.memory[f"book:{key}"] = (mark, await _read_book(conn, key) if key in own else shared)
    return {key: kept[key][1] for key in wanted}


async def _read_book(conn: AsyncConnection, community_id: int | None) -> Book:
    scripts: dict[str, Script] = {}
    versions: dict[str, Version] = {}
    for row in await shelf.published(conn, community_id):
        try:
            scripts[row.path] = parse_script(row.path, row.source_text)
        except BadScript as bad:
            raise RuntimeError(f"published wording {row.path} cannot be read: {bad}") from bad
        versions[row.path] = Version(row.id, row.provider_template_id)
    return Book(ScriptBook(list(scripts.values())), versions)


@lru_cache(maxsize=1024)
def locale_chain(*wanted: str) -> tuple[str, ...]:
    """Contact → owner → community → Simplified Chinese, each once."""
    return tuple(dict.fromkeys([*(w for w in wanted if w), "zh-Hans"]))


class BadWording(Exception):
    """A wording that may not be published; the message names every fault."""


def law_rules(folder: Path) -> tuple[LawRule, ...]:
    """The law and truth rules, as data beside the wordings."""
    return load_rules((folder / "law.yaml").read_text(encoding="utf-8"))


def check_folder(folder: Path, *, whole: bool) -> list[Problem]:
    """Judges a folder laid out as scripts/. ``whole``: every step and reply must be there in every language."""
    files = read_files(folder)
    rules = law_rules(folder if (folder / "law.yaml").exists() else Settings().scripts)
    heard = phrase_problems(files)
    if not whole:
        return [*check(files, rules), *heard]
    policy = load_policy(files["ladder.yaml"])
    shipped = read_folder(files)[0]
    steps = sorted({step.script for step in (*policy.steps, *policy.occasions.values()) if step.by == "bot"})
    return [*check(files, rules, expected=steps, expected_replies=shipped.names("replies")), *heard]


async def publish_checked(house: House, path: str, text: str, who: str, why: str, community: str | None) -> int:
    """Publishes one wording after the check. Raises BadWording with every fault."""
    faults = [p for p in check({path: text}, law_rules(Settings().scripts)) if p.file == path]
    if faults:
        raise BadWording("\n".join(f"{p.file}:{p.line}: {p.rule}: {p.message}" for p in faults))
    async with house.store.write() as conn:
        number = (await community_named(conn, community)).id if community else None
        return await publish(conn, number, path, text, house.clock.now(), by=who, why=why)


async def publish_files(house: House, files: Mapping[str, str], who: str, why: str) -> int:
    """Publishes checked files that differ from what is in force; answers how many."""
    count = 0
    async with house.store.write() as conn:
        for path in filter(is_script, files):
            current = await shelf.current(conn, None, path)
            if current is None or current.digest != digest(files[path]):
                await publish(conn, None, path, files[path], house.clock.now(), by=who, why=why)
                count += 1
    return count


async def roll_back(house: House, path: str, who: str, why: str, community: str | None) -> int:
    """Points at the version before the present one. Raises BadWording when there is none."""
    async with house.store.write() as conn:
        number = (await community_named(conn, community)).id if community else None
        return await roll_back_in(house, conn, number, path, who, why)


async def roll_back_in(
    house: House, conn: AsyncConnection, number: int | None, path: str, who: str, why: str
) -> int:  # fmt: skip
    """As ``roll_back``, in the caller's transaction."""
    past = await shelf.history(conn, number, path)
    before = next((row for row in past[1:] if row.version_id != past[0].version_id), None) if past else None
    if before is None:
        raise BadWording(f"{path} has no earlier version to go back to")
    return await publish(conn, number, path, before.source_text, house.clock.now(), by=who, why=why)


async def approve_all(house: House) -> dict[str, list[str]]:
    """Approves, in the sandbox, all a provider would have to approve; answers WeChat's templates and their keys."""
    async with house.store.read() as conn:
        words = await book(house, conn, None)
    templates: dict[str, list[str]] = {}
    async with house.store.write() as conn:
        for script in words.scripts.values():
            if script.approval is None:
                continue
            if script.template:
                keys = templates.setdefault(script.template, [])
                keys += [key for key in script.fields if key not in keys]
            await _approve(house, conn, None, script.path, script.template or f"sms-{script.name}")
        await ledger.look_community(conn, None, house.clock.now())
    return templates


async def approve(house: House, path: str, template_id: str, community: str | None) -> None:
    """Enters the id a provider gave to the published wording of a path. Raises BadWording for an unknown path."""
    async with house.store.write() as conn:
        number = (await community_named(conn, community)).id if community else None
        await _approve(house, conn, number, path, template_id)
        await ledger.look_community(conn, number, house.clock.now())


async def _approve(house: House, conn: AsyncConnection, number: int | None, path: str, template_id: str) -> None:
    current = await shelf.current(conn, number, path) or await shelf.current(conn, None, path)
    if current is None:
        raise BadWording(f"no wording is called {path}; `yinuo scripts list` names them all")
    await shelf.set_template_id(conn, current.id, template_id)
    await note(conn, Entry("approved", f"script_version:{current.id}", dict(current._mapping), house.clock.now(),
                           number, "", template_id))  # fmt: skip
