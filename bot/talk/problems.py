"""What is wrong with a wording, said so that the person who wrote it can mend it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault: the file, its line (from 1), the short id of the rule, and a sentence with the remedy."""

    file: str
    line: int
    rule: str
    message: str

    def json(self) -> dict[str, str | int]:
        """The four fields as `yinuo scripts check --json` prints them."""
        return {"file": self.file, "line": self.line, "rule": self.rule, "message": self.message}
