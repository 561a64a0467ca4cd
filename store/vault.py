"""The vault: addresses and tokens at rest are encrypted; a keyed blind index finds an address without opening any.

Keys are named, so that a new one can be brought in while rows sealed with the old one are still being opened.
"""

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Callable, Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class VaultError(Exception):
    """The keys do not fit what was sealed, or cannot be read; the message says which."""


class Vault:
    """Seals with the current key, opens with any it holds."""

    def __init__(
        self, keys: Mapping[str, bytes], current: str, index_key: bytes, source: Callable[[], str] | None = None
    ) -> None:  # fmt: skip
        if current not in keys:
            raise VaultError(f"the current key {current!r} is not among the keys")
        self._ciphers = {name: AESGCM(secret) for name, secret in keys.items()}
        self.current = current
        self._index_key = index_key
        self._source = source
        self._text = ""

    @classmethod
    def parse(cls, text: str, source: Callable[[], str] | None = None) -> "Vault":
        """Keys as JSON: ``{"current": "k1", "keys": {"k1": base64 of 32 bytes}, "index": base64}``.

        ``source`` reads them again: asked before every sealing, so that nothing is sealed with a key that was
        replaced or retired after this process started.
        """
        try:
            told = json.loads(text)
            keys = {name: base64.b64decode(secret) for name, secret in told["keys"].items()}
            vault = cls(keys, told["current"], base64.b64decode(told["index"]), source)
            vault._text = text
            return vault
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise VaultError("the keys are unreadable; expected JSON with current, keys and index") from error

    def seal(self, plain: str) -> bytes:
        """``key name · nonce · ciphertext``."""
        return self.seal_bytes(plain.encode())

    def seal_bytes(self, plain: bytes) -> bytes:
        """The same for what is no text. Raises VaultError when the keys cannot be read any more."""
        self.refresh()
        nonce = os.urandom(12)
        name = self.current.encode()
        return bytes([len(name)]) + name + nonce + self._ciphers[self.current].encrypt(nonce, plain, name)

    def open(self, sealed: bytes) -> str:
        """Raises VaultError when no key fits or the bytes were altered."""
        return self.open_bytes(sealed).decode()

    def open_bytes(self, sealed: bytes) -> bytes:
        """The same for what is no text."""
        name = sealed[1 : 1 + sealed[0]] if sealed else b""
        cipher = self._ciphers.get(name.decode(errors="replace"))
        if cipher is None:
            self.refresh()
            cipher = self._ciphers.get(name.decode(errors="replace"))
        if cipher is None:
            raise VaultError("sealed with a key this house does not hold")
        rest = sealed[1 + len(name) :]
        try:
            return cipher.decrypt(rest[:12], rest[12:], name)
        except InvalidTag as error:
            raise VaultError("a sealed value was altered") from error

    def refresh(self) -> None:
        """Reads the keys again: when they changed, also this process seals with the newest. Raises VaultError."""
        text = self._source() if self._source is not None else self._text
        if text != self._text:
            fresh = Vault.parse(text)
            if fresh._index_key != self._index_key:
                raise VaultError("the keys were replaced by another house's: the index key is not ours")
            self._ciphers, self.current, self._text = fresh._ciphers, fresh.current, text

    def sealed_with(self, sealed: bytes) -> str:
        """The name of the key a value was sealed with."""
        return sealed[1 : 1 + sealed[0]].decode(errors="replace")

    def index(self, channel: str, address: str) -> bytes:
        """The blind index of an address on a channel: equal addresses, equal index; nothing can be read from it."""
        return hmac.new(self._index_key, f"{channel}:{address}".encode(), hashlib.sha256).digest()[:20]

    def mac(self, purpose: str, data: bytes) -> bytes:
        """A signature only a holder of this house's keys can make; it outlives a rotation."""
        return hmac.new(self._index_key, f"yinuo {purpose}:".encode() + data, hashlib.sha256).digest()


def new_keys() -> str:
    """Fresh keys as JSON."""

    def secret() -> str:
        return base64.b64encode(os.urandom(32)).decode()

    return json.dumps({"current": "k1", "keys": {"k1": secret()}, "index": secret()})


def prepared(text: str) -> str:
    """The same keys with a fresh one beside the current one, so that every machine can hold it before it is used."""
    told = json.loads(text)
    name = f"k{max((_number(key) for key in told['keys']), default=0) + 1}"
    told["keys"][name] = base64.b64encode(os.urandom(32)).decode()
    return json.dumps(told)


def rotated(text: str) -> str:
    """The same keys with a newer one current, a prepared or a fresh one; the old ones still open."""
    told = json.loads(text)
    if not any(_number(key) > _number(told["current"]) for key in told["keys"]):
        told = json.loads(prepared(text))
    told["current"] = max(told["keys"], key=_number)
    return json.dumps(told)


def _number(name: str) -> int:
    return int(name[1:]) if name[1:].isdigit() else 0


def without(text: str, name: str) -> str:
    """The same keys without an old one. Raises VaultError for the current one or one that is not there."""
    told = json.loads(text)
    if name not in told["keys"]:
        raise VaultError(f"there is no key {name!r}; the keys are: {', '.join(told['keys'])}")
    if name == told["current"]:
        raise VaultError(f"{name} is the current key; bring in a new one first: yinuo keys rotate")
    del told["keys"][name]
    return json.dumps(told)


def mask(channel: str, address: str) -> str:
    """An address as it may be shown: 138****5678, o1a2…, 70***."""
    if channel == "sms" and len(address) > 7:
        body = address[-11:] if address.startswith("+86") else address
        return f"{body[:3]}****{body[-4:]}"
    return f"{address[:3]}…" if len(address) > 6 else "…"
