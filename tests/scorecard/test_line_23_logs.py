"""Line 23: after all the others, every log they left is scanned: no token, phone, openid, or amount beside a name."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from scorecard_estate import fill
from scorecard_kinds import BOTH
from scorecard_world import World

from channels.sandbox.credentials import DEFAULT

FORBIDDEN = {
    "a telephone number": re.compile(r"\+?86 ?1[3-9]\d{9}|(?<![\d.])1[3-9]\d{9}(?!\d)"),
    "an openid": re.compile(r"oScorecard\w{10,}"),
    "a secret of a provider": re.compile(
        "|".join(re.escape(word) for word in (
            DEFAULT.telegram_token, DEFAULT.telegram_secret, DEFAULT.twilio_auth_token, DEFAULT.wechat_secret,
            DEFAULT.wechat_token, DEFAULT.wechat_aes_key,
        ))
    ),
    "an access token": re.compile(r"access_token=(?!…)[\w-]{8,}"),
    "an amount with a name": re.compile(r"住户\d+.{0,60}(?:486|¥|元)"),
}  # fmt: skip


def found_in(log: Path) -> list[str]:
    """What stands in a log that must not: its kind and place, never the thing itself."""
    text = log.read_text(encoding="utf-8", errors="replace")
    return [f"{name} in {log.name}" for name, pattern in FORBIDDEN.items() if pattern.search(text)]


@pytest.mark.parametrize("kind", BOTH)
async def test_line_23_no_log_holds_what_it_must_not(
    world: World, tmp_path_factory: pytest.TempPathFactory, figure: Any
) -> None:
    async with world:
        people = await fill(world.store, 60)
        await world.meet(people)
        await world.plan()
        for point in ("accept_then_lose", "refuse_before", "error_though_accepted"):
            await world.control("faults", point=point, probability=0.3)
        await world.serves("--with-worker")
        await world.until(world.idle, 60, 0.1)
    given = os.environ.get("SCORECARD_LOGS")
    folder = Path(given) if given else tmp_path_factory.getbasetemp()
    logs = [log for log in folder.rglob("*.log") if log.is_file()]
    bad = [one for log in logs for one in found_in(log)]
    size = sum(log.stat().st_size for log in logs)
    figure(23, f"{len(logs)} logs, {size:,} bytes: {len(bad)} finds")
    assert len(logs) >= 2
    assert bad == []
    assert len(found_in(witness(world.folder))) == len(FORBIDDEN)


def witness(folder: Path) -> Path:
    """A log that holds one of each: the scan must be able to find them."""
    path = folder / "witness"
    path.write_text(
        f"+8619012345678 oScorecard000000000000000001 {DEFAULT.telegram_token} access_token=abcdefgh1234 住户1 欠 486\n"
    )
    return path
