"""Makes a line of a child's output safe to show in a terminal."""

import re

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")


def clean(raw: bytes) -> str:
    """Decodes a line and takes out what could move the cursor or retitle the window.

    Args:
        raw: The line, with or without its end.

    Returns:
        Its text: terminal escapes removed, other control characters shown as `?`.
    """
    text = raw.decode("utf-8", "replace").rstrip("\r\n")
    return _CONTROLS.sub("?", _ESCAPES.sub("", text))
