"""wechatpy's client made asynchronous: its one choke point ``_request`` is a coroutine on our transport.

Every api method that returns ``client.get/post(…)`` can thus be awaited. The token is ours (stable_token, shared,
single-flight); its own fetching and its endless retry are never reached.
"""

import json
from typing import Any

from wechatpy.client import WeChatClient

from channels.contract import ChannelError, Passing, Permanent, Unknown
from channels.transport import Failure, Transport, body_of, by_status, failed
from channels.wechat.errors import MEDIA_GONE, STALE_TOKEN, refused
from channels.wechat.tokens import Token, Tokens, TokenStore, good_for

Answer = dict[str, Any]


class AsyncWeChatClient(WeChatClient):  # type: ignore[misc]
    """Raises Passing, Permanent or Unknown; answers with errcode 0 only."""

    def __init__(self, appid: str, secret: str, base_url: str, transport: Transport, store: TokenStore) -> None:
        super().__init__(appid, secret, auto_retry=False)
        self.API_BASE_URL = f"{base_url.rstrip('/')}/cgi-bin/"
        self._transport = transport
        self._tokens = Tokens(store, self.fetch)

    async def _request(self, method: str, url_or_endpoint: str, **kwargs: Any) -> Any:
        """One call and, if the token was stale, one more with a new one; an unknown outcome is never repeated."""
        process = kwargs.pop("result_processor", None)
        url = url_or_endpoint if "://" in url_or_endpoint else self.API_BASE_URL + url_or_endpoint
        params = dict(kwargs.get("params") or {})
        token = await self._tokens.current()
        answer = await self._call(method, url, params | {"access_token": token}, kwargs.get("data"))
        if _errcode(answer) in STALE_TOKEN:
            token = await self._tokens.replace(token)
            answer = await self._call(method, url, params | {"access_token": token}, kwargs.get("data"))
        if _errcode(answer):
            raise refused(_errcode(answer))
        return process(answer) if process else answer

    async def _call(self, method: str, url: str, params: dict[str, str], data: Any) -> Answer:
        body = json.dumps(data, ensure_ascii=False).encode() if data is not None else None
        headers = {"Content-Type": "application/json; charset=utf-8"} if body else None
        try:
            session = self._transport.session()
            async with session.request(method.upper(), url, params=params, data=body, headers=headers) as answer:
                error = by_status(answer.status, answer.headers.get("Retry-After"))
                raw = await answer.read()
        except Failure as failure:
            raise failed(failure) from None
        if error is not None:
            raise error
        return _read(raw)

    async def media(self, media_id: str, most: int) -> bytes:
        """What a follower sent, kept by WeChat for three days; at most ``most`` bytes of it.

        By the bare endpoint: bytes mean the media, JSON an error.
        """
        token = await self._tokens.current()
        raw = await self._media(media_id, token, most)
        if isinstance(raw, int) and raw in STALE_TOKEN:
            raw = await self._media(media_id, await self._tokens.replace(token), most)
        if isinstance(raw, int):
            raise refused(raw)
        return raw

    async def _media(self, media_id: str, token: str, most: int) -> bytes | int:
        """The bytes, or the errcode."""
        params = {"access_token": token, "media_id": media_id}
        try:
            async with self._transport.session().get(f"{self.API_BASE_URL}media/get", params=params) as answer:
                error = by_status(answer.status, answer.headers.get("Retry-After"))
                raw = b"" if error else await body_of(answer, most)
                plain = answer.content_type in ("application/json", "text/plain")
        except Failure as failure:
            raise failed(failure) from None
        if error is not None:
            raise error
        return (_errcode(_read(raw)) or MEDIA_GONE) if plain else raw

    async def fetch(self, force: bool) -> Token:
        """A token by stable_token, whose calls do not end each other's tokens as those of /token do.

        Whatever goes wrong here, nothing was sent: the doubt of an unanswered call is only a delay.
        """
        asked = {"grant_type": "client_credential", "appid": self.appid, "secret": self.secret, "force_refresh": force}
        try:
            answer = await self._call("post", f"{self.API_BASE_URL}stable_token", {}, asked)
            if _errcode(answer):
                raise _no_token(_errcode(answer))
        except Unknown as error:
            raise Passing(f"no access token: {error}") from None
        if "access_token" not in answer:
            raise Passing("WeChat's answer holds no access token")
        return Token(str(answer["access_token"]), good_for(float(answer.get("expires_in", 7200))))


def _no_token(code: int) -> ChannelError:
    """Asking for a token, 40001 means the secret, not a stale token."""
    return Permanent("40001 the app secret is wrong", "sender") if code == 40001 else refused(code)


def _errcode(answer: Answer) -> int:
    return int(answer.get("errcode") or 0)


def _read(raw: bytes) -> Answer:
    try:
        answer = json.loads(raw)
    except ValueError:
        raise Unknown("WeChat's answer cannot be read") from None
    if not isinstance(answer, dict):
        raise Unknown("WeChat's answer cannot be read")
    return answer
