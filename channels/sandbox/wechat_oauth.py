"""Who a follower is on the owner's page: the consent page of a phone, and its code turned into an openid."""

from datetime import timedelta
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from channels.sandbox.clock import parse_instant
from channels.sandbox.wechat_tokens import check_account
from channels.sandbox.wechat_words import WeChatError, error_answer
from channels.sandbox.world import Sandbox

CODE_LIVES = timedelta(minutes=5)


class WeChatOAuth:
    """snsapi_base of one account."""

    def __init__(self, world: Sandbox) -> None:
        self._world = world
        self._codes = world.memory.shelf("wechat.codes")

    def routes(self) -> list[Route]:
        return [
            Route("/wechat/sns/oauth2/access_token", self._token, methods=["GET"]),
            Route("/wechat/connect/oauth2/authorize", self._authorize, methods=["GET"]),
        ]

    async def _token(self, request: Request) -> Response:
        query, account = request.query_params, self._world.credentials
        try:
            check_account(query.get("appid", ""), query.get("secret", ""), account.wechat_appid, account.wechat_secret)
            if query.get("grant_type") != "authorization_code":
                raise WeChatError(40002, "invalid grant_type")
            openid = self._redeem(query.get("code", ""))
        except WeChatError as error:
            return error_answer(error)
        token, again = self._world.code("wechat.oauth", 64), self._world.code("wechat.oauth", 64)
        facts = {"access_token": token, "expires_in": 7200, "refresh_token": again}
        return JSONResponse({**facts, "openid": openid, "scope": "snsapi_base"})

    def new_code(self, openid: str) -> str:
        """A code the follower's WeChat would bring to the redirect address; good once, five minutes."""
        code = self._world.code("wechat.code")
        self._codes.put(code, {"openid": openid, "at": self._world.clock.now().isoformat(), "used": False})
        return code

    def _redeem(self, code: str) -> str:
        if not code:
            raise WeChatError(41008, "missing code")
        record = self._codes.get(code)
        if record is None or self._world.clock.now() - parse_instant(record["at"]) > CODE_LIVES:
            raise WeChatError(40029, "invalid code")
        if record["used"]:
            raise WeChatError(40163, "code been used")
        self._codes.put(code, {**record, "used": True})
        return str(record["openid"])

    async def _authorize(self, request: Request) -> Response:
        """The consent page of a phone; whose phone it is comes as ``openid``, which a real one knows by itself."""
        query = request.query_params
        openid, back = query.get("openid", ""), query.get("redirect_uri", "")
        if query.get("appid") != self._world.credentials.wechat_appid or not back:
            return error_answer(WeChatError(10003, "redirect_uri域名与后台配置不一致"))
        if self._world.people.find("wechat", openid) is None:
            return error_answer(WeChatError(40003, "invalid openid"))
        answer = urlencode({"code": self.new_code(openid), "state": query.get("state", "")})
        return RedirectResponse(f"{back}{'&' if '?' in back else '?'}{answer}", 302)
