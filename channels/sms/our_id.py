"""Our attempt's id, signed, in the StatusCallback URL: a receipt finds its attempt even when the answer was lost."""

import hashlib

from itsdangerous import BadSignature, Signer


def _signer(key: str) -> Signer:
    return Signer(key, salt="sms.our_id", key_derivation="hmac", digest_method=hashlib.sha256)


def signed(our_id: str, key: str) -> str:
    return _signer(key).sign(our_id).decode()


def unsigned(token: str, key: str) -> str:
    """The id inside, or nothing if the signature is not ours."""
    try:
        return _signer(key).unsign(token).decode()
    except BadSignature:
        return ""
