"""What WeChat and WeCom share on the wire: HTTP 200 with ``errcode``, JSON without a content type, signed XML."""

import base64
import hashlib
import json
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from wechatpy.crypto import PrpCrypto
from wechatpy.enterprise.crypto import PrpCrypto as CorpCrypto

from channels.sandbox.faults import Words


class WeChatError(Exception):
    """An error answer ``{"errcode", "errmsg"}``, always HTTP 200."""

    def __init__(self, errcode: int, words: str) -> None:
        super().__init__(words)
        self.errcode = errcode
        self.words = words


class Refusal(JSONResponse):
    """An error answer that knows its code: HTTP 200 tells nothing."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__({"errcode": errcode, "errmsg": errmsg})
        self.errcode = errcode


def code_of(answer: Response) -> int:
    """The errcode an answer carries, 0 for ok."""
    return answer.errcode if isinstance(answer, Refusal) else 0


def error_answer(error: WeChatError) -> Response:
    rid = hashlib.sha256(f"{error.errcode}{error.words}".encode()).hexdigest()
    words = f"{error.words} rid: {rid[:8]}-{rid[8:16]}-{rid[16:24]}"
    return Refusal(error.errcode, words)


def ok(**facts: Any) -> Response:
    return JSONResponse({"errcode": 0, "errmsg": "ok", **facts})


def _storm(_: int) -> Response:
    return error_answer(WeChatError(45009, "reach max api daily quota limit"))


FAULT_WORDS = Words(
    outage=lambda: error_answer(WeChatError(-1, "system error")),
    storm=_storm,
    refusal=lambda code: error_answer(WeChatError(code, "request refused")),
)


async def json_of(request: Request) -> dict[str, Any]:
    """The JSON object of the body, whatever its content type. Raises WeChatError 44002 or 47001."""
    body = await request.body()
    if not body:
        raise WeChatError(44002, "empty post data")
    try:
        value = json.loads(body)
    except ValueError:
        raise WeChatError(47001, "data format error") from None
    if not isinstance(value, dict):
        raise WeChatError(47001, "data format error")
    return value


def only(data: dict[str, Any], *known: str, errcode: int = 40035) -> None:
    """Raises WeChatError for a field the call does not have."""
    unknown = sorted(set(data) - set(known))
    if unknown:
        raise WeChatError(errcode, f"invalid parameter {unknown[0]}")


def part_of(data: dict[str, Any], name: str, *known: str) -> dict[str, Any]:
    """A nested object. Raises WeChatError 47001 for anything else."""
    part = data.get(name)
    if not isinstance(part, dict):
        raise WeChatError(47001, "data format error")
    only(part, *known)
    return part


def signature(*parts: str) -> str:
    """sha1 of the sorted parts put together, as all WeChat callbacks are signed."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def xml_of(fields: dict[str, Any]) -> str:
    """``<xml>`` with texts in CDATA and numbers bare; a dict or list nests."""
    return f"<xml>{_inner(fields)}</xml>"


def _inner(fields: dict[str, Any]) -> str:
    return "".join(_element(name, value) for name, value in fields.items())


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    if isinstance(value, dict):
        return f"<{name}>{_inner(value)}</{name}>"
    if isinstance(value, int):
        return f"<{name}>{value}</{name}>"
    text = str(value)
    return f"<{name}>{escape(text)}</{name}>" if "]]>" in text else f"<{name}><![CDATA[{text}]]></{name}>"


def fields_of(xml: str) -> dict[str, str] | None:
    """The flat fields of an XML answer; None when it is no XML."""
    try:
        root = ElementTree.fromstring(xml)
    except ElementTree.ParseError:
        return None
    return {child.tag: (child.text or "") for child in root}


def encrypted(plain: str, aes_key: str, owner: str, corporate: bool) -> str:
    """The ``Encrypt`` value of a callback; ``owner`` is the appid or corp id."""
    crypto = (CorpCrypto if corporate else PrpCrypto)(base64.b64decode(aes_key + "="))
    cipher = crypto.encrypt(plain, owner)
    return cipher.decode() if isinstance(cipher, bytes) else str(cipher)


def decrypted(cipher: str, aes_key: str, owner: str, corporate: bool) -> str:
    """The XML inside an ``Encrypt`` value. Raises ValueError when it was not made with this key for this owner."""
    crypto = (CorpCrypto if corporate else PrpCrypto)(base64.b64decode(aes_key + "="))
    try:
        plain = crypto.decrypt(cipher, owner)
    except Exception as error:
        raise ValueError("not encrypted with this account's key") from error
    return plain.decode() if isinstance(plain, bytes) else str(plain)
