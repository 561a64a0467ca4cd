"""A provider that does nothing but answer: what is measured against it is the sender alone.

Run as a process of its own: ``python -m bot.bench.provider [MILLISECONDS]``; prints its port.
"""

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from subprocess import PIPE, Popen
from typing import cast

TELEGRAM = b'{"ok":true,"result":{"message_id":%d,"date":1700000000,"chat":{"id":1,"type":"private"},"text":"x"}}'
ME = b'{"ok":true,"result":{"id":1,"is_bot":true,"first_name":"bench","username":"bench_bot"}}'
TWILIO = b'{"sid":"SM%032d","status":"queued","account_sid":"AC","direction":"outbound-api"}'
TOKEN = b'{"access_token":"bench","expires_in":7200,"errcode":0}'
WECHAT = b'{"errcode":0,"errmsg":"ok","msgid":%d}'
TWILIO_MARK, WECHAT_MARK = b"/2010-04-01/", b"/cgi-bin/"


class Provider(asyncio.Protocol):
    """One connection; requests one after the other."""

    delay = 0.0
    number = 0

    def __init__(self) -> None:
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._out = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._held += data
        while (whole := self._whole()) is not None:
            answer = _answer(whole)
            if Provider.delay:
                asyncio.get_running_loop().call_later(Provider.delay, self._out.write, answer)
            else:
                self._out.write(answer)

    def _whole(self) -> bytes | None:
        """The next request's first line, once all of the request is here."""
        head, mark, rest = self._held.partition(b"\r\n\r\n")
        if not mark:
            return None
        length = 0
        for line in head.split(b"\r\n")[1:]:
            if line[:15].lower() == b"content-length:":
                length = int(line[15:])
        if len(rest) < length:
            return None
        self._held = rest[length:]
        return head.split(b"\r\n", 1)[0]


def _answer(line: bytes) -> bytes:
    Provider.number += 1
    status, body = b"200 OK", TELEGRAM % Provider.number
    if b"/getMe" in line:
        body = ME
    elif TWILIO_MARK in line:
        status, body = b"201 Created", TWILIO % Provider.number
    elif WECHAT_MARK in line:
        body = TOKEN if b"stable_token" in line else WECHAT % Provider.number
    head = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (status, len(body))
    return head + body


async def serve(milliseconds: float) -> None:
    """Answers until it is stopped; each answer comes so many milliseconds after the request."""
    Provider.delay = milliseconds / 1000
    server = await asyncio.get_running_loop().create_server(Provider, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextlib.contextmanager
def provider(milliseconds: float = 0.0) -> Iterator[str]:
    """The address of a provider in another process, stopped at the end."""
    process = Popen([sys.executable, "-m", "bot.bench.provider", str(milliseconds)], stdout=PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait(10)


if __name__ == "__main__":
    import uvloop

    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(float(sys.argv[1]) if len(sys.argv) > 1 else 0.0))
