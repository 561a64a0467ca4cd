"""The ladder: edited as data, tried on the real ledger, then saved."""

import json
from collections.abc import Mapping
from typing import Any

import yaml
from fastapi import APIRouter
from itsdangerous import BadSignature, URLSafeSerializer
from starlette.responses import Response

from bot.flows import ladder_edit as flow
from bot.flows.progress import Progress
from bot.flows.simulate import Simulation, simulate
from bot.rules.policy_page import BadPolicy, PolicyProblem
from bot.web.console import charts, jobs
from bot.web.console.forms import Post, Posted, Refusal
from bot.web.console.ladder_fields import GROUPS, KINDS_OF_DAY, said_change, step_fields
from bot.web.console.pages import At, Desk
from bot.web.console.speech import STEPS, word_of

router = APIRouter(prefix="/console/ladder", include_in_schema=False)


@router.get("")
async def ladder(desk: At) -> Response:
    return _form(desk, flow.laid(desk.house, desk.here), desk.here.row.policy)


def _form(
    desk: Desk, data: Mapping[str, Any], before: str, problems: list[PolicyProblem] | None = None,
    typed: Mapping[str, str] | None = None, text: str = "",
) -> Response:  # fmt: skip
    values = {f.name: f.shown(data) for _say, fields in GROUPS for f in fields}
    values |= {field.name: field.shown(data) for _n, _b, _by, field in step_fields(data)}
    policy = desk.here.policy
    drawn = [(s.day, s.band, f"{word_of(STEPS, s.id, desk.lang)} · {s.day:+d}") for s in policy.steps]
    return desk.page(
        "ladder.html", 422 if problems else 200, town=desk.here, steps=step_fields(data), groups=GROUPS,
        values={**values, **(typed or {})}, before=before, problems=problems or [],
        text=text or yaml.safe_dump(dict(data), allow_unicode=True, sort_keys=False, width=120),
        changed=_said(desk, flow.changes(desk.house, "{}", desk.here.row.policy)),
        picture=charts.ladder(desk.say("节奏", "The ladder"), drawn), opened=bool(text),
    )  # fmt: skip


def _edited(desk: Desk, post: Post) -> dict[str, Any]:
    """The whole ladder as the form tells it: the typed numbers, or the typed YAML."""
    if post.text("how", 10) == "yaml":
        return flow.from_yaml(post.raw("yaml"))
    data = flow.laid(desk.house, desk.here)
    fields = [*(f for _say, group in GROUPS for f in group), *(f for _n, _b, _by, f in step_fields(data))]
    for field in fields:
        if field.name in post.data and post.text(field.name, 200) != field.shown(data):
            data = flow.with_value(data, field.name, field.read(post.text(field.name, 200)))
    return data


@router.post("/simulate")
async def try_out(desk: At, post: Posted) -> Response:
    """What the change would do, tomorrow and over thirty days. Nothing is saved."""
    post.who.need("ladder")
    town, before = desk.here, desk.here.row.policy
    typed = {key: value for key, value in post.data.items() if isinstance(value, str) and "." in key}
    try:
        after = flow.overrides_of(desk.house, _edited(desk, post))
    except BadPolicy as bad:
        text = post.raw("yaml") if post.text("how", 10) == "yaml" else ""
        return _form(desk, flow.laid(desk.house, town), before, bad.problems, typed, text)
    changed = flow.changes(desk.house, before, after)
    if not changed:
        return desk.done("/console/ladder", "没有改动。", "Nothing was changed.", tone="warn")

    async def work(progress: Progress) -> Simulation:
        return await simulate(desk.house, town, after, desk.now, progress=progress)

    def done(desk: Desk, told: Simulation) -> Response:
        return _told(desk, told, before, after, changed)

    title = ("用真实账目试算", "Trying it on the real ledger")
    return await jobs.run(desk, title, work, done, "/console/ladder")


def _told(desk: Desk, told: Simulation, before: str, after: str, changed: list[tuple[str, str, str]]) -> Response:
    names = [f"{day.month}/{day.day}" for day in told.days]
    series = [(desk.say("现在", "now"), told.before), (desk.say("改后", "changed"), told.after)]
    label = desk.say("今后30天每天的消息数", "Messages per day over the next 30 days")
    token = _signer(desk).dumps([desk.here.id, before, after])
    empty = [
        (KINDS_OF_DAY[kind].to(desk.lang), segment, channel, formal) for kind, segment, channel, formal in told.emptied
    ]
    return desk.page(
        "simulated.html", told=told, changed=_said(desk, changed), chart=charts.lines(label, names, series),
        token=token, town=desk.here, emptied=empty,
    )  # fmt: skip


def _said(desk: Desk, changed: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    return [said_change(name, old, new, desk.lang) for name, old, new in changed]


def _signer(desk: Desk) -> URLSafeSerializer:
    return URLSafeSerializer(desk.house.secret or "console", salt="console ladder")


@router.post("/save")
async def save(desk: At, post: Posted) -> Response:
    """Puts the very change that was simulated in force."""
    post.who.need("ladder")
    why = post.text("why", 200)
    if not why:
        raise Refusal("请写一句为什么改。", "Say in one sentence why it is changed.")
    try:
        number, before, after = _signer(desk).loads(post.text("token", 100_000))
    except (BadSignature, ValueError):
        raise Refusal("请先试算，再保存。", "Simulate it first, then save.") from None
    if number != desk.here.id:
        raise Refusal("这是另一个小区的试算。", "This was simulated for another community.")
    async with desk.house.store.write() as conn:
        await flow.save(desk.house, conn, desk.here, before, after, post.who.name, why, desk.now)
    return desk.done("/console/ladder", "新的节奏已生效。", "The new ladder is in force.")


@router.post("/reset")
async def reset(desk: At, post: Posted) -> Response:
    """Back to the shipped numbers, tried first like any change."""
    post.who.need("ladder")
    before = desk.here.row.policy
    changed = flow.changes(desk.house, before, "{}")
    if not changed or json.loads(before or "{}") == {}:
        return desk.done("/console/ladder", "已经是出厂的数字。", "These are the shipped numbers.", tone="warn")
    told = await simulate(desk.house, desk.here, "{}", desk.now)
    return _told(desk, told, before, "{}", changed)
