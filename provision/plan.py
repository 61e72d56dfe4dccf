"""What a plan is: ordered actions with their differences, drift, warnings and digests."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from pydantic import JsonValue

from provision.secrecy import digest, is_mark, marks
from provision.state import Kind

HIDDEN: Final = "(secret)"
"""Stands where a difference would show a secret."""


class Verb(StrEnum):
    """What an action does."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    ADOPT = "adopt"
    FORGET = "forget"
    DEPLOY = "deploy"
    ON_DUTY = "on duty"
    OFF_DUTY = "off duty"
    NONE = "no change"


class Drift(StrEnum):
    """What happened to a thing behind our back."""

    CHANGED = "changed outside"
    DELETED = "deleted outside"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field that differs.

    Attributes:
        field: The field of the body, such as ``personality``.
        path: The leaf, such as ``personality.tone`` or ``workflow.nodes[greet].prompt``.
        before: What the upstream has, or what was last sent where it can't be read back; None
            for nothing. ``(secret)`` for a secret.
        after: What it becomes, likewise.
        secret: Whether either was a secret.
    """

    field: str
    path: str
    before: JsonValue
    after: JsonValue
    secret: bool = False

    @classmethod
    def of(cls, field: str, path: str, before: JsonValue, after: JsonValue) -> "Difference":
        """A difference whose sides may be marks, which are hidden."""
        secret = bool(marks(before) | marks(after))
        return cls(
            field=field, path=path, before=_hidden(before), after=_hidden(after), secret=secret
        )

    def as_json(self) -> dict[str, JsonValue]:
        """Everything as JSON."""
        return {
            "field": self.field,
            "path": self.path,
            "before": self.before,
            "after": self.after,
            "secret": self.secret,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing to do.

    Attributes:
        address: Such as ``agents.caller``.
        verb: What is done to it.
        label: A name for people: an agent's name, a file's, a tool's template.
        id: The id upstream of what is acted on; None where there is none yet.
        reason: A clause that starts with "because", or empty.
        differences: The fields that differ; for a create, all that is sent.
        replaced: Whether it is the second half of a replacement: the old thing's delete.
    """

    address: str
    kind: Kind
    verb: Verb
    label: str
    id: str | None = None
    reason: str = ""
    differences: tuple[Difference, ...] = ()
    replaced: bool = False

    @property
    def fields(self) -> frozenset[str]:
        """The fields of the body that differ."""
        return frozenset(one.field for one in self.differences)

    def as_json(self) -> dict[str, JsonValue]:
        """Everything as JSON."""
        return {
            "address": self.address,
            "kind": self.kind.value,
            "action": self.verb.value,
            "label": self.label,
            "id": self.id,
            "reason": self.reason,
            "replaced": self.replaced,
            "differences": [one.as_json() for one in self.differences],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifted:
    """A thing that isn't as the last apply left it.

    Attributes:
        differences: From what the upstream showed then to what it shows now, as far as its
            content can be read.
    """

    address: str
    kind: Kind
    drift: Drift
    label: str
    differences: tuple[Difference, ...] = ()

    def as_json(self) -> dict[str, JsonValue]:
        """Everything as JSON."""
        return {
            "address": self.address,
            "kind": self.kind.value,
            "drift": self.drift.value,
            "label": self.label,
            "differences": [one.as_json() for one in self.differences],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What a person agreed to: enough to tell whether it is still what would be done.

    Attributes:
        salt: Went into ``manifest_digest``.
        manifest_digest: As :class:`Plan` has it; so are the others.
        shown: The plan as JSON, to tell what differs; decides nothing.
    """

    base_url: str
    business: str
    salt: str
    manifest_digest: str
    state_serial: int
    upstream_digest: str
    reconnect_calendar: bool = False
    shown: Mapping[str, JsonValue] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an apply would do.

    Attributes:
        actions: In the order in which they are done; things that stay as they are come last,
            with the verb ``no change``.
        drift: What was changed or deleted behind our back since the last apply.
        warnings: Sentences.
        missing_scopes: Scopes that the plan needs and the credentials lack.
        salt: Went into ``manifest_digest``.
        manifest_digest: Changes with anything that the manifest declares, secrets included.
        state_serial: Of the state that it was made from.
        reconnect_calendar: Whether the calendar is connected anew for the sake of its token.
    """

    base_url: str
    business: str
    actions: tuple[Action, ...]
    drift: tuple[Drifted, ...]
    warnings: tuple[str, ...]
    missing_scopes: tuple[str, ...]
    salt: str
    manifest_digest: str
    state_serial: int
    reconnect_calendar: bool = False

    @property
    def changes(self) -> tuple[Action, ...]:
        """The actions that do anything."""
        return tuple(action for action in self.actions if action.verb is not Verb.NONE)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.changes

    @property
    def summary(self) -> Mapping[Verb, int]:
        """How many actions there are of each verb; verbs without any are left out.

        A replacement counts once.
        """
        return Counter(action.verb for action in self.actions if not action.replaced)

    @property
    def upstream_digest(self) -> str:
        """Changes with anything upstream that has a bearing on what would be done."""
        return digest(
            [
                self.base_url,
                self.business,
                [action.as_json() for action in self.changes],
                [one.as_json() for one in self.drift],
            ]
        )

    @property
    def digest(self) -> str:
        """Changes with the manifest, the state, and whatever upstream has a bearing."""
        return digest([self.manifest_digest, self.state_serial, self.upstream_digest])

    @property
    def approval(self) -> Approval:
        """What an apply needs to hold the upstream against this plan."""
        return Approval(
            base_url=self.base_url,
            business=self.business,
            salt=self.salt,
            manifest_digest=self.manifest_digest,
            state_serial=self.state_serial,
            upstream_digest=self.upstream_digest,
            reconnect_calendar=self.reconnect_calendar,
            shown=self.as_json(),
        )

    def as_json(self) -> dict[str, JsonValue]:
        """Everything for programs; holds no secret."""
        return {
            "base_url": self.base_url,
            "business": self.business,
            "digest": self.digest,
            "summary": {verb.value: number for verb, number in self.summary.items()},
            "actions": [action.as_json() for action in self.actions],
            "drift": [one.as_json() for one in self.drift],
            "warnings": list(self.warnings),
            "missing_scopes": list(self.missing_scopes),
        }


def _hidden(value: JsonValue) -> JsonValue:
    match value:
        case dict():
            return {key: _hidden(item) for key, item in value.items()}
        case list():
            return [_hidden(item) for item in value]
        case _:
            return HIDDEN if is_mark(value) else value
