"""What is remembered between runs: which thing upstream is which, and what was last sent."""

import secrets
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Body = dict[str, JsonValue]
V = TypeVar("V")

CALENDAR = "calendar"
"""The address of a business's one calendar integration."""

_Address = Annotated[str, Field(pattern=r"^(calendar|(tools|files|agents)\.[^\x00-\x1f]{1,100})$")]
_Id = Annotated[str, Field(min_length=1, max_length=200)]


class Kind(StrEnum):
    """What kind of thing an address names."""

    CALENDAR = "calendar"
    TOOL = "tool"
    FILE = "file"
    AGENT = "agent"


_KINDS: Mapping[str, Kind] = {
    CALENDAR: Kind.CALENDAR,
    "tools": Kind.TOOL,
    "files": Kind.FILE,
    "agents": Kind.AGENT,
}


def kind_of(address: str) -> Kind:
    """The kind of thing that an address names, such as a file for ``files.price-list``."""
    return _KINDS[address.partition(".")[0]]


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Entry(_Kept):
    """A thing upstream that the manifest owns.

    Attributes:
        id: Its id upstream.
        sent: What it was last set to, with secrets as salted hashes (:mod:`provision.secrecy`).
        observed: What the upstream showed right after that, likewise.
        touched: A change was begun and its end is not known.
        duty: The duty last set for an agent, or None.
        adopted: It was there before the manifest took it over.
    """

    id: _Id
    sent: Body = Field(default_factory=dict)
    observed: Body = Field(default_factory=dict)
    touched: bool = False
    duty: bool | None = None
    adopted: bool = False

    def changed(self, *, sent: Body, observed: Body) -> Self:
        """The same thing after a change whose end is known."""
        told = {"sent": sent, "observed": observed, "touched": False}
        return self.model_copy(update=told)


class Intent(_Kept):
    """A create that was begun; written before the request, dropped when its id is known.

    Attributes:
        known_ids: What there was of its kind just before: none of these is the new one.
        match: What the new one can be told by: fields of the upstream's own object, with secrets
            as salted hashes.
        sent: As in :class:`Entry`.
    """

    known_ids: tuple[_Id, ...]
    match: Body
    sent: Body


class Leaving(_Kept):
    """A thing that was replaced and is still to be deleted.

    Attributes:
        off_duty: It was an agent that somebody had taken off duty: so must be the new one.
    """

    address: _Address
    id: _Id
    off_duty: bool = False


class State(_Kept):
    """Everything remembered about one manifest; changed only by making a new one.

    Attributes:
        base_url: The API that it is about.
        business: The business's id.
        serial: Counts writes.
        salt: Hexadecimal; goes into the hashes of secrets.
        entries: What is owned, by address.
        creating: Creates whose outcome is not known, by address.
        leaving: What is still to be deleted.
    """

    format: Literal["outdial-agents-state"] = "outdial-agents-state"
    revision: Literal[1] = 1
    base_url: Annotated[str, Field(max_length=2_000)]
    business: _Id
    serial: Annotated[int, Field(ge=0, lt=2**53)] = 0
    salt: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    entries: dict[_Address, Entry] = Field(default_factory=dict)
    creating: dict[_Address, Intent] = Field(default_factory=dict)
    leaving: tuple[Leaving, ...] = ()

    @classmethod
    def fresh(cls, *, base_url: str, business: str) -> Self:
        """A state that owns nothing yet, with a salt of its own."""
        return cls(base_url=base_url, business=business, salt=secrets.token_hex(16))

    @property
    def owned_ids(self) -> frozenset[str]:
        """Ids of everything owned or still to be deleted."""
        kept = {entry.id for entry in self.entries.values()}
        return frozenset(kept | {one.id for one in self.leaving})

    def with_entry(
        self, address: str, entry: Entry, *, gone: bool = False, off_duty: bool = False
    ) -> Self:
        """The state where ``address`` is ``entry``.

        An intent of that address is settled by it. Whatever else the address stood for is
        leaving; another address that stood for the same thing no longer does.

        Args:
            address: The address.
            entry: What it is.
            gone: What the address stood for is gone already: nothing has to leave.
            off_duty: As :class:`Leaving` has it, where something has to leave.
        """
        before = self.entries.get(address)
        others = {
            name: kept
            for name, kept in self.entries.items()
            if name != address and (kept.id != entry.id or kind_of(name) != kind_of(address))
        }
        leaving = tuple(one for one in self.leaving if one.id != entry.id)
        if before is not None and before.id != entry.id and not gone:
            leaving += (Leaving(address=address, id=before.id, off_duty=off_duty),)
        return self._with(
            entries=others | {address: entry},
            creating=_without(self.creating, address),
            leaving=leaving,
        )

    def with_intent(self, address: str, intent: Intent) -> Self:
        """The state where a create of ``address`` was begun."""
        return self._with(creating=self.creating | {address: intent})

    def without_intent(self, address: str) -> Self:
        """The state where no create of ``address`` is under way."""
        return self._with(creating=_without(self.creating, address))

    def without_intents(self) -> Self:
        """The state where no create is under way."""
        return self._with(creating={})

    def without(self, address: str, thing_id: str | None) -> Self:
        """The state that doesn't know the thing any more, neither as owned nor as leaving.

        Args:
            address: Its address.
            thing_id: Its id upstream; None for whatever the address stands for.
        """
        entry = self.entries.get(address)
        gone = entry is not None and thing_id in {entry.id, None}
        intent = self.creating.get(address)
        settled = intent is not None and thing_id not in intent.known_ids
        return self._with(
            entries=_without(self.entries, address) if gone else self.entries,
            creating=_without(self.creating, address) if settled else self.creating,
            leaving=tuple(
                one for one in self.leaving if (one.address, one.id) != (address, thing_id)
            ),
        )

    def _with(self, **changes: object) -> Self:
        return self.model_copy(update=changes)


def _without(entries: Mapping[str, V], address: str) -> dict[str, V]:
    return {name: entry for name, entry in entries.items() if name != address}
