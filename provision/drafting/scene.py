"""What the drafting of a plan stands on, and what it finds out on the way."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from pydantic import JsonValue

from provision.comparing import differences
from provision.manifest.faults import Fault, quoted
from provision.manifest.models import Manifest
from provision.observing import Owned, Upstream, named_ids, owned
from provision.plan import Action, Difference, Drift, Drifted, Verb
from provision.recovery import recovered
from provision.secrecy import Secrecy
from provision.state import Body, State, kind_of

INTERRUPTED = "because an earlier run was interrupted"
DELETED = "because it was deleted outside"
CHANGED = "because it was changed outside"
REPLACED = "because another takes its place"


@dataclass(slots=True, kw_only=True)
class Scene:
    """The three sources of a plan, and the plan as far as it is drafted.

    Attributes:
        ids: The id upstream of each owned tool and file as far as it stays; None for one that
            is going to be made.
        claimed: Ids that some address of the manifest stands for.
        recovered: What interrupted creates have made, by address.
    """

    manifest: Manifest
    state: State
    upstream: Upstream
    secrecy: Secrecy
    owned: dict[str, Owned]
    recovered: dict[str, str]
    ids: dict[str, str | None] = field(default_factory=dict)
    claimed: set[str] = field(default_factory=set)
    actions: list[Action] = field(default_factory=list)
    drift: list[Drifted] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @classmethod
    def set(cls, manifest: Manifest, state: State, upstream: Upstream) -> "Scene":
        """The scene before anything is drafted.

        Raises:
            AmbiguousError: An interrupted create could have made any of several things.
        """
        kept: list[JsonValue] = []
        for entry in state.entries.values():
            kept += (entry.sent, entry.observed)
        kept += [intent.sent for intent in state.creating.values()]
        return cls(
            manifest=manifest,
            state=state,
            upstream=upstream,
            secrecy=Secrecy(mask=manifest.mask, salt=state.salt).knowing(*kept),
            owned=owned(manifest),
            recovered=recovered(state, upstream, named_ids(manifest)),
        )

    def keep(self, body: Mapping[str, JsonValue]) -> Body:
        """A body with its secrets as marks."""
        return {name: self.secrecy.keep(value) for name, value in body.items()}

    def act(
        self,
        address: str,
        verb: Verb,
        label: str,
        *,
        thing_id: str | None = None,
        reason: str = "",
        differing: Iterable[Difference] = (),
        replaced: bool = False,
    ) -> None:
        """Put an action on the plan."""
        if thing_id is not None and verb not in {Verb.DELETE, Verb.FORGET}:
            self.claimed.add(thing_id)
        self.actions.append(
            Action(
                address=address,
                kind=kind_of(address),
                verb=verb,
                label=self.secrecy.say(label),
                id=thing_id,
                reason=reason,
                differences=tuple(differing),
                replaced=replaced,
            )
        )

    def replace_old(self, address: str, label: str, thing_id: str) -> None:
        """Put the old thing's delete on the plan, where another takes its place."""
        self.warn_if_adopted(address)
        self.act(address, Verb.DELETE, label, thing_id=thing_id, reason=REPLACED, replaced=True)

    def warn_if_adopted(self, address: str) -> None:
        """Say of what is going to be deleted that it is older than the manifest's hold on it."""
        entry = self.state.entries.get(address)
        if entry is not None and entry.adopted:
            self.warnings.append(
                f"{address}: {entry.id} was there before this manifest adopted it; it is deleted "
                "all the same"
            )

    def drifted(
        self, address: str, drift: Drift, label: str, differing: Iterable[Difference] = ()
    ) -> None:
        """Note that something was changed or deleted behind our back; of one thing, once."""
        told = Drifted(
            address=address,
            kind=kind_of(address),
            drift=drift,
            label=self.secrecy.say(label),
            differences=tuple(differing),
        )
        for at, one in enumerate(self.drift):
            if (one.address, one.drift) == (address, drift):
                both = (*one.differences, *told.differences)
                self.drift[at] = dataclasses.replace(one, differences=both)
                return
        self.drift.append(told)

    def fault(self, code: str, where: str, message: str, meant: str | None = None) -> None:
        """Note that the manifest asks for what the upstream doesn't have."""
        self.faults.append(
            self.manifest.fault(code=code, field=where, message=message, suggestion=meant)
        )

    def departing(self, address: str, match: Mapping[str, JsonValue]) -> str | None:
        """The address under which the same thing was known until its key was changed.

        Args:
            address: Its address now.
            match: What was last sent of it, as far as it makes it the same.
        """
        for name, entry in self.state.entries.items():
            left = name not in self.owned and kind_of(name) is kind_of(address)
            there = entry.id in self.upstream.of(kind_of(name)) and entry.id not in self.claimed
            if left and there and all(entry.sent.get(key) == match[key] for key in match):
                return name
        return None


def everything(body: Mapping[str, JsonValue]) -> list[Difference]:
    """All leaves of a body, as differences from nothing."""
    return [one for name, value in body.items() for one in differences(name, None, value)]


def between(before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]) -> list[Difference]:
    """All leaves in which two bodies differ."""
    return [
        one
        for name in dict.fromkeys((*before, *after))
        for one in differences(name, before.get(name), after.get(name))
    ]


def closest(word: str, known: Iterable[str]) -> str | None:
    """What may have been meant, quoted, or None."""
    by_lower = {name.lower(): name for name in known}
    near = get_close_matches(word.lower(), by_lower, n=1)
    return f"did you mean {quoted(by_lower[near[0]])}?" if near else None


def moved(address: str) -> str:
    """The reason for adopting what stood under another key."""
    return f"because its key was {address} until now"
