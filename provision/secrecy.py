"""Turns values into what may be kept or shown: secrets become salted hashes, or nothing at all."""

import hashlib
import hmac
import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from pydantic import JsonValue

_MARK: Final = "secret:sha256:"
_SAID_CHARS: Final = 500
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


class Secrecy:
    """Knows which texts are secret, and what stands for them.

    Args:
        mask: Gives a text with its secrets blotted out.
        salt: Goes into every hash, so that equal secrets of two businesses look unlike.
        known: Marks made earlier: a text that gives one of these was secret then.
    """

    def __init__(
        self, *, mask: Callable[[str], str], salt: str, known: Iterable[str] = ()
    ) -> None:
        self._mask = mask
        self._salt = salt
        self._known = frozenset(known)

    def knowing(self, *values: JsonValue) -> "Secrecy":
        """The same, knowing also the marks that stand anywhere in ``values``."""
        found = self._known.union(*(marks(value) for value in values))
        return Secrecy(mask=self._mask, salt=self._salt, known=found)

    def keep(self, value: JsonValue) -> JsonValue:
        """The value with every secret leaf, and every leaf that contains one, as a mark."""
        match value:
            case dict():
                return {key: self.keep(item) for key, item in value.items()}
            case list():
                return [self.keep(item) for item in value]
            case None | bool():
                return value
            case str():
                return self._kept_leaf(value, value)
            case _:
                return self._kept_leaf(value, json.dumps(value))

    def say(self, text: str) -> str:
        """The text for people: secrets blotted out, one line, nothing that moves a cursor."""
        return tidy(self._mask(text))

    def _kept_leaf(self, value: JsonValue, text: str) -> JsonValue:
        mark = marked(text, self._salt)
        return mark if mark in self._known or self._mask(text) != text else value


def marked(text: str, salt: str) -> str:
    """The mark that stands for a secret text in a state of that salt."""
    # Odd bytes of names of files come as lone surrogates, which UTF-8 proper has no place for.
    raw = text.encode("utf-8", "surrogatepass")
    return f"{_MARK}{hmac.new(salt.encode(), raw, hashlib.sha256).hexdigest()}"


def is_mark(value: JsonValue) -> bool:
    """Whether a value stands for a secret."""
    return isinstance(value, str) and value.startswith(_MARK)


def marks(value: JsonValue) -> frozenset[str]:
    """All marks anywhere in a value."""
    return frozenset(leaf for leaf in _leaves(value) if is_mark(leaf))


def tidy(text: str) -> str:
    """One line of at most 500 characters, without control characters and marks of direction."""
    seen = "".join(" " if unicodedata.category(one) in _UNSEEN else one for one in text)
    line = " ".join(seen.split())
    return line if len(line) <= _SAID_CHARS else line[: _SAID_CHARS - 1] + "…"


def digest(value: JsonValue, *, salt: str = "") -> str:
    """SHA-256 of a value's canonical JSON, hexadecimal; keyed with the salt where one is given."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    if not salt:
        return hashlib.sha256(text.encode()).hexdigest()
    return hmac.new(salt.encode(), text.encode(), hashlib.sha256).hexdigest()


def _leaves(value: JsonValue) -> Iterator[str]:
    match value:
        case dict():
            for item in value.values():
                yield from _leaves(item)
        case list():
            for item in value:
                yield from _leaves(item)
        case str():
            yield value
        case _:
            return
