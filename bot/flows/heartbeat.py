"""The heartbeat: beats only while the audit is clean. Whoever listens hears the silence, whatever caused it."""

from datetime import timedelta
from pathlib import Path

import aiohttp
import structlog

from bot.clock import real_now
from bot.flows.audit import faults
from bot.flows.house import House

log = structlog.get_logger()
WINDOW = timedelta(days=2)
"""What a beat audits: the last days; `yinuo audit` looks at everything."""
EVERY = 300.0
"""Real seconds between two beats."""
PATIENCE = aiohttp.ClientTimeout(total=10)


async def beat(house: House, var: Path, url: str = "") -> bool:
    """Audits; if clean, writes the instant to ``var/heartbeat`` and asks ``url``. Answers whether it beat."""
    async with house.store.read() as conn:
        unexplained, duplicates = await faults(conn, house.clock.now() - WINDOW)
    if unexplained:
        log.error(
            "the audit is not clean: no heartbeat", action="heartbeat.withheld", unexplained=len(unexplained),
            duplicates=duplicates,
        )  # fmt: skip
        return False
    var.mkdir(parents=True, exist_ok=True)
    (var / "heartbeat").write_text(real_now().isoformat(timespec="seconds") + "\n")
    return await _ping(url) if url else True


async def _ping(url: str) -> bool:
    try:
        async with aiohttp.ClientSession(timeout=PATIENCE) as session, session.get(url) as reply:
            reply.raise_for_status()
    except (aiohttp.ClientError, TimeoutError) as error:
        log.warning("the heartbeat was not heard", action="heartbeat.unheard", why=type(error).__name__)
        return False
    return True
