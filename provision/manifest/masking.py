"""Hides secrets in whatever is printed."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

MASK = "••••••"
"""Stands where a secret was."""

_WORD = 4


def masker(secrets: Iterable[str]) -> Callable[[str], str]:
    """A function that replaces every secret in a text with ``MASK``.

    Secrets of under four characters are replaced only where they stand alone: within words,
    they would riddle every text.
    """
    return _masker(frozenset(one for one in secrets if one))


# A plan asks for the same one at every value of a manifest.
@lru_cache(maxsize=4)
def _masker(secrets: frozenset[str]) -> Callable[[str], str]:
    if not secrets:
        return lambda text: text
    ordered = sorted(secrets, key=len, reverse=True)
    pattern = re.compile("|".join(_pattern(one) for one in ordered))
    return lambda text: pattern.sub(MASK, text)


def _pattern(secret: str) -> str:
    return re.escape(secret) if len(secret) >= _WORD else rf"(?<!\w){re.escape(secret)}(?!\w)"
