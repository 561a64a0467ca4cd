"""The small template language of a wording: slots, two filters and `{% if %}`, nothing else.

A wording is written by an admin and may be pasted from anywhere, so what is allowed is a list, and all the rest of
Jinja is refused before anything is rendered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.talk.money import DAY_STYLES, day, money

FILTERS = ("money", "day")
SLOT_MARK = "\ufffc"
_MOST_NODES = 400


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a slot: its name, the filter it goes through, its line, and whether it is only asked about."""

    slot: str
    through: str | None
    line: int
    asked: bool


@dataclass(frozen=True, slots=True)
class Anatomy:
    """A template taken apart: its slots and what it may not contain, as (line, rule, message)."""

    uses: tuple[Use, ...]
    faults: tuple[tuple[int, str, str], ...]

    @property
    def slots(self) -> tuple[str, ...]:
        """Names of the slots, each once, in the order of first use."""
        return tuple(dict.fromkeys(use.slot for use in self.uses))


@lru_cache(maxsize=16)
def _environment(locale: str, form: str) -> ImmutableSandboxedEnvironment:
    env = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)
    env.globals.clear()
    env.tests.clear()
    env.filters.clear()
    env.filters["money"] = partial(money, locale=locale, form=form)
    env.filters["day"] = lambda when, style="full": day(when, locale, form, style)
    return env


@lru_cache(maxsize=4096)
def compiled(source: str, locale: str, form: str) -> Template:
    """The template, compiled once; raises TemplateSyntaxError. Only sources that `examine` passed come here."""
    return _environment(locale, form).from_string(source)


@lru_cache(maxsize=4096)
def examine(source: str) -> Anatomy:
    """Take a template apart without running it: which slots it uses, which constructs it may not."""
    try:
        tree = _environment("zh-Hans", "text").parse(source)
    except TemplateSyntaxError as fault:
        return Anatomy((), ((fault.lineno, _syntax_rule(fault), _syntax_words(fault.message or "")),))
    except RecursionError:
        return Anatomy((), ((1, "forbidden_template_code", "嵌套过深 Nested too deeply"),))
    walker = _Walker()
    walker.statements(tree.body)
    return Anatomy(tuple(walker.uses), tuple(walker.faults))


def _syntax_words(message: str) -> str:
    """What is wrong with the signs, in Chinese and then as the template language says it."""
    odd = re.match(r"unexpected (?:char )?'(.+?)'", message)
    zh = f"「{odd[1]}」不能写在这里" if odd else "标记没有写完或写法不对"
    return f"{zh}；只可用 {{{{ 空位 }}}} 和 {{% if %}}。The signs are wrong: {ascii(message)[1:-1]}."


def _syntax_rule(fault: TemplateSyntaxError) -> str:
    return "forbidden_template_code" if "unknown tag" in (fault.message or "") else "bad_template"


class _Walker:
    """Walks the tree and keeps what it met; a node that is not on the list is a fault and is not entered."""

    def __init__(self) -> None:
        self.uses: list[Use] = []
        self.faults: list[tuple[int, str, str]] = []
        self._met = 0

    def statements(self, body: list[nodes.Node]) -> None:
        for node in body:
            self._met += 1
            if self._met > _MOST_NODES:
                return self._refuse(node, "too many parts")
            if isinstance(node, nodes.Output):
                for part in node.nodes:
                    self._said(part)
            elif isinstance(node, nodes.If):
                self._branch(node)
            else:
                self._refuse(node, type(node).__name__.lower())
        return None

    def _branch(self, node: nodes.If) -> None:
        self._test(node.test)
        self.statements(node.body)
        for other in node.elif_:
            self._branch(other)
        self.statements(node.else_)

    def _said(self, node: nodes.Expr) -> None:
        if isinstance(node, nodes.TemplateData):
            return None
        if isinstance(node, nodes.Name):
            return self._use(node, None, asked=False)
        if isinstance(node, nodes.Filter) and isinstance(node.node, nodes.Name):
            return self._filtered(node, node.node)
        return self._refuse(node, type(node).__name__.lower())

    def _filtered(self, node: nodes.Filter, name: nodes.Name) -> None:
        if node.name not in FILTERS:
            return self._refuse(node, f"filter {node.name}")
        if node.kwargs or node.dyn_args or node.dyn_kwargs or not _style_fits(node):
            return self._refuse(node, f"arguments of {node.name}")
        return self._use(name, node.name, asked=False)

    def _test(self, node: nodes.Node | None) -> None:
        if isinstance(node, nodes.Name):
            self._use(node, None, asked=True)
        elif isinstance(node, nodes.Not):
            self._test(node.node)
        elif isinstance(node, nodes.And | nodes.Or):
            self._test(node.left)
            self._test(node.right)
        elif isinstance(node, nodes.Compare) and all(isinstance(op.expr, nodes.Const) for op in node.ops):
            self._test(node.expr)
        elif node is not None:
            self._refuse(node, type(node).__name__.lower())

    def _use(self, node: nodes.Name, through: str | None, *, asked: bool) -> None:
        self.uses.append(Use(node.name, through, node.lineno, asked))

    def _refuse(self, node: nodes.Node, what: str) -> None:
        message = f"不可用 {what}；只可用 {{{{ 空位 }}}}、|money、|day 和 {{% if %}}。Not allowed here: {what}."
        self.faults.append((node.lineno, "forbidden_template_code", message))


def _style_fits(node: nodes.Filter) -> bool:
    if node.name == "money":
        return not node.args
    return len(node.args) <= 1 and all(isinstance(arg, nodes.Const) and arg.value in DAY_STYLES for arg in node.args)


def spoken(source: str, *, mark: str) -> list[tuple[str, int]]:
    """The literal words of a template as (text, line from 1), each slot replaced by `mark`; all branches in order.

    A template that does not even parse is taken whole, so that its words are judged all the same.
    """
    try:
        return list(_spoken(source, mark))
    except TemplateSyntaxError:
        return [(source, 1)]


def _spoken(source: str, mark: str) -> Iterator[tuple[str, int]]:
    for line, kind, value in _environment("zh-Hans", "text").lex(source):
        if kind == "data":
            yield value, line
        elif kind == "variable_begin" and mark:
            yield mark, line
        elif kind == "string" and value[1:-1] not in DAY_STYLES:
            yield value[1:-1], line
