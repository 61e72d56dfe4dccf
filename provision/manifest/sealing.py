"""Keeps secrets out of a written manifest: variables stand for them."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from provision.manifest.emitting import Raw
from provision.manifest.report import SENSITIVE
from provision.manifest.tree import MAX_DEPTH

_ADDRESS = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*://)(?:(?P<user>[^/?#]+)@)?(?P<host>[^?#]*)"
    r"(?:\?(?P<query>[^#]*))?(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_TELLING = re.compile(
    r"(?:key|sig|signature|auth|pass|pwd|jwt)$|^(?:code|sas|session|access)$", re.IGNORECASE
)
"""Names in the query of an address whose values are secrets, besides those of any field."""

_REFERENCE = re.compile(r"\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class Seal:
    """Puts variables where secrets are, and remembers which stands for what."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def sealed(self, value: Any, *path: str) -> Any:  # noqa: ANN401 - any JSON value
        """The value with a variable in place of each secret.

        A text is one if its name speaks of a secret; of a web address, so are the user and the
        values in its query whose names do.

        Args:
            value: Any JSON value.
            path: Leads to the value; the variable is named after it.
        """
        if len(path) > MAX_DEPTH:
            return value
        if isinstance(value, Mapping):
            return {key: self.sealed(item, *path, str(key)) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.sealed(item, *path, str(at)) for at, item in enumerate(value)]
        if isinstance(value, str) and value:
            return self._text(value, path)
        return value

    def opened(self, document: Any) -> Any:  # noqa: ANN401 - any JSON value
        """The document with the secrets themselves where variables stand for them."""
        match document:
            case Raw():
                return _REFERENCE.sub(self._value, document)
            case Mapping():
                return {key: self.opened(item) for key, item in document.items()}
            case list():
                return [self.opened(item) for item in document]
            case _:
                return document

    def used(self, document: Any) -> dict[str, str]:  # noqa: ANN401 - any JSON value
        """The variables that stand in the document, with their values."""
        if isinstance(document, Raw):
            names = (found[1] for found in _REFERENCE.finditer(document) if found[1])
            return {name: self._values[name] for name in names}
        inner: list[Any] = []
        if isinstance(document, Mapping):
            inner = list(document.values())
        elif isinstance(document, list):
            inner = document
        return {name: value for one in inner for name, value in self.used(one).items()}

    def _text(self, text: str, path: tuple[str, ...]) -> str:
        if SENSITIVE.search(path[-1]):
            return Raw(self._reference(path, text))
        found = _ADDRESS.fullmatch(text)
        if found is None:
            return text
        user, query = found["user"], found["query"]
        pieces = [
            _escaped(found["scheme"]),
            "" if user is None else f"{self._reference((*path, 'user'), user)}@",
            _escaped(found["host"]),
            "" if query is None else f"?{self._query(query, path)}",
            _escaped(found["rest"]),
        ]
        sealed = "".join(pieces)
        return text if sealed == _escaped(text) else Raw(sealed)

    def _query(self, query: str, path: tuple[str, ...]) -> str:
        return "".join(
            one if one in {"&", ";"} else self._parameter(one, path)
            for one in re.split("([&;])", query)
        )

    def _parameter(self, text: str, path: tuple[str, ...]) -> str:
        name, _, value = text.partition("=")
        word = unquote(name)
        if not value or not (SENSITIVE.search(word) or _TELLING.search(word)):
            return _escaped(text)
        return f"{_escaped(name)}={self._reference((*path, word), value)}"

    def _reference(self, path: tuple[str, ...], value: str) -> str:
        return f"${{{self._variable(path, value)}}}"

    def _value(self, found: re.Match[str]) -> str:
        return self._values[found[1]] if found[1] else "${"

    def _variable(self, path: tuple[str, ...], value: str) -> str:
        wanted = re.sub(r"[^A-Z0-9]+", "_", "_".join((path[0], path[-1])).upper())[:60].strip("_")
        name = wanted = wanted if wanted[:1].isalpha() else f"SECRET_{wanted}"
        count = 1
        while self._values.get(name, value) != value:
            count += 1
            name = f"{wanted}_{count}"
        self._values[name] = value
        return name


def _escaped(text: str) -> str:
    return text.replace("${", "$${")
