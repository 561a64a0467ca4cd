"""Line 19: unknown and missing slots, an over-long text, a missing locale are refused; nothing half-rendered leaves."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from scorecard_estate import fill
from scorecard_kinds import BOTH
from scorecard_world import HOME, World
from sqlalchemy import update

from store import core

WARM = Path("reminders/warm_4")
BREAKS = {
    "an unknown slot": ("zh-Hans.md", lambda text: text + "{{ nickname }}\n"),
    "a slot not declared": ("zh-Hans.md", lambda text: text.replace("needs: [owner, ", "needs: [")),
    "a slot declared and not used": ("zh-Hans.md", lambda text: text.replace("needs: [", "needs: [late_fee, ")),
    "a text too long": ("zh-Hans.sms.md", lambda text: text.rstrip("\n") + "请尽快处理，谢谢您的配合。" * 30 + "\n"),
    "broken markup": ("zh-Hans.md", lambda text: text + "{% if link %}\n"),
}  # fmt: skip
NAMES = ("<b>王</b>", "{{ total }}", "{% raw %}", "王&amp;李", "*王*_李_", "`王`")


@pytest.mark.parametrize("kind", BOTH)
async def test_line_19_bad_wordings_are_refused_and_names_stay_names(world: World, figure: Any) -> None:
    async with world:
        codes = {name: await checked(world, name) for name in BREAKS}
        codes["a missing locale"] = await checked(world, "")
        people = await fill(world.store, 36)
        await world.meet(people)
        async with world.store.write() as conn:
            for number, name in enumerate(NAMES):
                await conn.execute(update(core.owner).where(core.owner.c.id % len(NAMES) == number).values(name=name))
        await world.plan()
        world.begin("work")
        await world.until(world.idle, 60, 0.1)
        lines = world.ledger()
        told = await world.verdict()
    words = [line["text"] for line in lines if line["channel"] == "telegram"]
    half = [text for text in words if not any(name in text for name in NAMES)]
    figure(19, f"{len(codes)} bad wordings refused, {len(words)} names with markup sent as they are, "
               f"{len(half)} half-rendered; {told.words()}")  # fmt: skip
    assert set(codes.values()) == {1}, codes
    assert half == []
    assert told.lost == 0


async def checked(world: World, name: str) -> int:
    """The exit code of `yinuo scripts check` over a copy with one thing broken."""
    folder = world.folder / f"scripts-{name.replace(' ', '-')}"
    shutil.copytree(HOME / "scripts", folder)
    if name:
        file, spoil = BREAKS[name]
        path = folder / WARM / file
        before = path.read_text(encoding="utf-8")
        path.write_text(spoil(before), encoding="utf-8")
        assert path.read_text(encoding="utf-8") != before
        child = world.begin("scripts", "check", str(folder), "--json", fast=False)
    else:
        for path in (folder / WARM).glob("en*"):
            path.unlink()
        child = world.begin("scripts", "check", "--json", fast=False, SCRIPTS_DIR=str(folder))
    code = await child.ends(60)
    log = child.log.read_text()
    assert json.loads(log[log.index("{") :])["problems"], log
    return code
