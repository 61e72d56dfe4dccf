"""Hides secrets in whatever is printed."""

import re
from collections.abc import Callable, Iterable

MASK = "••••••"
"""Stands where a secret was."""

_WORD = 4


def masker(secrets: Iterable[str]) -> Callable[[str], str]:
    """A function that replaces every secret in a text with ``MASK``.

    Secrets of under four characters are replaced only where they stand alone: within words,
    they would riddle every text.
    """
    ordered = sorted({one for one in secrets if one}, key=len, reverse=True)
    if not ordered:
        return lambda text: text
    pattern = re.compile("|".join(_pattern(one) for one in ordered))
    return lambda text: pattern.sub(MASK, text)


def _pattern(secret: str) -> str:
    return re.escape(secret) if len(secret) >= _WORD else rf"(?<!\w){re.escape(secret)}(?!\w)"
