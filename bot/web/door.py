"""The door of the console, the owner's page and the API: a body is measured while it is read, whoever sends it."""

from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_UPLOAD = 20 * 2**20
LARGEST_FORM = 2 * 2**20
_UPLOADS = ("/console/import", "/console/words/import")
_BEHIND = ("/console", "/staff", "/api", "/o/")
_PICTURES = "/contacted"
"""A picture of a signature comes with what a person did."""


class TooLarge(Exception):
    """More was sent than the door lets in."""


class Door:
    """Refuses bodies beyond the limit, by what is announced and by what really comes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(_BEHIND):
            await self.app(scope, receive, send)
            return
        path = scope["path"]
        limit = LARGEST_UPLOAD if path.startswith(_UPLOADS) or path.endswith(_PICTURES) else LARGEST_FORM
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > limit:
            await _refuse(send, limit)
            return
        await self._measured(scope, receive, send, limit)

    async def _measured(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        seen, answered = 0, False

        async def measured() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise TooLarge
            return message

        async def watched(message: Message) -> None:
            nonlocal answered
            if seen <= limit or answered:
                answered = True
                await send(message)

        with suppress(TooLarge):
            await self.app(scope, measured, watched)
        if seen > limit and not answered:
            await _refuse(send, limit)


async def _refuse(send: Send, limit: int) -> None:
    most = limit // 2**20
    text = f"内容太大，最多 {most} MB；请拆分后再传。 Too large: at most {most} MB; split it and try again."
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})
