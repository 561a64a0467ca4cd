"""A service of its own beside `yinuo sandbox`: the sandbox is told where its words and its clock's turns go."""

import secrets

import aiohttp

from bot.settings import Settings

TOKEN = secrets.token_urlsafe(24)
"""What the sandbox shows when it turns this process's clock or asks for its page."""
WITHIN = aiohttp.ClientTimeout(total=10)


async def answers(settings: Settings) -> bool:
    """Whether the sandbox is there."""
    try:
        async with (
            aiohttp.ClientSession(timeout=WITHIN) as http,
            http.get(f"{settings.sandbox_base}/control/clock") as got,
        ):
            return got.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False


async def introduce(settings: Settings, public_url: str) -> None:
    """Tells the sandbox our doors. Raises aiohttp.ClientError when it does not take them."""
    told = {
        "webhooks": {"twilio_inbound": f"{public_url}/hooks/twilio/inbound", "wechat": f"{public_url}/hooks/wechat",
                     "wechat_mode": "aes"},
        "listener": {"tick_url": f"{public_url}/sandbox/turn", "token": TOKEN},
    }  # fmt: skip
    async with aiohttp.ClientSession(timeout=WITHIN) as http:
        for path, body in told.items():
            async with http.post(f"{settings.sandbox_base}/control/{path}", json=body) as reply:
                reply.raise_for_status()
