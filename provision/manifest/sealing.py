"""Keeps secrets out of a written manifest: variables stand for them."""

import re
from collections.abc import Mapping
from typing import Any

from provision.manifest.emitting import Raw
from provision.manifest.report import SENSITIVE
from provision.manifest.tree import MAX_DEPTH


class Seal:
    """Puts variables where secrets are, and remembers which stands for what."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def sealed(self, value: Any, *path: str) -> Any:  # noqa: ANN401 - any JSON value
        """The value with a variable in place of each text whose name speaks of a secret.

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
        if isinstance(value, str) and value and SENSITIVE.search(path[-1]):
            return Raw(f"${{{self._variable(path, value)}}}")
        return value

    def used(self, document: Any) -> dict[str, str]:  # noqa: ANN401 - any JSON value
        """The variables that stand in the document, with their values."""
        if isinstance(document, Raw):
            name = document[2:-1]
            return {name: self._values[name]}
        inner: list[Any] = []
        if isinstance(document, Mapping):
            inner = list(document.values())
        elif isinstance(document, list):
            inner = document
        return {name: value for one in inner for name, value in self.used(one).items()}

    def _variable(self, path: tuple[str, ...], value: str) -> str:
        wanted = re.sub(r"[^A-Z0-9]+", "_", "_".join((path[0], path[-1])).upper()).strip("_")
        name = wanted = wanted if wanted[:1].isalpha() else f"SECRET_{wanted}"
        count = 1
        while self._values.get(name, value) != value:
            count += 1
            name = f"{wanted}_{count}"
        self._values[name] = value
        return name
