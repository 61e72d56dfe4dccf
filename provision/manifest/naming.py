"""Makes the keys of a written manifest out of the names that things have upstream."""

import re
import unicodedata

_LONGEST = 48


class Keys:
    """Gives keys, each but once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, name: str, otherwise: str) -> str:
        """A key that looks like the name.

        Args:
            name: As people write it, such as ``Google Calendar``.
            otherwise: Used where nothing of the name can be in a key.
        """
        key = wanted = _slug(name) or otherwise
        count = 1
        while key in self._taken:
            count += 1
            key = f"{wanted}-{count}"
        self._taken.add(key)
        return key


def _slug(name: str) -> str:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name[:200])
    plain = unicodedata.normalize("NFKD", spaced).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:_LONGEST].strip("-")
