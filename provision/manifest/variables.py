"""Puts values of the environment where a manifest names them.

``${NAME}`` is the variable's value, ``${NAME:-text}`` is the text where the variable is unset or
empty, and ``$${`` is the two characters ``${``. Keys are never expanded, and neither is what a
variable holds.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from provision.manifest.report import Path, Report
from provision.manifest.tree import Node

MAX_VALUE = 65_536
"""Characters that a variable may bring."""

_REFERENCE = re.compile(r"\$\$\{|\$\{(?P<body>[^{}]*)\}|\$\{")
_BODY = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>.*))?", re.DOTALL)


class Expansion:
    """Expands a tree, and remembers what it took from the environment.

    Args:
        environ: Values by variable.
        report: Takes unset variables and unreadable references.
    """

    def __init__(self, *, environ: Mapping[str, str], report: Report) -> None:
        self._environ = environ
        self._report = report
        self._secrets: set[str] = set()

    @property
    def secrets(self) -> frozenset[str]:
        """Every value that came from a variable; none of them is empty."""
        return frozenset(self._secrets)

    def expand(self, node: Node, path: Path = ()) -> Node:
        """The tree with its variables replaced; a value that couldn't be is marked as broken."""
        if isinstance(node.value, dict):
            entries = {key: self.expand(one, (*path, key)) for key, one in node.value.items()}
            return replace(node, value=entries)
        if isinstance(node.value, tuple):
            items = [self.expand(one, (*path, str(at))) for at, one in enumerate(node.value)]
            return replace(node, value=tuple(items))
        if isinstance(node.value, str) and "${" in node.value:
            return self._text(node, node.value, path)
        return node

    def _text(self, node: Node, text: str, path: Path) -> Node:
        pieces: list[str] = []
        end, expanded = 0, False
        for match in _REFERENCE.finditer(text):
            pieces.append(text[end : match.start()])
            end = match.end()
            if match.group() == "$${":
                pieces.append("${")
                continue
            value = self._value(match["body"], node, path)
            if value is None:
                return replace(node, broken=True)
            pieces.append(value)
            expanded = True
        value = "".join((*pieces, text[end:]))
        return replace(node, value=value, raw=value, expanded=expanded)

    def _value(self, body: str | None, node: Node, path: Path) -> str | None:
        named = None if body is None else _BODY.fullmatch(body)
        if named is None:
            self._report.add(
                path,
                node.place,
                "bad_variable",
                "expected ${NAME} or ${NAME:-text}",
                "write $${ where the characters themselves are meant",
            )
            return None
        value = self._environ.get(named["name"], "")
        if value or (named["default"] is None and named["name"] in self._environ):
            return self._taken(named["name"], value, node, path)
        if named["default"] is not None:
            return named["default"]
        self._report.add(
            path,
            node.place,
            "unset_variable",
            f"the environment variable {named['name']} is not set",
            f"set it, or write ${{{named['name']}:-text}} to do without",
        )
        return None

    def _taken(self, name: str, value: str, node: Node, path: Path) -> str | None:
        if len(value) > MAX_VALUE:
            self._report.add(
                path,
                node.place,
                "long_variable",
                f"expected at most {MAX_VALUE:,} characters in the variable {name}",
            )
            return None
        if value:
            self._secrets.add(value)
        return value
