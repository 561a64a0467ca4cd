"""One import from the files to the ledger: measured, read, compared, and written in one transaction or not at all."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.flows.importing.badfile import write_bad_file
from bot.flows.importing.book import Book
from bot.flows.importing.compare_debts import Debts, drop_unplaced, name_ownerless
from bot.flows.importing.compare_listed import Listed
from bot.flows.importing.compare_money import Money
from bot.flows.importing.compare_people import People, compare_holds
from bot.flows.importing.fields import named, plain
from bot.flows.importing.headings import Reading
from bot.flows.importing.land import Landing
from bot.flows.importing.large import warn_of_large
from bot.flows.importing.outcome import Outcome, Terms
from bot.flows.importing.periods import Years
from bot.flows.importing.reader import Progress, Work, read_grid, read_if_profile
from bot.flows.importing.report import ImportReport, Refused
from bot.flows.importing.sentences import sentence
from bot.flows.importing.sheets import Grid, open_file
from bot.flows.importing.standing import read_standing
from bot.flows.importing.twins import drop_twins
from bot.flows.importing.undo import undo_last
from bot.flows.importing.unitcode import key
from bot.flows.importing.watermark import settle_watermark
from bot.flows.importing.wide import read_heading
from bot.flows.undisturbed import undisturbed
from bot.rules.due import SHIPPED
from bot.rules.terms import DueDates
from store import landed, landing
from store.engine import Store
from store.journal import Entry, note
from store.tables import metadata

__all__ = ["import_files", "undo_last"]

_PROFILE = ("service_phone", "office_hours", "pay_ways", "contact_person", "timezone", "locale", "region")


class _NothingWritten(Exception):
    """Rolls the transaction back: a dry run, or a bad row."""


async def import_files(
    store: Store,
    paths: Sequence[Path],
    *,
    community: str | None,
    now: datetime,
    as_of: date | None = None,
    arrears: bool = False,
    dry_run: bool = False,
    skip_bad: bool = False,
    new_community: bool = False,
    heading_map: Mapping[str, str] | None = None,
    accept_owners: AbstractSet[str] = frozenset(),
    due_dates: DueDates = SHIPPED,
    who: str = "import",
    progress: Progress | None = None,
) -> ImportReport:
    """Imports workbooks and CSV files into one community, all or nothing.

    ``as_of``: local day up to which payments are in the book. ``arrears``: the files list debts, absence means paid.
    ``heading_map``: headings fixed by hand, remembered per community. ``accept_owners``: codes of units whose changed
    owner a person confirmed. Raises Refused with one sentence when the files or the request cannot be taken at all.
    """
    request = Request(
        tuple(paths), community, now, who, as_of, arrears, dry_run, skip_bad, new_community, heading_map or {},
        frozenset(key(code) for code in accept_owners), due_dates, progress,
    )  # fmt: skip
    with undisturbed():
        return await _import(store, request)


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for."""

    paths: tuple[Path, ...]
    community: str | None
    now: datetime
    who: str
    as_of: date | None
    arrears: bool
    dry_run: bool
    skip_bad: bool
    new_community: bool
    heading_map: Mapping[str, str]
    accepted: frozenset[str]
    due_dates: DueDates
    progress: Progress | None


async def _import(store: Store, request: Request) -> ImportReport:
    place = await _find_place(store, request)
    fixed = _fixed(place, request.heading_map)
    grids, book = _open(request.paths)
    today = request.now.astimezone(ZoneInfo(_told(place, book, "timezone", "Asia/Shanghai"))).date()
    reading, region = Reading(Years(None, today), fixed), _told(place, book, "region", "mainland")
    _read(grids, Work(reading, region, book, request.progress, by_column=not request.arrears))
    named = place.name if place else request.community or book.profile.values.get("name", "")
    report = ImportReport(community=named, chinese=book.chinese)
    if place is None and not report.community:
        raise Refused(sentence("first_community"))
    terms = Terms(
        place.id if place else 0, request.now, today, request.who, store.vault, request.due_dates, request.arrears,
        request.as_of, request.accepted, tuple(path.name for path in request.paths),
    )  # fmt: skip
    try:
        async with store.write() as conn:
            await _land(conn, book, terms, Outcome(report), place, request)
    except _NothingWritten:
        report.written = False
    if request.skip_bad and not request.dry_run:
        _write_bad(request.paths, grids, book, report)
    return report


# Before reading


async def _find_place(store: Store, request: Request) -> Any:
    """The community's row; None when it is still to be made."""
    community = request.community
    async with store.read() as conn:
        known = await landing.communities(conn)
    if community is None:
        if len(known) > 1:
            raise Refused(sentence("which_community", names=", ".join(c.name for c in known)))
        return known[0] if known else None
    found = next((c for c in known if c.name == community), None)
    if found is None and known and not request.new_community:
        names = ", ".join(c.name for c in known)
        raise Refused(sentence("no_such_community", name=community, names=names))
    return found


def _fixed(place: Any, told: Mapping[str, str]) -> dict[str, str]:
    """Headings fixed by hand, remembered ones and those of today."""
    words = json.loads(place.heading_map) if place is not None else {}
    for heading, word in told.items():
        if named(word) is None and read_heading(word, Years(2000, date(2000, 1, 1))) is None:
            raise Refused(sentence("bad_map", heading=heading, word=word))
        words[heading] = word
    return {plain(heading): word for heading, word in words.items()}


def _open(paths: Sequence[Path]) -> tuple[dict[str, Grid], Book]:
    """All sheets under the names problems call them by, and a book that holds the profile."""
    if not paths:
        raise Refused(sentence("no_file_named"))
    grids: dict[str, Grid] = {}
    for path in paths:
        for grid in open_file(path):
            name = grid.name if len(paths) == 1 or grid.book is None else f"{path.name}:{grid.name}"
            grids[name] = grid
    book = Book()
    for name, grid in grids.items():
        read_if_profile(grid, name, book)
    return grids, book


def _told(place: Any, book: Book, name: str, otherwise: str) -> str:
    """A setting as the profile sheet tells it, else the community, else the default."""
    values = book.profile.values
    if name == "region" and "region" not in values and values.get("timezone", "Asia/Shanghai") not in _MAINLAND:
        return "elsewhere"
    return values.get(name) or (getattr(place, name) if place is not None else otherwise)


_MAINLAND = ("Asia/Shanghai", "Asia/Chongqing", "Asia/Urumqi", "Asia/Harbin", "PRC")


def _read(grids: Mapping[str, Grid], work: Work) -> None:
    for name, grid in grids.items():
        read_grid(grid, name, work)
    book = work.book
    if not (book.units or book.charges or book.payments or book.errors or book.profile.values):
        raise Refused(sentence("nothing_found"))


def _digest(paths: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
    return digest.hexdigest()


# Comparing and writing


async def _land(
    conn: AsyncConnection, book: Book, terms: Terms, outcome: Outcome, place: Any, request: Request
) -> None:
    if place is None:
        terms.community_id = await _make_community(conn, outcome.report.community, book, terms, request.heading_map)
    await _compare(conn, book, terms, outcome)
    if place is not None:
        _compare_profile(place, book, outcome, request.heading_map)
    outcome.report.errors = sorted(book.errors, key=lambda p: (p.sheet, p.row))
    outcome.report.warnings = book.notes()
    if request.dry_run or (book.errors and not request.skip_bad):
        raise _NothingWritten
    if not (outcome.empty and outcome.watermark is None and place is not None):
        if request.progress is not None:
            request.progress("writing", 0, len(outcome.charges) + outcome.listed_count + len(outcome.payments))
        await _write(conn, terms, outcome, _digest(request.paths))
        outcome.report.written = True
    await landed.clear(conn)


async def _compare(conn: AsyncConnection, book: Book, terms: Terms, outcome: Outcome) -> None:
    listed = Listed(conn, book, terms)
    await listed.lay()
    standing = await read_standing(conn, terms.community_id, book, all_charges=terms.arrears)
    name_ownerless(book, standing)
    people = People(book, standing, terms, outcome)
    people.compare()
    drop_unplaced(book, standing)
    drop_twins(book, standing)
    compare_holds(book, standing, terms, outcome)
    debts = Debts(book, standing, terms, outcome)
    debts.compare()
    if terms.arrears:
        debts.pay_absent()
    await listed.settle(standing, outcome)
    Money(book, standing, terms, outcome).compare()
    await warn_of_large(conn, book, outcome)
    settle_watermark(book, standing, terms, outcome)
    placed = sum(1 for unit in book.units if unit in standing.houses)
    outcome.report.says = book.says(placed, len(people.mentioned) + len(outcome.report.questions))


async def _make_community(conn: AsyncConnection, name: str, book: Book, terms: Terms, fixed: Mapping[str, str]) -> int:
    values = {field: book.profile.values[field] for field in _PROFILE if field in book.profile.values}
    values["region"] = _told(None, book, "region", "mainland")
    columns = {
        "name": name, "timezone": "Asia/Shanghai", "locale": "zh-Hans", "service_phone": "", "office_hours": "",
        "contact_person": "", "pay_ways": "", "profile": "{}", "policy": "{}", "released_by": "",
    }  # fmt: skip
    told = json.dumps(dict(fixed), ensure_ascii=False)
    row = {**columns, **values, "heading_map": told, "created_at": terms.now}
    return await landing.insert_one(conn, metadata.tables["community"], row)


def _compare_profile(place: Any, book: Book, outcome: Outcome, fixed: Mapping[str, str]) -> None:
    """What the profile sheet says anew, and headings fixed by hand to be remembered."""
    told = {field: value for field, value in book.profile.values.items() if field in _PROFILE}
    changes: dict[str, Any] = {field: value for field, value in told.items() if value != getattr(place, field)}
    if changes:
        outcome.report.did.count("changed", "profile")
    remembered = json.loads(place.heading_map)
    if fixed and {**remembered, **fixed} != remembered:
        changes["heading_map"] = json.dumps({**remembered, **fixed}, ensure_ascii=False)
    if changes:
        outcome.update("community", place.id, **changes)


async def _write(conn: AsyncConnection, terms: Terms, outcome: Outcome, digest: str) -> None:
    counts = json.dumps({k: v for k, v in outcome.report.json().items() if isinstance(v, int)})
    row = {
        "community_id": terms.community_id, "names": "\n".join(terms.names), "digest": digest, "counts": counts,
        "who": terms.who, "at": terms.now,
    }  # fmt: skip
    run_id = await landing.insert_one(conn, metadata.tables["import_run"], row)
    await note(conn, Entry("import", f"import_run:{run_id}", row, terms.now, terms.community_id, terms.who, counts))
    await Landing(conn, terms, outcome, run_id).write()


def _write_bad(paths: Sequence[Path], grids: Mapping[str, Grid], book: Book, report: ImportReport) -> None:
    for path in paths:
        mine = {name: grid for name, grid in grids.items() if grid.file == path}
        made = write_bad_file(path, mine, book.errors, book.left_out, chinese=report.speaks_chinese)
        if made is not None:
            report.bad_files.append(str(made))
