"""When a lawyer's letter is proposed to people, by segment [001]. The bot proposes; people decide."""

from bot.rules.terms import Policy, Threshold

ANYONE = "anyone"


def threshold(segment: str, policy: Policy) -> Threshold:
    """The segment's own threshold, or the one for anyone."""
    return policy.segments.get(segment, policy.segments[ANYONE])


def letter_proposed(segment: str, owed_fen: int, oldest_days: int, policy: Policy) -> bool:
    """Whether principal (fen) or age (days past due of the oldest charge) reaches the segment's threshold."""
    mark = threshold(segment, policy)
    return owed_fen > 0 and (owed_fen >= mark.letter_from_fen or oldest_days >= mark.letter_from_days)
