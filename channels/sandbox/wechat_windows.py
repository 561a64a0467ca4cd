"""When free text may go to a follower: what each thing they do opens, counted down, in virtual time."""

from datetime import datetime, timedelta
from typing import Any

from channels.sandbox.clock import parse_instant
from channels.sandbox.wechat_words import WeChatError
from channels.sandbox.world import Sandbox

OPENED_BY: dict[str, tuple[int, timedelta]] = {
    "text": (5, timedelta(hours=48)),
    "menu": (3, timedelta(minutes=1)),
    "follow": (3, timedelta(minutes=1)),
    "scan": (3, timedelta(minutes=1)),
}
"""Messages and time each opens (WeChat: customer service messages)."""


def open_window(world: Sandbox, openid: str, by: str) -> None:
    """The follower did something: that window opens anew, in full."""
    count, life = OPENED_BY[by]
    person = world.people.get("wechat", openid)
    grants = [grant for grant in person["grants"] if grant["by"] != by]
    until = (world.clock.now() + life).isoformat()
    person["grants"] = [*grants, {"by": by, "left": count, "until": until}]
    world.people.shelf("wechat").put(openid, person)


def spend(world: Sandbox, openid: str) -> None:
    """One free text, out of the window that ends first. Raises WeChatError 45015 (shut) or 45047 (used up)."""
    person = world.people.get("wechat", openid)
    alive = _alive(person["grants"], world.clock.now())
    if not alive:
        raise WeChatError(45015, "response out of time limit or subscription is canceled")
    left = [grant for grant in alive if grant["left"] > 0]
    if not left:
        raise WeChatError(45047, "out of response count limit")
    min(left, key=lambda grant: grant["until"])["left"] -= 1
    person["grants"] = alive
    world.people.shelf("wechat").put(openid, person)


def _alive(grants: list[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
    return [grant for grant in grants if parse_instant(grant["until"]) > now]
