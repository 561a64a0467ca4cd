"""A group robot hears nothing: no callback can be WeCom's."""

from typing import NoReturn

from channels.contract import Forged, RawRequest


def deaf(request: RawRequest) -> NoReturn:
    """Raises Forged, whatever came."""
    raise Forged("a group robot has no callbacks")
