"""Makes text that others wrote safe to show in a terminal."""

import re

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")
# With the marks of Unicode's bidirectional algorithm, which show a line in another order, and
# the surrogates that stand for odd bytes in names of files, which no terminal can be sent.
_CONTROLS = re.compile(
    r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def clean(raw: bytes) -> str:
    """Decodes a line and takes out what could move the cursor or retitle the window.

    Args:
        raw: The line, with or without its end.

    Returns:
        Its text: terminal escapes removed, other control characters shown as `?`.
    """
    return plain(raw.decode("utf-8", "replace").rstrip("\r\n"))


def plain(text: str) -> str:
    """Takes out of a text what could move the cursor, retitle the window or reorder the line.

    Args:
        text: Anything.

    Returns:
        Terminal escapes removed, other control characters and bidirectional marks shown as `?`.
    """
    return _CONTROLS.sub("?", _ESCAPES.sub("", text))


def moment(given: str | None) -> str | None:
    """Shortens an instant as the API writes it to the second.

    Args:
        given: Such as `2026-03-03T17:30:00.123456Z`; None for none.

    Returns:
        Such as `2026-03-03 17:30:00Z`.
    """
    return None if given is None else plain(f"{given[:19].replace('T', ' ')}Z")
