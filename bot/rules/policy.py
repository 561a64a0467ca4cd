"""Reads, checks, writes and compares a community's policy (``scripts/ladder.yaml`` with its own values over it)."""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import yaml

from bot.rules.policy_page import BadPolicy, Lines, Page, PolicyProblem, lay_over
from bot.rules.policy_parts import (
    read_approvals,
    read_cases,
    read_disputes,
    read_due_dates,
    read_gaps,
    read_lags,
    read_late_fee,
    read_promise,
    read_segments,
    read_windows,
)
from bot.rules.terms import (
    BOT,
    FACTS,
    PERSON,
    After,
    Band,
    Demand,
    Policy,
    Step,
)

__all__ = ["BadPolicy", "Policy", "PolicyProblem", "diff", "load_policy"]

OCCASIONS = ("statement", "broken_promise", "promise_eve", "promise_day", "thanks")


@lru_cache(maxsize=64)
def load_policy(yaml_text: str, overrides_json: str = "{}") -> Policy:
    """The policy of a YAML text with a community's own values (a JSON object) laid over it.

    Raises BadPolicy with every problem: its line (0: in the community's own values), what is wrong, what is right.
    """
    lines = Lines(yaml_text)
    over = _overrides(overrides_json)
    data = lay_over(lines.data, over) if over else lines.data
    problems = lines.problems
    page = Page(data, (), _lines_left(lines.at, over), problems)
    policy = _policy(page, yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120))
    page.done()
    _check_ladder(policy, page)
    if problems:
        raise BadPolicy(sorted(problems, key=lambda problem: problem.line))
    return policy


def diff(before: Policy, after: Policy) -> list[tuple[str, str, str]]:
    """What changed, as (dotted name, old value, new value); empty where a side has none. YAML key order is kept."""
    old, new = dict(_flat(yaml.safe_load(before.text), "")), dict(_flat(yaml.safe_load(after.text), ""))
    names = [*old, *(name for name in new if name not in old)]
    return [(name, old.get(name, ""), new.get(name, "")) for name in names if old.get(name) != new.get(name)]


def _flat(value: object, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _flat(inner, f"{name}.{key}" if name else str(key))
    else:
        yield name, json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value


def _overrides(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise BadPolicy(
            [PolicyProblem(0, "the community's own values are not a JSON object", "小区自定义策略不是有效的 JSON 对象")]
        )
    return found


def _lines_left(lines: dict[tuple[str, ...], int], over: Mapping[str, Any]) -> dict[tuple[str, ...], int]:
    """Lines of the values that still come from the file."""
    if not over:
        return lines
    mine: set[tuple[str, ...]] = set()

    def walk(data: Mapping[str, Any], path: tuple[str, ...]) -> None:
        for key, value in data.items():
            if isinstance(value, Mapping):
                walk(value, (*path, key))
            else:
                mine.add((*path, key))

    walk(over, ())
    return {**lines, **dict.fromkeys(mine, 0)}


def _policy(page: Page, text: str) -> Policy:
    bands = _bands(page.page("bands"))
    demand, caps, tolerance = page.page("demand"), page.page("caps"), page.page("tolerance")
    statement = page.page("statement")
    policy = Policy(
        bands=bands,
        steps=_steps(page.page("steps"), bands),
        occasions=_occasions(page.page("occasions"), bands),
        demand=Demand(demand.word("step"), demand.integer("period_days", 7, 90)),
        statement_every_days=statement.integer("every_days", 14, 366),
        windows=read_windows(page.page("windows")),
        cap_per_day=caps.integer("per_day", 1, 3),
        cap_per_week=caps.integer("per_week", 1, 7),
        gaps=read_gaps(page.page("gaps")),
        tolerance_fen=tolerance.integer("any_fen", 0, 10_000_000),
        tolerance_formal_fen=tolerance.integer("formal_fen", 0, 100_000_000),
        late_fee=read_late_fee(page.page("late_fee")),
        promise=read_promise(page.page("promise")),
        settlement_lag=read_lags(page.page("settlement_lag")),
        disputes=read_disputes(page.page("disputes")),
        cases=read_cases(page.page("cases")),
        segments=read_segments(page.page("segments")),
        due_dates=read_due_dates(page.page("due_dates")),
        approvals=read_approvals(page.page("approvals")),
        text=text,
    )
    for part in (demand, caps, tolerance, statement):
        part.done()
    return policy


def _bands(page: Page) -> tuple[Band, ...]:
    bands: list[Band] = []
    for name, part in page.pages():
        band = Band(
            name,
            len(bands),
            part.integer("from_day", -366, 3660),
            part.integer("stale_working_days", 0, 60),
            part.integer("per_hour", 1, 100_000),
            part.flag("formal", False),
        )
        if bands and band.from_day < bands[-1].from_day:
            part.wrong("from_day", f"it must not be before {bands[-1].id}'s", f"不能早于 {bands[-1].id} 的起始日")
        bands.append(band)
        part.done()
    if not bands:
        page.wrong("", "it needs at least one band", "至少需要一个阶段")
        return (Band("before", 0, -60, 5, 150, False),)
    return tuple(bands)


def _steps(page: Page, bands: tuple[Band, ...]) -> tuple[Step, ...]:
    return tuple(_step(name, part, bands, order) for order, (name, part) in enumerate(page.pages()))


def _step(name: str, part: Page, bands: tuple[Band, ...], order: int) -> Step:
    band = _band(part, bands)
    after = part.page("after") if "after" in part.data else None
    step = Step(
        id=name,
        band=band.id,
        band_index=band.index,
        order=order,
        day=part.integer("day", -366, 3660),
        by=part.word("by", (BOT, PERSON), BOT),
        channels=part.words("channels"),
        requires=frozenset(part.words("requires", FACTS)),
        after=_after(after) if after is not None else None,
        beside=part.word("beside", default=""),
        script=part.word("script", default=name),
        formal=band.formal,
    )
    part.done()
    return step


def _band(part: Page, bands: tuple[Band, ...]) -> Band:
    name = part.word("band", tuple(band.id for band in bands))
    return next((band for band in bands if band.id == name), bands[0])


def _after(part: Page) -> After:
    after = After(part.word("step"), part.integer("days", 0, 366), part.flag("delivered", False))
    part.done()
    return after


def _occasions(page: Page, bands: tuple[Band, ...]) -> dict[str, Step]:
    found = {}
    for name in OCCASIONS:
        part = page.page(name)
        band = _band(part, bands)
        script = part.word("script", default=name)
        channels = part.words("channels")
        found[name] = Step(name, band.id, band.index, -1, 0, BOT, channels, frozenset(), None, "", script, band.formal)
        part.done()
    page.done()
    return found


def _check_ladder(policy: Policy, page: Page) -> None:
    """What only the whole ladder shows: steps in their bands, references to steps that exist."""
    steps = page.page("steps") if isinstance(page.data.get("steps"), Mapping) else None
    if steps is None:
        return
    for step, later in zip(policy.steps, [*policy.steps[1:], None], strict=True):
        part = steps.page(step.id)
        _check_day(step, policy, part)
        if later is not None and later.band_index < step.band_index:
            steps.page(later.id).wrong(
                "band", f"it comes after {step.id} of {step.band}", f"排在 {step.band} 的 {step.id} 之后"
            )
        _check_references(step, policy, part)
    demand = policy.step.get(policy.demand.step)
    if demand is None or not demand.formal or demand.by != BOT:
        page.page("demand").wrong("step", "it must be a formal step of the bot", "应为由系统发送的正式催告步骤")


def _check_day(step: Step, policy: Policy, part: Page) -> None:
    first = policy.bands[step.band_index].from_day
    later = policy.bands[step.band_index + 1 :]
    last = later[0].from_day - 1 if later else None
    too_late = last is not None and step.day > last and not step.formal
    if step.day < first or too_late:
        span = f"{first} to {last}" if last is not None else f"{first} on"
        part.wrong("day", f"band {step.band} is days {span}", f"{step.band} 阶段为第 {first} 天到第 {last or '…'} 天")


def _check_references(step: Step, policy: Policy, part: Page) -> None:
    if step.after is not None and step.after.step not in policy.step:
        part.page("after").wrong("step", "there is no such step", "没有这个步骤")
    if step.beside and (step.by != PERSON or step.beside not in policy.step):
        part.wrong("beside", "only a person's step stands beside a step that exists", "只有人工步骤可以与已有步骤并行")
