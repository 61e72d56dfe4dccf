"""The texts that several parts of a manifest share: ids, addresses, numbers, times, prose."""

import re
from typing import Any
from urllib.parse import urlsplit

from provision.manifest.faults import quoted
from provision.manifest.records import Keyed
from provision.manifest.report import Path, Report
from provision.manifest.shapes import Complaint, Text
from provision.manifest.tree import MAX_DEPTH, Node

US_NUMBER = r"\+1[2-9][0-9]{2}[2-9][0-9]{6}"
"""The guide's rule: +1, an area code and an exchange that don't begin with 0 or 1, four digits."""

TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
"""HH:MM, 00:00 to 23:59."""

IDENTIFIER = r"[^\s/?#%]{1,200}"
"""An id of the upstream's, which must be able to stand in a path."""

_READABLE = re.compile(r"[+0-9().\-/ ]{10,24}")
_LOOSE_TIME = re.compile(r"(\d{1,2})[:.h](\d{2})\s*([ap])?\.?m?\.?", re.IGNORECASE)


def _number_meant(text: str) -> str | None:
    digits = re.sub(r"[^0-9]", "", text)
    number = f"+1{digits.removeprefix('1') if len(digits) == 11 else digits}"  # noqa: PLR2004 - 1 and ten digits
    if _READABLE.fullmatch(text.strip()) and re.fullmatch(US_NUMBER, number):
        return f'write "{number}"'
    return None


def _time_meant(text: str) -> str | None:
    found = _LOOSE_TIME.fullmatch(text.strip())
    if found is None:
        return None
    hour, minute = int(found[1]), found[2]
    if found[3]:
        hour = hour % 12 + (12 if found[3].lower() == "p" else 0)
    time = f"{hour:02}:{minute}"
    return f'write "{time}"' if re.fullmatch(TIME, time) else None


def _address_faults(text: str) -> Complaint | None:
    try:
        parts = urlsplit(text)
        fits = bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    return None if fits else ("bad_url", "expected a web address with a host", None)


def prose(most: int = 50_000) -> Text:
    """Text for people or for the model; line breaks are fine."""
    return Text(most=most)


def line(most: int = 200, expected: str = "text") -> Text:
    """One line of text without spaces around it."""
    return Text(
        most=most,
        pattern=r"\S(?:[^\r\n]*\S)?",
        expected=f"{expected} in one line, without spaces around it",
        hint=lambda text: f"write {quoted(' '.join(text.split()))}" if text.strip() else None,
    )


def identifier(what: str) -> Text:
    """An upstream id; ``what`` completes "expected the id of ..."."""
    return Text(pattern=IDENTIFIER, expected=f"the id of {what}", code="bad_id")


def reference(what: str) -> Text:
    """Names something of the manifest by its key, or of the upstream as ``id:...``."""
    return Text(
        pattern=f"{Keyed.KEY}|id:{IDENTIFIER}",
        expected=f"the key of {what}, or id: and an upstream id",
        code="bad_reference",
        most=210,
    )


NUMBER = Text(
    pattern=US_NUMBER,
    expected="a US number: +1 and ten digits, area code and exchange beginning with 2 to 9",
    code="bad_number",
    hint=_number_meant,
)

URL = Text(
    pattern=r"https?://[^\s/?#]+[^\s]*",
    most=2_048,
    expected="a web address that begins with https:// or http://",
    code="bad_url",
    judge=_address_faults,
)


def time(*also: str) -> Text:
    """A time of day, or one of a few other words."""
    others = "".join(f" or {word}" for word in also)
    return Text(
        pattern="|".join((TIME, *also)),
        expected=f"a time as HH:MM{others}",
        code="bad_time",
        hint=_time_meant,
    )


class Anything:
    """Any JSON value: a part that only the upstream can judge."""

    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        return {}

    def read(self, node: Node, path: Path, report: Report) -> Any:  # noqa: ANN401 - any JSON value
        """The value."""
        if len(path) >= MAX_DEPTH:
            message = f"expected at most {MAX_DEPTH} collections in each other"
            report.add(path, node.place, "too_deep", message)
            return None
        match node.value:
            case dict():
                return {
                    key: self.read(one, (*path, key), report) for key, one in node.value.items()
                }
            case tuple():
                return [
                    self.read(one, (*path, str(at)), report) for at, one in enumerate(node.value)
                ]
            case str():
                return _ANY_TEXT.read(node, path, report)
            case _:
                return node.value


_ANY_TEXT = Text(least=0, most=50_000)
