"""Who may do what in the console. The role is read from the database at every request, never from the browser."""

from dataclasses import dataclass

ROLE_WORDS: dict[str, tuple[str, str]] = {
    "front_desk": ("前台", "front desk"),
    "assistant": ("管家", "assistant"),
    "accountant": ("会计", "accountant"),
    "supervisor": ("主管", "supervisor"),
    "head": ("负责人", "head"),
    "finance": ("财务", "finance"),
    "legal": ("法务", "legal"),
    "admin": ("管理员", "admin"),
}

RIGHTS: dict[str, frozenset[str]] = {
    "see_phone": frozenset(("assistant", "supervisor", "head", "legal", "admin")),
    "see_files": frozenset(("assistant", "accountant", "supervisor", "head", "finance", "legal", "admin")),
    "pay": frozenset(("front_desk", "accountant", "finance", "supervisor", "head", "admin")),
    "contact": frozenset(("front_desk", "assistant", "accountant", "supervisor", "head", "legal", "admin")),
    "fact": frozenset(("legal", "head", "admin")),
    "hold": frozenset(("assistant", "supervisor", "head", "legal", "admin")),
    "pause": frozenset(("supervisor", "head", "admin")),
    "release": frozenset(("supervisor", "head", "admin")),
    "settle": frozenset(("supervisor", "head", "admin")),
    "words": frozenset(("supervisor", "head", "legal", "admin")),
    "second": frozenset(("supervisor", "head", "legal", "admin")),
    "law": frozenset(("legal",)),
    "ladder": frozenset(("head", "admin")),
    "people": frozenset(("head", "admin")),
    "import": frozenset(("accountant", "finance", "supervisor", "head", "admin")),
    "figures": frozenset(("accountant", "supervisor", "head", "finance", "legal", "admin")),
    "settings": frozenset(("head", "admin")),
}
"""Right → the roles that have it. ``law`` sets a legal rule aside for one wording, with a journaled reason."""


class Forbidden(Exception):
    """The role does not have the right; ``right`` names it."""

    def __init__(self, right: str) -> None:
        super().__init__(right)
        self.right = right


@dataclass(frozen=True, slots=True)
class Who:
    """Who is signed in. ``community_id`` None: the whole house."""

    staff_id: int
    name: str
    role: str
    community_id: int | None
    locale: str
    csrf: str
    token_hash: str

    def may(self, right: str) -> bool:
        return self.role in RIGHTS[right]

    def need(self, right: str) -> None:
        """Raises Forbidden."""
        if not self.may(right):
            raise Forbidden(right)

    def sees(self, community_id: int | None) -> bool:
        """Whether something of a community is theirs to see."""
        return self.community_id is None or community_id == self.community_id
