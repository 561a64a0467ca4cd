"""The envelope WeChat and WeCom put their callbacks in: signed, of about now, sealed with the AES key."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Protocol

from channels.contract import Forged, RawRequest

WINDOW = 600
"""Seconds by which a callback's timestamp may differ from our clock."""
SEALED = re.compile(rb"<Encrypt>\s*(?:<!\[CDATA\[)?\s*([A-Za-z0-9+/=]+)")


class Crypto(Protocol):
    """wechatpy's WeChatCrypto, of the service account or of the enterprise."""

    def decrypt_message(self, msg: Mapping[str, str], signature: str, timestamp: str, nonce: str) -> str | bytes: ...


def fresh(query: Mapping[str, str], now: int) -> None:
    """Raises Forged unless the timestamp is within ten minutes of ``now`` (Unix seconds)."""
    stamp = query.get("timestamp", "")
    if not (stamp.isascii() and stamp.isdigit()) or abs(int(stamp[:12]) - now) > WINDOW:
        raise Forged("the timestamp is not of now")


def signed(query: Mapping[str, str], token: str, name: str, *sealed: str) -> None:
    """Raises Forged unless ``name`` holds the signature made with ``token``; an empty token proves nothing."""
    parts = sorted([token, query.get("timestamp", ""), query.get("nonce", ""), *sealed])
    expected = hashlib.sha1("".join(parts).encode()).hexdigest()
    if not token or not hmac.compare_digest(expected.encode(), query.get(name, "").encode()):
        raise Forged("the signature does not prove the sender")


def sealed_part(body: bytes) -> str:
    """The encrypted part, found without parsing what is not proven yet. Raises Forged if there is none."""
    found = SEALED.search(body)
    if found is None:
        raise Forged("nothing encrypted in it")
    return found[1].decode()


def opened(request: RawRequest, sealed: str, token: str, crypto: Crypto) -> bytes:
    """What is inside ``sealed``, once its signature and its owner are proven. Raises Forged."""
    query = request.query
    signed(query, token, "msg_signature", sealed)
    try:
        inside = crypto.decrypt_message(
            {"Encrypt": sealed}, query["msg_signature"], query["timestamp"], query.get("nonce", "")
        )
    # wechatpy and the cipher below it fail in many ways on what was not sealed with our key.
    except Exception as error:
        raise Forged(f"cannot be opened with our key ({type(error).__name__})") from None
    return inside.encode() if isinstance(inside, str) else inside
