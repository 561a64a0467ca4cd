"""The settings check as the console shows it: what is not in order in this house, each with its remedy."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import real_now
from bot.flows.climate import book_date
from bot.flows.house import House, Town
from bot.flows.words import book
from store import console as shelf
from store import staff
from store.migrate import still_serves

QUIET = timedelta(minutes=2)
"""A worker unseen for longer is not there."""
_CHANNELS = {"wechat": "微信", "sms": "短信", "telegram": "Telegram", "wecom": "企业微信"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; ``fine`` or with what to do, in Chinese and English."""

    name: tuple[str, str]
    fine: bool
    told: tuple[str, str]


async def checkup(house: House, conn: AsyncConnection, town: Town | None, now: datetime) -> list[Finding]:
    """Database, worker, channels, wordings, community, staff: every finding, the bad ones first."""
    found = [await _database(house), await _worker(conn, town), _channels(house), await _words(house, conn, town)]
    if town is not None:
        found += [*_community(house, town), await _ledger(conn, town, now), await _group(conn, town)]
    return sorted(found, key=lambda one: one.fine)


async def _database(house: House) -> Finding:
    name = ("数据库", "database")
    if await still_serves(house.store):
        return Finding(name, True, (house.store.dialect, house.store.dialect))
    return Finding(name, False, ("结构不是最新的；重启服务会自动升级", "its shape is old; restart the service"))


async def _worker(conn: AsyncConnection, town: Town | None) -> Finding:
    name = ("后台工作", "worker")
    seen = [row.seen_at for row in (await shelf.troubles(conn, real_now()))["workers"]]
    if seen and max(seen) > real_now() - QUIET:
        return Finding(name, True, ("在工作", "at work"))
    if town is not None and town.profile.get("demo"):
        told = ("演示里由转动时钟来做：时钟一转就计划和发送", "in the demo the turns of the clock plan and send")
        return Finding(name, True, told)
    told = (
        "没有在运行：不会计划也不会发送。运行 yinuo work",
        "none is running: nothing is planned or sent. Run yinuo work",
    )
    return Finding(name, False, told)


def _channels(house: House) -> Finding:
    name = ("渠道", "channels")
    if house.channels:
        names = sorted(house.channels)
        return Finding(name, True, ("、".join(_CHANNELS.get(one, one) for one in names), ", ".join(names)))
    return Finding(name, False, ("一个都没接上；见 docs/connect-*.md", "none is connected; see docs/connect-*.md"))


async def _words(house: House, conn: AsyncConnection, town: Town | None) -> Finding:
    name = ("话术", "wordings")
    found = await book(house, conn, town.id if town else None)
    waiting = sorted({s.name for s in found.scripts.values() if found.waits(s)})
    if not found.versions:
        return Finding(
            name, False, ("数据库里没有话术；启动 yinuo serve 会带入", "none yet; yinuo serve brings them in")
        )
    if waiting:
        listed = ", ".join(waiting[:6]) + (" …" if len(waiting) > 6 else "")
        zh = f"{len(waiting)} 条短信或模板还没有平台的模板编号：{listed}"
        return Finding(name, False, (zh, f"{len(waiting)} wait for the provider's template id: {listed}"))
    count = str(len(found.versions))
    return Finding(name, True, (f"{count} 份", f"{count} in force"))


def _community(house: House, town: Town) -> list[Finding]:
    row: Any = town.row
    zh, en = "在工作簿的小区信息里补上", "add it to the workbook's profile"
    wants = [
        (("服务电话", "service phone"), row.service_phone, ("业主打不回来", "owners cannot call back")),
        (("缴费方式", "ways to pay"), row.pay_ways, ("每条提醒都要写", "every reminder names them")),
        (("联系人", "contact person"), row.contact_person, ("正式通知要写", "formal words name one")),
    ]
    found = [
        Finding(name, bool(value), (value, value) if value else (f"{told[0]}；{zh}", f"{told[1]}; {en}"))
        for name, value, told in wants
    ]
    abroad = sorted(set(house.channels) & {"telegram", "sms"})
    if row.region == "mainland" and abroad and not house.sandbox:
        listed = ", ".join(abroad)
        zh = f"内地小区不应经 {listed} 把个人信息传到境外（个保法38、39条）；请用微信和境内短信"
        en = f"a mainland community must not send personal data abroad over {listed} (PIPL 38-39)"
        found.append(Finding(("个人信息出境", "data abroad"), False, (zh, en)))
    if not town.calendar.known(house.clock.now().year):
        zh, en = (
            "今年的放假安排还没有公布数据，按周末与法定日推算",
            "this year's holidays are not known; weekends are used",
        )
        found.append(Finding(("节假日", "holidays"), False, (zh, en)))
    return found


async def _ledger(conn: AsyncConnection, town: Town, now: datetime) -> Finding:
    seen = await book_date(conn, town, now)
    name = ("账目截止日", "ledger as of")
    if seen is None:
        return Finding(name, False, ("不知道；导入时请填", "unknown; give it when you import"))
    fresh = seen >= town.calendar.working_days_back(town.today(now), town.policy.bands[1].stale_working_days)
    return Finding(name, fresh, (str(seen), str(seen)) if fresh else (f"{seen}，太旧", f"{seen}, too old"))


async def _group(conn: AsyncConnection, town: Town) -> Finding:
    name = ("员工群", "staff group")
    groups = await staff.groups(conn, town.id)
    bad = [g.trouble for g in groups if g.trouble]
    if not groups:
        return Finding(name, False, ("没有；待办只会出现在控制台", "none; cases show only in the console"))
    return Finding(name, not bad, (bad[0], bad[0]) if bad else (str(len(groups)), str(len(groups))))
