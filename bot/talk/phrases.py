"""The phrases owners use, as data: read from text, made ready to be heard quickly.

A phrase is literal text with a few signs: ``<class>`` one word of a class, ``[a|b|]`` one of these (the empty one: or
nothing), ``..`` a few characters of the same sentence, ``.`` any one, ``^`` and ``$`` the ends of the message. A phrase
without gaps is spelled out into plain strings; one with gaps is filed under a string it cannot do without, and its
pieces are looked for when that string is met.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any

from bot.talk.listening import ANY, END, GAP, START, Listener, Piece
from bot.talk.normal import rewrite
from bot.talk.phrase_files import read_plain

LANGUAGES = ("zh-Hans", "zh-Hant", "en")
_PIECES = re.compile(r"<(?P<cls>\w+)>|\[(?P<alts>[^\]]*)\]|(?P<gap>\.\.)|(?P<sign>[.^$?])|(?P<text>[^<\[.^$?]+)")
_HAN = re.compile(r"[\u4e00-\u9fff\ue001-\ue007]")
_LATIN = re.compile(r"[a-z]")
_SPACED = {ord(sign): " " for sign in '.,!?;:()"\n/'}
_SPELLED_AT_MOST = 400
_COMMON_WORDS = (
    "我 你 了 的 不 是 交 付 给 钱 人 来 有 要 都 还 没 就 在 到 转 号 月 天 好 能 去 说 看 个 上 下 过 吗 会 再 先 收"
    " pay the i my me it to a you will not is can for in on and have what how this that do are was no"
)
_COMMON = frozenset(_COMMON_WORDS.split())
_SIGNED = re.compile(r"[<\[.^$?]")
_SIGNS = {".": ANY, "^": START, "$": END}


class PhrasesError(ValueError):
    """A phrases file that cannot be read: names the language, intent and phrase at fault."""


class Rule:
    """One phrase of one intent; ``veto`` phrases take the intent back. Without a listener it is spelled out in full."""

    __slots__ = ("_listener", "intent", "phrase", "veto")

    def __init__(self, intent: str, phrase: str, listener: Listener | None, *, veto: bool) -> None:
        self.intent, self.phrase, self.veto = intent, phrase, veto
        self._listener = listener

    def occurs(self, text: str) -> bool:
        """Whether the phrase occurs in a sentence that holds the string it is filed under."""
        return self._listener is None or self._listener.occurs(text)


class Phrases:
    """Everything the bot listens for; built once, asked for each sentence.

    ``latin`` gives the phrases only a sentence with Latin letters can hold: they are built when one is met.
    """

    __slots__ = ("_hints", "_latin", "_lengths", "_rules")

    def __init__(
        self,
        rules: Mapping[str, Sequence[Rule]],
        hints: Sequence[tuple[str, str]] = (),
        latin: Callable[[], Phrases] | None = None,
    ) -> None:
        self._rules, self._hints, self._latin = rules, hints, latin
        lengths: dict[str, set[int]] = {}
        for head, length in {(key[:2], len(key)) for key in rules}:
            lengths.setdefault(head, set()).add(length)
        alone = {head: found for head, found in lengths.items() if len(head) == 1}
        self._lengths = {head: tuple(sorted(found | alone.get(head[0], set()))) for head, found in lengths.items()}

    @staticmethod
    def from_mapping(files: Mapping[str, Any], latin: Callable[[], Phrases] | None = None) -> Phrases:
        """From ``{language: {"classes": …, "intents": {intent: {"says": […], "unless": […], "hints": […]}}}}``.

        Raises ``PhrasesError`` for a shape or a phrase that cannot be read.
        """
        rules: dict[str, list[Rule]] = {}
        hints: list[tuple[str, str]] = []
        for language, content in files.items():
            classes = dict(_classes(content, language))
            for intent, kind, phrase, plain in _listed(content, language):
                if kind == "hints":
                    hints.append((_key(plain, han=bool(_HAN.search(plain))), intent))
                    continue
                try:
                    listener, keys = compile_phrase(plain, classes)
                except KeyError as error:
                    raise PhrasesError(f"{language} {intent}: cannot read the phrase {phrase!r} ({error})") from error
                rule = Rule(intent, phrase, listener, veto=kind == "unless")
                for key in keys:
                    rules.setdefault(key, []).append(rule)
        return Phrases(rules, hints, latin)

    def heard(self, text: str) -> dict[str, str]:
        """The intents a normalised sentence speaks of, each with the phrase that was heard."""
        padded = f" {text} ".translate(_SPACED)
        found: dict[str, str] = {}
        vetoed: set[str] = set()
        for rule in self._met(padded):
            if rule.veto:
                if rule.intent not in vetoed and rule.occurs(text):
                    vetoed.add(rule.intent)
            elif rule.intent not in found and rule.occurs(text):
                found[rule.intent] = rule.phrase
        return {intent: phrase for intent, phrase in found.items() if intent not in vetoed}

    def hinted(self, text: str) -> str | None:
        """The intent most of the words of a sentence hint at, for when no phrase was heard; none if unsure."""
        padded = f" {text} ".translate(_SPACED)
        weights: dict[str, int] = {}
        for word, intent in (hint for phrases in self._for(text) for hint in phrases._hints):
            if word in padded:
                weights[intent] = weights.get(intent, 0) + len(word)
        best = sorted(weights, key=lambda intent: -weights[intent])[:2]
        sure = best and (len(best) == 1 or weights[best[0]] > weights[best[1]])
        return best[0] if sure else None

    def _for(self, text: str) -> tuple[Phrases, ...]:
        return (self, self._latin()) if self._latin and _LATIN.search(text) else (self,)

    def _met(self, padded: str) -> list[Rule]:
        met: list[Rule] = []
        for phrases in self._for(padded):
            lengths, rules = phrases._lengths, phrases._rules
            for place, char in enumerate(padded):
                for length in lengths.get(padded[place : place + 2]) or lengths.get(char, ()):
                    if found := rules.get(padded[place : place + length]):
                        met += found
        return met


def _part(content: Any, key: str, where: str) -> list[tuple[str, Any]]:
    part = content.get(key, {}) if isinstance(content, Mapping) else None
    if not isinstance(part, Mapping):
        raise PhrasesError(f"{where}: expected names with lists under {key}")
    return list(part.items())


def _classes(content: Any, language: str) -> Iterator[tuple[str, list[str]]]:
    named = _part(content, "classes", language)
    plain = iter(rewrite("\n".join(str(word) for _, words in named for word in words)).split("\n"))
    return ((name, [next(plain) for _ in words]) for name, words in named)


def _listed(content: Any, language: str) -> list[tuple[str, str, str, str]]:
    listed: list[tuple[str, str, str]] = []
    for intent, lists in _part(content, "intents", language):
        for kind, phrases in _part({"lists": lists}, "lists", f"{language} {intent}"):
            listed += [(intent, str(kind), str(phrase)) for phrase in phrases or []]
    plain = rewrite("\n".join(phrase for _, _, phrase in listed)).split("\n")
    return [(*row, text) for row, text in zip(listed, plain, strict=True)]


def compile_phrase(phrase: str, classes: Mapping[str, list[str]]) -> tuple[Listener | None, list[str]]:
    """What listens for a normalised phrase (none if it is spelled out in full) and the strings it is filed under.

    Raises ``KeyError`` for a class that does not exist and for a phrase without a word to listen for.
    """
    if phrase.strip() and not _SIGNED.search(phrase):
        return None, [phrase if _HAN.search(phrase) else _key(" ".join(phrase.split()), han=False)]
    pieces = list(_pieces(phrase, classes))
    han = bool(_HAN.search(phrase + "".join(w for p in pieces for w in p.words[:1])))
    while not han and pieces and pieces[-1].sign == GAP:
        pieces.pop()
    if not any(piece.words for piece in pieces):
        raise KeyError("nothing to listen for")
    if not any(p.sign or "$" in p.words for p in pieces) and _size(pieces) <= _SPELLED_AT_MOST:
        spelled = {"".join(chosen) for chosen in product(*(p.words for p in pieces))}
        return None, [_key(" ".join(s.split()) if not han else s, han=han) for s in spelled]
    return Listener(tuple(_trimmed(p, han=han) for p in pieces), han=han), _filed_under(pieces, han=han)


def _pieces(phrase: str, classes: Mapping[str, list[str]]) -> Iterator[Piece]:
    found = list(_PIECES.finditer(phrase))
    for match, after in zip(found, [*found[1:], None], strict=True):
        optional = after is not None and after["sign"] == "?"
        if match["gap"]:
            yield Piece(sign=GAP)
        elif match["sign"] and match["sign"] != "?":
            yield Piece(sign=_SIGNS[match["sign"]], optional=optional)
        elif match["text"] and optional:
            yield from (Piece((match["text"][:-1],)), Piece((match["text"][-1], "")))
        elif not match["sign"]:
            named = classes[match["cls"]] if match["cls"] else None
            written = match["alts"] if match["alts"] is not None else match["text"] or ""
            yield Piece(_longest_first("|".join(named) if named else written, optional=optional))


@lru_cache(maxsize=4096)
def _longest_first(written: str, *, optional: bool) -> tuple[str, ...]:
    words = {*written.split("|"), *([""] if optional else [])}
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


def _trimmed(piece: Piece, *, han: bool) -> Piece:
    return piece if han or piece.sign else piece._replace(words=tuple(dict.fromkeys(w.strip() for w in piece.words)))


def _size(pieces: list[Piece]) -> int:
    size = 1
    for piece in pieces:
        size *= len(piece.words)
    return size


def _key(text: str, *, han: bool) -> str:
    return text if han else f" {text.strip()} "


@lru_cache(maxsize=4096)
def _commonness(word: str) -> float:
    """How often a word is met, roughly: what a phrase is filed under should be rare."""
    word = word.strip()
    if _HAN.search(word):
        return (
            40.0
            if word in "的了我你不是交"
            else 12.0
            if word in _COMMON
            else 3.0
            if len(word) == 1
            else 1.0
            if len(word) == 2
            else 0.4
        )
    return 8.0 if word in _COMMON else 1.0


def _filed_under(pieces: list[Piece], *, han: bool) -> list[str]:
    certain = [p.words for p in pieces if p.words and "$" not in p.words and all(w.strip() for w in p.words)]
    if not certain:
        raise KeyError("nothing to listen for")
    best = min(certain, key=lambda words: sum(map(_commonness, words)))
    return [_key(w, han=han) for w in best]


def parse_phrases(texts: Mapping[str, str], latin: Callable[[], Phrases] | None = None) -> Phrases:
    """From ``{language: text of its YAML file}``; raises ``PhrasesError`` naming what cannot be read."""
    return Phrases.from_mapping({name: read_plain(text) or _read_yaml(text) for name, text in texts.items()}, latin)


def _read_yaml(text: str) -> Any:
    import yaml

    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise PhrasesError(f"not readable as YAML: {error}") from error


@lru_cache(maxsize=1)
def shipped_phrases() -> Phrases:
    """The phrases beside ``bot/``: the one file reading of the talk, done once, for callers that hand none in."""
    return parse_phrases(_shipped("zh-Hans", "zh-Hant"), _shipped_english)


@lru_cache(maxsize=1)
def _shipped_english() -> Phrases:
    return parse_phrases(_shipped("en"))


def _shipped(*languages: str) -> dict[str, str]:
    folder = Path(__file__).resolve().parents[2] / "scripts" / "phrases"
    return {name: (folder / f"{name}.yaml").read_text(encoding="utf-8") for name in languages}
