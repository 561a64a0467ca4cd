"""Figures: collection rate, ageing, promises kept; by building and responsible person."""

from datetime import date, timedelta

from fastapi import APIRouter
from starlette.responses import Response

from bot.flows import figures as flow
from bot.web.console import charts
from bot.web.console.pages import At, Desk, money

router = APIRouter(prefix="/console/figures", include_in_schema=False)


def _day(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise


@router.get("")
async def figures(desk: At, by: str = "building", first: str = "", last: str = "") -> Response:
    desk.who.need("figures")
    by = by if by in ("building", "person") else "building"
    end = _day(last, desk.today)
    begin = min(_day(first, desk.today - timedelta(days=365)), end)
    async with desk.house.store.read() as conn:
        told = await flow.figures(conn, desk.here.id, desk.today, by=by, first=begin, last=end)
    return desk.page("figures.html", told=told, by=by, drawn=_charts(desk, told), ages=_ages(desk, told))


def _name(desk: Desk, name: str, by: str = "") -> str:
    return name or desk.say("（未分）", "(none)")


def _charts(desk: Desk, told: flow.Figures) -> dict[str, object]:
    rate = [(_name(desk, g.name), g.percent, f"{g.percent}% · {money(g.paid_fen)}") for g in told.groups]
    kept = [
        (_name(desk, k.name), k.percent, f"{k.percent}% · {k.kept}/{k.kept + k.partly + k.broken}") for k in told.kept
    ]
    old = [(label, age.fen / 100, f"{money(age.fen)} · {age.accounts}") for label, age in _ages(desk, told)]
    days = [f"{day.month}/{day.day}" for day, _fen in told.days]
    came = [fen // 100 for _day_, fen in told.days]
    return {
        "rate": charts.bars(desk.say("收缴率", "Collection rate"), rate[:30], rest=True),
        "kept": charts.bars(desk.say("承诺兑现率", "Promises kept"), kept[:30], rest=True),
        "ages": charts.bars(desk.say("账龄", "Ageing"), old),
        "days": charts.lines(
            desk.say("近30天每天入账（元）", "Received per day, yuan"), days, [("", came)], wide=charts.NARROW
        ),
    }


def _ages(desk: Desk, told: flow.Figures) -> list[tuple[str, flow.Age]]:
    def label(age: flow.Age) -> str:
        if age.first == 0:
            return desk.say("未到期", "not due yet")
        if age.last is None:
            return desk.say("一年以上", "over a year")
        return desk.say(f"{age.first}–{age.last} 天", f"{age.first}–{age.last} days")

    return [(label(age), age) for age in told.ages]
