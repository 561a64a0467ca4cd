"""A service of its own beside `yinuo sandbox`: the sandbox is told where its words and its clock's turns go."""

import secrets

import aiohttp

from bot.settings import Settings

TOKEN = secrets.token_urlsafe(24)
"""What the sandbox shows when it turns this process's clock or asks for its page."""


async def introduce(settings: Settings, public_url: str) -> str:
    """Tells the sandbox our doors; answers what to say when it does not answer, else nothing."""
    base = settings.sandbox_base
    told = {
        "webhooks": {"twilio_inbound": f"{public_url}/hooks/twilio/inbound", "wechat": f"{public_url}/hooks/wechat",
                     "wechat_mode": "aes"},
        "listener": {"tick_url": f"{public_url}/sandbox/turn", "token": TOKEN},
    }  # fmt: skip
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as http:
            for path, body in told.items():
                async with http.post(f"{base}/control/{path}", json=body) as reply:
                    reply.raise_for_status()
    except (aiohttp.ClientError, TimeoutError):
        return f"no sandbox answers at {base}: start `yinuo sandbox` first, then this again"
    return ""
