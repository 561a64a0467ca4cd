"""The journal in people's words: who, about what, and the note beside it, in the reader's language."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from bot.web.console.roles import ROLE_WORDS
from bot.web.console.speech import FACTS, Say

ACTORS: dict[str, Say] = {
    "": Say("系统", "the system"),
    "yinuo": Say("系统", "the system"),
    "retention": Say("到期清理", "the end of the retention"),
    "cli": Say("命令行", "command line"),
}
THINGS: dict[str, Say] = {
    "account": Say("账户", "account"),
    "api_client": Say("外部系统", "client"),
    "approval": Say("申请", "request"),
    "case": Say("工单", "case"),
    "community": Say("小区", "community"),
    "contact": Say("联系方式", "contact"),
    "hold": Say("暂缓", "rest"),
    "import_run": Say("导入", "import"),
    "legal_fact": Say("法律事实", "legal fact"),
    "message": Say("消息", "message"),
    "month": Say("月份", "month"),
    "pause": Say("暂停范围", "pause"),
    "payment": Say("付款", "payment"),
    "person": Say("业主", "owner"),
    "script_published": Say("发布", "publication"),
    "script_version": Say("话术版本", "wording version"),
    "draft": Say("草稿", "draft"),
    "words": Say("话术", "wording"),
}
NOTES: dict[str, Say] = {
    "details shown": Say("看了详情", "looked at the details"),
    "full address": Say("看了完整联系方式", "looked at the full address"),
    "linked": Say("绑定了聊天账号", "linked a chat"),
    "link code made": Say("取了绑定码", "got a link code"),
    "made responsible": Say("成为责任人", "made responsible"),
    "hours set": Say("改了值班时间", "hours set"),
    "day off": Say("休假", "day off"),
    "reversed": Say("已冲正", "reversed"),
    "named": Say("已指定", "named"),
    "ended": Say("已结束", "ended"),
    "on": Say("开", "on"),
    "off": Say("关", "off"),
}
TONGUES = {"zh-Hans": "简体中文", "zh-Hant": "繁體中文", "en": "English"}
_PATH = re.compile(r"(?:reminders|replies|staff)/(\w+)/([\w-]+)(?:\.(\w+))?\.md")
_ROLE = re.compile(r"(added as|role) (\w+)")
_LEFT = re.compile(r"left, over to (\d+)")
_UNTIL = re.compile(r"until (\S+)")
_VERSION = re.compile(r"version (\d+)")
_ARROW = re.compile(r"(\w*) -> (\w+)")

Word = Callable[[str, str], str]


class JournalWords:
    """One reader's words for journal lines; ``staff`` are names by number, ``word`` looks a table of the console up."""

    def __init__(self, lang: str, staff: Mapping[int, str], word: Word) -> None:
        self._lang = lang
        self._staff = staff
        self._word = word

    def who(self, who: str) -> str:
        if who.startswith("person:"):
            return Say("业主", "an owner").to(self._lang)
        return ACTORS[who].to(self._lang) if who in ACTORS else self._colleague(who)

    def _colleague(self, who: str) -> str:
        number = who.removeprefix("staff:")
        return self._staff.get(int(number), who) if who.startswith("staff:") and number.isdecimal() else who

    def subject(self, subject: str) -> str:
        """``hold:13`` as a person says it; a wording by what it says."""
        kind, _, name = subject.partition(":")
        if kind == "staff":
            return self._colleague(subject)
        thing = THINGS[kind].to(self._lang) if kind in THINGS else ""
        if kind == "import_run" or not thing:
            return f"{thing or kind} {name}".strip()
        return f"{thing} {self.wording(name)}" if not name.isdecimal() else f"{thing} #{name}"

    def wording(self, path: str) -> str:
        """A wording's path as what it says, its language and its channel."""
        found = _PATH.fullmatch(path)
        if found is None:
            return path
        said = [self._word("step", found[1]), TONGUES.get(found[2], found[2])]
        return " · ".join([*said, self._word("channel", found[3])] if found[3] else said)

    def note(self, kind: str, note: str) -> str:
        if kind == "import" and note.startswith("{"):
            return self._counts(json.loads(note))
        if note in NOTES:
            return NOTES[note].to(self._lang)
        if kind == "approved":
            return ""
        return self._shaped(note)

    def _shaped(self, note: str) -> str:
        """Notes with a name, a role, a day or a number in them; free words stay as they were written."""
        if role := _ROLE.fullmatch(note):
            return self._say(f"角色：{self._role(role[2])}", f"{role[1]} {self._role(role[2])}")
        if left := _LEFT.fullmatch(note):
            name = self._colleague(f"staff:{left[1]}")
            return self._say(f"离开，交给{name}", f"left, over to {name}")
        if until := _UNTIL.fullmatch(note):
            return self._say(f"到 {until[1]}", note)
        if version := _VERSION.fullmatch(note):
            return self._say(f"第 {version[1]} 版", note)
        if arrow := _ARROW.fullmatch(note):
            before, after = (self._role(part) for part in arrow.groups())
            return f"{before} → {after}"
        if note in FACTS:
            return FACTS[note].to(self._lang)
        return self.wording(note)

    def _counts(self, told: Mapping[str, Any]) -> str:
        new, changed, same = (told.get(key, 0) for key in ("new", "changed", "unchanged"))
        homes, charges, payments = (told.get(key, 0) for key in ("accounts", "charges", "payments"))
        return self._say(
            f"{homes} 户，应收 {charges} 笔，收款 {payments} 笔；新增 {new}，改动 {changed}，未变 {same}",
            f"{homes} accounts, {charges} charges, {payments} payments; {new} new, {changed} changed, {same} the same",
        )

    def _role(self, role: str) -> str:
        return Say(*ROLE_WORDS[role]).to(self._lang) if role in ROLE_WORDS else role

    def _say(self, zh: str, en: str) -> str:
        return en if self._lang == "en" else zh
