"""`yinuo check`: what is not in order, each problem with its remedy."""

from bot.assembly import NotReady, missing, open_store, opened
from bot.flows.house import House
from bot.flows.words import book, check_folder
from bot.rules.policy import load_policy
from bot.rules.policy_page import BadPolicy
from bot.settings import Settings
from channels.contract import ChannelError
from store import staff
from store.ledger import communities
from store.migrate import older_shape


async def examine() -> tuple[list[str], list[str]]:
    """Settings, keys, database, wordings, ladder, providers, communities: one sentence a problem.

    And what is still to be done before anything goes out; on real providers that too is a problem.
    """
    settings = Settings()
    problems = missing(settings)
    try:
        problems += await _shape(settings)
    except NotReady as error:
        return [*problems, *error.problems], []
    problems += _scripts(settings)
    if problems:
        return problems, []
    async with opened(settings, speaking=settings.environment == "production") as house:
        problems += await _providers(house) + await _communities(house)
        todo = await _todo(house)
    return (problems, todo) if house.sandbox else (problems + todo, [])


async def _shape(settings: Settings) -> list[str]:
    """A live database of an earlier version is told, never changed: its processes still work."""
    store = await open_store(settings, upgrade=False)
    try:
        older = await older_shape(store)
    finally:
        await store.close()
    if older is None:
        return []
    return [
        f"the database has the shape of an earlier version ({older}) and was left as it is: `yinuo backup FILE`, then "
        "restart one worker with this version, which brings it on (docs/deploy.md, Upgrading); check again after it"
    ]


async def _todo(house: House) -> list[str]:
    async with house.store.read() as conn:
        rows, words, found = await communities(conn), await book(house, conn, None), []
        for row in rows:
            if row.released_at is None:
                found.append(f"{row.name} is not released, so nothing leaves: yinuo release")
            if not await staff.groups(conn, row.id):
                found.append(f"{row.name} has no staff group: yinuo group add (docs/connect-telegram.md)")
        if rows and not any(one.password_hash for one in await staff.everyone(conn)):
            found.append("nobody can sign in to the console: yinuo admin create NAME")
    waiting = sorted({script.name for script in words.scripts.values() if words.waits(script)})
    if rows and waiting:
        how = (
            "yinuo scripts approved --all"
            if house.sandbox
            else "yinuo scripts approved PATH ID, docs/connect-wechat.md"
        )
        found.append(f"{len(waiting)} wordings wait for a provider's approval ({', '.join(waiting[:4])} …): {how}")
    return found


def _scripts(settings: Settings) -> list[str]:
    try:
        load_policy((settings.scripts / "ladder.yaml").read_text(encoding="utf-8"))
    except (OSError, BadPolicy) as error:
        return [f"scripts/ladder.yaml: {error}"]
    found = check_folder(settings.scripts, whole=True)
    return [f"{p.file}:{p.line}: {p.message} (`yinuo scripts check` lists all)" for p in found[:5]]


async def _providers(house: House) -> list[str]:
    if house.sandbox:
        return []
    problems = []
    for name, channel in house.channels.items():
        ask = getattr(channel, "check", None)
        if ask is None:
            continue
        try:
            said = await ask()
        except ChannelError as error:
            problems.append(f"{name}: {error}; see docs/connect-{name}.md")
            continue
        if "privacy" in said.lower():
            problems.append(f"{name}: {said}")
    return problems


async def _communities(house: House) -> list[str]:
    async with house.store.read() as conn:
        rows = await communities(conn)
        if not rows:
            return ['no community yet: yinuo import WORKBOOK --community "NAME"']
        words = await book(house, conn, None)
    problems = [] if words.versions else ["no wordings in the database: yinuo serve brings the shipped ones in"]
    for row in rows:
        if not row.service_phone:
            problems.append(f"{row.name}: no service phone; owners cannot call back. Add it to the workbook's profile")
        if not row.pay_ways:
            problems.append(
                f"{row.name}: no ways to pay; every reminder names them. Add them to the workbook's profile"
            )
        abroad = sorted(set(house.channels) & {"telegram", "sms"})
        if row.region == "mainland" and abroad and not house.sandbox:
            problems.append(
                f"{row.name} is a mainland community, but {' and '.join(abroad)} carry personal data abroad "
                "(PIPL 38-39); use WeChat and a domestic SMS gateway"
            )
    return problems
