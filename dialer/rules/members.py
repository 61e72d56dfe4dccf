"""Reads the members of an object that somebody sent; each fault names its place and a remedy."""

import difflib
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, time
from uuid import UUID

from dialer.rules.errors import Fault, InvalidInputError

FIRST_YEAR, LAST_YEAR = 2000, 2099
MAX_FAULTS = 20

_SHOWN = 100
_LISTED = 40
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


class Members:
    """The members of one object, read by name; what is wrong is gathered, not raised at once.

    A member that is absent or null reads as None, or as nothing where a list is asked for.

    Args:
        given: The object, of plain JSON values.
        pointer: RFC 6901 pointer to it, such as `/filter`.
        known: The names that it may have; another one is a fault, with the nearest of them.
    """

    def __init__(
        self, given: Mapping[str, object], *, pointer: str, known: Collection[str]
    ) -> None:
        self.faults: list[Fault] = []
        self._given = given
        self._pointer = pointer
        for name in given:
            if name not in known:
                near = nearest(str(name), known)
                told = f"{quoted(name)} is not a field here; known: {', '.join(known)}"
                self.fault(_escaped(str(name)), "unknown_field", told, near)

    def fault(self, where: str, code: str, message: str, suggestion: str | None = None) -> None:
        """Note that a member, or an entry of it (`days/0`), is wrong."""
        pointer = f"{self._pointer}/{where}" if where else self._pointer
        self.faults.append(Fault(pointer, code, message, suggestion))

    def check(self, message: str) -> None:
        """Let nothing through that has a fault.

        Raises:
            InvalidInputError: with every fault, 20 at most.
        """
        if self.faults:
            raise InvalidInputError(message, faults=tuple(self.faults[:MAX_FAULTS]))

    def has(self, name: str) -> bool:
        """Whether the member is there and not null."""
        return self._given.get(name) is not None

    def get(self, name: str) -> object:
        """The member as it was sent."""
        return self._given.get(name)

    def need(self, name: str, message: str) -> None:
        """Note it where a member is absent."""
        if not self.has(name):
            self.fault(name, "required", message)

    def choice(self, name: str, among: Collection[str]) -> str | None:
        """One word of a list."""
        given = self._given.get(name)
        return None if given is None else self._word(name, given, among)

    def choices(self, name: str, among: Collection[str]) -> tuple[str, ...]:
        """Words of a list, each once, in the list's order."""
        found = [
            self._word(f"{name}/{i}", given, among) for i, given in enumerate(self.entries(name))
        ]
        return tuple(word for word in among if word in found)

    def whole(self, name: str, least: int, most: int) -> int | None:
        """A whole number within bounds."""
        given = self._given.get(name)
        if given is None:
            return None
        if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
            told = f"this must be a whole number from {least:,} to {most:,}"
            self.fault(name, "out_of_range", told)
            return None
        return given

    def day(self, name: str) -> date | None:
        """A date as ISO 8601 has it, such as 2026-03-02, within this century."""
        given = self._given.get(name)
        if given is None:
            return None
        try:
            found = date.fromisoformat(str(given)[:_SHOWN])
        except ValueError:
            found = None
        if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
            self.fault(name, "invalid_date", f"{quoted(given)} is not a date such as 2026-03-02")
            return None
        return found

    def clock(self, name: str) -> time | None:
        """A time of the day as HH:MM, 00:00 to 23:59."""
        given = self._given.get(name)
        if given is None:
            return None
        read = _CLOCK.fullmatch(str(given)[:_SHOWN])
        if read is None:
            told = f"{quoted(given)} is not a time of the day; write it as 09:00, up to 23:59"
            self.fault(name, "invalid_time", told)
            return None
        return time(int(read[1]), int(read[2]))

    def ids(self, name: str, most: int) -> tuple[UUID, ...]:
        """Ids, each once, in the order given."""
        found: dict[UUID, None] = {}
        for i, given in enumerate(self.entries(name, most)):
            try:
                found[UUID(str(given)[:_SHOWN])] = None
            except ValueError:
                self.fault(f"{name}/{i}", "invalid_id", f"{quoted(given)} is not an id")
        return tuple(found)

    def entries(self, name: str, most: int = 100) -> Sequence[object]:
        """The entries of a list."""
        given = self._given.get(name)
        if given is None:
            return ()
        if not isinstance(given, list | tuple):
            self.fault(name, "not_a_list", "this must be a list")
            return ()
        if len(given) > most:
            self.fault(name, "too_long", f"at most {most:,} entries; this has {len(given):,}")
            return ()
        return given

    def _word(self, where: str, given: object, among: Collection[str]) -> str | None:
        if isinstance(given, str) and given in among:
            return given
        near = nearest(given, among) if isinstance(given, str) else None
        known = f"; known: {', '.join(among)}" if len(among) <= _LISTED else ""
        self.fault(where, "unknown_value", f"{quoted(given)} is not known here{known}", near)
        return None


def nearest(given: str, known: Collection[str]) -> str | None:
    """What was likely meant; None where nothing is near. Case doesn't matter."""
    folded = {name.lower(): name for name in known}
    near = difflib.get_close_matches(given.lower()[:_SHOWN], folded, 1, 0.6)
    return folded[near[0]] if near else None


def quoted(given: object) -> str:
    """A value for a message, cut to a hundred characters."""
    return repr(str(given)[:_SHOWN])


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")[:_SHOWN]
