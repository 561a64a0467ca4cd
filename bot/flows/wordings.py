"""Admins' wordings on the way: found, composed, checked as one types, saved as drafts under a version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import unified_diff
from functools import lru_cache
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.house import House, Town
from bot.flows.words import BadWording, digest, law_rules
from bot.rules.policy import Policy
from bot.settings import Settings
from bot.talk.lawful import LawRule
from bot.talk.problems import Problem
from bot.talk.scriptcheck import check
from bot.talk.scripts import BadScript, Script, dump_script, parse_script
from bot.talk.template import examine
from store import wordings as shelf
from store import words
from store.journal import Entry, note


class DraftTaken(Exception):
    """Somebody saved first; ``first`` is their draft, ``mine`` the text that was not saved."""

    def __init__(self, first: Any, mine: str) -> None:
        super().__init__("somebody else saved this draft first")
        self.first = first
        self.mine = mine


@dataclass(frozen=True, slots=True)
class Leaf:
    """One wording in the tree: what it says, in which language, for which channel, and how it stands."""

    path: str
    group: str
    name: str
    locale: str
    channel: str
    version_id: int
    by: str
    at: datetime
    edited: bool
    offered: bool
    """An upgrade brought a new default beside this edited wording."""
    own: bool
    """A community's own."""
    drafted_by: str
    wants_second: bool


def spell(path: str) -> tuple[str, str, str, str]:
    """Group, name, locale and channel of a path."""
    group, name, rest = path.split("/")
    locale, _dot, channel = rest.removesuffix(".md").partition(".")
    return group, name, locale, channel


async def tree(conn: AsyncConnection, scope: int | None) -> list[Leaf]:
    """Every wording in force for a scope (None: the whole house), with drafts and offered defaults."""
    written = {d.path: d for d in await shelf.drafts(conn, scope)}
    rows = {row.path: row for row in await shelf.in_force(conn, scope)}
    return [_leaf(row, written.get(path)) for path, row in sorted(rows.items())]


def _leaf(row: Any, written: Any) -> Leaf:
    edited = row.origin != "shipped"
    return Leaf(
        row.path, *spell(row.path), row.version_id, row.by, row.at, edited,
        edited and row.shipped_digest not in (None, row.digest), row.community_id is not None,
        written.author if written is not None else "", bool(written is not None and written.wants_second),
    )  # fmt: skip


@lru_cache(maxsize=1)
def rules() -> tuple[LawRule, ...]:
    """The law and truth rules in force."""
    return law_rules(Settings().scripts)


def faults(path: str, text: str, *, mainland: bool = True) -> list[Problem]:
    """Every fault of one wording: the same judgement as `yinuo scripts check`."""
    return [p for p in check({path: text}, rules(), mainland_sms=mainland) if p.file == path]


def serious(found: Sequence[Problem], set_aside: Sequence[str]) -> list[Problem]:
    """The faults that stop a publication: all but rules set aside, which only rules of law and route can be."""
    known = {rule.id for rule in rules()}
    return [p for p in found if p.rule not in set_aside or p.rule not in known]


def needs_law(found: Sequence[Problem], set_aside: Sequence[str]) -> bool:
    """Whether a rule set aside is one of law, for which the role for it is needed."""
    legal = {rule.id for rule in rules() if rule.legal}
    return any(p.rule in legal for p in found if p.rule in set_aside)


@dataclass(frozen=True, slots=True)
class Sentence:
    """What an admin edits of a wording; the rest of the file follows from it."""

    body: str
    purpose: str
    requires: tuple[str, ...]
    fields: Mapping[str, str]


def compose(base: Script, told: Sentence) -> str:
    """The file of an edited wording: `needs` are the slots it uses. Untouched, it stays byte for byte what it was."""
    body = told.body if told.body.endswith("\n") else told.body + "\n"
    same = (body, told.purpose, told.requires, dict(told.fields)) == (
        base.body, base.purpose, base.requires, dict(base.fields),
    )  # fmt: skip
    if same:
        return base.source_text
    used = dict.fromkeys(slot for text in (body, *told.fields.values()) for slot in examine(text).slots)
    needs = (*(s for s in base.needs if s in used), *(s for s in used if s not in base.needs))
    made = replace(
        base, body=body, purpose=told.purpose, requires=told.requires, fields=dict(told.fields), needs=needs,
        source_text="",
    )  # fmt: skip
    return dump_script(made)


def read(path: str, text: str) -> Script | None:
    """The wording of a text, or None while it cannot be read."""
    try:
        return parse_script(path, text)
    except BadScript:
        return None


async def current(conn: AsyncConnection, scope: int | None, path: str) -> Any:
    """The version in force of a path: the scope's own, else the house's. Raises BadWording for an unknown path."""
    row = await words.current(conn, scope, path) or await words.current(conn, None, path)
    if row is None:
        raise BadWording(f"no wording is called {path[:200]}; `yinuo scripts list` names them all")
    return row


async def save_draft(
    conn: AsyncConnection, scope: int | None, path: str, text: str, version: int, who: str, now: datetime
) -> int:
    """Saves a draft over the version its author saw (0: none yet); answers the new version.

    Raises DraftTaken when somebody was first, BadWording for an unknown path or a text far too long to be one.
    """
    row = await current(conn, scope, path)
    if len(text) > 20_000:
        raise BadWording(f"a wording has at most 8,000 characters; this one has {len(text):,} and was not saved")
    values = {
        "source_text": text, "based_on": row.id, "author": who, "at": now, "wants_second": False,
    }  # fmt: skip
    if not await shelf.write_draft(conn, scope, path, version, values):
        raise DraftTaken(await shelf.draft(conn, scope, path), text)
    await shelf.close_requests(conn, path, "refused", "the draft was changed", now)
    content = {"path": path, "digest": digest(text), "before": row.digest}
    await note(conn, Entry("draft", f"draft:{path}", content, now, scope, who, f"version {version + 1}"))
    return version + 1


async def drop_draft(
    conn: AsyncConnection, scope: int | None, path: str, version: int, who: str, now: datetime
) -> None:
    """Throws a draft away. Raises DraftTaken when it was changed meanwhile."""
    row = await shelf.draft(conn, scope, path)
    if row is None:
        return
    if not await shelf.drop_draft(conn, row.id, version):
        raise DraftTaken(row, "")
    await shelf.close_requests(conn, path, "refused", "the draft was thrown away", now)
    await note(conn, Entry("draft_dropped", f"draft:{path}", {"digest": digest(row.source_text)}, now, scope, who))


def is_formal(policy: Policy, path: str) -> bool:
    """Whether a wording belongs to a step from “formal” on, which needs a second person."""
    group, name, _locale, _channel = spell(path)
    return group == "reminders" and any(s.formal for s in policy.step.values() if s.script == name)


def neighbours(policy: Policy, name: str) -> tuple[str, str]:
    """The wordings of the step before and the step after; empty at the ends."""
    said = [s.script for s in policy.steps if s.by == "bot"]
    if name not in said:
        return "", ""
    at = said.index(name)
    return (said[at - 1] if at else ""), (said[at + 1] if at + 1 < len(said) else "")


def differences(before: str, after: str) -> list[tuple[str, str]]:
    """Lines taken away (-), added (+) and kept ( ), for people to read."""
    lines = list(unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2))[2:]
    return [(line[:1], line[1:]) for line in lines if not line.startswith("@@")]


def policy_of(house: House, town: Town | None) -> Policy:
    """The ladder of a community, or the shipped one for the whole house."""
    return town.policy if town is not None else house.policy("{}")
