"""What providers post at our doors, made by hand."""

import json


def telegram_update(number: int, sender: str, words: str) -> bytes:
    """A private message of a person, as Telegram pushes it; ``number`` tells updates apart."""
    who = {"id": int(sender), "is_bot": False, "first_name": "Owner"}
    told = {"message_id": number + 1, "date": 1_790_000_000, "text": words,
            "chat": {"id": int(sender), "type": "private"}, "from": who}  # fmt: skip
    return json.dumps({"update_id": 1000 + number, "message": told}).encode()
