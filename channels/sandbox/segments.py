"""How many SMS segments a body takes, by the GSM 03.38 alphabet and UCS-2 (Twilio: what is a message segment)."""

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION = frozenset("\f^{}\\[~]|€")


def encoding(body: str) -> str:
    """``GSM-7`` or ``UCS-2``: one foreign character makes the whole body UCS-2."""
    return "GSM-7" if all(letter in GSM_BASIC or letter in GSM_EXTENSION for letter in body) else "UCS-2"


def segments(body: str) -> int:
    """Segments charged: 160/153 septets in GSM-7, 70/67 UTF-16 units in UCS-2; a pair is never split."""
    if encoding(body) == "GSM-7":
        return _parts([2 if letter in GSM_EXTENSION else 1 for letter in body], 160, 153)
    return _parts([len(letter.encode("utf-16-be")) // 2 for letter in body], 70, 67)


def _parts(sizes: list[int], single: int, part: int) -> int:
    if sum(sizes) <= single:
        return 1
    parts, room = 1, part
    for size in sizes:
        if size > room:
            parts, room = parts + 1, part
        room -= size
    return parts
