"""Decides chance: every choice is a hash of the seed and of what is being decided.

A generator that is read in turn would give other outcomes whenever two requests swap places;
a hash gives each call its own fate, whatever happens around it.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


class Draw:
    """Chance for one subject: a call, say.

    Args:
        seed: The run's seed.
        subject: What the choices are about; equal subjects draw equally.
    """

    __slots__ = ("_root",)

    def __init__(self, *, seed: int, subject: Sequence[str | int]) -> None:
        self._root = "\x1f".join((str(seed), *map(str, subject))).encode()

    def unit(self, label: str) -> float:
        """A number from 0 up to but excluding 1, always the same for one label."""
        digest = blake2b(self._root + b"\x1e" + label.encode(), digest_size=7).digest()
        return int.from_bytes(digest, "big") / (1 << 56)

    def between(self, label: str, low: float, high: float) -> float:
        """A number from ``low`` up to but excluding ``high``."""
        return low + (high - low) * self.unit(label)

    def pick(self, label: str, choices: Sequence[T]) -> T:
        """One of ``choices``, all equally likely."""
        return choices[int(self.unit(label) * len(choices))]

    def token(self, label: str) -> str:
        """Twenty hexadecimal digits."""
        return blake2b(self._root + b"\x1e" + label.encode(), digest_size=10).hexdigest()
