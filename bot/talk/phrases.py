"""The phrases owners use, as data: read from text, made ready to be heard quickly.

A phrase is literal text with a few signs: ``<class>`` one word of a class, ``[a|b|]`` one of these (the empty one: or
nothing), ``..`` a few characters of the same sentence, ``.`` any one, ``^`` and ``$`` the ends of the message. A phrase
without gaps is spelled out into plain strings; one with gaps is filed under a string it cannot do without, and its
pattern is compiled when that string is first met.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any

from bot.talk.normal import rewrite

LANGUAGES = ("zh-Hans", "zh-Hant", "en")
_PIECES = re.compile(r"<(?P<cls>\w+)>|\[(?P<alts>[^\]]*)\]|(?P<gap>\.\.)|(?P<sign>[.^$?])|(?P<text>[^<\[.^$?]+)")
_HAN = re.compile(r"[\u4e00-\u9fff\ue001-\ue007]")
_SPACED = {ord(sign): " " for sign in '.,!?;:()"\n/'}
_SPELLED_AT_MOST = 400
_GAPS = {True: r"[^。!?;\n]{0,8}?", False: r"[^.!?;\n]{0,26}?"}
_SIGNS = {".": ".", "^": r"^[\W_]*", "$": r"[\W_]*$", "?": "?"}


class PhrasesError(ValueError):
    """A phrases file that cannot be read: names the language, intent and phrase at fault."""


class Rule:
    """One phrase of one intent; ``veto`` phrases take the intent back."""

    __slots__ = ("_pattern", "_source", "intent", "phrase", "veto")

    def __init__(self, intent: str, phrase: str, source: str | None, *, veto: bool) -> None:
        self.intent, self.phrase, self.veto = intent, phrase, veto
        self._source = source
        self._pattern: re.Pattern[str] | None = None

    def occurs(self, text: str) -> bool:
        """Whether the phrase occurs in a sentence that holds the string it is filed under."""
        if self._source is None:
            return True
        if self._pattern is None:
            self._pattern = re.compile(self._source)
        return self._pattern.search(text) is not None


class Phrases:
    """Everything the bot listens for; built once, asked for each sentence."""

    __slots__ = ("_lengths", "_rules")

    def __init__(self, rules: Mapping[str, Sequence[Rule]]) -> None:
        self._rules = rules
        lengths: dict[str, set[int]] = {}
        for key in rules:
            lengths.setdefault(key[:2], set()).add(len(key))
        self._lengths = {head: tuple(sorted(found)) for head, found in lengths.items()}

    @staticmethod
    def from_mapping(files: Mapping[str, Any]) -> Phrases:
        """From ``{language: {"classes": …, "intents": {intent: {"says": […], "unless": […]}}}}``.

        Raises ``PhrasesError`` for a shape or a phrase that cannot be read.
        """
        rules: dict[str, list[Rule]] = {}
        for language, content in files.items():
            classes = {name: [rewrite(str(w)) for w in words] for name, words in _part(content, "classes", language)}
            for intent, veto, phrase, plain in _listed(content, language):
                try:
                    source, keys = compile_phrase(plain, classes)
                except (re.error, KeyError) as error:
                    raise PhrasesError(f"{language} {intent}: cannot read the phrase {phrase!r} ({error})") from error
                rule = Rule(intent, phrase, source, veto=veto)
                for key in keys:
                    rules.setdefault(key, []).append(rule)
        return Phrases(rules)

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

    def _met(self, padded: str) -> Iterator[Rule]:
        lengths, rules = self._lengths, self._rules
        for place in range(len(padded)):
            for head in (padded[place], padded[place : place + 2]):
                for length in lengths.get(head, ()):
                    yield from rules.get(padded[place : place + length], ())


def _part(content: Any, key: str, where: str) -> list[tuple[str, Any]]:
    part = content.get(key, {}) if isinstance(content, Mapping) else None
    if not isinstance(part, Mapping):
        raise PhrasesError(f"{where}: expected names with lists under {key}")
    return list(part.items())


def _listed(content: Any, language: str) -> list[tuple[str, bool, str, str]]:
    listed: list[tuple[str, bool, str]] = []
    for intent, lists in _part(content, "intents", language):
        for kind, phrases in _part({"lists": lists}, "lists", f"{language} {intent}"):
            listed += [(intent, kind == "unless", str(phrase)) for phrase in phrases or []]
    plain = rewrite("\n".join(phrase for _, _, phrase in listed)).split("\n")
    return [(*row, text) for row, text in zip(listed, plain, strict=True)]


def compile_phrase(phrase: str, classes: Mapping[str, list[str]]) -> tuple[str | None, list[str]]:
    """The pattern of a normalised phrase (none if it is spelled out in full) and the strings it is filed under."""
    pieces = list(_PIECES.finditer(phrase))
    words = [w for p in pieces if p["cls"] for w in classes[p["cls"]][:1]]
    han = bool(_HAN.search(phrase + "".join(words)))
    while not han and pieces and (pieces[-1]["gap"] or not pieces[-1][0].strip()):
        pieces.pop()
    if not pieces:
        raise KeyError("nothing to listen for")
    chosen = [_choices(p, classes) for p in pieces]
    if not any(p["gap"] or p["sign"] for p in pieces) and _size(chosen) <= _SPELLED_AT_MOST:
        spelled = {" ".join("".join(c).split()) if not han else "".join(c) for c in product(*chosen)}
        return None, [_key(s, han=han) for s in spelled]
    return _pattern(pieces, chosen, han=han), _filed_under(chosen, han=han)


def _size(chosen: list[list[str]]) -> int:
    size = 1
    for choices in chosen:
        size *= len(choices)
    return size


def _key(text: str, *, han: bool) -> str:
    return text if han else f" {text.strip()} "


def _choices(piece: re.Match[str], classes: Mapping[str, list[str]]) -> list[str]:
    if piece["cls"]:
        return classes[piece["cls"]]
    if piece["alts"] is not None:
        return piece["alts"].split("|")
    return [piece["text"]] if piece["text"] else [""]


def _filed_under(chosen: list[list[str]], *, han: bool) -> list[str]:
    certain = [[c.strip() for c in choices] for choices in chosen if all(c.strip() for c in choices)]
    if not certain:
        raise KeyError("nothing to listen for")
    best = max(certain, key=lambda choices: (min(map(len, choices)), -len(choices)))
    return [_key(c, han=han) for c in best]


def _pattern(pieces: list[re.Match[str]], chosen: list[list[str]], *, han: bool) -> str:
    parts: list[str] = []
    for piece, choices in zip(pieces, chosen, strict=True):
        if piece["gap"]:
            parts.append(_GAPS[han])
        elif piece["sign"]:
            parts.append(_SIGNS[piece["sign"]])
        else:
            parts.append(_either(choices, han=han))
    return "".join(parts).replace(r"\s*\s*", r"\s*")


def _either(choices: list[str], *, han: bool) -> str:
    ordered = sorted(choices, key=len, reverse=True)
    if han:
        return f"(?:{'|'.join(map(re.escape, ordered))})"
    words = (r"\s+".join(map(re.escape, c.split())) for c in ordered)
    return r"\s*(?:" + "|".join(rf"(?<![a-z]){w}(?![a-z])" if w else "" for w in words) + r")\s*"


def parse_phrases(texts: Mapping[str, str]) -> Phrases:
    """From ``{language: text of its YAML file}``; raises ``PhrasesError`` naming what cannot be read."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return Phrases.from_mapping({name: yaml.load(text, Loader=loader) for name, text in texts.items()})
    except yaml.YAMLError as error:
        raise PhrasesError(f"not readable as YAML: {error}") from error


@lru_cache(maxsize=1)
def shipped_phrases() -> Phrases:
    """The phrases beside ``bot/``: the one file reading of the talk, done once, for callers that hand none in."""
    folder = Path(__file__).resolve().parents[2] / "scripts" / "phrases"
    return parse_phrases({name: (folder / f"{name}.yaml").read_text(encoding="utf-8") for name in LANGUAGES})
