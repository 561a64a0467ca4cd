"""What an import says and did: counts, bad rows, questions, warnings. In Chinese where the office reads Chinese."""

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.flows.importing.sentences import Sentence, chinese

Cell = Any
"""A cell as the file holds it: text, number, truth value, date or instant."""


KINDS = ("unit", "charge", "payment", "hold")
"""What an import counts, and taking it back too."""
_EN = {
    "unit": "units", "charge": "charges", "payment": "payments", "hold": "holds", "profile": "profile sheets",
    "person": "people", "owner": "owners", "account": "accounts", "account_party": "co-owners and tenants",
    "contact": "contacts", "ledger_watermark": "ledger dates",
}  # fmt: skip
_ZH = {
    "unit": "户", "charge": "笔应收", "payment": "笔缴费", "hold": "项暂停", "profile": "份小区信息",
    "person": "个人", "owner": "位业主", "account": "个账户", "account_party": "位共有人或租客",
    "contact": "个联系方式", "ledger_watermark": "个账截止日",
}  # fmt: skip


def chinese_here() -> bool:
    """Whether the environment asks for Chinese."""
    told = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next((one for one in told if one), "").startswith("zh")


def _counted(parts: Mapping[str, int], *, zh: bool) -> str:
    """(7 units, 21 charges), nothing where there is nothing."""
    if zh:
        told = "、".join(f"{parts[kind]} {word}" for kind, word in _ZH.items() if parts.get(kind))
        return f"（{told}）" if told else ""
    told = ", ".join(f"{parts[kind]} {word}" for kind, word in _EN.items() if parts.get(kind))
    return f" ({told})" if told else ""


class Refused(Exception):
    """The file or the request cannot be taken at all: one clear sentence with the remedy, as a person reads it here.

    Nobody knows yet which language the office reads, so a sentence of two languages says both.
    """

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said

    def __str__(self) -> str:
        said = self.said
        if not isinstance(said, Sentence):
            return said
        return f"{said.zh} / {said}" if chinese_here() else f"{said} / {said.zh}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One bad cell or row. ``row`` counts from 1 as the spreadsheet shows it; ``column`` is the heading."""

    sheet: str
    row: int
    column: str
    value: str
    reason: str

    def json(self) -> dict[str, Any]:
        return {
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "reason": self.reason,
            "message_zh": self.said(chinese=True),
        }

    def said(self, *, chinese: bool) -> str:
        """The reason in Chinese or in English."""
        return self.reason.zh if chinese and isinstance(self.reason, Sentence) else self.reason

    def words(self, *, zh: bool = False) -> str:
        if zh:
            return f"{self.sheet} 第{self.row}行，{self.column or '整行'}“{self.value}”：{self.said(chinese=True)}"
        return f"{self.sheet} row {self.row}, {self.column or 'row'} {self.value!r}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Question:
    """A changed owner name: asked about, never merged. ``waiting`` new charges of the unit wait for the answer."""

    code: str
    was: str
    now: str
    waiting: int = 0

    def json(self) -> dict[str, Any]:
        return {"code": self.code, "was": self.was, "now": self.now, "waiting": self.waiting}

    def words(self, *, zh: bool = False) -> str:
        if zh:
            waits = f"，{self.waiting} 笔新应收在等" if self.waiting else ""
            return f"{self.code} 的业主和以前不一样{waits}；确实换了业主请加 --accept-owner {self.code}"
        waits = f"; {self.waiting} charge(s) wait" if self.waiting else ""
        return f"{self.code} has another owner than before{waits}; if that is right: --accept-owner {self.code}"


@dataclass(slots=True)
class Says:
    """What the files say; money in fen. Bounced and negative payments count against ``paid_fen``."""

    accounts: int = 0
    owners: int = 0
    charges: int = 0
    charged_fen: int = 0
    payments: int = 0
    paid_fen: int = 0


@dataclass(slots=True)
class Did:
    """What the import did (or, in a dry run, would do), by kind: units, charges, payments, holds, the profile."""

    parts: dict[str, Counter[str]] = field(
        default_factory=lambda: {"new": Counter(), "changed": Counter(), "unchanged": Counter()}
    )

    def count(self, how: str, kind: str, times: int = 1) -> None:
        """Counts something of a kind as new, changed or unchanged."""
        self.parts[how][kind] += times

    @property
    def new(self) -> int:
        return self.parts["new"].total()

    @property
    def changed(self) -> int:
        return self.parts["changed"].total()

    @property
    def unchanged(self) -> int:
        return self.parts["unchanged"].total()

    def told(self, how: str, words: str) -> str:
        """How many, and of what: 42 new (7 units, 21 charges, 14 payments)."""
        return f"{self.parts[how].total()} {words}{_counted(self.parts[how], zh=False)}"

    def told_zh(self, how: str) -> str:
        """The same in Chinese: 42（7 户、21 笔应收、14 笔缴费）."""
        return f"{self.parts[how].total()}{_counted(self.parts[how], zh=True)}"


@dataclass(slots=True)
class ImportReport:
    """The answer of an import; ``json()`` is the command contract's object. ``chinese``: the headings are."""

    says: Says = field(default_factory=Says)
    did: Did = field(default_factory=Did)
    errors: list[Problem] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    warnings: list[Sentence] = field(default_factory=list)
    community: str = ""
    written: bool = False
    bad_files: list[str] = field(default_factory=list)
    chinese: bool = False

    @property
    def speaks_chinese(self) -> bool:
        return self.chinese or chinese_here()

    def json(self) -> dict[str, Any]:
        return {
            "accounts": self.says.accounts,
            "owners": self.says.owners,
            "charges": self.says.charges,
            "charged_fen": self.says.charged_fen,
            "payments": self.says.payments,
            "paid_fen": self.says.paid_fen,
            "new": self.did.new,
            "changed": self.did.changed,
            "unchanged": self.did.unchanged,
            "errors": [problem.json() for problem in self.errors],
            "warnings": self.warnings,
            "warnings_zh": [chinese(warning) for warning in self.warnings],
            "questions": [question.json() for question in self.questions],
        }

    def words(self) -> str:
        """The same for a terminal: what the file says, what was done, every bad row, what to do next.

        A Chinese report repeats its last line in English: whoever helps from afar knows what was done.
        """
        zh = self.speaks_chinese
        bad, asked, note, left = _LABELS[zh]
        lines = [self._contents(zh=zh)]
        lines += [f"  {bad}{problem.words(zh=zh)}" for problem in self.errors]
        lines += [f"  {asked}{question.words(zh=zh)}" for question in self.questions]
        lines += [f"  {note}{chinese(warning) if zh else warning}" for warning in self.warnings]
        lines += [f"  {left}{name}" for name in self.bad_files]
        lines += [self._outcome_zh()] if zh else []
        return "\n".join([*lines, self._outcome()])

    def _contents(self, *, zh: bool) -> str:
        says = self.says
        charged, paid = f"{says.charged_fen / 100:,.2f}", f"{says.paid_fen / 100:,.2f}"
        if zh:
            return (
                f"文件里有：{says.accounts} 户、{says.owners} 位业主，{says.charges} 笔应收共 {charged} 元，"
                f"{says.payments} 笔缴费共 {paid} 元"
            )
        return (
            f"the files say: {says.accounts} units of {says.owners} owners, {says.charges} charges over "
            f"¥{charged}, {says.payments} payments over ¥{paid}"
        )

    def _outcome(self) -> str:
        did = self.did
        if self.errors and not self.written:
            return "nothing was written; mend the rows above, or --skip-bad writes the rest"
        if not did.new and not did.changed:
            return f"nothing changed: {did.told('unchanged', 'are as they were')}"
        verb = "written" if self.written else "would be written"
        return f"{verb}: {', '.join(did.told(how, how) for how in ('new', 'changed', 'unchanged'))}"

    def _outcome_zh(self) -> str:
        did = self.did
        if self.errors and not self.written:
            return "什么都没有写入；请改好上面的行，或用 --skip-bad 先写入其余的"
        if not did.new and not did.changed:
            return f"没有变化：{did.told_zh('unchanged')}都和原来一样"
        verb = "已写入" if self.written else "将写入"
        new, changed, unchanged = (did.told_zh(how) for how in ("new", "changed", "unchanged"))
        return f"{verb}：新增 {new}，更改 {changed}，未变 {unchanged}"


_LABELS = {
    False: ("bad: ", "asked: ", "note: ", "the bad rows are in "),
    True: ("有误：", "请确认：", "提示：", "有误的行在 "),
}


@dataclass(slots=True)
class UndoReport:
    """What taking back an import did, by kind. ``closed`` rows are referred to by later ones: not removed.

    The three figures count what the import counted: units, charges, payments, holds. What went with them (owners,
    contacts …) is told beside.
    """

    names: str
    gone: Counter[str] = field(default_factory=Counter)
    back: Counter[str] = field(default_factory=Counter)
    closed: Counter[str] = field(default_factory=Counter)
    chinese: bool = False

    @property
    def removed(self) -> int:
        return sum(self.gone[kind] for kind in KINDS)

    @property
    def restored(self) -> int:
        return sum(self.back[kind] for kind in KINDS)

    @property
    def kept(self) -> int:
        return sum(self.closed[kind] for kind in KINDS)

    def json(self) -> dict[str, Any]:
        return {"names": self.names, "removed": self.removed, "restored": self.restored, "kept": self.kept}

    def words(self) -> str:
        """One line; in Chinese where the community is, with the English below it."""
        en = (
            f"taken back: {self.names}; {self._told(self.gone, zh=False)} removed, {self._told(self.back, zh=False)} "
            f"restored, {self._told(self.closed, zh=False)} closed{self._beside(zh=False)}"
        )
        if not (self.chinese or chinese_here()):
            return en
        return (
            f"已撤回：{self.names}；去掉 {self._told(self.gone, zh=True)}，恢复 {self._told(self.back, zh=True)}，"
            f"已用到而只关闭 {self._told(self.closed, zh=True)}{self._beside(zh=True)}\n{en}"
        )

    def _told(self, parts: Counter[str], *, zh: bool) -> str:
        counted = {kind: parts[kind] for kind in KINDS}
        return f"{sum(counted.values())}{_counted(counted, zh=zh)}"

    def _beside(self, *, zh: bool) -> str:
        """Owners, contacts and the like that went, came back or were closed with them."""
        rest = self.gone + self.back + self.closed
        told = _counted({kind: count for kind, count in rest.items() if kind not in KINDS}, zh=zh).strip(" ()（）")
        if not told:
            return ""
        return f"；连带 {told}" if zh else f"; with them {told}"
